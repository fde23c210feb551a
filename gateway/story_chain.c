/* Is the chain of the case's acts unbroken? Hashed again from what the database holds now (core/proof). */
#include "story_part.h"
#include "base/code.h"
#include "core/proof.h"
#include "io/crypto.h"
#include <string.h>

static bool act_holds(const struct json *a, i64 case_id, const u8 *previous, u8 hash[HASH_BYTES])
{
    u8 words[HASH_BYTES], who[HASH_BYTES], kept_words[HASH_BYTES], again[HASH_BYTES];
    struct str salt = story_text(a, "salt");
    struct proof_act p = {.id = story_number(a, "id"),
                          .case_id = case_id,
                          .version = story_number(a, "version"),
                          .at = story_instant(a, "at"),
                          .act = story_text(a, "act"),
                          .actor = story_text(a, "actor"),
                          .from = story_text(a, "from"),
                          .to = story_text(a, "to"),
                          .staff = story_number(a, "staff"),
                          .unit = story_number(a, "unit"),
                          .role = story_text(a, "role"),
                          .public_words = json_bool(json_get(a, "public")),
                          .reason = story_text(a, "reason"),
                          .words = story_text(a, "words"),
                          .data = story_text(a, "data")};
    const bool erased = salt.n == PROOF_SALT; /* in hex: half of the salt is left */
    if (!hex_get(salt, p.salt, erased ? PROOF_SALT / 2 : PROOF_SALT) ||
        !hex_get(story_text(a, "hash"), hash, HASH_BYTES) ||
        !hex_get(story_text(a, "words_hash"), kept_words, HASH_BYTES))
        return false;
    proof_words(crypto_sha256, &p, words);
    proof_who(crypto_sha256, &p, who);
    proof_act(crypto_sha256, previous, &p, who, kept_words, again);
    return (erased || memcmp(words, kept_words, HASH_BYTES) == 0) && memcmp(again, hash, HASH_BYTES) == 0;
}

bool story_chain(const struct json *doc, struct story *s)
{
    const struct json *all = json_get(doc, "acts");
    u8 row[HASH_BYTES];
    s->n_acts = json_count(all);
    s->hashes = arena_alloc(&s->arena, (s->n_acts + 1) * HASH_BYTES);
    if (!s->hashes) return false;
    for (size_t i = 0; i < s->n_acts; i++) {
        const struct json *a = json_at(all, i);
        bool holds = act_holds(a, s->id, i ? s->hashes[i - 1] : NULL, s->hashes[i]);
        if (s->broken == 0 && !(holds && story_number(a, "version") == (i64)i + 1)) s->broken = (i64)i + 1;
    }
    if (s->broken == 0 && s->n_acts < STORY_ACTS_MAX &&
        (s->n_acts == 0 || !hex_get(story_text(doc, "chain"), row, HASH_BYTES) ||
         memcmp(row, s->hashes[s->n_acts - 1], HASH_BYTES) != 0))
        s->broken = (i64)s->n_acts + 1;
    return true;
}
