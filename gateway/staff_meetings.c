/* 政企交流 (M31, M46, M55): a meeting is entered, problems are made in the room with number, receipt and unit told at once,
 * measures of the 责任清单 are put to them. */
#include "staff_meetings_part.h"
#include "staff_query.h"
#include "staff_body.h"
#include "register.h"
#include "base/code.h"
#include "base/utf8.h"
#include "core/workdays.h"
#include <stdlib.h>
#include <string.h>

#define LIST_MAX         500
#define PROBLEMS_MAX     500
#define PARTICIPANTS_MAX 200
#define MINUTES_MAX      20000

const struct choice meeting_kinds[MEETING_KINDS_N] = {
#define X(word, zh) {word, zh},
    MEETING_KINDS(X)
#undef X
};

/* The second half finds the meeting that was entered before; its words are not changed by entering it again. */
const struct db_stmt stmt_meeting_add = {
    "meeting_add",
    "with i as (insert into meetings (kind, held_at, place, theme, host_unit_id, participants, staff_id) "
    "values ($1, $2, $3, $4, $5, $6, staff_now()) on conflict on constraint meetings_once do nothing returning id) "
    "select id, true from i union all select m.id, false from meetings m where m.kind = $1 and m.held_at = $2 and m.place = $3",
    6,
    {DB_TEXT, DB_TIMESTAMPTZ, DB_TEXT, DB_TEXT, DB_INT4, DB_TEXTS}};
const struct db_stmt stmt_meetings = {
    "meetings",
    "select m.id, m.kind, m.held_at, m.place, m.theme, m.host_unit_id, n.n, n.measured, n.solved from (select * from meetings m "
    "where ($1::text is null or m.kind = $1) and m.held_at >= $2 and m.held_at < $3 order by m.held_at desc, m.id desc limit $4) m "
    "left join lateral (select count(*) as n, count(*) filter (where me.words is not null) as measured, "
    "count(*) filter (where " FINDER_SOLVED ") as solved from " MATTERS
    "where f.meeting_id = m.id) n on true "
    "order by m.held_at desc, m.id desc",
    4,
    {DB_TEXT, DB_TIMESTAMPTZ, DB_TIMESTAMPTZ, DB_INT4}};
const struct db_stmt stmt_meeting = {"meeting",
                                     "select m.id, m.kind, m.held_at, m.place, m.theme, m.host_unit_id, "
                                     "to_jsonb(m.participants)::text from meetings m where m.id = $1",
                                     1,
                                     {DB_INT8}};
const struct db_stmt stmt_meeting_words = {"meeting_words",
                                           "select w.ordinal, w.words, w.at from meeting_minutes w where "
                                           "w.meeting_id = $1 order by w.ordinal desc limit 1",
                                           1,
                                           {DB_INT8}};
const struct db_stmt stmt_meeting_problems = {"meeting_problems",
                                              "select " MATTER_COLUMNS " from " MATTERS MATTER_WORDS
                                              "where f.meeting_id = $1 order by f.ordinal limit 500",
                                              1,
                                              {DB_INT8}};
const struct db_stmt stmt_meeting_write = {
    "meeting_write",
    "insert into meeting_minutes (meeting_id, ordinal, words, staff_id) select m.id, coalesce((select max(w.ordinal) from "
    "meeting_minutes w where w.meeting_id = m.id), 0) + 1, $2, staff_now() from meetings m where m.id = $1",
    2,
    {DB_INT8, DB_TEXT}};
/* The problem by its feedback, or by its number in the meeting. */
const struct db_stmt stmt_meeting_measure = {
    "meeting_measure",
    "insert into meeting_measures (feedback_id, words, unit_id, due_on, key, staff_id) select f.feedback_id, $4, $5, $6::text::date, "
    "$7, staff_now() from findings f where f.meeting_id = $1 and (f.feedback_id = $2 or f.ordinal = $3) "
    "on conflict on constraint meeting_measures_once do nothing",
    7,
    {DB_INT8, DB_INT8, DB_INT4, DB_TEXT, DB_INT4, DB_TEXT, DB_TEXT}};

/* --- JSON --- */

