/* The forms: shown by GET, taken by POST, kept word for word when they are refused. What they hold becomes a
 * struct submission like that of every other door. */
#include "citizen_part.h"
#include "intake.h"
#include "joins.h"
#include "metrics.h"
#include "plaques.h"
#include "core/receipt.h"
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CARRIED "carried" /* purpose of the token on what the guards noticed */
/* Second pages of one household, of the limit on first ones: each way through has fewer. */
#define SECOND_FACTOR 8
#define FORM_ARENA    (40u * 1024 * 1024) /* ceiling: the fields of one body, which web has bounded */

/* One form on its way: read and judged at once, then its files, then intake. Lives until it is answered. */
struct sending {
    struct gateway *g;
    u64 ticket;
    enum lang lang;
    struct arena arena;
    struct filled f;
    struct submission sub;
    char key[FORM_KEY_MAX];
    bool second; /* it comes from the second page */
    bool asks;   /* may be answered by the second page */
    const struct matter_more *more;
    enum refusal refused; /* why the second page comes back */
    span retry;
    enum join_end join;
    struct intake_result stored;
};

static void sending_free(struct sending *s)
{
    arena_free(&s->arena);
    free(s);
}

static void show_sent(const struct sending *s, const struct intake_result *result)
{
    struct page p;
    bool plain = result->case_id == 0, report = s->f.kind->nature == NATURE_REPORT;
    page_open(&p, s->g, s->ticket, s->lang, s->f.number.n ? STR("/") : STR("/write"));
    page_put(&p, "title", page_word(&p, "sent_title"));
    page_put(&p, "heading",
             page_word(&p, result->repeated ? "sent_h_again"
                           : plain          ? "sent_h_rate"
                                            : "sent_h"));
    receipt_put(&p, result->receipt);
    page_flag(&p, "joined", s->sub.joins && !result->repeated && s->join == JOIN_DONE);
    page_flag(&p, "apart", s->sub.joins && !result->repeated && s->join == JOIN_APART);
    if (s->more && s->more->urgent) matter_put_later(&p, result->receipt, s->more);
    page_flag(&p, "repeated", result->repeated);
    page_flag(&p, "plain", plain);
    page_flag(&p, "secret", !plain && report);
    page_flag(&p, "open", !plain && !report);
    page_send(&p, PAGE_SENT, 201, SPAN_US(0));
}

/* --- the second page: at most one, and none for an urgent text --- */

/* What the guards noticed on the first page stands, signed, on the second: nobody pays twice for one feedback. */
static bool read_carried(struct sending *s, struct str carried, instant now)
{
    char key[FORM_KEY_MAX];
    instant issued;
    struct str facts, token, pow, expires, marks;
    u64 until;
    if (!str_cut(carried, '~', &facts, &token)) return false;
    struct text place;
    text_init(&place, facts.n + FORM_KEY_MAX + 1);
    text_addf(&place, "%s~", s->key);
    text_add(&place, facts);
    bool good = form_token_check(s->g->keys, token, text_str(&place), STR(CARRIED), now, key, &issued);
    text_free(&place);
    if (!good || !str_cut(facts, '|', &pow, &facts) || !str_cut(facts, '|', &expires, &marks) ||
        !str_u64(expires, INT64_MAX, &until))
        return false;
    s->sub.pow = pow;
    s->sub.pow_expires = (i64)until;
    s->sub.marks = marks;
    return true;
}

static void put_carried(struct page *p, const struct sending *s)
{
    char token[FORM_TOKEN_MAX];
    struct text facts, place;
    text_init(&facts, s->sub.pow.n + s->sub.marks.n + FORM_TOKEN_MAX + 64);
    text_addf(&facts, "%.*s|%lld|%.*s", STR_ARG(s->sub.pow), (long long)s->sub.pow_expires,
              STR_ARG(s->sub.marks));
    text_init(&place, facts.n + FORM_KEY_MAX + 1);
    text_addf(&place, "%s~", s->key);
    text_add(&place, text_str(&facts));
    form_token_make(s->g->keys, text_str(&place), STR(CARRIED), clock_now(), token);
    text_addf(&facts, "~%s", token);
    page_copy(p, "carried", text_str(&facts));
    text_free(&place);
    text_free(&facts);
}

/* r: why it comes back, REFUSE_NONE for the first time. */
static void show_more(struct sending *s, enum refusal r, span retry)
{
    struct page p;
    int status = 200;
    page_open(&p, s->g, s->ticket, s->lang, fields_path(&s->arena, &s->f));
    page_put(&p, "title", page_word(&p, "more_title"));
    fields_put(&p, &s->f);
    page_copy(&p, "nature", s->f.nature);
    put_carried(&p, s);
    matter_put_more(&p, &s->f, &s->sub, s->more);
    if (r != REFUSE_NONE)
        status = fields_refuse(&p, &s->f, r);
    else
        COUNT(MATTER_ASKED);
    page_send(&p, PAGE_MORE, status, retry);
}

