/* A set of changes from JSON to a compiled snapshot, and back to the JSON that is stored. */
#include "staff_rules.h"
#include "intake.h"
#include "base/code.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define JOB_BYTES ((size_t)96 << 20) /* at most a snapshot's rows again and what is said of them */
#define AT_ONCE   3                  /* the pool also hashes passwords and draws paper */

static int under_way;

struct rules_job *rules_job_new(struct gateway *g)
{
    struct snapshot *held = register_ready(g) ? register_hold(g) : NULL;
    if (!held) return NULL;
    struct rules_job *job = MEM_NEW(struct rules_job);
    job->g = g;
    job->held = held;
    arena_init(&job->arena, JOB_BYTES);
    return job;
}

void rules_job_free(struct rules_job **job)
{
    if (!*job) return;
    routing_free(&(*job)->routing);
    register_let_go(&(*job)->held);
    arena_free(&(*job)->arena);
    free(*job);
    *job = NULL;
}

const struct routing *rules_job_routing(const struct rules_job *job)
{
    return job->routing ? job->routing : register_held_routing(job->held);
}

/* --- from JSON --- */

static struct str keep(struct rules_job *job, const struct json *v)
{
    const struct str s = json_str(v);
    const struct str kept = s.n ? arena_str(&job->arena, s) : STR("");
    return kept.p ? kept : STR("");
}

/* Words are compared with clean texts, so they are brought into the same shape; a row that is there already is named as it stands. */
static struct str keep_clean(struct rules_job *job, const struct json *v)
{
    const struct str s = json_str(v);
    struct text clean;
    struct str kept = STR("");
    text_init(&clean, MIN(s.n, (size_t)2000) * 12 + 64);
    if (s.n && s.n <= 2000 && intake_clean(job->g, s, &clean))
        kept = arena_str(&job->arena, text_str(&clean));
    text_free(&clean);
    return kept.p ? kept : STR("");
}

static bool stands(const struct rules_job *job, const struct rule_change *c)
{
    const struct routing_rows *rows = register_held_rows(job->held);
    for (size_t i = 0; i < rows->n_words; i++)
        if (str_eq(rows->words[i].word, c->word) && str_eq(rows->words[i].kind, c->kind) &&
            str_eq(rows->words[i].value, c->value))
            return true;
    return false;
}

static void read_word(struct rules_job *job, const struct json *v, struct rule_change *c)
{
    const struct json *weight = json_get(v, "weight");
    c->of = RULE_WORD;
    c->kind = keep(job, json_get(v, "kind"));
    c->word = keep(job, json_get(v, "word"));
    c->value = keep(job, json_get(v, "value"));
    c->gone = json_kind(weight) == JSON_NULL;
    if (!c->gone && !json_double(weight, &c->weight)) c->weight = 1e9; /* judged as out of range */
    if (!c->gone && !job->exact && !stands(job, c)) c->word = keep_clean(job, json_get(v, "word"));
}

static void read_aliases(struct rules_job *job, const struct json *v, struct rule_change *c)
{
    const struct json *all = json_get(v, "aliases");
    struct text joined;
    c->of = RULE_ALIAS;
    c->unit = keep(job, json_get(v, "unit"));
    text_init(&joined, 16 * 1024);
    for (size_t i = 0; i < json_count(all); i++) {
        const struct json *v_one = json_at(all, i);
        struct str one = job->exact ? json_str(v_one) : keep_clean(job, v_one);
        if (str_find(one, STR("|")) != SIZE_MAX) one = STR(""); /* a bar would make two of it */
        if (i) text_addc(&joined, '|');
        text_add(&joined, one);
        if (one.n == 0) text_addc(&joined, '|'); /* stays empty and is refused */
    }
    c->aliases = joined.n ? arena_str(&job->arena, text_str(&joined)) : STR("");
    if (joined.overflow || !c->aliases.p) c->aliases = STR("|");
    text_free(&joined);
}

