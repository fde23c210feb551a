/* gammu-smsd with a modem beside the gateway: `mashangdu gammu` is its RunOnReceive program and posts one note (gammu.h) for
 * each message to the hook. Nothing signs it: what protects the door is the secret path and allow_ip. Nothing is sent this way.
 * Answered 200 with an empty body, which tells the program to forget the note. */
#include "adapters/sms/gammu.h"
#include "adapters/reading.h"
#include "base/code.h"
#include "base/utf8.h"
#include <stdio.h>

#define PARTS_MAX 255
#define WORDS_MAX 65536 /* bytes: 255 parts of 67 characters */
#define IDS_MAX   32768

/* -- the note ------------------------------------------------------------------------------------------- */

static struct str numbered(gammu_env *env, const void *arg, const char *format_head, unsigned i,
                           const char *tail)
{
    char name[48];
    (void)snprintf(name, sizeof name, "%s%u%s", format_head, i, tail);
    return env(arg, name);
}

static unsigned count_of(gammu_env *env, const void *arg, const char *name)
{
    u64 n;
    return str_u64(str_trim(env(arg, name)), PARTS_MAX, &n) ? (unsigned)n : 0;
}

/* The texts 1..n one behind the other; one that is not set (a binary part, or an MMS notice) is left out. False when none is. */
static bool texts_join(gammu_env *env, const void *arg, const char *head, unsigned n, struct text *words)
{
    bool any = false;
    for (unsigned i = 1; i <= n; i++) {
        struct str one = numbered(env, arg, head, i, "_TEXT");
        if (one.p) text_add(words, one), any = true;
    }
    return any;
}

static void put(struct text *note, const char *name, struct str value)
{
    if (note->n) text_addc(note, '&');
    text_addf(note, "%s=", name);
    percent_put(note, value);
}

void gammu_note(gammu_env *env, const void *arg, const struct str *ids, size_t n_ids, instant at,
                struct text *note)
{
    struct text joined, words;
    text_init(&joined, IDS_MAX);
    text_init(&words, WORDS_MAX);
    for (size_t i = 0; i < n_ids; i++) {
        if (i) text_addc(&joined, ',');
        text_add(&joined, ids[i]);
    }
    unsigned decoded = count_of(env, arg, "DECODED_PARTS"), messages = count_of(env, arg, "SMS_MESSAGES");
    bool any = texts_join(env, arg, "DECODED_", decoded, &words) ||
               texts_join(env, arg, "SMS_", messages ? messages : 1, &words);
    put(note, "ids", text_str(&joined));
    put(note, "phone", env(arg, "PHONE_ID"));
    put(note, "from", env(arg, "SMS_1_NUMBER"));
    if (at.us > 0) text_addf(note, "&at=%lld", (long long)(at.us / 1000000));
    if (any) put(note, "text", text_str(&words));
    note->overflow |= words.overflow || joined.overflow;
    text_free(&joined);
    text_free(&words);
}

/* -- reading it ------------------------------------------------------------------------------------------ */

static enum verdict_in gammu_verify(const struct channel *ch, enum hook hook, const struct http_in *in,
                                    const char **reason_r)
{
    (void)hook;
    return verify_unsigned(ch, in, reason_r);
}

/* gammu writes in the locale's charset. With a wrong one some characters are lost, but what can be read is not. */
static struct str words_read(struct reading *r, struct str raw)
{
    struct text t;
    if (utf8_valid(raw)) return raw;
    text_init(&t, GAMMU_NOTE_MAX * 3);
    for (size_t at = 0; at < raw.n;) {
        i64 point = utf8_next(raw, &at);
        utf8_put(&t, point > 0 ? (u32)point : 0xfffd);
    }
    return read_keep(r, &t);
}

/* With files as its store gammu's ids are file names, and those hold the sender's number: that is no id to be shown. */
static struct str numbers_only(struct str ids)
{
    for (size_t i = 0; i < ids.n; i++)
        if ((ids.p[i] < '0' || ids.p[i] > '9') && ids.p[i] != ',') return STR_NONE;
    return read_visible(ids, READ_ID_MAX);
}

static enum parse_result gammu_parse(const struct channel *ch, enum hook hook, const struct http_in *in,
                                     struct arena *arena, struct inbox *inbox, const char **reason_r)
{
    (void)ch;
    struct reading r = {in, arena, false};
    if (!inbox_reserve(inbox, arena, 1, 0)) return *reason_r = "no room", PARSE_TOO_MANY;
    inbox->handshake = false;
    inbox->ok_status = 200;
    inbox->ok_type = STR("text/plain");
    inbox->ok_body = STR("");
    if (hook != HOOK_MO) return *reason_r = "gammu sends no reports this way", PARSE_MALFORMED;
    if (!str_eq(in->method, STR("POST"))) return *reason_r = "method is not POST", PARSE_MALFORMED;
    if (!read_escapes_sound(in->body)) return *reason_r = "broken percent escape", PARSE_MALFORMED;
    struct str ids = read_field(&r, in->body, "ids", IDS_MAX);
    struct str phone = read_field(&r, in->body, "phone", READ_FIELD_MAX);
    struct str words = words_read(&r, read_field(&r, in->body, "text", in->body.n));
    struct inbox_item *item = &inbox->items[0];
    if (!ids.p)
        return *reason_r = "not a note of `mashangdu gammu`", r.full ? PARSE_TOO_MANY : PARSE_MALFORMED;
    item->s = (struct submission){.door = DOOR_SMS, .nature = NATURE_UNKNOWN};
    item->to = read_visible(phone, READ_ID_MAX);
    item->s.external_id = numbers_only(ids);
    item->s.sender = read_phone(&r, read_field(&r, in->body, "from", READ_FIELD_MAX));
    item->s.sent_at = read_epoch(read_field(&r, in->body, "at", READ_FIELD_MAX));
    item->s.text = words.p ? words : STR("");
    /* The whole note: ids begin again when gammu's store is emptied, the second of the call does not. */
    item->s.dedupe_key = read_content_key(&r, item->s.sender, item->s.sent_at, in->body);
    if (r.full) return *reason_r = "a field is over the limit", PARSE_TOO_MANY;
    inbox->n_items = 1;
    return PARSE_OK;
}

static const char *const setting_names[] = {"!url_token", NULL};

const struct adapter adapter_gammu = {
    .name = "gammu",
    .verify = gammu_verify,
    .parse = gammu_parse,
    .setting_names = setting_names,
};
