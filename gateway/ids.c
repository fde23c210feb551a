#include "ids.h"
#include "base/log.h"

#define BLOCK 65536u /* some seconds of intake at full rate; the next block is asked for at half of it */

const struct db_stmt stmt_id_block = {"id_block", "select nextval('id_blocks')", 0, {0}};

static struct ids ids;

static void ask(struct gateway *g);

static void got_block(void *arg, enum db_end end, const struct db_result *const *results, int n,
                      const struct db_error *error)
{
    struct gateway *g = arg;
    ids.asking = false;
    if (end == DB_OK && n == 1 && db_rows(results[0]) == 1) {
        u64 block = (u64)db_get_i64(results[0], 0, 0);
        if (ids.block == 0) {
            ids.block = block;
            ids.used = 0;
        } else {
            ids.next_block = block;
        }
    } else if (end == DB_FAILED) {
        log_line(LOG_ERROR, LOG_DB, "no block of ids", "sqlstate=%s", error ? error->sqlstate : "");
    }
    if (ids.block == 0) ask(g);
}

/* A refused call is asked again by the next ids_next: intake asks at every item. */
static void ask(struct gateway *g)
{
    if (ids.asking) return;
    struct db_call *c = db_call_new(got_block, g);
    db_call_add(c, &stmt_id_block, db_params_new(&stmt_id_block));
    ids.asking = db_call_send(g->lane_intake, c);
}

void ids_start(struct gateway *g)
{
    ids = (struct ids){0};
    ask(g);
}

bool ids_ready(struct gateway *g)
{
    if (!ids.next_block && (!ids.block || ids.used > BLOCK / 2)) ask(g);
    return ids.block && (BLOCK - ids.used >= 512 || ids.next_block);
}

u64 ids_next(struct gateway *g)
{
    if (ids.used == BLOCK || !ids.block) {
        ids.block = ids.next_block;
        ids.next_block = 0;
        ids.used = 0;
    }
    if (!ids.next_block && (!ids.block || ids.used >= BLOCK / 2)) ask(g);
    return ids.block ? ids.block * BLOCK + ids.used++ : 0;
}
