/* Any SMS: one meaning, its fields well formed, the rest a view into the words. Receipts and telephone numbers read
 * from any bytes are well formed too. */
#include "core/checkdigit.h"
#include "core/receipt.h"
#include "core/sms_text.h"
#include "core/submission.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str s = {(const char *)data, size};
    struct sms_text m;
    char receipt[RECEIPT_DIGITS + 1], phone[PHONE_MAX];
    const struct sms_rules rules = {6, 9, STR("T TD R 退订 0000 QX STOP N"), STR("恢复 START")};
    sms_text_read(s, &rules, &m);
    ASSERT(m.rest.n == 0 || (m.rest.p >= s.p && m.rest.p + m.rest.n <= s.p + s.n));
    ASSERT(m.rating >= 0 && m.rating <= 5 && (m.rating == 0 || m.kind == SMS_RATING || m.kind == SMS_PLAQUE));
    ASSERT(!m.weak || m.kind == SMS_STOP);
    /* Its author's own list cannot make an opt-out of a score, nor crash. */
    struct sms_text again_m;
    const struct sms_rules own = {6, 9, s, s};
    sms_text_read(s, &own, &again_m);
    ASSERT(m.kind != SMS_RATING || again_m.kind == SMS_RATING);
    ASSERT((m.kind == SMS_PLAQUE) == (m.plaque[0] != '\0'));
    if (m.kind == SMS_PLAQUE) ASSERT(strlen(m.plaque) >= 6 && check_digit_ok(m.plaque, strlen(m.plaque)));
    if (m.receipt[0])
        ASSERT((m.kind == SMS_STATUS || m.kind == SMS_SOLVED || m.kind == SMS_UNSOLVED) &&
               check_digit_ok(m.receipt, RECEIPT_DIGITS));
    if (m.kind == SMS_WORDS) ASSERT(m.rest.n == size);
    if (receipt_parse(s, receipt))
        ASSERT(strlen(receipt) == RECEIPT_DIGITS && check_digit_ok(receipt, RECEIPT_DIGITS));
    if (phone_normalise(s, phone)) {
        size_t n = strlen(phone);
        ASSERT(phone[0] == '+' && n >= 9 && n <= 16 && strspn(phone + 1, "0123456789") == n - 1);
        char again[PHONE_MAX];
        ASSERT(phone_normalise(str_of(phone), again) && strcmp(phone, again) == 0);
    }
    return 0;
}
