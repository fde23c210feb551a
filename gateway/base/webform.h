/* A form as a browser sends it: application/x-www-form-urlencoded, or multipart/form-data (RFC 7578) when it brings files.
 * Called by the forms of citizens; pure bytes, copies nothing: fields and files are views into the request's body, so they
 * die with it. Never trusts a file's name or type: both are what the sender says (promise P12). */
#pragma once
#include "base/arena.h"
#include "base/http.h"

#define WEBFORM_FIELDS_MAX 48
#define WEBFORM_FILES_MAX  12 /* more than any form of ours takes: the form itself says what is too much */

struct webform_file {
    struct str field;    /* name of the input */
    struct str filename; /* as sent; never a path of ours */
    struct str type;     /* as sent */
    struct str bytes;    /* never empty: an input left alone brings no file */
};

struct webform {
    struct str urlencoded; /* the body when it is that kind, else STR_NONE */
    struct {
        struct str name, value;
    } fields[WEBFORM_FIELDS_MAX]; /* multipart: as sent, nothing decoded */
    size_t n_fields;
    struct webform_file files[WEBFORM_FILES_MAX];
    size_t n_files;
};

enum webform_end {
    WEBFORM_READ,
    WEBFORM_OTHER_TYPE, /* neither kind; read like the first, so that what was typed can be shown again */
    WEBFORM_BROKEN,     /* multipart without boundary or end, a part without a name, too many parts */
};
enum webform_end webform_read(const struct http_in *in, struct webform *form_r) MUST_CHECK;
/* The first field of that name, decoded, copied into the arena: as sent, nothing trimmed. Empty, never NULL, when it is
 * absent or broken, or the arena is full. */
struct str webform_get(const struct webform *f, struct arena *a, const char *name);
/* The same of the n-th field of that name, from 0; .p is NULL when there are not so many. For boxes that can be ticked. */
struct str webform_get_nth(const struct webform *f, struct arena *a, const char *name, size_t nth);
