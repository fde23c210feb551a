/* The lasting form of a model, both ways. Numbers are little-endian, floats are those of IEEE 754 in 32 bits.
 *
 *   8   MSDMODEL         4 version       4 features     4 weights
 *   for each head (version 1: and one more that nobody asks):
 *                        2 classes       4 heat         4 mix.heat      4 mix.share
 *                        for each class: 1 length, code, 4 bias
 *   for each calibration: 1 points       for each: 4 raw, 4 right
 *   4   certainty from which a decision goes out alone
 *   for each calibration: 1 weights      for each: 4 weight of a sign (version 1: not there)
 *   for each feature:    1 length, name  4 idf          4 scale         2 weights  for each, by class: 2 class, 1 weight
 *   32  SHA-256 of all before */
#include "core/learned_part.h"
#include "base/digest.h"
#include "base/utf8.h"
#include <math.h>
#include <string.h>

#define MEMORY_MAX ((size_t)96 << 20)
#define FLOAT_MAX  1e6F

struct reader {
    struct str rest;
    const char *why; /* the first fault */
};

static void fault(struct reader *r, const char *why)
{
    if (r->why == NULL) r->why = why;
    r->rest.n = 0;
}

static u32 number(struct reader *r, size_t bytes)
{
    u32 n = 0;
    if (r->rest.n < bytes) {
        fault(r, "the model is cut short");
        return 0;
    }
    for (size_t i = bytes; i-- > 0;) n = n << 8 | (u8)r->rest.p[i];
    r->rest.p += bytes;
    r->rest.n -= bytes;
    return n;
}

static float real(struct reader *r, float least, float most)
{
    u32 bits = number(r, 4);
    float f;
    memcpy(&f, &bits, sizeof f);
    if (f >= least && f <= most) return f; /* false for what is no number */
    fault(r, "a number of the model is out of its range");
    return least;
}

static struct str name(struct reader *r, size_t max)
{
    u32 n = number(r, 1);
    if (n == 0 || n > max || n > r->rest.n || !utf8_valid((struct str){r->rest.p, n})) {
        fault(r, "a name of the model is empty, too long or no UTF-8");
        return STR_NONE;
    }
    struct str s = {r->rest.p, n};
    r->rest.p += n;
    r->rest.n -= n;
    return s;
}

/* The head that models of version 1 had last: its classes stay, so that its weights have their numbers, and belong to no head. */
static void skip_head(struct reader *r, struct learned *m)
{
    const u32 n = number(r, 2);
    for (int i = 0; i < 3; i++) (void)real(r, 0, 1e3F);
    if (n > LEARNED_CLASSES_MAX - m->n_classes) fault(r, "a head of the model has one class or too many");
    for (u32 i = 0; i < n && r->why == NULL; i++) {
        m->codes[m->n_classes] = name(r, LEARNED_CODE_MAX);
        m->bias[m->n_classes++] = real(r, -FLOAT_MAX, FLOAT_MAX);
    }
}

static void read_judge(struct reader *r, struct judge *j)
{
    const u32 n = number(r, 1);
    if (n != 0 && n != JUDGE_SIGNS_N) fault(r, "the model weighs signs that this program does not know");
    j->known = n != 0 && r->why == NULL;
    for (u32 i = 0; i < n && r->why == NULL; i++) j->weight[i] = real(r, -FLOAT_MAX, FLOAT_MAX);
}

static void read_heads(struct reader *r, struct learned *m)
{
    for (int h = 0; h < LEARNED_HEADS && r->why == NULL; h++) {
        u32 n = number(r, 2);
        if (n == 1 || n > LEARNED_CLASSES_MAX - m->n_classes) {
            fault(r, "a head of the model has one class or too many");
            return;
        }
        m->head[h].first = m->n_classes;
        m->head[h].n = n;
        m->head[h].heat = real(r, 1e-3F, 1e3F);
        m->head[h].mix.heat = real(r, 1e-3F, 1e3F);
        m->head[h].mix.share = real(r, 0, 1e3F);
        for (u32 i = 0; i < n && r->why == NULL; i++) {
            m->codes[m->n_classes] = name(r, LEARNED_CODE_MAX);
            m->bias[m->n_classes] = real(r, -FLOAT_MAX, FLOAT_MAX);
            for (u32 k = m->head[h].first; k < m->n_classes; k++)
                if (str_eq(m->codes[k], m->codes[m->n_classes]))
                    fault(r, "a class of the model stands twice");
            m->n_classes++;
        }
    }
}

