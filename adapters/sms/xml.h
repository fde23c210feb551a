/* The little XML that messengers and old SMS gateways push: one element with fields in it, without attributes that matter. Read
 * with bounds and without entities of its own: a document type is refused, so nothing can be expanded or fetched. Called by
 * adapters; no recursion, keeps everything in the arena. */
#pragma once
#include "base/arena.h"

#define XML_FIELDS_MAX 64
#define XML_DEPTH_MAX  8 /* below the root */
#define XML_NAME_MAX   200

struct xml {
    struct {
        struct str name,
            value; /* "ToUserName"; of a nested one with dots: "da.number". Values decoded, not trimmed */
    } fields[XML_FIELDS_MAX];
    size_t n;
};

/* The leaf elements below the root in their order; CDATA and references decoded. False with a sentence: not well-formed as far as
 * it is read, a document type, a comment, an unknown reference, over a bound, bytes that are no UTF-8, or the arena is full. */
bool xml_read(struct arena *arena, struct str source, struct xml *out, const char **reason_r) MUST_CHECK;
/* Value of the first field of that name, or STR_NONE. */
struct str xml_value(const struct xml *x, struct str name);
/* <name><![CDATA[value]]></name>, whatever the value holds. */
void xml_put(struct text *t, const char *name, struct str value);
