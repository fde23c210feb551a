/* POST /entries: what a citizen says at a window, on the telephone, by letter or mail, written down by somebody of the office, with the
 * pictures and videos that the citizen brings. It goes through the same intake as what citizens send themselves: stored once, routed, its files made
 * anew by the worker, a report sealed with them. The receipt is for the citizen: it is told once, to be printed and handed over. It may join the open
 * case that the desk showed as the same: by the coordinator's own act, or as the citizen's wish where the post that writes may not merge.
 * Who writes it down sees of it afterwards what their post sees, no more. */
#include "staff_entry.h"
#include "staff_body.h"
#include "casework.h"
#include "finders.h"
#include "form_token.h"
#include "intake.h"
#include "joins.h"
#include "media.h"
#include "metrics.h"
#include "receipt_copy.h"
#include "register.h"
#include "sealed.h"
#include "base/code.h"
#include "base/webform.h"
#include "core/workdays.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_POINTS 40

static const struct choice ways[] = {
    {"visit", "来访"}, {"call", "来电"}, {"letter", "来信"}, {"email", "电子邮件"}, {"meeting", "会上"}};
/* A letter is brought to a window or comes by post: the channels have no word of their own for it. */
static const enum door doors[] = {DOOR_WINDOW, DOOR_PHONE, DOOR_WINDOW, DOOR_EMAIL, DOOR_MEETING};

/* Under the staff role: a case that this person does not see is one that is not there. */
const struct db_stmt stmt_entry_target = {
    "entry_target",
    "select c.state not in ('closed', 'declined', 'merged') and not c.confidential and not c.held from cases c where c.id = $1",
    1,
    {DB_INT8}};

struct entry {
    struct staff_ask ask;
    struct body body; /* texts */
    char *sent;       /* the body of a request with files, which are views into it */
    size_t sent_n;
    struct webform form;
    char key[129], dedupe_key[SUBMISSION_KEY_MAX + 1], phone[PHONE_MAX];
    struct submission s;
    i64 unit;
    bool wants_sms, of_unit; /* of_unit: a handler, not somebody of the office */
    bool merges;             /* this post may merge cases itself */
    u64 target;              /* the open case that it is to join; 0: none */
    enum join_end join;      /* what came of it */
    struct intake_result result;
    const char *not_sent; /* why the SMS did not go; NULL: it went, or was not wanted */
};

static void entry_free(struct entry *e)
{
    body_close(&e->body);
    if (e->sent) crypto_wipe(e->sent, e->sent_n); /* a report's pictures stay in no freed memory */
    free(e->sent);
    crypto_wipe(e, sizeof *e);
    free(e);
}

/* --- the answer --- */

static void put_line(struct text *t, bool *more, const char *line)
{
    if (*more) text_addc(t, ',');
    *more = true;
    json_put(t, str_of(line));
}

static const char *apart_line(const struct entry *e, bool en)
{
    if (e->join == JOIN_LATER)
        return en ? "It is stored; it will be joined to the other case in a moment."
                  : "已经登记，并案稍后自动完成。";
    return en ? "It was not joined: it is urgent or for other eyes, or the other case is over by now. It goes its own way."
              : "没有并案：内容紧急或者需要单独处理，或者那个办件刚刚办结。这一件单独办理。";
}

/* What whoever wrote it down should know now. */
static void put_told(const struct entry *e, struct text *t)
{
    const bool en = e->ask.lang == LANG_EN;
    bool more = false;
    text_addz(t, ",\"told\":[");
    if (e->result.report) {
        put_line(
            t, &more,
            en ? "This is a report: its words are sealed. Only the accountability group and the discipline unit can read them."
               : "这是举报，内容已经加密，只有追责问责组和纪检监察单位能够查看。");
        put_line(
            t, &more,
            en ? "You will not find it again here: not in lists, searches or counts. Do not note it anywhere else and tell nobody."
               : "您以后在系统里看不到这一件，列表、搜索、统计里都没有。请不要另行记录，不要告诉他人。");
    } else if (e->of_unit) {
        put_line(t, &more,
                 en ? "It goes to the coordinating group. Your unit sees it only if it is given to it."
                    : "已交统筹协调组派单。只有派给您所在的单位，您才会看到办理情况。");
    }
    put_line(
        t, &more,
        en ? "Hand the receipt code to the citizen: it is shown only now, and is the only way to follow the matter."
           : "请把回执码交给群众：只显示这一次，查询、补充和评价都靠它。");
    if (e->target && e->join != JOIN_DONE) put_line(t, &more, apart_line(e, en));
    if (e->not_sent) put_line(t, &more, e->not_sent);
    text_addc(t, ']');
}

