/* A WeChat official account (公众号): what people write to it, and plaques scanned with it.
 *
 * In:  POST of XML to the hook; GET once, when the address is entered there. `signature` covers token, timestamp and nonce, not
 *      the body, so only the safe mode (encrypt_type=aes, msg_signature over the encrypted body, then the account's id inside) is
 *      taken; the plain mode must be switched on by hand (setting plain=yes). A replay inside the time window finds its dedupe
 *      key taken: MsgId, or of an event the sender, its second and its name.
 * Out: there is no sending: the answer to the push itself, within five seconds, is the one chance to say something. It must be
 *      that XML or "success": with anything else the citizen is shown an error.
 *
 * A plaque's code is a permanent one (QR_LIMIT_STR_SCENE) whose scene_str is the plaque's number; somebody who did not follow the
 * account yet brings it as "qrscene_…". Pictures, voice and videos are counted, not fetched. */
#include "adapters/reading.h"
#include "adapters/sms/xml.h"
#include "base/code.h"
#include "base/utf8.h"
#include <stdlib.h>
#include <string.h>

#define BODY_MAX    (1u << 20)
#define SKEW_S      300
#define OPENID_MAX  64
#define SCENE_MAX   64
#define CONTENT_MAX 2048 /* bytes of a passive answer's words */
#define AES_BLOCK   32   /* WeChat pads to 32 octets, not to the cipher's 16 */

static bool yes(const struct channel *ch, const char *name)
{
    struct str v = channel_setting(ch, str_of(name));
    return str_eq(v, STR("yes")) || str_eq(v, STR("true")) || str_eq(v, STR("1"));
}

/* -- signatures and the cipher ---------------------------------------------------------------------------- */

/* Hexadecimal SHA-1 of the strings in the order of their bytes, one behind the other. */
static void sorted_sha1(struct str *parts, size_t n, struct text *hex)
{
    struct text all;
    for (size_t i = 1; i < n; i++)
        for (size_t k = i; k > 0 && str_cmp(parts[k], parts[k - 1]) < 0; k--) {
            struct str swap = parts[k];
            parts[k] = parts[k - 1], parts[k - 1] = swap;
        }
    text_init(&all, BODY_MAX * 2);
    for (size_t i = 0; i < n; i++) text_add(&all, parts[i]);
    digest_hex(DIGEST_SHA1, text_str(&all), hex);
    text_free(&all);
}

/* Whether `given` is the signature over timestamp, nonce and, unless .p is NULL, the encrypted words, under a token valid now. */
static bool signature_right(const struct channel *ch, const struct http_in *in, struct str stamp,
                            struct str nonce, struct str encrypted, struct str given)
{
    struct str tokens[2];
    size_t n = secret_all(ch, "token", in->at, tokens);
    bool right = false;
    for (size_t i = 0; i < n; i++) {
        struct str parts[4] = {tokens[i], stamp, nonce, encrypted};
        struct text hex;
        text_init(&hex, 64);
        sorted_sha1(parts, encrypted.p ? 4 : 3, &hex);
        right |= secret_same(text_str(&hex), given);
        text_free(&hex);
    }
    return right;
}

/* The account's AES key of 43 characters. */
static bool key_read(struct str encoded, u8 key[32])
{
    struct text raw;
    text_init(&raw, 32);
    bool good = encoded.n == 43 && b64_get(&raw, encoded) && raw.n == 32;
    if (good) memcpy(key, raw.p, 32);
    text_free(&raw);
    return good;
}

/* 16 random octets, length, words, account's id, 1 to 32 octets of padding that say how many they are. */
static const char *plain_read(struct str plain, struct str appid, struct str *xml_r)
{
    if (plain.n < 20 + AES_BLOCK / 2) return "the encrypted body is too short";
    const u8 *p = (const u8 *)plain.p, pad = p[plain.n - 1];
    if (pad < 1 || pad > AES_BLOCK || pad > plain.n - 20) return "the padding is wrong";
    for (size_t i = plain.n - pad; i < plain.n; i++)
        if (p[i] != pad) return "the padding is wrong";
    const size_t inside = plain.n - pad - 20;
    const size_t length = (size_t)p[16] << 24 | (size_t)p[17] << 16 | (size_t)p[18] << 8 | p[19];
    if (length > inside) return "the length inside is wrong";
    if (!secret_same((struct str){plain.p + 20 + length, inside - length}, appid))
        return "the message is for another account";
    *xml_r = (struct str){plain.p + 20, length};
    return NULL;
}

