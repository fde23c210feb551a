/* What is said to citizens, as the office words it: all events with the wording in force, a preview with the count of SMS, a new
 * version, and the versions before. Read by administrators, 综合办公室 and auditors; changed by the former two, for whoever runs
 * the channels and whoever answers for what leaves the house must both be able to mend a sentence. */
#include "staff_part.h"
#include "staff_query.h"
#include "staff_body.h"
#include "casework.h"
#include "messages.h"
#include "metrics.h"
#include "register.h"
#include "base/code.h"
#include "base/utf8.h"
#include "core/segments.h"
#include <stdlib.h>
#include <string.h>

#define BODY_MAX    ((size_t)16 * 1024)
#define ANSWER_MAX  ((size_t)1 << 20)
#define HISTORY_MAX 200
#define VERSION_MAX 1000000
#define WORDING_MAX (MESSAGE_TEMPLATE_MAX * 4) /* octets */
#define MAY_CHANGE  (ROLE_BIT(ROLE_ADMIN) | ROLE_BIT(ROLE_REGISTRY))
#define MAY_READ    (MAY_CHANGE | ROLE_BIT(ROLE_AUDITOR))

const struct db_stmt stmt_staff_templates = {
    "staff_templates",
    "select distinct on (t.event, t.lang) t.event, t.lang, t.version, t.text, t.changed_at, s.name "
    "from message_templates t left join staff s on s.id = t.changed_by order by t.event, t.lang, t.version desc",
    0,
    {0}};
const struct db_stmt stmt_staff_template_history = {
    "staff_template_history",
    "select t.version, t.text, t.changed_at, s.name from message_templates t left join staff s on s.id = t.changed_by "
    "where t.event = $1 and t.lang = $2 order by t.version desc limit $3",
    3,
    {DB_TEXT, DB_TEXT, DB_INT4}};
/* The trigger of the table refuses a version that does not follow the newest (MSD21). */
const struct db_stmt stmt_staff_template_write = {
    "staff_template_write",
    "with t as (insert into message_templates (event, lang, version, text, changed_by) values ($1, $2, $3, $4, staff_now()) "
    "  returning event, lang, version), "
    "a as (insert into audit_log (staff_id, action, detail) select staff_now(), 'template_changed', "
    "  jsonb_build_object('event', event, 'lang', lang, 'version', version) from t) "
    "select version from t",
    4,
    {DB_TEXT, DB_TEXT, DB_INT4, DB_TEXT}};

/* --- what is asked --- */

struct wording {
    struct staff_ask ask;
    enum message_event event;
    bool english;
    int version;
    char text[WORDING_MAX + 1], sign[MESSAGE_SIGN_MAX * 4 + 1];
};

static void refuse_member(const struct staff_ask *a, const char *zh, const char *en)
{
    staff_refuse(a, REFUSE_UNKNOWN_FIELD, zh, en);
}

static bool lang_parse(struct str word, bool *english_r)
{
    *english_r = str_eq(word, STR("en"));
    return *english_r || str_eq(word, STR("zh"));
}

/* Copies with a NUL; false when there is no room. */
static bool copy(struct str s, char *to, size_t room)
{
    if (s.n >= room) return false;
    if (s.n) memcpy(to, s.p, s.n);
    to[s.n] = '\0';
    return true;
}

static bool members_known(const struct json *doc, const char *const *known)
{
    for (const char *key = NULL; (key = json_next_key(doc, key)) != NULL;) {
        size_t i = 0;
        while (known[i] && strcmp(known[i], key) != 0) i++;
        if (!known[i]) return false;
    }
    return true;
}

/* {event, lang, text} and what else is known; false: refused. */
static bool wording_read(const struct staff_ask *a, const struct http_in *in, const char *const *known,
                         struct json **doc_r, struct wording *w)
{
    w->ask = *a;
    if (!body_object(a, in, BODY_MAX, doc_r)) return false;
    const struct json *doc = *doc_r, *text = json_get(doc, "text");
    if (!members_known(doc, known))
        refuse_member(a, "请求含有无法识别的字段。", "The request has a member that is not known.");
    else if (!message_event_parse(json_str(json_get(doc, "event")), &w->event))
        refuse_member(a, "没有这种短信（event）。", "There is no such event.");
    else if (!lang_parse(json_str(json_get(doc, "lang")), &w->english))
        refuse_member(a, "语言（lang）应为 zh 或 en。", "lang must be zh or en.");
    else if (json_kind(text) != JSON_STRING)
        refuse_member(a, "缺少文字（text）。", "text is missing.");
    else if (!copy(str_trim(json_str(text)), w->text, sizeof w->text))
        staff_refuse(a, REFUSE_TEMPLATE_FAULT, "文字太长：连同签名和填入的内容不能超过 500 字。",
                     "The wording is over 500 characters.");
    else
        return true;
    json_free(doc_r);
    return false;
}

