/* The desk of rules: what the router knows, sets of changes that a second person puts into force, and what a set would do before that.
 * Included by gateway/staff_rules*.c, staff_routes.c for the routes and statements.c for the statements. Who may see and do what is judged by
 * schema/0029_rules.sql once more; words and versions are the register's, held for as long as the thread pool works on them. */
#pragma once
#include "staff_part.h"
#include "register.h"
#include "core/ruleset.h"

staff_handler rules_desk, rules_words, rules_aliases, rules_categories, rules_draft_new, rules_draft_read,
    rules_draft_write, rules_draft_step, rules_version_read, rules_try, rules_try_cases;

extern const struct db_stmt *const rules_statements[];
extern const size_t n_rules_statements;
extern const struct db_stmt stmt_rules_draft, stmt_rules_version, stmt_rules_back, stmt_rules_draft_save,
    stmt_rules_draft_step, stmt_rules_draft_put, stmt_rules_sample;

#define RULES_WRITERS    (ROLE_BIT(ROLE_COORDINATOR) | ROLE_BIT(ROLE_REGISTRY))
#define RULES_CONFIRMERS (RULES_WRITERS | ROLE_BIT(ROLE_LEADER))
#define RULES_READERS                                                                                        \
    (RULES_CONFIRMERS | ROLE_BIT(ROLE_SUPERVISOR) | ROLE_BIT(ROLE_ACCOUNTABILITY) |                          \
     ROLE_BIT(ROLE_CALLBACK) | ROLE_BIT(ROLE_ADMIN) | ROLE_BIT(ROLE_AUDITOR))
#define RULES_CHANGES_MAX 20000 /* of one set; what a page sends is bounded by body_max before */

/* As staff_entered, with the refusals that drafts of rules and calendars raise (MSDR…), for the posts of the mask. */
bool draft_entered(const struct staff_ask *a, enum db_end end, const struct db_result *const *results,
                   const struct db_error *error, u32 roles, struct staff_who *who_r) MUST_CHECK;
/* The answer to a step or a saving: one row (id, state). None: the post may not. */
void draft_answer(const struct staff_ask *a, const struct db_result *r);

/* A set of changes on its way through the thread pool: laid over the rows in force and compiled. Made and ended on the loop thread. */
struct rules_job {
    struct gateway *g;
    struct snapshot *held;
    struct arena arena;
    struct rule_change *changes;
    size_t n;
    bool exact; /* the words were stored before and stay as they are; set before rules_job_read */
    struct routing_rows rows;
    struct routing *routing; /* NULL: without changes the held one is theirs */
    bool good;               /* else fault says why not */
    struct rule_fault fault;
    void (*more)(struct rules_job *job); /* on the pool, when it is good; may be NULL */
    void (*then)(struct rules_job *job); /* on the loop, always */
    void *arg;
};
/* NULL while no rules are loaded. */
struct rules_job *rules_job_new(struct gateway *g);
/* The array `changes` of a body, or the text of one; NULL: none. False: fault says why. */
bool rules_job_read(struct rules_job *job, const struct json *changes) MUST_CHECK;
/* False when too many are under way: then() is not called. */
bool rules_job_run(struct rules_job *job, void (*more)(struct rules_job *), void (*then)(struct rules_job *),
                   void *arg) MUST_CHECK;
void rules_job_free(struct rules_job **job);
/* What decides with the changes, and what decides now. */
const struct routing *rules_job_routing(const struct rules_job *job);
/* The changes as they are stored: one JSON array, each with what it was. */
void rules_job_json(const struct rules_job *job, struct text *t);
/* 422 with the sentence of the fault. */
void rules_refuse_fault(const struct staff_ask *a, const struct rule_fault *f);
/* 503: try again. */
void rules_refuse_busy(const struct staff_ask *a);
