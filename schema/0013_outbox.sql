-- The outbox grows up: what a message is for, which template it was made from, whom it must not bother at night, which channel
-- took over, and why it was given up. Channels get a state that all gateways share: how fast, how many, how ill.

alter table outbox
  -- answer: to something the citizen just sent; notice: about the own case; survey: asks for an opinion, waits for the morning and
  -- for whoever has not opted out; staff: to a group or mailbox of the office; event: to a subscriber's webhook
  add column purpose text not null default 'answer' check (purpose in ('answer', 'notice', 'survey', 'staff', 'event')),
  add column event text not null default '' check (length(event) <= 60),   -- core/message.h, or the kind of the told event
  add column urgent boolean not null default false,                        -- L1: goes first, whatever the hour
  add column recipient_hash bytea check (length(recipient_hash) = 32),     -- keyed; opt-outs and receipts find it
  -- what `body` holds under its seal: 0 the words alone, 1 a JSON object (gateway/messages.h)
  add column body_form smallint not null default 0 check (body_form in (0, 1)),
  add column claimed_by bigint,              -- number of the claim: tells a late outcome; a claim whose answer got lost is undone by its own gateway
  add column slowed smallint not null default 0,  -- of the tries, how often the provider only said "too fast"
  add column first_channel text,             -- the channel it was owed to, when another took over: at most once
  add column first_provider_id text,         -- the id there
  add column cause text not null default '' check (cause in ('', 'settings', 'money', 'recipient', 'rate', 'gone', 'receipt', 'claim', 'channel', 'content')),
  add column error_code text check (length(error_code) <= 64),             -- the provider's
  add column redriven smallint not null default 0,                         -- how often a person had it sent again
  add column decide boolean not null default false;                        -- unknown for so long that a person must decide
alter table outbox drop constraint outbox_state_check;
-- held: of a purpose that the recipient has opted out of, a survey that is answered already, or about a matter that has become
-- confidential since; dropped: given up by a person; both final
alter table outbox add constraint outbox_state_check
  check (state in ('due', 'claimed', 'sent', 'delivered', 'failed', 'unknown', 'dead', 'held', 'dropped'));
alter table outbox add constraint outbox_claimed check (state <> 'claimed' or claimed_until is not null);

drop index outbox_due;
create index outbox_due on outbox (channel, urgent, due_at) where state = 'due';
create index outbox_open on outbox (state, channel, changed_at) where state in ('claimed', 'unknown', 'dead', 'failed');
create index outbox_first on outbox (first_channel, first_provider_id) where first_provider_id is not null;
create index outbox_keeps on outbox (changed_at) where state not in ('due', 'claimed') and (body is not null or recipient <> '');

-- One row for each channel that ever sent. Locked for the length of a claim, so that limits hold over all gateways together.
create table channel_state (
  channel      text primary key,
  next_at      timestamptz not null default '-infinity', -- rate: theoretical arrival time of the generic cell rate algorithm (ITU-T I.371)
  closed_until timestamptz not null default '-infinity', -- nothing goes before: the provider said so, or it has failed too often
  failures     integer not null default 0,               -- in a row
  slowed       integer not null default 0,               -- "too fast" in a row
  balance      double precision,                         -- as the provider counts
  balance_at   timestamptz                               -- when it was asked for last
);
-- What a person has to do something about. There or not: a row goes when the matter is over.
create table channel_alarms (
  channel text not null,
  kind    text not null check (kind in ('settings', 'money', 'balance', 'errors', 'rate', 'gone', 'decide')),
  since   timestamptz not null default now(),
  seen_at timestamptz not null default now(),
  event   text not null default '',           -- whose template it is about, where only that one may be wrong
  why     text not null check (length(why) <= 300),
  primary key (channel, kind)
);
-- Receipts that came before the answer which would have told the id they speak of.
create table outbox_early (
  id          bigint primary key generated always as identity,
  channel     text not null,
  provider_id text not null check (length(provider_id) <= 200),
  state       text not null check (state in ('sent', 'delivered', 'failed')),
  error       text,
  at          timestamptz not null default now()
);
create index outbox_early_id on outbox_early (channel, provider_id);
create index outbox_early_at on outbox_early (at);

