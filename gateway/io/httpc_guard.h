/* Which addresses a call marked public_only may connect to. Asked for the very address that curl is about to connect to, so a
 * name that resolves differently the second time gains nothing. Called by io/httpc alone; opens nothing, resolves nothing. */
#pragma once
#include "base/base.h"

struct sockaddr;
/* True for globally reachable unicast addresses alone: nothing of the special-purpose registries of RFC 6890 (private, loopback,
 * link-local, shared address space, documentation, benchmarking, reserved), no multicast, no IPv4 address in an IPv6 one except
 * NAT64's well-known prefix (RFC 6052) before a public IPv4 address, no other family. */
bool httpc_address_public(const struct sockaddr *address) MUST_CHECK;
