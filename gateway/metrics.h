/* What the gateway counts, shown at /metrics in the Prometheus text format. One table of plain counters; refusals
 * and submissions are counted by label. Never a label made from a citizen's words (P11). */
#pragma once
#include "base/clock.h"
#include "core/refusal.h"
#include "core/submission.h"

#define COUNTERS(X)                                                                                          \
    X(INTAKE_BATCHES, "intake_batches_total", "Transactions that stored submissions.")                       \
    X(INTAKE_BATCH_ITEMS, "intake_batch_items_total", "Submissions in those transactions.")                  \
    X(INTAKE_RETRIED_SINGLY, "intake_retried_singly_total",                                                  \
      "Submissions repeated alone after their batch failed.")                                                \
    X(INTAKE_UNKNOWN, "intake_unknown_total",                                                                \
      "Submissions whose batch was lost on the way and was sent again.")                                     \
    X(INTAKE_REPEATS, "intake_repeats_total",                                                                \
      "Submissions that had been stored before and got the first answer.")                                   \
    X(MATTER_ASKED, "matter_asked_total",                                                                    \
      "Second pages: a form that was asked what its matter needs, or shown what may be the same.")           \
    X(SPLITS, "splits_total", "Feedbacks of which a part became a case of its own.")                         \
    X(JOINS, "joins_total", "Feedbacks that joined the open case their author chose.")                       \
    X(REFORMS, "reforms_total", "Changes of units that were taken up on their day.")                         \
    X(CASES_FOLLOWED, "cases_followed_total", "Open cases that followed a unit to its successor.")           \
    X(JOINS_APART, "joins_apart_total",                                                                      \
      "Feedbacks whose chosen case was over, or for other eyes, when they came.")                            \
    X(ROUTE_ASSIGNED, "route_assigned_total", "Cases that the router assigned by itself.")                   \
    X(ROUTE_TRIAGE, "route_triage_total", "Cases left to the triage desk.")                                  \
    X(ROUTE_HELD, "route_held_total", "Allegations under another name that wait for a person.")              \
    X(ROUTE_PROPOSED, "route_proposed_total",                                                                \
      "Texts with an allegation and another matter that were held and proposed for a split.")                \
    X(REGISTER_LOADS, "register_loads_total", "Routing snapshots compiled.")                                 \
    X(REGISTER_FAILURES, "register_failures_total",                                                          \
      "Routing snapshots that could not be compiled; the old one stays.")                                    \
    X(MODEL_FAILURES, "model_failures_total",                                                                \
      "Learned models in force that could not be read; the rules decide alone.")                             \
    X(ENTRIES, "entries_total", "What citizens said and somebody of the office wrote down for them.")        \
    X(EXPORTS, "exports_total", "Lists taken out as files.")                                                 \
    X(HUB_EVENTS, "hub_events_total", "Events read from the database.")                                      \
    X(HUB_SENT, "hub_sent_total", "Events sent to dashboards.")                                              \
    X(HUB_RELOADS, "hub_reloads_total", "Dashboards told to reload because they fell behind.")               \
    X(PRESENCE_TOLD, "presence_told_total", "Times a dashboard was told who else has its case open.")        \
    X(PRESENCE_PUT_OFF, "presence_put_off_total",                                                            \
      "Frames of presence over the rate of a socket; the last one counts a little later.")                   \
    X(LOGIN_OK, "logins_total", "Successful sign-ins.")                                                      \
    X(LOGIN_FAILED, "login_failures_total", "Failed sign-ins.")                                              \
    X(LOGIN_CODE_FAILED, "login_code_failures_total",                                                        \
      "Wrong codes of a second factor, among the failed sign-ins.")                                          \
    X(LOGIN_RECOVERY, "login_recovery_total", "Sign-ins with a recovery code.")                              \
    X(LOGIN_OIDC, "login_oidc_total", "Sign-ins through the identity provider.")                             \
    X(LOGIN_OIDC_FAILED, "login_oidc_failures_total",                                                        \
      "Sign-ins through the identity provider that came to nothing.")                                        \
    X(SESSIONS_REVOKED, "sessions_revoked_total", "Sessions that their owner ended from another one.")       \
    X(ACTS, "acts_total", "Acts of the staff and of citizens on cases.")                                     \
    X(WORD_SEGMENTS, "word_segments_total", "Segments of the index of words that were written.")             \
    X(TWINS_FOUND, "twins_found_total", "Pairs of cases found that may be one matter.")                      \
    X(BURST_EVENTS, "burst_events_total", "Bursts of one matter, window, place that began, grew or ended.")  \
    X(TWINS_APART, "twins_apart_total",                                                                      \
      "Pairs of which a person said that they are two matters, or took it back.")                            \
    X(CAUSE_STEPS, "cause_steps_total", "Steps taken with proposals to put a cause right.")                  \
    X(CAUSES_PROPOSED, "causes_proposed_total",                                                              \
      "Proposals to put a cause right, made of clusters of cases.")                                          \
    X(VIEW_STEPS, "view_steps_total", "Saved views made, changed and removed.")                              \
    X(BULK_RUNS, "bulk_runs_total", "Acts taken on several cases at once, counted once for all of them.")    \
    X(ACT_CONFLICTS, "act_conflicts_total", "Acts refused because the case had changed meanwhile.")          \
    X(GUARD_PROOFS, "guard_proofs_total", "Submissions over a limit that brought a proof of work.")          \
    X(GUARD_PROOFS_WRONG, "guard_proofs_wrong_total", "Proofs of work that did not hold.")                   \
    X(GUARD_WAITS, "guard_waits_total", "Submissions over a limit that had waited.")                         \
    X(GUARD_URGENT, "guard_urgent_total", "Urgent submissions let in over a limit.")                         \
    X(GUARD_TRAPPED, "guard_trapped_total", "Forms in which the hidden field was filled in.")                \
    X(RECEIPT_COPIES, "receipt_copies_total", "Receipts sent by SMS to a number that is not kept.")          \
    X(RECEIPTS_RECOVERED, "receipts_recovered_total", "Lost receipts sent to the number left with them.")    \
    X(VISIT_STEPS, "visit_steps_total", "Visits to enterprises entered and steps taken with them.")          \
    X(POLICY_STEPS, "policy_steps_total", "Policies written, published and ended.")                          \
    X(STATUS_WRONG, "status_wrong_receipts_total", "Look-ups with a receipt that does not exist.")           \
    X(OUTBOX_SENT, "outbox_sent_total", "Messages handed to a provider.")                                    \
    X(OUTBOX_RETRIED, "outbox_retried_total", "Sendings that will be tried again.")                          \
    X(OUTBOX_UNKNOWN, "outbox_unknown_total", "Sendings whose outcome waits for a delivery receipt.")        \
    X(OUTBOX_DEAD, "outbox_dead_total", "Messages given up.")                                                \
    X(OUTBOX_MOVED, "outbox_moved_total", "Messages that another channel took over.")                        \
    X(OUTBOX_RECEIPTS, "outbox_receipts_total", "Delivery receipts that found their message.")               \
    X(OUTBOX_RECEIPTS_STRANGE, "outbox_receipts_strange_total",                                              \
      "Delivery receipts that found none; those with an id are looked at again for an hour.")                \
    X(CHANNEL_ALARMS, "channel_alarms_total", "Alarms of channels raised.")                                  \
    X(NOTICES_OWED, "notices_owed_total",                                                                    \
      "Events owed to groups, mailboxes and subscribers, replays included.")                                 \
    X(NOTICES_FAILED, "notices_failed_total", "Steps of that which were not stored; they are taken again.")  \
    X(MESSAGES_UNWORDED, "messages_unworded_total",                                                          \
      "Messages not owed because no wording in force could be filled; the log names the event.")             \
    X(PUBLICATION_STEPS, "publication_steps_total",                                                          \
      "Steps towards what units publish: written, proposed, approved, withdrawn.")                           \
    X(TEMPLATES_CHANGED, "templates_changed_total", "New versions of wordings.")                             \
    X(CHANNEL_LOG_DROPPED, "channel_log_dropped_total",                                                      \
      "Lines of the channel log that could not be kept; no message was lost by it.")                         \
    X(MESSAGE_REPEATS, "message_repeats_total",                                                              \
      "Pushes of a provider that had been taken before: nothing was stored or owed again.")                  \
    X(MESSAGE_PARTS, "message_parts_total", "Pieces of long messages kept until the others are there.")      \
    X(PARTS_JOINED, "message_parts_joined_total", "Long messages put together whole.")                       \
    X(PARTS_MISSING, "message_parts_missing_total",                                                          \
      "Long messages stored with a mark because a piece did not come in time.")                              \
    X(PARTS_LATE, "message_parts_late_total", "Pieces that came after that and were added to the case.")     \
    X(ANSWERS_LIMITED, "answers_limited_total",                                                              \
      "Answers not given because the sender had been told enough in an hour.")                               \
    X(MESSAGE_COURTESIES, "message_courtesies_total",                                                        \
      "Thanks and greetings without a matter, with nothing open that they answer: nothing was stored.")      \
    X(MESSAGES_UNREADABLE, "messages_unreadable_total",                                                      \
      "Messages and receipts in batches that could not be read; the others of the batch were taken.")        \
    X(OPTED_OUT, "opted_out_total", "Senders who want no more surveys.")                                     \
    X(SURVEYS_ANSWERED, "surveys_answered_total", "Surveys answered by message.")                            \
    X(DIALOGUE_ADDED, "dialogue_added_total", "Messages added to a case as the answer to a question.")       \
    X(CLOCK_REMINDED, "clock_reminded_total", "提醒 sent by the clock.")                                     \
    X(CLOCK_URGED, "clock_urged_total", "催办 sent by the clock.")                                           \
    X(CLOCK_PROPOSED, "clock_proposed_total",                                                                \
      "Rungs of the ladder that the clock has prepared for a person to issue.")                              \
    X(CLOCK_OVERDUE, "clock_overdue_total", "Sign-in, accept, review and callback told as overdue.")         \
    X(CLOCK_RESUMED, "clock_resumed_total", "Cases resumed because their pause was over.")                   \
    X(CLOCK_SETTLED, "clock_settled_total", "Cases whose clocks were computed again without an act.")        \
    X(CLOCK_CONFLICTS, "clock_conflicts_total",                                                              \
      "Steps dropped because somebody acted on the case meanwhile.")                                         \
    X(CLOCK_REFUSED, "clock_refused_total",                                                                  \
      "Steps of the clock that the rules refused; the log names the case.")                                  \
    X(CLOCK_FAILED, "clock_failed_total", "Steps that the database refused; tried again later.")             \
    X(NO_CALENDAR, "no_calendar_total",                                                                      \
      "Deadlines that could not be computed because a year of the calendar is missing.")                     \
    X(LOG_LEAVES, "log_leaves_total", "Acts that this gateway took into the public log.")                    \
    X(LOG_HEADS, "log_heads_total", "Tree heads that this gateway signed.")                                  \
    X(LOG_REFUSED, "log_refused_total",                                                                      \
      "Looks at the public log that ended without the head that was due: no key, another key, clock, gap.")  \
    X(FINDINGS, "findings_total", "Problems brought by meetings, inspections and monitors.")                 \
    X(IMPORT_ROWS, "import_rows_total", "Rows of imported lists that were stored as new.")                   \
    X(LETTER_STEPS, "letter_steps_total", "Steps taken with letters, drafts and signatures among them.")     \
    X(LETTERS_SIGNED, "letters_signed_total", "Letters that got their number.")                              \
    X(LETTERS_PRINTED, "letters_printed_total", "Letters and registers printed as PDF.")                     \
    X(LETTER_PRINT_FAILED, "letter_print_failures_total", "Prints that failed.")                             \
    X(PLAQUE_SCANS, "plaque_scans_total",                                                                    \
      "Scans of plaques by people, codes that are no longer good among them.")                               \
    X(PLAQUE_ALARMS, "plaque_alarms_total", "Alarms about scans of plaques raised.")                         \
    X(PLAQUE_COUNTS_LOST, "plaque_counts_lost_total",                                                        \
      "Scans and rows of counts that could not be kept; nothing but the figures suffers.")                   \
    X(FILES_TAKEN, "files_taken_total", "Pictures and videos that the worker made a clean copy of.")         \
    X(FILES_REFUSED, "files_refused_total",                                                                  \
      "Files refused for type, size, pixels, or because they could not be read.")                            \
    X(MEDIA_CRASHES, "media_crashes_total",                                                                  \
      "Workers that ended without an answer; only their file was refused.")                                  \
    X(MEDIA_TIMEOUTS, "media_timeouts_total",                                                                \
      "Workers ended because a file took longer than media_deadline.")                                       \
    X(MEDIA_MICROSECONDS, "media_microseconds_total",                                                        \
      "Time that workers took for the files they answered for.")                                             \
    X(STORE_FAILED, "store_failures_total", "Bytes of files that the store did not take, give or delete.")   \
    X(STORE_DAMAGED, "store_damaged_total", "Bytes read from the store that did not match their name.")      \
    X(FILES_SWEPT, "files_swept_total", "Files removed because they belonged to nothing.")                   \
    X(STORE_DELETED, "store_deleted_total", "Bytes of removed files deleted from the store.")                \
    X(RULES_STEPS, "rules_steps_total", "Sets of rules written, proposed, refused and put into force.")      \
    X(RULES_TRIED, "rules_tried_total",                                                                      \
      "Texts and sets of cases tried with rules; nothing of them is kept.")                                  \
    X(MODEL_STEPS, "model_steps_total",                                                                      \
      "Steps with learned models: put into force, refused, withdrawn, put back, switched off.")              \
    X(TRAININGS, "model_trainings_total", "Trainings that somebody started at the desk of models.")          \
    X(TRAININGS_FAILED, "model_training_failures_total",                                                     \
      "Trainings whose worker did not start, was killed or ran out of time; why stands at the desk.")        \
    X(CALENDAR_STEPS, "calendar_steps_total",                                                                \
      "Years of the calendar proposed, refused and put into force at the desk.")                             \
    X(SETTINGS_RELOADS, "settings_reloads_total", "SIGHUPs that changed the settings.")

enum counter {
#define X(id, name, help) COUNT_##id,
    COUNTERS(X)
#undef X
        COUNTERS_N
};

void count_add(enum counter c, u64 n);
#define COUNT(id) count_add(COUNT_##id, 1)
void count_refusal(enum refusal r);
void count_stored(enum door d, enum nature n);
/* From the last byte of the request to the commit. */
void count_latency(span taken);

/* Everything above, Prometheus text. The caller adds gauges of its own parts with metrics_gauge. */
void metrics_print(struct text *out);
void metrics_gauge(struct text *out, const char *name, const char *help, double value);