/* Opens the encrypted words with the keys valid now; `plain` keeps what *xml_r points into. Returns why not, or NULL. */
static const char *body_open(const struct channel *ch, instant at, struct str encrypted, struct text *plain,
                             struct str *xml_r, struct str *key_r)
{
    struct str keys[2], appid = channel_setting(ch, STR("appid"));
    size_t n = MIN(secret_all(ch, "encoding_aes_key", at, keys), ARRAY_LEN(keys));
    const char *why = "encoding_aes_key is not set";
    struct text sealed;
    text_init(&sealed, BODY_MAX);
    for (size_t i = 0; i < n && why; i++) {
        u8 key[32];
        text_clear(&sealed);
        why = "encoding_aes_key has not 43 characters";
        if (!key_read(keys[i], key)) continue;
        why = "the encrypted body is no Base64 of whole blocks";
        if (!b64_get(&sealed, encrypted) || sealed.n == 0) continue;
        u8 *out = mem_alloc(sealed.n);
        if (aes256_cbc_decrypt(key, key, (const u8 *)sealed.p, sealed.n, out)) {
            text_clear(plain);
            text_add(plain, (struct str){(const char *)out, sealed.n});
            why = plain_read(text_str(plain), appid, xml_r);
            *key_r = keys[i];
        }
        free(out);
    }
    text_free(&sealed);
    return why;
}

/* -- is it WeChat -------------------------------------------------------------------------------------------- */

static bool encrypted_mode(struct str encrypt_type) { return str_eq(encrypt_type, STR("aes")); }

static bool in_time(const struct channel *ch, struct str stamp, instant now)
{
    u64 skew = SKEW_S;
    const instant at = read_epoch(stamp);
    if (!str_u64(channel_setting(ch, STR("max_skew_s")), 86400, &skew)) skew = SKEW_S;
    const i64 off = at.us - now.us;
    return at.us > 0 && off <= SPAN_S(skew).us && -off <= SPAN_S(skew).us;
}

/* The encrypted words of a body. `arena` holds them. */
static const char *encrypted_find(struct arena *arena, struct str body, struct str *encrypted_r)
{
    const char *why = "";
    struct xml *x = ARENA_NEW(arena, struct xml);
    if (!x) return "no room";
    if (!xml_read(arena, body, x, &why)) return why;
    *encrypted_r = xml_value(x, STR("Encrypt"));
    return encrypted_r->n ? NULL : "no encrypted words";
}

static const char *push_fault(const struct channel *ch, const struct http_in *in, struct reading *r)
{
    struct str stamp = read_field(r, in->query, "timestamp", 32),
               nonce = read_field(r, in->query, "nonce", 128),
               signature = read_field(r, in->query, "signature", 64), encrypted = STR_NONE, xml, key;
    if (channel_setting(ch, STR("token")).n == 0) return "token is not set";
    if (!stamp.p || !nonce.p || !signature.p) return "signature, timestamp or nonce is missing";
    if (!signature_right(ch, in, stamp, nonce, STR_NONE, signature)) return "signature mismatch";
    if (!in_time(ch, stamp, in->at)) return "timestamp outside the window";
    if (str_eq(in->method, STR("GET"))) return NULL;
    if (!encrypted_mode(read_field(r, in->query, "encrypt_type", 16)))
        return yes(ch, "plain") ? NULL : "a plain push; only encrypted ones are signed (setting plain)";
    if (channel_setting(ch, STR("appid")).n == 0) return "appid is not set";
    const char *why = encrypted_find(r->arena, in->body, &encrypted);
    if (why) return why;
    if (!signature_right(ch, in, stamp, nonce, encrypted, read_field(r, in->query, "msg_signature", 64)))
        return "msg_signature mismatch";
    struct text plain;
    text_init(&plain, BODY_MAX);
    why = body_open(ch, in->at, encrypted, &plain, &xml, &key);
    text_free(&plain);
    return why;
}

