/* The cases: every act hashes to its hash, the chain of a case has no gap, the case row says what its last act left, and
 * what the citizen said is what the first act committed to. One pass in the order of cases and versions. */
#include "cmd_verify.h"
#include <stdio.h>
#include <string.h>

/* An erasure matters only where the salt was cut; the sub-selects run for no other row. The cases stand on the right of
 * the join so that an act whose case is gone is still seen. */
static const char sql_open[] =
    "declare record no scroll binary cursor for "
    "select a.id, a.case_id, a.version, a.at, a.act, a.actor, a.from_state, a.to_state, a.staff_id, a.role, a.unit_id, "
    " a.public, a.reason, a.words, a.data::text, a.salt, a.words_commitment, a.hash, "
    " length(a.salt) = 16 and exists (select from erasures e where e.act_id = a.id), "
    " c.version, c.state, c.chain, f.id, f.received_at, f.channel, f.plaque, f.nature_said, f.rating, f.words, f.salt, "
    " length(f.salt) = 0 and exists (select from erasures e where e.feedback_id = f.id) "
    "from acts a left join cases c on c.id = a.case_id left join feedback f on f.case_id = a.case_id and a.version = 1 "
    "order by a.case_id, a.version";
static const char sql_fetch[] = "fetch 500 from record";
enum {
    ID,
    CASE,
    VERSION,
    AT,
    ACT,
    ACTOR,
    FROM,
    TO,
    STAFF,
    ROLE,
    UNIT,
    PUBLIC,
    REASON,
    WORDS,
    DATA,
    SALT,
    WORDS_HASH,
    HASH,
    ERASED,
    CASE_VERSION,
    CASE_STATE,
    CASE_CHAIN,
    F_ID,
    F_RECEIVED,
    F_CHANNEL,
    F_PLAQUE,
    F_NATURE,
    F_RATING,
    F_WORDS,
    F_SALT,
    F_ERASED
};

/* The case that the pass is in: what its last act left, and what its row says. */
struct place {
    i64 case_id, act_id, version, row_version;
    u8 hash[HASH_BYTES], row_chain[HASH_BYTES];
    char state[40], row_state[40];
};

static void keep(char *into, size_t room, struct str s) { (void)snprintf(into, room, "%.*s", STR_ARG(s)); }

static bool is_hash(struct str s) { return s.p && s.n == HASH_BYTES; }
static bool hash_is(struct str stored, const u8 hash[HASH_BYTES])
{
    return is_hash(stored) && memcmp(stored.p, hash, HASH_BYTES) == 0;
}

/* The end of a case's acts: does its row say the same? */
static enum verdict leave(struct verify *v, const struct place *p)
{
    long long id = p->case_id;
    if (p->case_id == 0) return RECORD_RIGHT;
    v->cases++;
    if (p->version != p->row_version)
        return verify_broken(
            verify_keys("table=cases id=%lld what=version", id),
            "The case is at version %lld, its last act at %lld: acts are gone, or the row was changed.",
            (long long)p->row_version, (long long)p->version);
    if (memcmp(p->hash, p->row_chain, HASH_BYTES) != 0)
        return verify_broken(verify_keys("table=cases id=%lld what=chain", id),
                             "The case row ends its chain with another hash than its last act has.");
    if (strcmp(p->state, p->row_state) != 0)
        return verify_broken(verify_keys("table=cases id=%lld what=state", id),
                             "The case row says %s, its last act left it as %s.", p->row_state, p->state);
    return RECORD_RIGHT;
}

