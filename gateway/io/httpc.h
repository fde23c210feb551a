/* Outbound HTTP over libcurl multi on the loop, and mail by SMTP (on a thread: its farewell blocks). Redirects are not followed; TLS is verified; only http and https;
 * HTTP/1.1 on a connection of its own per call, so that nothing is ever sent twice behind our back; proxies of the
 * environment are not used. URLs and bodies are never logged. A call with public_only connects to no private address. */
#pragma once
#include "base/http.h"
#include "io/loop.h"

struct httpc;
struct httpc *httpc_new(struct loop *l, unsigned in_flight_max);
void httpc_free(struct httpc **h); /* transfers still out end with status 0 in here; never from done */

/* `reply` is valid only during the call. status 0 when no whole answer came: not reached, cut off in the middle, over
 * 64 KiB of headers, over the deadline. A body over 64 KiB is cut there and the rest not waited for. */
typedef void httpc_done(void *arg, const struct http_reply *reply);
/* Starts one call; everything in `out` is copied. done runs exactly once, never before this returns, on the loop
 * thread; it may start further calls. False when in_flight_max calls are out, the URL is no http(s) address (of a mail: no
 * smtp(s) address), or a header or an address has a control character: done is not called. The deadline of a mail counts waiting
 * and sending; saying goodbye to the server may take as long again. */
bool httpc_start(struct httpc *h, const struct http_out *out, span deadline, httpc_done *done,
                 void *arg) MUST_CHECK;
unsigned httpc_in_flight(const struct httpc *h);
/* The setting webhook_private: calls with public_only may then go everywhere (receivers in the own network). */
void httpc_allow_private(struct httpc *h, bool allowed);
#define HTTPC_MAILS_MAX                                                                                      \
    2 /* on their way at the same time, the others wait: each holds one of the pool's four threads */
