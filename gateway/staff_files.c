/* Files of a case for the staff: the list, the clean copies, the originals as evidence, and what a handler brings for the next act. */
#include "staff_part.h"
#include "staff_body.h"
#include "casework.h"
#include "media.h"
#include "base/log.h"
#include "base/utf8.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BODY_MAX   4096
#define LIST_MAX   ((size_t)256 * 1024)
#define REASON_MAX 500

/* Who asks, and whether the case is in sight; a confidential one only within an hour of a look that gave its reason. */
const struct db_stmt stmt_staff_files_case = {
    "staff_files_case",
    "select file_looked(c.id), i_am('{coordinator,supervisor,registry,accountability,callback,handler,unit_leader}') from cases c where c.id = $1",
    1,
    {DB_INT8}};
const struct db_stmt stmt_staff_files = {
    "staff_files",
    "select f.id, f.type, f.clean_type, f.size, f.width, f.height, f.made_at, f.hash_thumb is not null, u.feedback_id, u.act_id "
    "from file_uses u join files f on f.id = u.file_id where u.case_id = $1 and file_looked($1) order by f.made_at, u.ordinal, f.id limit 500",
    1,
    {DB_INT8}};
const struct db_stmt stmt_staff_file = {
    "staff_file",
    "select 1 from files f left join file_uses u on u.file_id = f.id where f.id = $1 "
    "and (f.offered_by = staff_now() or file_looked(u.case_id))",
    1,
    {DB_INT8}};
/* The line of the log is what opens the door: no line, no bytes. */
const struct db_stmt stmt_staff_file_original = {
    "staff_file_original",
    "insert into audit_log (staff_id, action, case_id, detail) select staff_now(), 'original', u.case_id, "
    "jsonb_build_object('reason', $2, 'file', $1::text) from file_uses u where u.file_id = $1 and u.case_id is not null "
    "and i_am('{accountability,supervisor}') and file_looked(u.case_id)",
    2,
    {DB_INT8, DB_TEXT}};

/* --- the list --- */

static void file_json(const struct db_result *r, int i, struct text *t)
{
    char at[INSTANT_TEXT_MAX];
    enum media_type type = MEDIA_JPEG, clean = MEDIA_JPEG;
    bool known = filetype_parse(db_get_text(r, i, 1), &type) && filetype_parse(db_get_text(r, i, 2), &clean);
    ASSERT(known); /* a constraint of the table */
    text_addf(
        t,
        "%s{\"id\":%lld,\"type\":\"%s\",\"clean_type\":\"%s\",\"video\":%s,\"size\":%lld,\"width\":%lld,\"height\":%lld,",
        i ? "," : "", (long long)db_get_i64(r, i, 0), filetype_word(type), filetype_mime(clean),
        filetype_video(type) ? "true" : "false", (long long)db_get_i64(r, i, 3),
        (long long)db_get_i64(r, i, 4), (long long)db_get_i64(r, i, 5));
    text_addf(t, "\"at\":\"%s\",\"thumb\":%s,\"feedback\":", instant_text(db_get_instant(r, i, 6), at),
              db_get_bool(r, i, 7) ? "true" : "false");
    if (db_is_null(r, i, 8))
        text_addz(t, "null");
    else
        text_addf(t, "%lld", (long long)db_get_i64(r, i, 8));
    text_addz(t, ",\"act\":");
    if (db_is_null(r, i, 9))
        text_addz(t, "null}");
    else
        text_addf(t, "%lld}", (long long)db_get_i64(r, i, 9));
}

static void have_list(void *arg, enum db_end end, const struct db_result *const *results, int n,
                      const struct db_error *error)
{
    struct staff_ask *a = arg;
    struct staff_who who;
    struct text t;
    (void)n;
    if (!staff_entered(a, end, results, error, false, &who)) goto over;
    const struct db_result *c = results[CASEWORK_FIRST], *r = results[CASEWORK_FIRST + 1];
    if (db_rows(c) == 0) {
        staff_refuse(a, REFUSE_CASE_UNKNOWN, NULL, NULL);
        goto over;
    }
    if (!db_get_bool(c, 0, 0)) {
        staff_refuse_unreasoned(a);
        goto over;
    }
    text_init(&t, LIST_MAX);
    text_addz(&t, "{\"files\":[");
    for (int i = 0; i < db_rows(r); i++) file_json(r, i, &t);
    text_addz(&t, "]}");
    staff_answer(a, &t);
over:
    free(a);
}

