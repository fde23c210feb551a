/* Outbound HTTP over libcurl multi on the loop. Redirects are not followed; TLS is verified; only http and https. */
#pragma once
#include "base/http.h"
#include "io/loop.h"

struct httpc;
struct httpc *httpc_new(struct loop *l, unsigned in_flight_max);
void          httpc_free(struct httpc **h); /* transfers still out end with status 0 */

/* `reply` is valid only during the call. */
typedef void httpc_done(void *arg, const struct http_reply *reply);
/* Starts one call; everything in `out` is copied. done runs exactly once, never before this returns, on the loop
 * thread. False when in_flight_max calls are out or the URL is no http(s) address: done is not called. */
bool httpc_start(struct httpc *h, const struct http_out *out, span deadline, httpc_done *done, void *arg) MUST_CHECK;
unsigned httpc_in_flight(const struct httpc *h);
