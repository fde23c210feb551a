/* POST /letters and /letters/{id}/acts: what a person sends becomes a draft or a step; the answer is the letter as it is then. */
#include "staff_letters_part.h"
#include "staff_body.h"
#include "base/utf8.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BODY_MAX   (128u * 1024)
#define REASON_MAX 500
#define WORDS_MAX  5000

struct acting {
    struct staff_ask ask;
    char look[120]; /* who acts on a letter about a confidential case has looked at it: the log says why */
};

/* --- members --- */

static bool strings_of(const struct json *v, struct str *out, size_t max, size_t *n_r)
{
    if (json_kind(v) != JSON_ARRAY || json_count(v) > max) return false;
    for (size_t i = 0; i < json_count(v); i++) {
        if (json_kind(json_at(v, i)) != JSON_STRING) return false;
        out[i] = json_str(json_at(v, i));
    }
    *n_r = json_count(v);
    return true;
}

static bool ids_of(const struct json *v, i64 *out, size_t max, i64 highest, size_t *n_r)
{
    if (json_kind(v) != JSON_ARRAY || json_count(v) > max) return false;
    for (size_t i = 0; i < json_count(v); i++) {
        u64 n;
        const struct json *one = json_at(v, i);
        if (json_kind(one) == JSON_STRING && str_u64(json_str(one), (u64)highest, &n))
            out[i] = (i64)n;
        else if (!json_int(one, &out[i]))
            return false;
        if (out[i] < 1 || out[i] > highest) return false;
    }
    *n_r = json_count(v);
    return true;
}

/* *known_r: it is a member of a draft. False: its value is not one. */
static bool take_member(struct letter_draft *d, const char *key, const struct json *v, bool *known_r)
{
    *known_r = true;
    for (int f = 0; f < LETTER_TEXTS_N; f++) {
        if (strcmp(key, letter_text_name((enum letter_text_field)f)) != 0) continue;
        d->texts[f] = json_str(v);
        return json_kind(v) == JSON_STRING;
    }
    if (strcmp(key, "issuers") == 0)
        return d->has_issuers = strings_of(v, d->issuers, LETTER_ISSUERS_MAX, &d->n_issuers);
    if (strcmp(key, "attachments") == 0)
        return d->has_attachments = strings_of(v, d->attachments, LETTER_ATTACHMENTS_MAX, &d->n_attachments);
    if (strcmp(key, "units") == 0)
        return d->has_units = ids_of(v, d->units, LETTER_UNITS_MAX, INT32_MAX, &d->n_units);
    if (strcmp(key, "cases") == 0)
        return d->has_cases = ids_of(v, d->cases, LETTER_CASES_MAX, INT64_MAX / 2, &d->n_cases);
    *known_r = false;
    return true;
}

/* All members but those in `mine`; NULL, or the one that is not understood. */
static const char *read_draft(const struct json *doc, const char *const *mine, struct letter_draft *d)
{
    const char *key = NULL;
    while ((key = json_next_key(doc, key)) != NULL) {
        bool known;
        size_t i = 0;
        while (mine[i] && strcmp(mine[i], key) != 0) i++;
        if (mine[i]) continue;
        if (!take_member(d, key, json_get(doc, key), &known)) return key;
        if (!known) return "?";
    }
    return NULL;
}

/* A member of that name that our table has, so that the refusal never repeats what was sent. */
static const char *named(const char *key)
{
    static const char *const more[] = {"issuers", "attachments", "units", "cases"};
    for (int f = 0; f < LETTER_TEXTS_N; f++)
        if (strcmp(key, letter_text_name((enum letter_text_field)f)) == 0)
            return letter_text_name((enum letter_text_field)f);
    for (size_t i = 0; i < ARRAY_LEN(more); i++)
        if (strcmp(key, more[i]) == 0) return more[i];
    return "?";
}

/* --- the answer --- */

static void done(void *arg, const struct letter_result *r)
{
    struct acting *w = arg;
    if (r->refusal == REFUSE_NONE)
        staff_letter_send(&w->ask, r->letter_id, str_of(w->look));
    else
        staff_letter_refuse(&w->ask, r);
    free(w);
}

static struct acting *acting_new(const struct staff_ask *a, enum letter_act act)
{
    struct acting *w = MEM_NEW(struct acting);
    w->ask = *a;
    snprintf(w->look, sizeof w->look, "办理函件：%s", letter_act_chinese(act));
    return w;
}

void staff_letter_new(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    static const char *const mine[] = {"kind", "rung", NULL};
    struct json *doc;
    struct letter_draft draft = {.n_units = 0};
    enum case_letter kind = LETTER_NONE;
    i64 rung = 0;
    (void)id;
    if (!body_object(a, in, BODY_MAX, &doc)) return;
    const char *wrong = read_draft(doc, mine, &draft);
    if (!letter_kind_parse(json_str(json_get(doc, "kind")), &kind)) wrong = "kind";
    if (json_get(doc, "rung") && (!json_int(json_get(doc, "rung"), &rung) || rung < 0 || rung >= RUNGS_N))
        wrong = "rung";
    draft.has_cases = true;
    if (wrong) {
        bool ours = wrong[0] == 'k' || strcmp(wrong, "rung") == 0;
        staff_letter_refuse_member(a, ours ? wrong : named(wrong));
    } else {
        letters_new(a->g, &a->session, kind, (int)rung, &draft, done, acting_new(a, LETTER_ACT_DRAFT));
    }
    json_free(&doc);
}

void staff_letter_act(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    static const char *const mine[] = {"act", "version", "reason", "words", NULL};
    struct json *doc;
    struct letter_step step = {.act = LETTER_ACT_EDIT};
    if (!body_object(a, in, BODY_MAX, &doc)) return;
    const struct json *reason = json_get(doc, "reason"), *words = json_get(doc, "words");
    const char *wrong = read_draft(doc, mine, &step.draft);
    if (wrong) wrong = named(wrong);
    bool edits = json_count(doc) > (size_t)2 + (reason != NULL) + (words != NULL);
    step.reason = json_str(reason);
    step.words = json_str(words);
    if (utf8_count(step.reason) > REASON_MAX || (reason && json_kind(reason) > JSON_NULL && !step.reason.p))
        wrong = "reason";
    if (utf8_count(step.words) > WORDS_MAX || (words && json_kind(words) > JSON_NULL && !step.words.p))
        wrong = "words";
    if (!json_int(json_get(doc, "version"), &step.seen) || step.seen < 0 || step.seen > INT32_MAX)
        wrong = "version";
    if (!letter_act_parse(json_str(json_get(doc, "act")), &step.act) || step.act == LETTER_ACT_DRAFT)
        wrong = "act";
    if (!wrong && edits != (step.act == LETTER_ACT_EDIT))
        wrong = edits ? "?" : "title"; /* an edit brings something */
    if (wrong)
        staff_letter_refuse_member(a, wrong);
    else
        letters_act(a->g, &a->session, id, &step, done, acting_new(a, step.act));
    json_free(&doc);
}
