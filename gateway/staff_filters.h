/* What a list of cases is narrowed by: read from an address, or from a kept view, judged once, and put into the statements that list, search
 * and count. Used by staff_cases*.c, staff_search.c, staff_views.c, staff_phone.c alone. What a person may not see is not filtered here: the
 * policies leave it out. */
#pragma once
#include "staff_part.h"

#define FILTERS_LIMIT_DEFAULT 50
#define FILTERS_LIMIT_MAX     100
#define FILTERS_TERMS_MAX     8
#define FILTERS_UNITS_MAX     1024
/* Words of a confidential case are shown on its own page alone, where the look is logged; so they are not searched. */
#define FILTERS_SUMMARY                                                                                      \
    "case when c.confidential then '' else left(coalesce(case_extract(c.id), f.masked), 80) end"
#define FILTERS_OPEN "('discovered', 'assigned', 'handling', 'replied', 'verifying')"

/* Conditions on a case `c` over the first FILTERS_PARAMS parameters of a statement. Statements with them are planned anew each time
 * (filters_add_plan): what is not asked for then costs nothing, and each filter finds its own index. */
#define FILTERS_SQL                                                                                             \
    "($1::text[] is null or c.state = any ($1)) and ($2::text[] is null or c.nature = any ($2)) "               \
    "and ($3::integer[] is null or c.unit_id = any ($3)) "                                                      \
    "and ($4::text is null or left(c.category, length($4)) = $4) "                                              \
    "and ($5::integer[] is null or c.level = any ($5)) and ($6::bigint is null or c.id = $6) "                  \
    "and (not $7 or c.unit_id = (select my_unit()) or c.handler_id = (select staff_now()) "                     \
    "  or c.id in (select cu.case_id from case_units cu where cu.unit_id = (select my_unit()))) "               \
    "and (not $8 or c.triage and c.state = 'discovered') "                                                      \
    "and (not $9 or c.held and c.state in " FILTERS_OPEN ") "                                                   \
    "and (not $10 or c.due_at < $11 and c.state in " FILTERS_OPEN ") "                                          \
    "and (not $12 or c.state in ('closed', 'declined') and 'objected' = any (c.flags)) "                        \
    "and ($13::text[] is null or c.channel = any ($13)) "                                                       \
    "and ($14::timestamptz is null or c.opened_at >= $14) and ($15::timestamptz is null or c.opened_at < $15) " \
    "and ($16::integer[] is null or c.rung = any ($16)) "                                                       \
    "and ($17::text is null or $17 = case when c.due_at is null or not (c.state in " FILTERS_OPEN               \
    "    or 'objected' = any (c.flags)) then 'green' when c.due_at <= $11 then 'red' "                          \
    "  when c.warn_at <= $11 then 'yellow' else 'green' end) "                                                  \
    "and ($17::text is null or $17 = 'green' or c.due_at is not null) "                                         \
    "and ($18::integer is null or c.handler_id = $18) "                                                         \
    "and ($19::text is null or c.id in (select s.case_id from feedback s where s.plaque = $19)) "               \
    "and ($20::bigint is null or c.id = any (array(select burst_cases($20)))) "
/* A page of cases `c`, already cut: what staff_row_json shows of each. */
#define PAGE_COLUMNS CASEWORK_COLUMNS ", " FILTERS_SUMMARY ", n.n"
#define PAGE_JOINS                                                                                                               \
    "left join lateral (select s.masked from feedback s where s.case_id = c.id order by s.received_at, s.id limit 1) f on true " \
    "left join lateral (select count(*) as n from case_reporters(c.id)) n on true "
#define FILTERS_PARAMS 20
#define FILTERS_TYPES                                                                                        \
    DB_TEXTS, DB_TEXTS, DB_INT4S, DB_TEXT, DB_INT4S, DB_INT8, DB_BOOL, DB_BOOL, DB_BOOL, DB_BOOL,            \
        DB_TIMESTAMPTZ, DB_BOOL, DB_TEXTS, DB_TIMESTAMPTZ, DB_TIMESTAMPTZ, DB_INT4S, DB_TEXT, DB_INT4,       \
        DB_TEXT, DB_INT8

struct filters {
    struct arena arena;
    struct str states, natures, levels, category, channels, rungs, colour, plaque; /* .p NULL: not set */
    struct str words;                    /* as typed; .p NULL: nothing is searched */
    struct str terms[FILTERS_TERMS_MAX]; /* the same, clean, each of which must occur */
    size_t n_terms;
    const int *units; /* with all below it */
    size_t n_units;
    i64 number, handler, burst; /* number: what was typed is one; burst: of one place, its cases */
    bool mine, triage, held, overdue, objected, by_due;
    instant from, to;
    struct str cursor; /* of the page before, as given out */
    int limit;
    const char *bad; /* the first that was not understood */
};

/* Free with filters_free, also when something was bad. `query` is the part of an address behind the question mark. */
void filters_read(struct filters *f, const struct staff_ask *a, struct str query);
void filters_free(struct filters *f);
/* The first FILTERS_PARAMS parameters. number: asks for that case alone, 0 for all. */
void filters_put(struct db_params *p, const struct filters *f, i64 number);
/* The statement behind which statements are planned for the very values they come with. One result without meaning. */
void filters_add_plan(struct db_call *c);
extern const struct db_stmt stmt_filters_plan;

/* Two numbers as one opaque word of the address, so that a page never repeats or loses a row while new ones come in. False when it is none, or
 * holds what PostgreSQL's types could not. */
void cursor_put(struct text *t, u64 a, u64 b);
bool cursor_get(struct str s, u64 *a_r, u64 *b_r) MUST_CHECK;

/* Searches read more than lists do. One connection less than there are may be busy with them, so that signing in and acting do not wait
 * behind searches. False, with the refusal answered: all are. */
bool search_begin(const struct staff_ask *a) MUST_CHECK;
void search_end(void);
void staff_search(const struct staff_ask *a, struct filters *f); /* takes f's content over */