static bool entered(const struct staff_ask *a, enum db_end end, const struct db_result *const *results,
                    const struct db_error *error, u32 roles, struct staff_who *who)
{
    if (!staff_entered(a, end, results, error, false, who)) return false;
    if (who->actor.roles & roles) return true;
    staff_refuse(a, REFUSE_FORBIDDEN, NULL, NULL);
    return false;
}

/* --- all of them --- */

static void put_params(enum message_event e, struct text *t)
{
    struct str rest = str_of(message_event_params(e)), one;
    text_addz(t, ",\"params\":[");
    for (bool more = false; rest.n; more = true) {
        str_cut(rest, ',', &one, &rest);
        text_addz(t, more ? ",{\"name\":" : "{\"name\":");
        json_put(t, one);
        json_put_text(t, "title", str_of(message_param_title(one)));
        json_put_text(t, "example", str_of(message_param_example(one, false)));
        json_put_text(t, "example_en", str_of(message_param_example(one, true)));
        text_addc(t, '}');
    }
    text_addc(t, ']');
}

/* Channels that send what their provider has approved: with its code, or null where there is none for this event, which then
 * cannot be sent through them. */
static void put_channels(const struct gateway *g, enum message_event e, struct text *t)
{
    const struct channel_row *rows;
    const size_t n = register_ready(g) ? register_channels(g, &rows) : 0;
    struct text name;
    bool more = false;
    text_init(&name, 100);
    text_addf(&name, "template_%s", message_event_word(e));
    text_addz(t, ",\"channels\":[");
    for (size_t i = 0; i < n; i++) {
        const struct channel *ch = &rows[i].ch;
        const struct str code = channel_setting(ch, text_str(&name));
        bool approved = false;
        if (!rows[i].active || message_event_purpose(e) == PURPOSE_CALL) continue;
        for (size_t k = 0; k < ch->n_settings && !approved; k++)
            approved = str_starts(ch->settings[k].name, STR("template_")) && ch->settings[k].value.n;
        if (!approved) continue;
        text_addz(t, more ? ",{\"channel\":" : "{\"channel\":");
        json_put(t, ch->name);
        json_put_text(t, "template", code.n ? code : STR_NONE);
        text_addc(t, '}');
        more = true;
    }
    text_addc(t, ']');
    text_free(&name);
}

/* Version, words, who and when: columns from `col` on. */
static void put_version(const struct db_result *r, int row, int col, struct text *t)
{
    text_addf(t, "\"version\":%lld", (long long)db_get_i64(r, row, col));
    json_put_text(t, "text", db_get_text(r, row, col + 1));
    json_put_instant(t, "changed_at", db_get_instant(r, row, col + 2));
    json_put_text(t, "changed_by", db_get_text(r, row, col + 3));
}

static void put_newest(const struct db_result *r, enum message_event e, const char *lang, struct text *t)
{
    text_addf(t, ",\"%s\":{", lang);
    for (int i = 0; i < db_rows(r); i++) {
        if (!str_eq(db_get_text(r, i, 0), str_of(message_event_word(e))) ||
            !str_eq(db_get_text(r, i, 1), str_of(lang)))
            continue;
        const char *fault = message_template_fault(e, db_get_text(r, i, 3));
        put_version(r, i, 2, t);
        json_put_text(t, "fault", fault ? str_of(fault) : STR_NONE);
    }
    text_addc(t, '}');
}