static void read_category(struct rules_job *job, const struct json *v, struct rule_change *c)
{
    i64 level = -1;
    c->of = RULE_CATEGORY;
    c->code = keep(job, json_get(v, "code"));
    c->unit = keep(job, json_get(v, "unit"));
    if (!nature_parse(json_str(json_get(v, "nature")), &c->nature)) c->nature = NATURE_UNKNOWN;
    if (!json_int(json_get(v, "level"), &level) || level < 0 || level > 4) level = -1;
    c->level = (int)level;
    c->confidential = json_bool(json_get(v, "confidential"));
}

static bool wrong(struct rules_job *job, const char *zh, const char *en)
{
    (void)snprintf(job->fault.zh, sizeof job->fault.zh, "%s", zh);
    (void)snprintf(job->fault.en, sizeof job->fault.en, "%s", en);
    return false;
}

bool rules_job_read(struct rules_job *job, const struct json *changes)
{
    const size_t n = json_count(changes);
    if (!changes || json_kind(changes) == JSON_NULL) return true;
    if (json_kind(changes) != JSON_ARRAY)
        return wrong(job, "changes 应是一组改动。", "changes must be an array.");
    if (n > RULES_CHANGES_MAX)
        return wrong(job, "一次改动太多了，请分几次提交。", "These are too many changes for one set.");
    job->changes = arena_alloc(&job->arena, (n + 1) * sizeof *job->changes);
    if (!job->changes)
        return wrong(job, "一次改动太多了，请分几次提交。", "These are too many changes for one set.");
    for (size_t i = 0; i < n; i++) {
        const struct json *v = json_at(changes, i);
        const struct str of = json_str(json_get(v, "of"));
        struct rule_change *c = &job->changes[job->n];
        if (str_eq(of, STR("word")))
            read_word(job, v, c);
        else if (str_eq(of, STR("alias")))
            read_aliases(job, v, c);
        else if (str_eq(of, STR("category")))
            read_category(job, v, c);
        else
            return wrong(job, "改动的 of 应为 word、alias 或 category。",
                         "of must be word, alias or category.");
        job->n++;
    }
    return true;
}

/* --- on the pool --- */

static void work(void *arg)
{
    struct rules_job *job = arg;
    struct text error;
    job->good = ruleset_apply(register_held_rows(job->held), job->changes, job->n, &job->arena, &job->rows,
                              &job->fault);
    if (!job->good) return;
    text_init(&error, 300);
    if (job->n && !(job->routing = routing_build(&job->rows, &error))) {
        struct text zh, en;
        text_init(&zh, sizeof job->fault.zh - 1);
        text_init(&en, sizeof job->fault.en - 1);
        text_addf(&zh, "这组改动无法编译，不能采用：%s", text_z(&error));
        text_addf(&en, "This set cannot be compiled: %s", text_z(&error));
        (void)wrong(job, text_z(&zh), text_z(&en));
        text_free(&zh);
        text_free(&en);
        job->good = false;
    }
    text_free(&error);
    if (job->good && job->more) job->more(job);
}

static void worked(void *arg)
{
    struct rules_job *job = arg;
    under_way--;
    job->then(job);
}

bool rules_job_run(struct rules_job *job, void (*more)(struct rules_job *), void (*then)(struct rules_job *),
                   void *arg)
{
    job->more = more;
    job->then = then;
    job->arg = arg;
    if (under_way >= AT_ONCE || !loop_offload(job->g->loop, work, worked, job)) return false;
    under_way++;
    return true;
}

/* --- to JSON --- */

static void put_list(struct str joined, struct text *t)
{
    struct str rest = joined, one;
    text_addc(t, '[');
    for (bool more = false; rest.n > 0; more = true) {
        (void)str_cut(rest, '|', &one, &rest);
        if (more) text_addc(t, ',');
        json_put(t, one);
    }
    text_addc(t, ']');
}

static struct str code_of(const struct rules_job *job, int unit_id)
{
    const struct routing_rows *rows = register_held_rows(job->held);
    for (size_t i = 0; i < rows->n_units; i++)
        if (rows->units[i].id == unit_id) return rows->units[i].code;
    return STR_NONE;
}

