#include "core/proof.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The bytes that are hashed. Almost all forms are short; a long text takes memory of its own. */
struct form {
    u8 *p;
    size_t n, cap;
    u8 small[1024];
};

/* most: an upper bound of what will be put. */
static void form_init(struct form *f, size_t most)
{
    f->n = 0;
    f->cap = most;
    f->p = most <= sizeof f->small ? f->small : mem_alloc(most);
}

static void form_bytes(struct form *f, const void *p, size_t n)
{
    ASSERT(n <= f->cap - f->n);
    if (n) memcpy(f->p + f->n, p, n);
    f->n += n;
}

static void form_int(struct form *f, i64 v)
{
    u8 bytes[8];
    for (int i = 0; i < 8; i++) bytes[i] = (u8)((u64)v >> (56 - 8 * i));
    form_bytes(f, bytes, sizeof bytes);
}

static void form_text(struct form *f, struct str s)
{
    u32 n = s.p ? (u32)s.n : UINT32_MAX;
    u8 bytes[4] = {(u8)(n >> 24), (u8)(n >> 16), (u8)(n >> 8), (u8)n};
    ASSERT(s.n < UINT32_MAX);
    form_bytes(f, bytes, sizeof bytes);
    if (s.p) form_bytes(f, s.p, s.n);
}

static void form_end(struct form *f, sha256_fn *sha256, u8 out[HASH_BYTES])
{
    sha256((struct str){(const char *)f->p, f->n}, out);
    if (f->p != f->small) free(f->p);
}

/* Room for a form's fixed part: its name, numbers, hashes, lengths of texts. */
#define FIXED 256

void proof_words(sha256_fn *sha256, const struct proof_act *a, u8 out[HASH_BYTES])
{
    struct form f;
    form_init(&f, FIXED + a->reason.n + a->words.n + a->data.n);
    form_bytes(&f, "msd words v1\n", 13);
    form_bytes(&f, a->salt + PROOF_SALT / 2, PROOF_SALT / 2);
    form_text(&f, a->reason);
    form_text(&f, a->words);
    form_text(&f, a->data);
    form_end(&f, sha256, out);
}

void proof_who(sha256_fn *sha256, const struct proof_act *a, u8 out[HASH_BYTES])
{
    struct form f;
    u8 public_words = a->public_words;
    form_init(&f, FIXED + a->role.n);
    form_bytes(&f, "msd who v1\n", 11);
    form_bytes(&f, a->salt, PROOF_SALT / 2);
    form_int(&f, a->id);
    form_int(&f, a->staff);
    form_text(&f, a->role);
    form_int(&f, a->unit);
    form_bytes(&f, &public_words, 1);
    form_end(&f, sha256, out);
}

void proof_act(sha256_fn *sha256, const u8 previous[HASH_BYTES], const struct proof_act *a,
               const u8 who[HASH_BYTES], const u8 words[HASH_BYTES], u8 out[HASH_BYTES])
{
    static const u8 none[HASH_BYTES];
    struct form f;
    form_init(&f, FIXED + a->act.n + a->actor.n + a->from.n + a->to.n);
    form_bytes(&f, "msd act v1\n", 11);
    form_bytes(&f, previous ? previous : none, HASH_BYTES);
    form_int(&f, a->case_id);
    form_int(&f, a->version);
    form_int(&f, a->at.us);
    form_text(&f, a->act);
    form_text(&f, a->actor);
    form_text(&f, a->from);
    form_text(&f, a->to);
    form_bytes(&f, who, HASH_BYTES);
    form_bytes(&f, words, HASH_BYTES);
    form_end(&f, sha256, out);
}

void proof_feedback(sha256_fn *sha256, const struct proof_feedback *fb, u8 out[HASH_BYTES])
{
    struct form f;
    form_init(&f, FIXED + fb->channel.n + fb->plaque.n + fb->nature_said.n + fb->words.n);
    form_bytes(&f, "msd feedback v1\n", 16);
    form_bytes(&f, fb->salt, sizeof fb->salt);
    form_int(&f, fb->id);
    form_int(&f, fb->received.us);
    form_text(&f, fb->channel);
    form_text(&f, fb->plaque);
    form_text(&f, fb->nature_said);
    form_int(&f, fb->rating);
    form_text(&f, fb->words);
    form_end(&f, sha256, out);
}

