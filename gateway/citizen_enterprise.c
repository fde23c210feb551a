/* What an enterprise's code leads to (企业码, M41): 码上约, 评, 问, 答 and 惠企政策 from one page. The code is a plaque of the enterprise,
 * carries no secret and can be revoked; who scans it can ask and book, but rate a visit only with the number that the visitors
 * left. The page of policies (M22) is open to everybody. */
#include "citizen_part.h"
#include "intake_part.h"
#include "metrics.h"
#include "ratings.h"
#include "core/workdays.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VISIT_PURPOSE "visit" /* last part of the path, and the purpose of the token */
#define DAY_AHEAD_MAX 92
#define POLICIES_MAX  100
#define FORM_ARENA    (1u << 20)

/* The number of a visit that this enterprise may rate, and where. */
static const char visit_find_sql[] =
    "select s.id, s.plaque from visits v join services s on s.id = v.service_id "
    "where v.enterprise_id = $1 and s.matter_hash = $2";
const struct db_stmt stmt_visit_find = {"visit_find", visit_find_sql, 2, {DB_INT4, DB_BYTEA}};
const struct db_stmt stmt_policies_open = {
    "policies_open",
    "select p.title, p.source, p.serial, p.words, array_to_string(p.targets, ','), p.valid_from::text, p.valid_to::text, p.unit_id "
    "from policies p where p.state = 'published' and p.valid_from <= $1::text::date and (p.valid_to is null or p.valid_to >= $1::text::date) "
    "and ($2 = '' or $2 = any (p.targets) or 'all' = any (p.targets)) order by p.valid_from desc, p.id desc limit $3",
    3,
    {DB_TEXT, DB_TEXT, DB_INT4}};

/* A booking goes with its feedback; what the desk reads of it are the masked words. */
const struct db_stmt stmt_intake_bookings = {
    "intake_bookings",
    "insert into visits (enterprise_id, kind, subject, planned_for, feedback_id, state) "
    "select t.enterprise, 'service', left(f.masked, 300), date '1970-01-01' + t.day, f.id, 'asked' "
    "from unnest($1, $2, $3) as t (id, enterprise, day) join feedback f on f.id = t.id where btrim(f.masked) <> '' on conflict do nothing",
    3,
    {DB_INT8S, DB_INT4S, DB_INT4S}};

static bool booking_wanted(const struct item *it)
{
    return it->s.booked_day && it->opens_case && !it->confidential && it->opening.plaque_unit;
}

static struct db_params *booking_params(const struct batch *b)
{
    struct db_params *p = db_params_new(&stmt_intake_bookings);
    MORE_COLUMN(p, DB_INT8, b, booking_wanted, it, db_put_i64(p, (i64)it->id));
    MORE_COLUMN(p, DB_INT4, b, booking_wanted, it, db_put_i32(p, it->opening.plaque_unit));
    MORE_COLUMN(p, DB_INT4, b, booking_wanted, it, db_put_i32(p, it->s.booked_day));
    return p;
}

const struct intake_more intake_bookings = {&stmt_intake_bookings, booking_wanted, booking_params};

static const struct unit *enterprise_of(const struct gateway *g, struct str number)
{
    const struct plaque_row *row = number.n && register_ready(g) ? register_plaque(g, number) : NULL;
    const struct unit *u = row ? register_unit(g, row->unit_id) : NULL;
    return u && str_eq(u->kind, STR("enterprise")) ? u : NULL;
}

/* --- 约 --- */

struct booking {
    struct str day;
};

/* "2026-03-18", as browsers send a day. */
static bool day_parse(struct str s, i64 *day_r)
{
    u64 year, month, day;
    if (s.n != 10 || s.p[4] != '-' || s.p[7] != '-' || !str_u64((struct str){s.p, 4}, 9999, &year) ||
        !str_u64((struct str){s.p + 5, 2}, 12, &month) || !str_u64((struct str){s.p + 8, 2}, 31, &day))
        return false;
    const struct civil c = {(int)year, (int)month, (int)day};
    *day_r = civil_to_days(c);
    const struct civil same = civil_from_days(*day_r); /* no 31 June */
    return month > 0 && day > 0 && same.month == c.month && same.day == c.day;
}

static bool day_read(struct str written, instant now, int *day_r)
{
    i64 day;
    if (!day_parse(written, &day)) return false;
    const i64 today = china_day(now);
    *day_r = (int)day;
    return day > today && day <= today + DAY_AHEAD_MAX;
}

enum refusal book_read(struct gateway *g, struct filled *f, const struct webform *form, struct arena *a,
                       struct submission *sub)
{
    struct booking *b = ARENA_NEW(a, struct booking);
    int day;
    if (!b) return REFUSE_TOO_BIG;
    b->day = webform_get(form, a, "day");
    f->more = b;
    if (!enterprise_of(g, f->number)) return REFUSE_NOT_FOUND;
    if (!day_read(str_trim(b->day), clock_now(), &day)) return REFUSE_BOOKING_DAY;
    sub->booked_day = day;
    return REFUSE_NONE;
}

