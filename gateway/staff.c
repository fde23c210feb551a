#include "staff_part.h"
#include "casework.h"
#include "embedded.h"
#include "files.h"
#include "finders.h"
#include "staff_ratings.h"
#include "hub.h"
#include "session.h"
#include "staff_plaques.h"
#include "base/log.h"
#include "base/utf8.h"
#include <string.h>

#define API STR("/staff/api/v1")

const struct db_stmt *const staff_statements[] = {
    &stmt_staff_login,
    &stmt_staff_login_failed,
    &stmt_staff_sign_in,
    &stmt_staff_sign_out,
    &stmt_staff_password_read,
    &stmt_staff_password_write,
    &stmt_staff_cases,
    &stmt_staff_counts,
    &stmt_staff_case,
    &stmt_staff_case_look,
    &stmt_staff_case_feedback,
    &stmt_staff_case_acts,
    &stmt_staff_named,
    &stmt_staff_files_case,
    &stmt_staff_files,
    &stmt_staff_file,
    &stmt_staff_file_original,
    &stmt_staff_story,
    &stmt_staff_story_case,
    &stmt_staff_callbacks,
    &stmt_staff_callbacks_case,
    &stmt_staff_callback_contact,
    &stmt_staff_figures_cases,
    &stmt_staff_figures_late,
    &stmt_staff_figures_acts,
    &stmt_staff_figures_charged,
    &stmt_staff_figures_callbacks,
    &stmt_staff_templates,
    &stmt_staff_template_history,
    &stmt_staff_template_write,
    &stmt_enterprises,
    &stmt_visits,
    &stmt_visit_add,
    &stmt_visit_step,
    &stmt_visit_finish,
    &stmt_staff_policies,
    &stmt_staff_policy_add,
    &stmt_staff_policy_step,
    &stmt_staff_publications,
    &stmt_staff_publication_figures,
    &stmt_staff_publication_add,
    &stmt_staff_publication_step,
    &stmt_staff_channels,
    &stmt_staff_channel_states,
    &stmt_staff_channel_counts,
    &stmt_staff_channel_alarms,
    &stmt_staff_channel_log,
    &stmt_staff_channel_switch,
    &stmt_staff_channel_try,
    &stmt_staff_channel_replay,
    &stmt_staff_channel_replays,
    &stmt_staff_outbox,
    &stmt_staff_outbox_preview,
    &stmt_staff_outbox_redrive,
    &stmt_staff_outbox_drop,
    &stmt_staff_outbox_redrive_found,
    &stmt_staff_outbox_drop_found,
    &stmt_staff_windows,
    &stmt_staff_kiosks,
    &stmt_staff_kiosk_code,
    &stmt_staff_kiosk_revoke,
    &stmt_staff_service_finish,
    &stmt_staff_ratings,
    &stmt_staff_rating_figures,
};
const size_t n_staff_statements = ARRAY_LEN(staff_statements);

