/* Each text is one exchange: steps that are repeated with the same key when no answer came or the gateway asked to wait. */
#include "replay.h"
#include "ws_client.h"
#include "adapters/charset.h"
#include "adapters/outcome.h"
#include "base/code.h"
#include "core/receipt.h"
#include "io/httpc.h"
#include "base/json.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PARALLEL_MAX 256
#define TRIES_MAX    200 /* of one step; a busy gateway may ask to wait often */
#define LOST_MAX     5   /* steps without any answer */
#define STEP_LIMIT   SPAN_S(30)
#define WAIT_MAX     SPAN_S(60)
#define BODY_MAX     ((size_t)1 << 20)

enum step { STEP_PLAQUE, STEP_FORM, STEP_POST, STEP_ONE }; /* a form has three, the other doors one */

struct sender;
struct exchange {
    struct sender *s;
    struct replay_text *t;
    enum step step;
    unsigned tries, lost;
    struct timer timer; /* a wait, or the limit of a web socket exchange */
    bool waiting;
    struct ws_client *ws;
    char token[400], forwarded[24];
    instant begun;
};
struct sender {
    const struct replay_options *o;
    struct replay *r;
    struct replay_times *times;
    struct loop *loop;
    struct httpc *httpc;
    struct addrinfo *address;
    struct str base, host;
    struct exchange *exchanges;
    size_t next, done, refused;
    instant not_before; /* the gateway asked all of us to wait */
};

static void exchange_next(struct exchange *e);
static void exchange_step(struct exchange *e);

static void exchange_end(struct exchange *e, enum replay_end end, const char *code)
{
    struct sender *s = e->s;
    struct replay_text *t = e->t;
    t->end = end;
    snprintf(t->code, sizeof t->code, "%s", code);
    timer_stop(&e->timer);
    ws_client_close(&e->ws);
    span took = instant_sub(clock_monotonic(), e->begun);
    if (end == REPLAY_ACCEPTED) s->times->answered[t->door].us += took.us, s->times->n[t->door]++;
    s->done++;
    if (end != REPLAY_ACCEPTED) s->refused++;
    s->o->progress(s->o->arg, s->done, s->refused);
    if (s->done == s->r->n)
        loop_stop(s->loop);
    else
        exchange_next(e);
}

static void exchange_wait(struct exchange *e, span wait)
{
    if (wait.us < 100000) wait = SPAN_MS(100);
    if (wait.us > WAIT_MAX.us) wait = WAIT_MAX;
    e->waiting = true;
    timer_set(e->s->loop, &e->timer, wait);
}

/* The step again, later; the key stays, so nothing can be stored twice. */
static void exchange_again(struct exchange *e, span wait, const char *why, enum replay_end end)
{
    ws_client_close(&e->ws);
    if (++e->tries >= TRIES_MAX || (end == REPLAY_LOST && ++e->lost >= LOST_MAX)) {
        exchange_end(e, end, why);
        return;
    }
    if (end == REPLAY_LOST)
        e->s->times->tries_again++;
    else if (e->s->times->waits++ == 0)
        (void)fprintf(
            stderr,
            "the gateway asks to wait (%s); its limit of one address is submit_per_minute, see --spread\n",
            why);
    if (end != REPLAY_LOST) e->s->not_before = instant_add(clock_monotonic(), wait);
    exchange_wait(e, wait);
}

static void timer_fires(struct timer *timer)
{
    struct exchange *e = timer->arg;
    if (e->waiting) {
        e->waiting = false;
        exchange_step(e);
    } else {
        exchange_again(e, SPAN_MS(500), "no answer in time", REPLAY_LOST);
    }
}

static void key_of(const struct exchange *e, char out[128])
{
    snprintf(out, 128, "replay-%s-%.*s", e->s->o->run, STR_ARG(e->t->id));
}

/* --- answers --- */

