/* The desk of the screens in halls: their list with when each was last seen, a code to pair one, what it shows and how long, and its end.
 * Who may is asked by schema/0031_see.sql. The screens' own door is screen.c. */
#include "casework.h"
#include "staff_body.h"
#include "screen.h"
#include "staff_overview.h"
#include "staff_pairing.h"
#include "base/code.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIST_MAX 200

const struct db_stmt stmt_staff_screens = {
    "staff_screens",
    "select k.id, k.name, k.seconds, array_to_string(k.slides, ','), k.paired_at, k.seen_at, k.revoked_at, screens_mine() from screens k "
    "order by (k.revoked_at is not null), k.id desc limit $1",
    1,
    {DB_INT4}};
const struct db_stmt stmt_staff_screen_code = {
    "staff_screen_code", "select screen_code($1, $2)", 2, {DB_TEXT, DB_BYTEA}};
const struct db_stmt stmt_staff_screen_set = {
    "staff_screen_set", "select screen_set($1, $2, $3, $4)", 4, {DB_INT4, DB_TEXT, DB_INT4, DB_TEXTS}};
const struct db_stmt stmt_staff_screen_revoke = {
    "staff_screen_revoke", "select screen_revoke($1)", 1, {DB_INT4}};

static const char *const slides[] = {"today", "rates", "units", "words", "open", "speak"};

static bool entered(const struct staff_ask *a, enum db_end end, const struct db_result *const *results,
                    const struct db_error *error, struct staff_who *who_r)
{
    if (end == DB_FAILED && error && strcmp(error->sqlstate, "MSDS1") == 0) {
        staff_refuse(a, REFUSE_FORBIDDEN, "大屏由分管领导、综合办公室或系统管理员管理。",
                     "Screens are kept by the leader, the registry or an administrator.");
        return false;
    }
    if (end == DB_FAILED && error && strcmp(error->sqlstate, "MSDS2") == 0) {
        staff_refuse(a, REFUSE_NOT_FOUND, "没有这块大屏，或已解除配对。",
                     "There is no such screen, or it was revoked.");
        return false;
    }
    return staff_granted(a, end, results, error, who_r);
}

/* --- the list --- */

static void put_slides(struct str words, struct text *t)
{
    struct str one;
    text_addz(t, ",\"slides\":[");
    for (bool more = false; words.n; more = true) {
        str_cut(words, ',', &one, &words);
        if (more) text_addc(t, ',');
        json_put(t, one);
    }
    text_addc(t, ']');
}

static void have_screens(void *arg, enum db_end end, const struct db_result *const *results, int n,
                         const struct db_error *error)
{
    struct staff_ask *a = arg;
    struct staff_who who;
    struct text t;
    (void)n;
    if (entered(a, end, results, error, &who)) {
        const struct db_result *r = results[CASEWORK_FIRST];
        text_init(&t, 1u << 18);
        text_addz(&t, "{\"screens\":[");
        for (int i = 0; i < db_rows(r); i++) {
            text_addf(&t, "%s{\"id\":%lld,\"name\":", i ? "," : "", (long long)db_get_i64(r, i, 0));
            json_put(&t, db_get_text(r, i, 1));
            text_addf(&t, ",\"seconds\":%lld", (long long)db_get_i64(r, i, 2));
            put_slides(db_get_text(r, i, 3), &t);
            json_put_instant(&t, "paired_at", db_get_instant(r, i, 4));
            json_put_instant(&t, "seen_at", db_get_instant(r, i, 5));
            json_put_instant(&t, "revoked_at", db_get_instant(r, i, 6));
            text_addc(&t, '}');
        }
        text_addz(&t, "]}");
        staff_answer(a, &t);
    }
    free(a);
}

void staff_screens(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    (void)in, (void)id;
    struct db_params *p = db_params_new(&stmt_staff_screens);
    db_put_i32(p, LIST_MAX);
    staff_send(a, &stmt_staff_screens, p, have_screens);
}

/* --- a code --- */

static void have_code(void *arg, enum db_end end, const struct db_result *const *results, int n,
                      const struct db_error *error)
{
    struct pairing *q = arg;
    struct staff_who who;
    (void)n;
    pairing_end(q, entered(&q->ask, end, results, error, &who) ? results[CASEWORK_FIRST] : NULL);
}

