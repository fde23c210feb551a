/* GET /letters/{id}/pdf: the page that is signed, sealed and sent. Everything printed is copied before the thread pool draws. */
#include "staff_letters_part.h"
#include "staff_query.h"
#include "metrics.h"
#include "register.h"
#include "base/log.h"
#include "base/json.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- any paper, off the loop --- */

struct printing {
    struct staff_ask ask;
    char file_name[80];
    staff_paper *print;
    void (*drop)(void *);
    void *arg;
    struct text out;
    struct paper_fault fault;
    bool good;
};

static void work(void *arg)
{
    struct printing *p = arg;
    p->good = p->print(p->arg, &p->out, &p->fault);
}

static void printed(void *arg)
{
    struct printing *p = arg;
    char disposition[128];
    if (p->good) {
        struct http_header h = {STR("content-disposition"), STR_NONE};
        snprintf(disposition, sizeof disposition, "inline; filename=\"%s\"", p->file_name);
        h.value = str_of(disposition);
        COUNT(LETTERS_PRINTED);
        reply_file(p->ask.g, p->ask.ticket, 200, "application/pdf", text_str(&p->out), "no-store", &h, 1);
    } else {
        char zh[200], en[200];
        COUNT(LETTER_PRINT_FAILED);
        log_line(LOG_WARNING, LOG_STAFF, "not printed", "letter=%u why=\"%s\"", p->fault.letter,
                 p->fault.english ? p->fault.english : "");
        snprintf(zh, sizeof zh, "%s", p->fault.chinese ? p->fault.chinese : "");
        snprintf(en, sizeof en, "%s", p->fault.english ? p->fault.english : "");
        if (p->fault.letter) {
            snprintf(zh, sizeof zh, "%s（U+%04X）", p->fault.chinese, p->fault.letter);
            snprintf(en, sizeof en, "%s (U+%04X)", p->fault.english, p->fault.letter);
        }
        staff_refuse(&p->ask, p->fault.letter ? REFUSE_UNKNOWN_FIELD : REFUSE_INTERNAL, zh[0] ? zh : NULL,
                     en[0] ? en : NULL);
    }
    p->drop(p->arg);
    text_free(&p->out);
    free(p);
}

void staff_letter_print(const struct staff_ask *a, const char *file_name, staff_paper *print,
                        void (*drop)(void *), void *arg)
{
    struct printing *p = MEM_NEW(struct printing);
    p->ask = *a;
    p->print = print;
    p->drop = drop;
    p->arg = arg;
    snprintf(p->file_name, sizeof p->file_name, "%s", file_name);
    text_init(&p->out, PAPER_BYTES_MAX);
    if (loop_offload(a->g->loop, work, printed, p)) return;
    staff_refuse(a, REFUSE_UNAVAILABLE, "打印任务太多，请稍后重试。",
                 "Too many prints wait; please try again soon.");
    drop(arg);
    free(p);
}

/* --- a letter --- */

#define COLUMNS 5
struct page {
    struct arena arena;
    struct paper_letter letter;
    struct paper_bulletin bulletin;
    bool announces;
    struct str issuers[LETTER_ISSUERS_MAX], attachments[LETTER_ATTACHMENTS_MAX];
    struct paper_case cases[LETTER_CASES_MAX];
    struct paper_cell cells[LETTER_CASES_MAX][COLUMNS];
    struct paper_row rows[LETTER_CASES_MAX];
    struct paper_grid grid;
    struct paper_section sections[2];
    size_t n_cases;
};

static void page_free(void *arg)
{
    struct page *p = arg;
    arena_free(&p->arena);
    free(p);
}

static bool page_print(void *arg, struct text *out, struct paper_fault *fault_r)
{
    struct page *p = arg;
    return p->announces ? paper_bulletin_print(&p->bulletin, out, fault_r)
                        : paper_letter_print(&p->letter, out, fault_r);
}

