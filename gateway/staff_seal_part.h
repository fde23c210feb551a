/* What staff_seal.c (keys) and staff_sealed.c (one report) share. Nobody else includes this. */
#pragma once
#include "staff_part.h"
#include "casework.h"
#include "sealed_part.h"

#define SEAL_REASON_MAX 200

extern const struct db_stmt stmt_staff_sealed_open, stmt_staff_sealed_say, stmt_staff_sealed_file;

/* What a function of schema/0019_sealed.sql refused: answered, and true. code.p NULL: it did not. */
bool seal_refused(const struct staff_ask *a, struct str code);
/* Answers that a member is missing or wrong, in these words. */
void seal_refuse_needs(const struct staff_ask *a, const char *zh, const char *en);
/* "reason", 2 to 200 characters; false when it was refused. */
bool seal_reason(const struct staff_ask *a, const struct json *doc, struct str *reason_r) MUST_CHECK;
/* A member in base64 that is exactly n bytes. */
bool seal_field(const struct json *object, const char *name, size_t n, u8 *out) MUST_CHECK;
/* An id as the API writes it: digits. */
bool seal_number(struct str s, i64 *n_r) MUST_CHECK;
