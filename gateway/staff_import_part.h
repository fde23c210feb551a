/* What the files of an import share: staff_import_list.c reads a list and judges its rows, staff_import.c takes them in. */
#pragma once
#include "staff_part.h"

#define IMPORT_ROWS_MAX 2000

/* clang-format off */
#define IMPORT_COLUMNS(X) \
    X(NUMBER, "number", "外部编号", true) X(SOURCE, "source", "来源", true) X(TEXT, "text", "内容", true) \
    X(UNIT, "unit", "单位代码", false) X(CATEGORY, "category", "事项分类", false) X(RAISED_BY, "raised_by", "反映主体", false) \
    X(DATE, "date", "日期", false) X(CONTACT, "contact", "联系电话", false)
/* clang-format on */
enum column {
#define X(id, word, zh, needed) COLUMN_##id,
    IMPORT_COLUMNS(X)
#undef X
        COLUMNS_N
};
enum row_state { ROW_GOOD, ROW_WRONG, ROW_STORED, ROW_REPEATED };
struct import_run;
struct import_row {
    struct import_run *run;
    size_t line;
    struct str f[COLUMNS_N];
    struct str key;  /* source and number */
    const char *why; /* Chinese: why it is wrong, or what is amiss although it was stored */
    i64 unit;
    instant sent;
    enum row_state state;
    u64 feedback_id, case_id;
};
struct import_run {
    struct staff_ask ask;
    struct arena arena;
    struct import_row *rows;
    size_t n, next, out;
    bool dry, assigns, cut_short, pumping;
    instant until; /* by the monotonic clock: what has not begun by then is left for the next time */
};

/* The file into judged rows; false when it was refused as a whole. */
bool import_read(struct import_run *w, struct str file) MUST_CHECK;
