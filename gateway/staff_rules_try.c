/* What a set of changes would do, before it is in force: one text, or the newest cases of whoever asks. Nothing of it is stored, logged
 * or counted by its words (P11); of cases the masked text is what is routed, which is all that the restricted role may read. */
#include "staff_rules.h"
#include "casework.h"
#include "staff_body.h"
#include "intake.h"
#include "metrics.h"
#include "base/code.h"
#include "core/normalise.h"
#include "core/redact.h"
#include <stdlib.h>
#include <string.h>

#define ANSWER_MAX   ((size_t)4 << 20)
#define TRIERS       (RULES_CONFIRMERS | ROLE_BIT(ROLE_SUPERVISOR))
#define CASES_MAX    500
#define LISTED_MAX   100
#define CLEAN_BYTES  ((size_t)8 << 20) /* of all their texts together */
#define DECIDE_BYTES ((size_t)2 << 20) /* of one decision */
#define TIME_MAX     SPAN_S(8)         /* of the pool; what is not looked at then is said to be */

/* Under row-level security; the first words of each case, as units read them. */
const struct db_stmt stmt_rules_sample = {
    "rules_sample",
    "select c.id, f.masked, coalesce(f.nature_said, ''), coalesce(f.rating, 0)::integer, coalesce(f.plaque, ''), f.channel "
    "from cases c join lateral (select x.masked, x.nature_said, x.rating, x.plaque, x.channel from feedback x where x.case_id = c.id "
    "order by x.id limit 1) f on true where not c.confidential order by c.opened_at desc, c.id desc limit $1",
    1,
    {DB_INT4}};

/* What is told of a decision; the rest of it stays in its arena. */
struct tried {
    u64 case_id;
    struct route_input in;
    struct decision now, then;
};
struct trying {
    struct staff_ask ask;
    struct rules_job *job;
    struct tried *all;
    size_t n, looked, different, more_triage, less_triage;
    instant until;
    bool one;          /* a text, not cases */
    struct str masked; /* of that text */
};

static void trying_free(struct trying *y)
{
    rules_job_free(&y->job);
    free(y->all);
    free(y);
}

static bool hides(const struct route_input *in, const struct decision *d)
{
    return d->confidential || in->nature == NATURE_REPORT ||
           (d->nature == NATURE_REPORT && d->about_unit_id != 0);
}

static bool alone(const struct trying *y, const struct route_input *in, const struct decision *d)
{
    return !hides(in, d) && route_goes_alone(d, y->ask.g->cfg.auto_assign_percent);
}

static bool differs(const struct trying *y, const struct tried *t)
{
    const struct decision *a = &t->now, *b = &t->then;
    return a->unit_id != b->unit_id || !str_eq(a->category, b->category) || a->nature != b->nature ||
           a->urgency != b->urgency || a->level != b->level || a->opens_case != b->opens_case ||
           hides(&t->in, a) != hides(&t->in, b) || alone(y, &t->in, a) != alone(y, &t->in, b);
}

/* --- on the pool --- */

static void decide_one(struct rules_job *job)
{
    struct trying *y = job->arg;
    struct tried *t = &y->all[0];
    route_decide(register_held_routing(job->held), &t->in, &job->arena, &t->now);
    route_decide(rules_job_routing(job), &t->in, &job->arena, &t->then);
    y->looked = 1;
    y->different = differs(y, t);
}

/* Reasons are not kept: of each case only what it would be. Codes live in the two snapshots. */
static void decide_all(struct rules_job *job)
{
    struct trying *y = job->arg;
    struct arena a;
    arena_init(&a, DECIDE_BYTES);
    y->until = instant_add(clock_monotonic(), TIME_MAX);
    for (; y->looked < y->n && instant_before(clock_monotonic(), y->until); y->looked++) {
        struct tried *t = &y->all[y->looked];
        route_decide(register_held_routing(job->held), &t->in, &a, &t->now);
        route_decide(rules_job_routing(job), &t->in, &a, &t->then);
        y->different += differs(y, t);
        y->more_triage += alone(y, &t->in, &t->now) && !alone(y, &t->in, &t->then);
        y->less_triage += !alone(y, &t->in, &t->now) && alone(y, &t->in, &t->then);
        arena_free(&a);
    }
}

/* --- answers --- */

static void put_unit(const struct gateway *g, int id, struct text *t)
{
    const struct unit *u = id ? register_unit(g, id) : NULL;
    if (!u) {
        text_addz(t, "null");
        return;
    }
    text_addf(t, "{\"id\":%d", u->id);
    json_put_text(t, "code", u->code);
    json_put_text(t, "name", u->name);
    text_addc(t, '}');
}

static void put_category(const struct trying *y, struct str code, struct text *t)
{
    const struct routing_rows *rows = register_held_rows(y->job->held);
    struct str name = code;
    for (size_t i = 0; i < rows->n_categories; i++)
        if (str_eq(rows->categories[i].code, code)) name = rows->categories[i].name;
    text_addz(t, "{\"code\":");
    json_put(t, code);
    json_put_text(t, "name", name);
    text_addc(t, '}');
}

