/* The commands of the program beside `serve`, and the little that they share: options, sentences, files, the
 * database of the tools. main.c calls cmd_NAME with the settings loaded and the words behind the command that are
 * no settings. Every command knows --help and ends with CMD_OK, CMD_FAILED (a sentence is on standard error) or
 * CMD_USAGE. Commands block; the running gateway never calls anything in here. */
#pragma once
#include "config.h"
#include "io/crypto.h"
#include "io/db_tool.h"

enum { CMD_OK, CMD_FAILED, CMD_USAGE };

int cmd_migrate(struct config *cfg, int argc, char **argv);
int cmd_import(struct config *cfg, int argc, char **argv);
int cmd_train(struct config *cfg, int argc, char **argv);
int cmd_user(struct config *cfg, int argc, char **argv);
int cmd_plaque(struct config *cfg, int argc, char **argv);
int cmd_channel(struct config *cfg, int argc, char **argv);
int cmd_replay(struct config *cfg, int argc, char **argv);
int cmd_config(struct config *cfg, int argc, char **argv);
int cmd_key(struct config *cfg, int argc, char **argv);
int cmd_show(struct config *cfg, int argc, char **argv);
int cmd_verify(struct config *cfg, int argc, char **argv);
int cmd_seal(struct config *cfg, int argc, char **argv);
int cmd_erase(struct config *cfg, int argc, char **argv);
int cmd_outbox(struct config *cfg, int argc, char **argv);
int cmd_gammu(struct config *cfg, int argc, char **argv);

/* --- options and sentences --- */

/* "mashangdu migrate: …" on standard error. Return CMD_FAILED and CMD_USAGE, so a command can return them at once. */
int cmd_fail(const char *command, const char *fmt, ...) PRINTF_LIKE(2, 3);
int cmd_misuse(const char *command, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* One option: exactly one of value (--name VALUE or --name=VALUE), flag (--name) and many (--name VALUE, repeated)
 * is set. Names are written with their dashes; "-o" is an option like any other. */
#define CMD_MANY_MAX 64
struct cmd_many {
    const char *items[CMD_MANY_MAX];
    size_t n;
};
struct cmd_option {
    const char *name;
    const char **value;
    bool *flag;
    struct cmd_many *many;
};
/* Takes the options out of argv; *argc words stay. False when the command is to end with *exit_r: --help was asked
 * for and is printed, or an option is unknown, incomplete or given too often. */
bool cmd_options(const char *command, const char *help, const struct cmd_option *options, size_t n, int *argc,
                 char **argv, int *exit_r) MUST_CHECK;

/* --- files --- */

/* A whole file appended to `into`, at most its ceiling. False with a sentence printed. */
bool cmd_read_file(const char *command, const char *path, struct text *into) MUST_CHECK;
/* Bytes to a file (made new or replaced whole), or to standard output for NULL and "-". False with a sentence printed. */
bool cmd_write_file(const char *command, const char *path, struct str bytes) MUST_CHECK;
/* One line of standard input without its end. False with a sentence printed when there is none. */
bool cmd_read_line(const char *command, struct text *into) MUST_CHECK;

/* --- database and key --- */

/* The tools' connection (owner_database). NULL with a sentence printed. */
struct db_tool *cmd_database(const char *command, const struct config *cfg) MUST_CHECK;
/* db_tool_query; NULL with a sentence printed. */
struct db_rows *cmd_query(const char *command, struct db_tool *db, const char *sql, int n,
                          const char *const *params) MUST_CHECK;
/* cmd_query for statements whose rows nobody needs. */
bool cmd_execute(const char *command, struct db_tool *db, const char *sql, int n,
                 const char *const *params) MUST_CHECK;
/* A count, an id or a line of a result whose SQL makes it a whole number from 0 on. */
u64 cmd_number(const struct db_rows *r, int row, int col);
/* The master key of cfg->key_file. NULL with a sentence printed. */
struct keys *cmd_keys(const char *command, const struct config *cfg) MUST_CHECK;
