/* Pictures and short videos that citizens and handlers attach. Type by content, never by name; limits of size, pixels and
 * count; a clean copy without metadata and a thumbnail are made by a separate process that may do nothing else; the original
 * is kept apart, sealed, as evidence. Bytes lie in the store (store.h) under the hash of what is stored; the table `files`
 * says what they are and whose.
 * Called by the forms, the status page and the staff's door. */
#pragma once
#include "gateway.h"
#include "base/webform.h"
#include "core/submission.h"

enum media_type {
    MEDIA_JPEG,
    MEDIA_PNG,
    MEDIA_WEBP,
    MEDIA_HEIC,
    MEDIA_GIF,
    MEDIA_MP4,
    MEDIA_WEBM,
    MEDIA_TYPES_N
};

/* One file as the worker gave it back, in memory. A video has no thumbnail and its clean copy has only lost its metadata. */
struct media_piece {
    enum media_type type;       /* of the original, by its content */
    enum media_type clean_type; /* JPEG, PNG or the video's own */
    int width, height;
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

/* The attach hook of forms whose files are not sealed (citizen_part.h): media_keep into sub->files. */
struct arena;
void media_attach(struct gateway *g, struct submission *sub, struct arena *a,
                  const struct webform_file *files, size_t n,
                  void (*done)(void *arg, enum refusal refusal, size_t at), void *arg);