/* The first act names the feedback and commits to it. */
static enum verdict check_feedback(const struct db_rows *r, int row)
{
    struct str data = db_rows_bytes(r, row, DATA), salt = db_rows_bytes(r, row, F_SALT);
    long long act = db_rows_i64(r, row, ID), id = db_rows_i64(r, row, F_ID);
    char expected[PROOF_RECEIVE_DATA_MAX];
    if (db_rows_null(r, row, F_ID)) {
        if (!str_starts(data, STR("{\"feedback\": "))) return RECORD_RIGHT; /* nobody's words opened it */
        return verify_broken(verify_keys("table=acts id=%lld case=%lld version=1 what=feedback_missing", act,
                                         (long long)db_rows_i64(r, row, CASE)),
                             "The feedback that this act received is not there any more.");
    }
    struct proof_feedback f = {.id = id,
                               .received = db_rows_instant(r, row, F_RECEIVED),
                               .channel = db_rows_bytes(r, row, F_CHANNEL),
                               .plaque = db_rows_bytes(r, row, F_PLAQUE),
                               .nature_said = db_rows_bytes(r, row, F_NATURE),
                               .words = db_rows_bytes(r, row, F_WORDS),
                               .rating = db_rows_i64(r, row, F_RATING)};
    if (salt.n != sizeof f.salt) {
        /* The commitment cannot be opened any more; that it names this feedback can still be seen. */
        (void)snprintf(expected, sizeof expected, "{\"feedback\": %lld, ", id);
        if (!db_rows_i64(r, row, F_ERASED) || f.words.n > 0)
            return verify_broken(verify_keys("table=feedback id=%lld what=erased_without_ground", id),
                                 "Its salt is gone, but no erasure of it is on record.");
        if (str_starts(data, str_of(expected))) return RECORD_RIGHT;
    } else {
        u8 commitment[HASH_BYTES];
        memcpy(f.salt, salt.p, sizeof f.salt);
        proof_feedback(crypto_sha256, &f, commitment);
        proof_receive_data(id, commitment, expected);
        if (str_eq(data, str_of(expected))) return RECORD_RIGHT;
    }
    return verify_broken(verify_keys("table=feedback id=%lld what=commitment", id),
                         "It is not what the first act of its case (act %lld) recorded.", act);
}

static enum verdict act_broken(const struct proof_act *a, const char *what, const char *sentence)
{
    return verify_broken(verify_keys("table=acts id=%lld case=%lld version=%lld what=%s", (long long)a->id,
                                     (long long)a->case_id, (long long)a->version, what),
                         "%s", sentence);
}

static enum verdict check_act(struct verify *v, const struct db_rows *r, int row, struct place *p)
{
    struct proof_act a = {.id = db_rows_i64(r, row, ID),
                          .case_id = db_rows_i64(r, row, CASE),
                          .version = db_rows_i64(r, row, VERSION),
                          .at = db_rows_instant(r, row, AT),
                          .act = db_rows_bytes(r, row, ACT),
                          .actor = db_rows_bytes(r, row, ACTOR),
                          .from = db_rows_bytes(r, row, FROM),
                          .to = db_rows_bytes(r, row, TO),
                          .staff = db_rows_i64(r, row, STAFF),
                          .unit = db_rows_i64(r, row, UNIT),
                          .role = db_rows_bytes(r, row, ROLE),
                          .public_words = db_rows_i64(r, row, PUBLIC) != 0,
                          .reason = db_rows_bytes(r, row, REASON),
                          .words = db_rows_bytes(r, row, WORDS),
                          .data = db_rows_bytes(r, row, DATA)};
    struct str salt = db_rows_bytes(r, row, SALT), words_hash = db_rows_bytes(r, row, WORDS_HASH);
    u8 who[HASH_BYTES], words[HASH_BYTES] = {0}, hash[HASH_BYTES];

    if (p->version + 1 != a.version)
        return verify_broken(verify_keys("table=cases id=%lld version=%lld what=act_missing",
                                         (long long)a.case_id, (long long)p->version + 1),
                             "Act %lld has version %lld where version %lld was to come.", (long long)a.id,
                             (long long)a.version, (long long)p->version + 1);
    if (salt.n) memcpy(a.salt, salt.p, MIN(salt.n, PROOF_SALT));
    proof_who(crypto_sha256, &a, who);
    if (salt.n == PROOF_SALT) {
        proof_words(crypto_sha256, &a, words);
    } else {
        if (!db_rows_i64(r, row, ERASED) || a.reason.n || a.words.n || !str_eq(a.data, STR("{}")))
            return act_broken(&a, "erased_without_ground",
                              "Its salt was cut, but that is not an erasure that is on record.");
        if (is_hash(words_hash)) memcpy(words, words_hash.p, HASH_BYTES);
        v->erased++;
    }
    proof_act(crypto_sha256, p->version ? p->hash : NULL, &a, who, words, hash);
    if (!hash_is(db_rows_bytes(r, row, HASH), hash))
        return act_broken(&a, "hash", "It is not what was written, or what came before it is not.");
    if (!hash_is(words_hash, words))
        return act_broken(&a, "words_commitment", "The stored hash of its texts is not theirs.");
    if (db_rows_null(r, row, CASE_VERSION))
        return act_broken(&a, "case_missing", "Its case is not there any more.");
    v->acts++;
    p->act_id = a.id;
    p->version = a.version;
    memcpy(p->hash, hash, HASH_BYTES);
    keep(p->state, sizeof p->state, a.to);
    return RECORD_RIGHT;
}

