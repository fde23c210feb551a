/* GET /cases/{id}/story and /cases/{id}/story.pdf: 全程回溯 under the rights of the case page. A confidential case needs a
 * reason, and the look stands in the log, and in the story itself, in the same transaction. */
#include "staff_part.h"
#include "staff_query.h"
#include "casework.h"
#include "register.h"
#include "rules.h"
#include "story.h"
#include "base/log.h"
#include "io/loop.h"
#include <stdio.h>
#include <stdlib.h>

#define JSON_MAX ((size_t)32 << 20)

const struct db_stmt stmt_staff_story = {"staff_story", story_sql, 1, {DB_INT8}};
enum { Q_LOOK = CASEWORK_FIRST, Q_CONFIDENTIAL, Q_STORY };
const struct db_stmt stmt_staff_story_case = {
    "staff_story_case", "select c.confidential from cases c where c.id = $1", 1, {DB_INT8}};

struct telling {
    struct staff_ask ask;
    bool paper;
    struct story *story;
    struct text pdf;
    struct paper_fault fault;
    bool printed;
};

static void telling_free(struct telling *t)
{
    story_free(&t->story);
    text_free(&t->pdf);
    free(t);
}

static const struct workdays *calendar_at(const void *g, instant t) { return register_workdays_at(g, t); }

/* On the thread pool: the story is this request's own. */
static void print(void *arg)
{
    struct telling *t = arg;
    t->printed = paper_story_print(&t->story->paper, &t->pdf, &t->fault);
}

static void printed(void *arg)
{
    struct telling *t = arg;
    char name[80];
    if (t->printed) {
        snprintf(name, sizeof name, "inline; filename=\"story-%lld.pdf\"", (long long)t->story->id);
        const struct http_header more = {STR("content-disposition"), str_of(name)};
        reply_file(t->ask.g, t->ask.ticket, 200, "application/pdf", text_str(&t->pdf), "no-store", &more, 1);
    } else {
        log_line(LOG_ERROR, LOG_STAFF, "story not printed", "why=\"%s\"", t->fault.english);
        staff_refuse(&t->ask, REFUSE_INTERNAL, t->fault.chinese, t->fault.english);
    }
    telling_free(t);
}

static void answer(struct telling *t)
{
    struct text body;
    if (t->paper) {
        text_init(&t->pdf, PAPER_BYTES_MAX);
        if (loop_offload(t->ask.g->loop, print, printed, t)) return;
        staff_refuse(&t->ask, REFUSE_UNAVAILABLE, "打印任务太多，请稍后重试。",
                     "Too much is being printed; please try again soon.");
    } else {
        text_init(&body, JSON_MAX);
        story_json(t->story, &body);
        staff_answer(&t->ask, &body);
    }
    telling_free(t);
}

static void have_story(void *arg, enum db_end end, const struct db_result *const *results, int n,
                       const struct db_error *error)
{
    struct telling *t = arg;
    struct staff_who who;
    (void)n;
    if (!staff_entered(&t->ask, end, results, error, false, &who)) {
        telling_free(t);
        return;
    }
    const struct db_result *c = results[Q_CONFIDENTIAL];
    if (db_rows(c) == 0) {
        staff_refuse(&t->ask, REFUSE_CASE_UNKNOWN, NULL, NULL);
        telling_free(t);
        return;
    }
    if (db_get_bool(c, 0, 0) && db_affected(results[Q_LOOK]) != 1) {
        staff_refuse_unreasoned(&t->ask);
        telling_free(t);
        return;
    }
    const struct story_calendar cal = {.rules = rules_deadline(t->ask.g), .at = calendar_at, .arg = t->ask.g};
    t->story =
        db_rows(results[Q_STORY]) ? story_new(db_get_text(results[Q_STORY], 0, 0), &cal, clock_now()) : NULL;
    if (t->story) {
        answer(t);
        return;
    }
    log_line(LOG_ERROR, LOG_STAFF, "story not told", "bytes=%zu", db_get_text(results[Q_STORY], 0, 0).n);
    staff_refuse(&t->ask, REFUSE_INTERNAL, NULL, NULL);
    telling_free(t);
}

static void send(const struct staff_ask *a, u64 id, struct str look, bool paper)
{
    struct telling *t = MEM_NEW(struct telling);
    t->ask = *a;
    t->paper = paper;
    struct db_call *c = staff_call_by_key(a, have_story, t);
    struct db_params *p = db_params_new(&stmt_staff_case_look);
    db_put_i64(p, (i64)id);
    db_put_text(p, look);
    db_call_add(c, &stmt_staff_case_look, p);
    staff_add_by_id(c, &stmt_staff_story_case, id);
    staff_add_by_id(c, &stmt_staff_story, id);
    if (!staff_go(a, c)) telling_free(t);
}

static void ask(const struct staff_ask *a, const struct http_in *in, u64 id, bool paper)
{
    struct text reason;
    struct str look;
    if (query_look(a, in, &reason, &look)) send(a, id, look, paper);
    text_free(&reason);
}

void staff_story(const struct staff_ask *a, const struct http_in *in, u64 id) { ask(a, in, id, false); }
void staff_story_paper(const struct staff_ask *a, const struct http_in *in, u64 id) { ask(a, in, id, true); }
