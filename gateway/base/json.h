/* Reading JSON with bounds: depth, bytes, no duplicate keys. Writing is base/code.h's json_put. Declared here, where adapters may see it;
 * io/json.c reads with jansson behind it. */
#pragma once
#include "base/str.h"

struct json; /* a parsed document, or a value inside it (borrowed) */

/* NULL with a sentence (a constant that quotes nothing of the input) when it is not valid JSON text (RFC 8259),
 * over max bytes, deeper than 32, has duplicate keys or U+0000 in a string. Numbers must be integers within
 * 53 bits or doubles. */
struct json *json_parse(struct str text, size_t max, const char **error_r);
/* The same for JSON whose writer is not ours to correct, so that a message is not lost for one character or a long id: an
 * integer over 53 bits becomes a string of its digits (JSON_DIGITS_MAX of them at the most), and a lone surrogate or U+0000
 * in a string becomes U+FFFD. */
#define JSON_DIGITS_MAX 20
struct json *json_parse_foreign(struct str text, size_t max, const char **error_r);
void json_free(struct json **doc); /* the document only */

enum json_kind { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };
enum json_kind json_kind(const struct json *v);                          /* JSON_NULL for NULL */
const struct json *json_get(const struct json *object, const char *key); /* NULL when absent or no object */
struct str json_str(const struct json *v);                               /* STR_NONE when no string */
bool json_int(const struct json *v, i64 *out_r) MUST_CHECK;              /* integers only */
bool json_double(const struct json *v, double *out_r) MUST_CHECK;        /* any number */
bool json_bool(const struct json *v);                                    /* false when no boolean */
size_t json_count(const struct json *v);                                 /* of an array or object */
const struct json *json_at(const struct json *array, size_t i);
/* The value at a path of names and, in arrays, numbers from 0 ("results.0.status.name"); `v` itself for an empty path, NULL when a
 * step is not there. Names with a dot in them, or over 127 octets, cannot be reached. */
const struct json *json_path(const struct json *v, struct str path);
/* Walks an object in the order of the text: start with NULL, then pass the key of the last call; NULL at the
 * end. */
const char *json_next_key(const struct json *object, const char *key);
/* The value appended compactly as JSON text; NULL writes null. */
void json_write(const struct json *v, struct text *out);