static enum verdict_in wechat_verify(const struct channel *ch, enum hook hook, const struct http_in *in,
                                     const char **reason_r)
{
    struct arena arena;
    const char *why = NULL;
    arena_init(&arena, BODY_MAX * 4);
    struct reading r = {in, &arena, false};
    if (hook != HOOK_MO)
        why = "WeChat sends no reports this way";
    else if (!peer_allowed(ch, in->peer))
        why = "address not in allow_ip";
    else
        why = push_fault(ch, in, &r);
    arena_free(&arena);
    if (why) *reason_r = why;
    return why ? VERIFY_REFUSED : VERIFY_OK;
}

/* -- what it says ---------------------------------------------------------------------------------------------- */

static struct str field(const struct xml *x, const char *name) { return xml_value(x, str_of(name)); }

/* "wechat:oXXXX"; STR_NONE for what is no openid. */
static struct str sender_of(struct reading *r, const struct xml *x)
{
    struct str openid = read_visible(str_trim(field(x, "FromUserName")), OPENID_MAX);
    struct text t;
    if (openid.n == 0) return STR_NONE;
    text_init(&t, OPENID_MAX + 8);
    text_addf(&t, "wechat:%.*s", STR_ARG(openid));
    return read_keep(r, &t);
}

/* False: an event that concerns nobody here. */
static bool event_read(struct reading *r, const struct xml *x, struct inbox_item *item)
{
    static const struct str prefix = {"qrscene_", 8};
    struct str event = field(x, "Event"), scene = str_trim(field(x, "EventKey"));
    struct text key;
    if (str_eq(event, STR("subscribe"))) {
        item->kind = ITEM_ARRIVED;
        if (str_starts(scene, prefix))
            scene.p += prefix.n, scene.n -= prefix.n;
        else
            scene = STR_NONE; /* followed without a code */
    } else if (str_eq(event, STR("SCAN"))) {
        item->kind = ITEM_ARRIVED;
    } else if (str_eq(event, STR("unsubscribe"))) {
        item->kind = ITEM_LEFT;
        scene = STR_NONE;
    } else {
        return false;
    }
    item->s.plaque = read_visible(scene, SCENE_MAX);
    text_init(&key, SUBMISSION_KEY_MAX);
    text_addf(&key, "%.*s:%lld:%.*s", STR_ARG(item->s.sender), (long long)(item->s.sent_at.us / 1000000),
              STR_ARG(event));
    item->s.dedupe_key = read_keep(r, &key);
    return true;
}

/* A place without a name is still one. Location_X is the latitude. */
static struct str place_words(struct reading *r, const struct xml *x)
{
    struct str label = field(x, "Label"), lat = read_visible(str_trim(field(x, "Location_X")), 20),
               lon = read_visible(str_trim(field(x, "Location_Y")), 20);
    struct text t;
    if (str_trim(label).n || lat.n == 0 || lon.n == 0) return label;
    text_init(&t, 80);
    text_addf(&t, "位置 %.*s,%.*s", STR_ARG(lat), STR_ARG(lon));
    return read_keep(r, &t);
}

static struct str link_words(struct reading *r, const struct xml *x)
{
    struct text t;
    text_init(&t, SUBMISSION_TEXT_BYTES);
    text_addf(&t, "%.*s %.*s", STR_ARG(str_trim(field(x, "Title"))), STR_ARG(str_trim(field(x, "Url"))));
    return read_keep(r, &t);
}

static void words_read(struct reading *r, const struct xml *x, struct inbox_item *item)
{
    static const char *const media[] = {"image", "voice", "video", "shortvideo", "file"};
    struct str type = field(x, "MsgType"), words = STR_NONE;
    if (str_eq(type, STR("text")))
        words = field(x, "Content");
    else if (str_eq(type, STR("voice")))
        words = field(x, "Recognition"); /* only when the account has recognition switched on */
    else if (str_eq(type, STR("location")))
        words = place_words(r, x);
    else if (str_eq(type, STR("link")))
        words = link_words(r, x);
    for (size_t i = 0; i < ARRAY_LEN(media); i++) item->media += str_eq(type, str_of(media[i]));
    item->s.text = words.p ? words : STR("");
    item->s.external_id = read_visible(str_trim(field(x, "MsgId")), READ_ID_MAX);
    item->s.dedupe_key = item->s.external_id.n
                             ? item->s.external_id
                             : read_content_key(r, item->s.sender, item->s.sent_at, item->s.text);
}

