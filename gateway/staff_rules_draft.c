/* Sets of changes: written, proposed, taken back, refused, put into force. Whatever is stored or put into force was compiled before over
 * the rules in force, so that the register never meets a set that it cannot take over. */
#include "staff_rules.h"
#include "casework.h"
#include "staff_body.h"
#include "metrics.h"
#include "base/code.h"
#include <stdlib.h>
#include <string.h>

#define CHANGES_BYTES ((size_t)4 << 20)
#define NOTE_POINTS   400

static const struct choice steps[] = {{"propose", "提交"},
                                      {"take_back", "收回"},
                                      {"withdraw", "撤回"},
                                      {"refuse", "不同意"},
                                      {"confirm", "生效"}};
enum { STEP_PROPOSE, STEP_TAKE_BACK, STEP_WITHDRAW, STEP_REFUSE, STEP_CONFIRM };

const struct db_stmt stmt_rules_back = {"rules_back", "select rules_back($1)", 1, {DB_INT4}};
const struct db_stmt stmt_rules_draft_save = {"rules_draft_save",
                                              "select id, state from rules_draft_save($1, $2, $3, $4)",
                                              4,
                                              {DB_INT8, DB_INT4, DB_TEXT, DB_JSONB}};
const struct db_stmt stmt_rules_draft_step = {
    "rules_draft_step", "select id, state from rules_draft_step($1, $2, $3)", 3, {DB_INT8, DB_TEXT, DB_TEXT}};
const struct db_stmt stmt_rules_draft_put = {
    "rules_draft_put", "select id, state from rules_draft_put($1, $2)", 2, {DB_INT8, DB_INT4}};

struct drafting {
    struct staff_ask ask;
    u64 id;   /* of the draft; 0: a new one */
    int back; /* the version to put back; 0: what the body says */
    int step;
    char note[NOTE_POINTS * 4 + 1]; /* or why it is refused */
    struct rules_job *job;
};

static void drafting_free(struct drafting *d)
{
    rules_job_free(&d->job);
    free(d);
}

static void have_answer(void *arg, enum db_end end, const struct db_result *const *results, int n,
                        const struct db_error *error)
{
    struct drafting *d = arg;
    struct staff_who who;
    (void)n;
    if (draft_entered(&d->ask, end, results, error, RULES_CONFIRMERS, &who)) {
        COUNT(RULES_STEPS);
        draft_answer(&d->ask, results[CASEWORK_FIRST]);
    }
    drafting_free(d);
}

/* --- write --- */

static void compiled_to_save(struct rules_job *job)
{
    struct drafting *d = job->arg;
    struct text changes;
    if (!job->good) {
        rules_refuse_fault(&d->ask, &job->fault);
        drafting_free(d);
        return;
    }
    text_init(&changes, CHANGES_BYTES);
    rules_job_json(job, &changes);
    if (changes.overflow) {
        staff_refuse(&d->ask, REFUSE_TOO_BIG, NULL, NULL);
        drafting_free(d);
    } else {
        struct db_call *c = staff_call(&d->ask, have_answer, d);
        struct db_params *p = db_params_new(&stmt_rules_draft_save);
        db_put_i64(p, (i64)d->id);
        db_put_i32(p, register_held_version(job->held));
        db_put_text(p, str_of(d->note));
        db_put_json(p, text_str(&changes));
        db_call_add(c, &stmt_rules_draft_save, p);
        if (!staff_go(&d->ask, c)) drafting_free(d);
    }
    text_free(&changes);
}

static bool read_back(struct drafting *d, const struct db_result *r)
{
    const char *why;
    if (db_rows(r) == 0 || db_is_null(r, 0, 0)) {
        staff_refuse(&d->ask, REFUSE_NOT_FOUND, "没有这一版规则。", "There is no such version of the rules.");
        return false;
    }
    struct json *doc = json_parse(db_get_text(r, 0, 0), (size_t)64 << 20, &why);
    d->job->exact = true;
    const bool good = doc && json_count(doc) > 0 && rules_job_read(d->job, doc);
    if (!good && doc && json_count(doc) == 0)
        staff_refuse(&d->ask, REFUSE_RULES_FAULT, "现在的规则与这一版相同，不用恢复。",
                     "The rules in force are those of that version.");
    else if (!good)
        rules_refuse_fault(&d->ask, &d->job->fault);
    json_free(&doc);
    return good;
}

static void may_write(void *arg, enum db_end end, const struct db_result *const *results, int n,
                      const struct db_error *error)
{
    struct drafting *d = arg;
    struct staff_who who;
    (void)n;
    if (!draft_entered(&d->ask, end, results, error, RULES_WRITERS, &who) ||
        (d->back && !read_back(d, results[CASEWORK_FIRST]))) {
        drafting_free(d);
    } else if (!rules_job_run(d->job, NULL, compiled_to_save, d)) {
        rules_refuse_busy(&d->ask);
        drafting_free(d);
    }
}

