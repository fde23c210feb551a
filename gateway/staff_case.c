/* One case with everything about it that the person may see: the citizen's masked words, the router's reasons, the acts,
 * what may be done next, and why the deadline is what it is. A confidential case is shown only with a reason, and the
 * look is in the log in the same transaction that read it (promise P4). */
#include "staff_part.h"
#include "staff_query.h"
#include "casework.h"
#include "register.h"
#include "rules.h"
#include "base/code.h"
#include <stdlib.h>
#include <string.h>

#define FEEDBACK_MAX "100"
#define ACTS_MAX     "300" /* the latest */
#define BODY_MAX     (16u << 20)

const struct db_stmt stmt_staff_case = {
    "staff_case",
    "select " CASEWORK_COLUMNS ", "
    "exists (select from case_units cu where cu.case_id = c.id and cu.unit_id = my_unit()), "
    "exists (select from case_shares cs where cs.case_id = c.id and cs.staff_id = staff_now()), "
    "left(coalesce(case_extract(c.id), (select s.masked from feedback s where s.case_id = c.id order by "
    "s.received_at, s.id limit 1)), 80), "
    "(select count(*) from case_reporters(c.id)) from cases c where c.id = $1",
    1,
    {DB_INT8}};
const struct db_stmt stmt_staff_case_look = {
    "staff_case_look",
    "insert into audit_log (staff_id, action, case_id, detail) select staff_now(), 'look', c.id, "
    "jsonb_build_object('reason', $2) "
    "from cases c where c.id = $1 and c.confidential and $2 is not null",
    2,
    {DB_INT8, DB_TEXT}};
const struct db_stmt stmt_staff_case_feedback = {
    "staff_case_feedback",
    "select id, received_at, channel, plaque, nature_said, "
    "rating, masked, decision, "
    "(select json_agg(m.mark order by m.mark) from feedback_marks m "
    "where m.feedback_id = feedback.id)::text, "
    /* where it is, as the citizen named it: the unit has to find it */
    "(select json_build_object('words', p.words, 'lat', p.lat, 'lon', p.lon, 'accuracy', p.accuracy) "
    "from feedback_places p where p.feedback_id = feedback.id)::text, "
    "exists (select from sealed_reports sr where sr.feedback_id = feedback.id), "
    /* who wrote it down for the citizen */
    "(select json_build_object('way', e.way, 'by', coalesce(s.name, ''), 'unit', coalesce(u.short_name, ''), 'said_on', e.said_on) "
    "from feedback_entries e left join staff s on s.id = e.staff_id left join units u on u.id = e.unit_id "
    "where e.feedback_id = feedback.id)::text "
    "from feedback where id in (select f.id from feedback f where f.case_id = $1 union "
    "select p.feedback_id from case_parts p where p.case_id = $1) "
    "order by received_at, id limit " FEEDBACK_MAX,
    1,
    {DB_INT8}};
const struct db_stmt stmt_staff_case_acts = {
    "staff_case_acts",
    "select * from (select a.version, a.at, a.act, a.actor, a.staff_id, s.name, a.role, a.from_state, "
    "a.to_state, a.unit_id, a.reason, "
    "a.words, a.public, a.data, post_called(a.post_id, s.name) from acts a left join staff s on s.id = a.staff_id where a.case_id = $1 "
    "order by a.version desc limit " ACTS_MAX ") t order by version",
    1,
    {DB_INT8}};
/* Of a split matter: the clerk's extract of each part that this person may see, and whether that is all of them. */
const struct db_stmt stmt_staff_case_parts = {
    "staff_case_parts",
    "select p.part, p.case_id, p.piece, p.decision, p.reason, c.state, c.nature, c.unit_id, "
    "feedback_whole(p.feedback_id) from (select distinct on (x.case_id) x.* from case_parts x "
    "where x.feedback_id in (select m.feedback_id from case_parts m where m.case_id = $1) "
    "order by x.case_id, x.version desc) p join cases c on c.id = p.case_id order by p.part",
    1,
    {DB_INT8}};
enum { Q_LOOK = CASEWORK_FIRST, Q_CASE, Q_FEEDBACK, Q_ACTS, Q_PARTS };

static void put_text(const char *name, struct str v, struct text *t)
{
    text_addf(t, "\"%s\":", name);
    if (v.p)
        json_put(t, v);
    else
        text_addz(t, "null");
}

/* --- the deadline --- */

