/* `mashangdu replay`: labelled texts sent through the real doors of a running gateway, and what became of them.
 * replay_texts.c reads the file, replay_send.c speaks through the doors, replay_score.c reads the decisions from the
 * database and compares them with the labels; cmd_replay.c is the command. Nothing of it runs in the gateway. */
#pragma once
#include "cmd.h"
#include "base/arena.h"
#include "core/submission.h"

#define REPLAY_TEXTS_MAX 100000

/* form: the plaque's pages, like a browser; live: the web socket; sms: the push of an SMS gateway; api: JSON. */
#define REPLAY_DOORS(X) X(FORM, "form") X(LIVE, "live") X(SMS, "sms") X(API, "api")
enum replay_door {
#define X(id, word) REPLAY_##id,
    REPLAY_DOORS(X)
#undef X
        REPLAY_DOORS_N
};
const char *replay_door_word(enum replay_door d);

enum replay_end { REPLAY_WAITING, REPLAY_ACCEPTED, REPLAY_REFUSED, REPLAY_LOST };

struct replay_span {
    size_t start, end;
}; /* bytes of the text, end exclusive */
struct replay_text {
    struct str id, channel, plaque, text, category, unit, about;
    enum nature nature;
    int rating; /* from the label of polarity, for a rating form */
    const struct replay_span *pii;
    size_t n_pii;

    enum replay_door door;
    enum door channel_door;   /* what the JSON door is told */
    char number[16], tag[16]; /* of the plaque scanned; empty: none known */

    enum replay_end end;
    char code[40]; /* of a refusal, or why nothing was answered */
    bool repeated;
    char receipt[17];
    u64 feedback; /* 0: the door does not tell */
    u64 sender;   /* number of the made-up citizen */
};
struct replay {
    struct arena arena;
    struct replay_text *texts;
    size_t n;
};

/* Reads a JSON Lines file: id, channel, text; plaque, category, unit, about_unit, nature, polarity, pii when labelled.
 * False with a sentence printed that names the line. */
bool replay_read(const char *command, const char *path, struct replay *r) MUST_CHECK;
void replay_free(struct replay *r);

struct replay_options {
    const char *url;      /* http://host:port */
    const char *sms_hook; /* …/hooks/NAME/KEY/mo, or NULL */
    const char *run;      /* goes into every key: the same run twice is answered as repeats */
    const char *token;    /* url_token of the SMS channel, or NULL */
    unsigned parallel;
    bool sms_post; /* the hook by Kannel's post-url instead of get-url */
    bool spread;   /* each text from an address of its own, as a trusted proxy would report it */
    void (*progress)(void *arg, size_t done, size_t refused);
    void *arg;
};
struct replay_times {
    span all;
    u64 waits, tries_again;
    span answered[REPLAY_DOORS_N];
    size_t n[REPLAY_DOORS_N];
};
/* Sends everything and returns when each text has its end. False with a sentence printed when it cannot begin. */
bool replay_send(const char *command, struct replay *r, const struct replay_options *o,
                 struct replay_times *times_r) MUST_CHECK;

struct replay_share {
    size_t right, all;
};
struct replay_score {
    size_t found, missing, doubled; /* accepted texts in the table of feedback */
    struct replay_share unit_top1, unit_in, category_top1, nature, sure, sure_right, pii_masked, digits_kept,
        masks_labelled;
    size_t triage, walls_broken; /* reports that are with the unit they complain of */
};
/* Numbers and tags of the plaques that the texts name, from the register. False with a sentence printed. */
bool replay_plaques(const char *command, struct db_tool *db, const struct keys *k,
                    struct replay *r) MUST_CHECK;
/* sms_channel: name of the channel whose hook was used, or NULL. False with a sentence printed. */
bool replay_judge(const char *command, struct db_tool *db, const struct keys *k, const struct replay *r,
                  const char *run, const char *sms_channel, struct replay_score *score_r) MUST_CHECK;