static void read_calibration(struct reader *r, struct calibration *c)
{
    c->n = number(r, 1);
    if (c->n > CALIBRATION_POINTS) {
        fault(r, "a calibration of the model has too many points");
        c->n = 0;
    }
    for (size_t k = 0; k < c->n; k++) {
        c->raw[k] = real(r, k == 0 ? 0 : c->raw[k - 1], 1);
        c->right[k] = real(r, k == 0 ? 0 : c->right[k - 1], 1);
    }
}

static float mean_of_matters(const struct learned *m, const struct learned_run *f)
{
    const u32 n = m->head[LEARNED_CATEGORY].n; /* the first head */
    float sum = 0;
    for (u32 i = 0; i < f->n && m->weights[f->first + i].class < n; i++)
        sum += (float)m->weights[f->first + i].q;
    return n == 0 ? 0 : sum / (float)n;
}

static void read_feature(struct reader *r, struct learned *m, u32 i, u32 *used)
{
    struct learned_run *f = &m->features[i];
    const struct str called = m->names[i] = name(r, LEARNED_NAME_MAX);
    f->idf = real(r, 0, 100);
    f->scale = real(r, 0, FLOAT_MAX);
    f->first = *used;
    f->n = number(r, 2);
    if (f->n > m->n_weights - *used || r->why != NULL) {
        fault(r, "the weights of the model are not as many as it says");
        return;
    }
    for (u32 k = 0; k < f->n; k++) {
        u32 class = number(r, 2), q = number(r, 1);
        if (class >= m->n_classes || (k > 0 && class <= m->weights[*used - 1].class)) {
            fault(r, "a weight of the model has no class or stands out of order");
            return;
        }
        m->weights[(*used)++] =
            (struct learned_weight){(uint16_t) class, (int8_t)(q < 128 ? (int)q : (int)q - 256)};
    }
    f->matter = mean_of_matters(m, f);
    u64 hash = learned_hash(called);
    u32 tag = (u32)(hash >> 32), at = (u32)hash & m->mask;
    for (; m->slots[at].feature != 0; at = (at + 1) & m->mask) {
        if (m->slots[at].tag != tag || !str_eq(m->names[m->slots[at].feature - 1], called)) continue;
        fault(r, "a feature of the model stands twice");
        return;
    }
    m->slots[at].tag = tag;
    m->slots[at].feature = i + 1;
}

struct learned *learned_read(struct str bytes, const char **why_r)
{
    struct reader r = {.rest = bytes};
    u8 digest[DIGEST_MAX];
    *why_r = NULL;
    if (bytes.n > LEARNED_BYTES_MAX || bytes.n < sizeof LEARNED_MAGIC - 1 + LEARNED_DIGEST ||
        memcmp(bytes.p, LEARNED_MAGIC, sizeof LEARNED_MAGIC - 1) != 0) {
        *why_r = "these bytes are no model";
        return NULL;
    }
    r.rest.n -= LEARNED_DIGEST;
    digest_run(DIGEST_SHA256, r.rest, digest);
    if (!secret_same((struct str){(const char *)digest, LEARNED_DIGEST},
                     (struct str){bytes.p + r.rest.n, LEARNED_DIGEST})) {
        *why_r = "the model is damaged: its SHA-256 does not fit";
        return NULL;
    }
    r.rest.p += sizeof LEARNED_MAGIC - 1;
    r.rest.n -= sizeof LEARNED_MAGIC - 1;
    const u32 version = number(&r, 4);
    if (version != LEARNED_VERSION && version != LEARNED_VERSION_OLD) {
        *why_r = "the model is of a version that this program cannot read";
        return NULL;
    }
    u32 n_features = number(&r, 4), n_weights = number(&r, 4), slots = 16;
    /* Each stands in the bytes, so what is asked for here is never much more than what came. */
    if (r.why != NULL || n_features > LEARNED_FEATURES_MAX || n_weights > LEARNED_WEIGHTS_MAX ||
        n_features > r.rest.n / 12 || n_weights > r.rest.n / 3) {
        *why_r = "the model has more features or weights than it can hold";
        return NULL;
    }
    while (slots < 2 * n_features) slots *= 2;
    struct arena arena;
    arena_init(&arena, MEMORY_MAX);
    struct learned *m = ARENA_NEW(&arena, struct learned);
    ASSERT(m != NULL);
    m->arena = arena;
    m->n_features = n_features;
    m->n_weights = n_weights;
    m->mask = slots - 1;
    m->codes = arena_alloc(&m->arena, (LEARNED_CLASSES_MAX + 1) * sizeof *m->codes);
    m->bias = arena_alloc(&m->arena, (LEARNED_CLASSES_MAX + 1) * sizeof *m->bias);
    m->features = arena_alloc(&m->arena, (n_features + 1) * sizeof *m->features);
    m->names = arena_alloc(&m->arena, (n_features + 1) * sizeof *m->names);
    m->weights = arena_alloc(&m->arena, (n_weights + 1) * sizeof *m->weights);
    m->slots = arena_alloc(&m->arena, slots * sizeof *m->slots);
    if (m->codes == NULL || m->bias == NULL || m->features == NULL || m->names == NULL ||
        m->weights == NULL || m->slots == NULL)
        fault(&r, "the model is too large");
    r.rest = arena_str(&m->arena, r.rest); /* names are views into this copy */
    if (r.rest.p == NULL) fault(&r, "the model is too large");
    if (r.why == NULL) read_heads(&r, m);
    if (r.why == NULL && version == LEARNED_VERSION_OLD) skip_head(&r, m);
    if (r.why == NULL)
        for (int i = 0; i < CERTAIN_N; i++) read_calibration(&r, &m->calibration[i]);
    m->alone = real(&r, 0, 2);
    for (int i = 0; i < CERTAIN_N && r.why == NULL && version != LEARNED_VERSION_OLD; i++)
        read_judge(&r, &m->judge[i]);
    u32 used = 0;
    for (u32 i = 0; i < n_features && r.why == NULL; i++) read_feature(&r, m, i, &used);
    if (r.why == NULL && (r.rest.n > 0 || used != n_weights)) fault(&r, "the model is longer than it says");
    *why_r = r.why;
    if (r.why != NULL) learned_free(&m);
    return m;
}