void meeting_head_json(struct gateway *g, const struct db_result *r, int row, struct text *t)
{
    struct str kind = db_get_text(r, row, 1);
    text_addf(t, "{\"id\":%lld,\"kind\":", (long long)db_get_i64(r, row, 0));
    json_put(t, kind);
    text_addf(t, ",\"label\":\"%s\"", choice_chinese(meeting_kinds, MEETING_KINDS_N, kind));
    json_put_instant(t, "held_at", db_get_instant(r, row, 2));
    text_addz(t, ",\"place\":"), json_put(t, db_get_text(r, row, 3));
    text_addz(t, ",\"theme\":"), json_put(t, db_get_text(r, row, 4));
    text_addz(t, ",\"host_unit\":"), register_unit_json(g, db_get_i64(r, row, 5), t);
}

static void put_or_null(struct str s, struct text *t)
{
    if (s.p)
        json_put(t, s);
    else
        text_addz(t, "null");
}

void meeting_matter_json(struct gateway *g, const struct db_result *r, int row, struct text *t)
{
    struct case_row c;
    int at = CASEWORK_COLUMNS_N;
    casework_row(r, row, &c);
    text_addf(t, "{\"meeting\":%lld,\"ordinal\":%lld,\"raised_by\":", (long long)db_get_i64(r, row, at + 8),
              (long long)db_get_i64(r, row, at));
    put_or_null(db_get_text(r, row, at + 1), t);
    text_addf(t, ",\"solved\":%s,\"measure\":", db_get_bool(r, row, at + 6) ? "true" : "false");
    if (db_is_null(r, row, at + 2)) {
        text_addz(t, "null");
    } else {
        text_addz(t, "{\"words\":"), json_put(t, db_get_text(r, row, at + 2));
        text_addz(t, ",\"unit\":"), register_unit_json(g, db_get_i64(r, row, at + 3), t);
        text_addz(t, ",\"due_on\":"), json_put(t, db_get_text(r, row, at + 4));
        json_put_instant(t, "at", db_get_instant(r, row, at + 5));
        text_addc(t, '}');
    }
    text_addz(t, ",\"case\":");
    staff_row_json(g, &c, db_get_text(r, row, at + 7), db_get_i64(r, row, at + 9), t);
    text_addc(t, '}');
}

/* --- one meeting --- */

struct meeting_ask {
    struct staff_ask ask;
    u64 id;
    int status;
};
enum { Q_MEETING = CASEWORK_FIRST, Q_WORDS, Q_PROBLEMS };

static void have_meeting(void *arg, enum db_end end, const struct db_result *const *results, int n,
                         const struct db_error *error)
{
    struct meeting_ask *q = arg;
    struct staff_who who;
    struct text body;
    (void)n;
    if (!staff_granted(&q->ask, end, results, error, &who)) goto over;
    const struct db_result *m = results[Q_MEETING], *w = results[Q_WORDS], *p = results[Q_PROBLEMS];
    if (db_rows(m) == 0) {
        staff_refuse(&q->ask, REFUSE_NOT_FOUND, "没有这场活动，或您无权查看。",
                     "There is no such meeting, or you may not see it.");
        goto over;
    }
    text_init(&body, 4u << 20);
    text_addz(&body, "{\"meeting\":");
    meeting_head_json(q->ask.g, m, 0, &body);
    text_addz(&body, ",\"participants\":");
    text_add(&body, db_get_text(m, 0, 6));
    text_addz(&body, "},\"minutes\":");
    if (db_rows(w)) {
        text_addf(&body, "{\"version\":%lld,\"words\":", (long long)db_get_i64(w, 0, 0));
        json_put(&body, db_get_text(w, 0, 1));
        json_put_instant(&body, "at", db_get_instant(w, 0, 2));
        text_addc(&body, '}');
    } else {
        text_addz(&body, "null");
    }
    text_addz(&body, ",\"problems\":[");
    for (int i = 0; i < db_rows(p); i++) {
        if (i) text_addc(&body, ',');
        meeting_matter_json(q->ask.g, p, i, &body);
    }
    text_addz(&body, "]}");
    staff_answer_status(&q->ask, q->status, &body);
over:
    free(q);
}

