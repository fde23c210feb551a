/* The log of who did what (日志), for the auditor; for 追责问责组 who looked at confidential cases and why. Which rows a person gets is the
 * policies' word (schema/0029_rules.sql); here are filters, pages, names of actions, counts, and the state of the record. The administrator
 * reads the settings in force, and no row of the log. */
#include "staff_audit.h"
#include "audit_words.h"
#include "casework.h"
#include "staff_query.h"
#include "base/code.h"
#include "core/redact.h"
#include <stdlib.h>
#include <string.h>

#define ANSWER_MAX ((size_t)2 << 20)
#define PAGE       50
#define PAGE_MAX   200
#define WHO_BYTES  160
#define COUNT_DAYS 30 /* what counts cover when nothing else is said */
#define MAY_READ   (ROLE_BIT(ROLE_AUDITOR) | ROLE_BIT(ROLE_ACCOUNTABILITY))

/* $1 before, $2 action, $3 case, $4 who, $5 from, $6 to, $7 looks alone, $8 rows. The instants become bounds of the id first, so that
 * an old range is found by the index of instants and not by walking there; ids are given a little before their instants, hence the
 * margin. One statement for each filter that has an index. */
#define COLUMNS                                                                                              \
    "select l.id, l.at, l.staff_id, s.name, s.login, l.action, l.case_id, l.detail from audit_log l "        \
    "left join staff s on s.id = l.staff_id where "
#define BOUNDS                                                                                                                  \
    "l.id < case when $1 = 0 then 9223372036854775807 else $1 end and l.at >= $5 and l.at < $6 "                                \
    "and l.id < coalesce((select x.id from audit_log x where x.at >= $6 order by x.at limit 1) + 100000, 9223372036854775807) " \
    "and l.id > coalesce((select x.id from audit_log x where x.at < $5 order by x.at desc limit 1), 0) - 100000 "               \
    "and (not $7 or audit_is_look(l.action)) "
#define WHO                                                                                                  \
    "l.staff_id = any (array(select p.id from staff p where p.login = $4 or position($4 in p.name) > 0)) "
#define ORDER "order by l.id desc limit $8"
#define TYPES                                                                                                \
    8, { DB_INT8, DB_TEXT, DB_INT8, DB_TEXT, DB_TIMESTAMPTZ, DB_TIMESTAMPTZ, DB_BOOL, DB_INT4 }
static const struct db_stmt stmt_audit_rows = {
    "audit_rows", COLUMNS BOUNDS "and $2 = '' and $3 = 0 and $4 = '' " ORDER, TYPES};
static const struct db_stmt stmt_audit_case = {
    "audit_case",
    COLUMNS "l.case_id = $3 and ($2 = '' or l.action = $2) and ($4 = '' or " WHO ") and " BOUNDS ORDER,
    TYPES};
static const struct db_stmt stmt_audit_who = {
    "audit_who", COLUMNS WHO "and $3 = 0 and ($2 = '' or l.action = $2) and " BOUNDS ORDER, TYPES};
static const struct db_stmt stmt_audit_action = {
    "audit_action", COLUMNS "l.action = $2 and $3 = 0 and $4 = '' and " BOUNDS ORDER, TYPES};
static const struct db_stmt stmt_audit_counts = {
    "audit_counts",
    "select l.action, count(*) from audit_log l where l.at >= $1 and l.at < $2 group by l.action order by count(*) desc, l.action",
    2,
    {DB_TIMESTAMPTZ, DB_TIMESTAMPTZ}};
static const struct db_stmt stmt_audit_chain = {
    "audit_chain",
    "select size, root, at, key, acts_behind, verified_at, verified from audit_chain()",
    0,
    {0}};

const struct db_stmt *const audit_statements[] = {
    &stmt_audit_rows,   &stmt_audit_case,   &stmt_audit_who,
    &stmt_audit_action, &stmt_audit_counts, &stmt_audit_chain,
};
const size_t n_audit_statements = ARRAY_LEN(audit_statements);

static const struct {
    const char *word, *zh, *en;
} actions[] = {
#define X(word, zh, en) {word, zh, en},
    AUDIT_ACTIONS(X)
#undef X
};

static struct str title_of(struct str action, enum lang lang)
{
    for (size_t i = 0; i < ARRAY_LEN(actions); i++)
        if (str_eq(action, str_of(actions[i].word)))
            return str_of(lang == LANG_EN ? actions[i].en : actions[i].zh);
    return action;
}

static bool entered(const struct staff_ask *a, enum db_end end, const struct db_result *const *results,
                    const struct db_error *error, u32 roles)
{
    struct staff_who who;
    if (!staff_entered(a, end, results, error, false, &who)) return false;
    if (who.actor.roles & roles) return true;
    staff_refuse(a, REFUSE_FORBIDDEN, NULL, NULL);
    return false;
}

/* --- rows --- */

