/* Every setting of the program, once: name, kind, default, bounds, whether SIGHUP takes it over, and a sentence.
 * The struct, the parser, `mashangdu config`, the sample file and the manual come from this table.
 * A later origin wins: default < file (key = value) < environment MASHANGDU_NAME < command line --name=value. */
#pragma once
#include "base/clock.h"
#include "base/str.h"

/* X(kind, name, default, min, max, flags, sentence). Kinds: STR; INT; SPAN (ms, s, m, h, d); SIZE (bytes, k, m); BOOL;
 * TIME (of day in China, HH:MM).
 * min and max are written like values; "" for none. Flags: R = taken over on SIGHUP, S = secret, never printed. */
#define SETTINGS(X)                                                                                                           \
    X(STR, listen_address, "127.0.0.1", "", "", 0, "Address of the public listener; 0.0.0.0 or :: for all.")                  \
    X(INT, listen_port, "8080", "0", "65535", 0, "Port of the public listener; 0 takes a free one.")                          \
    X(BOOL, listen_share, "no", "", "", 0, "Several gateway processes may share the port.")                                   \
    X(STR, tls_cert, "", "", "", 0,                                                                                           \
      "Certificate chain (PEM). With tls_key the public listener speaks TLS (HTTP/1.1).")                                     \
    X(STR, tls_key, "", "", "", 0, "Private key of tls_cert (PEM).")                                                          \
    X(STR, ops_address, "127.0.0.1", "", "", 0,                                                                               \
      "Address of the operations listener (/healthz, /readyz, /metrics).")                                                    \
    X(INT, ops_port, "9080", "0", "65535", 0, "Port of the operations listener; 0 takes a free one.")                         \
    X(STR, port_file, "", "", "", 0,                                                                                          \
      "File that receives the real ports (listen=…, ops=…) once both listen.")                                                \
    X(STR, public_url, "http://127.0.0.1:8080", "", "", 0,                                                                    \
      "How citizens reach the gateway; printed into plaques and checked as Origin.")                                          \
    X(STR, trusted_proxies, "", "", "", 0,                                                                                    \
      "Addresses or networks whose X-Forwarded-For and -Proto are believed.")                                                 \
    X(STR, database, "", "", "", CFG_SECRET,                                                                                  \
      "PostgreSQL connection of the running gateway (role mashangdu_gateway); several with '|' between, "                     \
      "tried in turn.")                                                                                                       \
    X(STR, owner_database, "", "", "", CFG_SECRET,                                                                            \
      "PostgreSQL connection of the tools (role mashangdu_owner).")                                                           \
    X(STR, key_file, "mashangdu.key", "", "", 0,                                                                              \
      "Master key, 64 hex digits, readable by the gateway alone.")                                                            \
    X(STR, log_key_file, "mashangdu-log.key", "", "", 0,                                                                      \
      "Key that signs the public log, readable by the gateway alone; made at the first start on a new "                       \
      "database and never again.")                                                                                            \
    X(STR, dashboard_dir, "gateway/dashboard/dist", "", "", 0, "Folder of the built staff application.")                      \
    X(STR, district_name, "示例区", "", "", CFG_RELOAD, "Name of the district on pages and plaques.")                         \
    X(STR, office_name, "优化营商环境办公室", "", "", CFG_RELOAD,                                                             \
      "Name of the office on pages and plaques.")                                                                             \
    X(STR, letter_prefix, "示优化办", "", "", CFG_RELOAD,                                                                     \
      "What the numbers of letters begin with (机关代字).")                                                                   \
    X(STR, letter_issuer, "", "", "", CFG_RELOAD,                                                                             \
      "Full name that issues letters; empty: district_name and office_name.")                                                 \
    X(STR, letter_basis,                                                                                                      \
      "根据《优化营商环境条例》《政府督查工作条例》和区委、区政府授权，现将有关事项告知如下。", "", "",                       \
      CFG_RELOAD, "By what mandate letters are written: the line before their text.")                                         \
    X(STR, office_phone, "", "", "", CFG_RELOAD, "Telephone of the office on pages; empty: not shown.")                       \
    X(STR, sms_number, "", "", "", CFG_RELOAD, "Number to which citizens send SMS; empty: not shown.")                        \
    X(STR, receipt_channel, "", "", "", CFG_RELOAD,                                                                           \
      "Name of the SMS channel by which a receipt is sent on request, and a lost one to the number left with it; empty: not " \
      "offered.")                                                                                                             \
    X(STR, trace, "none", "", "", CFG_RELOAD,                                                                                 \
      "Parts whose trace lines are written: web, db, intake, route, hub, staff, outbox, httpc, hooks, "                       \
      "ledger, tool, all, none.")                                                                                             \
    X(SIZE, body_max, "256k", "4k", "16m", CFG_RELOAD, "Largest request body.")                                               \
    X(SIZE, upload_max, "40m", "256k", "200m", CFG_RELOAD,                                                                    \
      "Largest request body where files may be sent: forms of citizens, status page, evidence of the staff.")                 \
    X(SIZE, upload_memory, "256m", "1m", "4000m", CFG_RELOAD,                                                                 \
      "What all bodies over body_max hold together while they arrive; one more gets 503. The same again for files that are "  \
      "being worked on.")                                                                                                     \
    X(SPAN, upload_deadline, "5m", "1s", "1h", CFG_RELOAD, "Time for a whole request over body_max.")                         \
    X(SIZE, picture_max, "20m", "64k", "200m", CFG_RELOAD, "Largest picture.")                                                \
    X(SIZE, video_max, "30m", "64k", "200m", CFG_RELOAD, "Largest video.")                                                    \
    X(INT, media_pixels, "50000000", "100000", "400000000", CFG_RELOAD,                                                       \
      "Width times height of a picture, over which it is refused before it is decoded.")                                      \
    X(STR, media_worker, "", "", "", 0,                                                                                       \
      "The program that opens files; empty: mashangdu-media beside the running program.")                                     \
    X(INT, media_workers, "2", "1", "16", CFG_RELOAD,                                                                         \
      "Files that are opened at the same time, each in a process of its own.")                                                \
    X(SIZE, media_memory, "512m", "128m", "4000m", CFG_RELOAD,                                                                \
      "Memory of one such process; over it that file is refused.")                                                            \
    X(SPAN, media_deadline, "10s", "100ms", "5m", CFG_RELOAD,                                                                 \
      "Time for one file; over it that file is refused.")                                                                     \
    X(STR, training_examples, "", "", "", CFG_RELOAD,                                                                         \
      "Labelled texts (CSV) that trainings from the desk learn from beside the office's own cases; empty: none.")             \
    X(SIZE, training_memory, "2000m", "256m", "64000m", CFG_RELOAD,                                                           \
      "Memory of the process that trains a model; over it the training has failed.")                                          \
    X(SPAN, training_deadline, "20m", "1s", "6h", CFG_RELOAD,                                                                 \
      "Time for one training; over it the training has failed.")                                                              \
    X(STR, media_store, "disk", "", "", 0, "Where files lie: disk, or s3 for a store that speaks S3.")                        \
    X(STR, media_dir, "media", "", "", 0,                                                                                     \
      "Folder of the files (media_store disk); made when it is not there.")                                                   \
    X(STR, s3_endpoint, "", "", "", 0,                                                                                        \
      "Address of the store, https://host[:port]; buckets stand in the path.")                                                \
    X(STR, s3_bucket, "", "", "", 0, "Bucket of the files; it must be there and private.")                                    \
    X(STR, s3_region, "us-east-1", "", "", 0, "Region that requests are signed for.")                                         \
    X(STR, s3_key_id, "", "", "", 0, "Access key id.")                                                                        \
    X(STR, s3_secret, "", "", "", CFG_SECRET, "Secret access key.")                                                           \
    X(SPAN, s3_deadline, "30s", "100ms", "5m", CFG_RELOAD, "Time for one call to the store.")                                 \
    X(STR, export_roles, "", "", "", CFG_RELOAD,                                                                              \
      "Roles whose people may export lists as files, words with commas; empty: whoever may read a list.")                     \
    X(INT, export_rows, "10000", "100", "50000", CFG_RELOAD,                                                                  \
      "Rows of one exported file at the most; more are refused, and the filters must be narrowed.")                           \
    X(SPAN, media_keep, "1d", "1s", "30d", CFG_RELOAD,                                                                        \
      "Files that belong to nothing are removed after this: a form was given up, or its sending failed.")                     \
    X(SPAN, media_sweep_every, "10m", "100ms", "1d", CFG_RELOAD,                                                              \
      "How often that is looked for, and the bytes of removed files are deleted.")                                            \
    X(SIZE, ws_message_max, "64k", "1k", "1m", CFG_RELOAD, "Largest web socket message from outside.")                        \
    X(INT, connections_max, "4000", "10", "100000", CFG_RELOAD, "Open connections on all listeners.")                         \
    X(INT, per_address_max, "200", "1", "100000", CFG_RELOAD,                                                                 \
      "Open connections of one address; trusted proxies are exempt.")                                                         \
    X(SPAN, header_deadline, "10s", "100ms", "5m", CFG_RELOAD, "Time for a request's headers.")                               \
    X(SPAN, body_deadline, "30s", "100ms", "10m", CFG_RELOAD, "Time for a whole request, however it drips.")                  \
    X(SPAN, answer_deadline, "15s", "100ms", "5m", CFG_RELOAD, "Time until an unanswered request gets 503.")                  \
    X(SPAN, keepalive, "30s", "1s", "10m", CFG_RELOAD, "Idle connections are closed after this.")                             \
    X(SPAN, ws_idle, "60s", "1s", "1h", CFG_RELOAD,                                                                           \
      "A silent web socket is pinged after this and closed without an answer.")                                               \
    X(SPAN, ws_slow_max, "20s", "100ms", "10m", CFG_RELOAD,                                                                   \
      "A web socket that takes nothing for this long is closed.")                                                             \
    X(SIZE, ws_buffered_max, "256k", "4k", "16m", CFG_RELOAD,                                                                 \
      "Bytes held back for one web socket before it counts as slow.")                                                         \
    X(INT, intake_queue, "4000", "1", "100000", CFG_RELOAD, "Items waiting for their batch; more get 503.")                   \
    X(INT, intake_batch, "256", "1", "2000", CFG_RELOAD, "Items of one transaction at the most.")                             \
    X(INT, submit_per_minute, "30", "1", "1000000", CFG_RELOAD,                                                               \
      "Submissions of one address (IPv6: /64) in a minute; more need a proof of work or a wait.")                             \
    X(INT, block_per_minute, "120", "1", "1000000", CFG_RELOAD,                                                               \
      "The same for a neighbourhood of addresses (IPv4 /24, IPv6 /48).")                                                      \
    X(INT, plaque_per_minute, "60", "1", "1000000", CFG_RELOAD, "The same for one plaque.")                                   \
    X(INT, number_per_hour, "20", "1", "1000000", CFG_RELOAD,                                                                 \
      "The same in an hour for one telephone number left as contact.")                                                        \
    X(INT, same_words_per_hour, "10", "1", "1000000", CFG_RELOAD,                                                             \
      "The same in an hour for the same words, whoever sends them.")                                                          \
    X(INT, device_ratings_per_hour, "5", "1", "1000000", CFG_RELOAD,                                                          \
      "Ratings of one plaque from one device in an hour; more are marked, not refused.")                                      \
    X(INT, pow_zeros, "4", "1", "7", CFG_RELOAD,                                                                              \
      "Hexadecimal zeros of a proof of work: 16 to this power tries on average; 4 takes a cheap phone some seconds.")         \
    X(SPAN, guard_wait, "20s", "1s", "10m", CFG_RELOAD,                                                                       \
      "Over a limit, a form without a proof of work is taken when it has been open for so long.")                             \
    X(INT, status_per_minute, "10", "1", "1000000", CFG_RELOAD,                                                               \
      "Receipt look-ups of one address in a minute; wrong ones count threefold.")                                             \
    X(INT, login_per_minute, "10", "1", "1000000", CFG_RELOAD, "Sign-in tries of one address in a minute.")                   \
    X(INT, open_per_minute, "120", "1", "1000000", CFG_RELOAD,                                                                \
      "Requests to the public log of one address in a minute.")                                                               \
    X(STR, discipline_unit, "", "", "", CFG_RELOAD,                                                                           \
      "Code of the unit that reads and handles sealed reports beside the accountability group; empty: none.")                 \
    X(INT, auto_assign_percent, "70", "0", "101", CFG_RELOAD,                                                                 \
      "From this confidence on the router assigns by itself; 101: never.")                                                    \
    X(SPAN, db_connect_deadline, "3s", "100ms", "1m", 0, "Time for connecting to one database host.")                         \
    X(SPAN, db_statement_deadline, "10s", "100ms", "5m", 0,                                                                   \
      "A call that takes longer breaks its connection; its outcome counts as unknown.")                                       \
    X(INT, db_staff_connections, "4", "1", "64", 0, "Connections for staff queries.")                                         \
    X(INT, db_public_connections, "2", "1", "64", 0, "Connections for plaque pages and status queries.")                      \
    X(SPAN, session_idle, "30m", "1m", "1d", CFG_RELOAD,                                                                      \
      "A staff session ends after this without a person at it.")                                                              \
    X(SPAN, session_max, "12h", "5m", "30d", CFG_RELOAD, "A staff session ends after this in any case.")                      \
    X(INT, twin_days, "90", "1", "3650", CFG_RELOAD,                                                                          \
      "How long a text may be met again as the same matter; older ones leave the index of pairs.")                            \
    X(INT, burst_hours, "24", "1", "720", CFG_RELOAD,                                                                         \
      "Length of the window in which a burst is looked for.")                                                                 \
    X(INT, burst_cases, "6", "2", "100000", CFG_RELOAD,                                                                       \
      "Cases of one matter at a unit or of one window, or people of one place, then: a burst; one of level 1 counts as two.") \
    X(INT, burst_times, "3", "1", "1000", CFG_RELOAD,                                                                         \
      "…when they are so many times what is usual there, over the four weeks before.")                                        \
    X(SPAN, burst_every, "1m", "100ms", "1d", CFG_RELOAD,                                                                     \
      "How often bursts are looked for, by one gateway for all.")                                                             \
    X(INT, cause_days, "90", "1", "3650", CFG_RELOAD,                                                                         \
      "Days over which cases of one kind are counted for a cause.")                                                           \
    X(INT, cause_cases, "10", "2", "100000", CFG_RELOAD,                                                                      \
      "Cases of one unit and category, or of one window and category, that make a proposal to put the cause right.")          \
    X(INT, cause_workdays, "30", "1", "365", CFG_RELOAD, "Working days to put a cause right.")                                \
    X(SPAN, cause_every, "1h", "100ms", "1d", CFG_RELOAD,                                                                     \
      "How often causes are looked for, by one gateway for all.")                                                             \
    X(STR, totp_roles, "", "", "", CFG_RELOAD,                                                                                \
      "Posts that work only with a second factor (codes of a telephone), with ',' between, e.g. admin,accountability; "       \
      "who has none is led to set one up before anything else. Empty: everybody may, nobody must.")                           \
    X(STR, oidc_issuer, "", "", "", 0,                                                                                        \
      "Identity provider (OpenID Connect) by which staff may sign in: its issuer address; empty: none.")                      \
    X(STR, oidc_client_id, "", "", "", 0, "What the provider calls this gateway.")                                            \
    X(STR, oidc_secret_file, "", "", "", 0,                                                                                   \
      "File with the secret that the provider gave, readable by the gateway alone; empty: none is used.")                     \
    X(STR, oidc_claim, "sub", "", "", 0,                                                                                      \
      "Claim of the ID token that names the person, as `mashangdu user oidc` was told.")                                      \
    X(STR, oidc_scope, "openid", "", "", 0, "What is asked of the provider; openid is always among it.")                      \
    X(STR, oidc_name, "", "", "", CFG_RELOAD, "Name of the provider on the button of the sign-in page.")                      \
    X(SPAN, oidc_deadline, "10s", "100ms", "1m", CFG_RELOAD, "Time for one call to the provider.")                            \
    X(INT, hub_ring, "4096", "16", "1000000", 0,                                                                              \
      "Events kept in memory for dashboards; one that falls further behind reloads.")                                         \
    X(INT, outbox_parallel, "4", "1", "64", CFG_RELOAD,                                                                       \
      "Messages of one channel on their way at the same time, over all gateways; a channel's setting parallel goes before.")  \
    X(SPAN, outbox_deadline, "15s", "1s", "5m", CFG_RELOAD, "Time for one sending.")                                          \
    X(INT, outbox_tries, "8", "1", "50", CFG_RELOAD, "Sendings of one message before it is a dead letter.")                   \
    X(SPAN, outbox_retry_first, "5s", "10ms", "1h", CFG_RELOAD,                                                               \
      "Pause before the second try; each further one doubles it.")                                                            \
    X(SPAN, outbox_retry_max, "1h", "10ms", "1d", CFG_RELOAD, "Longest pause between two tries.")                             \
    X(INT, outbox_errors, "5", "1", "1000", CFG_RELOAD,                                                                       \
      "After so many failures in a row a channel pauses, its messages go to its fallback, and it has an alarm.")              \
    X(SPAN, outbox_patience, "1d", "1s", "60d", CFG_RELOAD,                                                                   \
      "A message whose outcome stays unknown waits for a person after this; one whose channel cannot send is given up.")      \
    X(SPAN, outbox_keep, "30d", "1s", "400d", CFG_RELOAD,                                                                     \
      "After this the numbers of settled messages go, and the words of those that might have been sent again.")               \
    X(SPAN, outbox_balance_every, "10m", "1s", "1d", CFG_RELOAD,                                                              \
      "How often providers that tell it are asked what is left in the account.")                                              \
    X(STR, sms_quiet, "21:00-08:00", "", "", CFG_RELOAD,                                                                      \
      "Hours in which surveys wait, in China time; none: they never wait. A channel's setting quiet goes before.")            \
    X(BOOL, webhook_private, "no", "", "", CFG_RELOAD,                                                                        \
      "Subscribers' webhooks may lead to private addresses: receivers in the own network.")                                   \
    X(STR, sms_stop_words, "退订 退訂 取消订阅 TD T R QX N 0000 STOP UNSUBSCRIBE", "", "", CFG_RELOAD,                        \
      "Messages that opt out of surveys, each the whole text; N only when nothing was asked.")                                \
    X(STR, sms_start_words, "恢复 恢復 订阅 訂閱 恢复订阅 START", "", "", CFG_RELOAD,                                         \
      "Messages that opt in again, each the whole text.")                                                                     \
    X(INT, sms_answers_per_hour, "20", "1", "10000", CFG_RELOAD,                                                              \
      "Answers to one sender in an hour; more are stored but not answered, so that two machines stop.")                       \
    X(SPAN, sms_place_keep, "30m", "1m", "1d", CFG_RELOAD,                                                                    \
      "How long a plaque number sent alone counts for the next words of that sender.")                                        \
    X(SPAN, sms_survey_after, "2h", "0s", "30d", CFG_RELOAD,                                                                  \
      "How long after an answer its survey is sent, unless the citizen has told meanwhile whether it is solved.")             \
    X(SPAN, sms_survey_keep, "7d", "1h", "60d", CFG_RELOAD, "How long a survey takes a bare 1 to 5.")                         \
    X(SPAN, sms_dialogue_keep, "7d", "1h", "60d", CFG_RELOAD,                                                                 \
      "How long words without a plaque number answer the unit's question.")                                                   \
    X(SPAN, sms_parts_wait, "10m", "1s", "1d", CFG_RELOAD,                                                                    \
      "A long message that lacks a piece for so long is stored with a mark in its place.")                                    \
    X(SPAN, sms_parts_late, "2h", "1m", "1d", CFG_RELOAD,                                                                     \
      "A missing piece that comes within this is added to the case; after it the reference is a new one.")                    \
    X(BOOL, channel_log, "yes", "", "", CFG_RELOAD,                                                                           \
      "Keep a line of every exchange with a provider, without secrets, numbers and words.")                                   \
    X(SPAN, channel_log_keep, "30d", "1h", "400d", CFG_RELOAD, "The channel log is swept after this.")                        \
    X(SPAN, plaque_flush, "30s", "100ms", "10m", CFG_RELOAD,                                                                  \
      "Counts of scans are written this often; a kill loses no more.")                                                        \
    X(SPAN, plaque_inspect_every, "180d", "1d", "3650d", CFG_RELOAD,                                                          \
      "A plaque is due to be looked at so long after the last look.")                                                         \
    X(INT, plaque_far, "2000", "50", "1000000", CFG_RELOAD,                                                                   \
      "Metres from the plaque at which something sent counts as out of place.")                                               \
    X(INT, plaque_alarm_scans, "3", "1", "100000", CFG_RELOAD,                                                                \
      "Scans of one plaque in a day that raise an alarm: forged, revoked or void codes, and things sent from far away.")      \
    X(INT, plaque_retired_scans, "20", "1", "100000", CFG_RELOAD,                                                             \
      "Scans in a day of a plaque out of use that raise an alarm.")                                                           \
    X(TIME, noon, "12:00", "10:00", "14:59", CFG_RELOAD,                                                                      \
      "Where a working day is cut in two, for limits of half a working day.")                                                 \
    X(TIME, office_close, "17:30", "15:00", "24:00", CFG_RELOAD,                                                              \
      "Close of business, where a limit of half a working day ends.")                                                         \
    X(TIME, day_end, "24:00", "15:00", "24:00", CFG_RELOAD,                                                                   \
      "Where the last day of a limit in days ends: 24:00, or the close of business.")                                         \
    X(INT, clock_batch, "32", "1", "40", CFG_RELOAD,                                                                          \
      "Steps that the clock takes in one transaction at the most.")                                                           \
    X(SPAN, log_every, "10m", "1s", "1d", CFG_RELOAD,                                                                         \
      "How often new acts are taken into the public log and its head is signed; right after midnight in "                     \
      "China as well.")                                                                                                       \
    X(SPAN, drain_limit, "20s", "1s", "10m", CFG_RELOAD,                                                                      \
      "Time for finishing what is in flight when stopping.")

