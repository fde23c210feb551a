/* Any SMS: one meaning, its fields well formed, the rest a view into the words. Receipts and telephone numbers read
 * from any bytes are well formed too. */
#include "core/checkdigit.h"
#include "core/conversation.h"
#include "core/receipt.h"
#include "core/sms_text.h"
#include "core/submission.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* In any state: a dialogue swallows neither commands nor known plaque numbers, a score stays within its levels, and nothing is told
 * to somebody who was told enough or cannot be told apart. */
static void decide(const struct sms_text *m, unsigned bits)
{
    const struct talk_said said = {.meaning = *m,
                                   .plaque_known = m->kind == SMS_PLAQUE && (bits & 1),
                                   .empty = false,
                                   .person = (bits & 2) != 0};
    const struct talk_state state = {.opted_out = (bits & 4) != 0,
                                     .survey = (bits & 8) != 0,
                                     .dialogue = (bits & 16) != 0,
                                     .place = (bits & 32) != 0,
                                     .survey_at = {bits & 64},
                                     .place_at = {bits & 128},
                                     .dialogue_at = {bits & 192},
                                     .told = bits & 256 ? 5 : 0};
    struct talk_move move;
    talk_decide(&said, &state, 5, &move);
    ASSERT(!move.answers || (said.person && state.told < 5));
    ASSERT(move.rating >= 0 && move.rating <= 5 && (move.does != TALK_SCORE || move.rating >= 1));
    ASSERT(move.does != TALK_SCORE || (m->kind == SMS_RATING && state.survey));
    ASSERT(move.does != TALK_OPT_OUT || m->kind == SMS_STOP);
    ASSERT(!move.at_place || state.place);
    if (move.does == TALK_ADD)
        ASSERT(state.dialogue &&
               (m->kind == SMS_WORDS || (m->kind == SMS_PLAQUE && !said.plaque_known) ||
                (m->kind == SMS_RATING && !state.survey) || (m->kind == SMS_STOP && m->weak)));
    if (m->kind == SMS_WORDS) ASSERT(move.does == TALK_FILE || move.does == TALK_ADD); /* never lost */
}

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
    for (unsigned bits = 0; bits < 512; bits++) decide(&m, bits);
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
