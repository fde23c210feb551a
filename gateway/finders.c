#include "finders.h"
#include "intake.h"
#include "metrics.h"
#include "register.h"
#include "base/code.h"
#include "core/receipt.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct db_stmt stmt_finding_link = {"finding_link",
                                          "select finding_link($1, $2, $3, $4, $5, $6)",
                                          6,
                                          {DB_TEXT, DB_INT8, DB_TEXT, DB_INT8, DB_INT8, DB_TEXT}};
const struct db_stmt stmt_finder_case = {
    "finder_case",
    "select " CASEWORK_COLUMNS
    ", case when c.confidential then '' else left((select s.masked from feedback s where s.case_id = c.id "
    "order by s.received_at, s.id limit 1), 80) end, " FINDER_FEEDBACKS " from cases c where c.id = $1",
    1,
    {DB_INT8}};

const struct db_stmt *const finder_statements[] = {
    &stmt_finding_link,
    &stmt_entry_target,
    &stmt_finder_case,
    &stmt_meeting_add,
    &stmt_meetings,
    &stmt_meeting,
    &stmt_meeting_words,
    &stmt_meeting_problems,
    &stmt_meeting_write,
    &stmt_meeting_measure,
    &stmt_board,
    &stmt_board_left,
    &stmt_inspection_add,
    &stmt_inspections,
    &stmt_inspection,
    &stmt_inspection_problems,
    &stmt_inspection_outcomes,
    &stmt_inspection_outcome,
    &stmt_inspection_totals,
    &stmt_monitor_add,
    &stmt_monitors,
    &stmt_monitor_mine,
    &stmt_monitor_file,
    &stmt_monitor_returns,
    &stmt_import_link,
    &stmt_import_seen,
    &stmt_weekly,
};
const size_t n_finder_statements = ARRAY_LEN(finder_statements);

/* --- one problem: stored, linked, assigned, shown --- */

#define ASSIGN_TRIES 3

struct bringing {
    struct staff_ask ask;
    struct arena arena;
    struct finding f;
    struct finding_result result;
    char detail[CASEFLOW_DETAIL_MAX + 100];
    int tries;  /* of assigning */
    bool again; /* the case had changed in between: read, and assign once more */
    finding_done *done;
    void *arg;
};

static void finish(struct bringing *w)
{
    w->done(w->arg, &w->result);
    arena_free(&w->arena);
    free(w);
}

static void finish_answered(struct bringing *w)
{
    w->result = (struct finding_result){.answered = true};
    finish(w);
}

/* --- the last step: the case as it is now --- */

static void take_row(struct bringing *w, const struct db_result *r, struct case_row *row)
{
    casework_row(r, 0, row);
    w->result.row = row;
    w->result.summary = db_get_text(r, 0, CASEWORK_COLUMNS_N);
    w->result.feedbacks = db_get_i64(r, 0, CASEWORK_COLUMNS_N + 1);
}

static void assign(struct bringing *w, const struct case_row *row);

static void have_case(void *arg, enum db_end end, const struct db_result *const *results, int n,
                      const struct db_error *error)
{
    struct bringing *w = arg;
    struct staff_who who;
    struct case_row row;
    (void)n;
    if (!staff_granted(&w->ask, end, results, error, &who)) {
        finish_answered(w);
        return;
    }
    if (db_rows(results[CASEWORK_FIRST])) {
        take_row(w, results[CASEWORK_FIRST], &row);
        if (w->again && row.view.state == CASE_DISCOVERED) {
            assign(w, &row);
            return;
        }
    }
    finish(w);
}

static void read_case(struct bringing *w)
{
    struct db_call *c = staff_call(&w->ask, have_case, w);
    struct db_params *p = db_params_new(&stmt_finder_case);
    db_put_i64(p, (i64)w->result.case_id);
    db_call_add(c, &stmt_finder_case, p);
    if (!staff_go(&w->ask, c)) finish_answered(w);
}

