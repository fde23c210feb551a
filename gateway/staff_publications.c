/* What units publish (晒, M06), as the desk sees it: a list with what this person may do next, what is written or proposed, the
 * figures of a period for whoever approves them, and the steps. schema/0026_landing.sql asks once more who may take a step; here
 * the words are looked through for what belongs to a person before anything is stored. */
#include "staff_part.h"
#include "staff_query.h"
#include "staff_body.h"
#include "casework.h"
#include "metrics.h"
#include "register.h"
#include "base/code.h"
#include "base/utf8.h"
#include "core/redact.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BODY_MAX   ((size_t)64 * 1024)
#define ANSWER_MAX ((size_t)4 << 20)
#define LIST_MAX   200
#define TITLE_MAX  100
#define WORDS_MAX  5000
#define UNIT_ROLES (ROLE_BIT(ROLE_HANDLER) | ROLE_BIT(ROLE_UNIT_LEADER))
#define APPROVERS  (ROLE_BIT(ROLE_SUPERVISOR) | ROLE_BIT(ROLE_LEADER))
#define MAY_SEE    (UNIT_ROLES | APPROVERS | ROLE_BIT(ROLE_REGISTRY))

const struct db_stmt stmt_staff_publications = {
    "staff_publications",
    "select id, kind, unit_id, title, words, from_day - date '1970-01-01', to_day - date '1970-01-01', state, author_id, author_post, "
    "written_at, writer_id, approver_post, published_at, ended_at from publications "
    "where $1 is null or state = $1 order by (state in ('proposed', 'written')) desc, coalesce(published_at, written_at) desc, id desc limit $2",
    2,
    {DB_TEXT, DB_INT4}};
enum {
    COL_ID,
    COL_KIND,
    COL_UNIT,
    COL_TITLE,
    COL_WORDS,
    COL_FROM,
    COL_TO,
    COL_STATE,
    COL_AUTHOR,
    COL_AUTHOR_POST,
    COL_WRITTEN,
    COL_WRITER,
    COL_APPROVER_POST,
    COL_PUBLISHED,
    COL_ENDED
};
const struct db_stmt stmt_staff_publication_figures = {
    "staff_publication_figures",
    "select f.unit_id, f.rated, f.satisfied, f.due, f.on_time, f.received, f.answered from published_figures f "
    "join units u on u.id = f.unit_id where f.publication_id = $1 order by u.code collate \"C\"",
    1,
    {DB_INT8}};
const struct db_stmt stmt_staff_publication_add = {
    "staff_publication_add",
    "insert into publications (kind, unit_id, title, words, from_day, to_day) select $1, (select u.id from units u where u.id = $2), $3, "
    "$4, date '1970-01-01' + $5, date '1970-01-01' + $6 returning id, state",
    6,
    {DB_TEXT, DB_INT4, DB_TEXT, DB_TEXT, DB_INT4, DB_INT4}};
/* Empty texts leave what is there. */
const struct db_stmt stmt_staff_publication_step = {
    "staff_publication_step",
    "with p as (update publications set state = $2, title = coalesce(nullif($3, ''), title), words = coalesce(nullif($4, ''), words) "
    "  where id = $1 returning id, state), "
    "a as (insert into audit_log (staff_id, action, detail) select staff_now(), 'publication_' || state, jsonb_build_object('publication', id) from p) "
    "select id, state from p",
    4,
    {DB_INT8, DB_TEXT, DB_TEXT, DB_TEXT}};

struct publishing {
    struct staff_ask ask;
    u64 id;
};

static bool entered(const struct staff_ask *a, enum db_end end, const struct db_result *const *results,
                    const struct db_error *error, struct staff_who *who)
{
    if (!staff_entered(a, end, results, error, false, who)) return false;
    if (who->actor.roles & MAY_SEE) return true;
    staff_refuse(a, REFUSE_FORBIDDEN, NULL, NULL);
    return false;
}

/* --- the list --- */

static void put_day(const char *name, const struct db_result *r, int row, int col, struct text *t)
{
    if (db_is_null(r, row, col)) {
        text_addf(t, ",\"%s\":null", name);
        return;
    }
    const struct civil c = civil_from_days(db_get_i64(r, row, col));
    text_addf(t, ",\"%s\":\"%04d-%02d-%02d\"", name, c.year, c.month, c.day);
}

