-- Committed events on their way to groups, mailboxes and subscribers: how far each channel has been told, and replays.
-- gateway/notices.c makes an outbox row of an event; here is which events there are to make one of, and that no two gateways, and
-- no stop in the middle, make it twice or not at all.
-- Refusals of notices_replay: MSD80 no such channel, or switched off   MSD81 one is still running   MSD82 no event in that range

create table notice_runs (
  id            bigint primary key generated always as identity,
  channel       text not null references channels (name) on delete cascade,
  last          bigint not null check (last >= 0),  -- events up to this one are done with
  upto          bigint,                             -- of a replay: its last event; null: goes on with what happens
  claimed_until timestamptz not null default '-infinity', -- a gateway is at it; also whose turn it is: the longest ago
  made_at       timestamptz not null default now(),
  made_by       integer references staff (id),      -- of a replay from the desk
  owed          bigint not null default 0,          -- messages made
  ended_at      timestamptz,
  constraint notice_runs_ends check (ended_at is null or (upto is not null and last >= upto))
);
create unique index notice_runs_going on notice_runs (channel) where upto is null;
create unique index notice_runs_replay on notice_runs (channel) where upto is not null and ended_at is null;

-- A channel hears what happens from now on: not what was before it was made, nor what was while it was switched off. A replay
-- tells it that.
create function notices_begin() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  head bigint := (select h.last from public.event_head h);
begin
  if tg_op = 'INSERT' then
    insert into public.notice_runs (channel, last) values (new.name, head) on conflict do nothing;
  else
    update public.notice_runs r set last = greatest(r.last, head) where r.channel = new.name and r.upto is null;
  end if;
  return null;
end $$;
create trigger notices_begin after insert on channels for each row execute function notices_begin();
create trigger notices_begin_again after update of active on channels for each row when (new.active and not old.active)
  execute function notices_begin();
insert into notice_runs (channel, last) select c.name, (select h.last from event_head h) from channels c;

-- Whether an event may leave the house (P4, P11). Never one of a report, of a confidential case, or of an allegation that a person
-- has to look at first: neither as it was when it happened nor as the case stands now. The same for the cases of a letter.
create function notice_tellable(e events) returns boolean language sql stable set search_path = pg_catalog, public, pg_temp as $$
  select case
    when e.kind = 'channel.alarm' then e.case_id is null
    when e.confidential or e.hidden_unit_id is not null then false
    when e.kind = 'feedback.rated' then e.case_id is null
    when e.kind in ('case.opened', 'case.changed') then
      e.data->>'nature' <> 'report' and e.data->>'held' = 'false' and e.data->>'confidential' = 'false'
      and exists (select from public.cases c where c.id = e.case_id and not c.confidential and not c.held and c.nature <> 'report')
    when e.kind = 'letter.changed' then
      exists (select from public.letters l where l.id = (e.data->>'id')::bigint and not l.confidential and l.hidden_unit_ids = '{}' and l.left_unit_ids = '{}')
      and not exists (select from public.letter_cases x join public.cases c on c.id = x.case_id
        where x.letter_id = (e.data->>'id')::bigint and (c.confidential or c.held or c.nature = 'report'))
    else false end
$$;

-- The outbox asks this before every sending (schema/0013_outbox.sql): a message may wait for days, or be sent again after weeks, while
-- its case has become confidential. Of such a case nothing goes out by itself, also to the citizens; what answers them at once does.
-- Nor is anybody asked what is answered meanwhile, by whichever way, or no longer a question: a survey (survey:ACT:FEEDBACK, owed with
-- the act that approved the answer) goes only while the callback of that act, which bears its time, is due.
create or replace function outbox_hushed(purpose text, key text, of_case bigint) returns boolean language sql stable security definer
  set search_path = pg_catalog, public, pg_temp set enable_seqscan = off as $$
  select case
    when key ~ '^event:[0-9]{1,18}:' then
      not coalesce((select public.notice_tellable(e) from public.events e where e.seq = split_part(key, ':', 2)::bigint), false)
    when purpose in ('notice', 'survey') then exists (select from public.cases c where c.id = of_case and c.confidential)
      or (purpose = 'survey' and key ~ '^survey:[0-9]{1,18}:[0-9]{1,18}$' and not exists (
        select from public.acts a join public.callbacks k on k.case_id = a.case_id and k.made_at = a.at
        where a.id = split_part(key, ':', 2)::bigint and k.feedback_id = split_part(key, ':', 3)::bigint and k.state = 'due'))
    else false end
$$;

-- The next piece of work of one of these channels: a run, claimed for `seconds`, and the events that it has to look at next, at
-- most `most`; one row without an event when a replay has come to its end. Plans may have been made while tables were empty.
create function notices_claim(names text[], seconds float8, most integer)
returns table (run bigint, channel text, last bigint, upto bigint, seq bigint, at timestamptz, kind text, unit_id integer, tellable boolean,
               data jsonb, serial text, letter_kind text, letter_rung integer)
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp set enable_seqscan = off as $$
#variable_conflict use_column
declare
  w public.notice_runs;