/* What is stored stays stored: that it could not be assigned is told beside its number. */
static void assigned(void *arg, const struct casework_result *r)
{
    struct bringing *w = arg;
    w->result.assigned = r->refusal == REFUSE_NONE;
    /* The clock may have had something to say in the same moment. */
    w->again = r->refusal == REFUSE_CASE_CHANGED && ++w->tries < ASSIGN_TRIES;
    if (!w->result.assigned && !w->again) {
        snprintf(w->detail, sizeof w->detail, "%s", r->detail[0] ? r->detail : refusal_facts(r->refusal)->zh);
        w->result.why_not = w->detail;
    }
    read_case(w);
}

static void assign(struct bringing *w, const struct case_row *row)
{
    w->result.row = NULL; /* read anew afterwards */
    const struct act_request req = {.act = ACT_ASSIGN,
                                    .now = clock_now(),
                                    .expected_version = row->view.version,
                                    .unit = w->f.unit,
                                    .reason = w->f.reason,
                                    .higher = w->f.higher};
    casework_act(w->ask.g, &w->ask.session, w->result.case_id, &req, w->f.category, assigned, w);
}

static void linked(void *arg, enum db_end end, const struct db_result *const *results, int n,
                   const struct db_error *error)
{
    struct bringing *w = arg;
    struct staff_who who;
    struct case_row row;
    (void)n;
    if (!staff_granted(&w->ask, end, results, error, &who)) {
        finish_answered(w);
        return;
    }
    if (!w->result.repeated) COUNT(FINDINGS);
    w->result.ordinal = db_get_i64(results[FINDING_LINK], 0, 0);
    if (db_rows(results[FINDING_CASE]) == 0) { /* confidential: who brought it sees it no more */
        if (w->f.unit) w->result.why_not = "本件按保密件受理，由追责问责组交办。";
        finish(w);
        return;
    }
    take_row(w, results[FINDING_CASE], &row);
    if (w->f.unit && row.view.state == CASE_DISCOVERED) {
        assign(w, &row);
        return;
    }
    w->result.assigned = row.view.state != CASE_DISCOVERED;
    if (w->f.unit && row.view.unit != w->f.unit) w->result.why_not = "本件此前已交其他单位办理。";
    finish(w);
}

static void link_source(struct bringing *w)
{
    struct db_call *c = staff_call(&w->ask, linked, w);
    struct db_params *p = db_params_new(&stmt_finding_link);
    db_put_text(p, str_of(w->f.source));
    db_put_i64(p, w->f.source_id);
    db_put_text(p, w->f.period.n ? w->f.period : STR_NONE);
    db_put_i64(p, (i64)w->result.feedback_id);
    db_put_i64(p, (i64)w->result.case_id);
    db_put_text(p, w->f.raised_by.n ? w->f.raised_by : STR_NONE);
    db_call_add(c, &stmt_finding_link, p);
    p = db_params_new(&stmt_finder_case);
    db_put_i64(p, (i64)w->result.case_id);
    db_call_add(c, &stmt_finder_case, p);
    if (w->f.more) w->f.more(w->arg, c, w->result.feedback_id);
    if (!staff_go(&w->ask, c)) finish_answered(w);
}

static void stored(void *arg, const struct intake_result *r)
{
    struct bringing *w = arg;
    if (r->refusal != REFUSE_NONE) {
        staff_refuse(&w->ask, r->refusal, NULL, NULL);
        finish_answered(w);
        return;
    }
    w->result.repeated = r->repeated;
    w->result.feedback_id = r->feedback_id;
    w->result.case_id = r->case_id;
    memcpy(w->result.receipt, r->receipt, sizeof w->result.receipt);
    link_source(w);
}

