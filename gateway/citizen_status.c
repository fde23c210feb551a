/* The citizen comes back: what became of it, in plain words, and what they may do about it. The receipt is the key;
 * it is looked up by its keyed hash, so neither time nor words tell a nearly right code from a wrong one. */
#include "citizen_part.h"
#include "casework.h"
#include "form_token.h"
#include "intake.h"
#include "metrics.h"
#include "base/log.h"
#include "base/utf8.h"
#include "core/glyph.h"
#include "core/receipt.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOOK_ARENA   (40u * 1024 * 1024) /* ceiling: the fields of one body, which web has bounded */
#define LOOK_TRIES   8                   /* of a step that met another one */
#define WRONG_TOKENS 2                   /* a wrong receipt costs these beside the one of every look */

const struct db_stmt *const citizen_statements[] = {&stmt_status_find, &stmt_status_acts, &stmt_proof_find,
                                                    &stmt_proof_acts, &stmt_log_page, &stmt_units_open};
const size_t n_citizen_statements = ARRAY_LEN(citizen_statements);

/* One look, with or without something to do first. */
struct look {
    struct gateway *g;
    u64 ticket;
    enum lang lang;
    struct arena arena;
    char receipt[RECEIPT_DIGITS + 1];
    u8 hash[32];
    struct str peer;
    const struct step *step; /* NULL: only look */
    bool to_do;              /* the step is still to be done */
    struct act_request req;
    instant issued; /* of the form's token */
    unsigned tries;
    const char *notice;   /* key of a sentence */
    enum refusal refusal; /* of the step */
    struct str detail;
};

static const struct step {
    const char *what;      /* behind "/status/", and the purpose of the token */
    const char *text_name; /* where its words go back to */
    const char *flag;      /* the section of case.html */
} steps[] = {{"say", "text_say", "may_say"},
             {"confirm", "text_confirm", "may_confirm"},
             {"reopen", "text_reopen", "may_reopen"}};
enum { STEP_SAY, STEP_CONFIRM, STEP_REOPEN };

static void look_free(struct look *l)
{
    arena_free(&l->arena);
    crypto_wipe(l, sizeof *l);
    free(l);
}

/* --- the box --- */

void status_box(struct gateway *g, u64 ticket, enum lang lang, struct str receipt, enum refusal r, span retry)
{
    struct page p;
    int status = 200;
    page_open(&p, g, ticket, lang, STR("/status"));
    page_put(&p, "title", page_word(&p, "status_title"));
    if (receipt.n <= 100) page_copy(&p, "receipt", receipt);
    if (r != REFUSE_NONE) status = page_refuse(&p, r);
    if (r == REFUSE_UNAVAILABLE) page_put(&p, "error", page_word(&p, "unavailable_look"));
    page_send(&p, PAGE_STATUS, status, retry);
}

void status_wrong(struct gateway *g, u64 ticket, enum lang lang, struct str peer, struct str receipt)
{
    span wait;
    COUNT(STATUS_WRONG);
    (void)!gateway_rate(g, &g->status_rate, peer, g->cfg.status_per_minute, WRONG_TOKENS, &wait);
    status_box(g, ticket, lang, receipt, REFUSE_RECEIPT_WRONG, SPAN_US(0));
}

bool status_admit(struct gateway *g, u64 ticket, const struct http_in *in, struct arena *a,
                  struct webform *form_r, char *receipt_r)
{
    span wait = SPAN_US(0);
    enum refusal r = form_acceptable(g, in, form_r);
    struct str typed = webform_get(form_r, a, "receipt");
    if (r == REFUSE_NONE && !gateway_rate(g, &g->status_rate, in->peer, g->cfg.status_per_minute, 1, &wait))
        r = REFUSE_TOO_MANY;
    if (r != REFUSE_NONE)
        status_box(g, ticket, reply_lang(in), typed, r, wait);
    else if (!receipt_parse(typed, receipt_r))
        status_wrong(g, ticket, reply_lang(in), in->peer, typed);
    else
        return true;
    return false;
}

/* --- the case --- */

static void put_error(struct page *p, const struct look *l)
{
    if (l->refusal == REFUSE_NONE) return;
    page_refuse(p, l->refusal);
    if (l->lang == LANG_ZH && l->detail.n) page_put(p, "error", l->detail);
    if (l->step)
        page_put(p, l->step->text_name, l->step == &steps[STEP_REOPEN] ? l->req.reason : l->req.text);
}

static void put_tokens(struct page *p, const struct look *l)
{
    static const char *const names[] = {"token_say", "token_confirm", "token_reopen"};
    char token[FORM_TOKEN_MAX];
    form_token_make(l->g->keys, str_of(l->receipt), STR(PROOF_PURPOSE), clock_now(), token);
    page_copy(p, "token_proof", str_of(token));
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        form_token_make(l->g->keys, str_of(l->receipt), str_of(steps[i].what), clock_now(), token);
        page_copy(p, names[i], str_of(token));
    }
}

