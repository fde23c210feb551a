#include "core/address.h"
#include <arpa/inet.h>
#include <string.h>

#define TEXT_MAX 64

void address_scope_key(struct str peer, enum address_scope scope, u8 key_r[ADDRESS_KEY])
{
    static const u8 mapped[12] = {[10] = 0xFF, [11] = 0xFF};
    char z[TEXT_MAX];
    u8 v4[4], v6[16];
    memset(key_r, 0, ADDRESS_KEY);
    struct str plain, scope_id;
    str_cut(peer, '%', &plain, &scope_id); /* fe80::1%eth0 */
    const bool fits = plain.n < sizeof z;
    memcpy(z, plain.p ? plain.p : "", fits ? plain.n : 0);
    z[fits ? plain.n : 0] = '\0';
    bool is_v4 = inet_pton(AF_INET, z, v4) == 1;
    const bool is_v6 = !is_v4 && inet_pton(AF_INET6, z, v6) == 1;
    if (is_v6 && memcmp(v6, mapped, sizeof mapped) == 0) {
        memcpy(v4, v6 + sizeof mapped, sizeof v4);
        is_v4 = true;
    }
    if (is_v4) {
        key_r[0] = '4';
        memcpy(key_r + 1, v4, scope == ADDRESS_HOUSEHOLD ? 4 : 3);
    } else if (is_v6) {
        key_r[0] = '6';
        memcpy(key_r + 1, v6, scope == ADDRESS_HOUSEHOLD ? 8 : 6);
    } else {
        u64 h = 14695981039346656037u; /* FNV-1a */
        for (size_t i = 0; i < peer.n; i++) h = (h ^ (u8)peer.p[i]) * 1099511628211u;
        key_r[0] = 'x';
        memcpy(key_r + 1, &h, sizeof h);
    }
}
