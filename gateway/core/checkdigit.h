/* The check digit of numbers that people type: receipts and plaque numbers. ISO/IEC 7064 MOD 11,10 finds
 * every single wrong digit and nearly every swap of two neighbours. */
#pragma once
#include "base/base.h"

/* The digit to put behind n ASCII digits. */
char check_digit_mod11_10(const char *digits, size_t n);
/* True when the last of n ASCII digits is the check digit of those before it; n < 2 is false. */
bool check_digit_ok(const char *digits, size_t n);