/* Handed over when there is no printer for the slip with its code: a report's names no unit and does not say what it is. */
static void put_slip(const struct entry *e, struct text *t)
{
    char grouped[20], today[INSTANT_TEXT_MAX];
    struct text line;
    bool more = false;
    text_init(&line, 1000);
    receipt_group(e->result.receipt, grouped);
    text_addz(t, ",\"slip\":[");
    text_addf(&line, "%s 回执单", e->ask.g->cfg.district_name);
    put_line(t, &more, text_z(&line));
    if (!e->result.report) {
        text_clear(&line);
        text_addf(&line, "办件编号：%llu", (unsigned long long)e->result.case_id);
        put_line(t, &more, text_z(&line));
        text_clear(&line);
        text_addf(&line, "登记日期：%.10s", instant_text_china(clock_now(), today));
        put_line(t, &more, text_z(&line));
    }
    text_clear(&line);
    text_addf(&line, "回执码：%s", grouped);
    put_line(t, &more, text_z(&line));
    text_clear(&line);
    text_addf(&line, "查询和评价：打开 %s/status 输入回执码。请妥善保管，勿转交他人。",
              e->ask.g->cfg.public_url);
    put_line(t, &more, text_z(&line));
    text_addc(t, ']');
    text_free(&line);
}

static void answer(struct entry *e)
{
    struct text t;
    char token[FORM_TOKEN_MAX];
    const bool report = e->result.report;
    text_init(&t, 16 * 1024);
    text_addz(&t, "{\"number\":");
    if (report)
        text_addz(&t, "null");
    else
        text_addf(&t, "%llu", (unsigned long long)e->result.case_id);
    text_addz(&t, ",\"joined\":");
    if (e->target && e->join == JOIN_DONE)
        text_addf(&t, "%llu", (unsigned long long)e->target);
    else
        text_addz(&t, "null");
    form_token_make(e->ask.g->keys, str_of(e->result.receipt), STR("slip"), clock_now(), token);
    text_addf(&t, ",\"receipt\":\"%s\",\"repeated\":%s,\"sealed\":%s,\"sent\":%s,\"slip_token\":\"%s\"",
              e->result.receipt, e->result.repeated ? "true" : "false", report ? "true" : "false",
              e->wants_sms && !e->not_sent ? "true" : "false", token);
    put_told(e, &t);
    put_slip(e, &t);
    text_addc(&t, '}');
    staff_answer_status(&e->ask, e->result.repeated ? 200 : 201, &t);
    entry_free(e);
}

/* --- stored, then the SMS --- */

static void copied(void *arg, enum refusal r, span wait)
{
    struct entry *e = arg;
    const bool en = e->ask.lang == LANG_EN;
    (void)wait;
    if (r == REFUSE_TOO_MANY)
        e->not_sent = en ? "The receipt was not sent by SMS: enough went to this number or receipt."
                         : "回执码没有发短信：这个号码或这个回执码已经发过几次。";
    else if (r != REFUSE_NONE)
        e->not_sent = en ? "The receipt could not be sent by SMS just now; please hand over the slip."
                         : "回执码现在发不了短信，请打印回执单交给群众。";
    answer(e);
}

static void tell(struct entry *e)
{
    if (e->wants_sms && !e->result.repeated)
        receipt_copy_send(e->ask.g, e->result.receipt, e->phone, false, copied, e);
    else
        answer(e);
}

static void joined(void *arg, enum join_end end)
{
    struct entry *e = arg;
    e->join = end;
    tell(e);
}

static void stored(void *arg, const struct intake_result *r)
{
    struct entry *e = arg;
    if (r->refusal != REFUSE_NONE) {
        staff_refuse(&e->ask, r->refusal, NULL, NULL);
        entry_free(e);
        return;
    }
    e->result = *r;
    if (!r->repeated) COUNT(ENTRIES);
    /* A repeat asks again: the first answer may have been lost before the case had joined the other. */
    if (e->s.joins && r->case_id && !r->report)
        joins_settle_entered(e->ask.g, e->merges ? &e->ask.session : NULL, r->feedback_id, r->case_id,
                             e->s.joins, joined, e);
    else
        tell(e);
}

/* --- what it brings --- */

static void attached(void *arg, enum refusal r, size_t at)
{
    struct entry *e = arg;
    if (r == REFUSE_NONE) {
        intake_submit(e->ask.g, &e->s, false, stored, e);
        return;
    }
    char which[40];
    const int n = snprintf(which, sizeof which, ",\"file\":%zu", at + 1);
    const bool away = r == REFUSE_UNAVAILABLE;
    reply_problem(e->ask.g, e->ask.ticket, e->ask.lang, r, STR_NONE,
                  away ? STR_NONE : (struct str){which, (size_t)n}, away ? SPAN_S(5) : SPAN_US(0));
    entry_free(e);
}

