#include "io/httpc.h"
#include "io/httpc_guard.h"
#include "io/httpc_part.h"
#include "base/log.h"
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define BODY_MAX    (64u * 1024) /* of a reply: kept; what follows is not waited for */
#define HEADERS_MAX (64u * 1024) /* of a reply, all together */
#define RETRY_MAX   128u

struct transfer {
    struct list node;
    struct httpc *httpc;
    CURL *easy;
    struct curl_slist *headers;
    httpc_done *done;
    void *arg;
    struct text body, retry_after;
    size_t header_bytes, body_max;
    bool full;   /* we ended it because the body passed its ceiling */
    bool walled; /* an address was refused */
};

/* One per socket, kept by curl with curl_multi_assign. */
struct sock {
    struct list node;
    struct httpc *httpc;
    struct watch watch;
};

static void drain(struct httpc *h);
static void transfer_end(struct transfer *t, CURLcode code);

/* --- curl's wishes; nothing in here may call curl, but for curl_multi_assign --- */

static void on_ready(struct watch *w, unsigned got)
{
    struct sock *s = w->arg;
    struct httpc *h = s->httpc; /* s may be gone after the call */
    int running,
        events = (got & WATCH_READ ? CURL_CSELECT_IN : 0) | (got & WATCH_WRITE ? CURL_CSELECT_OUT : 0);
    curl_multi_socket_action(h->multi, w->fd, events, &running);
    drain(h);
}

static void sock_drop(struct sock *s)
{
    watch_set(s->httpc->loop, &s->watch, s->watch.fd, 0);
    list_remove(&s->node);
    free(s);
}

static int want_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *mine)
{
    struct httpc *h = arg;
    struct sock *s = mine;
    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        curl_multi_assign(h->multi, fd, NULL);
        if (s) sock_drop(s);
        return 0;
    }
    if (!s) {
        s = MEM_NEW(struct sock);
        s->httpc = h;
        s->watch = (struct watch){.fd = fd, .ready = on_ready, .arg = s};
        list_push(&h->sockets, &s->node);
        curl_multi_assign(h->multi, fd, s);
    }
    unsigned want = (what & CURL_POLL_IN ? WATCH_READ : 0u) | (what & CURL_POLL_OUT ? WATCH_WRITE : 0u);
    watch_set(h->loop, &s->watch, fd, want);
    return 0;
}

static int want_timer(CURLM *multi, long ms, void *arg)
{
    struct httpc *h = arg;
    (void)multi;
    if (ms < 0)
        timer_stop(&h->timer);
    else
        timer_set(h->loop, &h->timer, SPAN_MS(ms));
    return 0;
}

