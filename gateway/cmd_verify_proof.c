/* A citizen's proof file, checked offline: the steps shown are the ones that were recorded, they hang together, they stand
 * in the signed log, and what the citizen wrote is what was recorded. The form is described in docs/manual.md. */
#include "cmd_verify.h"
#include "base/code.h"
#include "base/json.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX  (8u << 20)
#define WORDS_MAX (1u << 20)
#define STEPS_MAX 10000
#define LAST_YEAR 253402300800000000 /* microseconds until the year 10000, where our sentence would end */

struct proof {
    const struct json *file;
    i64 case_id;
    size_t steps, shown, in_log;
    u8 (*hashes)[HASH_BYTES]; /* of the steps, version 1 first */
    u8 root[HASH_BYTES], key[SIGNING_PUBLIC];
    u64 size;
    instant at;
};

/* --- reading the file --- */

static bool hash_of(const struct json *v, u8 out[HASH_BYTES])
{
    struct str hex = json_str(v);
    return hex.p && hex_get(hex, out, HASH_BYTES);
}

/* A whole number, as a number or as decimal digits: ids have 64 bits, JSON numbers 53. */
static bool number_of(const struct json *v, i64 *out_r)
{
    u64 n;
    struct str digits = json_str(v);
    if (!digits.p) return json_int(v, out_r);
    if (!str_u64(digits, INT64_MAX, &n)) return false;
    *out_r = (i64)n;
    return true;
}

/* A text, or null for none; false when it is anything else or absent. */
static bool text_of(const struct json *object, const char *name, struct str *out_r)
{
    const struct json *v = json_get(object, name);
    *out_r = json_str(v);
    return v && (out_r->p || json_kind(v) == JSON_NULL);
}

static enum verdict broken(const char *part, i64 version, const char *what, const char *chinese,
                           const char *english)
{
    return verify_broken(version ? verify_keys("part=%s version=%lld what=%s", part, (long long)version, what)
                                 : verify_keys("part=%s what=%s", part, what),
                         "%s\n%s", chinese, english);
}

static enum verdict misshapen(const char *part, i64 version)
{
    return broken(part, version, "form", "文件格式不对，无法核验。",
                  "The file does not have the form of a proof here.");
}

/* --- its parts --- */

static enum verdict check_text(const struct json *text, struct proof_act *a, const u8 words[HASH_BYTES])
{
    u8 hash[HASH_BYTES];
    struct str salt = json_str(json_get(text, "salt"));
    if (!salt.p || !hex_get(salt, a->salt + PROOF_SALT / 2, PROOF_SALT / 2) ||
        !text_of(text, "reason", &a->reason) || !text_of(text, "words", &a->words) ||
        !text_of(text, "data", &a->data) || !a->data.p)
        return misshapen("acts", a->version);
    proof_words(crypto_sha256, a, hash);
    if (memcmp(hash, words, HASH_BYTES) == 0) return RECORD_RIGHT;
    return broken("acts", a->version, "text", "这一步的文字与当时记录的不一致。",
                  "The text of this step is not what was recorded.");
}

/* One step: an inner one shows its hash alone, any other must hash to it and name the step before. */
static enum verdict check_step(struct proof *p, const struct json *step, i64 version)
{
    struct proof_act a = {.case_id = p->case_id};
    const struct json *previous = json_get(step, "previous"), *text = json_get(step, "text");
    u8 *hash = p->hashes[version - 1], before[HASH_BYTES], who[HASH_BYTES], words[HASH_BYTES],
       got[HASH_BYTES];
    if (!number_of(json_get(step, "version"), &a.version) || a.version != version)
        return broken("acts", version, "missing", "缺少这一步，或步骤的顺序被改动。",
                      "This step is missing, or the steps are not in their order.");
    if (!hash_of(json_get(step, "hash"), hash)) return misshapen("acts", version);
    if (!json_get(step, "act")) return RECORD_RIGHT;
    p->shown++;
    if (!number_of(json_get(step, "at_us"), &a.at.us) || !text_of(step, "act", &a.act) ||
        !text_of(step, "actor", &a.actor) || !text_of(step, "from", &a.from) || !text_of(step, "to", &a.to) ||
        !hash_of(json_get(step, "who"), who) || !hash_of(json_get(step, "words"), words) || !previous ||
        (json_kind(previous) != JSON_NULL && !hash_of(previous, before)))
        return misshapen("acts", version);
    bool first = json_kind(previous) == JSON_NULL;
    if (first != (version == 1) || (!first && memcmp(before, p->hashes[version - 2], HASH_BYTES) != 0))
        return broken("acts", version, "chain", "这一步没有接在前一步之后：中间被改动。",
                      "This step does not follow the one before it.");
    proof_act(crypto_sha256, first ? NULL : before, &a, who, words, got);
    if (memcmp(got, hash, HASH_BYTES) != 0)
        return broken("acts", version, "hash", "这一步与当时记录的不一致。",
                      "This step is not what was recorded.");
    return text ? check_text(text, &a, words) : RECORD_RIGHT;
}