-- Whether this person wants no surveys. Nobody can opt out before the conversation exists; its migration replaces this.
create function outbox_declined(person bytea) returns boolean language sql stable as $$ select false $$;
-- Whether what this message tells has become secret since it was owed, or what it asks is answered. The migration of the notices, who know, replaces this.
create function outbox_hushed(purpose text, key text, of_case bigint) returns boolean language sql stable as $$ select false $$;

-- Claims what may go now, channel by channel, urgent first, and returns it. A sending `lasts` so many seconds at the most, and a
-- claim `margin` longer; what lasts longer than a sending can (its gateway was killed) keeps no room any more. For each channel: rate (a second, 0: no limit),
-- parallel (over all gateways), room (of this gateway), surveys_wait (seconds until surveys may go; 0: now), spare (another
-- channel could take over). A channel that failed `broken` times in a row, or has an alarm and a spare, gets one message at a time
-- after each pause, to see whether it is well again. Statements of their own see what the gateway before us has committed.
-- Sequential scans are forbidden because the plan may have been made while the table was empty.
create function outbox_claim(claim bigint, lasts float8, margin float8, broken integer, channels text[], rates float8[], parallels integer[], rooms integer[],
                             surveys_wait float8[], spares boolean[])
returns setof outbox language plpgsql volatile set enable_seqscan = off set enable_bitmapscan = off as $$
declare
  w record; s channel_state; r outbox;
  t timestamptz; tat timestamptz; step interval;
  n integer; burst integer; flying integer; took integer; u boolean;
begin
  for w in select * from unnest(channels, rates, parallels, rooms, surveys_wait, spares) as x (channel, rate, parallel, room, wait, spare) order by x.channel loop
    continue when not exists (select from outbox o where o.channel = w.channel and o.state = 'due' and o.urgent and o.due_at <= now())
              and not exists (select from outbox o where o.channel = w.channel and o.state = 'due' and not o.urgent and o.due_at <= now());
    select * into s from channel_state c where c.channel = w.channel for update;
    if not found then
      insert into channel_state (channel) values (w.channel) on conflict do nothing;
      select * into s from channel_state c where c.channel = w.channel for update;
    end if;
    t := clock_timestamp();
    continue when s.closed_until > t;
    select count(*) into flying from outbox o where o.state = 'claimed' and o.channel = w.channel and o.claimed_until > t + make_interval(secs => margin);
    n := least(w.room, w.parallel - flying);
    if s.failures >= broken or (w.spare and exists (select from channel_alarms a where a.channel = w.channel and a.kind in ('settings', 'money'))) then
      n := least(n, 1 - flying);
    end if;
    if w.rate > 0 then
      -- A tenth of a second's messages at once, so that a fast channel is not asked for each message alone; the pace is chosen
      -- so that no second sees more than `rate`.
      burst := greatest(1, floor(w.rate / 10));
      step := make_interval(secs => 1 / (w.rate - burst + 1));
      tat := greatest(s.next_at, t);
      n := least(n, 1 + floor(extract(epoch from t + (burst - 1) * step - tat) / extract(epoch from step))::integer);
    end if;
    took := 0;
    foreach u in array array[true, false] loop
      exit when n <= took;
      for r in
        with d as (select o.id, (o.purpose = 'survey' and outbox_declined(o.recipient_hash)) or (o.purpose <> 'answer' and outbox_hushed(o.purpose, o.dedupe_key, o.case_id)) as declined, o.purpose = 'survey' and not o.urgent and w.wait > 0 as sleeps
          from outbox o where o.channel = w.channel and o.state = 'due' and o.urgent = u and o.due_at <= t order by o.due_at limit n - took for update skip locked)
        update outbox o set changed_at = t,
          state = case when d.declined then 'held' when d.sleeps then 'due' else 'claimed' end,
          body = case when d.declined then null else o.body end,
          due_at = case when d.sleeps then t + make_interval(secs => w.wait) else o.due_at end,
          tries = o.tries + case when d.declined or d.sleeps then 0 else 1 end,
          claimed_by = case when d.declined or d.sleeps then null else claim end,
          claimed_until = case when d.declined or d.sleeps then null else t + make_interval(secs => lasts + margin) end
        from d where o.id = d.id returning o.*
      loop
        continue when r.state <> 'claimed';
        took := took + 1;
        return next r;
      end loop;
    end loop;
    if took > 0 and w.rate > 0 then
      update channel_state c set next_at = tat + took * step where c.channel = w.channel;
    end if;
  end loop;
