/* POST /session/post: the session goes on in another post of the same person (M60). The sockets of the post before are closed, so
 * that every page of it loads its world anew. */
#include "staff_part.h"
#include "staff_body.h"
#include "casework.h"
#include "hub.h"
#include <stdlib.h>

#define BODY_MAX 1024

const struct db_stmt stmt_staff_posts_mine = {"staff_posts_mine", "select my_posts()::text", 0, {0}};
const struct db_stmt stmt_staff_post = {"staff_post", "select session_post($1, $2)", 2, {DB_BYTEA, DB_INT4}};

static void have_post(void *arg, enum db_end end, const struct db_result *const *results, int n,
                      const struct db_error *error)
{
    struct staff_ask *a = arg;
    struct staff_who who;
    (void)n;
    if (staff_entered(a, end, results, error, true, &who)) {
        if (db_get_bool(results[CASEWORK_FIRST], 0, 0)) {
            hub_post_changed(a->g, a->session.hash);
            staff_session_send(a);
        } else {
            staff_refuse(a, REFUSE_POST_UNKNOWN, NULL, NULL);
        }
    }
    free(a);
}

void staff_post(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    struct json *doc;
    i64 post = 0;
    (void)id;
    if (!body_object(a, in, BODY_MAX, &doc)) return;
    bool whole = json_int(json_get(doc, "post"), &post) && post > 0 && post <= INT32_MAX;
    json_free(&doc);
    if (!whole) {
        staff_refuse(a, REFUSE_MALFORMED, "请选择一个岗位。", "Say which post.");
        return;
    }
    struct db_params *p = db_params_new(&stmt_staff_post);
    db_put_bytes(p, (struct str){(const char *)a->session.hash, 32});
    db_put_i32(p, (int)post);
    staff_send(a, &stmt_staff_post, p, have_post);
}