/* receipt, feedback, repeated of an accepted item: the same members in JSON answers and in frames. */
static void take_accepted(struct exchange *e, const struct json *doc)
{
    struct replay_text *t = e->t;
    struct str receipt = json_str(json_get(doc, "receipt"));
    u64 id;
    if (!receipt_parse(receipt, t->receipt)) {
        exchange_end(e, REPLAY_LOST, "answer without receipt");
        return;
    }
    if (str_u64(json_str(json_get(doc, "feedback")), INT64_MAX, &id)) t->feedback = id;
    t->repeated = json_bool(json_get(doc, "repeated"));
    exchange_end(e, REPLAY_ACCEPTED, "");
}

static void text_code(struct str code, char out[40])
{
    snprintf(out, 40, "%.*s", (int)MIN(code.n, 39u), code.p ? code.p : "");
}

static void take_json(struct exchange *e, const struct http_reply *reply)
{
    const char *why;
    char code[40];
    struct json *doc = json_parse(reply->body, BODY_MAX, &why);
    if (reply->status >= 200 && reply->status < 300 && doc) {
        take_accepted(e, doc);
    } else {
        snprintf(code, sizeof code, "http %d", reply->status);
        if (json_str(json_get(doc, "code")).n) text_code(json_str(json_get(doc, "code")), code);
        exchange_end(e, REPLAY_REFUSED, code);
    }
    json_free(&doc);
}

/* What stands between `before` and `after` in the page; STR_NONE when absent. */
static struct str between(struct str page, struct str before, char after)
{
    struct str rest, found;
    size_t at = str_find(page, before);
    if (at == SIZE_MAX) return STR_NONE;
    rest = (struct str){page.p + at + before.n, page.n - at - before.n};
    return str_cut(rest, after, &found, &rest) ? found : STR_NONE;
}

static void take_page(struct exchange *e, const struct http_reply *reply)
{
    struct replay_text *t = e->t;
    char code[40];
    struct str token;
    snprintf(code, sizeof code, "http %d", reply->status);
    if (e->step == STEP_POST) {
        struct str receipt = between(reply->body, STR("class=\"receipt\">"), '<');
        bool good = reply->status == 201 && receipt_parse(str_trim(receipt), t->receipt);
        exchange_end(e, good ? REPLAY_ACCEPTED : REPLAY_REFUSED,
                     good                   ? ""
                     : reply->status == 201 ? "page without receipt"
                                            : code);
        return;
    }
    if (reply->status != 200) {
        exchange_end(e, REPLAY_REFUSED, code);
        return;
    }
    if (e->step == STEP_FORM) {
        token = between(reply->body, STR("name=\"token\" value=\""), '"');
        if (token.n == 0 || token.n >= sizeof e->token) {
            exchange_end(e, REPLAY_LOST, "form without token");
            return;
        }
        snprintf(e->token, sizeof e->token, "%.*s", STR_ARG(token));
    }
    e->step = e->step == STEP_PLAQUE ? STEP_FORM : STEP_POST;
    e->tries = e->lost = 0;
    exchange_step(e);
}

static void answered(void *arg, const struct http_reply *reply)
{
    struct exchange *e = arg;
    if (reply->status == 0) {
        exchange_again(e, SPAN_MS(500), "no answer", REPLAY_LOST);
    } else if (reply->status == 429 || reply->status == 503) {
        const span told = outcome_retry_after(reply);
        exchange_again(e, told.us ? told : SPAN_S(1), reply->status == 429 ? "too_many" : "unavailable",
                       REPLAY_REFUSED);
    } else if (e->t->door == REPLAY_FORM) {
        take_page(e, reply);
    } else if (e->t->door == REPLAY_API) {
        take_json(e, reply);
    } else {
        char code[40];
        snprintf(code, sizeof code, "http %d", reply->status);
        exchange_end(e, reply->status == 200 ? REPLAY_ACCEPTED : REPLAY_REFUSED,
                     reply->status == 200 ? "" : code);
    }
}