end $$;

-- Outcomes of sendings; the claim's number tells a late one from that of a newer sending. state: sent, unknown, dead, due (again in
-- `wait` seconds), moved (to `spare`, which starts anew). What a receipt has settled meanwhile stays, but for the provider's id.
create function outbox_settle(ids bigint[], claims bigint[], states text[], waits float8[], spares text[], provider_ids text[], causes text[],
                              errors text[], codes text[])
returns void language sql volatile as $$
  select from outbox o where o.id = any (ids) order by o.id for update;
  update outbox o set state = t.state, cause = t.cause, last_error = t.error, error_code = t.code, provider_id = coalesce(t.provider_id, o.provider_id),
      due_at = case t.state when 'due' then now() + make_interval(secs => t.wait) else o.due_at end,
      slowed = o.slowed + case t.cause when 'rate' then 1 else 0 end, body = case t.state when 'sent' then null else o.body end,
      decide = false, claimed_until = null, claimed_by = null, changed_at = now()
    from unnest(ids, claims, states, waits, provider_ids, causes, errors, codes) as t (id, claim, state, wait, provider_id, cause, error, code)
    where o.id = t.id and o.claimed_by = t.claim and o.state in ('claimed', 'unknown') and t.state <> 'moved';
  update outbox o set state = 'due', due_at = now(), tries = 0, slowed = 0, cause = t.cause, last_error = t.error, error_code = t.code,
      channel = t.spare, first_channel = o.channel, first_provider_id = coalesce(t.provider_id, o.provider_id), provider_id = null,
      decide = false, claimed_until = null, claimed_by = null, changed_at = now()
    from unnest(ids, claims, states, spares, provider_ids, causes, errors, codes) as t (id, claim, state, spare, provider_id, cause, error, code)
    where o.id = t.id and o.claimed_by = t.claim and o.state in ('claimed', 'unknown') and t.state = 'moved';
  update outbox o set provider_id = t.provider_id, claimed_by = null
    from unnest(ids, claims, provider_ids) as t (id, claim, provider_id)
    where o.id = t.id and o.claimed_by = t.claim and o.state in ('sent', 'delivered', 'failed') and t.provider_id is not null and o.provider_id is null;
$$;

-- Due messages of channels that cannot send, to the channel that takes over (never unknown ones; each at most once). forced: the
-- channel is switched off or cannot send; else it must have failed `broken` times in a row or have an alarm that says so. A spare
-- that is ill itself takes nothing. Returns how many went.
create function outbox_move(broken integer, channels text[], spares text[], forced boolean[])
returns bigint language plpgsql volatile set enable_seqscan = off set enable_bitmapscan = off as $$
declare
  w record; n bigint; total bigint := 0;
begin
  for w in select * from unnest(channels, spares, forced) as x (channel, spare, force) loop
    continue when exists (select from channel_state s where s.channel = w.spare and s.failures >= broken);
    continue when not w.force and not exists (select from channel_state s where s.channel = w.channel and s.failures >= broken)
      and not exists (select from channel_alarms a where a.channel = w.channel and a.kind in ('settings', 'money'));
    with d as (select o.id from outbox o where o.channel = w.channel and o.state = 'due' and o.first_channel is null limit 500 for update skip locked)
    update outbox o set channel = w.spare, first_channel = o.channel, first_provider_id = o.provider_id, provider_id = null, changed_at = now(),
        due_at = case when o.tries > 0 then least(o.due_at, now()) else o.due_at end, tries = 0, slowed = 0
      from d where o.id = d.id;
    get diagnostics n = row_count;
    total := total + n;
  end loop;
  return total;
