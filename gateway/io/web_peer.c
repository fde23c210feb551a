#include "io/web_private.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

static const u8 mapped[12] = {[10] = 0xff, [11] = 0xff}; /* ::ffff:0:0/96 */

bool address_parse(struct str text, u8 address[16])
{
    char z[WEB_ADDRESS_MAX];
    text = str_trim(text);
    /* "[2001:db8::1]:443" and "192.0.2.1:443" occur in forwarding headers. */
    if (text.n && text.p[0] == '[') {
        struct str inside, after;
        if (!str_cut((struct str){text.p + 1, text.n - 1}, ']', &inside, &after)) return false;
        text = inside;
    } else {
        struct str host, port, more;
        if (str_cut(text, ':', &host, &port) && !str_cut(port, ':', &port, &more)) text = host;
    }
    if (text.n == 0 || text.n >= sizeof z) return false;
    memcpy(z, text.p, text.n);
    z[text.n] = '\0';
    if (inet_pton(AF_INET6, z, address) == 1) return true;
    memcpy(address, mapped, sizeof mapped);
    return inet_pton(AF_INET, z, address + 12) == 1;
}

void address_of(const struct sockaddr_storage *ss, u8 address[16])
{
    memset(address, 0, 16);
    if (ss->ss_family == AF_INET6) {
        struct sockaddr_in6 v6;
        memcpy(&v6, ss, sizeof v6);
        memcpy(address, &v6.sin6_addr, 16);
    } else if (ss->ss_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, ss, sizeof v4);
        memcpy(address, mapped, sizeof mapped);
        memcpy(address + 12, &v4.sin_addr, 4);
    }
}

static bool is_v4(const u8 address[16]) { return memcmp(address, mapped, sizeof mapped) == 0; }

void address_text(const u8 address[16], char dst[WEB_ADDRESS_MAX])
{
    const char *z = is_v4(address) ? inet_ntop(AF_INET, address + 12, dst, WEB_ADDRESS_MAX)
                                   : inet_ntop(AF_INET6, address, dst, WEB_ADDRESS_MAX);
    ASSERT(z != NULL);
}

u64 address_key(const u8 address[16])
{
    size_t from = is_v4(address) ? 8 : 0;
    u64 key = 0;
    for (size_t i = 0; i < 8; i++) key = key << 8 | address[from + i];
    return key ? key : 1; /* ::1 and its neighbours */
}

static bool range_parse(struct str word, u8 bits[16], unsigned *prefix_r)
{
    struct str host, length;
    u64 n;
    bool cut = str_cut(word, '/', &host, &length);
    if (!address_parse(host, bits)) return false;
    unsigned base = is_v4(bits) ? 96 : 0;
    if (!cut) {
        *prefix_r = 128;
        return true;
    }
    if (!str_u64(length, 128 - base, &n)) return false;
    *prefix_r = base + (unsigned)n;
    return true;
}

bool proxies_parse(const char *words, struct proxies *p)
{
    struct str rest = str_of(words), word;
    p->n = 0;
    for (bool more = true; more;) {
        more = str_cut(rest, ',', &word, &rest);
        word = str_trim(word);
        if (word.n == 0) continue;
        if (p->n == ARRAY_LEN(p->range)) return false;
        if (!range_parse(word, p->range[p->n].bits, &p->range[p->n].prefix)) return false;
        p->n++;
    }
    return true;
}

bool proxies_trust(const struct proxies *p, const u8 address[16])
{
    for (size_t i = 0; i < p->n; i++) {
        unsigned whole = p->range[i].prefix / 8, rest = p->range[i].prefix % 8;
        if (memcmp(address, p->range[i].bits, whole) != 0) continue;
        if (rest == 0 || ((address[whole] ^ p->range[i].bits[whole]) >> (8 - rest)) == 0) return true;
    }
    return false;
}

void forwarded_for(const struct proxies *p, struct str header, char dst[WEB_ADDRESS_MAX])
{
    /* From the right: every hop is one that a trusted proxy has seen itself. The first address that is no
     * proxy of ours is the peer; what stands left of it anybody may have written. */
    while (header.n) {
        size_t at = header.n;
        while (at > 0 && header.p[at - 1] != ',') at--;
        u8 address[16];
        if (!address_parse((struct str){header.p + at, header.n - at}, address)) return;
        address_text(address, dst);
        if (!proxies_trust(p, address)) return;
        header.n = at ? at - 1 : 0;
    }
}
