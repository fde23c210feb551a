/* The course of a training over a tool's connection: what there is, old against new on held-back cases, the whole model, and the values
 * that are stored. The same for the command line and for the worker of the desk. */
#include "cmd_train.h"
#include "tool_routing.h"
#include "base/code.h"
#include "base/json.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TABLES_BYTES ((size_t)64 << 20)
#define TEXTS_BYTES  ((size_t)512 << 20)
#define REPORT_MAX   ((size_t)64 << 10)

/* --- what there is --- */

static bool read_live(struct training *t)
{
    const char *why = NULL;
    struct db_rows *r =
        cmd_query(TRAIN_NAME, t->db,
                  "select coalesce((select max(version) from rule_versions), 0), m.version, m.made_at, "
                  "coalesce((m.examples->>'file')::integer, 0) > 0, encode(m.bytes, 'hex') from (select) one "
                  "left join route_models m on m.state = 'live'",
                  0, NULL);
    if (!r) return false;
    t->rules = (int)cmd_number(r, 0, 0);
    const char *hex = db_rows_text(r, 0, 4);
    bool good = true;
    if (hex) {
        const size_t n = strlen(hex) / 2;
        char *bytes = mem_alloc(n + 1);
        t->live = (int)cmd_number(r, 0, 1);
        t->live_knows_file = db_rows_text(r, 0, 3)[0] == 't';
        snprintf(t->live_made, sizeof t->live_made, "%s", db_rows_text(r, 0, 2));
        good = hex_get(str_of(hex), (u8 *)bytes, n);
        t->learned = good ? learned_read((struct str){bytes, n}, &why) : NULL;
        free(bytes);
        if (!t->learned)
            printf("model %d cannot be read (%s): the new one is compared with the rules alone\n", t->live,
                   why ? why : "no hex");
    }
    db_rows_free(&r);
    return good;
}

bool training_read(struct training *t, const char *file)
{
    t->fault = "database";
    const bool good = cmd_execute(TRAIN_NAME, t->db,
                                  "begin transaction isolation level repeatable read, read only", 0, NULL) &&
                      read_live(t) && tool_routing_rows(TRAIN_NAME, t->db, &t->tables, &t->rows) &&
                      train_read_cases(t->db, t->live_made, &t->set) &&
                      cmd_execute(TRAIN_NAME, t->db, "commit", 0, NULL);
    if (!good) return false;
    t->fault = "examples";
    return !file || train_read_file(file, &t->rows, t->live_knows_file, &t->set);
}

/* --- training --- */

static struct routing *compile(struct training *t, const struct learned *m)
{
    struct text error;
    struct routing_rows rows = t->rows;
    text_init(&error, 1000);
    rows.learned = m;
    struct routing *r = routing_build(&rows, &error);
    if (!r) (void)cmd_fail(TRAIN_NAME, "%s", text_z(&error));
    text_free(&error);
    return r;
}

/* Learns from all examples but those that are held back (held NULL: from all). */
static bool learn(struct training *t, const bool *held, struct text *model, struct train_report *made)
{
    struct train_example *e = mem_alloc((t->set.n + 1) * sizeof *e);
    /* What is only compared needs no more folds than its calibration. */
    const struct train_options options = {.folds = held ? 3 : 0};
    struct text error;
    size_t n = 0;
    text_init(&error, 1000);
    for (size_t i = 0; i < t->set.n; i++)
        if (!held || !held[i]) e[n++] = t->set.all[i].e;
    struct routing *r = compile(t, NULL);
    t->fault = "too_little";
    const bool good = r && train_model(e, n, r, &options, model, made, &error);
    if (r && !good) (void)cmd_fail(TRAIN_NAME, "%s", text_z(&error));
    routing_free(&r);
    text_free(&error);
    free(e);
    return good;
}

static bool score(struct training *t, const struct learned *m, struct train_score *score_r)
{
    struct routing *r = compile(t, m);
    if (r) train_score(t->set.all, t->set.n, t->held, r, &t->rows, t->percent, score_r);
    const bool good = r != NULL;
    routing_free(&r);
    return good;
}