static void meeting_send(const struct staff_ask *a, u64 id, int status)
{
    struct meeting_ask *q = MEM_NEW(struct meeting_ask);
    *q = (struct meeting_ask){*a, id, status};
    struct db_call *c = staff_call_by_key(a, have_meeting, q);
    staff_add_by_id(c, &stmt_meeting, id);
    staff_add_by_id(c, &stmt_meeting_words, id);
    staff_add_by_id(c, &stmt_meeting_problems, id);
    if (!staff_go(a, c)) free(q);
}

void meeting_read(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    (void)in;
    meeting_send(a, id, 200);
}

/* --- entering --- */

static void added(void *arg, enum db_end end, const struct db_result *const *results, int n,
                  const struct db_error *error)
{
    struct meeting_ask *q = arg;
    struct staff_who who;
    (void)n;
    if (staff_granted(&q->ask, end, results, error, &who)) {
        const struct db_result *r = results[CASEWORK_FIRST];
        if (db_rows(r) == 0) /* entered by somebody else between our two looks */
            staff_refuse(&q->ask, REFUSE_UNAVAILABLE, NULL, NULL);
        else
            meeting_send(&q->ask, (u64)db_get_i64(r, 0, 0), db_get_bool(r, 0, 1) ? 201 : 200);
    }
    free(q);
}

/* Posts and enterprises: an array of short texts, or absent. */
static const struct json *participants_read(struct body *b)
{
    const struct json *all = json_get(b->doc, "participants");
    bool good =
        json_kind(all) == JSON_NULL || (json_kind(all) == JSON_ARRAY && json_count(all) <= PARTICIPANTS_MAX);
    for (size_t i = 0; good && i < json_count(all); i++) {
        struct str s = str_trim(json_str(json_at(all, i)));
        good = s.n > 0 && utf8_count(s) <= SUBMISSION_NAME_MAX;
    }
    if (!good && !b->wrong) b->wrong = "participants";
    return good ? all : NULL;
}

static void put_participants(struct db_params *p, const struct json *all)
{
    const size_t n = all ? json_count(all) : 0;
    db_array_begin(p, DB_TEXT, n);
    for (size_t i = 0; i < n; i++) db_put_text(p, str_trim(json_str(json_at(all, i))));
    db_array_end(p);
}

void meeting_add(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    static const char *const known[] = {"kind",      "held_at",      "place", "theme",
                                        "host_unit", "participants", NULL};
    struct body b;
    (void)id;
    if (!body_open(a, in, known, &b)) return;
    int kind = body_choice(&b, "kind", meeting_kinds, MEETING_KINDS_N);
    instant at = body_instant(&b, "held_at");
    struct str place = body_text(&b, "place", 1, 200), theme = body_text(&b, "theme", 1, 200);
    i64 host = body_unit(a->g, &b, "host_unit", true);
    const struct json *participants = participants_read(&b);
    if (!body_good(a, &b)) return;
    struct meeting_ask *q = MEM_NEW(struct meeting_ask);
    *q = (struct meeting_ask){*a, 0, 0};
    struct db_call *c = staff_call(a, added, q);
    struct db_params *p = db_params_new(&stmt_meeting_add);
    db_put_text(p, str_of(meeting_kinds[kind].word));
    db_put_instant(p, at);
    db_put_text(p, place);
    db_put_text(p, theme);
    db_put_i32(p, (int)host);
    put_participants(p, participants);
    db_call_add(c, &stmt_meeting_add, p);
    if (!staff_go(a, c)) free(q);
    body_close(&b);
}

/* --- minutes and measures: written, then the meeting as it is --- */

static void wrote(void *arg, enum db_end end, const struct db_result *const *results, int n,
                  const struct db_error *error)
{
    struct meeting_ask *q = arg;
    struct staff_who who;
    (void)n;
    if (staff_granted(&q->ask, end, results, error, &who)) meeting_send(&q->ask, q->id, 200);
    free(q);
}

