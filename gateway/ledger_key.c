/* The key that signs the heads: made once in the life of a log, in a file that only the daemon reads. A log that was begun under
 * one key is never continued under another by itself: whoever knows the published key would no longer know whom to believe. */
#include "ledger_part.h"
#include "metrics.h"
#include "base/code.h"
#include "base/log.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* A statement of its own: the next one then sees what was committed before the lock was had. */
const struct db_stmt stmt_ledger_lock = {"ledger_lock", "select event_seq from log_mark for update", 0, {0}};
const struct db_stmt stmt_ledger_register = {
    "ledger_register",
    "insert into log_keys (public_key, since) select $1, $2 where not exists (select from log_keys) "
    "and not exists (select from log_heads)",
    2,
    {DB_BYTEA, DB_TIMESTAMPTZ}};

void key_tell(struct ledger *l, enum ledger_hindrance h)
{
    static const char *const why[] = {
        [SIGN_NO_FILE] =
            "the log has a key, but its file is not here; put it back, no other is made in its place",
        [SIGN_FOREIGN] = "the key in the file is not the log's",
        [SIGN_UNUSABLE] = "the key file cannot be used",
        [SIGN_CLOCK] = "this clock is behind the newest tree head",
    };
    struct text public_key;
    if (h == SIGN_FREE && l->told != SIGN_FREE)
        log_line(LOG_INFO, LOG_LEDGER, "tree heads are signed again", NULL);
    if (h == SIGN_FREE || h == l->told) {
        l->told = h;
        return;
    }
    l->told = h;
    text_init(&public_key, 2 * SIGNING_PUBLIC + 1);
    if (l->key) hex_put(&public_key, l->public_key, sizeof l->public_key);
    log_line(LOG_ERROR, LOG_LEDGER, "tree heads are not signed here",
             "why=\"%s\" log_key_file=%s public_key=%s", why[h], l->g->cfg.log_key_file, text_z(&public_key));
    text_free(&public_key);
}

static bool file_there(const char *path)
{
    struct stat s;
    return lstat(path, &s) == 0 || errno != ENOENT;
}

static bool load(struct ledger *l)
{
    const char *why;
    signing_free(&l->key);
    l->key = signing_load(l->g->cfg.log_key_file, &why);
    if (!l->key) {
        if (l->told != SIGN_UNUSABLE)
            log_line(LOG_ERROR, LOG_LEDGER, "log_key_file not read", "why=\"%s\"", why);
        return false;
    }
    signing_public(l->key, l->public_key);
    return true;
}

enum ledger_hindrance key_settle(struct ledger *l, const struct ledger_state *s)
{
    if (!s->has_key) return SIGN_FOREIGN; /* heads whose key was never entered: not a log of ours */
    if (!l->key || memcmp(l->public_key, s->key, sizeof s->key) != 0) {
        if (!file_there(l->g->cfg.log_key_file)) return SIGN_NO_FILE;
        if (!load(l)) return SIGN_UNUSABLE;
    }
    return memcmp(l->public_key, s->key, sizeof s->key) == 0 ? SIGN_FREE : SIGN_FOREIGN;
}

enum ledger_hindrance key_found(struct ledger *l, struct db_call *c)
{
    const char *path = l->g->cfg.log_key_file, *why = "";
    /* Once in the life of a log, before anything waits for it: the loop may well be held up by this write. */
    if (!file_there(path)) {
        if (signing_create(path, &why))
            log_line(LOG_INFO, LOG_LEDGER, "made the key of the public log; keep a copy in a safe place",
                     "log_key_file=%s", path);
        else if (!file_there(path)) /* else another gateway on this machine was faster */
            log_line(LOG_ERROR, LOG_LEDGER, "log_key_file not made", "why=\"%s\"", why);
    }
    if (!load(l)) return SIGN_UNUSABLE;
    db_call_add(c, &stmt_ledger_lock, db_params_new(&stmt_ledger_lock));
    struct db_params *p = db_params_new(&stmt_ledger_register);
    db_put_bytes(p, (struct str){(const char *)l->public_key, sizeof l->public_key});
    db_put_instant(p, clock_now());
    db_call_add(c, &stmt_ledger_register, p);
    return SIGN_FREE;
}
