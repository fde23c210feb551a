#include "staff_routes.h"
#include "staff_audit.h"
#include "staff_calendar.h"
#include "finders.h"
#include "staff_models.h"
#include "staff_overview.h"
#include "staff_plaques.h"
#include "staff_ratings.h"
#include "staff_rules.h"
#include <string.h>

/* Who may call what: role × resource × verb. Each line names the roles of which the post that acts must have one; the database asks
 * it at the door of every call (staff_enter), so what is not named here is refused whatever the handler thinks. What of a thing
 * such a post then sees or may do is judged by rows, by caseflow and by the functions of the schema. docs/rights.md prints it. */
#define R(role)    ROLE_BIT(ROLE_##role)
#define NO_SESSION 0
#define EVERYONE   (ROLE_BIT(ROLES_N) - 1)
#define UNITS      (R(HANDLER) | R(UNIT_LEADER))
#define GROUPS     (R(COORDINATOR) | R(SUPERVISOR) | R(ACCOUNTABILITY))
#define OFFICE     (GROUPS | R(REGISTRY) | R(CALLBACK) | R(LEADER))
#define CASES      (OFFICE | UNITS | R(MONITOR)) /* a monitor: what was shared by name */
#define ENTERS     (R(COORDINATOR) | R(REGISTRY))
#define PUBLISHES  (R(REGISTRY) | R(SUPERVISOR) | R(LEADER) | UNITS)
#define SEALED     (R(ACCOUNTABILITY) | UNITS) /* of the discipline unit, as the database knows it */
#define SCREENS    (R(LEADER) | R(REGISTRY) | R(ADMIN))
#define PLAQUES    (GROUPS | R(REGISTRY) | R(LEADER) | R(ADMIN) | R(AUDITOR))

