/* Canonical JSON as JavaScript programs sign it: members of objects sorted by UTF-16 code units at every level, arrays as they
 * stand with what is in them untouched, no blanks, strings escaped as JSON.stringify does (ECMA-262, 25.5.2), numbers as
 * Number::toString prints them (6.1.6.1.20). Called by altcha.c. */
#pragma once
#include "base/json.h"

#define CANONICAL_MEMBERS_MAX 64 /* of one object */
#define CANONICAL_DEPTH_MAX   16

/* Appends; false when a bound is passed or the text overflowed. */
bool canonical_put(const struct json *v, struct text *out) MUST_CHECK;
