#include "core/seal.h"
#include "base/code.h"
#include "base/json.h"
#include "base/utf8.h"
#include <stdio.h>
#include <string.h>

/* --- what is said --- */

static void put(struct text *out, const char *name, struct str v)
{
    if (v.n) json_put_text(out, name, v);
}

bool seal_said_json(const struct seal_said *said, struct text *out)
{
    const struct position *at = said->position;
    const struct str texts[] = {said->words, said->contact, said->sender, at ? at->words : STR_NONE};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (!utf8_valid(texts[i])) return false;
    text_addz(out, "{\"v\":1,\"words\":");
    json_put(out, said->words.p ? said->words : STR(""));
    put(out, "contact", said->contact);
    put(out, "sender", said->sender);
    if (at && (at->point || at->words.n)) {
        text_addz(out, ",\"position\":{");
        if (at->point) text_addf(out, "\"lat\":%.6f,\"lon\":%.6f", at->lat, at->lon);
        if (at->point && at->accuracy) text_addf(out, ",\"accuracy\":%d", at->accuracy);
        if (at->words.n) {
            text_addz(out, at->point ? ",\"words\":" : "\"words\":");
            json_put(out, at->words);
        }
        text_addc(out, '}');
    }
    if (said->files.n) {
        text_addz(out, ",\"files\":");
        text_add(out, said->files);
    }
    text_addc(out, '}');
    return !out->overflow;
}

void seal_file_json(const struct seal_file *f, struct text *out)
{
    text_addz(out, "{\"hash\":\"");
    hex_put(out, f->hash, sizeof f->hash);
    text_addf(out, "\",\"part\":\"%s\",\"of\":%zu,\"type\":\"%s\",\"name\":", f->part, f->of, f->type);
    json_put(out, f->name.p && utf8_valid(f->name) ? f->name : STR(""));
    text_addf(out, ",\"size\":%zu}", f->size);
}

bool seal_said_read(const struct json *doc, struct str *words_r, size_t *n_files_r)
{
    i64 version;
    const struct json *files = json_get(doc, "files");
    if (!json_int(json_get(doc, "v"), &version) || version != 1) return false;
    *words_r = json_str(json_get(doc, "words"));
    *n_files_r = 0;
    for (size_t i = 0; i < json_count(files); i++)
        *n_files_r += str_eq(json_str(json_get(json_at(files, i), "part")), STR("original"));
    return words_r->p != NULL;
}

/* --- padding --- */

void seal_pad(struct text *t)
{
    static const char zeros[SEAL_BLOCK];
    text_addc(t, '\x80');
    if (t->n % SEAL_BLOCK) text_add(t, (struct str){zeros, SEAL_BLOCK - t->n % SEAL_BLOCK});
}

bool seal_unpad(struct str padded, struct str *plain_r)
{
    size_t n = padded.n;
    if (n == 0 || n % SEAL_BLOCK) return false;
    while (n > padded.n - SEAL_BLOCK && padded.p[n - 1] == '\0') n--;
    if (n == padded.n - SEAL_BLOCK || padded.p[n - 1] != '\x80') return false;
    *plain_r = (struct str){padded.p, n - 1};
    return true;
}

void seal_mark(seal_hash *sha256, struct str body, char out[SEAL_MARK_MAX])
{
    u8 hash[32];
    size_t at = 7;
    sha256(body, hash);
    memcpy(out, "sealed:", 8);
    for (size_t i = 0; i < sizeof hash; i++, at += 2) snprintf(out + at, 3, "%02x", hash[i]);
}

/* --- shares --- */

static const char letters[] = "0123456789abcdefghjkmnpqrstvwxyz";
#define SHARE_LETTERS 52 /* 256 bits, five a letter; the last letter carries one bit */
#define CHECK_LETTERS 4

static void check_of(seal_hash *blake2b, int which, const u8 share[32], char out[CHECK_LETTERS])
{
    u8 bytes[64], hash[32];
    const int n = snprintf((char *)bytes, sizeof bytes, "mashangdu escrow share %d", which);
    memcpy(bytes + n, share, 32);
    blake2b((struct str){(const char *)bytes, (size_t)n + 32}, hash);
    const u32 first = (u32)hash[0] << 12 | (u32)hash[1] << 4 | hash[2] >> 4;
    for (int i = 0; i < CHECK_LETTERS; i++) out[i] = letters[first >> (15 - 5 * i) & 31];
}

void seal_share_put(seal_hash *blake2b, int which, const u8 share[32], char out[SEAL_SHARE_MAX])
{
    char all[SHARE_LETTERS + CHECK_LETTERS];
    size_t at = 0;
    for (size_t i = 0; i < SHARE_LETTERS; i++) {
        const size_t bit = i * 5;
        const u32 two = (u32)share[bit / 8] << 8 | (bit / 8 + 1 < 32 ? share[bit / 8 + 1] : 0u);
        all[i] = letters[two >> (11 - bit % 8) & 31];
    }
    check_of(blake2b, which, share, all + SHARE_LETTERS);
    for (size_t i = 0; i < sizeof all; i++) {
        if (i && i % 4 == 0) out[at++] = '-';
        out[at++] = all[i];
    }
    out[at] = '\0';
}

static int letter_value(char c)
{
    if (c >= 'A' && c <= 'Z') c = (char)(c - 'A' + 'a');
    if (c == 'o') c = '0';
    if (c == 'i' || c == 'l') c = '1';
    const char *found = c ? strchr(letters, c) : NULL;
    return found ? (int)(found - letters) : -1;
}

bool seal_share_get(seal_hash *blake2b, int which, struct str typed, u8 share[32])
{
    char check[CHECK_LETTERS];
    size_t n = 0;
    memset(share, 0, 32);
    for (size_t i = 0; i < typed.n; i++) {
        if (typed.p[i] == ' ' || typed.p[i] == '-') continue;
        const int v = letter_value(typed.p[i]);
        if (v < 0 || n >= SHARE_LETTERS + CHECK_LETTERS) return false;
        if (n == SHARE_LETTERS) check_of(blake2b, which, share, check);
        if (n >= SHARE_LETTERS) {
            if (letters[v] != check[n - SHARE_LETTERS]) return false;
        } else {
            for (unsigned b = 0; b < 5; b++) {
                const size_t bit = n * 5 + b;
                const bool set = v >> (4 - b) & 1;
                if (bit >= 256 && set) return false;
                if (bit < 256 && set) share[bit / 8] = (u8)(share[bit / 8] | 0x80 >> bit % 8);
            }
        }
        n++;
    }
    return n == SHARE_LETTERS + CHECK_LETTERS;
}