static enum parse_result push_parse(struct reading *r, const struct xml *x, struct inbox *inbox,
                                    const char **reason_r)
{
    struct inbox_item *item = &inbox->items[0];
    item->s = (struct submission){.door = DOOR_WECHAT, .nature = NATURE_UNKNOWN};
    item->s.sender = sender_of(r, x);
    item->s.sent_at = read_epoch(str_trim(field(x, "CreateTime")));
    item->to = read_visible(str_trim(field(x, "ToUserName")), OPENID_MAX);
    item->kind = ITEM_WORDS;
    if (item->s.sender.n == 0) return *reason_r = "no sender", PARSE_MALFORMED;
    bool told = true;
    if (str_eq(field(x, "MsgType"), STR("event")))
        told = event_read(r, x, item);
    else if (field(x, "MsgType").n)
        words_read(r, x, item);
    else
        return *reason_r = "no MsgType", PARSE_MALFORMED;
    if (r->full) return *reason_r = "a field is over the limit", PARSE_TOO_MANY;
    inbox->n_items = told;
    return PARSE_OK;
}

/* The address is being entered at WeChat: the string is given back. Digits in truth; whatever is not visible is not echoed. */
static enum parse_result handshake_parse(struct reading *r, struct inbox *inbox, const char **reason_r)
{
    struct str echo = read_visible(read_field(r, r->in->query, "echostr", 256), 256);
    if (echo.n == 0) return *reason_r = "no echostr", PARSE_MALFORMED;
    inbox->handshake = true;
    inbox->ok_body = echo;
    return PARSE_OK;
}

static enum parse_result wechat_parse(const struct channel *ch, enum hook hook, const struct http_in *in,
                                      struct arena *arena, struct inbox *inbox, const char **reason_r)
{
    (void)hook;
    struct reading r = {in, arena, false};
    struct xml *x = ARENA_NEW(arena, struct xml);
    struct str body = in->body, encrypted = STR_NONE, key;
    if (!x || !inbox_reserve(inbox, arena, 1, 0)) return *reason_r = "no room", PARSE_TOO_MANY;
    inbox->handshake = false;
    inbox->ok_status = 200;
    inbox->ok_type = STR("text/plain");
    inbox->ok_body = STR("success");
    if (str_eq(in->method, STR("GET"))) return handshake_parse(&r, inbox, reason_r);
    /* In the mode between, clear fields stand beside the encrypted ones: nobody signed those. */
    if (encrypted_mode(read_field(&r, in->query, "encrypt_type", 16))) {
        struct text plain;
        const char *why = encrypted_find(arena, in->body, &encrypted);
        text_init(&plain, BODY_MAX);
        if (!why) why = body_open(ch, in->at, encrypted, &plain, &body, &key);
        body = why ? STR_NONE : arena_str(arena, body);
        text_free(&plain);
        if (why) return *reason_r = why, PARSE_MALFORMED;
        if (!body.p) return *reason_r = "no room", PARSE_TOO_MANY;
    }
    if (!xml_read(arena, body, x, reason_r)) return PARSE_MALFORMED;
    return push_parse(&r, x, inbox, reason_r);
}

/* -- the answer to a push ----------------------------------------------------------------------------------------- */

static void reply_write(const struct http_in *in, struct str openid, struct str account, struct str words,
                        struct text *out)
{
    size_t n = MIN(words.n, CONTENT_MAX);
    while (n < words.n && n > 0 && ((u8)words.p[n] & 0xc0) == 0x80)
        n--; /* not in the middle of a character */
    text_addz(out, "<xml>");
    xml_put(out, "ToUserName", openid);
    text_addc(out, '\n');
    xml_put(out, "FromUserName", account);
    text_addf(out, "\n<CreateTime>%lld</CreateTime>\n", (long long)(in->at.us / 1000000));
    xml_put(out, "MsgType", STR("text"));
    text_addc(out, '\n');
    xml_put(out, "Content", (struct str){words.p, n});
    text_addz(out, "</xml>");
}

