/* The parts of the adapter whose provider is described by settings alone (generic.c lists them all): a push opened as the setting
 * in_format says, templates, and the digests that settings name. Private to generic*.c; pure. */
#pragma once
#include "adapters/reading.h"
#include "adapters/sms/xml.h"

/* A setting, or STR_NONE. */
struct str generic_set(const struct channel *ch, const char *name);
/* Whether a comma-separated list names the word; an entry that ends with '*' stands for all with that beginning. */
bool generic_listed(struct str list, struct str word);

/* -- a push --------------------------------------------------------------------------------------------- */

struct generic_doc {
    const struct channel *ch;
    struct reading *r;
    enum { GENERIC_FORM, GENERIC_JSON, GENERIC_XML } format;
    struct str form;   /* GENERIC_FORM: the body or the query */
    struct json *json; /* GENERIC_JSON */
    struct xml *xml;   /* GENERIC_XML */
};
/* Why it cannot be read, or NULL. To be closed in either case. */
const char *generic_open(const struct channel *ch, enum hook hook, struct reading *r,
                         struct generic_doc *doc);
void generic_close(struct generic_doc *doc);
/* The field at a path: a form's field, an XML element, a JSON value below `at` ("status.name", "results.0.id"; STR("") is `at`
 * itself). .p is NULL when it is not there or is no text, no integer and no truth value. */
struct str generic_value(const struct generic_doc *doc, const struct json *at, struct str path);
/* A string, an integer's digits, or "true" and "false"; else STR_NONE. */
struct str generic_text(struct reading *r, const struct json *v);
/* A source as settings name it: "header:X-Time", "query:ts", else a field's path. */
struct str generic_source(const struct generic_doc *doc, struct str source);

/* -- templates --------------------------------------------------------------------------------------------- */

/* Appends the value of a placeholder; false when there is none of that name. */
typedef bool generic_put(void *arg, struct str name, struct text *out);
/* {name} replaced by what `put` appends. A brace that does not begin a placeholder ({a-z…}) is itself, so JSON can be written
 * as it is. False on an unknown name. */
bool generic_fill(struct str template_text, generic_put *put, void *arg, struct text *out) MUST_CHECK;

/* -- digests ----------------------------------------------------------------------------------------------- */

/* "md5", "sha1", "sha256", "sha512" or the same behind "hmac-". False for other names. */
struct generic_digest {
    enum digest digest;
    bool keyed;
};
bool generic_digest_find(struct str name, struct generic_digest *d_r) MUST_CHECK;
/* Appends the digest of the text as "hex" (the default, lower case) or "base64". */
void generic_digest_put(struct generic_digest d, struct str key, struct str said, struct str encoding,
                        struct text *out);

/* Parts of the adapter in files of their own. */
enum verdict_in generic_verify(const struct channel *ch, enum hook hook, const struct http_in *in,
                               const char **reason_r);
bool generic_compose(const struct channel *ch, const struct message *m, struct arena *arena,
                     struct http_out *out, const char **reason_r);
void generic_judge(const struct channel *ch, const struct http_reply *reply, struct arena *arena,
                   struct sent_outcome *out);
