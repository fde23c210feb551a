/* One mail over SMTP, on a thread of the pool: libcurl says QUIT and waits for the answer when it closes an SMTP connection,
 * also in the multi interface, and nothing may wait on the loop thread.
 *
 * Whether a server may have the mail turns on one octet: it is responsible once it has seen the line with the single dot
 * (RFC 5321 §4.2.5), which libcurl sends at once when the read callback has given the last octet of the body. Before that, nothing was taken
 * whatever happens; after it, only the server's own answer says. */
#include "io/httpc_part.h"
#include "base/log.h"
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define ADDRESS_MAX 254 /* RFC 5321 §4.5.3.1.3, without the brackets */

struct mail {
    struct list node;
    struct httpc *httpc; /* NULL: abandoned; touched on the loop thread alone */
    httpc_done *done;
    void *arg;
    atomic_bool stop; /* the only member that both threads use at one time */
    char *url, *from, *to, *user, *password, *body;
    size_t body_n, body_at;
    bool tls, over; /* over: the whole body was given */
    instant until;  /* on the clock that never goes back: waiting for a thread counts */
    long deadline_ms;
    CURLcode code;
    long status; /* the server's last answer */
};

static size_t give_body(char *to, size_t size, size_t n, void *arg)
{
    struct mail *m = arg;
    size_t bytes = MIN(size * n, m->body_n - m->body_at);
    memcpy(to, m->body + m->body_at, bytes);
    m->body_at += bytes;
    m->over = m->body_at == m->body_n; /* libcurl need not ask again before it sends the dot */
    return bytes;
}

static size_t drop(const char *p, size_t size, size_t n, void *arg)
{
    (void)p, (void)arg;
    return size * n;
}

static int told_to_stop(void *arg, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    struct mail *m = arg;
    (void)a, (void)b, (void)c, (void)d;
    return atomic_load(&m->stop) ? 1 : 0;
}

#define SET(option, value) ASSERT(curl_easy_setopt(easy, (option), (value)) == CURLE_OK)

/* On a thread of the pool. */
static void deliver(void *arg)
{
    struct mail *m = arg;
    CURL *easy = curl_easy_init();
    struct curl_slist *to = curl_slist_append(NULL, m->to);
    ASSERT(easy != NULL && to != NULL);
    SET(CURLOPT_URL, m->url);
    SET(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_QUICK_EXIT, 1L);
    SET(CURLOPT_TIMEOUT_MS, m->deadline_ms);
    SET(CURLOPT_CONNECTTIMEOUT_MS, m->deadline_ms);
    /* The farewell is not under the time limit of the transfer. */
    SET(CURLOPT_SERVER_RESPONSE_TIMEOUT, MAX(m->deadline_ms / 1000, 1L));
    SET(CURLOPT_USE_SSL, m->tls ? (long)CURLUSESSL_ALL : (long)CURLUSESSL_TRY);
    if (m->user[0]) {
        SET(CURLOPT_USERNAME, m->user);
        SET(CURLOPT_PASSWORD, m->password);
    }
    SET(CURLOPT_MAIL_FROM, m->from);
    SET(CURLOPT_MAIL_RCPT, to);
    SET(CURLOPT_UPLOAD, 1L);
    SET(CURLOPT_INFILESIZE_LARGE, (curl_off_t)m->body_n);
    SET(CURLOPT_READFUNCTION, give_body);
    SET(CURLOPT_READDATA, m);
    SET(CURLOPT_WRITEFUNCTION, drop);
    SET(CURLOPT_NOPROGRESS, 0L);
    SET(CURLOPT_XFERINFOFUNCTION, told_to_stop);
    SET(CURLOPT_XFERINFODATA, m);
    m->code = curl_easy_perform(easy);
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &m->status);
    curl_easy_cleanup(easy);
    curl_slist_free_all(to);
}

static void mail_free(struct mail *m)
{
    explicit_bzero(m->password, strlen(m->password));
    free(m->url);
    free(m->from);
    free(m->to);
    free(m->user);
    free(m->password);
    free(m->body);
    free(m);
    curl_global_cleanup();
}

static void mail_reply(const struct mail *m, struct http_reply *r)
{
    /* 4xx and 5xx are answers in whatever place; a 3xx or 2xx before a break is not the last word. */
    if (m->code == CURLE_OK || m->status >= 400)
        *r = (struct http_reply){.status = (int)m->status, .sent = true};
    else if (m->code == CURLE_LOGIN_DENIED) /* the server offers no way to log in that both know */
        *r = (struct http_reply){.status = 535, .sent = true};
    else
        *r = (struct http_reply){.sent = m->over};
}