static void looked_again(void *arg, const struct matter_more *m)
{
    struct sending *s = arg;
    s->more = m;
    show_more(s, s->refused, s->retry);
    sending_free(s);
}

/* Back to the page that it came from, with everything that was typed; words that cannot be read at all go to the first. */
static void show_again(struct sending *s, enum refusal r, span retry)
{
    s->refused = r;
    s->retry = retry;
    if (s->second && r != REFUSE_TOO_MANY && r != REFUSE_TEXT_TOO_LONG && r != REFUSE_BAD_ENCODING &&
        r != REFUSE_TOO_BIG && r != REFUSE_UNSUPPORTED_TYPE && r != REFUSE_MALFORMED) {
        matter_look(s->g, &s->sub, &s->arena, MATTER_ASK, looked_again, s);
        return;
    }
    if (!s->f.kind->refused || !s->f.kind->refused(s->g, s->ticket, s->lang, &s->f, r))
        fields_show(s->g, s->ticket, s->lang, &s->f, r, retry);
    sending_free(s);
}

static void asked_later(void *arg, const struct matter_more *m)
{
    struct sending *s = arg;
    s->more = m;
    show_sent(s, &s->stored);
    sending_free(s);
}

static void joined(void *arg, enum join_end end)
{
    struct sending *s = arg;
    s->join = end;
    show_sent(s, &s->stored);
    sending_free(s);
}

static void sent(void *arg, const struct intake_result *result)
{
    struct sending *s = arg;
    s->stored = *result;
    if (result->refusal == REFUSE_NONE && !result->repeated)
        plaques_sent(s->g, s->f.number, s->f.kind->nature, &s->sub.position, result->report);
    if (result->refusal != REFUSE_NONE) {
        if (result->refusal == REFUSE_KEY_REUSED)
            fields_token(s->g, &s->f); /* other words are another feedback */
        show_again(s, result->refusal, result->retry);
    } else if (s->more && s->more->urgent && result->case_id &&
               !result->report) { /* its words are asked about nowhere */
        matter_look(s->g, &s->sub, &s->arena, MATTER_LATER, asked_later, s);
    } else if (s->sub.joins && result->case_id && !result->repeated) {
        joins_settle(s->g, result->feedback_id, result->case_id, s->sub.joins, joined, s);
    } else {
        show_sent(s, result);
        sending_free(s);
    }
}

static void store(struct sending *s) { intake_submit(s->g, &s->sub, false, sent, s); }

static void looked(void *arg, const struct matter_more *m)
{
    struct sending *s = arg;
    s->more = m;
    if (m->apart) s->sub.joins = 0;
    if (s->asks && !s->second && !m->urgent && m->n_questions + m->n_alike > 0) {
        show_more(s, REFUSE_NONE, SPAN_US(0));
        sending_free(s);
        return;
    }
    store(s);
}

static void attached(void *arg, enum refusal r, size_t at)
{
    struct sending *s = arg;
    const bool file = r != REFUSE_NONE && r != REFUSE_UNAVAILABLE;
    if (r == REFUSE_NONE) r = submission_check(&s->sub); /* before anything is asked */
    if (r == REFUSE_NONE && s->f.kind->read == matter_read) {
        matter_look(s->g, &s->sub, &s->arena, s->second || !s->asks ? MATTER_JUDGE : MATTER_ASK, looked, s);
    } else if (r == REFUSE_NONE) {
        store(s);
    } else {
        s->f.bad_file = file ? at + 1 : 0;
        show_again(s, r, SPAN_US(0));
    }
}

/* What every kind has in common. REFUSE_NONE: the submission may be stored. */
static enum refusal read_form(struct sending *s, const struct http_in *in, const struct webform *form,
                              instant issued, span *wait_r)
{
    struct filled *f = &s->f;
    struct submission *sub = &s->sub;
    enum refusal r = REFUSE_NONE;
    if (f->kind->rating && f->rating.n && fields_level(f->rating) == 0) return REFUSE_RATING_RANGE;
    if (f->nature.n) {
        enum nature chosen;
        if (!nature_parse(f->nature, &chosen) || (chosen != NATURE_ASK && chosen != NATURE_COMPLAIN &&
                                                  chosen != NATURE_APPEAL && chosen != NATURE_SUGGEST))
            return REFUSE_UNKNOWN_FIELD;
        sub->nature = chosen;
    }
    sub->dedupe_key = str_of(s->key);
    sub->contact = f->contact;
    sub->plaque = f->number;
    sub->rating = fields_level(f->rating);
    sub->text = f->text;
    if (f->kind->read) r = f->kind->read(s->g, f, form, &s->arena, sub);
    /* The second page has no field for files: they came with the first, which had passed the guards. */
    if (r == REFUSE_NONE && form->n_files > (s->second ? 0 : f->kind->files)) r = REFUSE_FILES_TOO_MANY;
    if (r != REFUSE_NONE) return r;
    if (s->second && read_carried(s, webform_get(form, &s->arena, "carried"), in->at)) {
        const i64 most = (i64)s->g->cfg.submit_per_minute * SECOND_FACTOR;
        return gateway_rate(s->g, &s->g->submit_rate, in->peer, (int)MIN(most, INT_MAX), 1, wait_r)
                   ? REFUSE_NONE
                   : REFUSE_TOO_MANY;
    }
    return guard_form(s->g, in, form, issued, &s->arena, sub, wait_r);
}

