#include "letters.h"
#include "register.h"
#include "base/code.h"
#include <string.h>

#define DRAFT_MAX ((size_t)128 * 1024)

const struct db_stmt stmt_letters_draft_for_act = {"letters_draft_for_act",
                                                   "select letter_draft_for_act($1, $2, $3, $4)",
                                                   4,
                                                   {DB_INT8, DB_TEXT, DB_INT4, DB_JSONB}};

const struct db_stmt *const letters_statements[] = {&stmt_letters_draft_for_act};
const size_t n_letters_statements = ARRAY_LEN(letters_statements);

static struct letter_case facts_of(struct gateway *g, const struct case_row *row)
{
    const struct category *cat = register_category(g, row->category);
    const struct unit *u = row->view.unit ? register_unit(g, (int)row->view.unit) : NULL;
    return (struct letter_case){.id = row->view.id,
                                .category = cat ? cat->name : row->category,
                                .unit = u ? u->short_name : STR_NONE,
                                .opened = row->view.opened,
                                .due = row->clocks.handling_due};
}

/* The unit here that bears this name, or 0: a 移送函 to the discipline unit is addressed to it, not to a name. */
static int unit_named(struct gateway *g, struct str name)
{
    const struct unit *all;
    size_t n = register_units(g, &all);
    name = str_trim(name);
    for (size_t i = 0; name.n && i < n; i++)
        if (!all[i].retired && (str_eq(name, all[i].name) || str_eq(name, all[i].short_name)))
            return all[i].id;
    return 0;
}

static void put(const char *name, struct str v, struct text *t)
{
    text_addf(t, ",\"%s\":", name);
    json_put(t, v.p ? v : STR(""));
}

static void put_words(const struct letter_facts *f, struct text *t)
{
    struct text words;
    text_init(&words, 16 * 1024);
    letter_title(f, &words);
    text_addz(t, "{\"title\":");
    json_put(t, text_str(&words));
    text_clear(&words);
    letter_body(f, &words);
    put("body", text_str(&words), t);
    text_free(&words);
    put("due", str_of(letter_due(f->kind, f->rung)), t);
}

static void put_issuer(const struct gateway *g, struct text *t)
{
    struct text name;
    text_init(&name, 4096);
    if (g->cfg.letter_issuer[0])
        text_addz(&name, g->cfg.letter_issuer);
    else
        text_addf(&name, "%s%s", g->cfg.district_name, g->cfg.office_name);
    json_put(t, text_str(&name));
    text_free(&name);
}

void letters_add_draft(struct gateway *g, struct db_call *c, const struct casework_step *s)
{
    const struct act_request *q = &s->req;
    const bool proposed = q->act == ACT_PROPOSE;
    const enum case_letter kind = proposed ? caseflow_rung_letter(q->rung) : s->outcome.letter;
    if (kind == LETTER_NONE || kind == LETTER_ASSIGN || q->letter) return;

    /* A rung that the act itself has climbed is not climbed again by the signature. */
    const int rung = proposed ? q->rung : RUNG_NONE;
    const struct letter_case one = facts_of(g, &s->after);
    const struct letter_facts facts = {
        .kind = kind,
        .rung = rung,
        .confidential = (s->after.view.flags & CASE_FLAG_CONFIDENTIAL) != 0,
        .cases = &one,
        .n_cases = 1,
        .receiver = q->receiver,
        .now = q->now,
    };
    int unit = kind == LETTER_TRANSFER ? unit_named(g, q->receiver) : (int)s->after.view.unit;
    struct text t;
    text_init(&t, DRAFT_MAX);
    put_words(&facts, &t);
    put("basis", str_of(g->cfg.letter_basis), &t);
    put("receiver", unit ? STR_NONE : q->receiver, &t);
    text_addz(&t, ",\"issuers\":[");
    put_issuer(g, &t);
    text_addf(&t, "],\"attachments\":[],\"cases\":[%lld],\"units\":[", (long long)s->after.view.id);
    if (unit) text_addf(&t, "%d", unit);
    text_addz(&t, "]}");
    ASSERT(!t.overflow); /* names and settings are bounded, the receiver by the act's own limit */
    struct db_params *p = db_params_new(&stmt_letters_draft_for_act);
    db_put_i64(p, (i64)s->act_id);
    db_put_text(p, str_of(case_letter_word(kind)));
    db_put_i32(p, rung);
    db_put_json(p, text_str(&t));
    text_free(&t);
    db_call_add(c, &stmt_letters_draft_for_act, p);
}
