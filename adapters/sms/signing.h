/* Signatures over requests as the Chinese cloud providers do it. The family: a canonical
 * request (method, path, query, chosen headers, digest of the body) is hashed, a few words about algorithm and time go in front,
 * and an HMAC-SHA256 over that is the signature. ACS3 (Aliyun), TC3 (Tencent) and SDK-HMAC (Huawei, both ways) differ only in
 * those words and in the key. Called by adapters only; pure. */
#pragma once
#include "adapters/reading.h"

struct signed_request {
    struct str method, path, query; /* path and query in their canonical form */
    const struct http_header
        *headers; /* those that are signed, in the order of signing, names in lower case */
    size_t n_headers;
    struct str body;
};
/* METHOD \n path \n query \n name:value \n … \n name;name \n hex SHA-256 of the body. Values are trimmed. */
void signing_canonical(const struct signed_request *r, struct text *out);
/* ALGORITHM \n [words \n] hex SHA-256 of the canonical request. `words`: the time, and what else the algorithm puts there. */
void signing_string(struct str algorithm, struct str words, struct str canonical, struct text *out);
/* "content-type;host;…" */
void signing_names(const struct http_header *headers, size_t n, struct text *out);

/* A query's pairs decoded, encoded again by RFC 3986 and sorted by bytes. False: broken escape, or more than 64 pairs. */
bool signing_query(struct reading *r, struct str query, struct str *sorted_r) MUST_CHECK;
/* A path's segments encoded again, with a slash at the end (Huawei's form). False: broken escape. */
bool signing_path(struct str path, struct text *out) MUST_CHECK;

/* TC3's key of one day: HMAC(HMAC(HMAC("TC3" secret, day), service), "tc3_request"). */
void signing_tc3_key(struct str secret, struct str day, struct str service, u8 key_r[32]);
/* Aliyun's old RPC signature (version 1.0): base64 HMAC-SHA1 under secret& over METHOD&%2F&encoded sorted query. */
void signing_rpc(struct str method, struct str sorted_query, struct str secret, struct text *out);

/* UTC: "2026-03-18", "2026-03-18T02:00:00Z", "20260318T020000Z". */
enum utc_form { UTC_DAY, UTC_ISO, UTC_BASIC };
#define UTC_TEXT_MAX 24
struct str utc_text(instant t, enum utc_form form, char dst[UTC_TEXT_MAX]);
instant utc_basic_read(struct str s); /* of UTC_BASIC; us == 0 when it is none */
