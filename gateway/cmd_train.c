/* `mashangdu train`: confirmed examples -> a proposed model, with the old one beside it on cases that neither was made from. It reads
 * examples in a transaction that can change nothing and stores one row through one function; what is in force changes at the desk,
 * by a second person. */
#include "cmd_train.h"
#include "config.h"
#include "base/code.h"
#include "base/utf8.h"
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NOTE_MAX 400 /* characters */

static const char help[] =
    "usage: mashangdu train --by LOGIN [--note TEXT] [--examples FILE] [--dry-run]\n"
    "       mashangdu train --install [--examples FILE]\n"
    "       mashangdu train --show\n"
    "Learns from what the office decided (corrections at the triage desk, granted returns, closed with consent; never\n"
    "reports or confidential cases) and stores the model as a proposal. Nothing changes until somebody else than LOGIN "
    "puts\n"
    "it into force at the desk of models; there it can be taken back and switched off, too. Before that the table "
    "printed\n"
    "here says how the new model and the one in force (or the rules alone) decide the same held-back cases.\n"
    "  --by LOGIN       who answers for the proposal: somebody of the coordinators or the registry\n"
    "  --note TEXT      why, for whoever confirms it\n"
    "  --examples FILE  labelled texts beside the office's own, CSV: category,unit,nature,urgency,plaque,text\n"
    "  --dry-run        train and compare, store nothing\n"
    "  --install        the first model of a new site, put into force at once and marked as the installer's; does "
    "nothing\n"
    "                   when there is a model already\n"
    "  --show           the models, and how many of the examples each learnt from are gone since\n"
    "  --worker         started by the gateway alone, for trainings that are asked for at the desk\n";

/* --- what is told --- */

static void put_share(struct train_share s)
{
    if (s.all)
        printf(" %6zu of %6zu %5.1f %%", s.right, s.all, 100.0 * (double)s.right / (double)s.all);
    else
        printf(" %24s", "-");
}

static void print_table(const struct training *t)
{
    const struct {
        const char *name;
        struct train_share old, new;
    } rows[] = {{"category", t->old.category, t->new.category},
                {"category, first three", t->old.category_top3, t->new.category_top3},
                {"unit", t->old.unit, t->new.unit},
                {"nature", t->old.nature, t->new.nature},
                {"urgency", t->old.urgency, t->new.urgency},
                {"category and unit", t->old.both, t->new.both},
                {"assigned alone", t->old.alone, t->new.alone},
                {"left to a person", t->old.hand, t->new.hand}};
    char old[40];
    snprintf(old, sizeof old, t->learned ? "model %d" : "rules alone", t->live);
    printf("%zu examples: %zu corrected, %zu as proposed, %zu closed with consent, %zu from the file\n",
           t->set.n, t->set.corrected, t->set.confirmed, t->set.closed, t->set.from_file);
    printf("%zu held back, of %zu matters%s\n%-22s %25s %25s\n", t->n_held, t->matters,
           t->fresh ? "" : "; the model in force was made from some of them and has an advantage", "", old,
           "new model");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        printf("%-22s ", rows[i].name);
        put_share(rows[i].old);
        putchar(' ');
        put_share(rows[i].new);
        putchar('\n');
    }
    printf("trained in %.1f s: %zu features, %zu weights, %zu bytes\n", t->made.seconds, t->made.features,
           t->made.weights, t->model.n);
}

/* --- storing --- */

static int store(struct training *t, const char *by, const char *note)
{
    const struct passwd *user = getpwuid(getuid());
    struct training_values v;
    training_values(t, &v);
    const char *const params[] = {text_z(&v.bytes),   v.rules, v.base, v.examples,
                                  text_z(&t->report), note,    by,     user ? user->pw_name : "unknown",
                                  text_z(&v.learnt)};
    struct db_rows *r = cmd_query(TRAIN_NAME, t->db,
                                  "select route_model_store($1::bytea, $2::integer, $3::integer, $4::jsonb, "
                                  "$5::jsonb, $6, $7, $8, $9::bigint[])",
                                  ARRAY_LEN(params), params);
    if (r)
        printf(by ? "model %s is proposed; nothing changes until somebody else puts it into force\n"
                  : "model %s is in force\n",
               db_rows_text(r, 0, 0));
    const bool good = r != NULL;
    if (r) db_rows_free(&r);
    training_values_free(&v);
    return good ? CMD_OK : CMD_FAILED;
}