static void have_all(void *arg, enum db_end end, const struct db_result *const *results, int n,
                     const struct db_error *error)
{
    struct staff_ask *a = arg;
    struct staff_who who;
    (void)n;
    if (entered(a, end, results, error, MAY_READ, &who)) {
        struct text body;
        text_init(&body, ANSWER_MAX);
        text_addf(&body,
                  "{\"may_change\":%s,\"most\":%d,\"sign\":", who.actor.roles & MAY_CHANGE ? "true" : "false",
                  MESSAGE_TEMPLATE_MAX);
        json_put(&body, messages_sign(a->g, NULL));
        text_addz(&body, ",\"templates\":[");
        for (int e = 0; e < MESSAGE_EVENTS_N; e++) {
            const enum message_event event = (enum message_event)e;
            text_addf(&body, "%s{\"event\":\"%s\",\"purpose\":\"%s\"", e ? "," : "",
                      message_event_word(event), message_purpose_word(message_event_purpose(event)));
            json_put_text(&body, "title", str_of(message_event_title(event)));
            put_params(event, &body);
            put_channels(a->g, event, &body);
            put_newest(results[CASEWORK_FIRST], event, "zh", &body);
            put_newest(results[CASEWORK_FIRST], event, "en", &body);
            text_addc(&body, '}');
        }
        text_addz(&body, "]}");
        staff_answer(a, &body);
    }
    free(a);
}

void staff_templates(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    struct staff_ask *kept = staff_keep(a);
    (void)in, (void)id;
    struct db_call *c = staff_call(a, have_all, kept);
    db_call_add(c, &stmt_staff_templates, db_params_new(&stmt_staff_templates));
    if (!staff_go(a, c)) free(kept);
}

/* --- the versions of one --- */

static void have_history(void *arg, enum db_end end, const struct db_result *const *results, int n,
                         const struct db_error *error)
{
    struct wording *w = arg;
    struct staff_who who;
    (void)n;
    if (entered(&w->ask, end, results, error, MAY_READ, &who)) {
        const struct db_result *r = results[CASEWORK_FIRST];
        struct text body;
        text_init(&body, ANSWER_MAX);
        text_addf(&body, "{\"event\":\"%s\",\"lang\":\"%s\",\"versions\":[", message_event_word(w->event),
                  w->english ? "en" : "zh");
        for (int i = 0; i < db_rows(r); i++) {
            text_addz(&body, i ? ",{" : "{");
            put_version(r, i, 0, &body);
            text_addc(&body, '}');
        }
        text_addz(&body, "]}");
        staff_answer(&w->ask, &body);
    }
    free(w);
}

void staff_template_history(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    struct wording *w = MEM_NEW(struct wording);
    struct text event, lang;
    bool bad = false;
    (void)id;
    w->ask = *a;
    text_init(&event, 100);
    text_init(&lang, 10);
    if (!query_param(in, "event", &event, &bad) || bad || !message_event_parse(text_str(&event), &w->event)) {
        refuse_member(a, "没有这种短信（event）。", "There is no such event.");
        free(w);
    } else if (!query_param(in, "lang", &lang, &bad) || bad || !lang_parse(text_str(&lang), &w->english)) {
        refuse_member(a, "语言（lang）应为 zh 或 en。", "lang must be zh or en.");
        free(w);
    } else {
        struct db_call *c = staff_call(a, have_history, w);
        struct db_params *p = db_params_new(&stmt_staff_template_history);
        db_put_text(p, text_str(&event));
        db_put_text(p, text_str(&lang));
        db_put_i32(p, HISTORY_MAX);
        db_call_add(c, &stmt_staff_template_history, p);
        if (!staff_go(a, c)) free(w);
    }
    text_free(&event);
    text_free(&lang);
}

/* --- preview --- */

static void put_segments(const char *name, enum segments_rule rule, struct str text, struct text *t)
{
    const struct segments s = segments_count(rule, text);
    text_addf(t, ",\"%s\":{\"parts\":%u,\"units\":%u,\"per_part\":%u,\"alphabet\":\"%s\"}", name, s.parts,
              s.units, s.per_part, s.gsm7 ? "GSM-7" : "UCS-2");
}

static void preview(const struct wording *w)
{
    const char *fault = message_template_fault(w->event, str_of(w->text));
    struct text shown, body;
    text_init(&shown, WORDING_MAX * 4);
    text_init(&body, ANSWER_MAX);
    if (w->sign[0] && message_event_purpose(w->event) != PURPOSE_CALL) text_addf(&shown, "【%s】", w->sign);
    const bool filled = message_render_example(str_of(w->text), w->english, &shown);
    text_addz(&body, "{\"rendered\":");
    if (filled)
        json_put(&body, text_str(&shown));
    else
        text_addz(&body, "null");
    json_put_text(&body, "fault", fault ? str_of(fault) : STR_NONE);
    put_segments("gsm", SEGMENTS_GSM, filled ? text_str(&shown) : STR(""), &body);
    put_segments("domestic", SEGMENTS_DOMESTIC, filled ? text_str(&shown) : STR(""), &body);
    text_addc(&body, '}');
    staff_answer(&w->ask, &body);
    text_free(&shown);
}

