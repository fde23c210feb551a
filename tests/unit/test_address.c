/* Which addresses count as one. */
#include "core/address.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static bool same(const char *a, const char *b, enum address_scope scope)
{
    u8 x[ADDRESS_KEY], y[ADDRESS_KEY];
    address_scope_key(str_of(a), scope, x);
    address_scope_key(str_of(b), scope, y);
    return memcmp(x, y, sizeof x) == 0;
}

static void rows(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        bool household, block;
    } all[] = {
        {"192.0.2.1", "192.0.2.1", true, true},
        {"192.0.2.1", "192.0.2.200", false, true},
        {"192.0.2.1", "192.0.3.1", false, false},
        {"192.0.2.1", "::ffff:192.0.2.1", true, true},
        {"2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true, true},
        {"2001:db8:1:2::1", "2001:DB8:1:3::1", false, true},
        {"2001:db8:1:2::1", "2001:db8:2:2::1", false, false},
        {"fe80::1%eth0", "fe80::1%eth1", true, true},
        {"192.0.2.1", "c000:201::", false, false}, /* the same bytes in another family */
        {"no address", "no address", true, true},
        {"no address", "another", false, false},
        {"", "", true, true},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (same(all[i].a, all[i].b, ADDRESS_HOUSEHOLD) != all[i].household)
            fail_msg("household, row %zu", i);
        if (same(all[i].a, all[i].b, ADDRESS_BLOCK) != all[i].block) fail_msg("block, row %zu", i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