static struct str keep(struct page *p, struct str s) { return s.n ? arena_str(&p->arena, s) : STR_NONE; }

static size_t keep_list(struct page *p, struct str doc, struct str *out, size_t max)
{
    const char *why;
    struct json *list = json_parse(doc, 64 * 1024, &why);
    size_t n = MIN(json_count(list), max);
    for (size_t i = 0; i < n; i++) out[i] = keep(p, json_str(json_at(list, i)));
    json_free(&list);
    return n;
}

/* 区住建局、区城管局: full names of all addressees. */
static struct str addressees(struct gateway *g, struct page *p, const struct letter_row *row)
{
    struct text t;
    text_init(&t, 16 * 1024);
    for (struct str rest = row->units, one; rest.n;) {
        u64 id = 0;
        str_cut(rest, ',', &one, &rest);
        const struct unit *u = str_u64(one, INT32_MAX, &id) ? register_unit(g, (int)id) : NULL;
        if (!u) continue;
        if (t.n) text_addz(&t, "、");
        text_add(&t, register_unit_name(g, u, row->signed_at, false));
    }
    if (row->receiver.n) text_addf(&t, "%s%.*s", t.n ? "、" : "", STR_ARG(row->receiver));
    struct str all = keep(p, text_str(&t));
    text_free(&t);
    return all;
}

static struct str number_of(struct page *p, i64 n)
{
    char z[24];
    snprintf(z, sizeof z, "%lld", (long long)n);
    return keep(p, str_of(z));
}

static struct str due_text_of(struct page *p, instant due)
{
    struct text d;
    text_init(&d, 64);
    if (due.us) letter_limit(due, &d);
    struct str s = keep(p, text_str(&d));
    text_free(&d);
    return s;
}

static void put_cases(struct gateway *g, struct page *p, const struct db_result *r)
{
    static const struct paper_column columns[COLUMNS] = {{STR("序号"), 1, PAPER_CENTRE},
                                                         {STR("办件编号"), 2.4, PAPER_CENTRE},
                                                         {STR("问题"), 5.2, PAPER_LEFT},
                                                         {STR("承办单位"), 2.6, PAPER_LEFT},
                                                         {STR("办理时限"), 3.6, PAPER_CENTRE}};
    for (int i = 0; i < db_rows(r) && p->n_cases < LETTER_CASES_MAX; i++) {
        size_t at = p->n_cases++;
        const struct unit *u = register_unit(g, (int)db_get_i64(r, i, LISTED_UNIT));
        struct str subject = db_get_text(r, i, LISTED_SUBJECT);
        /* Words of a confidential case never stand here; neither does its category. */
        if (subject.n == 0) subject = STR("有关问题线索");
        p->cases[at] = (struct paper_case){.number = number_of(p, db_get_i64(r, i, LISTED_ID)),
                                           .subject = keep(p, subject),
                                           .deadline = due_text_of(p, db_get_instant(r, i, LISTED_DUE))};
        p->cells[at][0].text = number_of(p, db_get_i64(r, i, LISTED_ORD));
        p->cells[at][1].text = p->cases[at].number;
        p->cells[at][2].text = p->cases[at].subject;
        p->cells[at][3].text = u ? keep(p, u->short_name) : STR_NONE;
        p->cells[at][4].text = p->cases[at].deadline;
        p->rows[at] = (struct paper_row){PAPER_ROW, p->cells[at]};
    }
    p->grid = (struct paper_grid){columns, COLUMNS, p->rows, p->n_cases};
}

static struct paper_head head_of(struct gateway *g, struct page *p, const struct letter_row *row,
                                 size_t n_issuers)
{
    enum paper_standing standing = row->view.state == LETTER_IN_VOID ? PAPER_VOID
                                   : row->serial.n                   ? PAPER_SIGNED
                                                                     : PAPER_DRAFT;
    return (struct paper_head){.issuers = p->issuers,
                               .n_issuers = n_issuers,
                               .number = keep(p, row->serial),
                               .standing = standing,
                               .title = keep(p, row->title),
                               .addressee = addressees(g, p, row)};
}

