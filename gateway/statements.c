/* The one list of all statements of the program: each part brings its own, and every lane of the database prepares them all. */
#include "gateway.h"
#include "casework.h"
#include "channel_log.h"
#include "citizen.h"
#include "clock.h"
#include "conversation.h"
#include "finders.h"
#include "hub.h"
#include "ids.h"
#include "intake.h"
#include "joins.h"
#include "split.h"
#include "keymark.h"
#include "kiosk.h"
#include "ledger.h"
#include "twinfinder.h"
#include "wordindex.h"
#include "letters.h"
#include "media.h"
#include "messages.h"
#include "notices.h"
#include "open.h"
#include "outbox.h"
#include "parts.h"
#include "ratings.h"
#include "reforms.h"
#include "plaques.h"
#include "presence.h"
#include "register.h"
#include "screen.h"
#include "sealed.h"
#include "staff.h"
#include "staff_plaques.h"
#include "staff_audit.h"
#include "staff_calendar.h"
#include "staff_models.h"
#include "trainings.h"
#include "staff_rules.h"
#include "status.h"
#include "callbacks.h"
#include "staff_part.h"

#define STATEMENTS_MAX 480

const struct db_stmt *const *gateway_statements(size_t *n_r)
{
    static const struct db_stmt *all[STATEMENTS_MAX];
    static size_t n;
    static const struct db_stmt *const own[] = {
        &stmt_keymark,           &stmt_rating_first,
        &stmt_rating_reasons,    &stmt_kiosk_pair,
        &stmt_kiosk_enter,       &stmt_kiosk_prompt,
        &stmt_screen_pair,       &stmt_screen_show,
        &stmt_id_block,          &stmt_casework_enter,
        &stmt_casework_role,     &stmt_casework_read,
        &stmt_casework_write,    &stmt_casework_writing,
        &stmt_casework_required, &stmt_register_units,
        &stmt_register_plaques,  &stmt_register_categories,
        &stmt_register_words,    &stmt_register_calendar,
        &stmt_register_channels, &stmt_register_templates,
        &stmt_register_model,    &stmt_register_plaque_keys,
        &stmt_register_names,    &stmt_register_shares,
        &stmt_messages_owe,      &stmt_intake_store,
        &stmt_intake_repeats,    &stmt_hub_read,
        &stmt_hub_tail,          &stmt_hub_sessions,
        &stmt_presence_take,     &stmt_presence_leave,
        &stmt_presence_keep,     &stmt_notices_claim,
        &stmt_notices_step,      &stmt_status_look,
        &stmt_ledger_state,      &stmt_ledger_acts,
        &stmt_ledger_write,      &stmt_ledger_lock,
        &stmt_ledger_register,   &stmt_ledger_nodes,
        &stmt_callbacks_task,    &stmt_callbacks_told,
        &stmt_callbacks_tell,    &stmt_channel_log,
        &stmt_channel_log_sweep,
    };
    if (n == 0) {
        for (size_t i = 0; i < ARRAY_LEN(own); i++) all[n++] = own[i];
        for (size_t i = 0; i < n_intake_more_statements; i++) all[n++] = intake_more_statements[i];
        for (size_t i = 0; i < n_staff_statements; i++) all[n++] = staff_statements[i];
        for (size_t i = 0; i < n_staff_search_statements; i++) all[n++] = staff_search_statements[i];
        for (size_t i = 0; i < n_staff_desk_statements; i++) all[n++] = staff_desk_statements[i];
        for (size_t i = 0; i < n_staff_seal_statements; i++) all[n++] = staff_seal_statements[i];
        for (size_t i = 0; i < n_citizen_statements; i++) all[n++] = citizen_statements[i];
        for (size_t i = 0; i < n_clock_statements; i++) all[n++] = clock_statements[i];
        for (size_t i = 0; i < n_wordindex_statements; i++) all[n++] = wordindex_statements[i];
        for (size_t i = 0; i < n_staff_cause_statements; i++) all[n++] = staff_cause_statements[i];
        for (size_t i = 0; i < n_twinfinder_statements; i++) all[n++] = twinfinder_statements[i];
        for (size_t i = 0; i < n_open_statements; i++) all[n++] = open_statements[i];
        for (size_t i = 0; i < n_finder_statements; i++) all[n++] = finder_statements[i];
        for (size_t i = 0; i < n_letters_statements; i++) all[n++] = letters_statements[i];
        for (size_t i = 0; i < n_outbox_statements; i++) all[n++] = outbox_statements[i];
        for (size_t i = 0; i < n_conversation_statements; i++) all[n++] = conversation_statements[i];
        for (size_t i = 0; i < n_parts_statements; i++) all[n++] = parts_statements[i];
        for (size_t i = 0; i < n_media_statements; i++) all[n++] = media_statements[i];
        for (size_t i = 0; i < n_sealed_statements; i++) all[n++] = sealed_statements[i];
        for (size_t i = 0; i < n_joins_statements; i++) all[n++] = joins_statements[i];
        for (size_t i = 0; i < n_reforms_statements; i++) all[n++] = reforms_statements[i];
        for (size_t i = 0; i < n_split_statements; i++) all[n++] = split_statements[i];
        for (size_t i = 0; i < n_matter_statements; i++) all[n++] = matter_statements[i];
        for (size_t i = 0; i < n_staff_plaque_statements; i++) all[n++] = staff_plaque_statements[i];
        for (size_t i = 0; i < n_rules_statements; i++) all[n++] = rules_statements[i];
        for (size_t i = 0; i < n_models_statements; i++) all[n++] = models_statements[i];
        for (size_t i = 0; i < n_training_statements; i++) all[n++] = training_statements[i];
        for (size_t i = 0; i < n_staff_training_statements; i++) all[n++] = staff_training_statements[i];
        for (size_t i = 0; i < n_calendar_statements; i++) all[n++] = calendar_statements[i];
        for (size_t i = 0; i < n_audit_statements; i++) all[n++] = audit_statements[i];
        for (size_t i = 0; i < n_plaques_statements; i++) all[n++] = plaques_statements[i];
        ASSERT(n <= STATEMENTS_MAX);
    }
    *n_r = n;
    return all;
}