/* --- the doors --- */

static void start(struct exchange *e, struct http_out *out)
{
    if (e->s->o->spread)
        out->headers[out->n_headers++] = (struct http_header){STR("X-Forwarded-For"), str_of(e->forwarded)};
    if (!httpc_start(e->s->httpc, out, STEP_LIMIT, answered, e))
        exchange_again(e, SPAN_MS(100), "not started", REPLAY_LOST);
}

/* The form that a citizen with this matter would press. */
static const char *form_of(enum nature n)
{
    switch (n) {
    case NATURE_RATE:
        return "rate";
    case NATURE_SUPERVISE:
        return "supervise";
    case NATURE_REPORT:
        return "report";
    default:
        return "ask";
    }
}

/* A browser sends every line end of a text field as CR LF. */
static void put_typed(struct text *body, struct str s)
{
    struct str line;
    bool more = true;
    while (more) {
        more = str_cut(s, '\n', &line, &s);
        percent_put(body, line);
        if (more) text_addz(body, line.n && line.p[line.n - 1] == '\r' ? "%0A" : "%0D%0A");
    }
}

static void send_form(struct exchange *e)
{
    const struct replay_text *t = e->t;
    struct text url, body;
    struct http_out out = {.method = e->step == STEP_POST ? STR("POST") : STR("GET")};
    text_init(&url, 4096);
    text_init(&body, BODY_MAX);
    text_addf(&url, "%.*s/p/%s%s%s", STR_ARG(e->s->base), t->number, e->step == STEP_PLAQUE ? "-" : "/",
              e->step == STEP_PLAQUE ? t->tag : form_of(t->nature));
    if (e->step == STEP_POST) {
        text_addf(&body, "token=%s&website=&contact=&text=", e->token);
        put_typed(&body, t->text);
        if (t->nature == NATURE_RATE) text_addf(&body, "&rating=%d", t->rating);
        if (strcmp(form_of(t->nature), "ask") == 0)
            text_addf(&body, "&nature=%s", t->nature == NATURE_UNKNOWN ? "ask" : nature_word(t->nature));
        out.headers[out.n_headers++] =
            (struct http_header){STR("Content-Type"), STR("application/x-www-form-urlencoded")};
        out.headers[out.n_headers++] =
            (struct http_header){STR("Origin"), STR("null")}; /* our pages forbid the Referer */
    }
    out.url = text_str(&url);
    out.body = text_str(&body);
    start(e, &out);
    text_free(&url);
    text_free(&body);
}

static void put_member(struct text *t, const char *name, struct str value)
{
    if (value.n == 0) return;
    text_addf(t, ",\"%s\":", name);
    json_put(t, value);
}

static void send_api(struct exchange *e)
{
    const struct replay_text *t = e->t;
    struct text url, body;
    struct http_out out = {.method = STR("POST")};
    char key[128];
    text_init(&url, 4096);
    text_init(&body, BODY_MAX);
    key_of(e, key);
    text_addf(&url, "%.*s/api/v1/feedback", STR_ARG(e->s->base));
    text_addf(&body, "{\"channel\":\"%s\"", door_word(t->channel_door));
    put_member(&body, "plaque", str_of(t->number));
    put_member(&body, "text", t->text);
    text_addc(&body, '}');
    out.url = text_str(&url);
    out.body = text_str(&body);
    out.headers[out.n_headers++] = (struct http_header){STR("Content-Type"), STR("application/json")};
    out.headers[out.n_headers++] = (struct http_header){STR("Idempotency-Key"), str_of(key)};
    start(e, &out);
    text_free(&url);
    text_free(&body);
}

/* As Kannel pushes: by get-url with mo-recode (UTF-8 in an escaped field; UTF-16 would bring %00, which no address of
 * ours may hold), or by post-url with UTF-16 as the body. The sender's number is made up: 154 is not in use. */
