/* The JSON body of a request as a handler of the staff's door reads it: opened against the members that are known, each member
 * bounded and judged on its way into a plain value, and one question at the end whether all were good. The first one that was not is
 * named in the refusal, so a handler has no words of its own for it. Called by gateway/staff*.c; it keeps nothing and asks nothing of
 * the database.
 *
 *     struct body b;
 *     if (!body_open(a, in, known, &b)) return;
 *     struct str theme = body_text(&b, "theme", 1, 100);
 *     i64 unit = body_unit(a->g, &b, "unit", true);
 *     if (!body_good(a, &b)) return;
 *     …
 *     body_close(&b);
 */
#pragma once
#include "staff_part.h"
#include "core/choice.h"
#include "core/choice.h"

struct body {
    struct json *doc;
    struct arena arena; /* texts */
    const char *wrong;  /* the first member that was missing or not understood */
    bool too_long;      /* …because it was over its length */
};
/* The body as an object of at most 128 KiB with no members but those of `known` (NULL-terminated). False: refused, nothing to close. */
bool body_open(const struct staff_ask *a, const struct http_in *in, const char *const *known,
               struct body *b_r) MUST_CHECK;
/* The texts that were read end with it. */
void body_close(struct body *b);
/* False: a member was wrong; refused and closed. */
bool body_good(const struct staff_ask *a, struct body *b) MUST_CHECK;

/* Trimmed text of min..max characters; min 0: may be absent, then STR_NONE. Line breaks stay, other controls are wrong. */
struct str body_text(struct body *b, const char *name, size_t min, size_t max);
i64 body_number(struct body *b, const char *name, bool needed, i64 max); /* 1..max; 0: absent */
/* Index of the word; 0 when it is none. */
int body_choice(struct body *b, const char *name, const struct choice *words, size_t n);
instant body_instant(struct body *b, const char *name); /* needed; RFC 3339, with its time of day */
struct str body_date(struct body *b, const char *name, bool needed); /* "2026-03-18", judged */
/* Id of a unit that is there, never of a station but of what it belongs to; 0: absent. */
i64 body_unit(struct gateway *g, struct body *b, const char *name, bool needed);

/* Refuses a member that is missing or not understood, where a handler judges one itself; "?": one that is not known. */
void body_refuse(const struct staff_ask *a, const char *name);
/* The body as a JSON object of at most max bytes, for handlers whose members are lists or objects; false when it was refused. Free
 * with json_free. */
bool body_object(const struct staff_ask *a, const struct http_in *in, size_t max,
                 struct json **doc_r) MUST_CHECK;
/* The Idempotency-Key that came with it (P2); false: refused. */
bool body_key(const struct staff_ask *a, const struct http_in *in, char dst[129]) MUST_CHECK;
