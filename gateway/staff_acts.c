/* POST /cases/{id}/acts: what a person sends becomes one act_request; casework judges and writes it; the answer is the
 * case as it is then. */
#include "staff_part.h"
#include "staff_body.h"
#include "casework.h"
#include "split.h"
#include "core/route.h"
#include "core/submission.h"
#include "base/utf8.h"
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define BODY_MAX   (128u * 1024)
#define TEXT_MAX   5000 /* characters of each text, as the refusal's sentence says */
#define PIECES_MAX 100

/* Under the staff role, for what an act names: whether a person has ties to the unit that the case is about (sharing it), and whether the case
 * to merge into is one that the acting person may see. A foreign key alone would admit that a hidden case exists. */
const struct db_stmt stmt_staff_named = {
    "staff_named",
    "select (select s.id from staff s where s.id = $1 and s.active), "
    "coalesce((select c.about_unit_id = any (staff_ties($1)) from cases c where c.id = $3), false), "
    "(select c.state from cases c where c.id = $2)",
    3,
    {DB_INT4, DB_INT8, DB_INT8}};

struct acting {
    struct staff_ask ask;
    u64 case_id;
    struct staff_act_input in;
    struct text detail; /* of a conflict, while the current row is read */
};

static void acting_free(struct acting *w)
{
    arena_free(&w->in.arena);
    text_free(&w->detail);
    free(w);
}

/* --- the request --- */

static void *at(struct act_request *q, const struct staff_field *f) { return (char *)q + f->at; }

/* A number, or digits in a string: forms send what was typed. */
static bool number_of(const struct json *v, i64 max, i64 *n_r)
{
    u64 n;
    if (json_kind(v) == JSON_STRING) {
        if (!str_u64(str_trim(json_str(v)), (u64)max, &n)) return false;
        *n_r = (i64)n;
        return true;
    }
    return json_int(v, n_r) && *n_r >= 0 && *n_r <= max;
}

static bool cause_of(struct str word, enum pause_cause *cause_r)
{
    word = str_trim(word);
    if (pause_cause_parse(word, cause_r)) return true;
    for (int c = PAUSE_NONE + 1; c < PAUSE_CAUSES_N; c++)
        if (str_eq(word, str_of(pause_cause_chinese((enum pause_cause)c)))) {
            *cause_r = (enum pause_cause)c;
            return true;
        }
    return false;
}

static int count_lines(struct str s)
{
    int n = 0;
    while (s.n) {
        struct str line;
        str_cut(s, '\n', &line, &s);
        n += str_trim(line).n > 0;
    }
    return n;
}

/* Numbers are files, words are names of pieces. */
static bool take_files(struct staff_act_input *w, const struct json *v, struct str *named_r)
{
    size_t n = json_count(v), n_ids = 0;
    u64 *ids = n && n <= PIECES_MAX ? arena_alloc(&w->arena, n * sizeof *ids) : NULL;
    struct text named;
    if (!ids) return false;
    text_init(&named, TEXT_MAX * 4);
    bool good = true;
    for (size_t i = 0; good && i < n; i++) {
        const struct json *one = json_at(v, i);
        i64 id;
        if (json_kind(one) == JSON_STRING) {
            text_add(&named, str_trim(json_str(one)));
            text_addc(&named, '\n');
        } else {
            good = json_int(one, &id) && id > 0;
            if (good) ids[n_ids++] = (u64)id;
        }
    }
    if (named.n) *named_r = str_trim(arena_str(&w->arena, text_str(&named)));
    good = good && n_ids <= SUBMISSION_FILES_MAX && !named.overflow && (!named.n || named_r->p);
    text_free(&named);
    w->req.files = ids;
    w->req.n_files = n_ids;
    w->req.evidence = (int)n;
    return good;
}

/* Files that were uploaded for this act (staff_files.c), by number; names of pieces, which go behind the reason; or how many there are. */
static bool take_evidence(struct staff_act_input *w, const struct json *v, struct str *named_r)
{
    i64 n = 0;
    if (json_kind(v) == JSON_ARRAY) return take_files(w, v, named_r);
    if (json_kind(v) == JSON_STRING) {
        *named_r = str_trim(json_str(v));
        n = count_lines(*named_r);
        if (utf8_count(*named_r) > TEXT_MAX) return false;
    } else if (!json_int(v, &n) || n < 0) {
        return false;
    }
    w->req.evidence = (int)MIN(n, PIECES_MAX);
    return n <= PIECES_MAX;
}

static bool take_text(struct staff_act_input *w, const struct json *v, struct str *to)
{
    struct str s = json_str(v);
    if (json_kind(v) != JSON_STRING) return false;
    *to = s.n ? arena_str(&w->arena, s) : STR_NONE;
    return s.n == 0 || to->p;
}

/* {"solved": "partly", …}: questions of the script with one of their answers each. */
static bool take_answers(const struct json *v, struct call_answers *to)
{
    if (json_kind(v) != JSON_OBJECT) return false;
    for (const char *key = NULL; (key = json_next_key(v, key)) != NULL;) {
        enum call_question q;
        if (!call_question_parse(str_of(key), &q) || !call_answer_put(to, q, json_str(json_get(v, key))))
            return false;
    }
    return true;
}

