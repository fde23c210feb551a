/* The encodings of a mail that hold text from outside this file: what a subject or a name may become in a header. Pure; called by
 * mail.c, tests and the fuzzer. */
#pragma once
#include "base/str.h"

/* RFC 2047: the text as encoded words of at most 75 characters, never a character cut in two, with CR LF and a blank between
 * them; `used` is how much of the first line already stands. Text that is not UTF-8, and control characters in it, become '?'
 * and blanks. So nothing in it can end the header or start another one. */
void mail_encode_header(struct str text, size_t used, struct text *out);
/* An address as it may stand in a command and in angle brackets: dot-atom, '@', a host name; 254 octets (RFC 5321, 5322). */
bool mail_address_valid(struct str address);