static struct page *page_of(struct gateway *g, const struct letter_row *row,
                            const struct db_result *const *results)
{
    const struct db_result *t = results[LETTER_Q_TEXTS];
    struct page *p = MEM_NEW(struct page);
    arena_init(&p->arena, 1024 * 1024);
    size_t n_issuers = keep_list(p, db_get_text(t, 0, TEXT_ISSUERS), p->issuers, LETTER_ISSUERS_MAX);
    put_cases(g, p, results[LETTER_Q_CASES]);
    struct paper_head head = head_of(g, p, row, n_issuers);
    struct paper_foot foot = {
        .attachments = p->attachments,
        .n_attachments =
            keep_list(p, db_get_text(t, 0, TEXT_ATTACHMENTS), p->attachments, LETTER_ATTACHMENTS_MAX),
        .date = row->signed_at.us ? civil_from_days(china_day(row->signed_at)) : (struct civil){0},
        .note = keep(p, db_get_text(t, 0, TEXT_NOTE)),
        .copies_to = keep(p, db_get_text(t, 0, TEXT_COPIES_TO))};
    struct str basis = keep(p, db_get_text(t, 0, TEXT_BASIS)), body = keep(p, db_get_text(t, 0, TEXT_BODY));
    p->announces = row->view.kind == LETTER_ANNOUNCE;
    if (!p->announces) {
        p->letter = (struct paper_letter){.head = head,
                                          .basis = basis,
                                          .body = body,
                                          .cases = p->cases,
                                          .n_cases = p->n_cases,
                                          .foot = foot};
        if (row->view.kind == LETTER_SUPERVISE && row->view.rung)
            p->letter.card = row->view.rung >= RUNG_RED ? PAPER_CARD_RED : PAPER_CARD_YELLOW;
        return p;
    }
    struct text whole; /* a 通报 opens with its mandate */
    struct str practice = keep(p, db_get_text(t, 0, TEXT_PRACTICE));
    size_t n = 0;
    text_init(&whole, 64 * 1024);
    text_addf(&whole, "%.*s%s%.*s", STR_ARG(basis), basis.n ? "\n" : "", STR_ARG(body));
    if (p->n_cases)
        p->sections[n++] = (struct paper_section){.heading = STR("一、问题交办"), .grid = &p->grid};
    const struct str heading = n ? STR("二、经验推广") : STR("一、经验推广");
    if (practice.n) p->sections[n++] = (struct paper_section){.heading = heading, .body = practice};
    p->bulletin = (struct paper_bulletin){.head = head,
                                          .banner = STR("营商环境监督通报"),
                                          .body = keep(p, text_str(&whole)),
                                          .sections = p->sections,
                                          .n_sections = n,
                                          .foot = foot};
    text_free(&whole);
    return p;
}

static void have_letter(void *arg, enum db_end end, const struct db_result *const *results, int n,
                        const struct db_error *error)
{
    struct staff_ask *a = arg;
    struct staff_who who;
    struct letter_row row;
    char name[64];
    (void)n;
    if (staff_entered(a, end, results, error, false, &who) && staff_letter_shown(a, results, &row)) {
        snprintf(name, sizeof name, "letter-%lld.pdf", (long long)row.id);
        staff_letter_print(a, name, page_print, page_free, page_of(a->g, &row, results));
    }
    free(a);
}

void staff_letter_pdf(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    struct text reason;
    struct str look;
    if (query_look(a, in, &reason, &look)) {
        struct staff_ask *kept = staff_keep(a);
        struct db_call *c = staff_call_by_key(a, have_letter, kept);
        staff_letter_read(c, id, look);
        if (!staff_go(a, c)) free(kept);
    }
    text_free(&reason);
}