/* The amount asked for stands in the act's data as a plain number. */
static int amount_of(struct str data)
{
    const char *why;
    i64 amount = 0;
    struct json *doc = json_parse(data, 65536, &why);
    if (!json_int(json_get(doc, "amount"), &amount) || amount < 0 || amount > DEADLINE_LIMIT_MAX) amount = 0;
    json_free(&doc);
    return (int)amount;
}

static void put_lines(struct str lines, struct text *t)
{
    text_addc(t, '[');
    for (bool more = false; lines.n;) {
        struct str line;
        str_cut(lines, '\n', &line, &lines);
        if (line.n == 0) continue;
        if (more) text_addc(t, ',');
        json_put(t, line);
        more = true;
    }
    text_addc(t, ']');
}

static void put_deadline(struct gateway *g, const struct case_row *row, const struct db_result *acts,
                         struct text *t)
{
    char ts[INSTANT_TEXT_MAX];
    const struct deadline_rules rules = rules_deadline(g);
    size_t n = 0;
    struct clock_step *steps = mem_alloc(((size_t)db_rows(acts) + 1) * sizeof *steps); /* at most ACTS_MAX */
    for (int i = 0; i < db_rows(acts); i++) {
        struct clock_step s = {.at = db_get_instant(acts, i, 1)};
        if (!case_act_parse(db_get_text(acts, i, 2), &s.act)) continue;
        if (s.act == ACT_EXTEND_ASK) s.amount = amount_of(db_get_text(acts, i, 13));
        s.cal = register_workdays_at(g, s.at);
        steps[n++] = s;
    }
    struct text lines;
    text_init(&lines, 64 * 1024);
    staff_deadline_lines(&rules, register_workdays_at(g, row->view.opened), row, steps, n, &lines);
    if (lines.n == 0) {
        text_addz(t, ",\"deadline\":null");
    } else {
        text_addz(t, ",\"deadline\":{\"due_at\":");
        if (row->clocks.due.us)
            text_addf(t, "\"%s\"", instant_text(row->clocks.due, ts));
        else
            text_addz(t, "null");
        text_addz(t, ",\"lines\":");
        put_lines(text_str(&lines), t);
        text_addc(t, '}');
    }
    text_free(&lines);
    free(steps);
}

/* --- the parts of the answer --- */

static void put_case(struct gateway *g, const struct case_row *row, const struct db_result *r,
                     const struct db_result *acts, struct text *t)
{
    staff_row_json(g, row, db_get_text(r, 0, CASEWORK_COLUMNS_N + 2),
                   db_get_i64(r, 0, CASEWORK_COLUMNS_N + 3), t);
    if (t->overflow) return;
    t->n--; /* the closing brace: more members follow */
    json_put_instant(t, "assigned_at", row->view.assigned);
    json_put_instant(t, "signed_at", row->view.signed_at);
    json_put_instant(t, "replied_at", row->view.replied);
    json_put_instant(t, "closed_at", row->view.closed);
    text_addz(t, ",\"plaque_unit\":");
    register_unit_json(g, row->plaque_unit, t);
    put_deadline(g, row, acts, t);
    text_addc(t, '}');
}

/* The row of this case among the parts, or -1: it was never split. */
static int own_part(const struct db_result *parts, u64 id)
{
    for (int i = 0; i < db_rows(parts); i++)
        if (db_get_i64(parts, i, 1) == (i64)id) return i;
    return -1;
}

static void put_part(struct gateway *g, const struct db_result *r, int own, struct text *t)
{
    text_addz(t, ",\"part\":");
    if (own < 0) {
        text_addz(t, "null");
        return;
    }
    text_addf(t, "{\"number\":%lld,", (long long)db_get_i64(r, own, 0));
    put_text("extract", db_get_text(r, own, 2), t);
    text_addf(t, ",\"whole\":%s,\"others\":[", db_get_bool(r, own, 8) ? "true" : "false");
    for (int i = 0, n = 0; i < db_rows(r); i++) {
        if (i == own) continue;
        text_addf(t, "%s{\"number\":%lld,\"case\":%lld,", n++ ? "," : "", (long long)db_get_i64(r, i, 0),
                  (long long)db_get_i64(r, i, 1));
        put_text("state", db_get_text(r, i, 5), t);
        text_addc(t, ',');
        put_text("nature", db_get_text(r, i, 6), t);
        text_addz(t, ",\"unit\":");
        register_unit_json(g, db_get_i64(r, i, 7), t);
        text_addc(t, '}');
    }
    text_addz(t, "],");
    put_text("reason", db_get_text(r, own, 4), t);
    text_addc(t, '}');
}