static void take_form(struct gateway *g, u64 ticket, const struct http_in *in, const struct form_kind *kind,
                      struct str number)
{
    struct sending *s = MEM_NEW(struct sending);
    struct filled *f = &s->f;
    struct webform form;
    instant issued = {0};
    span wait = SPAN_US(0);
    *s = (struct sending){.g = g, .ticket = ticket, .lang = reply_lang(in)};
    s->sub = (struct submission){.door = number.n ? DOOR_PLAQUE : DOOR_WEB, .nature = kind->nature};
    arena_init(&s->arena, FORM_ARENA);
    enum refusal r = form_acceptable(g, in, &form);
    s->second = kind->read == matter_read && str_eq(webform_get(&form, &s->arena, "step"), STR("2"));
    /* The button of our own page says that somebody is there to be asked. A program that posts the fields gets its receipt. */
    s->asks = kind->read == matter_read && webform_get(&form, &s->arena, "press").n > 0;
    f->kind = kind;
    f->had_files = form.n_files > 0;
    f->number = number.n ? arena_str(&s->arena, number) : STR("");
    f->text = webform_get(&form, &s->arena, "text");
    f->contact = webform_get(&form, &s->arena, "contact");
    f->rating = kind->rating ? webform_get(&form, &s->arena, "rating") : STR("");
    f->nature = kind->choice ? webform_get(&form, &s->arena, "nature") : STR("");
    struct str token = webform_get(&form, &s->arena, "token");
    bool good = form_token_check(g->keys, token, f->number, str_of(kind->what), in->at, s->key, &issued);
    if (r == REFUSE_NONE && !good) r = REFUSE_FORM_EXPIRED;
    if (r == REFUSE_NONE) r = read_form(s, in, &form, issued, &wait);
    /* A good token comes back with the form: trying again after a lost answer is the same submission. */
    if (good && token.n < sizeof f->token)
        memcpy(f->token, token.p, token.n);
    else
        fields_token(g, f);
    if (r != REFUSE_NONE) {
        show_again(s, r, r == REFUSE_TOO_MANY || r == REFUSE_PROVE ? wait : SPAN_US(0));
    } else if (form.n_files) {
        kind->attach(g, &s->sub, &s->arena, form.files, form.n_files, attached, s);
    } else {
        attached(s, REFUSE_NONE, 0);
    }
}

bool form_route(struct gateway *g, u64 ticket, const struct http_in *in, struct str number, struct str what)
{
    const struct form_kind *kind = form_kind_find(what, number.p != NULL);
    const struct plaque_row *row = NULL;
    struct filled f = {.kind = kind};
    char typed_number[PLAQUE_NUMBER_MAX];
    bool post = str_eq(in->method, STR("POST")), typed;
    if (!kind) return false;
    if (!post && !method_reads(in)) {
        page_sorry(g, ticket, in, REFUSE_METHOD);
        return true;
    }
    if (kind->plaque) {
        enum plaque_found found = plaque_look(g, number, typed_number, &row, &typed);
        if (found != PLAQUE_GOOD) {
            struct arena a;
            arena_init(&a, FORM_ARENA);
            struct webform form;
            struct str text = post && form_acceptable(g, in, &form) == REFUSE_NONE
                                  ? webform_get(&form, &a, "text")
                                  : STR("");
            form_wrong_plaque(g, ticket, in, found, row, str_of(typed_number), text,
                              kind->nature == NATURE_REPORT);
            arena_free(&a);
            return true;
        }
        f.number = row->number;
    }
    if (post) {
        take_form(g, ticket, in, kind, f.number);
    } else {
        plaques_entered(g, in, f.number, kind->nature);
        if (kind->open && kind->open(g, ticket, in, &f)) return true;
        form_show(g, ticket, reply_lang(in), &f, REFUSE_NONE, SPAN_US(0));
    }
    return true;
}
