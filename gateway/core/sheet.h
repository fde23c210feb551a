/* The weekly sheet (每周督办, M46): which items are open on a day, what is due, overdue and done, and what has changed
 * since a week before. Called by gateway/staff_sheet.c with states taken from the acts; pure: knows no clock, no calendar
 * but days, and stores nothing. A sheet of the same day is the same whenever it is drawn up, because both its
 * states are those of the history and never of a copy kept for the purpose. */
#pragma once
#include "core/caseflow.h"

/* The instants that a sheet looks at, in China's days. */
struct sheet_week {
    instant as_of;  /* states are those of this instant */
    instant before; /* seven days earlier: the sheet of last week */
    instant monday; /* 00:00 of the Monday of the week of as_of */
    instant end;    /* 24:00 of its Sunday */
    bool past;      /* drawn up for an earlier day than today */
};
/* The sheet of that day: today it says how things stand now, of an earlier day how they stood at its end (24:00). False
 * when the day has not come yet. */
bool sheet_week_of(i64 day, instant now, struct sheet_week *week_r) MUST_CHECK;

/* clang-format off */
#define SHEET_CHANGES(X) \
    X(NONE, "none", "") /* open neither then nor now, and not closed between: no row of the sheet */ \
    X(NEW, "new", "新增") \
    X(SAME, "same", "无变化") \
    X(MOVED, "moved", "有进展") \
    X(BACK, "back", "退回") /* a state further from the end than a week before */ \
    X(REOPENED, "reopened", "重新办理") \
    X(CLOSED, "closed", "办结") \
    X(LEFT, "left", "不予受理或并案")
/* clang-format on */
enum sheet_change {
#define X(id, word, zh) SHEET_##id,
    SHEET_CHANGES(X)
#undef X
        SHEET_CHANGES_N
};
const char *sheet_change_word(enum sheet_change c);
const char *sheet_change_chinese(enum sheet_change c);

struct sheet_item {
    i64 unit;                  /* who keeps track here, also of what a higher organ handles */
    enum case_state then, now; /* at week.before and week.as_of; CASE_NEW: it did not exist yet */
    instant due;               /* what is owed next at as_of; us == 0: nothing, or not known */
    bool higher;               /* an organ above handles it */
};
/* From the states a week before and now. */
enum sheet_change sheet_change(enum case_state then, enum case_state now);
/* Due before as_of, resp. from as_of to the end of the week. Only open items are either. */
bool sheet_overdue(const struct sheet_week *week, const struct sheet_item *item);
bool sheet_due_this_week(const struct sheet_week *week, const struct sheet_item *item);

/* Sums hold: open_before + fresh + reopened - closed - left == open. */
struct sheet_sum {
    i64 unit; /* 0: of all units */
    int open_before, fresh, reopened, closed, left;
    int open, due_this_week, overdue, higher; /* higher: open, handled above */
};
/* Sums by unit, in the order in which units first come up, and over all. Items that are no row of the sheet are passed
 * over. `sums` holds at least one element per item; returns how many were written. */
size_t sheet_sums(const struct sheet_week *week, const struct sheet_item *items, size_t n,
                  struct sheet_sum *sums, struct sheet_sum *total_r);