enum door_guard {
    OPEN = 0,
    NEEDS_SESSION = 1,
    CHANGES = 3
}; /* a change needs a session and its CSRF token */
static staff_handler openapi;
static const struct route {
    const char *method, *path; /* '#' stands for a number, '*' for a channel's name */
    enum door_guard guard;
    staff_handler *answer;
} routes[] = {
    {"POST", "/session", OPEN, staff_sign_in},
    {"GET", "/session", NEEDS_SESSION, staff_session_read},
    {"DELETE", "/session", CHANGES, staff_sign_out},
    {"POST", "/session/password", CHANGES, staff_password},
    {"GET", "/cases", NEEDS_SESSION, staff_cases},
    {"GET", "/cases/#", NEEDS_SESSION, staff_case},
    {"GET", "/cases/#/story", NEEDS_SESSION, staff_story},
    {"GET", "/cases/#/story.pdf", NEEDS_SESSION, staff_story_paper},
    {"POST", "/cases/#/acts", CHANGES, staff_act},
    {"GET", "/cases/#/files", NEEDS_SESSION, staff_files},
    {"POST", "/cases/#/files", CHANGES, staff_file_offer},
    {"GET", "/files/#/clean", NEEDS_SESSION, staff_file_clean},
    {"GET", "/files/#/thumb", NEEDS_SESSION, staff_file_thumb},
    {"POST", "/files/#/original", CHANGES, staff_file_original},
    {"GET", "/counts", NEEDS_SESSION, staff_counts},
    {"GET", "/units", NEEDS_SESSION, staff_units},
    {"GET", "/categories", NEEDS_SESSION, staff_categories},
    {"GET", "/callbacks", NEEDS_SESSION, staff_callbacks},
    {"POST", "/callbacks/#/contact", CHANGES, staff_callback_contact},
    {"GET", "/figures", NEEDS_SESSION, staff_figures},
    {"GET", "/meetings", NEEDS_SESSION, meeting_list},
    {"POST", "/meetings", CHANGES, meeting_add},
    {"GET", "/meetings/board", NEEDS_SESSION, meeting_board},
    {"GET", "/meetings/#", NEEDS_SESSION, meeting_read},
    {"POST", "/meetings/#/minutes", CHANGES, meeting_minutes},
    {"POST", "/meetings/#/problems", CHANGES, meeting_problem},
    {"POST", "/meetings/#/measures", CHANGES, meeting_measure},
    {"GET", "/inspections", NEEDS_SESSION, inspection_list},
    {"POST", "/inspections", CHANGES, inspection_add},
    {"GET", "/inspections/totals", NEEDS_SESSION, inspection_totals},
    {"GET", "/inspections/#", NEEDS_SESSION, inspection_read},
    {"POST", "/inspections/#/findings", CHANGES, inspection_finding},
    {"POST", "/inspections/#/outcomes", CHANGES, inspection_outcome},
    {"GET", "/monitors", NEEDS_SESSION, monitor_list},
    {"POST", "/monitors", CHANGES, monitor_add},
    {"GET", "/monitors/returns", NEEDS_SESSION, monitor_returns},
    {"POST", "/monitors/returns", CHANGES, monitor_return},
    {"POST", "/imports", CHANGES, import_rows},
    {"GET", "/sheets/weekly", NEEDS_SESSION, sheet_weekly},
    {"GET", "/sheets/weekly.pdf", NEEDS_SESSION, sheet_weekly_pdf},
    {"GET", "/letters", NEEDS_SESSION, staff_letters},
    {"POST", "/letters", CHANGES, staff_letter_new},
    {"GET", "/letters/register", NEEDS_SESSION, staff_letter_register},
    {"POST", "/letters/register", CHANGES, staff_letter_enter},
    {"GET", "/letters/register.pdf", NEEDS_SESSION, staff_letter_register_pdf},
    {"GET", "/letters/#", NEEDS_SESSION, staff_letter},
    {"GET", "/letters/#/pdf", NEEDS_SESSION, staff_letter_pdf},
    {"POST", "/letters/#/acts", CHANGES, staff_letter_act},
    {"GET", "/templates", NEEDS_SESSION, staff_templates},
    {"POST", "/templates", CHANGES, staff_template_write},
    {"POST", "/templates/preview", CHANGES, staff_template_preview},
    {"GET", "/templates/history", NEEDS_SESSION, staff_template_history},
    {"GET", "/enterprises", NEEDS_SESSION, staff_enterprises},
    {"GET", "/visits", NEEDS_SESSION, staff_visits},
    {"POST", "/visits", CHANGES, staff_visit_add},
    {"POST", "/visits/#/steps", CHANGES, staff_visit_step},
    {"GET", "/policies", NEEDS_SESSION, staff_policies},
    {"POST", "/policies", CHANGES, staff_policy_add},
    {"POST", "/policies/#/steps", CHANGES, staff_policy_step},
    {"GET", "/publications", NEEDS_SESSION, staff_publications},
    {"POST", "/publications", CHANGES, staff_publication_add},
    {"GET", "/publications/#/figures", NEEDS_SESSION, staff_publication_figures},
    {"POST", "/publications/#/steps", CHANGES, staff_publication_step},
    {"GET", "/channels", NEEDS_SESSION, staff_channels},
    {"GET", "/channels/log", NEEDS_SESSION, staff_channel_log},
    {"POST", "/channels/*/enable", CHANGES, staff_channel_enable},
    {"POST", "/channels/*/disable", CHANGES, staff_channel_disable},
    {"POST", "/channels/*/test", CHANGES, staff_channel_test},
    {"GET", "/channels/*/replays", NEEDS_SESSION, staff_channel_replays},
    {"POST", "/channels/*/replays", CHANGES, staff_channel_replay},
    {"GET", "/outbox", NEEDS_SESSION, staff_outbox},
    {"POST", "/outbox/redrive", CHANGES, staff_outbox_redrive},
    {"POST", "/outbox/drop", CHANGES, staff_outbox_drop},
    {"GET", "/seal", NEEDS_SESSION, staff_seal_desk},
    {"PUT", "/seal/me", CHANGES, staff_seal_me},
    {"POST", "/seal/groups/*", CHANGES, staff_seal_group},
    {"POST", "/seal/wraps", CHANGES, staff_seal_give},
    {"GET", "/seal/envelopes", NEEDS_SESSION, staff_seal_envelopes},
    {"POST", "/seal/envelopes", CHANGES, staff_seal_rewrap},
    {"POST", "/seal/recover", CHANGES, staff_seal_recover},
    {"POST", "/cases/#/sealed", CHANGES, staff_sealed_open},
    {"POST", "/cases/#/sealed/say", CHANGES, staff_sealed_say},
    {"GET", "/cases/#/sealed/files/*", NEEDS_SESSION, staff_sealed_file},
    {"GET", "/plaques", NEEDS_SESSION, plaque_list},
    {"POST", "/plaques", CHANGES, plaque_issue},
    {"GET", "/plaques/coverage", NEEDS_SESSION, plaque_coverage},
    {"GET", "/plaques/sheet.pdf", NEEDS_SESSION, plaque_sheet},
    {"GET", "/plaques/alarms", NEEDS_SESSION, plaque_alarms},
    {"POST", "/plaques/alarms/#/settle", CHANGES, plaque_settle},
    {"GET", "/plaques/#", NEEDS_SESSION, plaque_read},
    {"POST", "/plaques/#/acts", CHANGES, plaque_step},
    {"POST", "/plaques/#/photos", CHANGES, plaque_photo_add},
    {"GET", "/plaque-photos/#", NEEDS_SESSION, plaque_photo},
    {"GET", "/plaques/#/plate.svg", NEEDS_SESSION, plaque_sheet_one},
    {"GET", "/windows", NEEDS_SESSION, staff_windows},
    {"POST", "/services/finish", CHANGES, staff_service_finish},
    {"POST", "/kiosks", CHANGES, staff_kiosk_code},
    {"POST", "/kiosks/#/revoke", CHANGES, staff_kiosk_revoke},
    {"GET", "/ratings", NEEDS_SESSION, staff_ratings},
    {"GET", "/ratings/figures", NEEDS_SESSION, staff_rating_figures},
    {"GET", "/acts", NEEDS_SESSION, staff_acts},
    {"GET", "/openapi.json", OPEN, openapi},
};