static void on_timer(struct timer *t)
{
    struct httpc *h = t->arg;
    int running;
    curl_multi_socket_action(h->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    drain(h);
}

/* --- the reply --- */

static size_t take_body(const char *p, size_t size, size_t n, void *arg)
{
    struct transfer *t = arg;
    size_t bytes = size * n, room = t->body_max - t->body.n;
    text_add(&t->body, (struct str){p, MIN(bytes, room)});
    t->full = bytes > room;
    return t->full ? 0 : bytes; /* 0 ends the transfer */
}

static size_t take_header(const char *p, size_t size, size_t n, void *arg)
{
    struct transfer *t = arg;
    struct str line = {p, size * n}, name, value;
    t->header_bytes += line.n;
    if (t->header_bytes > HEADERS_MAX) return 0;
    if (str_starts(line, STR("HTTP/"))) text_clear(&t->retry_after); /* another head after a 1xx */
    if (str_cut(line, ':', &name, &value) && str_eq_case(name, STR("retry-after"))) {
        text_clear(&t->retry_after);
        text_add(&t->retry_after, str_trim(value));
    }
    return line.n;
}

/* --- the wall --- */

/* Asked with the address that will be connected to, for each one that the name has: what was looked at is what is used. */
static curl_socket_t socket_open(void *arg, curlsocktype purpose, struct curl_sockaddr *a)
{
    struct transfer *t = arg;
    (void)purpose;
    if (!t->httpc->private_allowed && !httpc_address_public(&a->addr)) {
        t->walled = true;
        return CURL_SOCKET_BAD;
    }
    return socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
}

/* --- the request --- */

static bool plain(struct str s) /* no control character can start a header of its own */
{
    for (size_t i = 0; i < s.n; i++)
        if ((u8)s.p[i] < 0x20 || s.p[i] == 0x7f) return false;
    return true;
}

bool httpc_url_good(const char *url, const char *scheme, const char *or_scheme)
{
    CURLU *u = curl_url();
    char *found = NULL, *host = NULL;
    ASSERT(u != NULL);
    bool ok = curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK &&
              curl_url_get(u, CURLUPART_SCHEME, &found, 0) == CURLUE_OK &&
              curl_url_get(u, CURLUPART_HOST, &host, 0) == CURLUE_OK && host[0] != '\0' &&
              (strcmp(found, scheme) == 0 || strcmp(found, or_scheme) == 0);
    curl_free(found);
    curl_free(host);
    curl_url_cleanup(u);
    return ok;
}

static bool request_good(const struct http_out *out, const char *url)
{
    bool ok = out->method.n > 0 && out->method.n <= 16 && out->n_headers <= ARRAY_LEN(out->headers);
    for (size_t i = 0; i < out->method.n && ok; i++) ok = out->method.p[i] >= 'A' && out->method.p[i] <= 'Z';
    for (size_t i = 0; i < out->n_headers && ok; i++)
        ok = out->headers[i].name.n > 0 && plain(out->headers[i].name) && plain(out->headers[i].value);
    return ok && plain(out->url) && httpc_url_good(url, "http", "https");
}

static void header_add(struct transfer *t, struct str name, struct str value)
{
    struct text line;
    text_init(&line, HEADERS_MAX);
    /* curl takes "Name:" as "leave this one out" and "Name;" as "send it empty". */
    text_addf(&line, value.n ? "%.*s: %.*s" : "%.*s;", STR_ARG(name), STR_ARG(value));
    t->headers = curl_slist_append(t->headers, text_z(&line));
    ASSERT(t->headers != NULL);
    text_free(&line);
}

static void headers_set(struct transfer *t, const struct http_out *out)
{
    bool typed = false;
    for (size_t i = 0; i < out->n_headers; i++) {
        header_add(t, out->headers[i].name, out->headers[i].value);
        typed = typed || str_eq_case(out->headers[i].name, STR("content-type"));
    }
    if (out->s3.key_id.n) return; /* curl would sign what it is told to leave out */
    /* What curl would add by itself: a wait for "100 Continue", a form's type for any body. */
    t->headers = curl_slist_append(t->headers, "Expect:");
    if (!typed) t->headers = curl_slist_append(t->headers, "Content-Type:");
    ASSERT(t->headers != NULL);
}

#define SET(option, value) ASSERT(curl_easy_setopt(t->easy, (option), (value)) == CURLE_OK)

static void method_set(struct transfer *t, const struct http_out *out)
{
    bool get = str_eq(out->method, STR("GET")), head = str_eq(out->method, STR("HEAD"));
    char method[17];
    memcpy(method, out->method.p, out->method.n);
    method[out->method.n] = '\0';
    if (out->body.n || !(get || head)) { /* also for an empty body: "Content-Length: 0" */
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)out->body.n);
        SET(CURLOPT_COPYPOSTFIELDS, out->body.n ? out->body.p : "");
        SET(CURLOPT_CUSTOMREQUEST, method);
    } else if (head) {
        SET(CURLOPT_NOBODY, 1L);
    } else {
        SET(CURLOPT_HTTPGET, 1L);
    }
}

static void options_set(struct transfer *t, const char *url, span deadline)
{
    long ms = (long)MAX(deadline.us / 1000, 1);
    SET(CURLOPT_URL, url);
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    /* On a connection used before, curl sends a request again by itself when the server closes without an answer,
     * whatever the method: the citizen would get the message twice. A connection of its own per call cannot. */
    SET(CURLOPT_FRESH_CONNECT, 1L);
    SET(CURLOPT_FORBID_REUSE, 1L);
    SET(CURLOPT_PROXY, ""); /* the environment does not decide where words of citizens go */
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_QUICK_EXIT, 1L); /* else giving up during a name look-up waits for the resolver's thread */
    SET(CURLOPT_TIMEOUT_MS, ms);
    SET(CURLOPT_CONNECTTIMEOUT_MS, ms);
    SET(CURLOPT_USERAGENT, "mashangdu");
    SET(CURLOPT_HTTPHEADER, t->headers);
    SET(CURLOPT_WRITEFUNCTION, take_body);
    SET(CURLOPT_WRITEDATA, t);
    SET(CURLOPT_HEADERFUNCTION, take_header);
    SET(CURLOPT_HEADERDATA, t);
    SET(CURLOPT_PRIVATE, t);
}

static void wall_set(struct transfer *t)
{
    SET(CURLOPT_OPENSOCKETFUNCTION, socket_open);
    SET(CURLOPT_OPENSOCKETDATA, t);
}

/* https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html; curl reads x-amz-content-sha256, which S3 wants as a
 * header too, out of the list. */
static void sign_set(struct transfer *t, const struct http_out *out)
{
    struct text words;
    text_init(&words, 1024);
    text_addf(&words, "aws:amz:%.*s:s3", STR_ARG(out->s3.region));
    SET(CURLOPT_AWS_SIGV4, text_z(&words));
    text_clear(&words);
    text_addf(&words, "%.*s", STR_ARG(out->s3.key_id));
    SET(CURLOPT_USERNAME, text_z(&words));
    text_clear(&words);
    text_addf(&words, "%.*s", STR_ARG(out->s3.secret));
    SET(CURLOPT_PASSWORD, text_z(&words));
    text_free(&words);
}

