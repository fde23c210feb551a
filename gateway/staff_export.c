/* POST /exports/{name}: a list as a file. The list's own handler answers page by page, as this person; the file is made on the thread pool;
 * then the log takes its row, and only then the file is sent. */
#include "staff_part.h"
#include "staff_query.h"
#include "staff_body.h"
#include "casework.h"
#include "export.h"
#include "metrics.h"
#include "base/code.h"
#include "base/digest.h"
#include "base/log.h"
#include "base/utf8.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORTS_MAX 4 /* at the same time: each holds its rows and its file in memory */
#define BODY_MAX    ((size_t)16 * 1024)
#define QUERY_MAX   ((size_t)16 * 1024)
#define VALUE_MAX   ((size_t)2000)
#define FILE_MAX    ((size_t)128 << 20)

const struct db_stmt stmt_staff_export_number = {
    "staff_export_number", "select nextval('export_numbers')", 0, {0}};
const struct db_stmt stmt_staff_export_log = {
    "staff_export_log",
    "insert into audit_log (staff_id, action, detail) select staff_now(), 'export', $1",
    1,
    {DB_JSONB}};

struct exporting {
    struct staff_ask ask;
    const struct export_spec *spec;
    enum export_format format;
    char path[100];
    struct text query, filters; /* of the list; what of it the log takes, as JSON */
    struct export_rows rows;
    struct export_mark mark;
    struct text person, post, posts; /* posts: the words of the roles */
    int unit;
    struct text answer, file;
    enum export_end end;
    bool made;
    const char *why;
    char hash[65];
};
static int exports_now;

static void exporting_free(struct exporting *x)
{
    struct text *all[] = {&x->query, &x->filters, &x->person, &x->post, &x->posts, &x->answer, &x->file};
    for (size_t i = 0; i < ARRAY_LEN(all); i++) text_free(all[i]);
    export_rows_free(&x->rows);
    free(x);
    exports_now--;
}

/* --- the last steps: log, then send --- */

