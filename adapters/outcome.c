#include "adapters/outcome.h"
#include "adapters/reading.h"

#define RETRY_MAX    86400ULL /* seconds */
#define CODE_MAX     64
#define ANSWER_MAX   65536 /* as much as io/httpc keeps */
#define SUM_TEXT_MAX 40

static struct str kept(struct arena *arena, struct str s, size_t max)
{
    s = read_visible(s, max);
    return s.n ? arena_str(arena, s) : STR_NONE;
}

static void say(struct sent_outcome *out, enum sent sent, enum sent_cause cause, const char *sentence)
{
    out->sent = sent;
    out->cause = cause;
    out->for_operator = sentence;
}

static void judge_status(const struct http_reply *reply, struct sent_outcome *out)
{
    const int status = reply->status;
    if (status == 0 && reply->untrusted)
        say(out, SENT_RETRY, CAUSE_NONE,
            "the provider's certificate is not to be trusted (name, date or issuer); nothing was sent");
    else if (status == 0 && !reply->sent)
        say(out, SENT_RETRY, CAUSE_NONE, "the provider was not reached");
    else if (status == 0)
        say(out, SENT_UNKNOWN, CAUSE_NONE, "the provider did not answer; the message may have left");
    else if (status == 429)
        say(out, SENT_RETRY, CAUSE_RATE, "the provider asks to send more slowly");
    else if (status == 503 || status == 408)
        say(out, SENT_RETRY, CAUSE_NONE, "the provider asks to try again later");
    else if (status >= 500)
        say(out, SENT_UNKNOWN, CAUSE_NONE, "the provider failed inside; the message may have left");
    else if (status == 402)
        say(out, SENT_REFUSED, CAUSE_MONEY, "the provider wants money");
    else if (status == 401 || status == 403)
        say(out, SENT_REFUSED, CAUSE_SETTINGS, "the provider refused our credentials or our address");
    else if ((status >= 300 && status < 400) || status == 404 || status == 405 || status == 410)
        say(out, SENT_REFUSED, CAUSE_SETTINGS, "what answers at api_url is not the provider's interface");
    else if (status >= 400)
        say(out, SENT_REFUSED, CAUSE_NONE, "the provider refused the message");
    else
        say(out, SENT_UNKNOWN, CAUSE_SETTINGS, "unexpected answer; the message may have left");
}

static bool word_fits(const char *listed, struct str code)
{
    struct str l = str_of(listed);
    if (str_ends(l, STR("*"))) return str_starts(code, (struct str){l.p, l.n - 1});
    return str_eq(l, code);
}

void outcome_judge(const struct http_reply *reply, struct arena *arena, const struct outcome_word *words,
                   struct str code, struct sent_outcome *out)
{
    *out = (struct sent_outcome){.error_code = kept(arena, code, CODE_MAX)};
    judge_status(reply, out);
    const struct outcome_word *w = words;
    while (w->code && !word_fits(w->code, code)) w++;
    /* Half an answer (status 0) says nothing, whatever stands in it. */
    if (reply->status && code.n && w->code) say(out, w->sent, w->cause, w->for_operator);
    if (out->sent == SENT_RETRY) out->retry_after = outcome_retry_after(reply);
}

void outcome_refused(const struct http_reply *reply, struct arena *arena, const struct outcome_word *words,
                     struct str code, struct sent_outcome *out)
{
    const struct outcome_word *w = words;
    outcome_judge(reply, arena, words, code, out);
    while (w->code && !word_fits(w->code, code)) w++;
    if (code.n && !w->code && reply->status >= 200 && reply->status < 300)
        say(out, SENT_REFUSED, CAUSE_NONE, "the provider refused the message; its code says why");
}

void outcome_taken(struct arena *arena, struct str provider_id, struct sent_outcome *out)
{
    *out = (struct sent_outcome){.sent = SENT_OK,
                                 .provider_id = kept(arena, provider_id, READ_ID_MAX),
                                 .for_operator = "taken by the provider"};
}

static struct str piece(struct str s, size_t at, size_t n) { return (struct str){s.p + at, n}; }

/* The month's number, 0 when the word is none. */
static unsigned month_read(struct str word)
{
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    for (unsigned i = 0; i < ARRAY_LEN(months); i++)
        if (str_eq(word, str_of(months[i]))) return i + 1;
    return 0;
}

/* The year of two digits that is not more than 50 years ahead (RFC 9110 §5.6.7). */
static u64 whole_year(u64 two, instant now)
{
    const u64 this = (u64)civil_from_days(now.us / SPAN_H(24).us).year, year = this / 100 * 100 + two;
    return year > this + 50 ? year - 100 : year;
}

/* "Sun, 06 Nov 1994 08:49:37 GMT"; "Sunday, 06-Nov-94 08:49:37 GMT"; "Sun Nov  6 08:49:37 1994". us == 0 when it is none of
 * them. The day's name is not compared: it adds nothing. */
static instant http_date(struct str s, instant now)
{
    struct str name, rest, day, month, year, clock;
    const bool zoned = str_cut(s, ',', &name, &rest);
    u64 d, y;
    if (zoned && rest.n == 25 && str_ends(rest, STR(" GMT")))
        day = piece(rest, 1, 2), month = piece(rest, 4, 3), year = piece(rest, 8, 4),
        clock = piece(rest, 13, 8);
    else if (zoned && rest.n == 23 && str_ends(rest, STR(" GMT")))
        day = piece(rest, 1, 2), month = piece(rest, 4, 3), year = piece(rest, 8, 2),
        clock = piece(rest, 11, 8);
    else if (!zoned && s.n == 24)
        day = str_trim(piece(s, 8, 2)), month = piece(s, 4, 3), year = piece(s, 20, 4),
        clock = piece(s, 11, 8);
    else
        return (instant){0};
    const unsigned m = month_read(month);
    if (m == 0 || !str_u64(day, 31, &d) || !str_u64(year, 9999, &y)) return (instant){0};
    if (year.n == 2) y = whole_year(y, now);
    struct text t;
    text_init(&t, 24);
    text_addf(&t, "%04u-%02u-%02u %.*s", (unsigned)y, m, (unsigned)d, STR_ARG(clock));
    const instant read = read_time(text_str(&t), SPAN_S(0));
    text_free(&t);
    return read;
}

span outcome_retry_after(const struct http_reply *reply)
{
    struct str said = str_trim(reply->retry_after);
    u64 seconds;
    if (str_u64(said, RETRY_MAX, &seconds)) return SPAN_S(seconds);
    const instant until = reply->at.us ? http_date(said, reply->at) : (instant){0};
    const span wait = instant_sub(until, reply->at);
    return until.us == 0 || wait.us < 0 || wait.us > SPAN_S(RETRY_MAX).us ? SPAN_S(0) : wait;
}

struct json *outcome_json(const struct http_reply *reply)
{
    const char *why;
    return reply->body.n ? json_parse_foreign(reply->body, ANSWER_MAX, &why) : NULL;
}

bool outcome_sum(const struct json *v, double *sum_r)
{
    const char *why;
    if (json_kind(v) != JSON_STRING) return json_double(v, sum_r);
    struct json *number = json_parse(str_trim(json_str(v)), SUM_TEXT_MAX, &why);
    bool good = json_double(number, sum_r);
    json_free(&number);
    return good;
}
