/* Pictures and short videos that citizens and handlers attach. Type by content, never by name; limits of size, pixels and
 * count; a clean copy without metadata and a thumbnail are made by a separate process that may do nothing else; the original
 * is kept apart, sealed, as evidence. Bytes lie in the store (store.h) under the hash of what is stored; the table `files`
 * says what they are and whose.
 * Called by the forms, the status page and the staff's door. */
#pragma once
#include "gateway.h"
#include "store.h"
#include "base/webform.h"
#include "core/filetype.h" /* enum media_type */
#include "core/submission.h"

struct media *media_new(struct gateway *g);
void media_free(struct media **m); /* before the loop goes; whoever waits is not told any more */

/* One file as the worker gave it back, in memory. A video has no thumbnail and its clean copy has only lost its metadata. */
struct media_piece {
    enum media_type type;              /* of the original, by its content */
    enum media_type clean_type;        /* JPEG, PNG or the video's own */
    int width, height;                 /* of the clean copy; 0: a video that does not say */
    struct str original, clean, thumb; /* thumb may be empty */
};
struct media_made {
    enum refusal refusal; /* REFUSE_NONE, or why file number `at` cannot be taken: nothing was kept of any */
    size_t at, n;
    struct media_piece pieces[SUBMISSION_FILES_MAX]; /* valid during the call */
};
typedef void media_made_done(void *arg, const struct media_made *m);
/* Makes the pieces and stores nothing. Bytes are copied before it returns; done is called exactly once, perhaps at once. */
void media_make(struct gateway *g, const struct webform_file *files, size_t n, media_made_done *done,
                void *arg);

struct media_kept {
    enum refusal refusal;
    size_t at, n;
    u64 ids
        [SUBMISSION_FILES_MAX]; /* rows of `files` that belong to nothing yet: swept after a day unless they are bound */
};
typedef void media_kept_done(void *arg, const struct media_kept *k);
/* The same, stored. */
void media_keep(struct gateway *g, const struct webform_file *files, size_t n, media_kept_done *done,
                void *arg);
/* The same for evidence that a member of the staff sends for a case; who it is and that the case may be seen, the caller has
 * checked. Only this person's next act on this case can take it. */
void media_keep_offered(struct gateway *g, const struct webform_file *files, size_t n, u64 case_id, i64 staff,
                        media_kept_done *done, void *arg);

/* The attach hook of forms whose files are not sealed (citizen_part.h): media_keep into sub->files. */
struct arena;
void media_attach(struct gateway *g, struct submission *sub, struct arena *a,
                  const struct webform_file *files, size_t n,
                  void (*done)(void *arg, enum refusal refusal, size_t at), void *arg);

/* --- reading --- */
enum media_part { MEDIA_CLEAN, MEDIA_THUMB, MEDIA_ORIGINAL };
struct media_fetched {
    enum store_end
        end; /* STORE_MISSING also when there is no such file, or it does not belong to the feedback */
    enum media_type type; /* of these bytes */
    struct str bytes;     /* valid during the call */
};
typedef void media_fetched_done(void *arg, const struct media_fetched *f);
/* feedback: the file must have come with it, or with an act of its reporter; 0: the caller has checked who asks. An original is
 * opened: only for whoever may see it. done once, later. */
void media_fetch(struct gateway *g, u64 feedback, u64 file, enum media_part part, media_fetched_done *done,
                 void *arg);

/* --- rows of file_uses, in the transaction of what they belong to --- */
/* Beside an act: all of them or the call fails. act->req.files; see core/caseflow.h. feedback: of the reporter, 0 for staff. */
void media_bind_act(struct db_call *c, u64 act, u64 feedback, const u64 *ids, size_t n);

extern const struct db_stmt *const media_statements[];
extern const size_t n_media_statements;
