/* JSON Web Tokens (RFC 7519) as providers put them into an Authorization header: compact, signed, HS256. Called by verify of
 * the adapters that have them; looks at no clock: what the claims mean is the caller's. */
#pragma once
#include "base/json.h"

#define JWT_MAX 8192

/* The claims of a token that one of the secrets signed; free them with json_free. NULL with a sentence: not three parts, another
 * algorithm than HS256 ("none" is one), a "crit" header (RFC 7515 §4.1.11: not understood is refused), or a wrong signature. */
struct json *jwt_open(struct str token, const struct str *secrets, size_t n_secrets, const char **reason_r);