void proof_part(sha256_fn *sha256, const struct proof_part *p, u8 out[HASH_BYTES])
{
    struct form f;
    form_init(&f, FIXED + p->extract.n + p->rest.n + p->reason.n);
    form_bytes(&f, "msd part v1\n", 12);
    form_bytes(&f, p->salt, sizeof p->salt);
    form_int(&f, p->case_id);
    form_text(&f, p->extract);
    form_text(&f, p->rest);
    form_text(&f, p->reason);
    form_end(&f, sha256, out);
}

void proof_receive_data(i64 feedback, const u8 commitment[HASH_BYTES], char out[PROOF_RECEIVE_DATA_MAX])
{
    static const char digits[] = "0123456789abcdef";
    char hex[2 * HASH_BYTES + 1] = "";
    for (size_t i = 0; i < HASH_BYTES; i++) {
        hex[2 * i] = digits[commitment[i] >> 4];
        hex[2 * i + 1] = digits[commitment[i] & 15];
    }
    /* Both names are in PostgreSQL's order: the shorter one first. */
    snprintf(out, PROOF_RECEIVE_DATA_MAX, "{\"feedback\": %lld, \"commitment\": \"%s\"}", (long long)feedback,
             hex);
}

void proof_data_add(struct proof_data *d, const char *name, struct str value)
{
    ASSERT(d->n < PROOF_DATA_MAX);
    d->members[d->n].name = name;
    d->members[d->n].value = value;
    d->n++;
}

/* jsonb's order of names (lengthCompareJsonbStringValue): the shorter one first, then by bytes. */
static int name_order(const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b);
    return n != m ? (n < m ? -1 : 1) : memcmp(a, b, n);
}

void proof_data_write(struct proof_data *d, struct text *out)
{
    for (size_t i = 1; i < d->n; i++) {
        for (size_t j = i; j > 0; j--) {
            int order = name_order(d->members[j - 1].name, d->members[j].name);
            ASSERT(order != 0); /* of two members of one name PostgreSQL would drop the first */
            if (order < 0) break;
            const char *name = d->members[j].name;
            struct str value = d->members[j].value;
            d->members[j] = d->members[j - 1];
            d->members[j - 1].name = name;
            d->members[j - 1].value = value;
        }
    }
    text_addc(out, '{');
    for (size_t i = 0; i < d->n; i++) {
        if (i) text_addz(out, ", ");
        proof_data_string(out, str_of(d->members[i].name));
        text_addz(out, ": ");
        text_add(out, d->members[i].value);
    }
    text_addc(out, '}');
}

/* As escape_json of PostgreSQL 15 writes it. */
void proof_data_string(struct text *t, struct str s)
{
    text_addc(t, '"');
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        switch (c) {
        case '\b':
            text_addz(t, "\\b");
            break;
        case '\f':
            text_addz(t, "\\f");
            break;
        case '\n':
            text_addz(t, "\\n");
            break;
        case '\r':
            text_addz(t, "\\r");
            break;
        case '\t':
            text_addz(t, "\\t");
            break;
        case '"':
            text_addz(t, "\\\"");
            break;
        case '\\':
            text_addz(t, "\\\\");
            break;
        default:
            if ((u8)c < 0x20)
                text_addf(t, "\\u%04x", (unsigned)c);
            else
                text_addc(t, c);
        }
    }
    text_addc(t, '"');
}

void proof_head(u64 size, instant at, const u8 root[HASH_BYTES], u8 out[PROOF_HEAD_BYTES])
{
    u8 *p = out;
    memcpy(p, "msd tree head v1\n", 17);
    p += 17;
    for (int i = 0; i < 8; i++) *p++ = (u8)(size >> (56 - 8 * i));
    for (int i = 0; i < 8; i++) *p++ = (u8)((u64)at.us >> (56 - 8 * i));
    memcpy(p, root, HASH_BYTES);
}