/* What this person may do next; the same questions that the table's trigger asks. */
static void put_steps(const struct db_result *r, int row, const struct staff_who *who, struct text *t)
{
    const struct str state = db_get_text(r, row, COL_STATE);
    const bool writes = who->actor.roles & ROLE_BIT(ROLE_REGISTRY), approves = who->actor.roles & APPROVERS;
    const bool mine = db_get_i64(r, row, COL_AUTHOR) == who->actor.staff,
               taken = db_get_i64(r, row, COL_WRITER) == who->actor.staff;
    const bool proposed = str_eq(state, STR("proposed")), written = str_eq(state, STR("written"));
    const struct staff_offer steps[] = {
        {"take", proposed && writes},
        {"publish", written && approves && !mine && !taken},
        {"refuse", (proposed && (writes || approves || mine)) || (written && (writes || approves))},
        {"withdraw", str_eq(state, STR("published")) && (writes || approves)}};
    staff_put_steps(steps, ARRAY_LEN(steps), t);
    text_addc(t, '}');
}

static void put_row(struct gateway *g, const struct db_result *r, int row, const struct staff_who *who,
                    struct text *t)
{
    text_addf(t, "{\"id\":%lld", (long long)db_get_i64(r, row, COL_ID));
    json_put_text(t, "kind", db_get_text(r, row, COL_KIND));
    text_addz(t, ",\"unit\":");
    register_unit_json(g, db_get_i64(r, row, COL_UNIT), t);
    json_put_text(t, "title", db_get_text(r, row, COL_TITLE));
    json_put_text(t, "words", db_get_text(r, row, COL_WORDS));
    put_day("from", r, row, COL_FROM, t);
    put_day("to", r, row, COL_TO, t);
    json_put_text(t, "state", db_get_text(r, row, COL_STATE));
    json_put_text(t, "author_post", db_get_text(r, row, COL_AUTHOR_POST));
    json_put_instant(t, "written_at", db_get_instant(r, row, COL_WRITTEN));
    json_put_text(t, "approver_post", db_get_text(r, row, COL_APPROVER_POST));
    json_put_instant(t, "published_at", db_get_instant(r, row, COL_PUBLISHED));
    json_put_instant(t, "ended_at", db_get_instant(r, row, COL_ENDED));
    put_steps(r, row, who, t);
}

static void have_list(void *arg, enum db_end end, const struct db_result *const *results, int n,
                      const struct db_error *error)
{
    struct publishing *q = arg;
    struct staff_who who;
    (void)n;
    if (entered(&q->ask, end, results, error, &who)) {
        const struct db_result *r = results[CASEWORK_FIRST];
        const int rows = MIN(db_rows(r), LIST_MAX);
        struct text body;
        text_init(&body, ANSWER_MAX);
        text_addf(&body, "{\"may_write\":%s,\"may_propose\":%s,\"more\":%s,\"publications\":[",
                  who.actor.roles & ROLE_BIT(ROLE_REGISTRY) ? "true" : "false",
                  who.actor.roles & UNIT_ROLES ? "true" : "false", db_rows(r) > rows ? "true" : "false");
        for (int i = 0; i < rows; i++) {
            if (i) text_addc(&body, ',');
            put_row(q->ask.g, r, i, &who, &body);
        }
        text_addz(&body, "]}");
        staff_answer(&q->ask, &body);
    }
    free(q);
}

void staff_publications(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    static const char *const states[] = {"proposed", "written", "published", "refused", "withdrawn"};
    struct text state;
    bool bad = false;
    (void)id;
    text_init(&state, 20);
    if (query_param(in, "state", &state, &bad)) {
        bool known = false;
        for (size_t i = 0; i < ARRAY_LEN(states); i++) known |= str_eq(text_str(&state), str_of(states[i]));
        bad |= !known;
    }
    if (bad) {
        query_refuse(a, "state");
    } else {
        struct publishing *q = MEM_NEW(struct publishing);
        *q = (struct publishing){.ask = *a};
        struct db_call *c = staff_call(a, have_list, q);
        struct db_params *p = db_params_new(&stmt_staff_publications);
        db_put_text(p, state.n ? text_str(&state) : STR_NONE);
        db_put_i32(p, LIST_MAX + 1);
        db_call_add(c, &stmt_staff_publications, p);
        if (!staff_go(a, c)) free(q);
    }
    text_free(&state);
}

/* --- the figures of one --- */

static void put_count(const char *name, const struct db_result *r, int row, int col, struct text *t)
{
    if (db_is_null(r, row, col))
        text_addf(t, ",\"%s\":null", name);
    else
        text_addf(t, ",\"%s\":%lld", name, (long long)db_get_i64(r, row, col));
}