begin
  select r.* into w from public.notice_runs r join public.channels c on c.name = r.channel and c.active
    where r.channel = any (names) and r.ended_at is null and r.claimed_until <= now()
      and (r.upto is not null or r.last < (select h.last from public.event_head h))
    order by r.claimed_until, r.id limit 1 for update of r skip locked;
  if not found then return; end if;
  update public.notice_runs r set claimed_until = now() + make_interval(secs => seconds) where r.id = w.id;
  return query
    select w.id, w.channel, w.last, w.upto, e.seq, e.at, e.kind, e.unit_id, public.notice_tellable(e), e.data, l.serial, l.kind, l.rung::integer
    from (select) as one left join lateral (select * from public.events v where v.seq > w.last and (w.upto is null or v.seq <= w.upto) order by v.seq limit most) e on true
    left join public.letters l on e.kind = 'letter.changed' and l.id = (e.data->>'id')::bigint
    order by e.seq;
end $$;

-- A run has come from one event to another. Called in the transaction that owes the messages: when another gateway was
-- faster nothing of it is stored.
create function notices_step(run bigint, from_seq bigint, to_seq bigint, n integer) returns void language plpgsql volatile as $$
begin
  update notice_runs r set last = to_seq, owed = r.owed + n, claimed_until = now(),
      ended_at = case when to_seq >= r.upto then now() end
    where r.id = run and r.last = from_seq and r.ended_at is null;
  if not found then
    raise exception 'the channel has been told of these events by another' using errcode = 'MSD83';
  end if;
end $$;

-- The first event that did not happen before `t`; one behind the last when there is none. Numbers are given in the order of time.
create function notices_seq_at(t timestamptz) returns bigint language plpgsql stable security definer
  set search_path = pg_catalog, public, pg_temp set enable_seqscan = off as $$
declare
  low bigint := 1;
  high bigint := (select h.last + 1 from public.event_head h);
  middle bigint;
begin
  while low < high loop
    middle := (low + high) / 2;
    if (select e.at from public.events e where e.seq = middle) < t then low := middle + 1; else high := middle; end if;
  end loop;
  return low;
end $$;

-- Tells one subscriber again what happened in a range: by number or by time (from_at up to, not with, to_at), null for open. From
-- the desk by an administrator, or with the owner's tools. As often as one likes, one after the other: rows are owed under the
-- replay's own number, while the receiver's id of each event stays the same.
create function notices_replay(channel_ text, from_seq bigint, to_seq bigint, from_at timestamptz, to_at timestamptz)
returns table (id bigint, first bigint, last bigint) language plpgsql volatile security definer
  set search_path = pg_catalog, public, pg_temp as $$
#variable_conflict use_column
declare
  who integer := public.outbox_keeper();
  head bigint := (select h.last from public.event_head h);
  f bigint := greatest(coalesce(from_seq, case when from_at is not null then public.notices_seq_at(from_at) end), 1);
  t bigint := least(coalesce(to_seq, case when to_at is not null then public.notices_seq_at(to_at) - 1 end, head), head);
  made bigint;
begin
  if not exists (select from public.channels c where c.name = channel_ and c.active) then
    raise exception 'there is no such channel, or it is switched off' using errcode = 'MSD80';
  end if;
  if coalesce(from_seq::text, from_at::text) is null or f > t then
    raise exception 'nothing happened in that range' using errcode = 'MSD82';
  end if;
  insert into public.notice_runs (channel, last, upto, made_by) values (channel_, f - 1, t, nullif(who, 0))
    on conflict (channel) where upto is not null and ended_at is null do nothing returning notice_runs.id into made;
  if made is null then
    raise exception 'a replay of this channel is still running' using errcode = 'MSD81';
  end if;
  insert into public.audit_log (staff_id, action, detail) values (nullif(who, 0), 'notices_replay',
    jsonb_build_object('channel', channel_, 'run', made, 'from', f, 'to', t, 'tool', who = 0));
  perform pg_notify('msd_events', '');
  return query select made, f, t;
end $$;

-- The replays of a channel for the desk, newest first.
create function notices_replays(channel_ text)
returns table (id bigint, last bigint, upto bigint, owed bigint, made_at timestamptz, made_by integer, ended_at timestamptz)
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
#variable_conflict use_column
begin
  perform public.outbox_keeper();
  return query select r.id, r.last, r.upto, r.owed, r.made_at, r.made_by, r.ended_at from public.notice_runs r
    where r.channel = channel_ and r.upto is not null order by r.id desc limit 50;
end $$;

grant select, update on notice_runs to mashangdu_gateway;
revoke execute on function outbox_hushed, notice_tellable, notices_claim, notices_step, notices_seq_at, notices_replay, notices_replays, notices_begin from public;
grant execute on function outbox_hushed, notices_claim, notices_step to mashangdu_gateway;
grant execute on function notices_replay, notices_replays to mashangdu_staff;
