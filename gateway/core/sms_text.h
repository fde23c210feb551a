/* What an SMS means, decided from its words alone: a plaque number with a feedback, a question for the status, an
 * answer to a survey, a service word, or plain words. Pure; gateway/conversation acts on it. What it does not understand
 * is plain words, so nothing a citizen writes is lost. */
#pragma once
#include "core/receipt.h"

enum sms_kind {
    SMS_WORDS,    /* feedback without a plaque */
    SMS_PLAQUE,   /* feedback (or, with an empty rest, only a greeting) at a plaque */
    SMS_STATUS,   /* CX / 查询; receipt is empty when none or a wrong one was given */
    SMS_SOLVED,   /* 已解决 and a receipt; without one that checks it is plain words */
    SMS_UNSOLVED, /* 未解决 and a receipt */
    SMS_RATING, /* 0..5 alone, also "4分": a bare score is never an opt-out, whatever a provider's list says */
    SMS_HELP,
    SMS_STOP, /* opt-out */
    SMS_START /* opt-in again */
};

enum sms_courtesy {
    SMS_MATTER,
    SMS_THANKS,  /* 谢谢, 好的, 收到 … and nothing else */
    SMS_GREETING /* 你好, 在吗 … and nothing else */
};

#define SMS_PLAQUE_MAX 9

struct sms_text {
    enum sms_kind kind;
    char plaque[SMS_PLAQUE_MAX + 1];
    char receipt[RECEIPT_DIGITS + 1];
    bool digits; /* SMS_STATUS: there were some, right or wrong */
    int verdict; /* SMS_WORDS: 1 when they are 已解决 and nothing else, -1 for 未解决; an answer where one is awaited */
    enum sms_courtesy courtesy; /* SMS_WORDS: no matter of its own; an answer where one is awaited */
    bool weak;  /* SMS_STOP by "N", which is an opt-out only when nothing was asked that it could answer */
    int rating; /* SMS_RATING: 0..5; SMS_PLAQUE: 1..5 when nothing but a score follows the number, else 0 */
    struct str rest; /* the words that remain, a view into the input: all of them for SMS_WORDS */
};

/* How an office has it. Plaque numbers have plaque_min..plaque_max digits (2 <= min <= max <= SMS_PLAQUE_MAX). stop, start: words
 * with blanks or commas between; one counts when it is the whole message, in any case and width, or a polite form of it
 * (请退订, 退订回T). */
struct sms_rules {
    size_t plaque_min, plaque_max;
    struct str stop, start;
};

/* A plaque number ends with a MOD 11,10 check digit; leading digits that do not check, or that count something (元, 年,
 * 月 …), stay words. Full-width digits, '#', blanks, Chinese punctuation and 编号/牌号 before the number are forgiven, and
 * single blanks or hyphens inside it: of 100 036 5号窗口 the fewest groups that check are the number. */
void sms_text_read(struct str words, const struct sms_rules *rules, struct sms_text *meaning_r);