static enum verdict check_steps(struct proof *p)
{
    const struct json *steps = json_get(p->file, "acts");
    enum verdict verdict = RECORD_RIGHT;
    p->steps = json_count(steps);
    if (json_kind(steps) != JSON_ARRAY || p->steps == 0 || p->steps > STEPS_MAX) return misshapen("acts", 0);
    p->hashes = mem_alloc(p->steps * HASH_BYTES);
    for (size_t i = 0; i < p->steps && verdict == RECORD_RIGHT; i++)
        verdict = check_step(p, json_at(steps, i), (i64)i + 1);
    return verdict;
}

static enum verdict check_head(struct proof *p)
{
    const struct json *head = json_get(p->file, "head");
    u8 signature[SIGNING_BYTES], bytes[PROOF_HEAD_BYTES];
    struct str hex = json_str(json_get(head, "signature"));
    i64 size;
    if (!number_of(json_get(head, "size"), &size) || size < 1 ||
        !number_of(json_get(head, "at_us"), &p->at.us) || p->at.us < 0 || p->at.us >= LAST_YEAR ||
        !hash_of(json_get(head, "root"), p->root) || !hex.p || !hex_get(hex, signature, SIGNING_BYTES))
        return misshapen("head", 0);
    p->size = (u64)size;
    proof_head(p->size, p->at, p->root, bytes);
    if (signing_right(p->key, (struct str){(const char *)bytes, sizeof bytes}, signature))
        return RECORD_RIGHT;
    return broken("head", 0, "signature", "总账的签名不对：不是这把公钥签的，或内容被改动。",
                  "The signature of the head is not by this key, or the head was changed.");
}

static enum verdict check_leaf(struct proof *p, const struct json *leaf, i64 after, i64 *version_r)
{
    const struct json *hashes = json_get(leaf, "path");
    u8 path[MERKLE_PATH_MAX][HASH_BYTES], hash[HASH_BYTES];
    size_t n = json_count(hashes);
    i64 version, index;
    if (!number_of(json_get(leaf, "version"), &version) || version <= after || version > (i64)p->steps ||
        !number_of(json_get(leaf, "index"), &index) || index < 0 || json_kind(hashes) != JSON_ARRAY ||
        n > MERKLE_PATH_MAX)
        return misshapen("leaves", 0);
    for (size_t i = 0; i < n; i++)
        if (!hash_of(json_at(hashes, i), path[i])) return misshapen("leaves", version);
    *version_r = version;
    merkle_leaf(crypto_sha256, (struct str){(const char *)p->hashes[version - 1], HASH_BYTES}, hash);
    if (merkle_path_right(crypto_sha256, hash, (u64)index, p->size, (const u8(*)[HASH_BYTES])path, (int)n,
                          p->root))
        return RECORD_RIGHT;
    return broken("leaves", version, "path", "这一步不在签名的总账里。",
                  "This step does not stand in the signed log.");
}

/* Rising versions, each once; a file that proves no step proves nothing. */
static enum verdict check_leaves(struct proof *p)
{
    const struct json *leaves = json_get(p->file, "leaves");
    enum verdict verdict = RECORD_RIGHT;
    i64 version = 0;
    p->in_log = json_count(leaves);
    if (json_kind(leaves) != JSON_ARRAY || p->in_log == 0) return misshapen("leaves", 0);
    for (size_t i = 0; i < p->in_log && verdict == RECORD_RIGHT; i++)
        verdict = check_leaf(p, json_at(leaves, i), version, &version);
    return verdict;
}

/* --- what the citizen wrote --- */

static bool committed(struct proof_feedback *f, struct str words, struct str data)
{
    u8 commitment[HASH_BYTES];
    char expected[PROOF_RECEIVE_DATA_MAX];
    f->words = words;
    proof_feedback(crypto_sha256, f, commitment);
    proof_receive_data(f->id, commitment, expected);
    return str_eq(data, str_of(expected));
}

/* The words with every line end as \n or as \r\n. */
static void put_lines(struct text *t, struct str words, const char *end)
{
    for (size_t i = 0; i < words.n; i++) {
        if (words.p[i] == '\r' && i + 1 < words.n && words.p[i + 1] == '\n') continue;
        if (words.p[i] == '\n')
            text_addz(t, end);
        else
            text_addc(t, words.p[i]);
    }
}

/* Forms send CR LF, editors write what they like and put a line end behind the last line: the words are tried as the file
 * has them and with both kinds of line end, each with and without the last one. */
static bool committed_somehow(struct proof_feedback *f, struct str words, struct str data)
{
    static const char *const ends[] = {"\n", "\r\n"};
    bool right = committed(f, words, data);
    for (size_t i = 0; i < ARRAY_LEN(ends) && !right; i++) {
        struct text t;
        text_init(&t, 2 * WORDS_MAX);
        put_lines(&t, words, ends[i]);
        struct str all = text_str(&t), end = str_of(ends[i]);
        right = committed(f, all, data);
        if (!right && str_ends(all, end)) right = committed(f, (struct str){all.p, all.n - end.n}, data);
        text_free(&t);
    }
    return right;
}

