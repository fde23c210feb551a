/* Forms and queries as SMS providers sign them and want them: all fields decoded, in one order; and the address a push was sent
 * to, as its sender knows it. Called by the adapters' verify and compose only; keeps everything in the arena given, knows no
 * provider and no secret. */
#pragma once
#include "adapters/adapter.h"

#define FORM_FIELDS_MAX 1000 /* a push has some thirty; more is an attack on the sorting */

struct form_field {
    struct str name, value; /* decoded, any bytes */
};
struct form {
    struct form_field *fields;
    size_t n;
};

/* Enough for form_read of so much text and what is signed of it. */
#define FORM_ARENA(text_n) ((text_n)*2 + FORM_FIELDS_MAX * sizeof(struct form_field) + 4096)
/* All fields in the order in which they came; pieces without a name and a value ("a=1&&b=2") are left out. False on a broken
 * escape, over FORM_FIELDS_MAX, or when the arena is full. */
bool form_read(struct arena *arena, struct str text, struct form *form_r) MUST_CHECK;
/* By name, then by value, both by bytes. */
void form_sort(struct form *f);
/* Value of the first field of that name as the form stands now, or STR_NONE. */
struct str form_value(const struct form *f, struct str name);
/* One more field of a form being written: "&" unless it is the first, escapes as percent_put, a blank as "+". */
void form_put(struct text *t, const char *name, struct str value);

/* Where a push was sent to. Scheme and authority are what is entered at the provider (setting public_url, else hook_base: a
 * proxy in between changes both); path and query are the request's own, for they are signed as they were sent. Without both
 * settings the request's own Host counts, and whether it came by TLS. */
struct form_address {
    struct str scheme;      /* "https" */
    struct str host, port;  /* port without its colon, empty when none is written */
    struct str path, query; /* query without its question mark */
};
struct form_address form_address_of(const struct channel *ch, const struct http_in *in);