static void have_figures(void *arg, enum db_end end, const struct db_result *const *results, int n,
                         const struct db_error *error)
{
    static const char *const names[] = {NULL, "rated", "satisfied", "due", "on_time", "received", "answered"};
    struct publishing *q = arg;
    struct staff_who who;
    (void)n;
    if (entered(&q->ask, end, results, error, &who)) {
        const struct db_result *r = results[CASEWORK_FIRST];
        struct text body;
        text_init(&body, ANSWER_MAX);
        text_addz(&body, "{\"figures\":[");
        for (int i = 0; i < db_rows(r); i++) {
            text_addz(&body, i ? ",{\"unit\":" : "{\"unit\":");
            register_unit_json(q->ask.g, db_get_i64(r, i, 0), &body);
            for (int col = 1; col < (int)ARRAY_LEN(names); col++) put_count(names[col], r, i, col, &body);
            text_addc(&body, '}');
        }
        text_addz(&body, "]}");
        staff_answer(&q->ask, &body);
    }
    free(q);
}

void staff_publication_figures(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    struct publishing *q = MEM_NEW(struct publishing);
    (void)in;
    *q = (struct publishing){.ask = *a, .id = id};
    struct db_call *c = staff_call(a, have_figures, q);
    staff_add_by_id(c, &stmt_staff_publication_figures, id);
    if (!staff_go(a, c)) free(q);
}

/* --- writing --- */

/* What must not be published: numbers and names of persons. In an answer, which is made from a citizen's words, not even a
 * telephone of an office, an address or a mailbox: they might be the citizen's. False: refused. */
static bool clean(const struct staff_ask *a, struct str text, bool answer)
{
    struct redact_span spans[16];
    for (size_t at = 0; at < text.n;) {
        const struct str rest = {text.p + at, text.n - at};
        const size_t n = redact_find(rest, spans, ARRAY_LEN(spans));
        for (size_t i = 0; i < n; i++) {
            const enum redact_kind k = spans[i].kind;
            char zh[200], en[200];
            if (!answer && (k == REDACT_LANDLINE || k == REDACT_EMAIL || k == REDACT_ADDRESS)) continue;
            snprintf(zh, sizeof zh, "这里好像有个人信息（%s），公开前请去掉。", redact_chinese(k));
            snprintf(en, sizeof en, "This seems to hold something personal (%s); please take it out.",
                     redact_word(k));
            staff_refuse(a, REFUSE_PUBLISH_PERSONAL, zh, en);
            return false;
        }
        if (n + 1 < ARRAY_LEN(spans)) return true;
        at += spans[n - 1].end;
    }
    return true;
}

static bool known_members(const struct json *doc, const char *const *known)
{
    for (const char *key = NULL; (key = json_next_key(doc, key)) != NULL;) {
        size_t i = 0;
        while (known[i] && strcmp(known[i], key) != 0) i++;
        if (!known[i]) return false;
    }
    return true;
}

static bool day_read(const struct json *v, int *day_r)
{
    i64 day;
    if (!staff_day_parse(json_str(v), &day)) return false;
    *day_r = (int)day;
    return true;
}

static void have_written(void *arg, enum db_end end, const struct db_result *const *results, int n,
                         const struct db_error *error)
{
    struct publishing *q = arg;
    struct staff_who who;
    const char *state = end == DB_FAILED ? error->sqlstate : "";
    (void)n;
    if (strcmp(state, "MSD95") == 0 || strcmp(state, "42501") == 0) {
        staff_refuse(&q->ask, REFUSE_FORBIDDEN, "写的人不能自己审核；单位只能报送本单位的内容。",
                     "Who wrote it cannot approve it; a unit proposes for itself only.");
    } else if (strcmp(state, "MSD96") == 0) {
        staff_refuse(&q->ask, REFUSE_PUBLISH_STEP, NULL, NULL);
    } else if (strcmp(state, "MSD97") == 0 || strcmp(state, "23P01") == 0) {
        staff_refuse(&q->ask, REFUSE_PUBLISH_PERIOD, NULL, NULL);
    } else if (entered(&q->ask, end, results, error, &who)) {
        const struct db_result *r = results[CASEWORK_FIRST];
        if (db_rows(r) == 0) {
            staff_refuse(&q->ask, REFUSE_NOT_FOUND, NULL, NULL);
        } else {
            struct text body;
            COUNT(PUBLICATION_STEPS);
            text_init(&body, 200);
            text_addf(&body, "{\"id\":%lld", (long long)db_get_i64(r, 0, 0));
            json_put_text(&body, "state", db_get_text(r, 0, 1));
            text_addc(&body, '}');
            staff_answer(&q->ask, &body);
        }
    }
    free(q);
}

