#include "media_part.h"
#include "metrics.h"
#include "base/log.h"
#include "core/mediajob.h"
#include "io/crypto.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SIDE_MAX       2560
#define THUMB_SIDE_MAX 320
#define CLEAN_MAX      ((size_t)48 * 1024 * 1024) /* of a picture: 2560 × 2560 as PNG stays below it */

/* A file goes to a process that is started for it and ends with it. One is always started ahead, so that a citizen does not wait
 * for a library to wake up; it has seen nothing yet. */
struct media {
    struct gateway *g;
    struct children *children;
    struct child *ready;
    struct list waiting; /* struct media_one */
    unsigned working;
    size_t held; /* bytes of files in here */
    char program[4096];
    struct sweep *sweep;
};

static void start_waiting(struct media *m);

/* --- the worker --- */

static bool program_find(struct media *m)
{
    const char *set = m->g->cfg.media_worker;
    if (set[0]) return (size_t)snprintf(m->program, sizeof m->program, "%s", set) < sizeof m->program;
    static const char name[] = "mashangdu-media";
    ssize_t n = readlink("/proc/self/exe", m->program, sizeof m->program - sizeof name);
    if (n <= 0) return false;
    while (n && m->program[n - 1] != '/') n--;
    memcpy(m->program + n, name, sizeof name);
    return true;
}

static struct child *worker_start(struct media *m)
{
    char seconds[24], memory[24];
    const char *const argv[] = {m->program, seconds, memory, NULL};
    const long long most = m->g->cfg.media_deadline.us / 1000000 + 2;
    snprintf(seconds, sizeof seconds, "%lld", most);
    snprintf(memory, sizeof memory, "%zu", m->g->cfg.media_memory);
    struct child *c = child_start(m->children, argv);
    if (!c) log_line(LOG_ERROR, LOG_MAIN, "no media worker", "error=%d", errno);
    return c;
}

static struct child *worker_take(struct media *m)
{
    struct child *c = m->ready;
    m->ready = NULL;
    if (c && !child_alive(c)) child_drop(&c);
    return c ? c : worker_start(m);
}

struct media *media_new(struct gateway *g)
{
    struct media *m = MEM_NEW(struct media);
    m->g = g;
    list_init(&m->waiting);
    m->children = children_new(g->loop);
    if (!program_find(m) || access(m->program, X_OK) != 0)
        log_line(LOG_ERROR, LOG_MAIN, "the media worker is not there: every file will be refused",
                 "setting=media_worker");
    m->sweep = sweep_new(g);
    return m;
}

void media_free(struct media **mp)
{
    struct media *m = *mp;
    if (!m) return;
    sweep_free(&m->sweep);
    children_free(&m->children);
    free(m);
    *mp = NULL;
}

/* --- one form's files --- */

struct making *making_new(struct gateway *g, void (*done)(struct making *m), void *arg)
{
    struct making *m = MEM_NEW(struct making);
    *m = (struct making){.g = g, .done = done, .arg = arg};
    return m;
}

void making_free(struct making *m)
{
    for (size_t i = 0; i < m->n; i++) {
        struct media_one *one = &m->files[i];
        if (m->g->media) m->g->media->held -= one->n; /* else the gateway ends */
        /* A report's pictures come this way too, and stay in no freed memory. */
        crypto_wipe(one->bytes, one->n);
        if (one->answer) crypto_wipe(one->answer, one->answer_n);
        free(one->bytes);
        free(one->answer);
    }
    free(m);
}

static void refuse(struct making *m, size_t at, enum refusal r)
{
    if (m->made.refusal != REFUSE_NONE) return;
    m->made.refusal = r;
    m->made.at = at;
    if (r != REFUSE_UNAVAILABLE) COUNT(FILES_REFUSED);
}

static void finish(struct making *m)
{
    if (m->open) return;
    m->made.n = m->made.refusal == REFUSE_NONE ? m->n : 0;
    m->done(m);
}

/* Whether the file may go to a worker at all: type, size, and room for it here. */
static enum refusal look(const struct making *m, struct str bytes, enum media_type *type)
{
    const struct config *c = &m->g->cfg;
    if (!filetype_of(bytes, type)) return REFUSE_FILE_TYPE;
    if (bytes.n > (filetype_video(*type) ? c->video_max : c->picture_max)) return REFUSE_FILE_TOO_BIG;
    return m->g->media->held + bytes.n > c->upload_memory ? REFUSE_UNAVAILABLE : REFUSE_NONE;
}

void making_start(struct making *m, const struct webform_file *files, size_t n)
{
    struct media *media = m->g->media;
    if (n > SUBMISSION_FILES_MAX) refuse(m, SUBMISSION_FILES_MAX, REFUSE_FILES_TOO_MANY);
    for (size_t i = 0; i < n && m->made.refusal == REFUSE_NONE; i++) {
        struct media_one *one = &m->files[i];
        enum refusal r = look(m, files[i].bytes, &one->type);
        if (r != REFUSE_NONE) {
            refuse(m, i, r);
            break;
        }
        list_init(&one->node);
        one->of = m;
        one->at = i;
        one->bytes = mem_copy(files[i].bytes.p, files[i].bytes.n);
        one->n = files[i].bytes.n;
        media->held += one->n;
        m->n++;
    }
    if (m->made.refusal == REFUSE_NONE) {
        m->open = m->n;
        for (size_t i = 0; i < m->n; i++) list_push(&media->waiting, &m->files[i].node);
    }
    if (m->open)
        start_waiting(media);
    else
        finish(m);
}

/* --- what the worker said --- */

