/* How many SMS a text costs. Two rules: the GSM one (3GPP TS 23.038: GSM-7 160/153 septets with the extension table at 2, else
 * UCS-2 70/67 UTF-16 units, no character or surrogate pair split over parts) and the domestic Chinese one (always Unicode, 70/67
 * characters, letters and punctuation count 1, the signature with its brackets counts too; that an emoji counts 2 is an
 * assumption, for no provider writes it down). Pure; called by the desk's preview and
 * the outbox' figures. */
#pragma once
#include "base/str.h"

enum segments_rule { SEGMENTS_GSM, SEGMENTS_DOMESTIC };
struct segments {
    unsigned parts;    /* 0 for an empty text */
    unsigned units;    /* septets, UTF-16 units or characters used in all */
    unsigned per_part; /* room of one part of this text: 160, 153, 70 or 67 */
    bool gsm7;
};
/* The text is valid UTF-8. */
struct segments segments_count(enum segments_rule rule, struct str text);