void staff_files(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    struct staff_ask *kept = staff_keep(a);
    (void)in;
    struct db_call *c = staff_call_by_key(a, have_list, kept);
    staff_add_by_id(c, &stmt_staff_files_case, id);
    staff_add_by_id(c, &stmt_staff_files, id);
    if (!staff_go(a, c)) free(kept);
}

/* --- bytes --- */

struct reading {
    struct staff_ask ask;
    u64 file;
    enum media_part part;
};

static void fetched(void *arg, const struct media_fetched *f)
{
    struct reading *w = arg;
    char name[80];
    if (f->end == STORE_OK) {
        int n = snprintf(name, sizeof name, "%s; filename=\"%llu%s.%s\"",
                         w->part == MEDIA_ORIGINAL ? "attachment" : "inline", (unsigned long long)w->file,
                         w->part == MEDIA_ORIGINAL ? "-original" : "", filetype_ending(f->type));
        const struct http_header more[] = {{STR("content-disposition"), {name, (size_t)n}}};
        reply_bytes(w->ask.g, w->ask.ticket, filetype_mime(f->type), f->bytes, more, ARRAY_LEN(more));
    } else if (f->end == STORE_AWAY) {
        staff_refuse(&w->ask, REFUSE_UNAVAILABLE, "文件暂时读不出来，请稍后重试。",
                     "The file cannot be read just now; please try again soon.");
    } else {
        staff_refuse(&w->ask, f->end == STORE_DAMAGED ? REFUSE_INTERNAL : REFUSE_NOT_FOUND, NULL, NULL);
    }
    free(w);
}

static void may_read(void *arg, enum db_end end, const struct db_result *const *results, int n,
                     const struct db_error *error)
{
    struct reading *w = arg;
    struct staff_who who;
    (void)n;
    if (!staff_entered(&w->ask, end, results, error, false, &who)) {
        free(w);
        return;
    }
    const struct db_result *r = results[CASEWORK_FIRST];
    bool original = w->part == MEDIA_ORIGINAL;
    if (original ? db_affected(r) == 1 : db_rows(r) == 1) {
        media_fetch(w->ask.g, 0, w->file, w->part, fetched, w);
        return;
    }
    const u32 judges = ROLE_BIT(ROLE_ACCOUNTABILITY) | ROLE_BIT(ROLE_SUPERVISOR);
    if (original && !(who.actor.roles & judges))
        staff_refuse(&w->ask, REFUSE_FORBIDDEN, "原件只有追责问责组和督查督办组可以调阅。",
                     "Originals are for the groups of accountability and supervision alone.");
    else
        staff_refuse(&w->ask, REFUSE_NOT_FOUND, "没有这个文件，或您无权查看。",
                     "There is no such file, or you may not see it.");
    free(w);
}

static void read_part(const struct staff_ask *a, u64 id, enum media_part part, struct str reason)
{
    struct reading *w = MEM_NEW(struct reading);
    *w = (struct reading){.ask = *a, .file = id, .part = part};
    struct db_call *c = staff_call_by_key(a, may_read, w);
    if (part == MEDIA_ORIGINAL) {
        struct db_params *p = db_params_new(&stmt_staff_file_original);
        db_put_i64(p, (i64)id);
        db_put_text(p, reason);
        db_call_add(c, &stmt_staff_file_original, p);
    } else {
        staff_add_by_id(c, &stmt_staff_file, id);
    }
    if (!staff_go(a, c)) free(w);
}

void staff_file_clean(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    (void)in;
    read_part(a, id, MEDIA_CLEAN, STR_NONE);
}

void staff_file_thumb(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    (void)in;
    read_part(a, id, MEDIA_THUMB, STR_NONE);
}

