#include "staff_pairing.h"
#include "base/code.h"
#include <stdio.h>
#include <stdlib.h>

struct pairing *pairing_new(const struct staff_ask *a)
{
    struct pairing *p = MEM_NEW(struct pairing);
    u64 random;
    p->ask = *a;
    crypto_random(&random, sizeof random);
    snprintf(p->code, sizeof p->code, "%08llu", (unsigned long long)(random % 100000000u));
    return p;
}

void pairing_end(struct pairing *p, const struct db_result *r)
{
    if (r) {
        struct text t;
        text_init(&t, 200);
        text_addf(&t, "{\"code\":\"%s\"", p->code);
        json_put_instant(&t, "expires_at", db_get_instant(r, 0, 0));
        text_addc(&t, '}');
        staff_answer(&p->ask, &t);
    }
    crypto_wipe(p, sizeof *p);
    free(p);
}
