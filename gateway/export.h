/* Everything that a desk lists or counts, as a file for office programs (M46's figures to take away, 台账 to hand over). One table says
 * which lists there are (export_tables.c): the path of the staff's API whose answer it is, the arrays in it, the columns. The same handler and statement
 * as on the screen makes the answer, so row-level security decides what is in the file, and nothing is exported that the
 * person could not list. Used by staff_export.c alone; never reads a database, a clock or a socket. */
#pragma once
#include "reply.h"
#include "base/arena.h"
#include "base/json.h"
#include "base/table.h"

#define EXPORT_TABLES_MAX  8
#define EXPORT_COLUMNS_MAX 40
#define EXPORT_TEXT_MAX    ((size_t)96 << 20) /* all words of one file */

enum export_kind {
    EXPORT_TEXT,    /* a string; a number as it is written; an array joined by 、; an object as JSON */
    EXPORT_NUMBER,  /* an integer or a decimal; a string of digits too */
    EXPORT_TIME,    /* RFC 3339 → China time */
    EXPORT_DAY,     /* "2026-03-18" */
    EXPORT_YES,     /* 是 where true, nothing where false */
    EXPORT_PERCENT, /* 0..1 */
    EXPORT_LEVEL,   /* 2 → L2 */
    EXPORT_WORD,    /* a word of the API → its name in `words`; what is not there stays as it is */
};
struct export_word {
    const char *word, *zh, *en;
};
/* path: members from the row, "unit.short_name"; "^" in front: from the object that the array stands in; "^^": from the
 * whole answer; "[]" behind a name: of every element of that array ("units[].short_name"). */
struct export_column {
    const char *path, *zh, *en;
    enum export_kind kind;
    const struct export_word *words; /* of EXPORT_WORD; ends with word NULL */
};
/* array: where the rows stand: "cases"; "units[].items" for arrays in the elements of an array; "" is the answer itself: its elements when it
 * is an array, else one row. */
struct export_part {
    const char *zh, *en, *array;
    const struct export_column *columns; /* ends with path NULL */
};
struct export_spec {
    const char *name, *zh, *en;
    const char *path; /* of the staff's API; '#' stands for the member "id" of the request */
    /* How further pages are asked for: the query parameter, and where its value stands: a member of the answer ("next"), or of
     * the last row ("^number": then there is more while the answer's "more" says so). NULL: it is one page, and "more" means too many. */
    const char *cursor, *from;
    const char
        *limit; /* query parameter of rows to a page with its largest value, "limit=100"; NULL: it has none */
    struct export_part parts[EXPORT_TABLES_MAX]; /* ends with columns NULL */
};
extern const struct export_spec export_specs[];
extern const size_t n_export_specs;
const struct export_spec *export_find(struct str name); /* NULL: none */

extern const struct export_word export_states[], export_natures[], export_channels[], export_urgencies[],
    export_clocks[], export_colours[], export_contacts[], export_letter_books[], export_tracks[],
    export_plaque_states[], export_plaque_results[], export_plaque_kinds[], export_rating_kinds[],
    export_changes[], export_visit_kinds[], export_visit_states[], export_targets[], export_policy_states[],
    export_publish_kinds[], export_publish_states[], export_outbox_states[], export_exchange_kinds[],
    export_exchange_outcomes[], export_cause_states[], export_roles[], export_account_kinds[],
    export_account_states[], export_meeting_kinds[], export_inspection_kinds[], export_model_states[],
    export_example_kinds[], export_draft_states[], export_day_kinds[], export_change_kinds[],
    export_change_states[], export_purposes[], export_channel_uses[];

/* --- rows: answers in, tables out (any thread; not two at once on one struct) --- */
struct export_rows {
    const struct export_spec *spec;
    enum lang lang;
    struct arena arena; /* words and arrays */
    struct {
        struct str heads[EXPORT_COLUMNS_MAX];
        size_t n_columns, n_rows, cap;
        struct table_cell *cells; /* mem_grow */
    } parts[EXPORT_TABLES_MAX];
    size_t n_parts, n_rows, max_rows;
    char next[600]; /* value of the cursor for the next page; "" when this was the last */
    bool more;      /* there is more than this list can give */
};
void export_rows_init(struct export_rows *r, const struct export_spec *spec, enum lang lang, size_t max_rows);
void export_rows_free(struct export_rows *r);
enum export_end { EXPORT_OK, EXPORT_TOO_MANY, EXPORT_UNREADABLE };
/* Adds the rows of one answer. TOO_MANY: over max_rows, over the room for words, or the list was cut. */
enum export_end export_rows_add(struct export_rows *r, struct str answer) MUST_CHECK;

/* --- the file --- */
enum export_format { EXPORT_CSV, EXPORT_XLSX };
/* Who takes it out; as a text of one line it stands in the file. */
struct export_mark {
    struct str person, post, district;
    u64 number;
    instant at;
};
void export_mark_line(const struct export_mark *m, enum lang lang, struct text *line);
/* Appends the whole file. False with a sentence (a constant). */
bool export_file(const struct export_rows *r, const struct export_mark *m, enum export_format format,
                 struct text *out, const char **error_r) MUST_CHECK;