static void put_short(const struct trying *y, const struct route_input *in, const struct decision *d,
                      struct text *t)
{
    text_addz(t, "{\"unit\":");
    put_unit(y->ask.g, d->unit_id, t);
    text_addz(t, ",\"category\":");
    put_category(y, d->category, t);
    text_addf(
        t,
        ",\"nature\":\"%s\",\"level\":%d,\"urgency\":\"%s\",\"confidence\":%.3f,\"auto\":%s,\"confidential\":%s,\"opens_case\":%s",
        nature_word(d->nature), d->level, urgency_chinese(d->urgency), d->confidence,
        alone(y, in, d) ? "true" : "false", hides(in, d) ? "true" : "false",
        d->opens_case ? "true" : "false");
}

static void put_whole(const struct trying *y, const struct decision *d, struct text *t)
{
    put_short(y, &y->all[0].in, d, t);
    text_addz(t, ",\"about_unit\":");
    put_unit(y->ask.g, d->about_unit_id, t);
    text_addf(t, ",\"triage\":%s,\"held\":%s", d->triage ? "true" : "false", d->held ? "true" : "false");
    json_put_text(t, "lawful_way", d->lawful_way.n ? d->lawful_way : STR_NONE);
    text_addz(t, ",\"because\":[");
    for (size_t i = 0; i < d->n_because; i++) {
        if (i) text_addc(t, ',');
        json_put(t, d->because[i]);
    }
    text_addz(t, "],\"candidates\":[");
    for (size_t i = 0; i < d->n_guesses; i++) {
        text_addz(t, i ? ",{\"unit\":" : "{\"unit\":");
        put_unit(y->ask.g, d->guesses[i].unit_id, t);
        text_addz(t, ",\"category\":");
        put_category(y, d->guesses[i].category, t);
        text_addf(t, ",\"confidence\":%.3f}", d->guesses[i].confidence);
    }
    text_addz(t, "]}");
}

static void answer_one(struct trying *y, struct text *t)
{
    text_addf(t, "{\"version\":%d,\"auto_assign_percent\":%d,\"differs\":%s,\"masked\":",
              register_held_version(y->job->held), y->ask.g->cfg.auto_assign_percent,
              y->different ? "true" : "false");
    json_put(t, y->masked);
    text_addz(t, ",\"now\":");
    put_whole(y, &y->all[0].now, t);
    text_addz(t, ",\"with\":");
    if (y->job->n)
        put_whole(y, &y->all[0].then, t);
    else
        text_addz(t, "null");
    text_addc(t, '}');
}

static void answer_cases(struct trying *y, struct text *t)
{
    size_t listed = 0;
    text_addf(
        t,
        "{\"version\":%d,\"cases\":%zu,\"looked\":%zu,\"different\":%zu,\"more_triage\":%zu,\"less_triage\":%zu,\"changed\":[",
        register_held_version(y->job->held), y->n, y->looked, y->different, y->more_triage, y->less_triage);
    for (size_t i = 0; i < y->looked && listed < LISTED_MAX; i++) {
        const struct tried *one = &y->all[i];
        if (!differs(y, one)) continue;
        text_addf(t, "%s{\"case\":%llu,\"now\":", listed++ ? "," : "", (unsigned long long)one->case_id);
        put_short(y, &one->in, &one->now, t);
        text_addz(t, "},\"with\":");
        put_short(y, &one->in, &one->then, t);
        text_addz(t, "}}");
    }
    text_addz(t, "]}");
}

static void decided(struct rules_job *job)
{
    struct trying *y = job->arg;
    struct text t;
    if (!job->good) {
        rules_refuse_fault(&y->ask, &job->fault);
    } else {
        COUNT(RULES_TRIED);
        text_init(&t, ANSWER_MAX);
        if (y->one)
            answer_one(y, &t);
        else
            answer_cases(y, &t);
        staff_answer(&y->ask, &t);
    }
    trying_free(y);
}

/* --- questions --- */

static void may_try(void *arg, enum db_end end, const struct db_result *const *results, int n,
                    const struct db_error *error)
{
    struct trying *y = arg;
    struct staff_who who;
    (void)n;
    if (!draft_entered(&y->ask, end, results, error, TRIERS, &who)) {
        trying_free(y);
    } else if (!rules_job_run(y->job, decide_one, decided, y)) {
        rules_refuse_busy(&y->ask);
        trying_free(y);
    }
}

/* The job of a body's changes; NULL when it was refused. */
static struct rules_job *job_of(const struct staff_ask *a, const struct body *b)
{
    struct rules_job *job = rules_job_new(a->g);
    if (!job)
        rules_refuse_busy(a);
    else if (!rules_job_read(job, json_get(b->doc, "changes"))) {
        rules_refuse_fault(a, &job->fault);
        rules_job_free(&job);
    }
    return job;
}

