/* A call of the database as the person who asks: it begins with casework_enter, so what follows runs under that person's rights, and
 * its end says who that was. */
#include "staff_part.h"
#include "casework.h"
#include "staff_body.h"
#include <stdlib.h>
#include <string.h>

struct staff_ask *staff_keep(const struct staff_ask *a)
{
    struct staff_ask *kept = MEM_NEW(struct staff_ask);
    *kept = *a;
    return kept;
}

void staff_send(const struct staff_ask *a, const struct db_stmt *s, struct db_params *p, db_done *done)
{
    struct staff_ask *kept = staff_keep(a);
    struct db_call *c = staff_call(a, done, kept);
    db_call_add(c, s, p);
    if (!staff_go(a, c)) free(kept);
}

void staff_put_pattern(struct db_params *p, struct str words)
{
    struct text like;
    text_init(&like, words.n * 2 + 2);
    text_addc(&like, '%');
    for (size_t i = 0; i < words.n; i++) {
        if (words.p[i] == '%' || words.p[i] == '_' || words.p[i] == '\\') text_addc(&like, '\\');
        text_addc(&like, words.p[i]);
    }
    text_addc(&like, '%');
    db_put_text(p, text_str(&like));
    text_free(&like);
}

bool staff_entered(const struct staff_ask *a, enum db_end end, const struct db_result *const *results,
                   const struct db_error *error, bool fresh, struct staff_who *who_r)
{
    if (end != DB_OK) {
        staff_db_refuse(a, end, error);
        return false;
    }
    const struct db_result *r = results[CASEWORK_WHO];
    const enum refusal owed = casework_owes(a->g, r, NULL);
    if (owed == REFUSE_SESSION_NEEDED) {
        staff_refuse(a, owed, NULL, NULL);
        return false;
    }
    *who_r = (struct staff_who){
        .actor = casework_actor(r),
        .post = db_get_text(r, 0, 14),
        .login = db_get_text(r, 0, 1),
        .name = db_get_text(r, 0, 2),
        .unit_id = (int)db_get_i64(r, 0, 3),
        .unit_name = db_get_text(r, 0, 4),
        .roles = db_get_text(r, 0, 6),
        .must_change = db_get_bool(r, 0, 7),
        .must_enrol = casework_must_enrol(a->g, r),
        .ends_at = db_get_instant(r, 0, 11),
        .idle_s = db_get_i64(r, 0, 12),
    };
    if (owed == REFUSE_NONE || fresh) return true;
    if (owed == REFUSE_FACTOR_NEEDED)
        staff_refuse(a, owed, NULL, NULL);
    else
        staff_refuse(a, owed, "请先修改初始密码，再进行其他操作。",
                     "Change the first password before anything else.");
    return false;
}

bool staff_granted(const struct staff_ask *a, enum db_end end, const struct db_result *const *results,
                   const struct db_error *error, struct staff_who *who_r)
{
    if (end == DB_FAILED && error) {
        if (strcmp(error->sqlstate, "42501") == 0) {
            staff_refuse(a, REFUSE_FORBIDDEN, NULL, NULL);
            return false;
        }
        if (strcmp(error->sqlstate, "MSD41") == 0) {
            staff_refuse(a, REFUSE_NOT_FOUND, "没有这条记录，或您无权查看。",
                         "There is no such record, or you may not see it.");
            return false;
        }
        if (strcmp(error->sqlstate, "23505") == 0 || strcmp(error->sqlstate, "40001") == 0) {
            staff_refuse(a, REFUSE_UNAVAILABLE, "另一人同时保存了同一记录，请重试。",
                         "Somebody stored the same record just now; please try again.");
            return false;
        }
        if (strncmp(error->sqlstate, "23", 2) == 0) {
            body_refuse(a, error->constraint[0] ? error->constraint : "?");
            return false;
        }
    }
    return staff_entered(a, end, results, error, false, who_r);
}

struct db_call *staff_call(const struct staff_ask *a, db_done *done, void *arg)
{
    struct db_call *c = db_call_new(done, arg);
    casework_enter(c, &a->session, 0);
    return c;
}

struct db_call *staff_call_by_key(const struct staff_ask *a, db_done *done, void *arg)
{
    struct db_call *c = db_call_new(done, arg);
    casework_enter_by_key(c, &a->session, 0);
    return c;
}

void staff_add_by_id(struct db_call *c, const struct db_stmt *s, u64 id)
{
    struct db_params *p = db_params_new(s);
    db_put_i64(p, (i64)id);
    db_call_add(c, s, p);
}

bool staff_go(const struct staff_ask *a, struct db_call *c)
{
    if (db_call_send(a->g->lane_staff, c)) return true;
    staff_refuse(a, REFUSE_UNAVAILABLE, "系统暂时无法读取数据，请稍后重试。",
                 "The data cannot be read just now; please try again soon.");
    return false;
}
