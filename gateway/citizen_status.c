/* The citizen comes back: what became of it, in plain words, and what they may do about it. The receipt is the key;
 * it is looked up by its keyed hash, so neither time nor words tell a nearly right code from a wrong one. */
#include "citizen_part.h"
#include "casework.h"
#include "form_token.h"
#include "intake.h"
#include "receipt_copy.h"
#include "metrics.h"
#include "base/log.h"
#include "base/utf8.h"
#include "core/glyph.h"
#include "core/receipt.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOOK_ARENA                                                                                           \
    (210u * 1024 * 1024) /* ceiling: what one body holds, which web has bounded by upload_max */
#define LOOK_TRIES   8   /* of a step that met another one */
#define WRONG_TOKENS 2   /* a wrong receipt costs these beside the one of every look */

const struct db_stmt *const citizen_statements[] = {
    &stmt_status_find, &stmt_status_acts, &stmt_status_steps, &stmt_status_files, &stmt_status_parts,
    &stmt_slip_find,   &stmt_slip_copy,   &stmt_recover_find, &stmt_proof_find,   &stmt_proof_acts,
    &stmt_log_page,    &stmt_units_open,  &stmt_visit_find,   &stmt_policies_open};
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
    bool chosen;             /* one of the three answers was picked */
    int part;                /* of a matter that was split: which of its cases; 0 or 1: the first */
    bool fresh;              /* comes from the page with the receipt, and nobody said that it was noted */
    struct act_request req;
    struct str words;           /* as typed; the request may hold fixed ones in their place */
    struct webform_file *files; /* copies */
    size_t n_files;
    struct talk talk;       /* of a sealed report */
    bool kept;              /* files or sealed words are stored; the act is not yet */
    bool said;              /* the sealed words were stored by this very request: no act knows of them */
    char key[FORM_KEY_MAX]; /* of the form's token */
    instant issued;         /* of the form's token */
    unsigned tries;
    const char *notice;   /* key of a sentence */
    enum refusal refusal; /* of the step */
    struct str detail;
};

static const struct step {
    const char *what;      /* behind "/status/", and the purpose of the token */
    const char *text_name; /* where its words go back to */
    const char *token_name;
    const char *flag; /* the section of case.html */
    enum case_act act;
    bool by_reason; /* the words are a reason */
} steps[] = {{"say", "text_say", "token_say", "may_say", ACT_SAY, false},
             {"confirm", "text_confirm", "token_confirm", "may_confirm", ACT_CONFIRM_SOLVED, false},
             {"reopen", "text_reopen", "token_reopen", "may_reopen", ACT_REOPEN, true},
             {"object", "text_object", "token_object", "may_object", ACT_OBJECT, true},
             {"withdraw", "text_withdraw", "token_withdraw", "may_withdraw", ACT_WITHDRAW, true}};

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

/* What was chosen comes back as it was; why it cannot be so is said in the citizen's words, not the desk's. */
static void put_choice(struct page *p, const struct look *l)
{
    static const char *const levels[] = {NULL, "is1", "is2", "is3", "is4", "is5"};
    const enum case_act act = l->req.act;
    const bool ended = act == ACT_CONFIRM_SOLVED || act == ACT_ACCEPT_PARTLY;
    page_flag(p, "is_yes", l->chosen && act == ACT_CONFIRM_SOLVED);
    page_flag(p, "is_partly", act == ACT_CONFIRM_PARTLY || act == ACT_ACCEPT_PARTLY);
    page_flag(p, "is_enough", act == ACT_ACCEPT_PARTLY);
    page_flag(p, "is_no", act == ACT_CONFIRM_UNSOLVED);
    if (l->req.rating > 0 && l->req.rating <= 5) page_flag(p, levels[l->req.rating], true);
    if (l->refusal == REFUSE_ACT_NEEDS && ended) page_put(p, "error", page_word(p, "confirm_unhappy"));
}

static void put_error(struct page *p, const struct look *l)
{
    if (l->refusal == REFUSE_NONE) return;
    page_refuse(p, l->refusal);
    if (l->lang == LANG_ZH && l->detail.n) page_put(p, "error", l->detail);
    /* Somebody else was faster: the desk's sentence about states and acts helps nobody here. */
    if (l->refusal == REFUSE_ACT_ILLEGAL) page_put(p, "error", page_word(p, "status_moved"));
    if (l->step) page_put(p, l->step->text_name, l->words);
    if (l->step && l->step->act == ACT_CONFIRM_SOLVED) put_choice(p, l);
}

