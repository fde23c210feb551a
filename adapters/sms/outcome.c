#include "adapters/sms/outcome.h"
#include "adapters/reading.h"

#define RETRY_MAX    86400ULL
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
    if (status == 0 && !reply->sent)
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
    u64 wait;
    *out = (struct sent_outcome){.error_code = kept(arena, code, CODE_MAX)};
    judge_status(reply, out);
    const struct outcome_word *w = words;
    while (w->code && !word_fits(w->code, code)) w++;
    /* Half an answer (status 0) says nothing, whatever stands in it. */
    if (reply->status && code.n && w->code) say(out, w->sent, w->cause, w->for_operator);
    if (out->sent == SENT_RETRY && str_u64(str_trim(reply->retry_after), RETRY_MAX, &wait))
        out->retry_after = SPAN_S(wait);
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