end $$;

-- Outcomes that stayed unknown for `seconds`: a person decides, and is told by an alarm of the channel that goes when none is left.
-- Returns the alarms that changed.
create function outbox_decide(seconds float8)
returns table (channel text, kind text, up boolean) language plpgsql volatile set enable_seqscan = off as $$
#variable_conflict use_column
declare
  names text[]; ups boolean[];
begin
  update outbox o set decide = true where o.state = 'unknown' and not o.decide and o.changed_at < now() - make_interval(secs => seconds);
  select array_agg(x.channel), array_agg(x.up) into names, ups from (
    select d.channel, true as up from (select distinct o.channel from outbox o where o.state = 'unknown' and o.decide) d
      where not exists (select from channel_alarms a where a.channel = d.channel and a.kind = 'decide')
    union all
    select a.channel, false from channel_alarms a where a.kind = 'decide'
      and not exists (select from outbox o where o.state = 'unknown' and o.channel = a.channel and o.decide)) x;
  if names is not null then
    return query select * from channel_alarms_set(names, array_fill('decide'::text, array[cardinality(names)]), ups,
      array_fill(''::text, array[cardinality(names)]), array_fill('sendings whose outcome nobody reported'::text, array[cardinality(names)]));
  end if;
end $$;

-- What receipts say, in any order and more than once: a state only moves forward and never leaves a final one. A row that another
-- channel took over, or that waits for its next try, is settled by good news alone: the bad ones are known or will be told again.
-- Once a person had it sent again, bad news count only for the sending they name. Returns the places (from 1) that found their row.
create function outbox_receive(channel_ text, refs bigint[], provider_ids text[], states text[], errors text[])
returns setof bigint language sql volatile set enable_seqscan = off as $$
  with t as (
    select x.*, coalesce((select o.id from outbox o where o.id = x.ref and x.ref > 0 and channel_ in (o.channel, o.first_channel)),
      (select o.id from outbox o where o.channel = channel_ and o.provider_id = x.provider_id and x.provider_id <> '' order by o.id desc limit 1),
      (select o.id from outbox o where o.first_channel = channel_ and o.first_provider_id = x.provider_id and x.provider_id <> '' order by o.id desc limit 1)) as row
    from unnest(refs, provider_ids, states, errors) with ordinality as x (ref, provider_id, state, error, place)),
  -- Several receipts of one push may speak of one row: the furthest counts, whatever their order.
  best as (select distinct on (t.row) t.* from t where t.row is not null
    order by t.row, case t.state when 'delivered' then 0 when 'failed' then 1 else 2 end, t.place),
  -- In the order of the ids, as outbox_settle: two that change several rows never wait for each other.
  locked as materialized (select o.id from outbox o where o.id in (select b.row from best b) order by o.id for update),
  change as (
    update outbox o set state = b.state,
      provider_id = case when o.channel = channel_ then coalesce(o.provider_id, nullif(b.provider_id, '')) else o.provider_id end,
      body = case when b.state = 'failed' then o.body end,
      cause = case when b.state = 'failed' then 'receipt' else '' end,
      last_error = case when b.state = 'failed' then 'the provider reports that it was not delivered' end,
      error_code = nullif(left(b.error, 64), ''), decide = false, changed_at = now()
    from best b join locked l on l.id = b.row where o.id = b.row and case
      when o.state in ('sent', 'claimed', 'unknown') and o.channel = channel_ then
        b.state = 'delivered' or (o.state <> 'sent' or b.state = 'failed')
        and (o.redriven = 0 or o.provider_id is null or b.provider_id = '' or o.provider_id = b.provider_id)
      when o.state in ('due', 'claimed', 'sent', 'unknown', 'dead') then b.state = 'delivered'
      else false end)
  select t.place from t where t.row is not null