static void attach(struct entry *e)
{
    const enum refusal r = submission_check(&e->s); /* before any work is done for its files */
    if (r != REFUSE_NONE) {
        staff_refuse(&e->ask, r, NULL, NULL);
        entry_free(e);
    } else if (e->form.n_files == 0) {
        attached(e, REFUSE_NONE, 0);
    } else if (e->s.nature == NATURE_REPORT) {
        sealed_attach(e->ask.g, &e->s, &e->body.arena, e->form.files, e->form.n_files, attached, e);
    } else {
        media_attach(e->ask.g, &e->s, &e->body.arena, e->form.files, e->form.n_files, attached, e);
    }
}

/* What is confidential or to be held is nobody's company; what is urgent neither, as at the citizen's own door (citizen_matter.c), unless a
 * coordinator says so, who has read both. */
static bool joins_alone(const struct entry *e)
{
    struct arena a;
    struct decision d;
    arena_init(&a, 4u << 20);
    bool alone = !entry_decide(e->ask.g, &e->s, (int)e->unit, &a, &d);
    if (!alone) {
        alone = d.confidential || d.held || d.nature == NATURE_REPORT;
        if (!e->merges) alone |= d.urgency == URGENCY_CRITICAL || d.level == 1;
    }
    arena_free(&a);
    return alone;
}

/* False: refused. */
static bool join_chosen(struct entry *e, const struct db_result *target)
{
    if (!e->target) return true;
    if (e->of_unit) {
        staff_refuse(&e->ask, REFUSE_FORBIDDEN, "是否并案由统筹协调组决定，单位窗口登记时不并案。",
                     "Joining is for the office's posts; a unit's window writes down without it.");
        return false;
    }
    if (db_rows(target) == 0) {
        body_refuse(&e->ask, "joins");
        return false;
    }
    if (!db_get_bool(target, 0, 0)) {
        staff_refuse(&e->ask, REFUSE_ACT_ILLEGAL,
                     "选中的办件已经办结或者并案，不能再并入；请去掉选择后登记。",
                     "The case that was chosen is over or merged itself: take the choice away and store.");
        return false;
    }
    e->join = JOIN_APART;
    e->s.joins = joins_alone(e) ? 0 : e->target;
    return true;
}

/* --- who may --- */

static bool tied(const struct actor *a, i64 unit)
{
    bool tie = unit == a->unit || unit == a->home_unit;
    for (size_t i = 0; i < ACTOR_OTHERS_MAX && a->others[i]; i++) tie |= a->others[i] == unit;
    return tie;
}

/* 回避: what is told of a unit is not written down by whoever is tied to it, in whichever post. Of a report from a unit's window the unit must
 * be named, so that this can be seen. */
static bool report_refused(const struct entry *e, const struct staff_who *who)
{
    if (e->s.nature != NATURE_REPORT || (!e->unit && !e->of_unit)) return false;
    if (!e->unit)
        staff_refuse(&e->ask, REFUSE_FORBIDDEN, "单位窗口登记举报，要先写明被举报的单位。",
                     "A unit's window must name the unit that a report is about.");
    else if (tied(&who->actor, e->unit))
        staff_refuse(
            &e->ask, REFUSE_FORBIDDEN,
            "举报本单位的，本单位的人不能登记。请告诉群众可以扫监督牌自己填写，或直接向追责问责组、纪检监察单位反映。",
            "A report about a unit is not written down by that unit. Show the citizen the plaque, or the way to the "
            "accountability group.");
    else
        return false;
    return true;
}

static void may_enter(void *arg, enum db_end end, const struct db_result *const *results, int n,
                      const struct db_error *error)
{
    struct entry *e = arg;
    struct staff_who who;
    (void)n;
    if (!staff_granted(&e->ask, end, results, error, &who)) {
        entry_free(e);
        return;
    }
    if (!(who.actor.roles & ENTRY_WRITERS)) {
        staff_refuse(&e->ask, REFUSE_FORBIDDEN,
                     "登记群众来访、来电、来信，由统筹协调组、综合办公室、回访中心和单位窗口办理。",
                     "This is written down by the office's desks and by units' windows.");
        entry_free(e);
        return;
    }
    e->of_unit = !(who.actor.roles & ENTRY_OFFICE);
    e->merges = (who.actor.roles & ROLE_BIT(ROLE_COORDINATOR)) != 0;
    if (report_refused(e, &who) || !join_chosen(e, e->target ? results[CASEWORK_FIRST] : NULL)) {
        entry_free(e);
        return;
    }
    snprintf(e->dedupe_key, sizeof e->dedupe_key, "entry:%lld:%s", (long long)who.actor.staff, e->key);
    e->s.dedupe_key = str_of(e->dedupe_key);
    e->s.entered_by = (int)who.actor.staff;
    e->s.entered_at = who.unit_id;
    attach(e);
}