/* What somebody typed as a reason may quote a number: it is masked like a citizen's words. */
static void put_detail(struct str detail, struct text *t)
{
    const char *why;
    struct json *doc = json_parse(detail, 1u << 20, &why);
    bool more = false;
    text_addc(t, '{');
    for (const char *key = doc ? json_next_key(doc, NULL) : NULL; key; key = json_next_key(doc, key)) {
        const struct json *v = json_get(doc, key);
        if (more) text_addc(t, ',');
        more = true;
        json_put(t, str_of(key));
        text_addc(t, ':');
        if (json_kind(v) == JSON_STRING) {
            struct text masked;
            text_init(&masked, json_str(v).n + 64);
            redact_mask(json_str(v), &masked);
            json_put(t, masked.n ? text_str(&masked) : STR(""));
            text_free(&masked);
        } else {
            json_write(v, t);
        }
    }
    text_addc(t, '}');
    json_free(&doc);
}

static void put_row(const struct staff_ask *a, const struct db_result *r, int i, struct text *t)
{
    text_addf(t, "{\"id\":%lld", (long long)db_get_i64(r, i, 0));
    json_put_instant(t, "at", db_get_instant(r, i, 1));
    if (db_is_null(r, i, 2)) {
        text_addz(t, ",\"who\":null");
    } else {
        text_addf(t, ",\"who\":{\"id\":%lld", (long long)db_get_i64(r, i, 2));
        json_put_text(t, "name", db_get_text(r, i, 3));
        json_put_text(t, "login", db_get_text(r, i, 4));
        text_addc(t, '}');
    }
    json_put_text(t, "action", db_get_text(r, i, 5));
    json_put_text(t, "title", title_of(db_get_text(r, i, 5), a->lang));
    if (db_is_null(r, i, 6))
        text_addz(t, ",\"case\":null");
    else
        text_addf(t, ",\"case\":%lld", (long long)db_get_i64(r, i, 6));
    text_addz(t, ",\"detail\":");
    put_detail(db_get_text(r, i, 7), t);
    text_addc(t, '}');
}

struct reading {
    struct staff_ask ask;
    int limit;
};

static void have_rows(void *arg, enum db_end end, const struct db_result *const *results, int n,
                      const struct db_error *error)
{
    struct reading *q = arg;
    (void)n;
    if (entered(&q->ask, end, results, error, MAY_READ)) {
        const struct db_result *r = results[CASEWORK_FIRST];
        const int rows = MIN(db_rows(r), q->limit);
        struct text t;
        text_init(&t, ANSWER_MAX);
        text_addz(&t, "{\"rows\":[");
        for (int i = 0; i < rows; i++) {
            if (i) text_addc(&t, ',');
            put_row(&q->ask, r, i, &t);
        }
        text_addz(&t, "],\"next\":");
        if (db_rows(r) > rows)
            text_addf(&t, "\"%lld\"", (long long)db_get_i64(r, rows - 1, 0));
        else
            text_addz(&t, "null");
        text_addz(&t, ",\"actions\":[");
        for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
            text_addz(&t, i ? ",{\"action\":" : "{\"action\":");
            json_put(&t, str_of(actions[i].word));
            json_put_text(&t, "title", str_of(q->ask.lang == LANG_EN ? actions[i].en : actions[i].zh));
            text_addc(&t, '}');
        }
        text_addz(&t, "]}");
        staff_answer(&q->ask, &t);
    }
    free(q);
}

void audit_list(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    struct text who, action;
    instant from, to;
    u64 before = 0, of_case = 0, limit = PAGE, looks = 0;
    bool bad = false;
    (void)id;
    text_init(&who, WHO_BYTES);
    text_init(&action, 60);
    /* Empty where absent. */
    const bool named = query_param(in, "who", &who, &bad), one = query_param(in, "action", &action, &bad);
    if (bad) {
        query_refuse(a, "who");
    } else if (query_range(a, in, &from, &to) && query_number(a, in, "before", INT64_MAX, &before) &&
               query_number(a, in, "case", INT64_MAX, &of_case) && query_number(a, in, "looks", 1, &looks) &&
               query_number(a, in, "limit", PAGE_MAX, &limit)) {
        struct reading *q = MEM_NEW(struct reading);
        *q = (struct reading){*a, limit ? (int)limit : PAGE};
        const struct db_stmt *s = of_case ? &stmt_audit_case
                                  : named ? &stmt_audit_who
                                  : one   ? &stmt_audit_action
                                          : &stmt_audit_rows;
        struct db_call *c = staff_call(a, have_rows, q);
        struct db_params *p = db_params_new(s);
        db_put_i64(p, (i64)before);
        db_put_text(p, one ? text_str(&action) : STR(""));
        db_put_i64(p, (i64)of_case);
        db_put_text(p, named ? text_str(&who) : STR(""));
        db_put_instant(p, from);
        db_put_instant(p, to);
        db_put_bool(p, looks == 1);
        db_put_i32(p, q->limit + 1);
        db_call_add(c, s, p);
        if (!staff_go(a, c)) free(q);
    }
    text_free(&who);
    text_free(&action);
}

/* --- counts --- */

