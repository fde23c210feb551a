/* The signature of Vonage's SMS API, which pushes and sendings share. Called by vonage.c only. */
#pragma once
#include "adapters/sms/form.h"
#include "base/digest.h"

struct vonage_method {
    const char *name; /* value of the setting signature_method */
    enum digest digest;
    bool appended; /* the secret stands behind the text instead of being an HMAC's key */
};
/* The account's method (md5hash unless it is set), NULL when the setting names none of Vonage's. */
const struct vonage_method *vonage_method_of(const struct channel *ch);
/* What is signed: "&name=value" of each field but sig; & and = inside a value become _, nothing is escaped (Vonage's page
 * "Signing messages"; its library for node differs and is wrong). False for a name that would read as more than one field, or
 * when there was no room. */
bool vonage_put_signed(struct text *t, const struct form *sorted) MUST_CHECK;
/* The signature as lower-case hexadecimal text, appended. */
void vonage_put_signature(struct text *t, const struct vonage_method *method, struct str said,
                          struct str secret);