static bool reply_seal(const struct channel *ch, struct str key, const u8 random[16], struct str xml,
                       struct text *b64)
{
    struct str appid = channel_setting(ch, STR("appid"));
    const u8 length[4] = {(u8)(xml.n >> 24), (u8)(xml.n >> 16), (u8)(xml.n >> 8), (u8)xml.n};
    struct text plain;
    u8 aes[32];
    if (!key_read(key, aes)) return false;
    text_init(&plain, BODY_MAX);
    text_add(&plain, (struct str){(const char *)random, 16});
    text_add(&plain, (struct str){(const char *)length, 4});
    text_add(&plain, xml);
    text_add(&plain, appid);
    for (size_t pad = AES_BLOCK - plain.n % AES_BLOCK, i = 0; i < pad; i++) text_addc(&plain, (char)pad);
    u8 *sealed = mem_alloc(plain.n);
    bool good = !plain.overflow && aes256_cbc_encrypt(aes, aes, (const u8 *)plain.p, plain.n, sealed);
    if (good) b64_put(b64, sealed, plain.n);
    free(sealed);
    text_free(&plain);
    return good;
}

/* The key that the push was sealed with: during a rotation WeChat may still be at the old one. */
static struct str key_of_push(const struct channel *ch, const struct http_in *in, struct arena *arena)
{
    struct str keys[2], encrypted = STR_NONE, xml, used = STR_NONE;
    struct text plain;
    if (secret_all(ch, "encoding_aes_key", in->at, keys) == 0) return STR_NONE;
    text_init(&plain, BODY_MAX);
    if (in->body.n && !encrypted_find(arena, in->body, &encrypted) &&
        body_open(ch, in->at, encrypted, &plain, &xml, &used))
        used = STR_NONE;
    text_free(&plain);
    return used.p ? used : keys[0];
}

static bool sealed_write(const struct channel *ch, const struct http_in *in, struct arena *arena,
                         const u8 random[16], struct str xml, struct text *out)
{
    struct reading r = {in, arena, false};
    struct str tokens[2], nonce = read_visible(read_field(&r, in->query, "nonce", 128), 128);
    struct text b64, stamp, signature;
    if (secret_all(ch, "token", in->at, tokens) == 0 || nonce.n == 0) return false;
    text_init(&b64, BODY_MAX);
    text_init(&stamp, 32);
    text_init(&signature, 64);
    bool good = reply_seal(ch, key_of_push(ch, in, arena), random, xml, &b64);
    text_addf(&stamp, "%lld", (long long)(in->at.us / 1000000));
    struct str parts[4] = {tokens[0], text_str(&stamp), nonce, text_str(&b64)};
    sorted_sha1(parts, 4, &signature);
    text_addz(out, "<xml>");
    xml_put(out, "Encrypt", text_str(&b64));
    xml_put(out, "MsgSignature", text_str(&signature));
    text_addf(out, "<TimeStamp>%.*s</TimeStamp>", STR_ARG(text_str(&stamp)));
    xml_put(out, "Nonce", nonce);
    text_addz(out, "</xml>");
    text_free(&b64);
    text_free(&stamp);
    text_free(&signature);
    return good;
}

static bool wechat_answer(const struct channel *ch, const struct http_in *in, const struct inbox_item *item,
                          struct str text, const u8 random[16], struct arena *arena,
                          struct hook_answer *answer_r)
{
    struct str scheme, openid;
    struct reading r = {in, arena, false};
    struct text xml, sealed;
    if (text.n == 0 || !utf8_valid(text) || !str_cut(item->s.sender, ':', &scheme, &openid)) return false;
    text_init(&xml, BODY_MAX);
    text_init(&sealed, BODY_MAX);
    reply_write(in, openid, item->to, text, &xml);
    const bool safe = encrypted_mode(read_field(&r, in->query, "encrypt_type", 16));
    bool good = !safe || sealed_write(ch, in, arena, random, text_str(&xml), &sealed);
    good = good && !xml.overflow && !sealed.overflow;
    struct str body = good ? arena_str(arena, text_str(safe ? &sealed : &xml)) : STR_NONE;
    text_free(&xml);
    text_free(&sealed);
    if (body.p) *answer_r = (struct hook_answer){200, STR("text/xml"), body};
    return body.p != NULL;
}

static const char *const setting_names[] = {"!token", "appid",      "!encoding_aes_key",
                                            "plain",  "max_skew_s", NULL};

const struct adapter adapter_wechat = {
    .name = "wechat",
    .verify = wechat_verify,
    .parse = wechat_parse,
    .answer = wechat_answer,
    .setting_names = setting_names,
};