enum config_flag { CFG_RELOAD = 1, CFG_SECRET = 2 };

struct config {
#define CFG_TYPE_STR                                  const char *
#define CFG_TYPE_INT                                  int
#define CFG_TYPE_SPAN                                 span
#define CFG_TYPE_SIZE                                 size_t
#define CFG_TYPE_BOOL                                 bool
#define CFG_TYPE_TIME                                 int /* minutes after midnight */
#define X(kind, name, def, min, max, flags, sentence) CFG_TYPE_##kind name;
    SETTINGS(X)
#undef X
    void *strings; /* owned texts */
};

/* Reads all origins. argv holds only the words after the command; settings are taken out of it (--name=value or
 * --name value) and *argc shrinks to what is left. --config FILE names the file (else MASHANGDU_CONFIG, else
 * ./mashangdu.conf when it exists). False with a sentence that names the setting and its origin. */
bool config_load(struct config *c, int *argc, char **argv, const char **error_r) MUST_CHECK;
/* Reads the file again; only settings marked for reload are taken over, and none when one of them is wrong. A setting
 * that is no longer in the file goes back to its default. */
bool config_reload(struct config *c, const char **error_r) MUST_CHECK;
void config_free(struct config *c);

/* One setting as it is in force, for the desk of the log; views live until the next reload. False behind the last one. value is told even
 * of a secret one: whoever shows it looks at `secret` first. */
struct config_fact {
    const char *name, *value, *unit, *origin, *def, *min, *max, *sentence;
    bool secret, reloads;
};
bool config_fact(const struct config *c, size_t i, struct config_fact *f_r) MUST_CHECK;
/* `mashangdu config`: every setting with value, origin, unit, default, bounds and sentence. */
void config_print(const struct config *c, struct text *out);
/* The same table as a sample file, all lines commented out. */
void config_print_sample(struct text *out);