void book_put(struct page *p, const struct filled *f)
{
    const struct booking *b = f->more;
    page_flag(p, "ask_day", true);
    if (b) page_put(p, "day", b->day);
}

bool book_open(struct gateway *g, u64 ticket, const struct http_in *in, const struct filled *f)
{
    if (enterprise_of(g, f->number)) return false;
    page_sorry(g, ticket, in, REFUSE_NOT_FOUND);
    return true;
}

/* --- 评 --- */

struct finding {
    struct gateway *g;
    u64 ticket;
    enum lang lang;
    char number[PLAQUE_NUMBER_MAX];
};

static void show(struct gateway *g, u64 ticket, enum lang lang, const struct plaque_row *row, bool typed,
                 enum refusal r, struct str written)
{
    const struct unit *u = register_unit(g, row->unit_id);
    struct page p;
    struct text back;
    char number[PLAQUE_NUMBER_MAX] = "", grouped[PLAQUE_GROUPED_MAX];
    int status = 200;
    page_open(&p, g, ticket, lang, STR("/"));
    text_init(&back, 40);
    text_addf(&back, "/p/%.*s", STR_ARG(row->number));
    page_copy(&p, "back", text_str(&back));
    text_free(&back);
    memcpy(number, row->number.p, MIN(row->number.n, sizeof number - 1));
    page_put(&p, "title", page_chinese(&p, u->name));
    page_put(&p, "unit", page_chinese(&p, u->name));
    page_put(&p, "class", page_chinese(&p, u->class));
    page_put(&p, "number", row->number);
    page_copy(&p, "grouped", str_of(plaque_number_grouped(number, grouped)));
    page_flag(&p, "typed", typed);
    page_copy(&p, "visit", written);
    if (r != REFUSE_NONE) status = page_refuse(&p, r);
    page_send(&p, PAGE_ENTERPRISE, status, SPAN_US(0));
}

bool enterprise_show(struct gateway *g, u64 ticket, const struct http_in *in, const struct plaque_row *row,
                     bool typed)
{
    if (!enterprise_of(g, row->number)) return false;
    show(g, ticket, reply_lang(in), row, typed, REFUSE_NONE, STR_NONE);
    return true;
}

static void found(void *arg, enum db_end end, const struct db_result *const *results, int n,
                  const struct db_error *error)
{
    struct finding *f = arg;
    const struct plaque_row *row = register_ready(f->g) ? register_plaque(f->g, str_of(f->number)) : NULL;
    (void)n, (void)error;
    if (end == DB_OK && db_rows(results[0]) == 1) {
        char token[RATING_SERVICE_MAX];
        struct text path;
        text_init(&path, 200);
        rating_token_of(f->g, (u64)db_get_i64(results[0], 0, 0), token);
        text_addf(&path, "/p/%.*s/rate?s=%s", STR_ARG(db_get_text(results[0], 0, 1)), token);
        reply_redirect(f->g, f->ticket, text_z(&path));
        text_free(&path);
    } else if (row) {
        show(f->g, f->ticket, f->lang, row, false, end == DB_OK ? REFUSE_VISIT_NUMBER : REFUSE_UNAVAILABLE,
             STR_NONE);
    } else {
        reply_refuse(f->g, f->ticket, f->lang, REFUSE_UNAVAILABLE);
    }
    free(f);
}

static void take_number(struct gateway *g, u64 ticket, const struct http_in *in, const struct plaque_row *row)
{
    struct arena a;
    struct webform form;
    span wait;
    char plain[RATING_SERVICE_MAX];
    u8 hash[32];
    arena_init(&a, FORM_ARENA);
    enum refusal r = form_acceptable(g, in, &form);
    const struct str written = webform_get(&form, &a, "visit");
    /* Numbers are guessed like receipts. */
    if (r == REFUSE_NONE && !gateway_rate(g, &g->status_rate, in->peer, g->cfg.status_per_minute, 1, &wait))
        r = REFUSE_TOO_MANY;
    if (r == REFUSE_NONE && rating_service_parse(written, plain) != RATING_SERVICE_NUMBER)
        r = REFUSE_VISIT_NUMBER;
    if (r != REFUSE_NONE) {
        show(g, ticket, reply_lang(in), row, false, r, written);
        arena_free(&a);
        return;
    }
    struct finding *f = MEM_NEW(struct finding);
    *f = (struct finding){.g = g, .ticket = ticket, .lang = reply_lang(in)};
    memcpy(f->number, row->number.p, MIN(row->number.n, sizeof f->number - 1));
    rating_hash(g, str_of(plain), hash);
    struct db_call *c = db_call_new(found, f);
    struct db_params *p = db_params_new(&stmt_visit_find);
    db_put_i32(p, row->unit_id);
    db_put_bytes(p, (struct str){(const char *)hash, sizeof hash});
    db_call_add(c, &stmt_visit_find, p);
    if (!db_call_send(g->lane_public, c)) {
        show(g, ticket, f->lang, row, false, REFUSE_UNAVAILABLE, written);
        free(f);
    }
    arena_free(&a);
}

