#include "io/httpc_guard.h"
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

struct network {
    u8 start[16];
    unsigned bits;
};

/* clang-format off */
static const struct network closed_v4[] = {
    {{0}, 8},              /* this network */
    {{10}, 8},             /* private, RFC 1918 */
    {{100, 64}, 10},       /* carriers' NAT, RFC 6598 */
    {{127}, 8},            /* loopback */
    {{169, 254}, 16},      /* link-local; clouds keep their metadata here */
    {{172, 16}, 12},       /* private */
    {{192, 0, 0}, 24},     /* protocol assignments */
    {{192, 0, 2}, 24},     /* documentation */
    {{192, 88, 99}, 24},   /* 6to4 relays, given up */
    {{192, 168}, 16},      /* private */
    {{198, 18}, 15},       /* benchmarking */
    {{198, 51, 100}, 24},  /* documentation */
    {{203, 0, 113}, 24},   /* documentation */
    {{224}, 3},            /* multicast, reserved, broadcast: 224.0.0.0 to 255.255.255.255 */
};
/* Inside 2000::/3, outside of which nothing is public. */
static const struct network closed_v6[] = {
    {{0x20, 0x01}, 23},             /* 2001::/23: Teredo, benchmarking, ORCHID and other protocols */
    {{0x20, 0x01, 0x0d, 0xb8}, 32}, /* documentation */
    {{0x20, 0x02}, 16},             /* 6to4: carries an IPv4 address */
    {{0x3f, 0xff}, 20},             /* documentation, RFC 9637 */
};
static const struct network unicast = {{0x20}, 3};
static const struct network nat64 = {{0x00, 0x64, 0xff, 0x9b}, 96};
/* clang-format on */

static bool inside(const struct network *n, const u8 *address)
{
    unsigned whole = n->bits / 8, rest = n->bits % 8;
    if (memcmp(n->start, address, whole) != 0) return false;
    return rest == 0 || ((n->start[whole] ^ address[whole]) >> (8 - rest)) == 0;
}

static bool inside_any(const struct network *all, size_t n, const u8 *address)
{
    for (size_t i = 0; i < n; i++)
        if (inside(&all[i], address)) return true;
    return false;
}

static bool public_v4(const u8 address[4]) { return !inside_any(closed_v4, ARRAY_LEN(closed_v4), address); }

bool httpc_address_public(const struct sockaddr *address)
{
    u8 bytes[16];
    if (address->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, address, sizeof in);
        memcpy(bytes, &in.sin_addr, 4);
        return public_v4(bytes);
    }
    if (address->sa_family != AF_INET6) return false;
    struct sockaddr_in6 in6;
    memcpy(&in6, address, sizeof in6);
    memcpy(bytes, &in6.sin6_addr, 16);
    if (inside(&nat64, bytes)) return public_v4(bytes + 12);
    return inside(&unicast, bytes) && !inside_any(closed_v6, ARRAY_LEN(closed_v6), bytes);
}