/* As intake, or the split, wrote it when the words came: a record, not a new opinion. */
static void put_decision(const struct db_result *r, const struct db_result *parts, int own, struct text *t)
{
    text_addz(t, ",\"decision\":");
    if (own >= 0 && !db_is_null(parts, own, 3))
        text_add(t, db_get_text(parts, own, 3));
    else if (db_rows(r) && !db_is_null(r, 0, 7))
        text_add(t, db_get_text(r, 0, 7));
    else
        text_addz(t, "null");
}

static void put_feedback(const struct db_result *r, struct text *t)
{
    text_addz(t, ",\"feedback\":[");
    for (int i = 0; i < db_rows(r); i++) {
        text_addf(t, "%s{\"id\":%lld", i ? "," : "", (long long)db_get_i64(r, i, 0));
        json_put_instant(t, "received_at", db_get_instant(r, i, 1));
        text_addc(t, ',');
        put_text("channel", db_get_text(r, i, 2), t);
        text_addc(t, ',');
        put_text("plaque", db_get_text(r, i, 3), t);
        text_addc(t, ',');
        put_text("nature_said", db_get_text(r, i, 4), t);
        if (db_is_null(r, i, 5))
            text_addz(t, ",\"rating\":null,");
        else
            text_addf(t, ",\"rating\":%lld,", (long long)db_get_i64(r, i, 5));
        put_text("masked", db_get_text(r, i, 6), t);
        text_addz(t, ",\"marks\":");
        if (db_is_null(r, i, 8))
            text_addz(t, "[]");
        else
            text_add(t, db_get_text(r, i, 8));
        text_addz(t, ",\"place\":");
        text_add(t, db_is_null(r, i, 9) ? STR("null") : db_get_text(r, i, 9));
        text_addf(t, ",\"sealed\":%s,\"entered\":", db_get_bool(r, i, 10) ? "true" : "false");
        text_add(t, db_is_null(r, i, 11) ? STR("null") : db_get_text(r, i, 11));
        text_addc(t, '}');
    }
    text_addc(t, ']');
}

/* A ruling on a return says whose time the dispute has cost. */
static void put_charged(struct gateway *g, struct str data, struct text *t)
{
    const char *why;
    i64 unit, minutes = 0;
    struct json *doc = json_parse(data, 65536, &why);
    if (json_int(json_get(doc, "charged_unit"), &unit)) {
        if (!json_int(json_get(doc, "charged_minutes"), &minutes)) minutes = 0; /* under one minute */
        text_addf(t, ",\"charged\":{\"minutes\":%lld,\"unit\":", (long long)minutes);
        register_unit_json(g, unit, t);
        text_addc(t, '}');
    }
    json_free(&doc);
}

static void put_acts(struct gateway *g, const struct db_result *r, struct text *t)
{
    text_addz(t, ",\"acts\":[");
    for (int i = 0; i < db_rows(r); i++) {
        struct str word = db_get_text(r, i, 2);
        enum case_act act = ACT_NOTE;
        text_addf(t, "%s{\"version\":%lld", i ? "," : "", (long long)db_get_i64(r, i, 0));
        json_put_instant(t, "at", db_get_instant(r, i, 1));
        text_addc(t, ',');
        put_text("act", word, t);
        text_addc(t, ',');
        put_text("label", case_act_parse(word, &act) ? str_of(case_act_chinese(act)) : word, t);
        text_addc(t, ',');
        put_text("actor", db_get_text(r, i, 3), t);
        text_addz(t, ",\"staff\":");
        if (db_is_null(r, i, 4)) {
            text_addz(t, "null,");
        } else {
            text_addf(t, "{\"id\":%lld,", (long long)db_get_i64(r, i, 4));
            put_text("name", db_get_text(r, i, 5), t);
            text_addc(t, ',');
            put_text("post", db_get_text(r, i, 14), t);
            text_addz(t, "},");
        }
        put_text("role", db_get_text(r, i, 6), t);
        text_addc(t, ',');
        put_text("from_state", db_get_text(r, i, 7), t);
        text_addc(t, ',');
        put_text("to_state", db_get_text(r, i, 8), t);
        text_addz(t, ",\"unit\":");
        register_unit_json_at(g, db_get_i64(r, i, 9), db_get_instant(r, i, 1), t);
        text_addc(t, ',');
        put_text("reason", db_get_text(r, i, 10), t);
        text_addc(t, ',');
        put_text("words", db_get_text(r, i, 11), t);
        text_addf(t, ",\"public\":%s,\"data\":", db_get_bool(r, i, 12) ? "true" : "false");
        text_add(t, db_get_text(r, i, 13));
        if (act == ACT_RETURN_GRANT || act == ACT_RETURN_REFUSE) put_charged(g, db_get_text(r, i, 13), t);
        text_addc(t, '}');
    }
    text_addc(t, ']');
}