static void delivered(void *arg);

static bool begin(struct mail *m)
{
    span left = instant_sub(m->until, clock_monotonic());
    m->deadline_ms = (long)(left.us / 1000);
    return m->deadline_ms > 0 && loop_offload(m->httpc->loop, deliver, delivered, m);
}

/* Those that wait, as far as threads are free. One whose time is over was never begun. */
static void begin_waiting(struct httpc *h)
{
    while (!h->closing && h->mails_out < HTTPC_MAILS_MAX && !list_empty(&h->mails_waiting)) {
        struct mail *m = LIST_OF(list_pop(&h->mails_waiting), struct mail, node);
        if (begin(m)) {
            list_push(&h->mails, &m->node);
            h->mails_out++;
            continue;
        }
        const struct http_reply reply = {.sent = false};
        h->in_flight--;
        m->done(m->arg, &reply);
        mail_free(m);
    }
}

static void delivered(void *arg)
{
    struct mail *m = arg;
    struct http_reply reply;
    struct httpc *h = m->httpc;
    if (h) {
        mail_reply(m, &reply);
        if (m->code != CURLE_OK)
            log_line(LOG_WARNING, LOG_HTTPC, "a mail was not delivered",
                     "code=%d status=%ld sent=%d text=\"%s\"", (int)m->code, m->status, reply.sent,
                     curl_easy_strerror(m->code));
        list_remove(&m->node);
        h->in_flight--;
        h->mails_out--;
        m->done(m->arg, &reply);
        begin_waiting(h);
    }
    mail_free(m);
}

/* An address as it stands in a command: no control character, blank or bracket can start another one. */
static bool address_good(struct str s)
{
    bool ok = s.n > 0 && s.n <= ADDRESS_MAX;
    for (size_t i = 0; i < s.n && ok; i++)
        ok = (u8)s.p[i] > 0x20 && (u8)s.p[i] < 0x7f && s.p[i] != '<' && s.p[i] != '>';
    return ok;
}

static bool plain(struct str s) /* also a URL: no text ends early in a C string */
{
    for (size_t i = 0; i < s.n; i++)
        if ((u8)s.p[i] < 0x20 || s.p[i] == 0x7f) return false;
    return true;
}

bool mail_start(struct httpc *h, const struct http_out *out, span deadline, httpc_done *done, void *arg)
{
    if (!address_good(out->mail.from) || !address_good(out->mail.to) || !plain(out->mail.user) ||
        !plain(out->mail.password) || !plain(out->url))
        return false;
    ASSERT(curl_global_init(CURL_GLOBAL_DEFAULT) ==
           CURLE_OK); /* counted, for the thread may outlive `h`; the pair is in mail_free */
    struct mail *m = MEM_NEW(struct mail);
    *m = (struct mail){.httpc = h,
                       .done = done,
                       .arg = arg,
                       .url = mem_copy(out->url.p, out->url.n),
                       .from = mem_copy(out->mail.from.p, out->mail.from.n),
                       .to = mem_copy(out->mail.to.p, out->mail.to.n),
                       .user = mem_copy(out->mail.user.p, out->mail.user.n),
                       .password = mem_copy(out->mail.password.p, out->mail.password.n),
                       .body = mem_copy(out->body.p, out->body.n),
                       .body_n = out->body.n,
                       .tls = out->mail.tls,
                       .until = instant_add(clock_monotonic(), deadline)};
    const bool waits = h->mails_out >= HTTPC_MAILS_MAX;
    if (!httpc_url_good(m->url, "smtp", "smtps") || (!waits && !begin(m))) {
        mail_free(m);
        return false;
    }
    list_push(waits ? &h->mails_waiting : &h->mails, &m->node);
    h->mails_out += !waits;
    h->in_flight++;
    return true;
}

void mail_abandon(struct httpc *h)
{
    while (!list_empty(&h->mails_waiting)) {
        struct mail *m = LIST_OF(list_pop(&h->mails_waiting), struct mail, node);
        const struct http_reply reply = {.sent = false};
        h->in_flight--;
        m->done(m->arg, &reply);
        mail_free(m);
    }
    while (!list_empty(&h->mails)) {
        struct mail *m = LIST_OF(h->mails.next, struct mail, node);
        const struct http_reply reply = {.sent = true};
        list_remove(&m->node);
        m->httpc = NULL;
        atomic_store(&m->stop, true);
        h->in_flight--;
        h->mails_out--;
        m->done(m->arg, &reply);
    }
}