/* Both texts, trimmed; false: refused. needed: neither may be empty. */
static bool texts_read(const struct staff_ask *a, const struct json *doc, bool needed, bool answer,
                       struct str *title_r, struct str *words_r)
{
    *title_r = str_trim(json_str(json_get(doc, "title")));
    *words_r = str_trim(json_str(json_get(doc, "words")));
    if ((needed && (title_r->n == 0 || words_r->n == 0)) || utf8_count(*title_r) > TITLE_MAX ||
        utf8_count(*words_r) > WORDS_MAX) {
        staff_refuse(a, REFUSE_UNKNOWN_FIELD, "请写明标题（最多 100 字）和内容（最多 5000 字）。",
                     "title has up to 100 characters, words up to 5000.");
        return false;
    }
    return clean(a, *title_r, answer) && clean(a, *words_r, answer);
}

static void add(const struct staff_ask *a, const struct json *doc)
{
    static const char *const kinds[] = {"party", "government", "affairs", "service", "answer", "figures"};
    const struct str kind = json_str(json_get(doc, "kind"));
    const bool figures = str_eq(kind, STR("figures"));
    struct str title, words;
    i64 unit = 0;
    int from = 0, to = 0;
    bool known = false;
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) known |= str_eq(kind, str_of(kinds[i]));
    if (!known || (!figures && (!json_int(json_get(doc, "unit"), &unit) || unit <= 0 || unit > INT32_MAX))) {
        staff_refuse(a, REFUSE_UNKNOWN_FIELD, "请选择类别（kind）和单位（unit）。",
                     "kind and unit are needed.");
        return;
    }
    if (figures &&
        (!day_read(json_get(doc, "from"), &from) || !day_read(json_get(doc, "to"), &to) || to < from)) {
        staff_refuse(a, REFUSE_PUBLISH_PERIOD, NULL, NULL);
        return;
    }
    if (!texts_read(a, doc, true, str_eq(kind, STR("answer")), &title, &words)) return;
    struct publishing *q = MEM_NEW(struct publishing);
    *q = (struct publishing){.ask = *a};
    struct db_call *c = staff_call(a, have_written, q);
    struct db_params *p = db_params_new(&stmt_staff_publication_add);
    db_put_text(p, kind);
    if (figures)
        db_put_null(p);
    else
        db_put_i32(p, (int)unit);
    db_put_text(p, title);
    db_put_text(p, words);
    if (figures) {
        db_put_i32(p, from);
        db_put_i32(p, to);
    } else {
        db_put_null(p);
        db_put_null(p);
    }
    db_call_add(c, &stmt_staff_publication_add, p);
    if (!staff_go(a, c)) free(q);
}

void staff_publication_add(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    static const char *const known[] = {"kind", "unit", "title", "words", "from", "to", NULL};
    struct json *doc = NULL;
    (void)id;
    if (!body_object(a, in, BODY_MAX, &doc)) return;
    if (known_members(doc, known))
        add(a, doc);
    else
        staff_refuse(a, REFUSE_UNKNOWN_FIELD, NULL, NULL);
    json_free(&doc);
}

void staff_publication_step(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    static const char *const known[] = {"step", "title", "words", NULL};
    static const struct {
        const char *step, *state;
    } steps[] = {
        {"take", "written"}, {"publish", "published"}, {"refuse", "refused"}, {"withdraw", "withdrawn"}};
    struct json *doc = NULL;
    struct str title, words;
    const char *state = NULL;
    if (!body_object(a, in, BODY_MAX, &doc)) return;
    for (size_t i = 0; i < ARRAY_LEN(steps); i++)
        if (str_eq(json_str(json_get(doc, "step")), str_of(steps[i].step))) state = steps[i].state;
    if (!state || !known_members(doc, known)) {
        staff_refuse(a, REFUSE_UNKNOWN_FIELD, "没有这一步（step）。", "There is no such step.");
    } else if (texts_read(a, doc, false, false, &title, &words)) {
        struct publishing *q = MEM_NEW(struct publishing);
        *q = (struct publishing){.ask = *a, .id = id};
        struct db_call *c = staff_call(a, have_written, q);
        struct db_params *p = db_params_new(&stmt_staff_publication_step);
        db_put_i64(p, (i64)id);
        db_put_text(p, str_of(state));
        db_put_text(p, title.n ? title : STR(""));
        db_put_text(p, words.n ? words : STR(""));
        db_call_add(c, &stmt_staff_publication_step, p);
        if (!staff_go(a, c)) free(q);
    }
    json_free(&doc);
}
