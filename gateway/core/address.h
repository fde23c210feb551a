/* The part of an address that belongs to one household, and the one that belongs to a neighbourhood: what limits count by. IPv6
 * gives every household 2^64 addresses, so single ones say nothing (RFC 6177). Pure. Called by gateway/guard.c. */
#pragma once
#include "base/str.h"

enum address_scope {
    ADDRESS_HOUSEHOLD, /* an IPv4 address; the /64 of an IPv6 address */
    ADDRESS_BLOCK,     /* the /24; the /48 */
};
#define ADDRESS_KEY 17 /* a letter for the family and 16 bytes */
/* The bytes that all addresses of that scope have in common. An IPv4 address written as IPv6 (::ffff:…) is the IPv4 address. What is
 * no address (a Unix socket, a test) is one household of its own: key_r is then a plain hash of the text. */
void address_scope_key(struct str peer, enum address_scope scope, u8 key_r[ADDRESS_KEY]);
