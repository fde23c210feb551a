/* The renderer of the citizen pages: logic-less, escaping by default, with no way around the escaping.
 *
 *   {{name}}              the value, with & < > " ' escaped: safe as text and inside a quoted attribute
 *   {{#name}}…{{/name}}   once for every row of a list; once when a flag is set or a text is not empty
 *   {{^name}}…{{/name}}   once when there are no rows, the flag is not set, the text is empty
 *   {{>part}}             another file, taken in when the template is read
 *   {{t.key}}             the sentence of the page's language; {name} inside it is a value
 *   {{! remark}}          nothing
 *
 * A value or sentence inside a tag must stand between double quotes; anything else is refused when it is read.
 * Templates are read once at start. Rendering takes one pass, an explicit stack and no recursion; what would
 * pass the ceiling of the output is left out and told. */
#pragma once
#include "base/arena.h"
#include "pages/words.h"

#define TEMPLATE_DEPTH 8    /* sections inside each other */
#define TEMPLATE_PARTS 4    /* files inside each other */
#define TEMPLATE_OPS   4000 /* pieces of one template */

/* Where the file of a template comes from, by its name without ".html"; false when there is none. The bytes must
 * live until template_parse returns. */
typedef bool template_load(void *arg, struct str name, struct str *bytes_r);

struct template;
/* NULL: `error` names file, line and reason. words: the catalogue whose keys count (any, for all match). */
struct template *template_parse(struct str name, const struct words *words, template_load *load, void *arg,
                                struct text *error) MUST_CHECK;
void template_free(struct template **t);

/* What a page shows: a scope of values, flags and lists; a row of a list is a scope of its own that also sees
 * the ones around it. Lives in the arena. Names must be literals; texts are views that live until rendering. */
struct template_data;
struct template_data *template_data_new(struct arena *a) MUST_CHECK; /* NULL: arena is full */
void template_put(struct template_data *d, const char *name, struct str value);
void template_flag(struct template_data *d, const char *name, bool yes);
/* Another row of that list. When the arena is full the row goes nowhere and rendering will fail. */
struct template_data *template_row(struct template_data *d, const char *list);

/* Appends the page. False when the output passed its ceiling or the data did not fit its arena. Bytes of a value
 * that are not valid UTF-8 become U+FFFD. */
bool template_render(const struct template *t, const struct words *words, const struct template_data *data,
                     struct text *out) MUST_CHECK;
/* Appends a sentence with its {name} filled in from the outer scope, as plain text: to be put into the data, where it
 * is escaped like every other value. */
void template_fill(struct str sentence, const struct template_data *data, struct text *out);