$$;

-- Early receipts whose row can be found by now.
create function outbox_match_early() returns void language plpgsql volatile set enable_seqscan = off as $$
declare
  e record;
begin
  for e in select * from outbox_early x where x.at > now() - interval '1 hour' and (exists (select from outbox o where o.channel = x.channel and o.provider_id = x.provider_id)
             or exists (select from outbox o where o.first_channel = x.channel and o.first_provider_id = x.provider_id))
             order by x.id limit 500 for update skip locked loop
    perform outbox_receive(e.channel, array[0::bigint], array[e.provider_id], array[e.state], array[e.error]);
    delete from outbox_early x where x.id = e.id;
  end loop;
end $$;

-- Raises and clears alarms, and tells administrators' dashboards (event channel.alarm) what changed; returns that. Clearing one
-- that is about another template waits until nothing was heard of it for ten minutes. Last in its transaction: events are numbered.
create function channel_alarms_set(channels text[], kinds text[], ups boolean[], events text[], whys text[])
returns table (channel text, kind text, up boolean) language plpgsql volatile as $$
#variable_conflict use_column
declare
  x record;
  changed_channels text[] := '{}'; changed_kinds text[] := '{}'; changed_ups boolean[] := '{}';
begin
  for x in select * from unnest(channels, kinds, ups, events, whys) as t (channel, kind, up, event, why) order by t.channel, t.kind loop
    if x.up then
      update channel_alarms a set seen_at = now(), event = x.event, why = left(x.why, 300) where a.channel = x.channel and a.kind = x.kind;
      continue when found;
      insert into channel_alarms (channel, kind, event, why) values (x.channel, x.kind, x.event, left(x.why, 300)) on conflict do nothing;
    else
      delete from channel_alarms a where a.channel = x.channel and a.kind = x.kind
        and (a.event in ('', x.event) or a.seen_at < now() - interval '10 minutes');
    end if;
    if found then
      changed_channels := changed_channels || x.channel;
      changed_kinds := changed_kinds || x.kind;
      changed_ups := changed_ups || x.up;
    end if;
  end loop;
  perform events_append(array_agg('channel.alarm'::text), array_agg(null::bigint), array_agg(null::integer), array_agg(null::integer), array_agg(true),
      array_agg(jsonb_build_object('channel', c.channel, 'alarm', c.kind, 'on', c.up)))
    from unnest(changed_channels, changed_kinds, changed_ups) as c (channel, kind, up) having count(*) > 0;
  return query select c.channel, c.kind, c.up from unnest(changed_channels, changed_kinds, changed_ups) as c (channel, kind, up);
end $$;

-- A receiver that says for good that it wants nothing more: its channel is switched off, which only the owner could do else.
create function channel_off(name_ text, why text) returns boolean language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  update public.channels c set active = false where c.name = name_ and c.active;
  if found then
    insert into public.audit_log (action, detail) values ('channel_off', jsonb_build_object('channel', name_, 'why', why));
  end if;
  return found;
end $$;

-- ---- what a person does: from the desk as an administrator, or with the owner's tools --------------------------------------

-- 0 for the owner's tools, the person for an administrator inside a transaction of the staff; nobody else comes further.
create function outbox_keeper() returns integer language plpgsql stable as $$
begin
  if public.staff_now() > 0 and public.i_am('{admin}') then return public.staff_now(); end if;
  if public.staff_now() = 0 and pg_has_role(session_user, 'mashangdu_owner', 'member') then return 0; end if;
  raise exception 'only an administrator sees the outbox' using errcode = 'MSD70';
end $$;

