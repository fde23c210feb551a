/* E-mail to one mailbox or list of the office, by SMTP (RFC 5321) with a message by RFC 5322 and MIME.
 *
 * Settings: server (smtp://host:587 or smtps://host:465), username and password (both empty: no login), from, from_name, to,
 * tls (required, or optional where the own server offers none). With tls=required, the default, neither password nor message
 * is sent before STARTTLS has succeeded.
 *
 * Body and words are base64, so no line of them can be a header, a dot or too long. */
#include "adapters/notice/mail.h"
#include "adapters/reading.h"
#include "base/code.h"
#include "base/utf8.h"

#define MESSAGE_MAX  ((size_t)256 * 1024)
#define WORD_START   "=?UTF-8?B?"
#define WORD_END     "?="
#define WORD_OCTETS  45u /* 60 letters of base64 and 12 around them: 72 of 75 */
#define LINE_OCTETS  57u /* 76 letters, RFC 2045 §6.8 */
#define LINE_MAX_LEN 76u /* RFC 2047 §2 */
#define ADDRESS_MAX  254u
#define LOCAL_MAX    64u

/* -- headers ------------------------------------------------------------------------------------------- */

/* Octets of the first encoded word: as many whole characters as fit. */
static size_t word_take(struct str s, size_t room)
{
    size_t n = MIN(s.n, room);
    while (n > 0 && n < s.n && ((u8)s.p[n] & 0xc0) == 0x80) n--;
    return n;
}

void mail_encode_header(struct str text, size_t used, struct text *out)
{
    struct text clean;
    bool valid = utf8_valid(text);
    text_init(&clean, text.n);
    for (size_t i = 0; i < text.n; i++) {
        u8 c = (u8)text.p[i];
        text_addc(&clean, c < 0x20 || c == 0x7f ? ' ' : c >= 0x80 && !valid ? '?' : text.p[i]);
    }
    struct str rest = text_str(&clean);
    const size_t around = sizeof WORD_START + sizeof WORD_END - 2;
    while (rest.n) {
        size_t letters = used + around < LINE_MAX_LEN ? LINE_MAX_LEN - used - around : 0;
        size_t n = word_take(rest, MIN(WORD_OCTETS, letters / 4 * 3));
        if (n > 0) {
            text_addz(out, WORD_START);
            b64_put(out, (const u8 *)rest.p, n);
            text_addz(out, WORD_END);
            rest.p += n, rest.n -= n;
        }
        if (rest.n) text_addz(out, "\r\n ");
        used = 1;
    }
    text_free(&clean);
}

static bool atom(char c)
{
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) return true;
    return str_find(STR("!#$%&'*+-/=?^_`{|}~"), (struct str){&c, 1}) != SIZE_MAX;
}

/* Labels with single dots between. */
static bool dotted(struct str s, bool (*fits)(char))
{
    bool dot = true; /* none at the beginning */
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '.' ? dot : !fits(s.p[i])) return false;
        dot = s.p[i] == '.';
    }
    return s.n > 0 && !dot;
}

static bool host_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
}

bool mail_address_valid(struct str address)
{
    struct str local, host;
    return address.n <= ADDRESS_MAX && str_cut(address, '@', &local, &host) && local.n <= LOCAL_MAX &&
           dotted(local, atom) && dotted(host, host_letter);
}

/* -- the message --------------------------------------------------------------------------------------- */

static void put_date(instant at, struct text *t)
{
    static const char *const days[] = {"Thu", "Fri", "Sat", "Sun",
                                       "Mon", "Tue", "Wed"}; /* day 0 was a Thursday */
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    i64 seconds = instant_add(at, CHINA_OFFSET).us / 1000000, day = seconds / 86400, rest = seconds % 86400;
    struct civil c = civil_from_days(day);
    text_addf(t, "Date: %s, %d %s %04d %02d:%02d:%02d +0800\r\n", days[day % 7], c.day, months[c.month - 1],
              c.year, (int)(rest / 3600), (int)(rest / 60 % 60), (int)(rest % 60));
}

static void put_body(struct str s, struct text *t)
{
    /* Lines of the text end with CR LF before they are encoded (RFC 2049). */
    struct text lines;
    text_init(&lines, MESSAGE_MAX);
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\n' && (i == 0 || s.p[i - 1] != '\r')) text_addc(&lines, '\r');
        text_addc(&lines, s.p[i]);
    }
    for (size_t i = 0; i < lines.n; i += LINE_OCTETS) {
        b64_put(t, (const u8 *)lines.p + i, MIN(LINE_OCTETS, lines.n - i));
        text_addz(t, "\r\n");
    }
    if (lines.overflow) t->overflow = true;
    text_free(&lines);
}

