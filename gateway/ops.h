/* The operations listener: /healthz, /readyz and /metrics, for watchdogs, load balancers and Prometheus. It asks no password, so what
 * it tells holds no words, numbers or addresses of people. serve.c binds it to the web listener of ops_port. */
#pragma once
#include "gateway.h"

/* A web_handlers.request: arg is the gateway. Answers before it returns; refuses nothing but unknown paths (404). Never looks at the
 * database: what it says of it is what the lanes last saw. */
void ops_request(void *arg, u64 ticket, const struct http_in *in);