/* The words of one input, cleaned into the job's arena. False: they have no shape within their bounds. */
static bool put_text(struct trying *y, struct str raw, struct route_input *in)
{
    struct text clean;
    text_init(&clean, raw.n * NORMALISE_GROWTH + 64);
    const bool good = intake_clean(y->ask.g, raw, &clean);
    in->text = good && clean.n ? arena_str(&y->job->arena, text_str(&clean)) : STR("");
    text_free(&clean);
    return good && in->text.p;
}

void rules_try(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    static const char *const known[] = {"text", "nature", "plaque", "changes", NULL};
    struct body b;
    (void)id;
    if (!body_open(a, in, known, &b)) return;
    const struct str text = body_text(&b, "text", 1, SUBMISSION_TEXT_POINTS),
                     said = body_text(&b, "nature", 0, 20), number = body_text(&b, "plaque", 0, 20);
    enum nature nature = NATURE_UNKNOWN;
    if (!b.wrong && said.n && !nature_parse(said, &nature)) b.wrong = "nature";
    if (!body_good(a, &b)) return;
    const struct plaque_row *plaque = number.n && register_ready(a->g) ? register_plaque(a->g, number) : NULL;
    struct rules_job *job = NULL;
    if (number.n && !plaque)
        staff_refuse(a, REFUSE_PLAQUE_UNKNOWN, NULL, NULL);
    else
        job = job_of(a, &b);
    if (job) {
        struct trying *y = MEM_NEW(struct trying);
        struct text masked;
        *y = (struct trying){.ask = *a, .job = job, .one = true, .n = 1, .all = MEM_NEW(struct tried)};
        y->all[0].in = (struct route_input){.nature = nature,
                                            .unit_id = register_plaque_unit(a->g, plaque),
                                            .door = plaque ? DOOR_PLAQUE : DOOR_WEB};
        text_init(&masked, text.n + 64);
        redact_mask(text, &masked);
        y->masked = masked.n ? arena_str(&job->arena, text_str(&masked)) : STR("");
        text_free(&masked);
        if (!put_text(y, text, &y->all[0].in)) {
            staff_refuse(a, REFUSE_TEXT_TOO_LONG, NULL, NULL);
            trying_free(y);
        } else if (!staff_go(a, staff_call(a, may_try, y))) {
            trying_free(y);
        }
    }
    body_close(&b);
}

static void have_cases(void *arg, enum db_end end, const struct db_result *const *results, int n,
                       const struct db_error *error)
{
    struct trying *y = arg;
    struct staff_who who;
    size_t bytes = 0;
    (void)n;
    if (!draft_entered(&y->ask, end, results, error, TRIERS, &who)) {
        trying_free(y);
        return;
    }
    const struct db_result *r = results[CASEWORK_FIRST];
    y->all = mem_alloc(((size_t)db_rows(r) + 1) * sizeof *y->all);
    for (int i = 0; i < db_rows(r); i++) {
        struct tried *t = &y->all[y->n];
        const struct str plaque = db_get_text(r, i, 4);
        t->case_id = (u64)db_get_i64(r, i, 0);
        t->in = (struct route_input){
            .rating = (int)db_get_i64(r, i, 3),
            .unit_id = plaque.n ? register_plaque_unit(y->ask.g, register_plaque(y->ask.g, plaque)) : 0};
        if (!nature_parse(db_get_text(r, i, 2), &t->in.nature)) t->in.nature = NATURE_UNKNOWN;
        if (!door_parse(db_get_text(r, i, 5), &t->in.door)) t->in.door = DOOR_WEB;
        bytes += db_get_text(r, i, 1).n;
        if (bytes > CLEAN_BYTES) break;
        if (put_text(y, db_get_text(r, i, 1), &t->in)) y->n++;
    }
    if (!rules_job_run(y->job, decide_all, decided, y)) {
        rules_refuse_busy(&y->ask);
        trying_free(y);
    }
}

void rules_try_cases(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    static const char *const known[] = {"n", "changes", NULL};
    struct body b;
    (void)id;
    if (!body_open(a, in, known, &b)) return;
    const i64 wanted = body_number(&b, "n", false, CASES_MAX);
    if (!body_good(a, &b)) return;
    struct rules_job *job = job_of(a, &b);
    body_close(&b);
    if (!job) return;
    struct trying *y = MEM_NEW(struct trying);
    *y = (struct trying){.ask = *a, .job = job};
    struct db_call *c = staff_call(a, have_cases, y);
    struct db_params *p = db_params_new(&stmt_rules_sample);
    db_put_i32(p, wanted ? (int)wanted : CASES_MAX);
    db_call_add(c, &stmt_rules_sample, p);
    if (!staff_go(a, c)) trying_free(y);
}