/* Before half a minute of work: the database asks the same once more. */
static bool may_propose(struct training *t, const char *by)
{
    if (!by) return true;
    struct db_rows *r = cmd_query(
        TRAIN_NAME, t->db,
        "select exists (select from staff s join staff_roles r on r.staff_id = s.id where s.login = $1 "
        "and s.active and r.role in ('coordinator', 'registry'))",
        1, &by);
    const bool may = r && db_rows_text(r, 0, 0)[0] == 't';
    if (r && !may)
        (void)cmd_fail(TRAIN_NAME,
                       "%s is nobody of the coordinators or the registry: a model is proposed by one of them",
                       by);
    if (r) db_rows_free(&r);
    return may;
}

static bool has_model(struct training *t, bool *has_r)
{
    struct db_rows *r = cmd_query(TRAIN_NAME, t->db, "select exists (select from route_models)", 0, NULL);
    if (!r) return false;
    *has_r = db_rows_text(r, 0, 0)[0] == 't';
    db_rows_free(&r);
    return true;
}

/* Every model and what of its examples is gone since. */
static int show(struct db_tool *db)
{
    struct db_rows *r = cmd_query(
        TRAIN_NAME, db,
        "select m.version, m.state, to_char(m.made_at at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI'), g.learnt, "
        "g.erased + g.confidential + g.split + g.other, g.erased, g.confidential, g.split, g.other "
        "from route_models m, route_model_gone(m.version) g order by m.version",
        0, NULL);
    if (!r) return CMD_FAILED;
    if (db_rows_count(r) == 0) printf("there is no model; the rules decide alone\n");
    for (int i = 0; i < db_rows_count(r); i++) {
        printf("model %s, %s, made %s: learnt from %s examples of the office", db_rows_text(r, i, 0),
               db_rows_text(r, i, 1), db_rows_text(r, i, 2), db_rows_text(r, i, 3));
        if (strcmp(db_rows_text(r, i, 4), "0") != 0)
            printf(
                "; %s are gone since (%s erased, %s confidential now, %s split, %s otherwise) and stay in it until it "
                "is trained anew",
                db_rows_text(r, i, 4), db_rows_text(r, i, 5), db_rows_text(r, i, 6), db_rows_text(r, i, 7),
                db_rows_text(r, i, 8));
        putchar('\n');
    }
    db_rows_free(&r);
    return CMD_OK;
}

static int run(struct training *t, const char *by, const char *note, const char *file, bool dry)
{
    if (!training_read(t, file) || !training_compare(t) || !training_learn(t)) return CMD_FAILED;
    print_table(t);
    return dry ? CMD_OK : store(t, by, note);
}

int cmd_train(struct config *cfg, int argc, char **argv)
{
    const char *by = NULL, *note = NULL, *file = NULL;
    bool dry = false, install = false, has = false, shows = false, worker = false;
    int code;
    const struct cmd_option options[] = {
        {.name = "--by", .value = &by},          {.name = "--note", .value = &note},
        {.name = "--examples", .value = &file},  {.name = "--dry-run", .flag = &dry},
        {.name = "--install", .flag = &install}, {.name = "--show", .flag = &shows},
        {.name = "--worker", .flag = &worker}};
    if (!cmd_options(TRAIN_NAME, help, options, ARRAY_LEN(options), &argc, argv, &code)) return code;
    if (argc > 0) return cmd_misuse(TRAIN_NAME, "what is %s?", argv[0]);
    if (worker) return train_worker();
    if (!shows && (install ? by != NULL : !by && !dry))
        return cmd_misuse(TRAIN_NAME, "say with --by who answers for the proposal");
    if (note && (!utf8_valid(str_of(note)) || utf8_count(str_of(note)) > NOTE_MAX))
        return cmd_misuse(TRAIN_NAME, "the note has at most %d characters", NOTE_MAX);
    struct db_tool *db = cmd_database(TRAIN_NAME, cfg);
    struct training t;
    if (!db) return CMD_FAILED;
    training_begin(&t, db, cfg->auto_assign_percent);
    if (shows)
        code = show(db);
    else if (!may_propose(&t, by) || (install && !has_model(&t, &has)))
        code = CMD_FAILED;
    else if (has)
        code = printf("there is a model already; nothing to do\n") > 0 ? CMD_OK : CMD_FAILED;
    else
        code = run(&t, by, note ? note : "", file, dry);
    training_end(&t);
    db_tool_close(&db);
    return code;
}
