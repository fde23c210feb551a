#include "guard.h"
#include "intake.h"
#include "metrics.h"
#include "register.h"
#include "adapters/altcha.h"
#include "base/code.h"
#include "base/utf8.h"
#include "core/address.h"
#include "core/bucket.h"
#include "core/glyph.h"
#include "core/normalise.h"
#include "core/route.h"
#include <stdlib.h>
#include <string.h>

#define SLOTS           (1u << 15) /* of every table: 16 bytes each */
#define CHALLENGE_VALID SPAN_MIN(20)
#define SAME_WORDS_MIN  6 /* code points: shorter ones ("很好", "满意") are everybody's */
#define WAYS_FACTOR     4 /* a way through is wider than the limit it leads around, and has an end too */

/* What is counted, each under its own key. */
enum counted {
    BY_HOUSEHOLD,
    BY_BLOCK,
    BY_PLAQUE,
    BY_NUMBER,
    BY_WORDS,
    BY_DEVICE,
    BY_PROOF,  /* proofs of one household */
    BY_WAIT,   /* waits of one household */
    BY_URGENT, /* urgent texts of one household over its limit */
    LIMITS_N
};

struct guard {
    struct bucket_table tables[LIMITS_N];
    u8 key[32]; /* of the counters: random, never written anywhere */
    char secret[65];
};

/* Keyed: the tables hold neither addresses nor numbers nor words. */
static u64 counter_key(const struct guard *gd, const struct str *parts, size_t n)
{
    u8 h[32];
    u64 key;
    crypto_keyed(gd->key, parts, n, h);
    memcpy(&key, h, sizeof key);
    return key | 1;
}

static struct bucket_rate rate_of(int n, span per)
{
    return (struct bucket_rate){SPAN_US(per.us / n), (u32)MAX(n, 2)};
}

/* How long to wait; zero: taken. */
static span take(struct guard *gd, enum counted c, const struct str *parts, size_t n, int rate, span per)
{
    return bucket_table_take(&gd->tables[c], counter_key(gd, parts, n), clock_monotonic(),
                             rate_of(rate, per));
}

/* Whether the router would call it 特急. Asked over a limit alone: it costs as much as storing. */
static bool urgent(struct gateway *g, const struct submission *sub, struct arena *a)
{
    struct text clean;
    struct decision d = {0};
    if (sub->text.n == 0 || sub->text.n > SUBMISSION_TEXT_BYTES || !utf8_valid(sub->text) ||
        !register_ready(g))
        return false;
    const struct plaque_row *plaque = sub->plaque.n ? register_plaque(g, sub->plaque) : NULL;
    text_init(&clean, sub->text.n * NORMALISE_GROWTH + 64);
    if (intake_clean(g, sub->text, &clean)) {
        const struct route_input in = {.text = text_str(&clean),
                                       .nature = sub->nature,
                                       .rating = sub->rating,
                                       .unit_id = register_plaque_unit(g, plaque),
                                       .door = sub->door};
        route_decide(register_routing(g), &in, a, &d);
    }
    text_free(&clean);
    return d.urgency == URGENCY_CRITICAL;
}

static void mark(struct submission *sub, struct arena *a, const char *word)
{
    struct text t;
    if (sub->nature == NATURE_REPORT) return; /* nothing is kept beside a report */
    text_init(&t, 200);
    text_add(&t, sub->marks);
    if (t.n) text_addc(&t, ',');
    text_addz(&t, word);
    const struct str all = arena_str(a, text_str(&t));
    if (all.p) sub->marks = all;
    text_free(&t);
}

/* Asks every counter that applies. The longest wait; zero: all have room. */
static span limits(struct gateway *g, const struct guard_ask *ask, struct submission *sub)
{
    struct guard *gd = g->guard;
    u8 household[ADDRESS_KEY], block[ADDRESS_KEY];
    address_scope_key(ask->peer, ADDRESS_HOUSEHOLD, household);
    address_scope_key(ask->peer, ADDRESS_BLOCK, block);
    const struct str home = {(const char *)household, sizeof household},
                     around = {(const char *)block, sizeof block}, words = glyph_trim(sub->text);
    const bool long_enough = utf8_valid(words) && utf8_count(words) >= SAME_WORDS_MIN;
    const struct {
        enum counted by;
        bool counts;
        struct str key;
        int rate;
        span per;
        const char *mark; /* what staff see of it; NULL: nothing, a household is nobody's business */
    } all[] = {
        {BY_HOUSEHOLD, true, home, g->cfg.submit_per_minute, SPAN_MIN(1), NULL},
        {BY_BLOCK, true, around, g->cfg.block_per_minute, SPAN_MIN(1), NULL},
        {BY_PLAQUE, sub->plaque.n > 0, sub->plaque, g->cfg.plaque_per_minute, SPAN_MIN(1), "burst"},
        {BY_NUMBER, sub->contact.n > 0, sub->contact, g->cfg.number_per_hour, SPAN_H(1), "number"},
        {BY_WORDS, long_enough, words, g->cfg.same_words_per_hour, SPAN_H(1), "same_words"},
    };
    span longest = SPAN_US(0);
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        if (!all[i].counts) continue;
        const span wait = take(gd, all[i].by, &all[i].key, 1, all[i].rate, all[i].per);
        if (wait.us > 0 && all[i].mark) mark(sub, ask->arena, all[i].mark);
        if (wait.us > longest.us) longest = wait;
    }
    if (sub->nature == NATURE_RATE) {
        const struct str device[] = {home, ask->agent, sub->plaque};
        if (take(gd, BY_DEVICE, device, ARRAY_LEN(device), g->cfg.device_ratings_per_hour, SPAN_H(1)).us > 0)
            mark(sub, ask->arena, "device");
    }
    return longest;
}