static void send_sms(struct exchange *e)
{
    const struct replay_options *o = e->s->o;
    struct text url, words;
    char key[128], from[24];
    text_init(&url, BODY_MAX);
    text_init(&words, BODY_MAX);
    key_of(e, key);
    snprintf(from, sizeof from, "+86154%08llu", (unsigned long long)e->t->sender);
    text_addf(&url, "%s?id=%s&T=%lld", o->sms_hook, key, (long long)(clock_now().us / 1000000));
    if (o->token) {
        text_addz(&url, "&k=");
        percent_put(&url, str_of(o->token));
    }
    struct http_out out = {.method = o->sms_post ? STR("POST") : STR("GET")};
    if (!charset_put_utf16be(e->t->text, &words)) {
        exchange_end(e, REPLAY_LOST, "text cannot be sent as SMS");
        goto out;
    }
    if (o->sms_post) {
        out.body = text_str(&words);
        out.headers[out.n_headers++] =
            (struct http_header){STR("Content-Type"), STR("text/plain; charset=\"UTF-16BE\"")};
        out.headers[out.n_headers++] = (struct http_header){STR("X-Kannel-From"), str_of(from)};
        out.headers[out.n_headers++] = (struct http_header){STR("X-Kannel-To"), STR("1069")};
        out.headers[out.n_headers++] = (struct http_header){STR("X-Kannel-Coding"), STR("2")};
    } else {
        text_addz(&url, "&to=1069&coding=2&charset=UTF-8&from=");
        percent_put(&url, str_of(from));
        text_addz(&url, "&bin=");
        percent_put(&url, e->t->text);
    }
    out.url = text_str(&url);
    start(e, &out);
out:
    text_free(&url);
    text_free(&words);
}

static void live_event(void *arg, enum ws_event event, struct str text)
{
    struct exchange *e = arg;
    const char *why;
    if (event == WS_ENDED) {
        exchange_again(e, SPAN_MS(500), "web socket ended", REPLAY_LOST);
    } else if (event == WS_OPENED) {
        struct text frame;
        char key[128];
        key_of(e, key);
        text_init(&frame, BODY_MAX);
        text_addz(&frame, "{\"type\":\"submit\"");
        put_member(&frame, "id", e->t->id);
        put_member(&frame, "key", str_of(key));
        put_member(&frame, "plaque", str_of(e->t->number));
        put_member(&frame, "text", e->t->text);
        text_addc(&frame, '}');
        ws_client_send(e->ws, text_str(&frame));
        text_free(&frame);
    } else {
        struct json *doc = json_parse(text, WS_CLIENT_MESSAGE_MAX, &why);
        struct str type = json_str(json_get(doc, "type")), code = json_str(json_get(doc, "code"));
        i64 seconds;
        char word[40];
        text_code(code, word);
        if (str_eq(type, STR("accepted")))
            take_accepted(e, doc);
        else if (str_eq(type, STR("refused")) &&
                 (str_eq(code, STR("too_many")) || str_eq(code, STR("prove_first")) ||
                  str_eq(code, STR("unavailable"))))
            exchange_again(e,
                           json_int(json_get(doc, "retry"), &seconds) && seconds > 0
                               ? SPAN_S(MIN(seconds, 3600))
                               : SPAN_S(1),
                           word, REPLAY_REFUSED);
        else if (str_eq(type, STR("refused")))
            exchange_end(e, REPLAY_REFUSED, word);
        json_free(&doc); /* other frames are not for us */
    }
}

static void send_live(struct exchange *e)
{
    const struct ws_client_target target = {.address = e->s->address,
                                            .host = e->s->host,
                                            .path = STR("/ws/intake"),
                                            .subprotocol = STR("mashangdu.intake.v1"),
                                            .forwarded_for =
                                                e->s->o->spread ? str_of(e->forwarded) : STR_NONE};
    timer_set(e->s->loop, &e->timer, STEP_LIMIT);
    e->ws = ws_client_open(e->s->loop, &target, live_event, e);
}

