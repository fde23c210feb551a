#include "one_time.h"
#include "io/crypto.h"

static void groups(char *out, size_t n_groups)
{
    static const char alphabet[] = "abcdefghjkmnpqrstuvwxyz23456789";
    const unsigned letters = sizeof alphabet - 1;
    size_t n = 0;
    while (n < n_groups * 5 - 1) {
        u8 byte;
        if (n % 5 == 4) {
            out[n++] = '-';
            continue;
        }
        crypto_random(&byte, 1);
        if (byte < 256 / letters * letters)
            out[n++] = alphabet[byte % letters]; /* no letter likelier than another */
    }
    out[n] = '\0';
}

void one_time_password(char out[ONE_TIME_MAX]) { groups(out, 3); }

void one_time_half(char out[ONE_TIME_HALF_MAX]) { groups(out, 2); }