void staff_file_original(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    struct json *doc;
    if (!body_object(a, in, BODY_MAX, &doc)) return;
    struct str reason = str_trim(json_str(json_get(doc, "reason")));
    size_t n = utf8_count(reason);
    if (n < 2 || n > REASON_MAX)
        reply_problem(
            a->g, a->ticket, a->lang, REFUSE_ACT_NEEDS,
            a->lang == LANG_EN
                ? STR("Say why the original is needed, in 2 to 500 characters; every look is logged.")
                : STR("请填写调阅原件的理由（2 到 500 字）；每次调阅都会留痕。"),
            STR(",\"missing\":[\"reason\"]"), SPAN_US(0));
    else
        read_part(a, id, MEDIA_ORIGINAL, reason);
    json_free(&doc);
}

/* --- evidence for the next act --- */

struct offering {
    struct staff_ask ask;
    u64 case_id;
    char *body, *type; /* of the request: who sends it is only known once the database has answered */
    size_t n;
};

static void offering_free(struct offering *w)
{
    free(w->body);
    free(w->type);
    free(w);
}

static void kept(void *arg, const struct media_kept *k)
{
    struct offering *w = arg;
    struct text t;
    if (k->refusal != REFUSE_NONE) {
        char at[40];
        int n = snprintf(at, sizeof at, ",\"file\":%zu", k->at + 1);
        reply_problem(w->ask.g, w->ask.ticket, w->ask.lang, k->refusal, STR_NONE, (struct str){at, (size_t)n},
                      k->refusal == REFUSE_UNAVAILABLE ? SPAN_S(5) : SPAN_US(0));
    } else {
        text_init(&t, BODY_MAX);
        text_addz(&t, "{\"files\":[");
        for (size_t i = 0; i < k->n; i++)
            text_addf(&t, "%s%llu", i ? "," : "", (unsigned long long)k->ids[i]);
        text_addz(&t, "]}\n");
        reply_json(w->ask.g, w->ask.ticket, 201, text_str(&t), NULL, 0);
        text_free(&t);
    }
    offering_free(w);
}

static void may_offer(void *arg, enum db_end end, const struct db_result *const *results, int n,
                      const struct db_error *error)
{
    struct offering *w = arg;
    struct staff_who who;
    struct webform form;
    (void)n;
    if (!staff_entered(&w->ask, end, results, error, false, &who)) {
        offering_free(w);
        return;
    }
    const struct db_result *r = results[CASEWORK_FIRST];
    enum refusal no = db_rows(r) == 0         ? REFUSE_CASE_UNKNOWN
                      : !db_get_bool(r, 0, 1) ? REFUSE_FORBIDDEN
                                              : REFUSE_NONE;
    const struct http_header type = {STR("content-type"), str_of(w->type)};
    const struct http_in in = {.body = {w->body, w->n}, .headers = &type, .n_headers = 1};
    const enum webform_end read = webform_read(&in, &form);
    if (no == REFUSE_NONE && read == WEBFORM_OTHER_TYPE) no = REFUSE_UNSUPPORTED_TYPE;
    if (no == REFUSE_NONE && (read != WEBFORM_READ || form.n_files == 0)) no = REFUSE_MALFORMED;
    if (no == REFUSE_NONE) {
        media_keep_offered(w->ask.g, form.files, form.n_files, w->case_id, who.actor.staff, kept, w);
        return;
    }
    staff_refuse(&w->ask, no, NULL, NULL);
    offering_free(w);
}

void staff_file_offer(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    struct offering *w = MEM_NEW(struct offering);
    struct str type = http_header_get(in, STR("content-type"));
    *w = (struct offering){.ask = *a,
                           .case_id = id,
                           .body = mem_copy(in->body.p, in->body.n),
                           .type = mem_copy(type.p, type.n),
                           .n = in->body.n};
    struct db_call *c = staff_call_by_key(a, may_offer, w);
    staff_add_by_id(c, &stmt_staff_files_case, id);
    if (!staff_go(a, c)) offering_free(w);
}