/* The database is away: nothing can be shown, but what was written must not be lost. */
static void show_unavailable(struct look *l)
{
    struct page p;
    if (!l->step) {
        status_box(l->g, l->ticket, l->lang, str_of(l->receipt), REFUSE_UNAVAILABLE, SPAN_S(5));
        return;
    }
    page_open(&p, l->g, l->ticket, l->lang, STR("/status"));
    page_put(&p, "title", page_word(&p, "case_title"));
    page_put(&p, "receipt", str_of(l->receipt));
    l->refusal = REFUSE_UNAVAILABLE;
    l->detail = STR_NONE;
    put_error(&p, l);
    page_put(&p, "error_more", page_word(&p, "unavailable_kept"));
    page_flag(&p, l->step->flag, true);
    put_tokens(&p, l);
    page_send(&p, PAGE_CASE, refusal_facts(REFUSE_UNAVAILABLE)->status, SPAN_S(5));
}

static void show_case(struct look *l, const struct db_result *r, const struct db_result *acts)
{
    struct page p;
    page_open(&p, l->g, l->ticket, l->lang, STR("/status"));
    page_put(&p, "title", page_word(&p, "case_title"));
    page_put(&p, "receipt", str_of(l->receipt));
    if (l->notice) page_put(&p, "notice", page_word(&p, l->notice));
    put_error(&p, l);
    case_put(&p, r, acts);
    page_flag(&p, "may_proof", !db_is_null(r, 0, 0));
    put_tokens(&p, l);
    page_send(&p, PAGE_CASE, l->refusal == REFUSE_NONE ? 200 : refusal_facts(l->refusal)->status, SPAN_US(0));
}

/* --- one look: ask, act, ask again --- */

static void ask(struct look *l);

static void acted(void *arg, const struct casework_result *result)
{
    static const char *const notices[] = {[ACT_SAY] = "notice_say",
                                          [ACT_CONFIRM_SOLVED] = "notice_yes",
                                          [ACT_CONFIRM_UNSOLVED] = "notice_no",
                                          [ACT_REOPEN] = "notice_reopen"};
    struct look *l = arg;
    if (result->refusal == REFUSE_UNAVAILABLE) {
        show_unavailable(l);
        look_free(l);
        return;
    }
    l->to_do = result->refusal == REFUSE_CASE_CHANGED && ++l->tries < LOOK_TRIES;
    if (result->refusal == REFUSE_NONE)
        l->notice = notices[l->req.act];
    else if (!l->to_do)
        l->refusal = result->refusal;
    if (l->refusal != REFUSE_NONE && result->detail[0])
        l->detail = arena_str(&l->arena, str_of(result->detail));
    ask(l);
}

/* The same step with the same words since the form was handed out: the button was pressed twice (promise P2). */
static bool done_before(const struct look *l, const struct db_result *acts)
{
    struct str words = l->req.act == ACT_REOPEN ? l->req.reason : l->req.text;
    for (int i = 0; i < db_rows(acts); i++)
        if (str_eq(db_get_text(acts, i, ACT_COL_ACT), str_of(case_act_word(l->req.act))) &&
            str_eq(db_get_text(acts, i, ACT_COL_ACTOR), str_of(actor_kind_word(ACTOR_CITIZEN))) &&
            str_eq(db_get_text(acts, i, ACT_COL_WORDS), words) && !db_get_bool(acts, i, ACT_COL_OTHER) &&
            !instant_before(db_get_instant(acts, i, ACT_COL_AT), l->issued))
            return true;
    return false;
}

static void found(void *arg, enum db_end end, const struct db_result *const *results, int n,
                  const struct db_error *error)
{
    struct look *l = arg;
    if (end != DB_OK) {
        log_line(LOG_ERROR, LOG_WEB, "status not read", "sqlstate=%s", error ? error->sqlstate : "");
        show_unavailable(l);
        look_free(l);
        return;
    }
    const struct db_result *r = results[0], *acts = results[1];
    struct str hash = db_rows(r) == 1 ? db_get_text(r, 0, COL_HASH) : STR_NONE;
    (void)n;
    if (hash.n != sizeof l->hash || !crypto_same(hash.p, l->hash, sizeof l->hash)) {
        status_wrong(l->g, l->ticket, l->lang, l->peer, str_of(l->receipt));
        look_free(l);
        return;
    }
    bool again =
        l->step && l->issued.us && (l->to_do || l->refusal == REFUSE_ACT_ILLEGAL) && done_before(l, acts);
    if (again) {
        l->to_do = false;
        l->refusal = REFUSE_NONE;
        l->notice = "notice_done";
    } else if (l->to_do && db_is_null(r, 0, 0)) {
        l->to_do = false;
        l->refusal = REFUSE_ACT_ILLEGAL;
    }
    if (l->to_do) {
        /* The version that was searched for the same step: whatever comes between is found by looking again. */
        const struct citizen_may may = case_may(r, l->req.now);
        const bool own = l->req.act == ACT_SAY || !(may.confirm || may.reopen);
        l->req.expected_version = own ? db_get_i64(r, 0, 1) : may.version;
        l->req.feedback = l->req.act == ACT_SAY ? 0 : db_get_i64(r, 0, COL_FEEDBACK);
        casework_act(l->g, NULL, (u64)(own ? db_get_i64(r, 0, 0) : may.case_id), &l->req, STR_NONE, acted, l);
        return;
    }
    show_case(l, r, acts);
    look_free(l);
}