static void enter(struct place *p, const struct db_rows *r, int row)
{
    struct str chain = db_rows_bytes(r, row, CASE_CHAIN);
    *p = (struct place){.case_id = db_rows_i64(r, row, CASE),
                        .row_version = db_rows_i64(r, row, CASE_VERSION)};
    keep(p->row_state, sizeof p->row_state, db_rows_bytes(r, row, CASE_STATE));
    if (is_hash(chain)) memcpy(p->row_chain, chain.p, HASH_BYTES);
}

static enum verdict check_portion(struct verify *v, const struct db_rows *r, struct place *p)
{
    enum verdict verdict = RECORD_RIGHT;
    for (int row = 0; verdict == RECORD_RIGHT && row < db_rows_count(r); row++) {
        if (db_rows_i64(r, row, CASE) != p->case_id) {
            verdict = leave(v, p);
            if (verdict != RECORD_RIGHT) break;
            enter(p, r, row);
        }
        /* The same act once more: a second feedback names its case. check_feedback says which one. */
        if (db_rows_i64(r, row, ID) != p->act_id) verdict = check_act(v, r, row, p);
        if (verdict == RECORD_RIGHT && p->version == 1) verdict = check_feedback(r, row);
    }
    return verdict;
}

/* Rows that no pass over acts can meet. Each query gives the first one, or none. */
static enum verdict check_rest(struct verify *v)
{
    static const struct {
        const char *sql, *table, *what, *sentence;
    } rests[] = {
        {"select c.id from cases c where not exists (select from acts a where a.case_id = c.id) order by c.id limit 1",
         "cases", "acts_missing", "Nothing ever happened to this case: its acts are gone."},
        /* What a split put where is what its act holds a hash of, and the new case names the act that received the words. */
        {"select p.case_id from case_parts p join feedback f on f.id = p.feedback_id "
         "left join acts a on a.case_id = f.case_id and a.version = p.made_by and a.act = 'split' "
         "left join case_parts r on r.case_id = f.case_id and r.version = p.made_by "
         "left join acts o on o.case_id = p.case_id and o.version = 1 left join acts s on s.case_id = f.case_id and s.version = 1 "
         "where p.part > 1 and (a.id is null or o.data->>'of' is distinct from encode(s.hash, 'hex') "
         "or (length(p.salt) = 16 and length(a.salt) = 32 and a.data->>'parts' is distinct from "
         "encode(part_commitment(p.salt, p.case_id, p.piece, r.piece, p.reason), 'hex'))) order by p.case_id limit 1",
         "case_parts", "commitment", "It is not what the act that split the case recorded."},
        {"select e.id from erasures e left join acts a on a.id = e.act_id left join feedback f on f.id = e.feedback_id "
         "where coalesce(length(a.salt) <> 16, length(f.salt) <> 0, true) order by e.id limit 1",
         "erasures", "not_erased", "What it says was erased is there, or its row is gone."},
    };
    for (size_t i = 0; i < ARRAY_LEN(rests); i++) {
        struct db_rows *r = verify_query(v, rests[i].sql);
        if (!r) return RECORD_UNREAD;
        bool found = db_rows_count(r) > 0;
        if (found)
            (void)verify_broken(
                verify_keys("table=%s id=%s what=%s", rests[i].table, db_rows_text(r, 0, 0), rests[i].what),
                "%s", rests[i].sentence);
        db_rows_free(&r);
        if (found) return RECORD_BROKEN;
    }
    return RECORD_RIGHT;
}

enum verdict verify_acts(struct verify *v)
{
    struct place place = {0};
    enum verdict verdict = RECORD_RIGHT;
    const char *why;
    if (!cmd_execute(VERIFY_NAME, v->db, sql_open, 0, NULL)) return RECORD_UNREAD;
    bool sent = db_tool_send(v->db, sql_fetch, &why), more = true;
    while (sent && more && verdict == RECORD_RIGHT) {
        struct db_rows *r = db_tool_receive(v->db, &why);
        if (!r) {
            sent = false;
            break;
        }
        more = db_rows_count(r) > 0;
        if (more) sent = db_tool_send(v->db, sql_fetch, &why); /* the server works while we hash */
        verdict = check_portion(v, r, &place);
        db_rows_free(&r);
    }
    if (!sent) {
        (void)cmd_fail(VERIFY_NAME, "%s", why);
        return RECORD_UNREAD;
    }
    if (verdict == RECORD_RIGHT) verdict = leave(v, &place);
    if (verdict == RECORD_RIGHT && !cmd_execute(VERIFY_NAME, v->db, "close record", 0, NULL))
        verdict = RECORD_UNREAD;
    return verdict == RECORD_RIGHT ? check_rest(v) : verdict;
}