/* As short as the number allows: what was 3.75 is not 3.7500000001 in the history. */
static void put_weight(double w, struct text *t) { text_addf(t, "%.6g", w); }

static void put_change(const struct rules_job *job, const struct rule_change *c, struct text *t)
{
    switch (c->of) {
    case RULE_WORD:
        text_addz(t, "{\"of\":\"word\"");
        json_put_text(t, "kind", c->kind);
        json_put_text(t, "word", c->word);
        json_put_text(t, "value", c->value);
        text_addz(t, ",\"weight\":");
        if (c->gone)
            text_addz(t, "null");
        else
            put_weight(c->weight, t);
        text_addz(t, ",\"was\":");
        if (c->was_word)
            put_weight(c->was_word->weight, t);
        else
            text_addz(t, "null");
        break;
    case RULE_ALIAS:
        text_addz(t, "{\"of\":\"alias\"");
        json_put_text(t, "unit", c->unit);
        text_addz(t, ",\"aliases\":");
        put_list(c->aliases, t);
        text_addz(t, ",\"was\":");
        put_list(c->was_unit->aliases, t);
        break;
    case RULE_CATEGORY:
        text_addz(t, "{\"of\":\"category\"");
        json_put_text(t, "code", c->code);
        json_put_text(t, "unit", c->unit);
        text_addf(t, ",\"level\":%d,\"nature\":\"%s\",\"confidential\":%s,\"was\":{\"unit\":", c->level,
                  nature_word(c->nature), c->confidential ? "true" : "false");
        json_put(t, code_of(job, c->was_category->unit_id));
        text_addf(t, ",\"level\":%d,\"nature\":\"%s\",\"confidential\":%s}", c->was_category->level,
                  nature_word(c->was_category->nature), c->was_category->confidential ? "true" : "false");
        break;
    }
    text_addc(t, '}');
}

void rules_job_json(const struct rules_job *job, struct text *t)
{
    text_addc(t, '[');
    for (size_t i = 0; i < job->n; i++) {
        if (i) text_addc(t, ',');
        put_change(job, &job->changes[i], t);
    }
    text_addc(t, ']');
}

/* --- refusals --- */

void rules_refuse_fault(const struct staff_ask *a, const struct rule_fault *f)
{
    staff_refuse(a, REFUSE_RULES_FAULT, f->zh[0] ? f->zh : NULL, f->en[0] ? f->en : NULL);
}

void rules_refuse_busy(const struct staff_ask *a)
{
    staff_refuse(a, REFUSE_UNAVAILABLE, "正在试算别的规则，请稍后再试。",
                 "Other rules are being tried; please try again soon.");
}

bool draft_entered(const struct staff_ask *a, enum db_end end, const struct db_result *const *results,
                   const struct db_error *error, u32 roles, struct staff_who *who_r)
{
    const char *state = end == DB_FAILED ? error->sqlstate : "";
    if (strcmp(state, "MSDR1") == 0)
        staff_refuse(a, REFUSE_DRAFT_STEP, NULL, NULL);
    else if (strcmp(state, "MSDR2") == 0)
        staff_refuse(a, REFUSE_DRAFT_CHANGED, NULL, NULL);
    else if (strcmp(state, "MSDR3") == 0)
        staff_refuse(a, REFUSE_SECOND_PERSON, NULL, NULL);
    else if (staff_entered(a, end, results, error, false, who_r)) {
        if (who_r->actor.roles & roles) return true;
        staff_refuse(a, REFUSE_FORBIDDEN, NULL, NULL);
    }
    return false;
}

void draft_answer(const struct staff_ask *a, const struct db_result *r)
{
    struct text body;
    if (db_rows(r) == 0) {
        staff_refuse(a, REFUSE_FORBIDDEN, NULL, NULL);
        return;
    }
    text_init(&body, 200);
    text_addf(&body, "{\"id\":%lld", (long long)db_get_i64(r, 0, 0));
    json_put_text(&body, "state", db_get_text(r, 0, 1));
    text_addc(&body, '}');
    staff_answer(a, &body);
}
