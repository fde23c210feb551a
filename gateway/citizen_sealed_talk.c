/* The dialogue of a sealed report on the status page: opened by the receipt for the length of one page, sealed again before
 * anything is stored. No word of it goes into an act, a log or an event (promise P4). */
#include "citizen_part.h"
#include "sealed.h"
#include <stdio.h>
#include <stdlib.h>

struct reading {
    struct arena *arena;
    struct talk *talk;
    void (*done)(void *arg);
    void *arg;
};

static void have_talk(void *arg, const struct sealed_talk *t)
{
    struct reading r = *(struct reading *)arg;
    free(arg);
    *r.talk = (struct talk){.read = true, .away = t->refusal != REFUSE_NONE};
    r.talk->lines = t->n ? arena_alloc(r.arena, t->n * sizeof *r.talk->lines) : NULL;
    for (size_t i = 0; r.talk->lines && i < t->n; i++) {
        r.talk->lines[i] = t->lines[i];
        r.talk->lines[i].words = arena_str(r.arena, t->lines[i].words);
        r.talk->n++;
    }
    r.done(r.arg);
}

void talk_read(struct gateway *g, struct arena *a, u64 feedback, const char receipt[17], struct talk *talk_r,
               void (*done)(void *arg), void *arg)
{
    struct reading *r = MEM_NEW(struct reading);
    *r = (struct reading){a, talk_r, done, arg};
    sealed_read(g, feedback, receipt, have_talk, r);
}

void talk_put(struct page *p, const struct talk *t)
{
    char at[INSTANT_TEXT_MAX], n[24];
    page_flag(p, "talk_away", t->away);
    page_flag(p, "talk_there", t->n > 0);
    /* What was asked last and not answered stands on top, as on every other case. */
    if (t->n && !t->lines[t->n - 1].from_reporter) {
        page_put(p, "question", t->lines[t->n - 1].words);
        page_copy(p, "question_at", str_of(instant_text_china(t->lines[t->n - 1].at, at)));
    }
    for (size_t i = t->n; i-- > 0;) {
        const struct sealed_line *l = &t->lines[i];
        struct template_data *row = template_row(p->data, "talk");
        template_flag(row, "mine", l->from_reporter);
        template_put(row, "at", arena_str(&p->arena, str_of(instant_text_china(l->at, at))));
        template_put(row, "words", l->words);
        if (l->n_files) {
            snprintf(n, sizeof n, "%zu", l->n_files);
            template_put(row, "n_files", arena_str(&p->arena, str_of(n)));
        }
    }
}

void talk_say(struct gateway *g, u64 feedback, u64 case_id, const char receipt[17], struct str key,
              struct str words, const struct webform_file *files, size_t n_files,
              void (*done)(void *arg, enum refusal r, bool fresh), void *arg)
{
    sealed_say(g, feedback, case_id, receipt, key, words, files, n_files, done, arg);
}
