/* One HTTP request and its answer: web_http.c reads and hands over, web_answer.c builds and sends. Nothing else looks into it.
 *
 * How one exchange goes, and why so. The library (4.1.6) reads on while an answer is awaited: early bytes of a
 * next request make it call back for the first one without end, or parse the next one out of its own buffer and
 * never come back. So
 *   - reading is stopped (lws_rx_flow_control) from the handing over until the answer;
 *   - an answer is never written inside the handing over, but at the end of the turn, because only then the
 *     library has put what it read too much into its buffer, where lws_service_adjust_timeout shows it;
 *   - when there is something, the answer says "close" and the connection ends: one answer, then EOF. */
#pragma once
#include "io/web_private.h"

enum exchange_state {
    EXCHANGE_BODY,     /* reading the body */
    EXCHANGE_WAITING,  /* handed over */
    EXCHANGE_READY,    /* answered inside the handing over */
    EXCHANGE_SENDING,  /* the answer is being written */
    EXCHANGE_REFUSING, /* as EXCHANGE_SENDING, for a request that nobody saw */
};

struct exchange {
    struct list node; /* in web->ready while EXCHANGE_READY */
    struct conn *conn;
    u64 ticket;
    enum exchange_state state;
    struct head *head; /* until the handing over has ended */
    struct text body;
    size_t held; /* of an upload: what it has taken of upload_memory */
    bool upload, handing, is_head, close, pipelined, lingers;
    unsigned repeats, note;
    unsigned char *out; /* LWS_PRE bytes, head, body */
    size_t out_n, off, head_n, connection_at;
};

/* --- web_http.c --- */
void exchange_end(struct exchange *x);

/* --- web_answer.c --- */
void answer_build(struct exchange *x, const struct http_answer *a);
/* Begins to send what answer_build has made; outside the connection's callbacks. */
void answer_send(struct exchange *x);
/* Writes on. 0, or -1 when the connection has to end. Works in and outside the connection's callbacks. */
int answer_go_on(struct exchange *x) MUST_CHECK;
/* The problem document of a refusal; the caller frees it. */
void answer_refusal(struct text *t, enum web_refusal r, int status);