void staff_refuse(const struct staff_ask *a, enum refusal r, const char *zh, const char *en)
{
    reply_problem(a->g, a->ticket, a->lang, r, str_of(a->lang == LANG_EN ? en : zh), STR_NONE,
                  r == REFUSE_UNAVAILABLE ? SPAN_S(5) : SPAN_US(0));
}

void staff_refuse_filter(const struct staff_ask *a, const char *which)
{
    struct text zh, en;
    text_init(&zh, 256);
    text_init(&en, 256);
    text_addf(&zh, "筛选条件 %s 的取值无法识别。", which);
    text_addf(&en, "The value of the filter %s is not known.", which);
    staff_refuse(a, REFUSE_UNKNOWN_FIELD, text_z(&zh), text_z(&en));
    text_free(&zh);
    text_free(&en);
}

bool staff_body(const struct staff_ask *a, const struct http_in *in, size_t max, struct json **doc_r)
{
    const char *why;
    struct str type, rest;
    str_cut(http_header_get(in, STR("content-type")), ';', &type, &rest);
    if (!str_eq_case(str_trim(type), STR("application/json"))) {
        staff_refuse(a, REFUSE_UNSUPPORTED_TYPE, NULL, NULL);
        return false;
    }
    if (in->body.n > max) {
        staff_refuse(a, REFUSE_TOO_BIG, NULL, NULL);
        return false;
    }
    *doc_r = json_parse(in->body, max, &why);
    if (*doc_r && json_kind(*doc_r) == JSON_OBJECT) return true;
    staff_refuse(a, REFUSE_BAD_JSON, NULL, *doc_r ? "The body must be a JSON object." : why);
    json_free(doc_r);
    return false;
}