-- The outbox without numbers, words and cases. Filters that are null count nothing; `below` pages (the last id of the page before).
-- Beside states, `want` may have 'decide': unknown for so long that a person must decide.
create function outbox_list(want text[], channel_ text, older interval, below bigint, most integer, purpose_ text default null, event_ text default null)
returns table (id bigint, created_at timestamptz, channel text, first_channel text, state text, decide boolean, purpose text, event text, urgent boolean, tries integer,
               due_at timestamptz, changed_at timestamptz, cause text, last_error text, error_code text, redriven integer, kept boolean, provider_id text)
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
#variable_conflict use_column
declare
  few boolean := want <@ '{claimed,unknown,dead,failed,decide}';
  found bigint[];
begin
  perform public.outbox_keeper();
  -- What waits for a person is a handful among years of settled messages: found by its own index, not by walking down the ids.
  if few then
    select coalesce(array_agg(x.id), '{}') into found from (select o.id from public.outbox o where o.state in ('claimed', 'unknown', 'dead', 'failed')
      and (o.state = any (want) or (o.decide and 'decide' = any (want))) and (channel_ is null or channel_ in (o.channel, o.first_channel))
      and (older is null or o.changed_at < now() - older) and (below is null or o.id < below)
      and (purpose_ is null or o.purpose = purpose_) and (event_ is null or o.event = event_) order by o.id + 0 desc limit least(most, 1000)) x;
    return query select o.id, o.created_at, o.channel, o.first_channel, o.state, o.decide, o.purpose, o.event, o.urgent, o.tries::integer, o.due_at, o.changed_at,
        o.cause, o.last_error, o.error_code, o.redriven::integer, o.body is not null and o.recipient <> '', o.provider_id
      from public.outbox o where o.id = any (found) order by o.id desc;
    return;
  end if;
  return query select o.id, o.created_at, o.channel, o.first_channel, o.state, o.decide, o.purpose, o.event, o.urgent, o.tries::integer, o.due_at, o.changed_at,
      o.cause, o.last_error, o.error_code, o.redriven::integer, o.body is not null and o.recipient <> '', o.provider_id
    from public.outbox o
    where (want is null or o.state = any (want) or (o.decide and 'decide' = any (want))) and (channel_ is null or channel_ in (o.channel, o.first_channel))
      and (older is null or o.changed_at < now() - older) and (below is null or o.id < below)
      and (purpose_ is null or o.purpose = purpose_) and (event_ is null or o.event = event_)
    order by o.id desc limit least(most, 1000);
end $$;

-- One line for each channel, state and template, with the oldest: what the desk shows first.
create function outbox_counts()
returns table (channel text, state text, n bigint, oldest timestamptz, decide bigint)
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp set enable_seqscan = off as $$
#variable_conflict use_column
begin
  perform public.outbox_keeper();
  -- Each half has an index of its own; together they would read every message that ever was.
  return query select o.channel, o.state, count(*), min(o.due_at), 0::bigint from public.outbox o where o.state = 'due' group by 1, 2
    union all select o.channel, o.state, count(*), min(o.changed_at), count(*) filter (where o.decide)
    from public.outbox o where o.state in ('claimed', 'unknown', 'dead', 'failed') group by 1, 2 order by 1, 2;
end $$;

-- Sends again what was given up (dead, failed), and what is unknown only when even_unknown: the person says that it never arrived.
-- What is emptied cannot go again. spare: through that channel instead, or null. Returns what happened to each id: 'due', or
-- why not: 'gone' (no such message), 'unknown', 'state', 'empty'.
create function outbox_redrive(ids bigint[], even_unknown boolean, spare text, reason text default null)
returns table (id bigint, said text) language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
#variable_conflict use_column
declare
  who integer := public.outbox_keeper();
  done bigint[];