void meeting_minutes(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    static const char *const known[] = {"words", NULL};
    struct body b;
    if (!body_open(a, in, known, &b)) return;
    struct str words = body_text(&b, "words", 1, MINUTES_MAX);
    if (!body_good(a, &b)) return;
    struct meeting_ask *q = MEM_NEW(struct meeting_ask);
    *q = (struct meeting_ask){*a, id, 200};
    struct db_call *c = staff_call(a, wrote, q);
    struct db_params *p = db_params_new(&stmt_meeting_write);
    db_put_i64(p, (i64)id);
    db_put_text(p, words);
    db_call_add(c, &stmt_meeting_write, p);
    if (!staff_go(a, c)) free(q);
    body_close(&b);
}

struct measure {
    struct str words, due_on;
    i64 unit;
};

/* otherwise: the unit it goes to when the measure names none. */
static struct measure measure_read(struct gateway *g, struct body *b, bool needed, i64 otherwise)
{
    struct measure m = {.words = body_text(b, "measure", needed, 2000),
                        .due_on = body_date(b, "due_on", false),
                        .unit = body_unit(g, b, "unit", false)};
    if (!m.unit) m.unit = otherwise;
    /* A measure without a unit and a day is none of the 责任清单. */
    if (m.words.n && !b->wrong) b->wrong = !m.unit ? "unit" : !m.due_on.n ? "due_on" : NULL;
    if (!m.words.n && m.due_on.n && !b->wrong) b->wrong = "measure";
    return m;
}

static void measure_add(struct db_call *c, u64 meeting, u64 feedback, i64 ordinal, const struct measure *m,
                        struct str key)
{
    struct db_params *p = db_params_new(&stmt_meeting_measure);
    db_put_i64(p, (i64)meeting);
    db_put_i64(p, (i64)feedback);
    db_put_i32(p, (int)ordinal);
    db_put_text(p, m->words);
    db_put_i32(p, (int)m->unit);
    db_put_text(p, m->due_on);
    db_put_text(p, key);
    db_call_add(c, &stmt_meeting_measure, p);
}

void meeting_measure(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    static const char *const known[] = {"problem", "measure", "unit", "due_on", NULL};
    struct body b;
    char key[129];
    if (!body_open(a, in, known, &b)) return;
    i64 ordinal = body_number(&b, "problem", true, INT32_MAX);
    struct measure m = measure_read(a->g, &b, true, 0);
    if (!body_good(a, &b)) return;
    if (body_key(a, in, key)) {
        struct meeting_ask *q = MEM_NEW(struct meeting_ask);
        *q = (struct meeting_ask){*a, id, 200};
        struct db_call *c = staff_call(a, wrote, q);
        measure_add(c, id, 0, ordinal, &m, str_of(key));
        if (!staff_go(a, c)) free(q);
    }
    body_close(&b);
}

/* --- a problem, in the room --- */

struct raising {
    struct staff_ask ask;
    u64 meeting;
    char key[129];
    struct body body; /* holds the texts */
    struct finding f;
    struct measure measure;
};

static void raising_free(struct raising *w)
{
    body_close(&w->body);
    free(w);
}

static void with_measure(void *arg, struct db_call *c, u64 feedback_id)
{
    struct raising *w = arg;
    measure_add(c, w->meeting, feedback_id, 0, &w->measure, str_of(w->key));
}

static void raised(void *arg, const struct finding_result *r)
{
    struct raising *w = arg;
    struct text body;
    if (!r->answered) {
        text_init(&body, 64 * 1024);
        text_addf(&body, "{\"meeting\":%llu,", (unsigned long long)w->meeting);
        finding_answer(&w->ask, r, &body);
    }
    raising_free(w);
}

/* Nothing is stored before it is sure that this person may bring it to this meeting. */
static void may_raise(void *arg, enum db_end end, const struct db_result *const *results, int n,
                      const struct db_error *error)
{
    struct raising *w = arg;
    struct staff_who who;
    (void)n;
    if (!staff_granted(&w->ask, end, results, error, &who)) {
        raising_free(w);
    } else if (!(who.actor.roles & (ROLE_BIT(ROLE_COORDINATOR) | ROLE_BIT(ROLE_REGISTRY))) ||
               (w->f.unit && !(who.actor.roles & ROLE_BIT(ROLE_COORDINATOR)))) {
        staff_refuse(&w->ask, REFUSE_FORBIDDEN,
                     w->f.unit ? "现场交办须由统筹协调组进行；综合办公室登记时请不填承办单位。" : NULL,
                     w->f.unit ? "Only the coordinators assign; leave the unit out." : NULL);
        raising_free(w);
    } else if (db_rows(results[CASEWORK_FIRST]) == 0) {
        staff_refuse(&w->ask, REFUSE_NOT_FOUND, "没有这场活动，或您无权查看。",
                     "There is no such meeting, or you may not see it.");
        raising_free(w);
    } else {
        finding_bring(&w->ask, &w->f, raised, w);
    }
}