static void transfer_free(struct transfer *t)
{
    curl_easy_cleanup(t->easy);
    curl_slist_free_all(t->headers);
    text_free(&t->body);
    text_free(&t->retry_after);
    free(t);
}

bool httpc_start(struct httpc *h, const struct http_out *out, span deadline, httpc_done *done, void *arg)
{
    if (h->closing || h->in_flight >= h->most) return false;
    if (out->mail.to.n) return mail_start(h, out, deadline, done, arg);
    char *url = mem_copy(out->url.p, out->url.n);
    bool good = request_good(out, url);
    if (good) {
        struct transfer *t = MEM_NEW(struct transfer);
        *t = (struct transfer){.httpc = h, .done = done, .arg = arg, .easy = curl_easy_init()};
        ASSERT(t->easy != NULL);
        t->body_max = out->reply_max ? out->reply_max : BODY_MAX;
        text_init(&t->body, t->body_max);
        text_init(&t->retry_after, RETRY_MAX);
        headers_set(t, out);
        options_set(t, url, deadline);
        if (out->public_only) wall_set(t);
        if (out->s3.key_id.n) sign_set(t, out);
        method_set(t, out);
        list_push(&h->transfers, &t->node);
        h->in_flight++;
        ASSERT(curl_multi_add_handle(h->multi, t->easy) == CURLM_OK); /* only sets our timer */
    }
    free(url);
    return good;
}

/* --- the end --- */

static void transfer_end(struct transfer *t, CURLcode code)
{
    struct httpc *h = t->httpc;
    struct http_reply reply = {.at = clock_now()};
    long status = 0, request_bytes = 0;
    curl_off_t before_us = 0;
    curl_easy_getinfo(t->easy, CURLINFO_REQUEST_SIZE, &request_bytes);
    curl_easy_getinfo(t->easy, CURLINFO_PRETRANSFER_TIME_T, &before_us);
    reply.sent = request_bytes > 0 || before_us > 0;
    /* A head without its whole body is no answer: the words that decide may be missing. */
    if (code == CURLE_OK || (code == CURLE_WRITE_ERROR && t->full)) {
        curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
        reply.status = (int)status;
        reply.sent = true;
        reply.body = text_str(&t->body);
        reply.retry_after = text_str(&t->retry_after);
    } else {
        reply.walled = t->walled && !reply.sent;
        reply.untrusted = code == CURLE_PEER_FAILED_VERIFICATION && !reply.sent;
        log_line(LOG_WARNING, LOG_HTTPC, "a call got no answer", "code=%d sent=%d text=\"%s\"", (int)code,
                 reply.sent, curl_easy_strerror(code));
    }
    TRACE(HTTPC, "call ended", "code=%d status=%d body=%zu", (int)code, reply.status, reply.body.n);
    curl_multi_remove_handle(h->multi, t->easy);
    list_remove(&t->node);
    h->in_flight--;
    t->done(t->arg, &reply);
    transfer_free(t);
}

static void drain(struct httpc *h)
{
    CURLMsg *m;
    int left;
    while ((m = curl_multi_info_read(h->multi, &left))) {
        struct transfer *t = NULL;
        CURLcode code = m->data.result; /* m dies with the handle */
        if (m->msg != CURLMSG_DONE) continue;
        curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &t);
        transfer_end(t, code);
    }
}

struct httpc *httpc_new(struct loop *l, unsigned in_flight_max)
{
    ASSERT(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK); /* counted; the pair is in httpc_free */
    struct httpc *h = MEM_NEW(struct httpc);
    h->loop = l;
    h->most = in_flight_max;
    h->timer = (struct timer){.fire = on_timer, .arg = h};
    list_init(&h->transfers);
    list_init(&h->sockets);
    list_init(&h->mails);
    list_init(&h->mails_waiting);
    h->multi = curl_multi_init();
    ASSERT(h->multi != NULL);
    curl_multi_setopt(h->multi, CURLMOPT_SOCKETFUNCTION, want_socket);
    curl_multi_setopt(h->multi, CURLMOPT_SOCKETDATA, h);
    curl_multi_setopt(h->multi, CURLMOPT_TIMERFUNCTION, want_timer);
    curl_multi_setopt(h->multi, CURLMOPT_TIMERDATA, h);
    return h;
}

unsigned httpc_in_flight(const struct httpc *h) { return h->in_flight; }

void httpc_allow_private(struct httpc *h, bool allowed) { h->private_allowed = allowed; }

void httpc_free(struct httpc **hp)
{
    struct httpc *h = *hp;
    if (!h) return;
    h->closing = true;
    while (!list_empty(&h->transfers))
        transfer_end(LIST_OF(h->transfers.next, struct transfer, node), CURLE_ABORTED_BY_CALLBACK);
    mail_abandon(h);
    while (!list_empty(&h->sockets)) sock_drop(LIST_OF(h->sockets.next, struct sock, node));
    curl_multi_cleanup(h->multi);
    timer_stop(&h->timer);
    curl_global_cleanup();
    free(h);
    *hp = NULL;
}
