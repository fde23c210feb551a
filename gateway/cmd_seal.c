/* `mashangdu seal`: the escrow key of sealed reports. Its secret is made here, printed as two shares for two holders and kept nowhere;
 * the public half goes into the database with the owner's rights (docs/sealing.md). */
#include "cmd.h"
#include "base/utf8.h"
#include "core/seal.h"
#include "io/crypto_box.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NAME "seal"

static const char help[] =
    "usage: mashangdu seal escrow [--out-1 FILE --out-2 FILE] [--replace --reason TEXT]\n"
    "       mashangdu seal status\n"
    "  escrow     make the escrow key of sealed reports, once, and print its two shares; they are shown only now and "
    "kept nowhere.\n"
    "             Give them to two persons who are not the operator: both together can recover the groups' keys\n"
    "    --out-1, --out-2  write the shares into two new files (mode 0600) instead of printing them\n"
    "    --replace         another escrow key although there is one; what was sealed to the old one needs the old "
    "shares\n"
    "    --reason TEXT     with --replace: why, 2 to 500 characters, kept for ever\n"
    "  status     which keys there are, and what is sealed with them\n";

static const char sql_there[] = "select coalesce(max(version), 0) from seal_keys where owner = 'escrow'";
/* Two operators in the same moment: the second one's version is taken, and refused. */
static const char sql_make[] = "insert into seal_keys (owner, version, public_key, reason) values ('escrow', "
                               "$1::integer, decode($2, 'hex'), $3)";
static const char sql_status[] =
    "select k.owner, k.version, to_char(k.created_at at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI'), "
    "(select count(*) from sealed_envelopes e where e.key_id = k.id) from seal_keys k order by k.owner, k.version";
static const char sql_counts[] =
    "select (select count(*) from sealed_reports), (select count(*) from sealed_messages where body <> ''), "
    "(select unit from seal_rules), (select count(distinct staff_id) from seal_officers), "
    "(select count(*) from feedback f where f.words <> '' and f.words !~ '^sealed:[0-9a-f]{64}$' and exists "
    "  (select from cases c where c.id = f.case_id and c.confidential))";

static int status(struct db_tool *db)
{
    struct db_rows *keys = cmd_query(NAME, db, sql_status, 0, NULL);
    struct db_rows *counts = keys ? cmd_query(NAME, db, sql_counts, 0, NULL) : NULL;
    if (counts) {
        const int n = db_rows_count(keys);
        printf("ready=%s\n", n ? "yes" : "no");
        for (int i = 0; i < n; i++)
            printf("key=%s version=%s made=\"%s\" envelopes=%s\n", db_rows_text(keys, i, 0),
                   db_rows_text(keys, i, 1), db_rows_text(keys, i, 2), db_rows_text(keys, i, 3));
        printf("reports=%s messages=%s officers=%s discipline_unit=%s confidential_unsealed=%s\n",
               db_rows_text(counts, 0, 0), db_rows_text(counts, 0, 1), db_rows_text(counts, 0, 3),
               db_rows_text(counts, 0, 2), db_rows_text(counts, 0, 4));
    }
    const int code = counts ? CMD_OK : CMD_FAILED;
    if (keys) db_rows_free(&keys);
    if (counts) db_rows_free(&counts);
    return code;
}

/* A new file that only its owner reads, on disk before the key counts. */
static bool share_write(const char *path, int which, const char *share)
{
    char text[400];
    const int n = snprintf(
        text, sizeof text,
        "码上督 · 举报密钥托管码 %d（共 2 份）\n%s\n"
        "请将两份分别交给两位互不隶属、不负责系统运维的托管人，交付后删除本文件。\n"
        "Escrow share %d of 2. Give the two shares to two different holders, then delete this file.\n",
        which, share, which);
    const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool good = fd >= 0 && write(fd, text, (size_t)n) == n && fsync(fd) == 0;
    if (!good) (void)cmd_fail(NAME, "%s cannot be written: %s", path, strerror(errno));
    if (fd >= 0) close(fd);
    crypto_wipe(text, sizeof text);
    return good;
}

