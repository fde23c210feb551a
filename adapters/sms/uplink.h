/* What domestic SMS providers push: a citizen's words and delivery receipts as JSON. The fields have other names everywhere, what
 * must hold of them is the same: that is here. Called by adapters only; pure. */
#pragma once
#include "adapters/reading.h"

/* A member of a JSON object as text in the arena (a string, or an integer's digits); STR_NONE when it is neither. */
struct str uplink_text(struct reading *r, const struct json *object, const char *name);

/* One message as the provider wrote it. from and words must be there (.p not NULL); id or sent_at must be there, for without
 * either a repetition cannot be told from a second message. A sender that is no telephone number is left out: its words count,
 * but nobody could be answered. */
struct uplink {
    struct str id, from, words;
    struct str to, sign; /* may be empty */
    instant sent_at;
};
/* The next item of the inbox; false with the reason. */
bool uplink_put(struct reading *r, struct inbox *inbox, const struct uplink *u,
                const char **reason_r) MUST_CHECK;

/* The next receipt; `id`, `ref` as they are written, whatever is no visible ASCII is left out. False without both. */
struct uplink_receipt {
    struct str id, ref, to; /* `to` is E.164 or empty */
    enum delivery status;
    struct str raw_status, code; /* code: only of a failure */
    instant done_at;
    unsigned part_total, part_index;
};
bool uplink_put_receipt(struct reading *r, struct inbox *inbox, const struct uplink_receipt *d,
                        const char **reason_r) MUST_CHECK;

/* The body as JSON of the kind that is due, with room in the inbox for as many items or receipts as it has elements (an object: one).
 * NULL with the result and its reason. Freed by the caller. */
struct json *uplink_json(struct reading *r, struct str body, enum json_kind due, struct inbox *inbox,
                         enum parse_result *result_r, const char **reason_r);
/* How parse ends. Elements that could not be read (n_unreadable) leave the others be; of a push without any that could, of one that
 * is malformed as a whole or over the limit nothing stays in the inbox. */
enum parse_result uplink_end(const struct reading *r, struct inbox *inbox, enum parse_result result,
                             const char **reason_r);
