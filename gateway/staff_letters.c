/* GET /letters, /letters/{id}: what is on the desk, and one letter with everything about it. What a person may not see is
 * left out by the database. */
#include "staff_letters_part.h"
#include "staff_query.h"
#include "register.h"
#include "base/code.h"
#include "base/utf8.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIMIT_DEFAULT 50
#define LIMIT_MAX     100
#define TODO_MAX      300 /* of letters on their way that one page looks at */
#define SEARCH_MAX    100
#define BODY_MAX      (8u << 20)

const struct db_stmt stmt_letters_list = {
    "letters_list",
    "select " LETTERS_COLUMNS LETTERS_FROM
    "where ($1::text is null or l.kind = $1) and ($2::text[] is null or l.state = any ($2)) "
    "and ($3::integer is null or coalesce(l.year, extract(year from l.drafted_at at time zone interval '08:00')) = $3) "
    "and ($4::text is null or t.title ilike $4 or l.serial ilike $4) "
    "and ($5::bigint is null or exists (select from letter_cases lc where lc.letter_id = l.id and lc.case_id = $5)) "
    "and (not $6 or l.state not in ('finished', 'void')) "
    /* One comparison that an index can begin with; without a cursor it is true of every row. */
    "and (l.drafted_at, l.id) < (coalesce($7, 'infinity'), coalesce($8, 0)) order by l.drafted_at desc, l.id desc limit $9",
    9,
    {DB_TEXT, DB_TEXTS, DB_INT4, DB_TEXT, DB_INT8, DB_BOOL, DB_TIMESTAMPTZ, DB_INT8, DB_INT4}};
const struct db_stmt stmt_letters_look = {
    "letters_look",
    "insert into audit_log (staff_id, action, detail) select staff_now(), 'look_letter', "
    "jsonb_build_object('letter', l.id, 'reason', $2) from letters l where l.id = $1 and l.confidential and $2 is not null",
    2,
    {DB_INT8, DB_TEXT}};
const struct db_stmt stmt_letters_versions = {
    "letters_versions",
    "select t.version, t.at, t.staff_id, s.name, t.title, t.body, t.basis, t.practice, t.due, t.receiver, t.copies_to, t.note, "
    "to_jsonb(t.issuers), to_jsonb(t.attachments), to_jsonb(t.unit_ids), to_jsonb(t.case_ids) "
    "from letter_texts t left join staff s on s.id = t.staff_id where t.letter_id = $1 order by t.version desc limit 100",
    1,
    {DB_INT8}};
const struct db_stmt stmt_letters_listed = {
    "letters_listed",
    "select lc.ord, lc.case_id, lc.subject, lc.due_at, c.state, c.category, c.unit_id, c.rung "
    "from letter_cases lc left join cases c on c.id = lc.case_id where lc.letter_id = $1 order by lc.ord",
    1,
    {DB_INT8}};
const struct db_stmt stmt_letters_units = {"letters_units",
                                           "select unit_id, received_at, answered_at from letter_units "
                                           "where letter_id = $1 order by unit_id",
                                           1,
                                           {DB_INT8}};
const struct db_stmt stmt_letters_acts = {
    "letters_acts",
    "select a.version, a.at, a.act, a.actor, a.staff_id, s.name, a.role, a.from_state, a.to_state, a.text_version, a.unit_id, "
    "a.reason, a.words, post_called(a.post_id, s.name) from letter_acts a left join staff s on s.id = a.staff_id where a.letter_id = $1 order by a.version limit 500",
    1,
    {DB_INT8}};

/* --- shared with the other files of the door --- */

void staff_letter_refuse_member(const struct staff_ask *a, const char *name)
{
    char zh[160], en[160];
    snprintf(zh, sizeof zh, "字段 %s 缺少、过长或者取值无法识别。", name);
    snprintf(en, sizeof en, "The value of %s is missing, too long or not understood.", name);
    staff_refuse(a, REFUSE_UNKNOWN_FIELD, zh, en);
}

void staff_letter_refuse(const struct staff_ask *a, const struct letter_result *r)
{
    if (r->refusal == REFUSE_UNKNOWN_FIELD)
        staff_letter_refuse_member(a, r->detail[0] ? r->detail : "?");
    else
        staff_refuse(a, r->refusal, r->detail[0] ? r->detail : NULL, NULL);
}

void staff_letter_cursor(instant at, i64 id, struct text *t)
{
    text_addf(t, "%lld-%lld", (long long)at.us, (long long)id);
}

bool staff_letter_cursor_of(struct str s, instant *at_r, i64 *id_r)
{
    struct str at, id;
    u64 us, number;
    if (!str_cut(s, '-', &at, &id) || !str_u64(at, INT64_MAX / 2, &us) || !str_u64(id, INT64_MAX, &number) ||
        us == 0)
        return false;
    *at_r = (instant){(i64)us};
    *id_r = (i64)number;
    return true;
}

