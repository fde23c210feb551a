/* What the files of `channel check` share: one case being checked, the sentences about what differs, and what a folder's cases
 * know of each other. Private to cmd_channel_check*.c. */
#pragma once
#include "adapters/adapter.h"
#include "base/json.h"

#define CHECK_FILE_MAX (1u << 20)
#define CHECK_SETTINGS 64
#define CHECK_HEADERS  64

/* What earlier cases of the folder brought: keys, to see which messages are one, and pieces, to join them. */
struct check_key {
    struct str wanted, got;
};
struct check_piece {
    struct str sender, ref, text;
    unsigned total, index;
};
#define CHECK_REMEMBERED 4096
struct check_memory {
    struct arena arena;
    struct check_key keys[CHECK_REMEMBERED];
    struct check_piece pieces[CHECK_REMEMBERED];
    size_t n_keys, n_pieces;
};

/* One case. `differs` collects what is wrong, one sentence a line. Everything derived lives in the arena. */
struct check {
    const struct json *doc;
    const char *folder;
    struct check_memory *memory;
    struct arena arena;
    struct text differs;
};

/* The channel of a case: its config and what its provider's samples take for granted. */
struct check_channel {
    struct channel_setting settings[CHECK_SETTINGS];
    struct channel ch;
};

void check_differs(struct check *c, const char *fmt, ...) PRINTF_LIKE(2, 3);
void check_str(struct check *c, const char *what, struct str want, struct str got);
void check_int(struct check *c, const char *what, i64 want, i64 got);

/* The text in the case's arena; the text is freed. */
struct str check_kept(struct check *c, struct text *t);
i64 check_int_or(const struct json *v, i64 otherwise);
/* A string as it is, a number, a truth value or an object as JSON text, a list with commas, null as nothing. */
struct str check_text(struct check *c, const struct json *v);
/* A file beside the case; only a plain name is taken. False with a sentence. */
bool check_file(struct check *c, struct str name, struct str *bytes_r) MUST_CHECK;
void check_set(struct check_channel *to, struct str name, struct str value);
struct str check_setting(const struct check_channel *of, const char *name);
/* config as settings. */
void check_config(struct check *c, struct check_channel *into);

/* "mo", "dlr", "event", "handshake", "json" */
void check_inbound(struct check *c, const struct adapter *adapter, enum hook hook);
/* "pow-v1", "pow-v2" */
void check_work(struct check *c);
/* "passive-reply" */
void check_answer(struct check *c, const struct adapter *adapter);
/* "send", "staff-notice" */
void check_send(struct check *c, const struct adapter *adapter);
/* "webhook" */
void check_webhook(struct check *c);