void finding_bring(const struct staff_ask *a, const struct finding *f, finding_done *done, void *arg)
{
    struct bringing *w = MEM_NEW(struct bringing);
    char external[64], key[SUBMISSION_KEY_MAX + 1];
    *w = (struct bringing){.ask = *a, .f = *f, .done = done, .arg = arg};
    arena_init(&w->arena, 64 * 1024);
    struct str *texts[] = {&w->f.period, &w->f.raised_by, &w->f.category, &w->f.higher, &w->f.reason};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (texts[i]->n) *texts[i] = arena_str(&w->arena, *texts[i]);
    snprintf(external, sizeof external, "%s:%lld", f->source, (long long)f->source_id);
    snprintf(key, sizeof key, "%s%s%.*s:%.*s", external, f->period.n ? ":" : "", STR_ARG(f->period),
             STR_ARG(f->key));
    const struct submission s = {.door = f->door,
                                 .provider = str_of(f->source),
                                 .external_id = str_of(external),
                                 .dedupe_key = str_of(key),
                                 .nature = f->nature,
                                 .text = f->text,
                                 .found = true,
                                 .by_hand = f->by_hand || f->unit != 0};
    intake_submit(a->g, &s, false, stored, w);
}

/* What is printed and handed over in the room. The receipt is on paper and nowhere else (P11). */
static void put_slip(struct gateway *g, const struct finding_result *r, struct text *t)
{
    struct text line;
    char grouped[20], due[INSTANT_TEXT_MAX];
    const struct unit *u =
        r->row && r->row->view.state != CASE_DISCOVERED ? register_unit(g, (int)r->row->view.unit) : NULL;
    receipt_group(r->receipt, grouped);
    text_init(&line, 2000);
    text_addf(&line, "%s 问题受理单", g->cfg.district_name);
    json_put(t, text_str(&line));
    text_clear(&line);
    text_addf(&line, "办件编号：%llu", (unsigned long long)r->case_id);
    text_addc(t, ','), json_put(t, text_str(&line));
    text_clear(&line);
    text_addf(&line, "回执码：%s", grouped);
    text_addc(t, ','), json_put(t, text_str(&line));
    text_clear(&line);
    text_addz(&line, "承办单位：");
    text_add(&line, u ? u->short_name : STR("待交办"));
    if (u && r->row->higher.n) text_addf(&line, "（跟踪协调；由%.*s办理）", STR_ARG(r->row->higher));
    text_addc(t, ','), json_put(t, text_str(&line));
    if (u && r->row->view.due.us) {
        text_clear(&line);
        text_addf(&line, "办理时限：%s", due_text(r->row->view.due, due));
        text_addc(t, ','), json_put(t, text_str(&line));
    }
    text_clear(&line);
    text_addf(&line, "查询和评价：打开 %s/status 输入回执码。请妥善保管，勿转交他人。", g->cfg.public_url);
    text_addc(t, ','), json_put(t, text_str(&line));
    text_free(&line);
}

static void put_finding(struct gateway *g, const struct finding_result *r, struct text *t)
{
    text_addf(
        t, "\"number\":%llu,\"receipt\":\"%s\",\"ordinal\":%lld,\"repeated\":%s,\"assigned\":%s,\"why_not\":",
        (unsigned long long)r->case_id, r->receipt, (long long)r->ordinal, r->repeated ? "true" : "false",
        r->assigned ? "true" : "false");
    if (r->why_not)
        json_put(t, str_of(r->why_not));
    else
        text_addz(t, "null");
    text_addz(t, ",\"case\":");
    if (r->row)
        staff_row_json(g, r->row, r->summary, r->feedbacks, t);
    else
        text_addz(t, "null");
    text_addz(t, ",\"slip\":[");
    put_slip(g, r, t);
    text_addc(t, ']');
}

void finding_answer(const struct staff_ask *a, const struct finding_result *r, struct text *body)
{
    put_finding(a->g, r, body);
    text_addc(body, '}');
    staff_answer_status(a, r->repeated ? 200 : 201, body);
}