static void put(struct text *out, u32 n, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) text_addc(out, (char)(u8)(n >> (8 * i)));
}

static void put_real(struct text *out, float f)
{
    u32 bits;
    memcpy(&bits, &f, sizeof bits);
    put(out, bits, 4);
}

static void put_calibration(struct text *out, const struct calibration *c)
{
    put(out, (u32)c->n, 1);
    for (size_t k = 0; k < c->n; k++) {
        put_real(out, c->raw[k]);
        put_real(out, c->right[k]);
    }
}

static void put_judge(struct text *out, const struct judge *j)
{
    put(out, j->known ? JUDGE_SIGNS_N : 0, 1);
    for (u32 i = 0; j->known && i < JUDGE_SIGNS_N; i++) put_real(out, j->weight[i]);
}

bool learned_write(const struct learned_made *m, struct text *out)
{
    size_t from = out->n, classes = 0;
    for (int h = 0; h < LEARNED_HEADS; h++) classes += m->head[h].n;
    if (classes > LEARNED_CLASSES_MAX || m->n_features > LEARNED_FEATURES_MAX ||
        m->n_weights > LEARNED_WEIGHTS_MAX)
        return false;
    text_addz(out, LEARNED_MAGIC);
    put(out, LEARNED_VERSION, 4);
    put(out, (u32)m->n_features, 4);
    put(out, (u32)m->n_weights, 4);
    for (int h = 0; h < LEARNED_HEADS; h++) {
        put(out, (u32)m->head[h].n, 2);
        put_real(out, m->head[h].heat);
        put_real(out, m->head[h].mix.heat);
        put_real(out, m->head[h].mix.share);
        for (size_t i = 0; i < m->head[h].n; i++) {
            ASSERT(m->head[h].codes[i].n <= LEARNED_CODE_MAX);
            put(out, (u32)m->head[h].codes[i].n, 1);
            text_add(out, m->head[h].codes[i]);
            put_real(out, m->head[h].bias[i]);
        }
    }
    for (int i = 0; i < CERTAIN_N; i++) put_calibration(out, &m->calibration[i]);
    put_real(out, m->alone);
    for (int i = 0; i < CERTAIN_N; i++) put_judge(out, &m->judge[i]);
    for (size_t i = 0; i < m->n_features; i++) {
        const struct learned_feature *f = &m->features[i];
        ASSERT(f->name.n <= LEARNED_NAME_MAX);
        put(out, (u32)f->name.n, 1);
        text_add(out, f->name);
        put_real(out, f->idf);
        put_real(out, f->scale);
        put(out, f->n, 2);
        for (u32 k = 0; k < f->n; k++) {
            put(out, m->weights[f->first + k].class, 2);
            put(out, (u8)m->weights[f->first + k].q, 1);
        }
    }
    u8 digest[DIGEST_MAX];
    digest_run(DIGEST_SHA256, (struct str){out->p + from, out->n - from}, digest);
    text_add(out, (struct str){(const char *)digest, LEARNED_DIGEST});
    return !out->overflow && out->n - from <= LEARNED_BYTES_MAX;
}
