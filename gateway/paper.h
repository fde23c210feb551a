/* What the office prints on A4, as PDF: letters, bulletins, lists, and one case whole. Callers fill a struct and get
 * the bytes; drawing takes up to seconds, so they call from the loop's thread pool, never from the loop itself.
 *
 * Pure: structs in, bytes out. No database, no clock, no file but the fonts, nothing shared between two prints: two may
 * run at once, and equal structs give equal bytes. Never prints a seal, never a box in place of a letter.
 *
 * All texts are views of valid UTF-8 that need to live only during the call; STR_NONE or "" means absent. They may
 * hold anything: control characters and directions are dropped, no markup is read. A line feed begins a new
 * paragraph in `body` and `text` fields and is a blank elsewhere.
 *
 * Every printer appends to `out` (text_init it with PAPER_BYTES_MAX) and returns false with the fault when nothing was
 * printed; `out` is then as before.
 *
 * Layout of letters and bulletins: GB/T 9704-2012. Its fonts (小标宋, 仿宋_GB2312, 楷体_GB2312) are not free: where
 * they are installed they are taken, else Noto Serif CJK SC stands for 仿宋 and, in bold, for 小标宋, LXGW WenKai for
 * 楷体 (Noto Serif where that is missing too) and Noto Sans CJK SC in bold for 黑体. All are embedded as subsets. */
#pragma once
#include "base/clock.h"
#include "base/str.h"

#define PAPER_BYTES_MAX   ((size_t)64 << 20)
#define PAPER_PAGES_MAX   500
#define PAPER_TEXT_MAX    ((size_t)256 << 10) /* bytes of one field */
#define PAPER_ISSUERS_MAX 3
#define PAPER_COLUMNS_MAX 16

struct paper_fault {
    u32 letter;          /* the letter that no font of the machine has, else 0 */
    const char *english; /* one sentence, static */
    const char *chinese;
};

/* A colour is only ever printed beside the word that says the same. */
enum paper_colour { PAPER_BLACK, PAPER_RED, PAPER_YELLOW, PAPER_GREEN, PAPER_BLUE, PAPER_GREY };
enum paper_align { PAPER_LEFT, PAPER_CENTRE, PAPER_RIGHT };

struct paper_column {
    struct str title;
    double width; /* relative to the others; > 0 */
    enum paper_align align;
};
struct paper_cell {
    struct str text;
    enum paper_colour colour;
};
/* GROUP: cells[0] stands across all columns, as a heading between rows. TOTAL: an ordinary row in bold. */
enum paper_row_kind { PAPER_ROW, PAPER_ROW_GROUP, PAPER_ROW_TOTAL };
struct paper_row {
    enum paper_row_kind kind;
    const struct paper_cell *cells; /* one per column; one alone for GROUP */
};
/* Rows under a header that is repeated on every page; cells wrap, a row higher than a page runs on. */
struct paper_grid {
    const struct paper_column *columns;
    size_t n_columns; /* 1..PAPER_COLUMNS_MAX */
    const struct paper_row *rows;
    size_t n_rows; /* 0 prints a row with 无 */
};

/* DRAFT prints 拟稿·未签发 where the number would be and over the page; VOID prints a big grey 作废 on every page. */
enum paper_standing { PAPER_SIGNED, PAPER_DRAFT, PAPER_VOID };
/* The colour of a 督办函, printed as word and colour: 黄色督办, 红色督办. */
enum paper_card { PAPER_CARD_NONE, PAPER_CARD_YELLOW, PAPER_CARD_RED };

/* What letters and bulletins have in common. */
struct paper_head {
    const struct str
        *issuers; /* full names, 1..PAPER_ISSUERS_MAX; the first leads: the red name of a letter */
    size_t n_issuers;
    struct str number; /* 示优化办函〔2026〕8号; must be absent for a DRAFT and there for SIGNED */
    enum paper_standing standing;
    struct str title;     /* required; broken into balanced lines */
    struct str addressee; /* without the colon */
};
struct paper_foot {
    const struct str *attachments;
    size_t n_attachments;
    const struct str *signatures; /* who signs; NULL: the issuers. One place for a seal （印章） under each */
    size_t n_signatures;
    struct civil date; /* 成文日期; year 0 leaves it to be filled in by hand */
    struct str note;   /* 附注, printed in brackets: 联系人…电话… */
    struct str copies_to;
};

struct paper_case {
    struct str number, subject, deadline;
};
/* 信函格式: 交办函, 督办函, 催办通知书, 移送函. `body` is paragraphs; one that begins with 一、 is set in 黑体, （一）
 * in 楷体, up to the first full stop when it runs on. */
struct paper_letter {
    struct paper_head head;
    enum paper_card card;
    struct str basis; /* by what mandate: the first paragraph, as it is */
    struct str body;
    const struct paper_case *cases; /* a table after the body */
    size_t n_cases;
    struct paper_foot foot;
};
bool paper_letter_print(const struct paper_letter *letter, struct text *out,
                        struct paper_fault *fault_r) MUST_CHECK;

/* 通报, with the red head. A section is a heading (一、问题交办; 二、经验推广), paragraphs, a table, in that order;
 * each may be absent. */
struct paper_section {
    struct str heading, body;
    const struct paper_grid *grid; /* NULL: none */
};
struct paper_bulletin {
    struct paper_head head;
    struct str banner; /* the red words, 营商环境监督通报; absent: the issuers' names and 文件 */
    struct str body;   /* before the first section */
    const struct paper_section *sections;
    size_t n_sections;
    struct paper_foot foot;
};
bool paper_bulletin_print(const struct paper_bulletin *bulletin, struct text *out,
                          struct paper_fault *fault_r) MUST_CHECK;

/* A list with a title: 收发文登记簿, the weekly sheet, any list of the staff. Letters that no font has are printed as
 * their number, 〔U+1F600〕: a list must not fail because of what one citizen typed. */
struct paper_table {
    struct str title; /* required */
    struct str subtitle;
    bool landscape;
    struct paper_grid grid;
    struct str note; /* under the table */
    instant printed; /* in the foot of each page, China time */
};
bool paper_table_print(const struct paper_table *table, struct text *out,
                       struct paper_fault *fault_r) MUST_CHECK;

/* 全程回溯: one case and everything that happened to it. Letters without a font as in paper_table. */
struct paper_fact {
    struct str name, value;
    enum paper_colour colour; /* of the value */
};
struct paper_event {
    struct str when, who, what;
    enum paper_colour colour; /* of `what` */
    struct str text;          /* as long as it is; runs over pages */
};
struct paper_chapter {
    struct str heading, text;
    const struct paper_event *events;
    size_t n_events;
};
struct paper_story {
    struct str number; /* of the case, required; in the foot of each page */
    struct str title;  /* required */
    struct str subtitle;
    const struct paper_fact *facts; /* printed two to a row */
    size_t n_facts;
    const struct paper_chapter *chapters;
    size_t n_chapters;
    instant printed;
};
bool paper_story_print(const struct paper_story *story, struct text *out,
                       struct paper_fault *fault_r) MUST_CHECK;

/* A tile as PNG, transparent, with the lines of `words` aslant in light grey: what lies behind a list that is taken out. Unlike
 * the papers it is no page; a letter that no font has is drawn as the font's box. */
bool paper_mark(struct str words, struct text *out, struct paper_fault *fault_r) MUST_CHECK;
