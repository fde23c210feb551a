/* The statements of the outbox. What they promise stands in schema/0013_outbox.sql beside the functions. */
#include "outbox_part.h"

const struct db_stmt stmt_outbox_claim = {
    "outbox_claim",
    "select id, channel, recipient, body, body_form, tries, slowed, first_channel is not null, event "
    "from outbox_claim($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    10,
    {DB_INT8, DB_FLOAT8, DB_FLOAT8, DB_INT4, DB_TEXTS, DB_FLOAT8S, DB_INT4S, DB_INT4S, DB_FLOAT8S, DB_BOOLS}};
/* A claim whose answer got lost: nothing of it has left. */
const struct db_stmt stmt_outbox_release = {
    "outbox_release",
    "update outbox set state = 'due', tries = tries - 1, claimed_by = null, claimed_until = null, changed_at = now() "
    "where state = 'claimed' and claimed_by = $1",
    1,
    {DB_INT8}};
const struct db_stmt stmt_outbox_move = {
    "outbox_move", "select outbox_move($1, $2, $3, $4)", 4, {DB_INT4, DB_TEXTS, DB_TEXTS, DB_BOOLS}};
/* For each channel: how it fares, and in how many seconds there is something to claim (null: nothing is due). A fast channel is
 * looked at when half of what may go at once may go again. */
const struct db_stmt stmt_outbox_look = {
    "outbox_look",
    "select w.channel, coalesce(s.failures, 0), coalesce(s.slowed, 0), "
    "(select string_agg(a.kind, ',') from channel_alarms a where a.channel = w.channel), "
    "case when d.at is not null then extract(epoch from greatest(d.at, s.closed_until, case when w.rate > 0 then s.next_at - "
    "  make_interval(secs => greatest(0, floor(w.rate / 10) - 1) / 2 / (w.rate - greatest(1, floor(w.rate / 10)) + 1)) end) "
    "  - clock_timestamp()) end::float8 "
    "from unnest($1, $2) as w (channel, rate) left join channel_state s on s.channel = w.channel "
    "left join lateral (select least("
    "  (select o.due_at from outbox o where o.channel = w.channel and o.state = 'due' and o.urgent order by o.due_at limit 1), "
    "  (select o.due_at from outbox o where o.channel = w.channel and o.state = 'due' and not o.urgent order by o.due_at limit 1)) as at) d on true",
    2,
    {DB_TEXTS, DB_FLOAT8S}};

const struct db_stmt stmt_outbox_settle = {
    "outbox_settle",
    "select outbox_settle($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    9,
    {DB_INT8S, DB_INT8S, DB_TEXTS, DB_FLOAT8S, DB_TEXTS, DB_TEXTS, DB_TEXTS, DB_TEXTS, DB_TEXTS}};
const struct db_stmt stmt_outbox_early = {"outbox_early", "select outbox_match_early()", 0, {0}};
/* $2: some sending went well; $3, $4: failures and "too fast" after the last of these; $5: seconds for which nothing goes. Rows are
 * locked in the order in which a claim locks them. */
const struct db_stmt stmt_outbox_health = {
    "outbox_health",
    "with l as materialized (select channel from channel_state where channel = any ($1) order by channel for update) "
    "update channel_state s set failures = case when t.well then 0 else s.failures end + t.failed, "
    "slowed = case when t.well then 0 else s.slowed end + t.slowed, "
    "closed_until = case when t.close > 0 then greatest(s.closed_until, clock_timestamp() + make_interval(secs => t.close)) else s.closed_until end "
    "from unnest($1, $2, $3, $4, $5) as t (channel, well, failed, slowed, close), l where s.channel = t.channel and l.channel = t.channel "
    "returning s.channel, s.failures, s.slowed",
    5,
    {DB_TEXTS, DB_BOOLS, DB_INT4S, DB_INT4S, DB_FLOAT8S}};
const struct db_stmt stmt_outbox_alarms = {
    "outbox_alarms",
    "select channel, kind, up from channel_alarms_set($1, $2, $3, $4, $5)",
    5,
    {DB_TEXTS, DB_TEXTS, DB_BOOLS, DB_TEXTS, DB_TEXTS}};
const struct db_stmt stmt_outbox_off = {"outbox_off", "select channel_off($1, $2)", 2, {DB_TEXT, DB_TEXT}};

/* The places, from 1 on, of the receipts that found their message. */
const struct db_stmt stmt_outbox_receive = {"outbox_receive",
                                            "select outbox_receive($1, $2, $3, $4, $5)",
                                            5,
                                            {DB_TEXT, DB_INT8S, DB_TEXTS, DB_TEXTS, DB_TEXTS}};
const struct db_stmt stmt_outbox_keep_early = {
    "outbox_keep_early",
    "insert into outbox_early (channel, provider_id, state, error) select $1, t.id, t.state, nullif(t.error, '') from unnest($2, $3, $4) as t (id, state, error)",
    4,
    {DB_TEXT, DB_TEXTS, DB_TEXTS, DB_TEXTS}};