/* Nothing of it is believed: a decoder that a file has taken over can say anything, but only within these bounds, and what it
 * calls a picture must begin like one. */
static bool answer_good(const struct media_one *one, struct str answer, struct media_answer *a)
{
    enum media_type found;
    if (answer.n < sizeof *a) return false;
    memcpy(a, answer.p, sizeof *a);
    if (a->magic != MEDIA_JOB_MAGIC || a->end >= MEDIA_ENDS_N) return false;
    if (a->end != MEDIA_DONE) return answer.n == sizeof *a;
    const size_t n = answer.n - sizeof *a;
    if (a->n_clean == 0 || a->n_clean > n || a->n_thumb != n - a->n_clean || a->type != one->type)
        return false;
    const struct str clean = {answer.p + sizeof *a, a->n_clean}, thumb = {clean.p + clean.n, a->n_thumb};
    if (!filetype_of(clean, &found) || found != a->clean_type || a->width > 100000 || a->height > 100000)
        return false;
    if (filetype_video(one->type)) return found == one->type && clean.n == one->n && thumb.n == 0;
    return (found == MEDIA_JPEG || found == MEDIA_PNG) && a->width <= SIDE_MAX && a->height <= SIDE_MAX &&
           a->width && a->height && filetype_of(thumb, &found) && found == MEDIA_JPEG;
}

static void piece_put(struct media_one *one, struct str answer, const struct media_answer *a)
{
    one->answer = mem_copy(answer.p, answer.n);
    one->answer_n = answer.n;
    const char *p = one->answer + sizeof *a;
    one->of->made.pieces[one->at] = (struct media_piece){.type = one->type,
                                                         .clean_type = (enum media_type)a->clean_type,
                                                         .width = (int)a->width,
                                                         .height = (int)a->height,
                                                         .original = {one->bytes, one->n},
                                                         .clean = {p, a->n_clean},
                                                         .thumb = {p + a->n_clean, a->n_thumb}};
}

/* The others of the form need not be opened any more. */
static void drop_waiting(struct making *m)
{
    for (size_t i = 0; i < m->n; i++) {
        if (list_empty(&m->files[i].node)) continue;
        list_remove(&m->files[i].node);
        m->open--;
    }
}

static void worked(void *arg, enum child_end end, struct str answer)
{
    static const enum refusal refusals[MEDIA_ENDS_N] = {[MEDIA_END_TYPE] = REFUSE_FILE_TYPE,
                                                        [MEDIA_END_PIXELS] = REFUSE_FILE_PIXELS,
                                                        [MEDIA_END_BROKEN] = REFUSE_FILE_BROKEN};
    struct media_one *one = arg;
    struct making *m = one->of;
    struct media *media = m->g->media;
    struct media_answer a;
    i64 us = instant_sub(clock_monotonic(), one->began).us;
    media->working--;
    if (end == CHILD_ANSWERED && answer_good(one, answer, &a)) {
        count_add(COUNT_MEDIA_MICROSECONDS, (u64)us);
        if (a.end == MEDIA_DONE) {
            COUNT(FILES_TAKEN);
            piece_put(one, answer, &a);
        } else {
            refuse(m, one->at, refusals[a.end]);
        }
    } else {
        if (end == CHILD_LATE)
            COUNT(MEDIA_TIMEOUTS);
        else
            COUNT(MEDIA_CRASHES);
        log_line(LOG_WARNING, LOG_MAIN, "a media worker gave no answer", "late=%d type=%s bytes=%zu us=%lld",
                 end == CHILD_LATE, filetype_word(one->type), one->n, (long long)us);
        refuse(m, one->at, REFUSE_FILE_BROKEN);
    }
    if (m->made.refusal != REFUSE_NONE) drop_waiting(m);
    m->open--;
    finish(m);
    start_waiting(media);
}

static void start_waiting(struct media *media)
{
    const struct config *c = &media->g->cfg;
    while (media->working < (unsigned)c->media_workers && !list_empty(&media->waiting)) {
        struct media_one *one = LIST_OF(list_pop(&media->waiting), struct media_one, node);
        struct making *m = one->of;
        struct child *worker = worker_take(media);
        if (!worker) {
            refuse(m, one->at, REFUSE_UNAVAILABLE);
            drop_waiting(m);
            m->open--;
            finish(m);
            continue;
        }
        const struct media_ask ask = {.magic = MEDIA_JOB_MAGIC,
                                      .pixels_max = (u32)c->media_pixels,
                                      .side_max = SIDE_MAX,
                                      .thumb_max = THUMB_SIDE_MAX,
                                      .n = one->n};
        const size_t most = sizeof(struct media_answer) + (filetype_video(one->type) ? one->n : CLEAN_MAX);
        media->working++;
        one->began = clock_monotonic();
        child_work(worker, (struct str){(const char *)&ask, sizeof ask}, (struct str){one->bytes, one->n},
                   most, c->media_deadline, worked, one);
    }
    if (!media->ready && media->working && !media->g->draining) media->ready = worker_start(media);
}

/* --- media_make --- */

struct make_ask {
    media_made_done *done;
    void *arg;
};

static void make_done(struct making *m)
{
    struct make_ask *ask = m->arg;
    ask->done(ask->arg, &m->made);
    free(ask);
    making_free(m);
}

void media_make(struct gateway *g, const struct webform_file *files, size_t n, media_made_done *done,
                void *arg)
{
    struct make_ask *ask = MEM_NEW(struct make_ask);
    *ask = (struct make_ask){done, arg};
    making_start(making_new(g, make_done, ask), files, n);
}