static void logged(void *arg, enum db_end end, const struct db_result *const *results, int n,
                   const struct db_error *error)
{
    struct exporting *x = arg;
    struct staff_who who;
    (void)n;
    if (staff_entered(&x->ask, end, results, error, false, &who)) {
        const bool csv = x->format == EXPORT_CSV;
        char disposition[160];
        snprintf(disposition, sizeof disposition, "attachment; filename=\"%s-%06llu.%s\"", x->spec->name,
                 (unsigned long long)x->mark.number, csv ? "csv" : "xlsx");
        const struct http_header h = {STR("content-disposition"), str_of(disposition)};
        COUNT(EXPORTS);
        reply_file(x->ask.g, x->ask.ticket, 200,
                   csv ? "text/csv; charset=utf-8"
                       : "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                   text_str(&x->file), "no-store", &h, 1);
    }
    exporting_free(x);
}

static void log_write(struct exporting *x)
{
    struct text t;
    text_init(&t, QUERY_MAX * 2);
    text_addf(
        &t, "{\"export\":%llu,\"list\":\"%s\",\"format\":\"%s\",\"rows\":%zu,\"bytes\":%zu,\"sha256\":\"%s\"",
        (unsigned long long)x->mark.number, x->spec->name, x->format == EXPORT_CSV ? "csv" : "xlsx",
        x->rows.n_rows, x->file.n, x->hash);
    text_addf(&t, ",\"post\":{\"unit\":%d,\"roles\":", x->unit);
    json_put(&t, text_str(&x->posts));
    text_addz(&t, "},\"filters\":{");
    text_add(&t, text_str(&x->filters));
    text_addz(&t, "}}");
    struct db_call *c = staff_call(&x->ask, logged, x);
    struct db_params *p = db_params_new(&stmt_staff_export_log);
    db_put_json(p, text_str(&t));
    db_call_add(c, &stmt_staff_export_log, p);
    text_free(&t);
    if (!staff_go(&x->ask, c)) exporting_free(x);
}

/* --- page by page, on the thread pool --- */

static void page_ask(struct exporting *x);

static void work(void *arg)
{
    struct exporting *x = arg;
    x->end = export_rows_add(&x->rows, text_str(&x->answer));
    if (x->end != EXPORT_OK || x->rows.next[0]) return;
    x->made = export_file(&x->rows, &x->mark, x->format, &x->file, &x->why);
    if (!x->made) return;
    struct text hash;
    text_init(&hash, 64);
    digest_hex(DIGEST_SHA256, text_str(&x->file), &hash);
    snprintf(x->hash, sizeof x->hash, "%.*s", STR_ARG(text_str(&hash)));
    text_free(&hash);
}

static void refuse_too_many(const struct exporting *x)
{
    struct text zh, en;
    text_init(&zh, 400);
    text_init(&en, 400);
    text_addf(&zh, "结果太多，一次最多导出 %zu 行。请先缩小筛选条件（例如时间、单位），再分几次导出。",
              x->rows.max_rows);
    text_addf(
        &en,
        "There are too many rows; at most %zu are exported at once. Narrow the filters (dates, unit) and "
        "export in parts.",
        x->rows.max_rows);
    staff_refuse(&x->ask, REFUSE_EXPORT_TOO_MANY, text_z(&zh), text_z(&en));
    text_free(&zh);
    text_free(&en);
}

static void worked(void *arg)
{
    struct exporting *x = arg;
    text_free(&x->answer);
    if (x->made) {
        log_write(x);
        return;
    }
    if (x->end == EXPORT_OK && x->rows.next[0]) {
        page_ask(x);
        return;
    }
    if (x->end == EXPORT_TOO_MANY) {
        refuse_too_many(x);
    } else {
        log_line(LOG_ERROR, LOG_STAFF, "export not made", "list=%s why=\"%s\"", x->spec->name,
                 x->end == EXPORT_OK ? x->why : "the list's answer could not be read");
        staff_refuse(&x->ask, REFUSE_INTERNAL, NULL, NULL);
    }
    exporting_free(x);
}

/* The list's answer. A refusal is the answer to the export as well: who may not list may not export. */
static void page_taken(void *arg, int status, struct str body)
{
    struct exporting *x = arg;
    if (status != 200) {
        reply_file(x->ask.g, x->ask.ticket, status, "application/problem+json; charset=utf-8", body,
                   "no-store", NULL, 0);
        exporting_free(x);
        return;
    }
    text_init(&x->answer, body.n);
    text_add(&x->answer, body);
    if (loop_offload(x->ask.g->loop, work, worked, x)) return;
    staff_refuse(&x->ask, REFUSE_UNAVAILABLE, NULL, NULL);
    exporting_free(x);
}

static void query_add(struct text *query, const char *name, struct str value)
{
    if (query->n) text_addc(query, '&');
    text_addf(query, "%s=", name);
    percent_put(query, value);
}

static void page_ask(struct exporting *x)
{
    struct text query;
    text_init(&query, QUERY_MAX + 4096);
    text_add(&query, text_str(&x->query));
    if (x->spec->limit) text_addf(&query, "%s%s", query.n ? "&" : "", x->spec->limit);
    if (x->rows.next[0]) query_add(&query, x->spec->cursor, str_of(x->rows.next));
    const u64 ticket = reply_inner(page_taken, x);
    if (ticket) {
        staff_read(&x->ask, ticket, str_of(x->path), text_str(&query)); /* x may be gone now */
    } else {
        staff_refuse(&x->ask, REFUSE_UNAVAILABLE, NULL, NULL);
        exporting_free(x);
    }
    text_free(&query);
}

/* --- the first step: who, and the number --- */

static void post_name(const struct staff_ask *a, const struct staff_who *who, struct text *t)
{
    struct str one, rest = who->roles;
    enum staff_role r;
    text_add(t, who->unit_name);
    if (who->post.n) {
        text_addc(t, ' ');
        text_add(t, who->post);
        return;
    }
    while (rest.n) {
        str_cut(rest, ',', &one, &rest);
        text_addz(t, " ");
        if (a->lang == LANG_EN)
            text_add(t, one);
        else if (staff_role_parse(one, &r))
            text_addz(t, staff_role_chinese(r));
    }
}

static void have_number(void *arg, enum db_end end, const struct db_result *const *results, int n,
                        const struct db_error *error)
{
    struct exporting *x = arg;
    struct staff_who who;
    const char *roles = x->ask.g->cfg.export_roles;
    (void)n;
    if (!staff_entered(&x->ask, end, results, error, false, &who)) {
        exporting_free(x);
        return;
    }
    if (roles[0] && !(casework_roles(str_of(roles)) & who.actor.roles)) {
        staff_refuse(
            &x->ask, REFUSE_FORBIDDEN, "按本单位的设置，您的岗位不能导出文件，只能在页面上查看。",
            "By a setting of this site your post cannot export files; the list can be read on the page.");
        exporting_free(x);
        return;
    }
    text_add(&x->person, who.name);
    text_add(&x->posts, who.roles);
    post_name(&x->ask, &who, &x->post);
    x->unit = who.unit_id;
    x->mark = (struct export_mark){.person = text_str(&x->person),
                                   .post = text_str(&x->post),
                                   .district = str_of(x->ask.g->cfg.district_name),
                                   .number = (u64)db_get_i64(results[CASEWORK_FIRST], 0, 0),
                                   .at = clock_now()};
    page_ask(x);
}

/* --- the request --- */

/* Filters whose values are words, numbers and days of ours. Of any other the log says only that it was set: it may be a name or a
 * number that somebody searched for (P11). */
static bool filter_is_plain(const char *name, struct str value)
{
    static const char *const names[] = {
        "state",       "nature",     "unit",     "category", "level",  "mine",        "triage",    "held",
        "objected",    "overdue",    "kind",     "from",     "to",     "year",        "month",     "date",
        "scope",       "track",      "period",   "channel",  "what",   "outcome",     "purpose",   "event",
        "older_hours", "book",       "todo",     "show",     "plaque", "low",         "marked",    "case",
        "all",         "enterprise", "township", "role",     "sort",   "opened_from", "opened_to", "burst"};
    bool known = false;
    for (size_t i = 0; i < ARRAY_LEN(names) && !known; i++) known = strcmp(names[i], name) == 0;
    for (size_t i = 0; known && i < value.n; i++) {
        const char c = value.p[i];
        known = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                c == '-' || c == ',' || c == '.' || c == ':';
    }
    return known && value.n <= 200;
}

static bool name_good(const char *name)
{
    size_t n = 0;
    for (; name[n]; n++)
        if (!(name[n] >= 'a' && name[n] <= 'z') && name[n] != '_') return false;
    return n > 0 && n <= 32;
}

static bool filter_add(struct exporting *x, const char *name, const struct json *v)
{
    struct text value;
    i64 number;
    bool good = name_good(name) && strcmp(name, "limit") != 0 &&
                (!x->spec->cursor || strcmp(name, x->spec->cursor) != 0);
    text_init(&value, VALUE_MAX);
    if (json_kind(v) == JSON_STRING)
        text_add(&value, json_str(v));
    else if (json_kind(v) == JSON_BOOL)
        text_addz(&value, json_bool(v) ? "1" : "");
    else if (json_kind(v) == JSON_NUMBER && json_int(v, &number))
        text_addf(&value, "%lld", (long long)number);
    else
        good = good && json_kind(v) == JSON_NULL;
    good = good && !value.overflow;
    if (good && value.n) {
        query_add(&x->query, name, text_str(&value));
        text_addf(&x->filters, "%s\"%s\":", x->filters.n ? "," : "", name);
        if (filter_is_plain(name, text_str(&value)))
            json_put(&x->filters, text_str(&value));
        else
            text_addz(&x->filters, "true");
    }
    text_free(&value);
    return good && !x->query.overflow && !x->filters.overflow;
}

/* The first member that was not understood; NULL: all is well. */
static const char *body_read(struct exporting *x, const struct json *doc)
{
    const struct json *format = json_get(doc, "format"), *filters = json_get(doc, "filters");
    const char *hash = strchr(x->spec->path, '#');
    i64 id = 0;
    for (const char *key = NULL; (key = json_next_key(doc, key)) != NULL;)
        if (strcmp(key, "format") != 0 && strcmp(key, "filters") != 0 && !(hash && strcmp(key, "id") == 0))
            return "body";
    if (!str_eq(json_str(format), STR("csv")) && !str_eq(json_str(format), STR("xlsx"))) return "format";
    x->format = str_eq(json_str(format), STR("csv")) ? EXPORT_CSV : EXPORT_XLSX;
    if (hash && (!json_int(json_get(doc, "id"), &id) || id < 1)) return "id";
    if (hash)
        snprintf(x->path, sizeof x->path, "%.*s%lld%s", (int)(hash - x->spec->path), x->spec->path,
                 (long long)id, hash + 1);
    else
        snprintf(x->path, sizeof x->path, "%s", x->spec->path);
    if (filters && json_kind(filters) != JSON_OBJECT) return "filters";
    if (hash) text_addf(&x->filters, "\"id\":%lld", (long long)id);
    for (const char *key = NULL; (key = json_next_key(filters, key)) != NULL;)
        if (!filter_add(x, key, json_get(filters, key))) return "filters";
    return NULL;
}

bool staff_export_roles_good(const char *roles)
{
    struct str one, rest = str_of(roles);
    enum staff_role r;
    while (rest.n) {
        str_cut(rest, ',', &one, &rest);
        if (!staff_role_parse(str_trim(one), &r)) return false;
    }
    return true;
}

static struct exporting *exporting_new(const struct staff_ask *a, const struct export_spec *spec)
{
    struct exporting *x = MEM_NEW(struct exporting);
    *x = (struct exporting){.ask = *a, .spec = spec, .why = ""};
    text_init(&x->query, QUERY_MAX);
    text_init(&x->filters, QUERY_MAX);
    text_init(&x->person, 1000);
    text_init(&x->post, 2000);
    text_init(&x->posts, 1000);
    text_init(&x->file, FILE_MAX);
    export_rows_init(&x->rows, spec, a->lang, (size_t)a->g->cfg.export_rows);
    exports_now++;
    return x;
}

void staff_export(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    const struct export_spec *spec = export_find(str_of(a->name));
    struct json *doc;
    (void)id;
    if (!body_object(a, in, BODY_MAX, &doc)) return;
    if (!spec) {
        staff_refuse(a, REFUSE_NOT_FOUND, "没有这种导出。", "There is no such export.");
        json_free(&doc);
        return;
    }
    if (exports_now >= EXPORTS_MAX) {
        staff_refuse(a, REFUSE_UNAVAILABLE, "正在生成的导出文件较多，请稍后再试。",
                     "Several exports are being made; please try again in a moment.");
        json_free(&doc);
        return;
    }
    struct exporting *x = exporting_new(a, spec);
    const char *wrong = body_read(x, doc);
    json_free(&doc);
    if (wrong) {
        query_refuse(a, wrong);
        exporting_free(x);
        return;
    }
    struct db_call *c = staff_call(a, have_number, x);
    db_call_add(c, &stmt_staff_export_number, db_params_new(&stmt_staff_export_number));
    if (!staff_go(a, c)) exporting_free(x);
}