bool staff_letter_search(const struct http_in *in, struct text *into, struct db_params *p, bool *bad_r)
{
    if (!query_param(in, "q", into, bad_r)) {
        db_put_null(p);
        return true;
    }
    staff_put_pattern(p, str_trim(text_str(into)));
    return utf8_count(text_str(into)) <= SEARCH_MAX;
}

void staff_letter_read(struct db_call *c, u64 id, struct str look)
{
    struct db_params *p = db_params_new(&stmt_letters_look);
    db_put_i64(p, (i64)id);
    db_put_text(p, look);
    db_call_add(c, &stmt_letters_look, p);
    staff_add_by_id(c, &stmt_letters_read, id);
    staff_add_by_id(c, &stmt_letters_versions, id);
    staff_add_by_id(c, &stmt_letters_listed, id);
    staff_add_by_id(c, &stmt_letters_units, id);
    staff_add_by_id(c, &stmt_letters_acts, id);
}

bool staff_letter_shown(const struct staff_ask *a, const struct db_result *const *results,
                        struct letter_row *row)
{
    const struct db_result *r = results[LETTER_Q_LETTER];
    if (db_rows(r) == 0 || db_rows(results[LETTER_Q_TEXTS]) == 0) {
        staff_refuse(a, REFUSE_LETTER_UNKNOWN, NULL, NULL);
        return false;
    }
    letters_row(r, 0, row);
    if (!row->view.confidential || db_affected(results[LETTER_Q_LOOK]) == 1) return true;
    reply_problem(
        a->g, a->ticket, a->lang, REFUSE_ACT_NEEDS,
        a->lang == LANG_EN
            ? STR("This letter is about a confidential case: say why you look at it; every look is logged.")
            : STR("本函涉及保密件，请填写查看理由；每次查看都会留痕。"),
        STR(",\"missing\":[\"reason\"]"), SPAN_US(0));
    return false;
}

/* --- one letter --- */

static void put_person(i64 id, struct str name, struct text *t)
{
    text_addz(t, ",\"staff\":");
    if (!id) {
        text_addz(t, "null");
        return;
    }
    text_addf(t, "{\"id\":%lld", (long long)id);
    json_put_text(t, "name", name);
    text_addc(t, '}');
}

static void put_versions(const struct db_result *r, struct text *t)
{
    static const char *const names[] = {"title", "body",     "basis",     "practice",
                                        "due",   "receiver", "copies_to", "note"};
    static const char *const lists[] = {"issuers", "attachments", "units", "cases"};
    text_addz(t, ",\"versions\":[");
    for (int i = 0; i < db_rows(r); i++) {
        text_addf(t, "%s{\"version\":%lld", i ? "," : "", (long long)db_get_i64(r, i, TEXT_VERSION));
        json_put_instant(t, "at", db_get_instant(r, i, TEXT_AT));
        put_person(db_get_i64(r, i, TEXT_STAFF), db_get_text(r, i, TEXT_NAME), t);
        for (int f = 0; f < (int)ARRAY_LEN(names); f++)
            json_put_text(t, names[f], db_get_text(r, i, TEXT_TITLE + f));
        for (int f = 0; f < (int)ARRAY_LEN(lists); f++) {
            text_addf(t, ",\"%s\":", lists[f]);
            text_add(t, db_get_text(r, i, TEXT_ISSUERS + f));
        }
        text_addc(t, '}');
    }
    text_addc(t, ']');
}

static void put_cases(struct gateway *g, const struct db_result *r, struct text *t)
{
    text_addz(t, ",\"listed\":[");
    for (int i = 0; i < db_rows(r); i++) {
        const struct category *cat = register_category(g, db_get_text(r, i, LISTED_CATEGORY));
        text_addf(t, "%s{\"id\":%lld", i ? "," : "", (long long)db_get_i64(r, i, LISTED_ID));
        json_put_text(t, "subject", db_get_text(r, i, LISTED_SUBJECT));
        json_put_instant(t, "due_at", db_get_instant(r, i, LISTED_DUE));
        json_put_text(t, "state",
                      db_get_text(r, i, LISTED_STATE)); /* null: this person may not see the case */
        json_put_text(t, "category", cat ? cat->name : STR_NONE);
        text_addz(t, ",\"unit\":");
        register_unit_json(g, db_get_i64(r, i, LISTED_UNIT), t);
        text_addf(t, ",\"rung\":%lld}", (long long)db_get_i64(r, i, LISTED_RUNG));
    }
    text_addc(t, ']');
}