void staff_screen_code(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    static const char *const known[] = {"name", NULL};
    struct body b;
    u8 hash[32];
    (void)id;
    if (!body_open(a, in, known, &b)) return;
    const struct str name = body_text(&b, "name", 1, 40);
    if (!body_good(a, &b)) return;
    struct pairing *q = pairing_new(a);
    screen_hash(a->g, "screen-code", str_of(q->code), hash);
    struct db_call *c = staff_call(a, have_code, q);
    struct db_params *p = db_params_new(&stmt_staff_screen_code);
    db_put_text(p, name);
    db_put_bytes(p, (struct str){(const char *)hash, sizeof hash});
    db_call_add(c, &stmt_staff_screen_code, p);
    if (!staff_go(a, c)) pairing_end(q, NULL);
    body_close(&b);
}

/* --- settings and the end --- */

static void have_done(void *arg, enum db_end end, const struct db_result *const *results, int n,
                      const struct db_error *error)
{
    struct staff_ask *a = arg;
    struct staff_who who;
    struct text t;
    (void)n;
    if (entered(a, end, results, error, &who)) {
        text_init(&t, 100);
        text_addf(&t, "{\"done\":%s}", db_get_bool(results[CASEWORK_FIRST], 0, 0) ? "true" : "false");
        staff_answer(a, &t);
    }
    free(a);
}

/* The id of a path; 0: refused. */
static int screen_id(const struct staff_ask *a, u64 id)
{
    if (id >= 1 && id <= INT32_MAX) return (int)id;
    staff_refuse(a, REFUSE_NOT_FOUND, NULL, NULL);
    return 0;
}

/* Each of the known slides once at the most, in the order given. */
static bool slides_good(const struct json *list)
{
    const size_t n = json_count(list);
    if (json_kind(list) != JSON_ARRAY || n < 1 || n > ARRAY_LEN(slides)) return false;
    for (size_t i = 0; i < n; i++) {
        const struct str one = json_str(json_at(list, i));
        bool known = false;
        for (size_t k = 0; k < ARRAY_LEN(slides); k++) known |= str_eq(one, str_of(slides[k]));
        for (size_t k = 0; k < i; k++) known &= !str_eq(one, json_str(json_at(list, k)));
        if (!known) return false;
    }
    return true;
}

void staff_screen_set(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    static const char *const known[] = {"name", "seconds", "slides", NULL};
    struct body b;
    const int screen = screen_id(a, id);
    if (!screen || !body_open(a, in, known, &b)) return;
    const struct str name = body_text(&b, "name", 0, 40);
    const i64 seconds = body_number(&b, "seconds", false, 300);
    const struct json *list = json_get(b.doc, "slides");
    if (!b.wrong && seconds && seconds < 5) b.wrong = "seconds";
    if (!b.wrong && list && !slides_good(list)) b.wrong = "slides";
    if (!body_good(a, &b)) return;
    struct staff_ask *kept = staff_keep(a);
    struct db_call *c = staff_call(a, have_done, kept);
    struct db_params *p = db_params_new(&stmt_staff_screen_set);
    db_put_i32(p, screen);
    db_put_text(p, name.n ? name : STR_NONE);
    if (seconds)
        db_put_i32(p, (int)seconds);
    else
        db_put_null(p);
    if (list) {
        db_array_begin(p, DB_TEXT, json_count(list));
        for (size_t i = 0; i < json_count(list); i++) db_put_text(p, json_str(json_at(list, i)));
        db_array_end(p);
    } else {
        db_put_null(p);
    }
    db_call_add(c, &stmt_staff_screen_set, p);
    if (!staff_go(a, c)) free(kept);
    body_close(&b);
}

void staff_screen_revoke(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    static const char *const known[] = {NULL};
    struct body b;
    const int screen = screen_id(a, id);
    if (!screen || !body_open(a, in, known, &b)) return;
    body_close(&b);
    struct db_params *p = db_params_new(&stmt_staff_screen_revoke);
    db_put_i32(p, screen);
    staff_send(a, &stmt_staff_screen_revoke, p, have_done);
}