/* --- the request --- */

/* JSON alone, or in the field `entry` of a form whose other parts are files. False: refused. */
static bool request_open(struct entry *e, const struct http_in *in, const char *const *known)
{
    static const struct http_header json = {{"content-type", 12}, {"application/json", 16}};
    struct http_in inner = {.method = in->method, .path = in->path, .headers = &json, .n_headers = 1};
    struct http_in copy = *in;
    struct arena a;
    e->sent = mem_copy(in->body.p, in->body.n);
    e->sent_n = in->body.n;
    copy.body = (struct str){e->sent, e->sent_n};
    const enum webform_end end = webform_read(&copy, &e->form);
    if (end == WEBFORM_OTHER_TYPE || e->form.urlencoded.p) {
        e->form = (struct webform){.n_files = 0};
        return body_open(&e->ask, in, known, &e->body);
    }
    if (end != WEBFORM_READ || e->form.n_files > SUBMISSION_FILES_MAX) {
        staff_refuse(&e->ask, end != WEBFORM_READ ? REFUSE_MALFORMED : REFUSE_FILES_TOO_MANY, NULL, NULL);
        return false;
    }
    arena_init(&a, 1u << 20);
    inner.body = webform_get(&e->form, &a, "entry");
    const bool good = body_open(&e->ask, &inner, known, &e->body);
    arena_free(&a);
    return good;
}

static void nature_read(struct body *b, struct submission *s)
{
    const struct str said = body_text(b, "nature", 1, 20);
    if (!b->wrong && (!nature_parse(said, &s->nature) || s->nature == NATURE_RATE)) b->wrong = "nature";
}

static void day_read(struct body *b, struct submission *s)
{
    const struct str on = body_date(b, "said_on", false);
    instant end;
    if (!on.n || b->wrong) return;
    if (!staff_instant_parse(on, &end)) return;
    s->entered_day = (int)china_day((instant){end.us - 1});
    const i64 today = china_day(clock_now());
    if (s->entered_day > today || s->entered_day < today - 366) b->wrong = "said_on";
}

static void category_read(struct gateway *g, struct body *b, struct submission *s)
{
    s->category = body_text(b, "category", 0, 20);
    if (s->category.n && (s->category.n == 2 || !register_category(g, s->category))) b->wrong = "category";
}

void entry_add(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    static const char *const known[] = {"way",     "nature",  "text", "unit",         "category", "place",
                                        "said_on", "contact", "name", "send_receipt", "joins",    NULL};
    struct entry *e = MEM_NEW(struct entry);
    (void)id;
    e->ask = *a;
    if (!request_open(e, in, known)) {
        entry_free(e);
        return;
    }
    struct body *b = &e->body;
    const int way = body_choice(b, "way", ways, ARRAY_LEN(ways));
    e->s = (struct submission){.door = doors[way],
                               .entered_way = ways[way].word,
                               .found = true,
                               .text = body_text(b, "text", 1, SUBMISSION_TEXT_POINTS),
                               .position = {.words = body_text(b, "place", 0, SUBMISSION_PLACE_POINTS)},
                               .contact = body_text(b, "contact", 0, SUBMISSION_NAME_MAX),
                               .name = body_text(b, "name", 0, NAME_POINTS)};
    nature_read(b, &e->s);
    day_read(b, &e->s);
    category_read(a->g, b, &e->s);
    e->unit = body_unit(a->g, b, "unit", false);
    e->s.about = (int)e->unit;
    if (e->s.contact.n && !phone_normalise(e->s.contact, e->phone)) b->wrong = "contact";
    /* A name is kept where it is sealed, and nowhere else. */
    if (e->s.name.n && e->s.nature != NATURE_REPORT) b->wrong = "name";
    e->wants_sms = json_bool(json_get(b->doc, "send_receipt"));
    if (e->wants_sms && !e->s.contact.n) b->wrong = "contact";
    /* A report is nobody's company: of whom it is about, and that it is one, its main case would tell. */
    e->target = (u64)body_number(b, "joins", false, INT64_MAX / 2);
    if (e->target && e->s.nature == NATURE_REPORT) b->wrong = "joins";
    if (!body_good(a, b)) {
        entry_free(e);
        return;
    }
    if (!body_key(a, in, e->key)) {
        entry_free(e);
        return;
    }
    struct db_call *c = staff_call(a, may_enter, e);
    if (e->target) staff_add_by_id(c, &stmt_entry_target, e->target);
    if (!staff_go(a, c)) entry_free(e);
}