static void have_counts(void *arg, enum db_end end, const struct db_result *const *results, int n,
                        const struct db_error *error)
{
    struct staff_ask *a = arg;
    (void)n;
    if (entered(a, end, results, error, MAY_READ)) {
        const struct db_result *r = results[CASEWORK_FIRST];
        struct text t;
        text_init(&t, ANSWER_MAX);
        text_addz(&t, "{\"counts\":[");
        for (int i = 0; i < db_rows(r); i++) {
            text_addz(&t, i ? ",{\"action\":" : "{\"action\":");
            json_put(&t, db_get_text(r, i, 0));
            json_put_text(&t, "title", title_of(db_get_text(r, i, 0), a->lang));
            text_addf(&t, ",\"n\":%lld}", (long long)db_get_i64(r, i, 1));
        }
        text_addz(&t, "]}");
        staff_answer(a, &t);
    }
    free(a);
}

void audit_counts(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    const i64 today = china_day(clock_now());
    i64 from, to;
    (void)id;
    if (!query_day(a, in, "from", today - COUNT_DAYS + 1, &from) || !query_day(a, in, "to", today, &to))
        return;
    struct db_params *p = db_params_new(&stmt_audit_counts);
    db_put_instant(p, china_instant(from, 0));
    db_put_instant(p, china_instant(to + 1, 0));
    staff_send(a, &stmt_audit_counts, p, have_counts);
}

/* --- the record --- */

static void have_chain(void *arg, enum db_end end, const struct db_result *const *results, int n,
                       const struct db_error *error)
{
    struct staff_ask *a = arg;
    (void)n;
    if (entered(a, end, results, error, MAY_READ | ROLE_BIT(ROLE_ADMIN))) {
        const struct db_result *r = results[CASEWORK_FIRST];
        const bool there = db_rows(r) > 0;
        struct text t;
        text_init(&t, ANSWER_MAX);
        text_addf(&t, "{\"behind\":%lld,\"head\":", there ? (long long)db_get_i64(r, 0, 4) : 0LL);
        if (there && !db_is_null(r, 0, 0)) {
            text_addf(&t, "{\"size\":%lld", (long long)db_get_i64(r, 0, 0));
            json_put_text(&t, "root", db_get_text(r, 0, 1));
            json_put_instant(&t, "at", db_get_instant(r, 0, 2));
            json_put_text(&t, "key", db_get_text(r, 0, 3));
            text_addc(&t, '}');
        } else {
            text_addz(&t, "null");
        }
        text_addz(&t, ",\"verified\":");
        if (there && !db_is_null(r, 0, 5)) {
            const char *why;
            struct json *doc = json_parse(db_get_text(r, 0, 6), 10000, &why);
            i64 acts = 0;
            if (!json_int(json_get(doc, "acts"), &acts)) acts = 0;
            text_addf(&t, "{\"unbroken\":%s,\"acts\":%lld",
                      json_bool(json_get(doc, "unbroken")) ? "true" : "false", (long long)acts);
            json_put_instant(&t, "at", db_get_instant(r, 0, 5));
            text_addc(&t, '}');
            json_free(&doc);
        } else {
            text_addz(&t, "null");
        }
        text_addc(&t, '}');
        staff_answer(a, &t);
    }
    free(a);
}

void audit_chain(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    struct staff_ask *kept = staff_keep(a);
    (void)in, (void)id;
    struct db_call *c = staff_call(a, have_chain, kept);
    db_call_add(c, &stmt_audit_chain, db_params_new(&stmt_audit_chain));
    if (!staff_go(a, c)) free(kept);
}

/* --- settings --- */

static void have_settings(void *arg, enum db_end end, const struct db_result *const *results, int n,
                          const struct db_error *error)
{
    struct staff_ask *a = arg;
    struct config_fact f;
    (void)n;
    if (entered(a, end, results, error, ROLE_BIT(ROLE_ADMIN))) {
        struct text t;
        text_init(&t, ANSWER_MAX);
        text_addz(&t, "{\"settings\":[");
        for (size_t i = 0; config_fact(&a->g->cfg, i, &f); i++) {
            text_addz(&t, i ? ",{\"name\":" : "{\"name\":");
            json_put(&t, str_of(f.name));
            json_put_text(&t, "value", f.secret ? STR_NONE : str_of(f.value));
            json_put_text(&t, "unit", str_of(f.unit));
            json_put_text(&t, "origin", str_of(f.origin));
            json_put_text(&t, "default", str_of(f.def));
            json_put_text(&t, "min", str_of(f.min));
            json_put_text(&t, "max", str_of(f.max));
            json_put_text(&t, "sentence", str_of(f.sentence));
            text_addf(&t, ",\"secret\":%s,\"set\":%s,\"reloads\":%s}", f.secret ? "true" : "false",
                      f.value[0] ? "true" : "false", f.reloads ? "true" : "false");
        }
        text_addz(&t, "]}");
        staff_answer(a, &t);
    }
    free(a);
}

void settings_read(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    struct staff_ask *kept = staff_keep(a);
    (void)in, (void)id;
    if (!staff_go(a, staff_call(a, have_settings, kept))) free(kept);
}