/* clang-format off */
static const struct route routes[] = {
    {"POST", "/session", OPEN, NO_SESSION, staff_sign_in},
    {"GET", "/session", NEEDS_SESSION, EVERYONE, staff_session_read},
    {"DELETE", "/session", CHANGES, EVERYONE, staff_sign_out},
    {"POST", "/session/post", CHANGES, EVERYONE, staff_post},
    {"POST", "/session/password", CHANGES, EVERYONE, staff_password},
    {"GET", "/session/notices", NEEDS_SESSION, EVERYONE, account_notices},
    {"POST", "/session/notices/#", CHANGES, EVERYONE, account_notice},
    {"GET", "/session/ways", OPEN, NO_SESSION, staff_ways},
    {"POST", "/session/code", OPEN, NO_SESSION, staff_code},
    {"GET", "/sessions", NEEDS_SESSION, EVERYONE, staff_session_list},
    {"POST", "/sessions/revoke", CHANGES, EVERYONE, staff_session_revoke_others},
    {"POST", "/sessions/#/revoke", CHANGES, EVERYONE, staff_session_revoke},
    {"GET", "/factor", NEEDS_SESSION, EVERYONE, staff_factor_state},
    {"POST", "/factor", CHANGES, EVERYONE, staff_factor_begin},
    {"POST", "/factor/confirm", CHANGES, EVERYONE, staff_factor_confirm},
    {"POST", "/factor/codes", CHANGES, EVERYONE, staff_factor_codes},
    {"POST", "/factor/off", CHANGES, EVERYONE, staff_factor_off},
    {"GET", "/people", NEEDS_SESSION, R(SECURITY) | R(AUDITOR), staff_people},
    {"POST", "/people", CHANGES, R(SECURITY), account_open},
    {"POST", "/people/#/steps", CHANGES, R(SECURITY), staff_people_step},
    {"POST", "/people/#/requests", CHANGES, R(SECURITY), account_ask},
    {"GET", "/people/requests", NEEDS_SESSION, R(SECURITY) | R(ADMIN) | R(AUDITOR), account_list},
    {"POST", "/people/requests/#/steps", CHANGES, R(SECURITY) | R(ADMIN) | R(AUDITOR), account_step},
    {"GET", "/units/register", NEEDS_SESSION, R(ADMIN) | R(SECURITY) | R(AUDITOR) | R(REGISTRY), staff_units_desk},
    {"POST", "/units/#/steps", CHANGES, R(ADMIN), staff_unit_step},
    {"GET", "/units/changes", NEEDS_SESSION, R(ADMIN) | R(SECURITY) | R(AUDITOR) | R(REGISTRY), unit_changes},
    {"POST", "/units/changes", CHANGES, R(ADMIN) | R(REGISTRY), unit_change_add},
    {"POST", "/units/changes/preview", CHANGES, R(ADMIN) | R(REGISTRY), unit_change_preview},
    {"POST", "/units/changes/#/steps", CHANGES, R(ADMIN) | R(REGISTRY), unit_change_step},
    {"GET", "/oidc/start", OPEN, NO_SESSION, staff_oidc_start},
    {"GET", "/oidc/return", OPEN, NO_SESSION, staff_oidc_return},
    {"GET", "/cases", NEEDS_SESSION, CASES, staff_cases},
    {"POST", "/cases/phone", CHANGES, R(COORDINATOR) | R(CALLBACK) | R(ACCOUNTABILITY), staff_phone},
    {"POST", "/cases/bulk", CHANGES, OFFICE | UNITS, staff_bulk},
    {"GET", "/views", NEEDS_SESSION, CASES, staff_views},
    {"POST", "/views", CHANGES, CASES, staff_view_add},
    {"POST", "/views/#", CHANGES, CASES, staff_view_change},
    {"DELETE", "/views/#", CHANGES, CASES, staff_view_remove},
    {"GET", "/cases/#", NEEDS_SESSION, CASES, staff_case},
    {"GET", "/cases/#/similar", NEEDS_SESSION, CASES, staff_similar},
    {"POST", "/cases/#/similar/steps", CHANGES, R(COORDINATOR) | R(ACCOUNTABILITY), staff_similar_step},
    {"GET", "/bursts", NEEDS_SESSION, GROUPS | R(REGISTRY) | R(LEADER) | UNITS, staff_bursts},
    {"POST", "/bursts/#/seen", CHANGES, GROUPS, staff_burst_seen},
    {"GET", "/causes", NEEDS_SESSION, GROUPS | R(REGISTRY) | R(LEADER) | UNITS, staff_causes},
    {"GET", "/causes/#", NEEDS_SESSION, GROUPS | R(REGISTRY) | R(LEADER) | UNITS, staff_cause},
    {"POST", "/causes/#/steps", CHANGES, R(COORDINATOR) | R(SUPERVISOR) | UNITS, staff_cause_step},
    {"GET", "/desks/triage", NEEDS_SESSION, R(COORDINATOR) | R(ACCOUNTABILITY), staff_desk_triage},
    {"GET", "/desks/inbox", NEEDS_SESSION, UNITS, staff_desk_inbox},
    {"GET", "/desks/review", NEEDS_SESSION, R(SUPERVISOR) | R(ACCOUNTABILITY), staff_desk_review},
    {"GET", "/desks/board", NEEDS_SESSION, GROUPS | R(LEADER), staff_desk_board},
    {"GET", "/cases/#/story", NEEDS_SESSION, CASES, staff_story},
    {"GET", "/cases/#/story.pdf", NEEDS_SESSION, CASES, staff_story_paper},
    {"POST", "/cases/#/acts", CHANGES, OFFICE | UNITS, staff_act},
    {"GET", "/cases/#/files", NEEDS_SESSION, CASES, staff_files},
    {"POST", "/cases/#/files", CHANGES, OFFICE | UNITS, staff_file_offer},
    {"GET", "/files/#/clean", NEEDS_SESSION, CASES, staff_file_clean},
    {"GET", "/files/#/thumb", NEEDS_SESSION, CASES, staff_file_thumb},
    {"POST", "/files/#/original", CHANGES, R(ACCOUNTABILITY) | R(SUPERVISOR), staff_file_original},
    {"GET", "/counts", NEEDS_SESSION, EVERYONE, staff_counts},
    {"GET", "/units", NEEDS_SESSION, EVERYONE, staff_units},
    {"GET", "/categories", NEEDS_SESSION, EVERYONE, staff_categories},
    {"GET", "/callbacks", NEEDS_SESSION, OFFICE | UNITS, staff_callbacks},
    {"GET", "/callbacks/script", NEEDS_SESSION, OFFICE | UNITS, staff_callscript},
    {"POST", "/callbacks/#/contact", CHANGES, R(CALLBACK) | R(ACCOUNTABILITY), staff_callback_contact},
    {"GET", "/figures", NEEDS_SESSION, OFFICE | UNITS, staff_figures},
    {"GET", "/meetings", NEEDS_SESSION, OFFICE | UNITS, meeting_list},
    {"POST", "/meetings", CHANGES, ENTERS, meeting_add},
    {"GET", "/meetings/board", NEEDS_SESSION, OFFICE | UNITS, meeting_board},
    {"GET", "/meetings/#", NEEDS_SESSION, OFFICE | UNITS, meeting_read},
    {"POST", "/meetings/#/minutes", CHANGES, ENTERS, meeting_minutes},
    {"POST", "/meetings/#/problems", CHANGES, ENTERS, meeting_problem},
    {"POST", "/meetings/#/measures", CHANGES, ENTERS, meeting_measure},
    {"GET", "/inspections", NEEDS_SESSION, OFFICE | UNITS, inspection_list},
    {"POST", "/inspections", CHANGES, GROUPS, inspection_add},
    {"GET", "/inspections/totals", NEEDS_SESSION, OFFICE | UNITS, inspection_totals},
    {"GET", "/inspections/#", NEEDS_SESSION, OFFICE | UNITS, inspection_read},
    {"POST", "/inspections/#/findings", CHANGES, GROUPS, inspection_finding},
    {"POST", "/inspections/#/outcomes", CHANGES, R(ACCOUNTABILITY) | R(SUPERVISOR), inspection_outcome},
    {"GET", "/monitors", NEEDS_SESSION, GROUPS | R(REGISTRY) | R(LEADER) | R(MONITOR), monitor_list},
    {"POST", "/monitors", CHANGES, ENTERS | R(ACCOUNTABILITY), monitor_add},
    {"GET", "/monitors/returns", NEEDS_SESSION, GROUPS | R(REGISTRY) | R(LEADER) | R(MONITOR), monitor_returns},
    {"POST", "/monitors/returns", CHANGES, R(MONITOR), monitor_return},
    {"POST", "/imports", CHANGES, ENTERS, import_rows},
    {"POST", "/entries", CHANGES, R(COORDINATOR) | R(REGISTRY) | R(CALLBACK) | R(HANDLER), entry_add},
    {"POST", "/entries/alike", CHANGES, R(COORDINATOR) | R(REGISTRY) | R(CALLBACK) | R(HANDLER), entry_alike},
    {"GET", "/sheets/weekly", NEEDS_SESSION, OFFICE | UNITS, sheet_weekly},
    {"GET", "/sheets/weekly.pdf", NEEDS_SESSION, OFFICE | UNITS, sheet_weekly_pdf},
    {"GET", "/letters", NEEDS_SESSION, OFFICE | UNITS, staff_letters},
    {"POST", "/letters", CHANGES, GROUPS, staff_letter_new},
    {"GET", "/letters/register", NEEDS_SESSION, OFFICE, staff_letter_register},
    {"POST", "/letters/register", CHANGES, R(REGISTRY) | R(ACCOUNTABILITY), staff_letter_enter},
    {"GET", "/letters/register.pdf", NEEDS_SESSION, OFFICE, staff_letter_register_pdf},
    {"GET", "/letters/#", NEEDS_SESSION, OFFICE | UNITS, staff_letter},
    {"GET", "/letters/#/pdf", NEEDS_SESSION, OFFICE | UNITS, staff_letter_pdf},
    {"POST", "/letters/#/acts", CHANGES, GROUPS | R(REGISTRY) | UNITS, staff_letter_act},
    {"GET", "/templates", NEEDS_SESSION, R(ADMIN) | R(REGISTRY) | R(AUDITOR), staff_templates},
    {"POST", "/templates", CHANGES, R(ADMIN) | R(REGISTRY), staff_template_write},
    {"POST", "/templates/preview", CHANGES, R(ADMIN) | R(REGISTRY) | R(AUDITOR), staff_template_preview},
    {"GET", "/templates/history", NEEDS_SESSION, R(ADMIN) | R(REGISTRY) | R(AUDITOR), staff_template_history},
    {"GET", "/enterprises", NEEDS_SESSION, GROUPS | R(REGISTRY) | R(LEADER) | UNITS, staff_enterprises},
    {"GET", "/visits", NEEDS_SESSION, GROUPS | R(REGISTRY) | R(LEADER) | UNITS, staff_visits},
    {"POST", "/visits", CHANGES, UNITS, staff_visit_add},
    {"POST", "/visits/#/steps", CHANGES, UNITS | R(COORDINATOR), staff_visit_step},
    {"GET", "/policies", NEEDS_SESSION, ENTERS | R(SUPERVISOR) | R(LEADER) | UNITS, staff_policies},
    {"POST", "/policies", CHANGES, R(REGISTRY) | UNITS, staff_policy_add},
    {"POST", "/policies/#/steps", CHANGES, ENTERS | R(SUPERVISOR) | R(LEADER) | UNITS, staff_policy_step},
    {"GET", "/publications", NEEDS_SESSION, PUBLISHES, staff_publications},
    {"POST", "/publications", CHANGES, R(REGISTRY) | UNITS, staff_publication_add},
    {"GET", "/publications/#/figures", NEEDS_SESSION, PUBLISHES, staff_publication_figures},
    {"POST", "/publications/#/steps", CHANGES, PUBLISHES, staff_publication_step},
    {"GET", "/channels", NEEDS_SESSION, R(ADMIN), staff_channels},
    {"GET", "/channels/log", NEEDS_SESSION, R(ADMIN), staff_channel_log},
    {"POST", "/channels/*/enable", CHANGES, R(ADMIN), staff_channel_enable},
    {"POST", "/channels/*/disable", CHANGES, R(ADMIN), staff_channel_disable},
    {"POST", "/channels/*/test", CHANGES, R(ADMIN), staff_channel_test},
    {"GET", "/channels/*/replays", NEEDS_SESSION, R(ADMIN), staff_channel_replays},
    {"POST", "/channels/*/replays", CHANGES, R(ADMIN), staff_channel_replay},
    {"GET", "/outbox", NEEDS_SESSION, R(ADMIN), staff_outbox},
    {"POST", "/outbox/redrive", CHANGES, R(ADMIN), staff_outbox_redrive},
    {"POST", "/outbox/drop", CHANGES, R(ADMIN), staff_outbox_drop},
    {"GET", "/seal", NEEDS_SESSION, SEALED, staff_seal_desk},
    {"PUT", "/seal/me", CHANGES, SEALED, staff_seal_me},
    {"POST", "/seal/groups/*", CHANGES, SEALED, staff_seal_group},
    {"POST", "/seal/wraps", CHANGES, SEALED, staff_seal_give},
    {"GET", "/seal/envelopes", NEEDS_SESSION, SEALED, staff_seal_envelopes},
    {"POST", "/seal/envelopes", CHANGES, SEALED, staff_seal_rewrap},
    {"POST", "/seal/recover", CHANGES, R(ACCOUNTABILITY), staff_seal_recover},
    {"POST", "/cases/#/sealed", CHANGES, SEALED, staff_sealed_open},
    {"POST", "/cases/#/sealed/say", CHANGES, SEALED, staff_sealed_say},
    {"GET", "/cases/#/sealed/files/*", NEEDS_SESSION, SEALED, staff_sealed_file},
    {"GET", "/plaques", NEEDS_SESSION, PLAQUES | UNITS, plaque_list},
    {"POST", "/plaques", CHANGES, R(REGISTRY), plaque_issue},
    {"GET", "/plaques/coverage", NEEDS_SESSION, PLAQUES | UNITS, plaque_coverage},
    {"GET", "/plaques/sheet.pdf", NEEDS_SESSION, PLAQUES | UNITS, plaque_sheet},
    {"GET", "/plaques/alarms", NEEDS_SESSION, PLAQUES, plaque_alarms},
    {"POST", "/plaques/alarms/#/settle", CHANGES, R(REGISTRY), plaque_settle},
    {"GET", "/plaques/#", NEEDS_SESSION, PLAQUES | UNITS, plaque_read},
    {"POST", "/plaques/#/acts", CHANGES, R(REGISTRY) | R(SUPERVISOR) | UNITS, plaque_step},
    {"POST", "/plaques/#/photos", CHANGES, R(REGISTRY) | R(SUPERVISOR) | UNITS, plaque_photo_add},
    {"GET", "/plaque-photos/#", NEEDS_SESSION, PLAQUES | UNITS, plaque_photo},
    {"GET", "/plaques/#/plate.svg", NEEDS_SESSION, PLAQUES | UNITS, plaque_sheet_one},
    {"GET", "/windows", NEEDS_SESSION, R(REGISTRY) | R(COORDINATOR) | R(SUPERVISOR) | R(LEADER) | UNITS, staff_windows},
    {"POST", "/services/finish", CHANGES, UNITS, staff_service_finish},
    {"POST", "/kiosks", CHANGES, R(REGISTRY) | UNITS, staff_kiosk_code},
    {"POST", "/kiosks/#/revoke", CHANGES, R(REGISTRY) | UNITS, staff_kiosk_revoke},
    {"GET", "/ratings", NEEDS_SESSION, OFFICE | UNITS, staff_ratings},
    {"GET", "/ratings/figures", NEEDS_SESSION, OFFICE | UNITS, staff_rating_figures},
    {"GET", "/overview", NEEDS_SESSION, OFFICE | UNITS, staff_overview},
    {"GET", "/overview/rates", NEEDS_SESSION, OFFICE | UNITS, staff_overview_rates},
    {"GET", "/overview/words", NEEDS_SESSION, OFFICE | UNITS, staff_overview_words},
    {"GET", "/screens", NEEDS_SESSION, OFFICE | UNITS | R(ADMIN), staff_screens},
    {"POST", "/screens", CHANGES, SCREENS, staff_screen_code},
    {"POST", "/screens/#/settings", CHANGES, SCREENS, staff_screen_set},
    {"POST", "/screens/#/revoke", CHANGES, SCREENS, staff_screen_revoke},
    {"GET", "/rules", NEEDS_SESSION, OFFICE | R(ADMIN) | R(AUDITOR), rules_desk},
    {"GET", "/rules/words", NEEDS_SESSION, OFFICE | R(ADMIN) | R(AUDITOR), rules_words},
    {"GET", "/rules/aliases", NEEDS_SESSION, OFFICE | R(ADMIN) | R(AUDITOR), rules_aliases},
    {"GET", "/rules/categories", NEEDS_SESSION, OFFICE | R(ADMIN) | R(AUDITOR), rules_categories},
    {"GET", "/rules/versions/#", NEEDS_SESSION, OFFICE | R(ADMIN) | R(AUDITOR), rules_version_read},
    {"POST", "/rules/drafts", CHANGES, ENTERS, rules_draft_new},
    {"GET", "/rules/drafts/#", NEEDS_SESSION, OFFICE | R(ADMIN) | R(AUDITOR), rules_draft_read},
    {"POST", "/rules/drafts/#", CHANGES, ENTERS, rules_draft_write},
    {"POST", "/rules/drafts/#/steps", CHANGES, ENTERS | R(LEADER), rules_draft_step},
    {"POST", "/rules/try", CHANGES, ENTERS | R(SUPERVISOR) | R(LEADER), rules_try},
    {"POST", "/rules/try/cases", CHANGES, ENTERS | R(SUPERVISOR) | R(LEADER), rules_try_cases},
    {"GET", "/models", NEEDS_SESSION, OFFICE | R(ADMIN) | R(AUDITOR), models_desk},
    {"GET", "/models/drift", NEEDS_SESSION, OFFICE | R(ADMIN) | R(AUDITOR), models_drift},
    {"GET", "/models/examples", NEEDS_SESSION, ENTERS | R(LEADER), models_examples},
    {"POST", "/models/trainings", CHANGES, ENTERS, trainings_ask},
    {"POST", "/models/trainings/#/steps", CHANGES, ENTERS | R(LEADER), trainings_step},
    {"POST", "/models/#/steps", CHANGES, ENTERS | R(LEADER), models_step},
    {"GET", "/calendar", NEEDS_SESSION, OFFICE | R(ADMIN) | R(AUDITOR), calendar_desk},
    {"GET", "/calendar/years/#", NEEDS_SESSION, OFFICE | R(ADMIN) | R(AUDITOR), calendar_year},
    {"POST", "/calendar/preview", CHANGES, ENTERS | R(LEADER), calendar_preview},
    {"POST", "/calendar/drafts", CHANGES, R(REGISTRY), calendar_draft_new},
    {"GET", "/calendar/drafts/#", NEEDS_SESSION, OFFICE | R(ADMIN) | R(AUDITOR), calendar_draft_read},
    {"POST", "/calendar/drafts/#/steps", CHANGES, ENTERS | R(LEADER), calendar_draft_step},
    {"GET", "/audit", NEEDS_SESSION, R(AUDITOR) | R(ACCOUNTABILITY), audit_list},
    {"GET", "/audit/counts", NEEDS_SESSION, R(AUDITOR) | R(ACCOUNTABILITY), audit_counts},
    {"GET", "/audit/chain", NEEDS_SESSION, R(AUDITOR) | R(ACCOUNTABILITY) | R(ADMIN), audit_chain},
    {"GET", "/settings", NEEDS_SESSION, R(ADMIN), settings_read},
    {"GET", "/acts", NEEDS_SESSION, EVERYONE, staff_acts},
    {"POST", "/exports/*", CHANGES, EVERYONE, staff_export},
    {"GET", "/openapi.json", OPEN, NO_SESSION, staff_openapi},
};
/* clang-format on */

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

const struct route *route_find(struct str method, struct str path, struct staff_ask *a, u64 *id_r,
                               bool *known_r)
{
    const struct route *route = NULL;
    *known_r = false;
    for (size_t i = 0; i < ARRAY_LEN(routes) && !route; i++) {
        if (!path_fits(path, routes[i].path, id_r, a->name)) continue;
        *known_r = true;
        if (method_fits(method, routes[i].method)) route = &routes[i];
    }
    return route;
}

size_t staff_routes(void) { return ARRAY_LEN(routes); }

struct staff_right staff_right_of(size_t i)
{
    const struct route *r = &routes[i];
    return (struct staff_right){r->method, r->path, r->guard != OPEN, r->guard == CHANGES, r->roles};
}