/* The value of one member; false when it is none that the field takes. */
static bool take_field(struct staff_act_input *w, const struct staff_field *f, const struct json *v,
                       struct str *named_r)
{
    void *to = at(&w->req, f);
    i64 n;
    switch (f->kind) {
    case FIELD_TEXT:
        return take_text(w, v, to);
    case FIELD_ID:
        if (!number_of(v, INT64_MAX / 2, &n) ||
            (f->at != offsetof(struct act_request, target) &&
             f->at != offsetof(struct act_request, feedback) && n > INT32_MAX))
            return false;
        *(i64 *)to = n;
        return true;
    case FIELD_SMALL:
        if (!number_of(v, DEADLINE_LIMIT_MAX, &n)) return false;
        *(int *)to = (int)n;
        return true;
    case FIELD_EVIDENCE:
        return take_evidence(w, v, named_r);
    case FIELD_CAUSE:
        return json_kind(v) == JSON_STRING && cause_of(json_str(v), to);
    case FIELD_UNTIL:
        return json_kind(v) == JSON_STRING && staff_instant_parse(json_str(v), to);
    case FIELD_NATURE:
        return json_kind(v) == JSON_STRING && nature_parse(json_str(v), to) &&
               *(enum nature *)to != NATURE_UNKNOWN;
    case FIELD_ANSWERS:
        return take_answers(v, to);
    case FIELD_URGENCY:
        for (int u = 0; u < URGENCIES_N; u++) {
            const struct str word = str_of(urgency_chinese((enum urgency)u));
            if (json_kind(v) != JSON_STRING || !str_eq(str_trim(json_str(v)), word)) continue;
            *(struct str *)to = word;
            return true;
        }
        return false;
    }
    return false;
}

static const struct staff_field *field_find(const char *name)
{
    for (size_t i = 0; i < n_staff_fields; i++)
        if (strcmp(staff_fields[i].name, name) == 0) return &staff_fields[i];
    return NULL;
}

static bool is_blank(const struct json *v)
{
    return json_kind(v) == JSON_NULL || (json_kind(v) == JSON_STRING && str_trim(json_str(v)).n == 0);
}

const char *staff_act_read(struct staff_act_input *w, const struct json *doc, const char *const *beside)
{
    struct str named = STR_NONE;
    i64 version;
    if (!case_act_parse(json_str(json_get(doc, "act")), &w->req.act)) return "act";
    if (!beside) {
        if (!json_int(json_get(doc, "version"), &version) || version < 0) return "version";
        w->req.expected_version = version;
    }
    w->req.actor.kind = ACTOR_STAFF;
    w->req.now = clock_now();
    for (const char *key = NULL; (key = json_next_key(doc, key)) != NULL;) {
        const struct json *v = json_get(doc, key);
        const struct staff_field *f = field_find(key);
        bool known = strcmp(key, "act") == 0 || (!beside && strcmp(key, "version") == 0);
        for (size_t i = 0; beside && beside[i]; i++) known |= strcmp(key, beside[i]) == 0;
        if (known) continue;
        if (strcmp(key, "category") == 0) {
            if (!is_blank(v) && !take_text(w, v, &w->category)) return "category";
        } else if (!f) {
            return "?";
        } else if (!is_blank(v) && !take_field(w, f, v, &named)) {
            return f->name;
        }
    }
    if (named.n) {
        struct text t;
        text_init(&t, BODY_MAX);
        if (w->req.reason.n) text_add(&t, w->req.reason), text_addc(&t, '\n');
        text_addz(&t, "佐证材料：\n");
        text_add(&t, named);
        w->req.reason = arena_str(&w->arena, text_str(&t));
        text_free(&t);
    }
    return NULL;
}

bool staff_act_fits(const struct act_request *q)
{
    const struct str all[] = {q->reason, q->text, q->ground, q->way, q->receiver, q->higher, q->rest};
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        if (utf8_count(all[i]) > TEXT_MAX) return false;
    return true;
}

/* --- the answer --- */

/* Somebody else was faster: the refusal carries the row as it is now, so that the form can say what changed. */
static void have_current(void *arg, enum db_end end, const struct db_result *const *results, int n,
                         const struct db_error *error)
{
    struct acting *w = arg;
    struct staff_who who;
    struct case_row row;
    struct text extra;
    (void)n;
    if (staff_entered(&w->ask, end, results, error, false, &who)) {
        const struct db_result *r = results[CASEWORK_FIRST];
        text_init(&extra, 15000);
        if (db_rows(r)) { /* else it has left this person's sight */
            casework_row(r, 0, &row);
            text_addz(&extra, ",\"case\":");
            /* Words of a confidential case are shown on the case page alone, where the look is logged. */
            bool shown = !(row.view.flags & CASE_FLAG_CONFIDENTIAL);
            staff_row_json(w->ask.g, &row, shown ? db_get_text(r, 0, CASEWORK_COLUMNS_N + 2) : STR(""),
                           db_get_i64(r, 0, CASEWORK_COLUMNS_N + 3), &extra);
        }
        reply_problem(w->ask.g, w->ask.ticket, w->ask.lang, REFUSE_CASE_CHANGED, text_str(&w->detail),
                      extra.overflow ? STR_NONE : text_str(&extra), SPAN_US(0));
        text_free(&extra);
    }
    acting_free(w);
}

