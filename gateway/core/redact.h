/* Masks personal data in the words of citizens before a unit reads them (promise P11). Works on the words as
 * received: full-width digits, blanks, hyphens and invisible characters inside a number are read through, so
 * nobody needs a cleaned text to find what must be hidden. Called by intake, once for each feedback.
 * Never changes the stored words, never logs. One pass, no recursion, no memory but the text it appends to. */
#pragma once
#include "base/str.h"

#define REDACT_KINDS(X)                                                                                      \
    X(MOBILE, "phone", "手机号")                                                                             \
    X(LANDLINE, "landline", "固定电话")                                                                      \
    X(ID_CARD, "id_card", "身份证号")                                                                        \
    X(BANK_CARD, "bank_card", "银行卡号")                                                                    \
    X(RECEIPT, "receipt", "回执码") /* whoever has it acts as the citizen */                                 \
    X(PLATE, "plate", "车牌号")                                                                              \
    X(EMAIL, "email", "电子邮箱")                                                                            \
    X(WECHAT, "wechat", "微信号")                                                                            \
    X(QQ, "qq", "QQ号")                                                                                      \
    X(NAME, "name", "姓名")                                                                                  \
    X(ADDRESS, "address", "住址")
enum redact_kind {
#define X(id, word, zh) REDACT_##id,
    REDACT_KINDS(X)
#undef X
        REDACT_KINDS_N
};
const char *redact_word(enum redact_kind k);
const char *redact_chinese(enum redact_kind k);

struct redact_span {
    size_t start, end;
    enum redact_kind kind;
}; /* bytes, end exclusive, on code point borders */

/* Fills spans with at most max (2 or more) finds in ascending order, never overlapping; returns how many. When it
 * returns max or max - 1 there may be more: call again with the text behind the last end. Positions are bytes and
 * always code point borders. Bytes that are not UTF-8 are skipped over. */
size_t redact_find(struct str text, struct redact_span *spans, size_t max);
/* Appends text with every find masked; never longer than text. 15412345678 -> 154****5678 with blanks and hyphens
 * kept; identity card: first 6 and last 2 stay; bank card: first 4 and last 4; name: the surname; address:
 * 【住址】. */
void redact_mask(struct str text, struct text *masked);