static void write_draft(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    static const char *const known[] = {"note", "changes", "back_to", NULL};
    struct body b;
    if (!body_open(a, in, known, &b)) return;
    struct drafting *d = MEM_NEW(struct drafting);
    const struct str note = body_text(&b, "note", 2, NOTE_POINTS);
    const struct json *changes = json_get(b.doc, "changes");
    d->ask = *a;
    d->id = id;
    d->back = (int)body_number(&b, "back_to", false, INT32_MAX);
    if (!b.wrong && ((d->back != 0) == (changes != NULL) || (d->back && id))) b.wrong = "changes";
    if (!body_good(a, &b)) {
        free(d);
        return;
    }
    memcpy(d->note, note.p, note.n);
    d->job = rules_job_new(a->g);
    const bool good = d->job && (d->back || rules_job_read(d->job, changes));
    body_close(&b);
    if (!good) {
        if (d->job)
            rules_refuse_fault(a, &d->job->fault);
        else
            rules_refuse_busy(a);
        drafting_free(d);
        return;
    }
    struct db_call *c = staff_call(a, may_write, d);
    if (d->back) {
        struct db_params *p = db_params_new(&stmt_rules_back);
        db_put_i32(p, d->back);
        db_call_add(c, &stmt_rules_back, p);
    }
    if (!staff_go(a, c)) drafting_free(d);
}

void rules_draft_new(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    (void)id;
    write_draft(a, in, 0);
}
void rules_draft_write(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    if (id)
        write_draft(a, in, id);
    else
        staff_refuse(a, REFUSE_DRAFT_STEP, NULL, NULL);
}

/* --- steps --- */

static void compiled_to_put(struct rules_job *job)
{
    struct drafting *d = job->arg;
    if (!job->good) {
        rules_refuse_fault(&d->ask, &job->fault);
        drafting_free(d);
        return;
    }
    struct db_call *c = staff_call(&d->ask, have_answer, d);
    struct db_params *p = db_params_new(&stmt_rules_draft_put);
    db_put_i64(p, (i64)d->id);
    db_put_i32(p, register_held_version(job->held));
    db_call_add(c, &stmt_rules_draft_put, p);
    if (!staff_go(&d->ask, c)) drafting_free(d);
}

static void have_changes(void *arg, enum db_end end, const struct db_result *const *results, int n,
                         const struct db_error *error)
{
    struct drafting *d = arg;
    struct staff_who who;
    const char *why;
    (void)n;
    if (!draft_entered(&d->ask, end, results, error, RULES_CONFIRMERS, &who)) {
        drafting_free(d);
        return;
    }
    const struct db_result *r = results[CASEWORK_FIRST];
    struct json *doc = db_rows(r) ? json_parse(db_get_text(r, 0, 0), (size_t)64 << 20, &why) : NULL;
    d->job = doc ? rules_job_new(d->ask.g) : NULL;
    if (d->job) d->job->exact = true;
    if (!doc) {
        staff_refuse(&d->ask, REFUSE_DRAFT_STEP, NULL, NULL);
        drafting_free(d);
    } else if (d->job && !rules_job_read(d->job, doc)) {
        rules_refuse_fault(&d->ask, &d->job->fault);
        drafting_free(d);
    } else if (!d->job || !rules_job_run(d->job, NULL, compiled_to_put, d)) {
        rules_refuse_busy(&d->ask);
        drafting_free(d);
    }
    json_free(&doc);
}

void rules_draft_step(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    static const char *const known[] = {"step", "why", NULL};
    struct body b;
    if (!body_open(a, in, known, &b)) return;
    struct drafting *d = MEM_NEW(struct drafting);
    d->ask = *a;
    d->id = id;
    d->step = body_choice(&b, "step", steps, ARRAY_LEN(steps));
    const struct str why = body_text(&b, "why", !b.wrong && d->step == STEP_REFUSE ? 2 : 0, NOTE_POINTS);
    if (!body_good(a, &b)) {
        free(d);
        return;
    }
    struct db_call *c = staff_call(a, d->step == STEP_CONFIRM ? have_changes : have_answer, d);
    if (d->step == STEP_CONFIRM) {
        staff_add_by_id(c, &stmt_rules_draft, id);
    } else {
        struct db_params *p = db_params_new(&stmt_rules_draft_step);
        db_put_i64(p, (i64)id);
        db_put_text(p, str_of(steps[d->step].word));
        db_put_text(p, why.n ? why : STR_NONE);
        db_call_add(c, &stmt_rules_draft_step, p);
    }
    body_close(&b);
    if (!staff_go(a, c)) drafting_free(d);
}