static void have_previewer(void *arg, enum db_end end, const struct db_result *const *results, int n,
                           const struct db_error *error)
{
    struct wording *w = arg;
    struct staff_who who;
    (void)n;
    if (entered(&w->ask, end, results, error, MAY_READ, &who)) preview(w);
    free(w);
}

/* The signature as it will stand in brackets: absent is the house's own, "" is none. */
static bool sign_read(const struct gateway *g, const struct json *v, struct wording *w)
{
    const struct str sign = v ? str_trim(json_str(v)) : messages_sign(g, NULL);
    if (v && json_kind(v) != JSON_STRING) return false;
    if (!v) return copy(sign, w->sign, sizeof w->sign) || copy(STR(""), w->sign, sizeof w->sign);
    return utf8_valid(sign) && utf8_count(sign) + 2 <= MESSAGE_SIGN_MAX &&
           str_find(sign, STR("【")) == SIZE_MAX && str_find(sign, STR("】")) == SIZE_MAX &&
           copy(sign, w->sign, sizeof w->sign);
}

void staff_template_preview(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    static const char *const known[] = {"event", "lang", "text", "sign", NULL};
    struct wording *w = MEM_NEW(struct wording);
    struct json *doc = NULL;
    (void)id;
    if (!wording_read(a, in, known, &doc, w)) {
        free(w);
        return;
    }
    const bool good = sign_read(a->g, json_get(doc, "sign"), w);
    json_free(&doc);
    if (!good) {
        refuse_member(a, "签名（sign）最多 18 个字，不带【】。",
                      "sign has at most 18 characters and no brackets.");
        free(w);
    } else if (!staff_go(a, staff_call(a, have_previewer, w))) {
        free(w);
    }
}

/* --- a new version --- */

/* Somebody else was faster: the trigger saw it, or the primary key did. */
static bool overtaken(enum db_end end, const struct db_error *e)
{
    return end == DB_FAILED && (strcmp(e->sqlstate, "MSD21") == 0 || strcmp(e->sqlstate, "23505") == 0);
}

static void have_written(void *arg, enum db_end end, const struct db_result *const *results, int n,
                         const struct db_error *error)
{
    struct wording *w = arg;
    struct staff_who who;
    (void)n;
    if (overtaken(end, error)) {
        staff_refuse(&w->ask, REFUSE_TEMPLATE_CHANGED, NULL, NULL);
    } else if (end == DB_FAILED && strcmp(error->sqlstate, "42501") == 0) {
        staff_refuse(&w->ask, REFUSE_FORBIDDEN, NULL, NULL); /* the row-level policy names the posts */
    } else if (entered(&w->ask, end, results, error, MAY_CHANGE, &who)) {
        struct text body;
        COUNT(TEMPLATES_CHANGED);
        text_init(&body, 200);
        text_addf(&body, "{\"event\":\"%s\",\"lang\":\"%s\",\"version\":%d}", message_event_word(w->event),
                  w->english ? "en" : "zh", w->version);
        staff_answer(&w->ask, &body);
    }
    free(w);
}

void staff_template_write(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    static const char *const known[] = {"event", "lang", "text", "version", NULL};
    struct wording *w = MEM_NEW(struct wording);
    struct json *doc = NULL;
    i64 seen = 0;
    (void)id;
    if (!wording_read(a, in, known, &doc, w)) {
        free(w);
        return;
    }
    const bool numbered = json_int(json_get(doc, "version"), &seen) && seen >= 1 && seen < VERSION_MAX;
    const char *fault = message_template_fault(w->event, str_of(w->text));
    json_free(&doc);
    w->version = (int)seen + 1;
    if (!numbered || fault) {
        if (fault)
            staff_refuse(a, REFUSE_TEMPLATE_FAULT, fault, NULL);
        else
            refuse_member(a, "缺少改动所依据的版本号（version）。",
                          "version, the one that was changed, is missing.");
        free(w);
        return;
    }
    struct db_call *c = staff_call(a, have_written, w);
    struct db_params *p = db_params_new(&stmt_staff_template_write);
    db_put_text(p, str_of(message_event_word(w->event)));
    db_put_text(p, w->english ? STR("en") : STR("zh"));
    db_put_i32(p, w->version);
    db_put_text(p, str_of(w->text));
    db_call_add(c, &stmt_staff_template_write, p);
    if (!staff_go(a, c)) free(w);
}