bool staff_param(const struct http_in *in, const char *name, struct text *into, bool *bad_r)
{
    text_clear(into);
    if (!http_field(in->query, str_of(name), into)) {
        text_clear(into);
        return false;
    }
    if (into->overflow || !utf8_valid(text_str(into))) *bad_r = true;
    into->overflow = false;
    return into->n > 0;
}

void staff_answer(const struct staff_ask *a, struct text *body)
{
    if (body->overflow) {
        log_line(LOG_ERROR, LOG_STAFF, "answer too long", "max=%zu", body->max);
        staff_refuse(a, REFUSE_INTERNAL, NULL, NULL);
    } else {
        text_addc(body, '\n');
        reply_json(a->g, a->ticket, 200, text_str(body), NULL, 0);
    }
    text_free(body);
}

void staff_put_steps(const struct staff_offer *all, size_t n, struct text *t)
{
    bool more = false;
    text_addz(t, ",\"steps\":[");
    for (size_t i = 0; i < n; i++) {
        if (!all[i].may) continue;
        text_addf(t, "%s\"%s\"", more ? "," : "", all[i].step);
        more = true;
    }
    text_addc(t, ']');
}

void staff_db_refuse(const struct staff_ask *a, enum db_end end, const struct db_error *error)
{
    const char *state = error ? error->sqlstate : "";
    bool away = end == DB_LOST || strncmp(state, "57", 2) == 0 || strncmp(state, "MSDQ", 4) == 0 ||
                strcmp(state, "55P03") == 0;
    log_line(away ? LOG_WARNING : LOG_ERROR, LOG_STAFF, "staff query failed",
             "sqlstate=%s statement=%d text=\"%s\"", state, error ? error->statement : 0,
             error ? error->message : "");
    if (away)
        staff_refuse(a, REFUSE_UNAVAILABLE, "系统暂时无法读取数据，请稍后重试。",
                     "The data cannot be read just now; please try again soon.");
    else
        staff_refuse(a, REFUSE_INTERNAL, NULL, NULL);
}

bool staff_entered(const struct staff_ask *a, enum db_end end, const struct db_result *const *results,
                   const struct db_error *error, bool fresh, struct staff_who *who_r)
{
    if (end != DB_OK) {
        staff_db_refuse(a, end, error);
        return false;
    }
    const struct db_result *r = results[CASEWORK_WHO];
    if (db_rows(r) == 0) {
        staff_refuse(a, REFUSE_SESSION_NEEDED, NULL, NULL);
        return false;
    }
    *who_r = (struct staff_who){
        .actor = {.kind = ACTOR_STAFF,
                  .staff = db_get_i64(r, 0, 0),
                  .roles = casework_roles(db_get_text(r, 0, 6)),
                  .unit = db_get_i64(r, 0, 8),
                  .home_unit = db_get_i64(r, 0, 9)},
        .login = db_get_text(r, 0, 1),
        .name = db_get_text(r, 0, 2),
        .unit_id = (int)db_get_i64(r, 0, 3),
        .unit_name = db_get_text(r, 0, 4),
        .roles = db_get_text(r, 0, 6),
        .must_change = db_get_bool(r, 0, 7),
    };
    if (!who_r->must_change || fresh) return true;
    staff_refuse(a, REFUSE_FORBIDDEN, "请先修改初始密码，再进行其他操作。",
                 "Change the first password before anything else.");
    return false;
}

struct db_call *staff_call(const struct staff_ask *a, db_done *done, void *arg)
{
    struct db_call *c = db_call_new(done, arg);
    casework_enter(c, a->session, 0);
    return c;
}

