/* POST /cases/phone: the cases of whoever gave a telephone number, by its last four digits or the whole. The number comes in the body, never in
 * an address, and goes no further than the keyed hash of it (P11). For those who are rung up: phone_asked in the schema says which posts, how
 * often, and writes the look-up into the log in the same transaction, without the number. What is confidential has no number here. */
#include "staff_filters.h"
#include "staff_query.h"
#include "staff_body.h"
#include "casework.h"
#include "messages.h"
#include "base/code.h"
#include "core/shape.h"
#include "core/submission.h"
#include <stdlib.h>
#include <string.h>

#define BODY_MAX 4096

const struct db_stmt stmt_staff_phone_asked = {"staff_phone_asked", "select phone_asked($1)", 1, {DB_BOOL}};
const struct db_stmt stmt_staff_phone_cases = {
    "staff_phone_cases",
    "select " PAGE_COLUMNS
    " from (select c.* from cases c where c.id in (select k.case_id from phone_cases($21, $22) k) and " FILTERS_SQL
    "order by c.opened_at desc, c.id desc limit $23) c " PAGE_JOINS "order by c.opened_at desc, c.id desc",
    FILTERS_PARAMS + 3,
    {FILTERS_TYPES, DB_BYTEA, DB_BYTEA, DB_INT4}};
enum { Q_ASKED = CASEWORK_FIRST, Q_PLAN, Q_CASES };

struct asking {
    struct staff_ask ask;
    int limit;
};

static void have_cases(void *arg, enum db_end end, const struct db_result *const *results, int n,
                       const struct db_error *error)
{
    struct asking *w = arg;
    struct staff_who who;
    struct case_row row;
    struct text body;
    (void)n;
    if (end == DB_FAILED && strcmp(error->sqlstate, "MSD98") == 0) {
        staff_refuse(
            &w->ask, REFUSE_FORBIDDEN, "按电话查找限统筹协调组、回访中心和追责问责组使用。",
            "Only coordinators, callback clerks and the accountability group look up telephone numbers.");
    } else if (end == DB_FAILED && strcmp(error->sqlstate, "MSD99") == 0) {
        staff_refuse(&w->ask, REFUSE_TOO_MANY, "一小时内最多按电话查找 60 次，请稍后再查。",
                     "There may be 60 look-ups by telephone number an hour; please wait.");
    } else if (staff_entered(&w->ask, end, results, error, false, &who)) {
        const struct db_result *r = results[Q_CASES];
        text_init(&body, 1024 * 1024);
        text_addz(&body, "{\"cases\":[");
        for (int i = 0; i < MIN(db_rows(r), w->limit); i++) {
            casework_row(r, i, &row);
            if (i) text_addc(&body, ',');
            staff_row_json(w->ask.g, &row, db_get_text(r, i, CASEWORK_COLUMNS_N),
                           db_get_i64(r, i, CASEWORK_COLUMNS_N + 1), &body);
        }
        text_addf(&body, "],\"next\":null,\"complete\":%s,\"seq\":%llu}",
                  db_rows(r) > w->limit ? "false" : "true", (unsigned long long)w->ask.seq);
        staff_answer(&w->ask, &body);
    }
    free(w);
}

static void send(const struct staff_ask *a, const struct filters *f, const u8 person[32], const u8 tail[32],
                 bool whole)
{
    struct asking *w = MEM_NEW(struct asking);
    *w = (struct asking){*a, f->limit};
    struct db_call *c = staff_call(a, have_cases, w);
    struct db_params *asked = db_params_new(&stmt_staff_phone_asked),
                     *p = db_params_new(&stmt_staff_phone_cases);
    db_put_bool(asked, whole);
    db_call_add(c, &stmt_staff_phone_asked, asked);
    filters_add_plan(c);
    filters_put(p, f, 0);
    db_put_bytes(p, whole ? (struct str){(const char *)person, 32} : STR_NONE);
    db_put_bytes(p, whole ? STR_NONE : (struct str){(const char *)tail, 16});
    db_put_i32(p, f->limit + 1);
    db_call_add(c, &stmt_staff_phone_cases, p);
    if (!staff_go(a, c)) free(w);
}

void staff_phone(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    struct json *doc;
    struct filters f;
    char number[PHONE_MAX] = "";
    u64 digits;
    u8 person[32], tail[32];
    (void)id;
    if (!body_object(a, in, BODY_MAX, &doc)) return;
    const struct str typed = str_trim(json_str(json_get(doc, "phone")));
    const bool four = typed.n == 4 && str_u64(typed, 9999, &digits),
               whole = !four && phone_normalise(typed, number);
    filters_read(&f, a, json_str(json_get(doc, "query")));
    if (!four && !whole)
        staff_refuse(a, REFUSE_CONTACT_BAD, "请输入电话的后四位或者完整号码。",
                     "Enter the last four digits of the number, or all of it.");
    else if (f.bad)
        query_refuse(a, f.bad);
    else if (f.words.p || f.cursor.p || f.by_due)
        query_refuse(a, f.words.p ? "q" : f.cursor.p ? "before" : "sort");
    else {
        if (whole) messages_person(a->g, str_of(number), person);
        messages_tail(a->g, typed, tail);
        send(a, &f, person, tail, whole);
    }
    crypto_wipe(number, sizeof number);
    filters_free(&f);
    json_free(&doc);
}
