/* The register as the gateway needs it at every request: units, plaques, categories, the routing snapshot, the
 * calendar, the configured channels and the wordings in force, read from the database at start and again on NOTIFY msd_register.
 * A new snapshot is compiled on the thread pool and swapped between two turns; pointers from a look-up are good
 * until the callback that made it returns. */
#pragma once
#include "gateway.h"
#include "adapters/adapter.h"
#include "core/caseflow.h"
#include "core/figures.h"
#include "core/message.h"
#include "core/route.h"

/* The newest figures of a unit that were approved (schema/0026_landing.sql); a share whose den is 0 is not published.
 * at.us == 0: none are. */
struct unit_figures {
    struct share rated, on_time, answered;
    i64 from, to; /* days, both included */
    instant at;
    struct str by; /* the post that approved them */
};
struct unit {
    int id, parent_id, successor_id; /* 0: none */
    struct str code, kind, name, short_name, class, phone, hours;
    struct str duties, post, address; /* as the page behind a plaque tells them; may be empty */
    struct unit_figures figures;      /* of a station: those of its unit */
    bool retired;                     /* as of the day on which the snapshot was read */
};
enum plaque_state { PLAQUE_ISSUED, PLAQUE_ACTIVE, PLAQUE_RETIRED, PLAQUE_VOID };
struct plaque_row {
    struct str number, window_name, successor;
    int unit_id;
    int heir_id; /* who has now what a retired unit had at this plaque; 0: nobody */
    unsigned key_version;
    enum plaque_state state;
    bool point; /* where it hangs is known: */
    double lat, lon;
};
enum plaque_key_state { PLAQUE_KEY_NEVER, PLAQUE_KEY_GOOD, PLAQUE_KEY_WITHDRAWN };
struct category {
    struct str code, name;
    int default_unit_id, level, limit_amount; /* limit_amount: minutes or working days, as caseflow has it */
    enum nature nature;
    bool confidential;
};
struct channel_row {
    struct channel ch;
    const struct adapter *adapter;
    u8 key_hash[32], old_key_hash[32];
    instant
        old_key_until; /* while a key is changed the one before is good until then; us == 0: there is none */
    bool active;       /* else switched off: known only to the outbox, which looks for another */
};

void register_start(struct gateway *g);
void register_reload(struct gateway *g); /* on NOTIFY and on every reconnect */
void register_stop(struct gateway *g);
bool register_ready(const struct gateway *g);

const struct unit *register_unit(const struct gateway *g, int id); /* NULL when unknown */
/* The same, or who follows when it is retired; NULL when unknown or when nobody follows. */
const struct unit *register_unit_now(const struct gateway *g, int id);
/* Is it the unit itself, or any of those that follow it when it is retired? What a report says of a unit concerns them all (P4). */
bool register_unit_follows(const struct gateway *g, int heir, int of_unit);
/* The same of a unit or of any that it stands below, the office at the top left out: my_branch of the schema. */
bool register_unit_below(const struct gateway *g, int unit, int of_unit);
/* What the unit was called at that instant: letters, stories and figures of earlier days keep the names of their day. */
struct str register_unit_name(const struct gateway *g, const struct unit *u, instant at, bool is_short);
/* {"id":…,"short_name":…}, or null for 0 and for what is unknown: a unit as every answer and event names it. */
void register_unit_json(const struct gateway *g, i64 id, struct text *out);
/* With the name of that instant; at.us == 0: today's. */
void register_unit_json_at(const struct gateway *g, i64 id, instant at, struct text *out);
/* {"id":…,"code":…,"name":…}, or null: a unit as a decision keeps it. */
void register_unit_whole_json(const struct gateway *g, i64 id, struct text *out);
const struct unit *register_unit_code(const struct gateway *g, struct str code);
size_t register_units(const struct gateway *g, const struct unit **all_r);
const struct plaque_row *register_plaque(const struct gateway *g, struct str number);
/* The unit that words at this plaque are for: its own; 0 at the code of an enterprise, which handles nothing, and for NULL. */
int register_plaque_unit(const struct gateway *g, const struct plaque_row *p);
size_t register_plaques(const struct gateway *g, const struct plaque_row **all_r); /* by number */
/* What became of a version of the key of tags. */
enum plaque_key_state register_plaque_key(const struct gateway *g, unsigned version);
const struct category *register_category(const struct gateway *g, struct str code);
size_t register_categories(const struct gateway *g, const struct category **all_r);
const struct channel_row *register_channel(const struct gateway *g,
                                           struct str name); /* an active one, or NULL */
size_t register_channels(const struct gateway *g,
                         const struct channel_row **all_r); /* by name; also those switched off */
/* The wording in force (schema/0014_templates.sql): the newest version without a fault. Never empty. */
struct str register_template(const struct gateway *g, enum message_event e, bool english);
const struct routing *register_routing(const struct gateway *g);
/* The version of the learned model (schema/0040_learning.sql) that decides beside the rules; 0: none, they decide alone. fault: why the
 * one in force could not be taken, a fixed English sentence; NULL: nothing is wrong. */
int register_model(const struct gateway *g);
const char *register_model_fault(const struct gateway *g);
/* The version of the rules that register_routing compiles; 0: there are none. */
int register_rules_version(const struct gateway *g);

/* One snapshot kept alive over turns, for work on the thread pool that reads its rows or routes with it. NULL before the first one is
 * there. Taken and let go on the loop thread; what is held is never changed. */
struct snapshot;
struct snapshot *register_hold(struct gateway *g);
void register_let_go(struct snapshot **s); /* NULL inside is fine */
const struct routing_rows *register_held_rows(const struct snapshot *s);
const struct routing *register_held_routing(const struct snapshot *s);
int register_held_version(const struct snapshot *s);

/* The newest version of every year: for new deadlines. */
const struct workdays *register_workdays(const struct gateway *g);
/* What was in force at an instant, for the explanation of what was counted then; of a year first loaded later its first
 * version, which is what an act that had to wait for it was counted over. */
const struct workdays *register_workdays_at(const struct gateway *g, instant at);
int register_triage_unit(const struct gateway *g); /* id of the office's coordinators' unit U000 */
extern const struct db_stmt stmt_register_units, stmt_register_plaques, stmt_register_plaque_keys,
    stmt_register_categories, stmt_register_words, stmt_register_calendar, stmt_register_channels,
    stmt_register_templates, stmt_register_names, stmt_register_shares, stmt_register_model;