begin
  perform from public.outbox o where o.id = any (ids) order by o.id for update;
  with change as (
    update public.outbox o set state = 'due', due_at = now(), tries = 0, slowed = 0, claimed_by = null, claimed_until = null, redriven = least(o.redriven + 1, 30000), decide = false, cause = '',
        channel = coalesce(spare, o.channel), first_channel = case when spare <> o.channel then o.channel else o.first_channel end,
        first_provider_id = case when spare <> o.channel then o.provider_id else o.first_provider_id end,
        provider_id = case when spare <> o.channel then null else o.provider_id end, changed_at = now()
      where o.id = any (ids) and (o.state in ('dead', 'failed') or (o.state = 'unknown' and even_unknown)) and o.body is not null and o.recipient <> ''
      returning o.id)
    select array_agg(c.id) into done from change c;
  if done is not null then
    insert into public.audit_log (staff_id, action, detail) values (nullif(who, 0), 'outbox_redrive',
      jsonb_build_object('ids', to_jsonb(done), 'even_unknown', even_unknown, 'channel', spare, 'reason', reason, 'tool', who = 0));
    perform pg_notify('msd_outbox', '');
  end if;
  return query select x.id, case when x.id = any (done) then 'due' when o.id is null then 'gone' when o.state = 'unknown' and not even_unknown then 'unknown'
      when o.state not in ('dead', 'failed', 'unknown') then 'state' else 'empty' end
    from unnest(ids) as x (id) left join public.outbox o on o.id = x.id;
end $$;

-- Gives messages up for good and empties them. What is on its way or settled cannot be given up. Returns 'dropped', 'gone' or 'state'.
create function outbox_drop(ids bigint[], reason text default null)
returns table (id bigint, said text) language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
#variable_conflict use_column
declare
  who integer := public.outbox_keeper();
  done bigint[];
begin
  perform from public.outbox o where o.id = any (ids) order by o.id for update;
  with change as (
    update public.outbox o set state = 'dropped', body = null, decide = false, changed_at = now()
      where o.id = any (ids) and o.state in ('due', 'dead', 'failed', 'unknown') returning o.id)
    select array_agg(c.id) into done from change c;
  if done is not null then
    insert into public.audit_log (staff_id, action, detail) values (nullif(who, 0), 'outbox_drop', jsonb_build_object('ids', to_jsonb(done), 'reason', reason, 'tool', who = 0));
  end if;
  return query select x.id, case when x.id = any (done) then 'dropped' when o.id is null then 'gone' else 'state' end
    from unnest(ids) as x (id) left join public.outbox o on o.id = x.id;
end $$;

-- Channels as the outbox sees them, for the desk; alarms as "kind: why" joined with line ends.
create function outbox_channels()
returns table (channel text, failures integer, slowed integer, closed_until timestamptz, balance float8, balance_at timestamptz, alarms jsonb)
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
#variable_conflict use_column
begin
  perform public.outbox_keeper();
  return query select n.channel, coalesce(s.failures, 0), coalesce(s.slowed, 0), case when s.closed_until > now() then s.closed_until end, s.balance, s.balance_at,
      coalesce((select jsonb_agg(jsonb_build_object('kind', a.kind, 'since', a.since, 'seen_at', a.seen_at, 'event', a.event, 'why', a.why) order by a.kind)
                from public.channel_alarms a where a.channel = n.channel), '[]')
    from (select c.name as channel from public.channels c union select a.channel from public.channel_alarms a) n left join public.channel_state s on s.channel = n.channel
    order by 1;
end $$;

grant select, insert, update on channel_state to mashangdu_gateway;
grant select, insert, update, delete on channel_alarms to mashangdu_gateway;
grant select, insert, update, delete on outbox_early to mashangdu_gateway;
revoke execute on function outbox_claim, outbox_settle, outbox_move, outbox_decide, outbox_receive, outbox_match_early, channel_alarms_set, channel_off, outbox_list, outbox_counts,
  outbox_redrive, outbox_drop, outbox_channels from public;
grant execute on function outbox_claim, outbox_settle, outbox_move, outbox_decide, outbox_receive, outbox_match_early, channel_alarms_set, channel_off to mashangdu_gateway;
grant execute on function outbox_list, outbox_counts, outbox_redrive, outbox_drop, outbox_channels to mashangdu_staff;
