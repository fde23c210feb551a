/* /hooks/{channel}/{key}/mo and /dlr: pushes of providers. The key is checked in constant time, then the channel's adapter
 * verifies and reads the push; every item is stored before the provider hears OK (promise P1), and a provider's repeat
 * gets OK and stores nothing (P2). */
#pragma once
#include "gateway.h"

bool hooks_route(struct gateway *g, u64 ticket, const struct http_in *in); /* true: taken */