void meeting_problem(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    static const char *const known[] = {"text",   "raised_by", "nature", "assign_to", "category", "higher",
                                        "reason", "measure",   "unit",   "due_on",    NULL};
    struct body b;
    enum nature nature = NATURE_APPEAL; /* 诉求: what meetings are for, unless it is said otherwise */
    if (!body_open(a, in, known, &b)) return;
    struct finding f = {.source = "meeting",
                        .source_id = (i64)id,
                        .door = DOOR_MEETING,
                        .text = body_text(&b, "text", 1, SUBMISSION_TEXT_POINTS),
                        .raised_by = body_text(&b, "raised_by", 1, SUBMISSION_NAME_MAX),
                        .category = body_text(&b, "category", 0, 8),
                        .higher = body_text(&b, "higher", 0, 100),
                        .reason = body_text(&b, "reason", 0, 500),
                        .unit = body_unit(a->g, &b, "assign_to", false)};
    struct str said = body_text(&b, "nature", 0, 20);
    struct measure m = measure_read(a->g, &b, false, f.unit);
    if (said.n && !b.wrong && (!nature_parse(said, &nature) || nature == NATURE_RATE)) b.wrong = "nature";
    f.nature = nature;
    /* What goes to the organ above or under another category is part of the act of assigning. */
    if (!b.wrong && !f.unit && (f.higher.n || f.category.n)) b.wrong = "assign_to";
    if (!body_good(a, &b)) return;
    struct raising *w = MEM_NEW(struct raising);
    *w = (struct raising){.ask = *a, .meeting = id, .body = b, .f = f, .measure = m};
    if (!body_key(a, in, w->key)) {
        raising_free(w);
        return;
    }
    w->f.key = str_of(w->key);
    if (m.words.n) w->f.more = with_measure;
    struct db_call *c = staff_call(a, may_raise, w);
    staff_add_by_id(c, &stmt_meeting, id);
    if (!staff_go(a, c)) raising_free(w);
}

/* --- the list --- */

static void have_list(void *arg, enum db_end end, const struct db_result *const *results, int n,
                      const struct db_error *error)
{
    struct staff_ask *a = arg;
    struct staff_who who;
    struct text body;
    (void)n;
    if (staff_granted(a, end, results, error, &who)) {
        const struct db_result *r = results[CASEWORK_FIRST];
        int rows = MIN(db_rows(r), LIST_MAX);
        text_init(&body, 2u << 20);
        text_addz(&body, "{\"meetings\":[");
        for (int i = 0; i < rows; i++) {
            if (i) text_addc(&body, ',');
            meeting_head_json(a->g, r, i, &body);
            text_addf(&body, ",\"matters\":%lld,\"measures\":%lld,\"solved\":%lld}",
                      (long long)db_get_i64(r, i, 6), (long long)db_get_i64(r, i, 7),
                      (long long)db_get_i64(r, i, 8));
        }
        text_addf(&body, "],\"more\":%s}", db_rows(r) > LIST_MAX ? "true" : "false");
        staff_answer(a, &body);
    }
    free(a);
}

void meeting_list(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    instant from, to;
    int kind;
    (void)id;
    if (!query_range(a, in, &from, &to) ||
        !query_choice(a, in, "kind", meeting_kinds, MEETING_KINDS_N, &kind))
        return;
    struct db_params *p = db_params_new(&stmt_meetings);
    db_put_text(p, kind < 0 ? STR_NONE : str_of(meeting_kinds[kind].word));
    db_put_instant(p, from);
    db_put_instant(p, to);
    db_put_i32(p, LIST_MAX + 1);
    staff_send(a, &stmt_meetings, p, have_list);
}