void staff_add_by_id(struct db_call *c, const struct db_stmt *s, u64 id)
{
    struct db_params *p = db_params_new(s);
    db_put_i64(p, (i64)id);
    db_call_add(c, s, p);
}

bool staff_go(const struct staff_ask *a, struct db_call *c)
{
    if (db_call_send(a->g->lane_staff, c)) return true;
    staff_refuse(a, REFUSE_UNAVAILABLE, "系统暂时无法读取数据，请稍后重试。",
                 "The data cannot be read just now; please try again soon.");
    return false;
}

static void openapi(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    const struct embedded *f = embedded_find("staff_openapi.json");
    (void)in, (void)id;
    ASSERT(f);
    reply_json(a->g, a->ticket, 200, f->bytes, NULL, 0);
}

/* Letters of a channel's or group's name, or of a hash. */
static bool name_of(struct str s, char name[65])
{
    if (s.n < 2 || s.n > 64) return false;
    for (size_t i = 0; i < s.n; i++)
        if (!(s.p[i] >= 'a' && s.p[i] <= 'z') && !(s.p[i] >= '0' && s.p[i] <= '9') && s.p[i] != '-')
            return false;
    memcpy(name, s.p, s.n);
    name[s.n] = '\0';
    return true;
}

/* Does the path fit the pattern? Its number goes to *id_r, its name to `name`. */
static bool path_fits(struct str path, const char *pattern, u64 *id_r, char name[65])
{
    while (*pattern == '#' || *pattern == '*' || (path.n && *pattern == path.p[0])) {
        const char sign = *pattern++;
        if (sign != '#' && sign != '*') {
            path.p++, path.n--;
            continue;
        }
        size_t n = 0;
        while (n < path.n && path.p[n] != '/') n++;
        const struct str piece = {path.p, n};
        if (sign == '#' ? !str_u64(piece, INT64_MAX, id_r) : !name_of(piece, name)) return false;
        path.p += n, path.n -= n;
    }
    return *pattern == '\0' && path.n == 0;
}

static bool method_fits(struct str method, const char *want)
{
    return str_eq(method, str_of(want)) || (str_eq(method, STR("HEAD")) && strcmp(want, "GET") == 0);
}

static void api(struct staff_ask *a, const struct http_in *in, struct str path)
{
    const struct route *route = NULL;
    bool known = false;
    u64 id = 0;
    for (size_t i = 0; i < ARRAY_LEN(routes) && !route; i++) {
        if (!path_fits(path, routes[i].path, &id, a->name)) continue;
        known = true;
        if (method_fits(in->method, routes[i].method)) route = &routes[i];
    }
    if (!route) {
        staff_refuse(a, known ? REFUSE_METHOD : REFUSE_NOT_FOUND, NULL, NULL);
        return;
    }
    if (route->guard != OPEN && !session_of(a->g, in, a->session)) {
        staff_refuse(a, REFUSE_SESSION_NEEDED, NULL, NULL);
        return;
    }
    if (route->guard == CHANGES && !session_csrf_right(a->g, a->session, in)) {
        staff_refuse(a, REFUSE_CSRF, NULL, NULL);
        return;
    }
    route->answer(a, in, id);
}

bool staff_route(struct gateway *g, u64 ticket, const struct http_in *in)
{
    struct str path = in->path;
    if (str_eq(path, STR("/staff"))) {
        reply_redirect(g, ticket, "/staff/");
        return true;
    }
    if (!str_starts(path, STR("/staff/"))) return false;
    if (!str_starts(path, STR("/staff/api/"))) {
        files_answer(g, ticket, in, (struct str){path.p + 7, path.n - 7});
        return true;
    }
    struct staff_ask a = {.g = g,
                          .ticket = ticket,
                          .seq = g->hub ? hub_seq(g->hub) : 0,
                          .lang = reply_lang(in),
                          .secure = in->tls || str_starts(str_of(g->cfg.public_url), STR("https://"))};
    bool version_1 = str_starts(path, API);
    if (version_1) path = (struct str){path.p + API.n, path.n - API.n};
    if (version_1 && path.n && path.p[0] == '/')
        api(&a, in, path);
    else
        staff_refuse(&a, REFUSE_NOT_FOUND, NULL, NULL);
    return true;
}