bool training_compare(struct training *t)
{
    struct train_report made;
    struct text model;
    const char *why = NULL;
    t->held = mem_alloc((t->set.n + 1) * sizeof *t->held);
    t->n_held = train_hold_back(t->set.all, t->set.n, t->learned != NULL, t->held, &t->fresh, &t->matters);
    if (t->n_held < TRAIN_HELD_MIN) {
        t->fault = "too_few";
        (void)cmd_fail(TRAIN_NAME, "only %zu of %zu examples can be held back: too few to compare with",
                       t->n_held, t->set.n);
        return false;
    }
    text_init(&model, LEARNED_BYTES_MAX);
    bool good = learn(t, t->held, &model, &made);
    if (good) train_report_free(&made);
    struct learned *m = good ? learned_read(text_str(&model), &why) : NULL;
    text_free(&model);
    good = m && score(t, t->learned, &t->old) && score(t, m, &t->new);
    learned_free(&m);
    return good;
}

static void put_report(struct training *t)
{
    struct text *r = &t->report;
    text_addf(r, "{\"cases\":%zu,\"matters\":%zu,\"fresh\":%s,\"auto_percent\":%d,\"old\":", t->n_held,
              t->matters, t->fresh ? "true" : "false", t->percent);
    train_score_json(&t->old, r);
    text_addz(r, ",\"new\":");
    train_score_json(&t->new, r);
    text_addf(r, ",\"seconds\":%.1f,\"features\":%zu,\"weights\":%zu,\"bytes\":%zu}", t->made.seconds,
              t->made.features, t->made.weights, t->model.n);
}

bool training_learn(struct training *t)
{
    const char *why = NULL;
    if (!learn(t, NULL, &t->model, &t->made)) return false;
    struct learned *whole = learned_read(text_str(&t->model), &why);
    if (!whole) {
        t->fault = "unreadable";
        (void)cmd_fail(TRAIN_NAME, "the new model cannot be read again: %s", why);
    }
    const bool good = whole != NULL;
    learned_free(&whole);
    put_report(t);
    return good;
}

/* --- what is stored --- */

void training_begin(struct training *t, struct db_tool *db, int percent)
{
    *t = (struct training){.db = db, .percent = percent};
    arena_init(&t->tables, TABLES_BYTES);
    arena_init(&t->set.arena, TEXTS_BYTES);
    text_init(&t->model, LEARNED_BYTES_MAX);
    text_init(&t->report, REPORT_MAX);
}

void training_end(struct training *t)
{
    learned_free(&t->learned);
    free(t->held);
    train_report_free(&t->made);
    text_free(&t->model);
    text_free(&t->report);
    arena_free(&t->set.arena);
    arena_free(&t->tables);
}

void training_values(const struct training *t, struct training_values *v)
{
    text_init(&v->bytes, 2 * LEARNED_BYTES_MAX + 8);
    text_init(&v->learnt, TRAIN_CASES_MAX * 21 + 8);
    text_addz(&v->bytes, "\\x");
    hex_put(&v->bytes, (const u8 *)t->model.p, t->model.n);
    snprintf(v->examples, sizeof v->examples,
             "{\"corrected\":%zu,\"confirmed\":%zu,\"closed\":%zu,\"file\":%zu}", t->set.corrected,
             t->set.confirmed, t->set.closed, t->set.from_file);
    snprintf(v->rules, sizeof v->rules, "%d", t->rules);
    snprintf(v->base, sizeof v->base, "%d", t->live);
    text_addc(&v->learnt, '{');
    for (size_t i = 0; i < t->set.from_cases; i++)
        text_addf(&v->learnt, "%s%llu", i ? "," : "", (unsigned long long)t->set.ids[i]);
    text_addc(&v->learnt, '}');
}

void training_values_free(struct training_values *v)
{
    text_free(&v->bytes);
    text_free(&v->learnt);
}