static void exchange_step(struct exchange *e)
{
    instant now = clock_monotonic();
    if (instant_before(now, e->s->not_before)) {
        exchange_wait(e, instant_sub(e->s->not_before, now));
        return;
    }
    switch (e->t->door) {
    case REPLAY_FORM:
        send_form(e);
        break;
    case REPLAY_LIVE:
        send_live(e);
        break;
    case REPLAY_SMS:
        send_sms(e);
        break;
    default:
        send_api(e);
        break;
    }
}

static void exchange_next(struct exchange *e)
{
    struct sender *s = e->s;
    if (s->next == s->r->n) return;
    e->t = &s->r->texts[s->next++];
    e->tries = e->lost = 0;
    e->step = e->t->door == REPLAY_FORM ? STEP_PLAQUE : STEP_ONE;
    e->begun = clock_monotonic();
    /* 198.18.0.0/15 is kept for measuring (RFC 2544). */
    snprintf(e->forwarded, sizeof e->forwarded, "198.%u.%u.%u", 18 + (unsigned)(e->t->sender >> 16 & 1),
             (unsigned)(e->t->sender >> 8 & 255), (unsigned)(e->t->sender & 255));
    exchange_step(e);
}

/* --- all of them --- */

/* "http://host:port" -> host and port for the resolver; false for anything else. */
static bool split_url(struct str base, struct str *host_r, char host[256], char port[8])
{
    struct str rest, name, number;
    if (!str_starts(base, STR("http://"))) return false;
    *host_r = rest = (struct str){base.p + 7, base.n - 7};
    if (str_find(rest, STR("/")) != SIZE_MAX || rest.n == 0 || rest.n > 255) return false;
    if (rest.p[0] == '[') { /* [::1]:8080 */
        if (!str_cut((struct str){rest.p + 1, rest.n - 1}, ']', &name, &number)) return false;
        number = number.n ? (struct str){number.p + 1, number.n - 1} : STR("80");
    } else if (!str_cut(rest, ':', &name, &number)) {
        number = STR("80");
    }
    u64 n;
    if (!str_u64(number, 65535, &n) || n == 0 || name.n == 0) return false;
    snprintf(host, 256, "%.*s", STR_ARG(name));
    snprintf(port, 8, "%u", (unsigned)n);
    return true;
}

bool replay_send(const char *command, struct replay *r, const struct replay_options *o,
                 struct replay_times *times_r)
{
    struct sender s = {.o = o, .r = r, .times = times_r, .base = str_of(o->url)};
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    char host[256], port[8];
    unsigned parallel = MIN(o->parallel, PARALLEL_MAX);
    while (s.base.n && s.base.p[s.base.n - 1] == '/') s.base.n--;
    memset(times_r, 0, sizeof *times_r);
    if (!split_url(s.base, &s.host, host, port)) {
        (void)cmd_fail(command, "--url is an address like http://127.0.0.1:8080 (replay speaks no TLS)");
        return false;
    }
    if (getaddrinfo(host, port, &hints, &s.address) != 0) {
        (void)cmd_fail(command, "the host %s is not known", host);
        return false;
    }
    s.loop = loop_new();
    s.httpc = httpc_new(s.loop, 2 * parallel); /* one may begin within the end of another */
    s.exchanges = mem_alloc(parallel * sizeof *s.exchanges);
    instant begun = clock_monotonic();
    for (unsigned i = 0; i < parallel; i++) {
        s.exchanges[i].s = &s;
        s.exchanges[i].timer = (struct timer){.fire = timer_fires, .arg = &s.exchanges[i]};
        exchange_next(&s.exchanges[i]);
    }
    loop_run(s.loop);
    times_r->all = instant_sub(clock_monotonic(), begun);
    httpc_free(&s.httpc);
    loop_free(&s.loop);
    freeaddrinfo(s.address);
    free(s.exchanges);
    return true;
}