static void put_units(struct gateway *g, const struct db_result *r, struct text *t)
{
    text_addz(t, ",\"addressees\":[");
    for (int i = 0; i < db_rows(r); i++) {
        text_addz(t, i ? ",{\"unit\":" : "{\"unit\":");
        register_unit_json(g, db_get_i64(r, i, 0), t);
        json_put_instant(t, "received_at", db_get_instant(r, i, 1));
        json_put_instant(t, "answered_at", db_get_instant(r, i, 2));
        text_addc(t, '}');
    }
    text_addc(t, ']');
}

static void put_acts(struct gateway *g, const struct db_result *r, struct text *t)
{
    text_addz(t, ",\"acts\":[");
    for (int i = 0; i < db_rows(r); i++) {
        enum letter_act act;
        struct str word = db_get_text(r, i, 2);
        text_addf(t, "%s{\"version\":%lld", i ? "," : "", (long long)db_get_i64(r, i, 0));
        json_put_instant(t, "at", db_get_instant(r, i, 1));
        json_put_text(t, "act", word);
        json_put_text(t, "label", letter_act_parse(word, &act) ? str_of(letter_act_chinese(act)) : word);
        json_put_text(t, "actor", db_get_text(r, i, 3));
        put_person(db_get_i64(r, i, 4), db_get_text(r, i, 5), t);
        json_put_text(t, "role", db_get_text(r, i, 6));
        json_put_text(t, "from_state", db_get_text(r, i, 7));
        json_put_text(t, "to_state", db_get_text(r, i, 8));
        text_addf(t, ",\"text_version\":%lld,\"unit\":", (long long)db_get_i64(r, i, 9));
        register_unit_json_at(g, db_get_i64(r, i, 10), db_get_instant(r, i, 1), t);
        json_put_text(t, "reason", db_get_text(r, i, 11));
        json_put_text(t, "words", db_get_text(r, i, 12));
        json_put_text(t, "post", db_get_text(r, i, 13));
        text_addc(t, '}');
    }
    text_addc(t, ']');
}

static void put_allowed(const struct letter_view *v, const struct actor *who, struct text *t)
{
    const struct letter_rule *rules[LETTER_ACTS_N];
    size_t n = letter_allowed(v, who, rules);
    text_addz(t, ",\"allowed\":[");
    for (size_t i = 0; i < n; i++) {
        bool more = false;
        text_addf(t, "%s{\"act\":\"%s\",\"label\":\"%s\",\"needs\":[", i ? "," : "",
                  letter_act_word(rules[i]->act), letter_act_chinese(rules[i]->act));
        for (unsigned b = 0; b < LETTER_NEEDS_N; b++) {
            /* Conditions on the person are not inputs. */
            if (!(rules[i]->needs & (LETTER_NEED_REASON | LETTER_NEED_WORDS) & 1u << b)) continue;
            text_addf(t, "%s\"%s\"", more ? "," : "", letter_need_word(b));
            more = true;
        }
        text_addf(t, "],\"danger\":%s}", rules[i]->act == LETTER_ACT_VOID ? "true" : "false");
    }
    text_addc(t, ']');
}

static void have_letter(void *arg, enum db_end end, const struct db_result *const *results, int n,
                        const struct db_error *error)
{
    struct staff_ask *a = arg;
    struct staff_who who;
    struct letter_row row;
    struct text t;
    (void)n;
    if (staff_entered(a, end, results, error, false, &who) && staff_letter_shown(a, results, &row)) {
        text_init(&t, BODY_MAX);
        text_addz(&t, "{\"letter\":");
        letters_json(a->g, &row, &t);
        put_versions(results[LETTER_Q_TEXTS], &t);
        put_cases(a->g, results[LETTER_Q_CASES], &t);
        put_units(a->g, results[LETTER_Q_UNITS], &t);
        put_acts(a->g, results[LETTER_Q_ACTS], &t);
        put_allowed(&row.view, &who.actor, &t);
        text_addc(&t, '}');
        staff_answer(a, &t);
    }
    free(a);
}

void staff_letter_send(const struct staff_ask *a, u64 id, struct str look)
{
    struct staff_ask *kept = staff_keep(a);
    struct db_call *c = staff_call_by_key(a, have_letter, kept);
    staff_letter_read(c, id, look);
    if (!staff_go(a, c)) free(kept);
}

void staff_letter(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    struct text reason;
    struct str look;
    if (query_look(a, in, &reason, &look)) staff_letter_send(a, id, look);
    text_free(&reason);
}

/* --- the list --- */

struct listing {
    struct staff_ask ask;
    int limit;
    bool todo;
};

/* Is there something here that this person should do next? Editing and voiding can be done, but do not wait for anybody. */
static bool waits_for(const struct letter_view *v, const struct actor *who)
{
    const struct letter_rule *rules[LETTER_ACTS_N];
    size_t n = letter_allowed(v, who, rules);
    for (size_t i = 0; i < n; i++)
        if (rules[i]->act != LETTER_ACT_EDIT && rules[i]->act != LETTER_ACT_VOID &&
            rules[i]->act != LETTER_ACT_SEND_BACK &&
            !(rules[i]->act == LETTER_ACT_FINISH && (rules[i]->needs & LETTER_NEED_REASON)))
            return true;
    return false;
}