static void send_current(struct acting *w)
{
    struct db_call *c = staff_call(&w->ask, have_current, w);
    struct db_params *p = db_params_new(&stmt_staff_case);
    db_put_i64(p, (i64)w->case_id);
    db_call_add(c, &stmt_staff_case, p);
    if (!staff_go(&w->ask, c)) acting_free(w);
}

static void refuse_act(const struct acting *w, const struct casework_result *r)
{
    struct text extra;
    text_init(&extra, 1024);
    if (r->refusal == REFUSE_ACT_NEEDS) {
        u32 missing = staff_needs_missing(&w->in.req);
        text_addz(&extra, ",\"missing\":");
        staff_needs_json(missing, &extra);
    }
    struct str detail = w->ask.lang == LANG_EN ? STR_NONE : str_of(r->detail);
    reply_problem(w->ask.g, w->ask.ticket, w->ask.lang, r->refusal, detail, text_str(&extra),
                  r->refusal == REFUSE_UNAVAILABLE ? SPAN_S(5) : SPAN_US(0));
    text_free(&extra);
}

static void act_done(void *arg, const struct casework_result *r)
{
    struct acting *w = arg;
    if (r->refusal == REFUSE_CASE_CHANGED) {
        if (w->ask.lang != LANG_EN) text_addz(&w->detail, r->detail);
        send_current(w);
        return;
    }
    if (r->refusal == REFUSE_NONE) {
        struct text look; /* who acts on a confidential case has looked at it: the log says why */
        text_init(&look, 256);
        text_addf(&look, "办理：%s", case_act_chinese(w->in.req.act));
        staff_case_send(&w->ask, w->case_id, text_str(&look));
        text_free(&look);
    } else {
        refuse_act(w, r);
    }
    acting_free(w);
}

static void act_now(struct acting *w)
{
    if (w->in.req.act == ACT_SPLIT)
        split_act(w->ask.g, &w->ask.session, w->case_id, &w->in.req, w->in.category, act_done, w);
    else
        casework_act(w->ask.g, &w->ask.session, w->case_id, &w->in.req, w->in.category, act_done, w);
}

/* --- an act may name a person or another case: those are looked up first --- */

static void have_named(void *arg, enum db_end end, const struct db_result *const *results, int n,
                       const struct db_error *error)
{
    struct acting *w = arg;
    struct staff_who who;
    (void)n;
    if (!staff_entered(&w->ask, end, results, error, false, &who)) {
        acting_free(w);
        return;
    }
    const struct db_result *r = results[CASEWORK_FIRST];
    const char *wrong = w->in.req.person && db_is_null(r, 0, 0)   ? "person"
                        : w->in.req.target && db_is_null(r, 0, 2) ? "target"
                                                                  : NULL;
    enum case_state into = CASE_DISCOVERED;
    bool known = !w->in.req.target || wrong || case_state_parse(db_get_text(r, 0, 2), &into);
    if (wrong) {
        body_refuse(&w->ask, wrong);
        acting_free(w);
        return;
    }
    if (!known || !case_state_open(into)) {
        staff_refuse(&w->ask, REFUSE_ACT_ILLEGAL, "主办件已经办结、不予受理或者并案，不能再并入。",
                     "The main case is closed, declined or merged itself: nothing can be merged into it.");
        acting_free(w);
        return;
    }
    w->in.req.person_about = db_get_bool(r, 0, 1);
    act_now(w);
}

static void look_up_named(struct acting *w)
{
    struct db_call *c = staff_call(&w->ask, have_named, w);
    struct db_params *p = db_params_new(&stmt_staff_named);
    db_put_i32(p, (int)w->in.req.person);
    db_put_i64(p, w->in.req.target);
    db_put_i64(p, (i64)w->case_id);
    db_call_add(c, &stmt_staff_named, p);
    if (!staff_go(&w->ask, c)) acting_free(w);
}

void staff_act(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    struct json *doc;
    if (!body_object(a, in, BODY_MAX, &doc)) return;
    struct acting *w = MEM_NEW(struct acting);
    w->ask = *a;
    w->case_id = id;
    arena_init(&w->in.arena, 4 * BODY_MAX);
    text_init(&w->detail, CASEFLOW_DETAIL_MAX);
    const char *wrong = staff_act_read(&w->in, doc, NULL);
    json_free(&doc);
    if (wrong) {
        body_refuse(a, wrong);
        acting_free(w);
    } else if (!staff_act_fits(&w->in.req)) {
        staff_refuse(a, REFUSE_TEXT_TOO_LONG, NULL, NULL);
        acting_free(w);
    } else if (w->in.req.person || w->in.req.target) {
        look_up_named(w);
    } else {
        act_now(w);
    }
}