static int make(struct db_tool *db, u64 version, const char *reason, const char *const out[2])
{
    u8 public_key[BOX_KEY], secret[BOX_KEY], shares[2][BOX_KEY];
    char written[2][SEAL_SHARE_MAX], hex[2 * BOX_KEY + 1], number[24];
    bool good = true;
    box_keypair(public_key, secret);
    crypto_random(shares[0], BOX_KEY);
    for (size_t i = 0; i < BOX_KEY; i++) {
        shares[1][i] = secret[i] ^ shares[0][i];
        snprintf(hex + 2 * i, 3, "%02x", public_key[i]);
    }
    for (int i = 0; i < 2; i++) seal_share_put(box_hash, i + 1, shares[i], written[i]);
    snprintf(number, sizeof number, "%llu", (unsigned long long)version);
    const char *const params[] = {number, hex, reason};
    for (int i = 0; i < 2 && out[0]; i++) good = good && share_write(out[i], i + 1, written[i]);
    good = good && cmd_execute(NAME, db, sql_make, 3, params);
    if (good && out[0])
        printf("escrow_version=%s share_1=%s share_2=%s\n", number, out[0], out[1]);
    else if (good)
        printf(
            "escrow_version=%s\nshare_1=%s\nshare_2=%s\nThey are shown only now. Give them to two different "
            "holders; without both nobody can recover the groups' keys.\n",
            number, written[0], written[1]);
    else if (out[0])
        fprintf(stderr, "mashangdu seal: no key was made; what stands in the files is worth nothing\n");
    crypto_wipe(secret, sizeof secret);
    crypto_wipe(shares, sizeof shares);
    crypto_wipe(written, sizeof written);
    return good ? CMD_OK : CMD_FAILED;
}

static int escrow(struct db_tool *db, bool replace, const char *reason, const char *const out[2])
{
    struct db_rows *r = cmd_query(NAME, db, sql_there, 0, NULL);
    if (!r) return CMD_FAILED;
    const u64 version = cmd_number(r, 0, 0);
    db_rows_free(&r);
    if (version && !replace)
        return cmd_fail(NAME, "there is an escrow key already; --replace --reason TEXT makes another one");
    if (!crypto_init()) return cmd_fail(NAME, "the cryptographic library does not start");
    return make(db, version + 1, reason, out);
}

int cmd_seal(struct config *cfg, int argc, char **argv)
{
    bool replace = false;
    const char *reason = NULL, *out[2] = {NULL, NULL};
    int code;
    const struct cmd_option options[] = {{.name = "--replace", .flag = &replace},
                                         {.name = "--reason", .value = &reason},
                                         {.name = "--out-1", .value = &out[0]},
                                         {.name = "--out-2", .value = &out[1]}};
    if (!cmd_options(NAME, help, options, ARRAY_LEN(options), &argc, argv, &code)) return code;
    if (argc != 1) return cmd_misuse(NAME, "say escrow or status");
    const bool making = strcmp(argv[0], "escrow") == 0;
    if (!making && strcmp(argv[0], "status") != 0) return cmd_misuse(NAME, "what is %s?", argv[0]);
    if (!making && (replace || reason || out[0] || out[1]))
        return cmd_misuse(NAME, "status takes no options");
    if (!out[0] != !out[1]) return cmd_misuse(NAME, "say both --out-1 and --out-2, or neither");
    if (replace != (reason != NULL)) return cmd_misuse(NAME, "--replace and --reason go together");
    if (reason &&
        (!utf8_valid(str_of(reason)) || utf8_count(str_of(reason)) < 2 || utf8_count(str_of(reason)) > 500))
        return cmd_misuse(NAME, "a reason has 2 to 500 characters");
    struct db_tool *db = cmd_database(NAME, cfg);
    if (!db) return CMD_FAILED;
    code = making ? escrow(db, replace, reason, out) : status(db);
    db_tool_close(&db);
    return code;
}