static struct altcha_keys keys_of(const struct guard *gd)
{
    return (struct altcha_keys){str_of(gd->secret), STR_NONE};
}

/* A way around a limit: REFUSE_NONE when one was open. */
static enum refusal way_through(struct gateway *g, const struct guard_ask *ask, struct submission *sub,
                                span wait, span *wait_r)
{
    struct guard *gd = g->guard;
    const struct altcha_keys keys = keys_of(gd);
    struct altcha_solved solved;
    u8 household[ADDRESS_KEY];
    address_scope_key(ask->peer, ADDRESS_HOUSEHOLD, household);
    const struct str home = {(const char *)household, sizeof household};
    const int wide = g->cfg.submit_per_minute * WAYS_FACTOR;
    if (urgent(g, sub, ask->arena)) {
        *wait_r = take(gd, BY_URGENT, &home, 1, wide, SPAN_MIN(1));
        if (wait_r->us > 0) return REFUSE_TOO_MANY;
        mark(sub, ask->arena, "urgent");
        COUNT(GUARD_URGENT);
        return REFUSE_NONE;
    }
    if (ask->proof.n) {
        const enum altcha_end e = altcha_check(ask->proof, &keys, ask->now.us / 1000000, ask->arena, &solved);
        if (e == ALTCHA_GOOD) {
            *wait_r = take(gd, BY_PROOF, &home, 1, wide, SPAN_MIN(1));
            if (wait_r->us > 0) return REFUSE_TOO_MANY;
            sub->pow = solved.key;
            sub->pow_expires = solved.expires;
            COUNT(GUARD_PROOFS);
            return REFUSE_NONE;
        }
        COUNT(GUARD_PROOFS_WRONG);
    }
    /* The form's own age is the proof of the wait: whoever fills in many at once runs out of these too. */
    const span open = ask->issued.us ? instant_sub(ask->now, ask->issued) : SPAN_US(0);
    if (ask->issued.us && open.us >= g->cfg.guard_wait.us) {
        *wait_r = take(gd, BY_WAIT, &home, 1, MAX(g->cfg.submit_per_minute / 2, 2), SPAN_MIN(1));
        if (wait_r->us > 0) return REFUSE_TOO_MANY;
        COUNT(GUARD_WAITS);
        return REFUSE_NONE;
    }
    *wait_r = ask->issued.us ? SPAN_US(g->cfg.guard_wait.us - open.us) : wait;
    return REFUSE_PROVE;
}

enum refusal guard_check(struct gateway *g, const struct guard_ask *ask, struct submission *sub, span *wait_r)
{
    const span wait = limits(g, ask, sub);
    *wait_r = SPAN_US(0);
    if (ask->trapped) COUNT(GUARD_TRAPPED);
    if (wait.us == 0 && !ask->trapped) return REFUSE_NONE;
    return way_through(g, ask, sub, wait, wait_r);
}

void guard_challenge(struct gateway *g, instant now, struct text *out)
{
    const struct altcha_keys keys = keys_of(g->guard);
    u8 random[ALTCHA_RANDOM];
    crypto_random(random, sizeof random);
    altcha_make(&keys, random, (unsigned)g->cfg.pow_zeros, instant_add(now, CHALLENGE_VALID).us / 1000000,
                out);
}

struct guard *guard_new(struct gateway *g)
{
    struct guard *gd = MEM_NEW(struct guard);
    const struct str what = STR("altcha");
    struct text t;
    u8 mac[32];
    for (size_t i = 0; i < LIMITS_N; i++) bucket_table_init(&gd->tables[i], SLOTS);
    crypto_random(gd->key, sizeof gd->key);
    /* From the master key: a challenge of one gateway may be solved for another. */
    crypto_mac(g->keys, KEY_POW, &what, 1, mac);
    text_init(&t, sizeof gd->secret);
    hex_put(&t, mac, sizeof mac);
    memcpy(gd->secret, t.p, t.n);
    text_free(&t);
    return gd;
}

void guard_free(struct guard **gp)
{
    struct guard *gd = *gp;
    if (!gd) return;
    *gp = NULL;
    for (size_t i = 0; i < LIMITS_N; i++) bucket_table_free(&gd->tables[i]);
    crypto_wipe(gd, sizeof *gd);
    free(gd);
}