/* A claim that ran out: its gateway ended with the message on its way, or before. Who can tell a repeat gets it again ($1); else
 * only the receipt knows. */
const struct db_stmt stmt_outbox_expire = {
    "outbox_expire",
    "update outbox set state = case when channel = any ($1) then 'due' else 'unknown' end, due_at = case when channel = any ($1) then now() else due_at end, "
    "cause = 'claim', last_error = 'the gateway ended while it was being sent', claimed_until = null, changed_at = now() "
    "where state = 'claimed' and claimed_until < now() returning state",
    1,
    {DB_TEXTS}};
const struct db_stmt stmt_outbox_decide = {
    "outbox_decide", "select channel, kind, up from outbox_decide($1)", 1, {DB_FLOAT8}};
/* Owed to a channel that cannot send and has no other ($3: those that have, for what has not moved once already): given up after a
 * while, so that somebody sees it. */
const struct db_stmt stmt_outbox_strand = {
    "outbox_strand",
    "update outbox set state = 'dead', cause = 'channel', last_error = 'the channel is switched off or cannot send', changed_at = now() "
    "where id in (select id from outbox where state = 'due' and channel <> all ($1) and due_at < now() - make_interval(secs => $2) "
    "  and not (first_channel is null and channel = any ($3)) limit 1000 for update skip locked)",
    3,
    {DB_TEXTS, DB_FLOAT8, DB_TEXTS}};
const struct db_stmt stmt_outbox_empty = {
    "outbox_empty",
    "update outbox set body = null, recipient = '' where id in (select id from outbox where state not in ('due', 'claimed') "
    "  and (body is not null or recipient <> '') and changed_at < now() - make_interval(secs => $1) order by changed_at limit 1000 for update skip locked)",
    1,
    {DB_FLOAT8}};
const struct db_stmt stmt_outbox_forget = {
    "outbox_forget", "delete from outbox_early where at < now() - interval '7 days'", 0, {0}};
/* What, channel, how many, for how many seconds; of alarms: which. */
const struct db_stmt stmt_outbox_figures = {
    "outbox_figures",
    "select 'due', channel, count(*)::float8, greatest(0, extract(epoch from now() - min(due_at)))::float8, '' from outbox where state = 'due' and due_at <= now() group by channel "
    "union all select state, channel, count(*)::float8, 0::float8, '' from outbox where state in ('unknown', 'dead') group by state, channel "
    "union all select 'alarm', channel, 1::float8, 0::float8, kind from channel_alarms",
    0,
    {0}};

/* A row: it is this gateway's turn to ask. */
const struct db_stmt stmt_outbox_balance_turn = {
    "outbox_balance_turn",
    "insert into channel_state as s (channel, balance_at) values ($1, now()) on conflict (channel) do update set balance_at = now() "
    "where s.balance_at is null or s.balance_at < now() - make_interval(secs => $2) returning 1",
    2,
    {DB_TEXT, DB_FLOAT8}};
const struct db_stmt stmt_outbox_balance = {
    "outbox_balance", "update channel_state set balance = $2 where channel = $1", 2, {DB_TEXT, DB_FLOAT8}};

const struct db_stmt stmt_outbox_list = {
    "outbox_list",
    "select * from outbox_list($1, $2, make_interval(secs => $3), $4, $5)",
    5,
    {DB_TEXTS, DB_TEXT, DB_FLOAT8, DB_INT8, DB_INT4}};
const struct db_stmt stmt_outbox_counts = {"outbox_counts", "select * from outbox_counts()", 0, {0}};
const struct db_stmt stmt_outbox_channels = {"outbox_channels", "select * from outbox_channels()", 0, {0}};
const struct db_stmt stmt_outbox_redrive = {
    "outbox_redrive", "select * from outbox_redrive($1, $2, $3)", 3, {DB_INT8S, DB_BOOL, DB_TEXT}};
const struct db_stmt stmt_outbox_drop = {"outbox_drop", "select * from outbox_drop($1)", 1, {DB_INT8S}};

const struct db_stmt *const outbox_statements[] = {
    &stmt_outbox_claim,   &stmt_outbox_release,      &stmt_outbox_move,       &stmt_outbox_look,
    &stmt_outbox_settle,  &stmt_outbox_early,        &stmt_outbox_health,     &stmt_outbox_alarms,
    &stmt_outbox_off,     &stmt_outbox_receive,      &stmt_outbox_keep_early, &stmt_outbox_expire,
    &stmt_outbox_decide,  &stmt_outbox_strand,       &stmt_outbox_empty,      &stmt_outbox_forget,
    &stmt_outbox_figures, &stmt_outbox_balance_turn, &stmt_outbox_balance,    &stmt_outbox_list,
    &stmt_outbox_counts,  &stmt_outbox_channels,     &stmt_outbox_redrive,    &stmt_outbox_drop,
};
const size_t n_outbox_statements = ARRAY_LEN(outbox_statements);
