/* Form tokens: a page hands one out with every form, and the form brings it back. A good token proves that the
 * form came from this site, for this place and purpose, not long ago; its random part is the key under which the
 * submission is stored once, however often the button was pressed (promise P2). Nothing is kept on the server. */
#pragma once
#include "base/clock.h"
#include "io/crypto.h"

#define FORM_TOKEN_MAX   64 /* bytes of a token, with its NUL */
#define FORM_KEY_MAX     24 /* bytes of its random part as text, with its NUL */
#define FORM_TOKEN_VALID SPAN_H(24)

/* place: the plaque number, or the receipt on the status page; purpose: the word of the form. */
void form_token_make(const struct keys *k, struct str place, struct str purpose, instant now,
                     char out[FORM_TOKEN_MAX]);
/* False, with nothing written, for a token that is malformed, not ours, of another place or purpose, older than
 * FORM_TOKEN_VALID or from the future. issued_r: when it was made, to the second. */
bool form_token_check(const struct keys *k, struct str token, struct str place, struct str purpose,
                      instant now, char key_r[FORM_KEY_MAX], instant *issued_r) MUST_CHECK;