static void put_allowed(const struct case_row *row, const struct actor *who, struct text *t)
{
    enum case_act acts[ACTS_N];
    size_t n = caseflow_allowed(&row->view, who, acts);
    text_addz(t, ",\"allowed\":[");
    for (size_t i = 0; i < n; i++) {
        bool ends;
        u32 needs = staff_needs_of(&row->view, who->roles, acts[i], &ends);
        text_addf(t, "%s{\"act\":\"%s\",\"label\":\"%s\",\"needs\":", i ? "," : "", case_act_word(acts[i]),
                  case_act_chinese(acts[i]));
        staff_needs_json(needs, t);
        text_addf(t, ",\"danger\":%s}", ends ? "true" : "false");
    }
    text_addc(t, ']');
}

void staff_refuse_unreasoned(const struct staff_ask *a)
{
    reply_problem(a->g, a->ticket, a->lang, REFUSE_ACT_NEEDS,
                  a->lang == LANG_EN
                      ? STR("This case is confidential: say why you look at it; every look is logged.")
                      : STR("本件为保密件，请填写查看理由；每次查看都会留痕。"),
                  STR(",\"missing\":[\"reason\"]"), SPAN_US(0));
}

static void have_case(void *arg, enum db_end end, const struct db_result *const *results, int n,
                      const struct db_error *error)
{
    struct staff_ask *a = arg;
    struct staff_who who;
    struct case_row row;
    struct text body;
    (void)n;
    if (!staff_entered(a, end, results, error, false, &who)) goto over;
    const struct db_result *r = results[Q_CASE];
    if (db_rows(r) == 0) {
        staff_refuse(a, REFUSE_CASE_UNKNOWN, NULL, NULL);
        goto over;
    }
    casework_row(r, 0, &row);
    /* Shown only when the log has the look, whatever the reason for its absence. */
    if ((row.view.flags & CASE_FLAG_CONFIDENTIAL) && db_affected(results[Q_LOOK]) != 1) {
        staff_refuse_unreasoned(a);
        goto over;
    }
    who.actor.co_unit = db_get_bool(r, 0, CASEWORK_COLUMNS_N);
    who.actor.shared = db_get_bool(r, 0, CASEWORK_COLUMNS_N + 1);
    text_init(&body, BODY_MAX);
    text_addz(&body, "{\"case\":");
    put_case(a->g, &row, r, results[Q_ACTS], &body);
    put_feedback(results[Q_FEEDBACK], &body);
    const int own = own_part(results[Q_PARTS], (u64)row.view.id);
    put_decision(results[Q_FEEDBACK], results[Q_PARTS], own, &body);
    put_part(a->g, results[Q_PARTS], own, &body);
    put_acts(a->g, results[Q_ACTS], &body);
    put_allowed(&row, &who.actor, &body);
    text_addc(&body, '}');
    staff_answer(a, &body);
over:
    free(a);
}

void staff_case_send(const struct staff_ask *a, u64 id, struct str look)
{
    struct staff_ask *kept = staff_keep(a);
    struct db_call *c = staff_call_by_key(a, have_case, kept);
    struct db_params *p = db_params_new(&stmt_staff_case_look);
    db_put_i64(p, (i64)id);
    db_put_text(p, look);
    db_call_add(c, &stmt_staff_case_look, p);
    staff_add_by_id(c, &stmt_staff_case, id);
    staff_add_by_id(c, &stmt_staff_case_feedback, id);
    staff_add_by_id(c, &stmt_staff_case_acts, id);
    staff_add_by_id(c, &stmt_staff_case_parts, id);
    if (!staff_go(a, c)) free(kept);
}

void staff_case(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    struct text reason;
    struct str look;
    if (query_look(a, in, &reason, &look)) staff_case_send(a, id, look);
    text_free(&reason);
}