static enum verdict check_words(const struct proof *p, struct str words)
{
    const struct json *said = json_get(p->file, "feedback");
    struct str data = json_str(json_get(json_get(json_at(json_get(p->file, "acts"), 0), "text"), "data"));
    struct proof_feedback f = {.id = 0};
    struct str salt = json_str(json_get(said, "salt"));
    if (!data.p || !number_of(json_get(said, "id"), &f.id) ||
        !number_of(json_get(said, "received_us"), &f.received.us) || !text_of(said, "channel", &f.channel) ||
        !text_of(said, "plaque", &f.plaque) || !text_of(said, "nature_said", &f.nature_said) ||
        !number_of(json_get(said, "rating"), &f.rating) || !salt.p || !hex_get(salt, f.salt, sizeof f.salt))
        return misshapen("feedback", 0);
    if (committed_somehow(&f, words, data)) return RECORD_RIGHT;
    return broken("feedback", 0, "words", "您给的文字与当时收到的不一致。",
                  "These are not the words that were received.");
}

/* --- the whole --- */

/* The key that must have signed: given as digits or as a file, else the file's own. */
static bool read_key(struct proof *p, const char *key)
{
    u8 own[SIGNING_PUBLIC];
    struct text t;
    if (!hash_of(json_get(p->file, "public_key"), own)) {
        (void)misshapen("public_key", 0);
        return false;
    }
    memcpy(p->key, own, sizeof own);
    if (!key || hex_get(str_of(key), p->key, SIGNING_PUBLIC)) return true;
    text_init(&t, 1000);
    bool good = cmd_read_file(VERIFY_NAME, key, &t);
    if (good && !hex_get(str_trim(text_str(&t)), p->key, SIGNING_PUBLIC)) {
        (void)cmd_fail(VERIFY_NAME, "%s does not hold exactly 64 hexadecimal digits of a public key", key);
        good = false;
    }
    text_free(&t);
    return good;
}

static void say(const struct proof *p, bool pinned, bool words)
{
    char at[INSTANT_TEXT_MAX];
    struct text hex;
    text_init(&hex, 80);
    hex_put(&hex, p->key, SIGNING_PUBLIC);
    printf("proved case=%lld steps=%zu shown=%zu in_log=%zu size=%llu words=%s key=%s key_from=%s\n",
           (long long)p->case_id, p->steps, p->shown, p->in_log, (unsigned long long)p->size,
           words ? "right" : "unchecked", text_z(&hex), pinned ? "you" : "file");
    printf("核验通过：办件 %lld 共 %zu 步，前后相接，没有改动；其中 %zu 步记入截至 %s 的总账（共 %llu "
           "条），总账签名有效。%s\n",
           (long long)p->case_id, p->steps, p->in_log, instant_text_china(p->at, at),
           (unsigned long long)p->size, words ? "您写的内容与当时收到的一致。" : "");
    printf("The %zu steps of case %lld hang together unchanged; %zu of them stand in the log of %llu acts as "
           "it was signed at %s (China).%s\n",
           p->steps, (long long)p->case_id, p->in_log, (unsigned long long)p->size, at,
           words ? " Your words are the words that were received." : "");
    printf(
        pinned
            ? "公钥是您指定的。The key is the one you named: %s\n"
            : "公钥取自文件本身：请与公开发布的公钥核对（--key）。The key came from the file itself; compare it "
              "with the published one (--key): %s\n",
        text_z(&hex));
    text_free(&hex);
}

static enum verdict check(struct proof *p, const char *words)
{
    i64 form;
    if (!json_int(json_get(p->file, "mashangdu_proof"), &form) || form != 1 ||
        !number_of(json_get(p->file, "case"), &p->case_id))
        return misshapen("file", 0);
    enum verdict verdict = check_steps(p);
    if (verdict == RECORD_RIGHT) verdict = check_head(p);
    if (verdict == RECORD_RIGHT) verdict = check_leaves(p);
    if (verdict != RECORD_RIGHT || !words) return verdict;
    struct text t;
    text_init(&t, WORDS_MAX);
    verdict = cmd_read_file(VERIFY_NAME, words, &t) ? check_words(p, text_str(&t)) : RECORD_UNREAD;
    text_free(&t);
    return verdict;
}

int verify_proof_bytes(struct str bytes, const char *words, const char *key)
{
    struct proof p = {0};
    const char *why;
    int code = CMD_FAILED;
    struct json *file = json_parse(bytes, FILE_MAX, &why);
    p.file = file;
    if (!file)
        (void)cmd_fail(VERIFY_NAME, "the proof file is no JSON: %s", why);
    else if (read_key(&p, key) && check(&p, words) == RECORD_RIGHT) {
        say(&p, key != NULL, words != NULL);
        code = CMD_OK;
    }
    free(p.hashes);
    json_free(&file);
    return code;
}

int verify_proof(const char *path, const char *words, const char *key)
{
    struct text t;
    text_init(&t, FILE_MAX);
    int code =
        cmd_read_file(VERIFY_NAME, path, &t) ? verify_proof_bytes(text_str(&t), words, key) : CMD_FAILED;
    text_free(&t);
    return code;
}
