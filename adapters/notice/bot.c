#include "adapters/notice/bot.h"
#include "base/code.h"
#include "base/utf8.h"

#define CUT_MARK "…"

enum verdict_in bot_verify(const struct channel *ch, enum hook hook, const struct http_in *in,
                           const char **reason_r)
{
    (void)ch, (void)hook, (void)in;
    *reason_r = "a group's robot sends nothing here";
    return VERIFY_REFUSED;
}

enum parse_result bot_parse(const struct channel *ch, enum hook hook, const struct http_in *in,
                            struct arena *arena, struct inbox *inbox, const char **reason_r)
{
    (void)ch, (void)hook, (void)in, (void)arena;
    inbox->n_items = inbox->n_receipts = 0;
    *reason_r = "a group's robot sends nothing here";
    return PARSE_MALFORMED;
}

/* The longest piece of whole characters within max bytes. */
static size_t whole_characters(struct str s, size_t max)
{
    size_t n = MIN(s.n, max);
    while (n < s.n && n > 0 && ((u8)s.p[n] & 0xc0) == 0x80) n--;
    return n;
}

void bot_cut(struct str s, size_t max, struct text *out)
{
    const size_t mark = sizeof CUT_MARK - 1;
    if (s.n <= max) {
        text_add(out, s);
        return;
    }
    text_add(out, (struct str){s.p, whole_characters(s, max > mark ? max - mark : 0)});
    if (max >= mark) text_addz(out, CUT_MARK);
}

void bot_words(const struct message *m, size_t max, struct text *out)
{
    struct text whole;
    text_init(&whole, m->title.n + m->text.n + 1);
    text_add(&whole, m->title);
    if (m->title.n && m->text.n) text_addc(&whole, '\n');
    text_add(&whole, m->text);
    bot_cut(text_str(&whole), max, out);
    text_free(&whole);
}

bool bot_mentions(const struct channel *ch, struct text *list)
{
    struct str rest = channel_setting(ch, STR("mention")), one;
    bool all = false, first = true;
    text_addc(list, '[');
    while (rest.n) {
        str_cut(rest, ',', &one, &rest);
        one = str_trim(one);
        if (one.n == 0 || !utf8_valid(one)) continue;
        if (str_eq(one, STR("all"))) {
            all = true;
            continue;
        }
        if (!first) text_addc(list, ',');
        json_put(list, one);
        first = false;
    }
    text_addc(list, ']');
    return all;
}

struct str bot_stamp_text(struct arena *arena, struct str stamp, struct str secret)
{
    struct text t;
    text_init(&t, READ_FIELD_MAX);
    text_addf(&t, "%.*s\n%.*s", STR_ARG(stamp), STR_ARG(secret));
    struct str kept = t.overflow ? STR_NONE : arena_str(arena, text_str(&t));
    text_free(&t);
    return kept;
}

bool bot_call(struct str url, struct text *body, struct arena *arena, struct http_out *out,
              const char **reason_r)
{
    const bool near = str_starts(url, STR("http://127.0.0.1:")) || str_starts(url, STR("http://localhost:"));
    *out = (struct http_out){.method = STR("POST"), .url = url, .n_headers = 1};
    out->headers[0] = (struct http_header){STR("Content-Type"), STR("application/json; charset=utf-8")};
    out->body = body->overflow ? STR_NONE : arena_str(arena, text_str(body));
    text_free(body);
    if (!near && !str_starts(url, STR("https://"))) return *reason_r = "url is no https address", false;
    if (!out->body.p) return *reason_r = "the notice is too long", false;
    return true;
}

void bot_judge(const struct http_reply *reply, struct arena *arena, const char *name, const char *other,
               const struct outcome_word *words, struct sent_outcome *out)
{
    struct json *doc = outcome_json(reply);
    const struct json *code = json_get(doc, name);
    struct reading r = {NULL, arena, false};
    if (!code && other) code = json_get(doc, other);
    struct str written = read_json_text(&r, code);
    if (reply->status == 200 && str_eq(written, STR("0")))
        outcome_taken(arena, STR_NONE, out);
    else
        outcome_judge(reply, arena, words, written, out);
    if (out->sent == SENT_UNKNOWN && reply->status == 200 && written.n) {
        out->sent = SENT_REFUSED;
        out->cause = CAUSE_NONE;
        out->for_operator = "the robot refused the notice";
    }
    json_free(&doc);
}