static void put_tokens(struct page *p, const struct look *l)
{
    char token[FORM_TOKEN_MAX];
    form_token_make(l->g->keys, str_of(l->receipt), STR(PROOF_PURPOSE), clock_now(), token);
    page_copy(p, "token_proof", str_of(token));
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        form_token_make(l->g->keys, str_of(l->receipt), str_of(steps[i].what), clock_now(), token);
        page_copy(p, steps[i].token_name, str_of(token));
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

static void give_up(struct look *l)
{
    show_unavailable(l);
    look_free(l);
}

enum { R_FIND, R_ACTS, R_STEPS, R_FILES, R_PARTS, RESULTS_N };

static void show_case(struct look *l, const struct db_result *const *results)
{
    struct page p;
    const struct db_result *r = results[R_FIND];
    page_open(&p, l->g, l->ticket, l->lang, STR("/status"));
    page_put(&p, "title", page_word(&p, "case_title"));
    page_put(&p, "receipt", str_of(l->receipt));
    if (l->notice) page_put(&p, "notice", page_word(&p, l->notice));
    put_error(&p, l);
    if (l->fresh) receipt_put(&p, l->receipt);
    page_flag(&p, "remind", l->fresh);
    case_put(&p, r, results[R_ACTS], results[R_STEPS], results[R_FILES]);
    case_put_parts(&p, results[R_PARTS], l->part);
    if (l->talk.read) talk_put(&p, &l->talk);
    page_flag(&p, "may_proof", !db_is_null(r, 0, 0));
    put_tokens(&p, l);
    page_send(&p, PAGE_CASE, l->refusal == REFUSE_NONE ? 200 : refusal_facts(l->refusal)->status, SPAN_US(0));
}

/* --- one look: ask, act, ask again --- */

static void ask(struct look *l);

static void acted(void *arg, const struct casework_result *result)
{
    static const char *const notices[ACTS_N] = {[ACT_SAY] = "notice_say",
                                                [ACT_CONFIRM_SOLVED] = "notice_yes",
                                                [ACT_CONFIRM_UNSOLVED] = "notice_no",
                                                [ACT_CONFIRM_PARTLY] = "notice_partly",
                                                [ACT_ACCEPT_PARTLY] = "notice_enough",
                                                [ACT_OBJECT] = "notice_object",
                                                [ACT_WITHDRAW] = "notice_withdraw",
                                                [ACT_REOPEN] = "notice_reopen"};
    struct look *l = arg;
    if (result->refusal == REFUSE_UNAVAILABLE) {
        give_up(l);
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
    struct str words = l->step->by_reason ? l->req.reason : l->req.text;
    for (int i = 0; i < db_rows(acts); i++)
        if (str_eq(db_get_text(acts, i, ACT_COL_ACT), str_of(case_act_word(l->req.act))) &&
            str_eq(db_get_text(acts, i, ACT_COL_ACTOR), str_of(actor_kind_word(ACTOR_CITIZEN))) &&
            str_eq(db_get_text(acts, i, ACT_COL_WORDS), words) && !db_get_bool(acts, i, ACT_COL_OTHER) &&
            !instant_before(db_get_instant(acts, i, ACT_COL_AT), l->issued))
            return true;
    return false;
}

/* Words under seal and files are stored; now the act. */
static void kept(void *arg, enum refusal r, size_t at)
{
    struct look *l = arg;
    (void)at;
    l->kept = r == REFUSE_NONE;
    if (r == REFUSE_UNAVAILABLE) {
        give_up(l);
        return;
    }
    if (r != REFUSE_NONE) {
        l->refusal = r;
        l->to_do = false;
    }
    ask(l);
}

static void sealed_kept(void *arg, enum refusal r, bool fresh)
{
    struct look *l = arg;
    l->said = fresh;
    kept(arg, r, 0);
}

/* What must be stored before the act can be: words and files of a report under its seal, files of everything else. True: it is
 * on its way. What a report says never stands in an act (promise P4). */
static bool keep_first(struct look *l, const struct db_result *r, const struct citizen_may *may)
{
    ASSERT(l->step);
    if (may->sealed) {
        struct str fixed = STR("（内容已密封，只有专人能看）");
        if (l->words.n == 0 && l->n_files == 0) return false;
        if (l->step->by_reason)
            l->req.reason = fixed;
        else
            l->req.text = fixed;
        if (l->kept) return false;
        talk_say(l->g, (u64)db_get_i64(r, 0, COL_FEEDBACK), (u64)may->case_id, l->receipt, str_of(l->key),
                 l->words, l->files, l->n_files, sealed_kept, l);
        return true;
    }
    if (l->n_files == 0 || l->kept) return false;
    files_keep(l->g, &l->arena, l->files, l->n_files, &l->req, kept, l);
    return true;
}

static void act(struct look *l, const struct db_result *r)
{
    /* The version that was searched for the same step: whatever comes between is found by looking again. */
    const struct citizen_may may = case_may(r, l->req.now);
    const bool own = may.merged && !may.main;
    if (keep_first(l, r, &may)) return;
    l->req.expected_version = own ? db_get_i64(r, 0, 1) : may.version;
    /* Whose words these are matters where several share a case. */
    l->req.feedback = l->req.act == ACT_SAY && !may.main ? 0 : db_get_i64(r, 0, COL_FEEDBACK);
    l->req.files_of = db_get_i64(r, 0, COL_FEEDBACK);
    l->req.reporters = (int)db_get_i64(r, 0, COL_REPORTERS);
    casework_act(l->g, NULL, (u64)(own ? db_get_i64(r, 0, 0) : may.case_id), &l->req, STR_NONE, acted, l);
}

/* What was said under seal is in the arena by now. */
static void told(void *arg) { ask(arg); }

static void found(void *arg, enum db_end end, const struct db_result *const *results, int n,
                  const struct db_error *error)
{
    struct look *l = arg;
    if (end != DB_OK) {
        log_line(LOG_ERROR, LOG_WEB, "status not read", "sqlstate=%s", error ? error->sqlstate : "");
        give_up(l);
        return;
    }
    const struct db_result *r = results[R_FIND];
    struct str hash = db_rows(r) == 1 ? db_get_text(r, 0, COL_HASH) : STR_NONE;
    (void)n;
    if (hash.n != sizeof l->hash || !crypto_same(hash.p, l->hash, sizeof l->hash)) {
        status_wrong(l->g, l->ticket, l->lang, l->peer, str_of(l->receipt));
        look_free(l);
        return;
    }
    bool again = l->step && l->issued.us && !l->said && (l->to_do || l->refusal == REFUSE_ACT_ILLEGAL) &&
                 done_before(l, results[R_ACTS]);
    if (again) {
        l->to_do = false;
        l->refusal = REFUSE_NONE;
        l->notice = "notice_done";
    } else if (l->to_do && db_is_null(r, 0, 0)) {
        l->to_do = false;
        l->refusal = REFUSE_ACT_ILLEGAL;
    }
    if (l->to_do) {
        act(l, r);
        return;
    }
    if (!db_is_null(r, 0, 0) && db_get_bool(r, 0, COL_SEALED) && !l->talk.read) {
        talk_read(l->g, &l->arena, (u64)db_get_i64(r, 0, COL_FEEDBACK), l->receipt, &l->talk, told, l);
        return;
    }
    show_case(l, results);
    look_free(l);
}

static void ask(struct look *l)
{
    static const struct db_stmt *const all[RESULTS_N] = {[R_FIND] = &stmt_status_find,
                                                         [R_ACTS] = &stmt_status_acts,
                                                         [R_STEPS] = &stmt_status_steps,
                                                         [R_FILES] = &stmt_status_files,
                                                         [R_PARTS] = &stmt_status_parts};
    struct db_call *c = db_call_new(found, l);
    for (size_t i = 0; i < RESULTS_N; i++) {
        struct db_params *p = db_params_new(all[i]);
        db_put_bytes(p, (struct str){(const char *)l->hash, sizeof l->hash});
        if (all[i]->n_types > 1) db_put_i32(p, l->part);
        db_call_add(c, all[i], p);
    }
    if (!db_call_send(l->g->lane_public, c)) give_up(l);
}

/* --- taking the forms --- */

static enum refusal words_check(struct str text, bool needed)
{
    if (text.n > SUBMISSION_TEXT_BYTES) return REFUSE_TEXT_TOO_LONG;
    if (!utf8_valid(text)) return REFUSE_BAD_ENCODING;
    if (utf8_count(text) > SUBMISSION_TEXT_POINTS) return REFUSE_TEXT_TOO_LONG;
    return needed && glyph_trim(text).n == 0 ? REFUSE_TEXT_MISSING : REFUSE_NONE;
}

/* Which of the three, and whether the rest may be left: "partly" is not solved unless the citizen says that it is enough. */
static bool read_choice(struct look *l, const struct webform *form)
{
    struct str solved = webform_get(form, &l->arena, "solved");
    const bool enough = webform_get(form, &l->arena, "enough").n > 0;
    if (str_eq(solved, STR("yes")))
        l->req.act = ACT_CONFIRM_SOLVED;
    else if (str_eq(solved, STR("partly")))
        l->req.act = enough ? ACT_ACCEPT_PARTLY : ACT_CONFIRM_PARTLY;
    else if (str_eq(solved, STR("no")))
        l->req.act = ACT_CONFIRM_UNSOLVED;
    else
        return false;
    return true;
}

/* The request dies with its handler, the files are needed later. */
static bool copy_files(struct look *l, const struct webform *form)
{
    l->files = arena_alloc(&l->arena, form->n_files * sizeof *l->files);
    for (size_t i = 0; l->files && i < form->n_files; i++) {
        const struct webform_file *f = &form->files[i];
        l->files[i] = (struct webform_file){.field = arena_str(&l->arena, f->field),
                                            .filename = arena_str(&l->arena, f->filename),
                                            .type = arena_str(&l->arena, f->type),
                                            .bytes = arena_str(&l->arena, f->bytes)};
        if (!l->files[i].bytes.p) return false;
        l->n_files++;
    }
    return l->files != NULL;
}

/* What the form asks for, into the look; REFUSE_NONE when it may be done. */
static enum refusal read_step(struct look *l, const struct http_in *in, const struct webform *form)
{
    u64 rating = 0;
    struct str token = webform_get(form, &l->arena, "token"), level = webform_get(form, &l->arena, "rating");
    const bool confirm = l->step->act == ACT_CONFIRM_SOLVED, say = l->step->act == ACT_SAY;
    l->words = webform_get(form, &l->arena, "text");
    l->req = (struct act_request){.act = l->step->act, .actor = {.kind = ACTOR_CITIZEN}, .now = in->at};
    if (l->step->by_reason)
        l->req.reason = l->words;
    else
        l->req.text = l->words;
    if (!form_token_check(l->g->keys, token, str_of(l->receipt), str_of(l->step->what), in->at, l->key,
                          &l->issued))
        return REFUSE_FORM_EXPIRED;
    if (confirm) {
        l->chosen = read_choice(l, form);
        if (!l->chosen) return REFUSE_UNKNOWN_FIELD;
        if (level.n && (!str_u64(level, 5, &rating) || rating == 0)) return REFUSE_RATING_RANGE;
        l->req.rating = (int)rating;
    }
    if (form->n_files > (say ? SUBMISSION_FILES_MAX : 0)) return REFUSE_FILES_TOO_MANY;
    if (form->n_files && !copy_files(l, form)) return REFUSE_FILE_TOO_BIG;
    const bool needed = !confirm && l->step->act != ACT_WITHDRAW && l->n_files == 0;
    const enum refusal r = words_check(l->words, needed);
    /* A picture may come without words; the act needs some. */
    if (r == REFUSE_NONE && say && glyph_trim(l->words).n == 0) l->req.text = STR("（只有图片或视频）");
    return r;
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
    u64 part = 0;
    if (str_u64(webform_get(&form, &l->arena, "part"), 9, &part)) l->part = (int)part;
    l->fresh = !step && webform_get(&form, &l->arena, "new").n && !webform_get(&form, &l->arena, "noted").n;
    if (step) {
        l->refusal = read_step(l, in, &form);
        l->to_do = l->refusal == REFUSE_NONE;
    }
    ask(l);
}

static const struct step *step_find(struct str what)
{
    for (size_t i = 0; what.n > 1 && i < ARRAY_LEN(steps); i++)
        if (what.p[0] == '/' && str_eq((struct str){what.p + 1, what.n - 1}, str_of(steps[i].what)))
            return &steps[i];
    return NULL;
}

bool status_route(struct gateway *g, u64 ticket, const struct http_in *in, struct str what)
{
    const struct str file = STR("/file/");
    const struct step *step = step_find(what);
    const bool proof = str_eq(what, STR("/" PROOF_PURPOSE)), lost = str_eq(what, STR("/lost"));
    const bool picture = str_starts(what, file);
    if (what.n && !step && !proof && !lost && !picture) return false;
    const bool post = str_eq(in->method, STR("POST"));
    if (!post && !method_reads(in))
        page_sorry(g, ticket, in, REFUSE_METHOD);
    else if (lost)
        recover_take(g, ticket, in);
    else if (picture)
        picture_take(g, ticket, in, (struct str){what.p + file.n, what.n - file.n});
    else if (post && proof)
        proof_take(g, ticket, in);
    else if (post)
        take(g, ticket, in, step);
    else if (step || proof)
        reply_redirect(g, ticket, "/status");
    else
        status_box(g, ticket, reply_lang(in), STR_NONE, REFUSE_NONE, SPAN_US(0));
    return true;
}