static void ask(struct look *l)
{
    const struct db_stmt *const both[] = {&stmt_status_find, &stmt_status_acts};
    struct db_call *c = db_call_new(found, l);
    for (size_t i = 0; i < ARRAY_LEN(both); i++) {
        struct db_params *p = db_params_new(both[i]);
        db_put_bytes(p, (struct str){(const char *)l->hash, sizeof l->hash});
        db_call_add(c, both[i], p);
    }
    if (db_call_send(l->g->lane_public, c)) return;
    show_unavailable(l);
    look_free(l);
}

/* --- taking the forms --- */

static enum refusal words_check(struct str text, bool needed)
{
    if (text.n > SUBMISSION_TEXT_BYTES) return REFUSE_TEXT_TOO_LONG;
    if (!utf8_valid(text)) return REFUSE_BAD_ENCODING;
    if (utf8_count(text) > SUBMISSION_TEXT_POINTS) return REFUSE_TEXT_TOO_LONG;
    return needed && glyph_trim(text).n == 0 ? REFUSE_TEXT_MISSING : REFUSE_NONE;
}

/* What the form asks for, into the look; REFUSE_NONE when it may be done. */
static enum refusal read_step(struct look *l, const struct http_in *in, const struct webform *form)
{
    char key[FORM_KEY_MAX];
    u64 rating = 0;
    struct str text = webform_get(form, &l->arena, "text"), token = webform_get(form, &l->arena, "token"),
               solved = webform_get(form, &l->arena, "solved"),
               level = webform_get(form, &l->arena, "rating");
    const bool confirm = l->step == &steps[STEP_CONFIRM], reopen = l->step == &steps[STEP_REOPEN];
    l->req = (struct act_request){
        .act = reopen ? ACT_REOPEN : ACT_SAY, .actor = {.kind = ACTOR_CITIZEN}, .now = in->at};
    if (reopen)
        l->req.reason = text;
    else
        l->req.text = text;
    if (!form_token_check(l->g->keys, token, str_of(l->receipt), str_of(l->step->what), in->at, key,
                          &l->issued))
        return REFUSE_FORM_EXPIRED;
    if (confirm) {
        if (!str_eq(solved, STR("yes")) && !str_eq(solved, STR("no"))) return REFUSE_UNKNOWN_FIELD;
        l->req.act = str_eq(solved, STR("yes")) ? ACT_CONFIRM_SOLVED : ACT_CONFIRM_UNSOLVED;
        if (level.n && (!str_u64(level, 5, &rating) || rating == 0)) return REFUSE_RATING_RANGE;
        l->req.rating = (int)rating;
    }
    return words_check(text, !confirm);
}

static void take(struct gateway *g, u64 ticket, const struct http_in *in, const struct step *step)
{
    struct look *l = MEM_NEW(struct look);
    struct webform form;
    l->g = g;
    l->ticket = ticket;
    l->lang = reply_lang(in);
    arena_init(&l->arena, LOOK_ARENA);
    if (!status_admit(g, ticket, in, &l->arena, &form, l->receipt)) {
        look_free(l);
        return;
    }
    l->peer = arena_str(&l->arena, in->peer);
    receipt_hash(g, l->receipt, l->hash);
    l->step = step;
    if (step) {
        l->refusal = read_step(l, in, &form);
        l->to_do = l->refusal == REFUSE_NONE;
    }
    ask(l);
}

bool status_route(struct gateway *g, u64 ticket, const struct http_in *in, struct str what)
{
    const struct step *step = NULL;
    for (size_t i = 0; what.n && i < ARRAY_LEN(steps); i++)
        if (what.p[0] == '/' && str_eq((struct str){what.p + 1, what.n - 1}, str_of(steps[i].what)))
            step = &steps[i];
    const bool proof = str_eq(what, STR("/" PROOF_PURPOSE));
    if (what.n && !step && !proof) return false;
    if (str_eq(in->method, STR("POST")) && proof)
        proof_take(g, ticket, in);
    else if (str_eq(in->method, STR("POST")))
        take(g, ticket, in, step);
    else if (!method_reads(in))
        page_sorry(g, ticket, in, REFUSE_METHOD);
    else if (step || proof)
        reply_redirect(g, ticket, "/status");
    else
        status_box(g, ticket, reply_lang(in), STR_NONE, REFUSE_NONE, SPAN_US(0));
    return true;
}