static void put_message(const struct channel *ch, const struct message *m, struct str from, struct str to,
                        struct text *t)
{
    struct str name = channel_setting(ch, STR("from_name")), local, host;
    str_cut(from, '@', &local, &host);
    put_date(m->event_at.us ? m->event_at : m->now, t);
    text_addz(t, "From: ");
    if (name.n) {
        mail_encode_header(name, 6, t);
        text_addz(t, "\r\n ");
    }
    text_addf(t, "<%.*s>\r\nTo: <%.*s>\r\nSubject: ", STR_ARG(from), STR_ARG(to));
    mail_encode_header(m->title.n ? m->title : STR("通知"), 9, t);
    /* Of our own reference: the same in every try, so that a mailbox that got it twice can tell. */
    text_addf(t,
              "\r\nMessage-ID: <msg_%.*s@%.*s>\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
              "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n",
              STR_ARG(m->client_ref), STR_ARG(host));
    put_body(m->text, t);
}

static bool reference_sound(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!host_letter(s.p[i])) return false;
    return s.n > 0 && s.n <= 60;
}

static bool mail_compose(const struct channel *ch, const struct message *m, struct arena *arena,
                         struct http_out *out, const char **reason_r)
{
    struct str server = channel_setting(ch, STR("server")), from = channel_setting(ch, STR("from")),
               to = m->to.n ? m->to : channel_setting(ch, STR("to")), tls = channel_setting(ch, STR("tls")),
               user = channel_setting(ch, STR("username"));
    bool optional = str_eq(tls, STR("optional"));
    struct text t;
    if (!str_starts(server, STR("smtp://")) && !str_starts(server, STR("smtps://")))
        return *reason_r = "server is neither smtp:// nor smtps://", false;
    if (!mail_address_valid(from)) return *reason_r = "from is no mail address", false;
    if (!mail_address_valid(to)) return *reason_r = "to is no mail address", false;
    if (tls.n && !optional && !str_eq(tls, STR("required")))
        return *reason_r = "tls is neither required nor optional", false;
    if (m->text.n == 0 || !utf8_valid(m->text) || !reference_sound(m->client_ref))
        return *reason_r = "no words or no reference", false;
    text_init(&t, MESSAGE_MAX);
    put_message(ch, m, from, to, &t);
    *out = (struct http_out){.method = STR("MAIL"), .url = server, .body = arena_str(arena, text_str(&t))};
    out->mail.from = from;
    out->mail.to = to;
    out->mail.user = user;
    out->mail.password = user.n ? channel_setting(ch, STR("password")) : STR_NONE;
    out->mail.tls = !optional;
    bool good = !t.overflow && out->body.p;
    text_free(&t);
    if (!good) *reason_r = "the message is too long";
    return good;
}

/* -- nothing comes in ---------------------------------------------------------------------------------- */

static enum verdict_in mail_verify(const struct channel *ch, enum hook hook, const struct http_in *in,
                                   const char **reason_r)
{
    (void)ch, (void)hook, (void)in;
    *reason_r = "a mailbox's channel takes nothing in";
    return VERIFY_REFUSED;
}

static enum parse_result mail_parse(const struct channel *ch, enum hook hook, const struct http_in *in,
                                    struct arena *arena, struct inbox *inbox, const char **reason_r)
{
    (void)ch, (void)hook, (void)in, (void)arena, (void)inbox;
    *reason_r = "a mailbox's channel takes nothing in";
    return PARSE_MALFORMED;
}

/* -- what became of it --------------------------------------------------------------------------------- */

/* A mailbox that is refused is a setting here: whoever keeps the channel has to look, and another channel may do better. */
static void mail_judge(const struct channel *ch, const struct http_reply *reply, struct arena *arena,
                       struct sent_outcome *out)
{
    (void)ch, (void)arena;
    *out = (struct sent_outcome){.sent = SENT_REFUSED};
    if (reply->status == 0) {
        out->sent = reply->sent ? SENT_UNKNOWN : SENT_RETRY;
        out->for_operator = reply->sent
                                ? "the connection broke after the message; the server may have taken it"
                                : "the mail server was not reached, or its TLS is not to be trusted";
        return;
    }
    switch (reply->status) {
    case 454: /* temporary authentication failure, RFC 4954 */
    case 421:
        out->sent = SENT_RETRY;
        out->for_operator = "the mail server is not available now";
        return;
    case 530:
    case 534:
    case 535:
    case 538:
        out->cause = CAUSE_SETTINGS;
        out->for_operator = "the mail server refuses user name, password or the way to log in";
        return;
    case 550:
    case 551:
    case 553:
        out->cause = CAUSE_SETTINGS;
        out->for_operator = "the mail server refuses the mailbox or the sender";
        return;
    default:
        break;
    }
    if (reply->status < 400) {
        out->sent = SENT_OK;
        out->for_operator = "taken by the mail server";
    } else if (reply->status < 500) {
        out->sent = SENT_RETRY;
        out->for_operator = "the mail server asks to try again later";
    } else {
        out->for_operator = "the mail server refuses the message";
    }
}

static const char *const setting_names[] = {"server",    "username", "!password", "from",
                                            "from_name", "to",       "tls",       NULL};

const struct adapter adapter_mail = {
    .name = "mail",
    .verify = mail_verify,
    .parse = mail_parse,
    .compose = mail_compose,
    .judge = mail_judge,
    .send_setting = "server",
    .setting_names = setting_names,
    .use = USE_MAIL,
};