bool enterprise_route(struct gateway *g, u64 ticket, const struct http_in *in, struct str number,
                      struct str what)
{
    const struct plaque_row *row = NULL;
    char plain[PLAQUE_NUMBER_MAX];
    bool typed;
    /* Others rate a window; here there is none. */
    const bool rate = str_eq(what, STR("rate")), visit = str_eq(what, STR(VISIT_PURPOSE));
    if (!rate && !visit) return false;
    if (plaque_look(g, number, plain, &row, &typed) != PLAQUE_GOOD || !enterprise_of(g, row->number))
        return false;
    if (visit && str_eq(in->method, STR("POST")))
        take_number(g, ticket, in, row);
    else if (method_reads(in) || rate)
        show(g, ticket, reply_lang(in), row, false, REFUSE_NONE, STR_NONE);
    else
        page_sorry(g, ticket, in, REFUSE_METHOD);
    return true;
}

/* --- 惠企政策 --- */

static const struct {
    const char *target, *word, *flag;
} targets[] = {{"large", "policy_large", "is_large"},
               {"small", "policy_small", "is_small"},
               {"individual", "policy_individual", "is_individual"},
               {"start_up", "policy_start_up", "is_start_up"},
               {"farm", "policy_farm", "is_farm"}};

struct reading {
    struct gateway *g;
    u64 ticket;
    enum lang lang;
    int target; /* index of targets; -1: all */
};

static void show_policies(const struct reading *q, const struct db_result *r)
{
    struct page p;
    page_open(&p, q->g, q->ticket, q->lang, STR("/policies"));
    page_put(&p, "title", page_word(&p, "policies_title"));
    page_flag(&p, q->target < 0 ? "is_all" : targets[q->target].flag, true);
    if (!r) page_put(&p, "error", page_word(&p, "unavailable_look"));
    const int n = r ? MIN(db_rows(r), POLICIES_MAX) : 0;
    for (int i = 0; i < n; i++) {
        struct template_data *row = template_row(p.data, "policies");
        const struct unit *u = register_ready(q->g) ? register_unit(q->g, (int)db_get_i64(r, i, 7)) : NULL;
        template_put(row, "name", page_chinese(&p, db_get_text(r, i, 0)));
        template_put(row, "source", page_chinese(&p, db_get_text(r, i, 1)));
        if (!db_is_null(r, i, 2)) template_put(row, "serial", db_get_text(r, i, 2));
        template_put(row, "words", page_chinese(&p, db_get_text(r, i, 3)));
        page_put(&p, "from", db_get_text(r, i, 5));
        page_put(&p, "to", db_is_null(r, i, 6) ? STR_NONE : db_get_text(r, i, 6));
        template_put(row, "valid", page_word(&p, db_is_null(r, i, 6) ? "policy_from" : "policy_between"));
        if (u) template_put(row, "who", page_chinese(&p, u->name));
        if (u && u->phone.n) template_put(row, "phone", u->phone);
    }
    page_flag(&p, "none", r && n == 0);
    page_send(&p, PAGE_POLICIES, r ? 200 : 503, r ? SPAN_US(0) : SPAN_S(5));
}

static void have_policies(void *arg, enum db_end end, const struct db_result *const *results, int n,
                          const struct db_error *error)
{
    struct reading *q = arg;
    (void)n, (void)error;
    show_policies(q, end == DB_OK ? results[0] : NULL);
    free(q);
}

bool policies_route(struct gateway *g, u64 ticket, const struct http_in *in)
{
    struct arena a;
    span wait;
    char today[40];
    if (!str_eq(in->path, STR("/policies"))) return false;
    enum refusal r = !method_reads(in) ? REFUSE_METHOD
                     : !gateway_rate(g, &g->open_rate, in->peer, g->cfg.open_per_minute, 1, &wait)
                         ? REFUSE_TOO_MANY
                         : REFUSE_NONE;
    if (r != REFUSE_NONE) {
        page_sorry(g, ticket, in, r);
        return true;
    }
    struct reading *q = MEM_NEW(struct reading);
    *q = (struct reading){.g = g, .ticket = ticket, .lang = reply_lang(in), .target = -1};
    arena_init(&a, FORM_ARENA);
    const struct str asked = query_copy(&a, in->query, "for");
    for (size_t i = 0; i < ARRAY_LEN(targets); i++)
        if (str_eq(asked, str_of(targets[i].target))) q->target = (int)i;
    arena_free(&a);
    struct db_call *c = db_call_new(have_policies, q);
    struct db_params *p = db_params_new(&stmt_policies_open);
    const struct civil day = civil_from_days(china_day(clock_now()));
    snprintf(today, sizeof today, "%04d-%02d-%02d", day.year, day.month, day.day);
    db_put_text(p, str_of(today));
    db_put_text(p, q->target < 0 ? STR("") : str_of(targets[q->target].target));
    db_put_i32(p, POLICIES_MAX);
    db_call_add(c, &stmt_policies_open, p);
    if (!db_call_send(g->lane_public, c)) {
        show_policies(q, NULL);
        free(q);
    }
    return true;
}