static void have_letters(void *arg, enum db_end end, const struct db_result *const *results, int n,
                         const struct db_error *error)
{
    struct listing *l = arg;
    struct staff_who who;
    struct letter_row row = {.id = 0};
    struct text t;
    int shown = 0, looked_at = 0;
    (void)n;
    if (staff_entered(&l->ask, end, results, error, false, &who)) {
        const struct db_result *r = results[CASEWORK_FIRST];
        text_init(&t, BODY_MAX);
        text_addz(&t, "{\"letters\":[");
        for (int i = 0; i < db_rows(r) && shown < l->limit; i++) {
            letters_row(r, i, &row);
            looked_at++;
            if (l->todo && !waits_for(&row.view, &who.actor)) continue;
            if (shown++) text_addc(&t, ',');
            letters_json(l->ask.g, &row, &t);
        }
        text_addz(&t, "],\"next\":");
        /* Behind the last one that was looked at, shown or not. */
        if (looked_at < db_rows(r) || (l->todo && looked_at == TODO_MAX)) {
            text_addc(&t, '"');
            staff_letter_cursor(row.drafted, row.id, &t);
            text_addc(&t, '"');
        } else {
            text_addz(&t, "null");
        }
        text_addf(&t, ",\"seq\":%llu}", (unsigned long long)l->ask.seq);
        staff_answer(&l->ask, &t);
    }
    free(l);
}

static const char *read_filters(const struct http_in *in, struct listing *l, struct db_params *p)
{
    struct text f;
    bool bad = false;
    u64 v;
    i64 id = 0;
    instant at = {0};
    enum case_letter kind;
    enum letter_state state;
    const char *wrong = NULL;
    text_init(&f, 1024);
    bool given = query_param(in, "kind", &f, &bad);
    if (given && !letter_kind_parse(text_str(&f), &kind)) wrong = "kind";
    db_put_text(p, given ? text_str(&f) : STR_NONE);

    if (query_param(in, "state", &f, &bad)) {
        struct str rest = text_str(&f), word;
        struct str words[LETTER_STATES_N];
        size_t n = 0;
        while (rest.n) {
            str_cut(rest, ',', &word, &rest);
            if (n == ARRAY_LEN(words) || !letter_state_parse(word, &state)) {
                wrong = "state";
                break;
            }
            words[n++] = word;
        }
        db_array_begin(p, DB_TEXT, n);
        for (size_t i = 0; i < n; i++) db_put_text(p, words[i]);
        db_array_end(p);
    } else {
        db_put_null(p);
    }
    given = query_param(in, "year", &f, &bad);
    if (given && (!str_u64(text_str(&f), 2999, &v) || v < 2000)) wrong = "year", given = false;
    if (given)
        db_put_i32(p, (int)v);
    else
        db_put_null(p);
    if (!staff_letter_search(in, &f, p, &bad)) wrong = "q";
    given = query_param(in, "case", &f, &bad);
    if (given && !str_u64(text_str(&f), INT64_MAX, &v)) wrong = "case", given = false;
    if (given)
        db_put_i64(p, (i64)v);
    else
        db_put_null(p);
    l->todo = query_param(in, "todo", &f, &bad);
    if (l->todo && !str_eq(text_str(&f), STR("1"))) wrong = "todo";
    db_put_bool(p, l->todo);
    given = query_param(in, "cursor", &f, &bad);
    if (given && !staff_letter_cursor_of(text_str(&f), &at, &id)) wrong = "cursor";
    db_put_instant(p, at);
    db_put_i64(p, id);
    l->limit = LIMIT_DEFAULT;
    if (query_param(in, "limit", &f, &bad)) {
        if (!str_u64(text_str(&f), LIMIT_MAX, &v) || v == 0) wrong = "limit", v = LIMIT_DEFAULT;
        l->limit = (int)v;
    }
    db_put_i32(p, l->todo ? TODO_MAX : l->limit + 1);
    text_free(&f);
    return bad && !wrong ? "?" : wrong;
}

void staff_letters(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    struct listing *l = MEM_NEW(struct listing);
    (void)id;
    l->ask = *a;
    struct db_call *c = staff_call(a, have_letters, l);
    struct db_params *p = db_params_new(&stmt_letters_list);
    const char *wrong = read_filters(in, l, p);
    db_call_add(c, &stmt_letters_list, p);
    if (wrong) {
        db_call_drop(&c);
        staff_letter_refuse_member(a, wrong);
        free(l);
    } else if (!staff_go(a, c)) {
        free(l);
    }
}
