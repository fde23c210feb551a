/* Reports (举报) that only their readers can read. On arrival words, contact and files are sealed to the public keys of the
 * discipline unit and of 追责问责组 (and to the escrow key); the database and the store then hold ciphertext alone, and so do
 * logs, pushes, exports and metrics. The reporter's own key comes from the receipt, so the dialogue is sealed both ways and still
 * needs no script. Sealing and opening here touch plaintext only for the length of one request; Argon2id runs on the pool.
 * Formats: docs/sealing.md. Promise P4. */
#pragma once
#include "gateway.h"
#include "base/arena.h"
#include "base/webform.h"
#include "core/submission.h"

/* Whether reports can be sealed now: at least one reader has a key. Else the report form says so and names the other ways. */
bool sealed_ready(const struct gateway *g);
/* Whether the gateway knows yet which keys there are: before that it takes nothing in. */
bool sealed_known(const struct gateway *g);
void sealed_start(struct gateway *g);
void sealed_reload(struct gateway *g); /* on NOTIFY, on every reconnect, and when discipline_unit changed */
void sealed_stop(struct gateway *g);
extern const struct db_stmt *const sealed_statements[];
extern const size_t n_sealed_statements;

/* The attach hook of report forms (citizen_part.h): the files are sealed under the key of the message that the submission becomes. */
void sealed_attach(struct gateway *g, struct submission *sub, struct arena *a,
                   const struct webform_file *files, size_t n,
                   void (*done)(void *arg, enum refusal refusal, size_t at), void *arg);

/* --- the reporter's side of the dialogue, for the status page --- */
struct sealed_line {
    bool from_reporter;
    instant at;
    struct str words;
    size_t n_files;
};
struct sealed_talk {
    enum refusal refusal; /* NONE, or UNAVAILABLE */
    size_t n;
    const struct sealed_line *lines; /* oldest first; valid during the call */
};
typedef void sealed_talk_done(void *arg, const struct sealed_talk *t);
/* What the holder of the receipt said and was told. feedback is the one that the receipt belongs to. done once, later. */
void sealed_read(struct gateway *g, u64 feedback, const char receipt[17], sealed_talk_done *done, void *arg);
/* Seals what the reporter adds (say, confirm, reopen) and stores it beside the act, whose own words then stay empty. key: of the
 * form's token, so that a button pressed twice adds one line, while other words or files by the same form are another one.
 * done(arg, refusal, fresh) once; fresh: this call stored it. */
void sealed_say(struct gateway *g, u64 feedback, u64 case_id, const char receipt[17], struct str key,
                struct str words, const struct webform_file *files, size_t n_files,
                void (*done)(void *arg, enum refusal r, bool fresh), void *arg);
