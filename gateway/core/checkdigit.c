#include "core/checkdigit.h"

char check_digit_mod11_10(const char *digits, size_t n)
{
    int p = 10;
    for (size_t i = 0; i < n; i++) {
        int s = (p + (digits[i] - '0')) % 10;
        p = (s ? s : 10) * 2 % 11;
    }
    return (char)('0' + (11 - p) % 10);
}

bool check_digit_ok(const char *digits, size_t n)
{
    return n >= 2 && check_digit_mod11_10(digits, n - 1) == digits[n - 1];
}
