-- Doors with two keys while one is changed, and a log of what passed through them.

alter table channels
  add column old_key_hash  bytea check (length(old_key_hash) = 32),
  add column old_key_until timestamptz,
  add column changed_at    timestamptz not null default now(),
  add constraint channels_old_key check ((old_key_hash is null) = (old_key_until is null));

create function channels_changed() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  new.changed_at := now();
  return new;
end $$;
create trigger channels_changed before update on channels for each row execute function channels_changed();

-- Each exchange with a provider, its secrets, numbers and words removed before it comes here (gateway/core/shape.h). For the
-- administrator who looks why a provider and we do not agree; swept after the setting channel_log_keep.
create table channel_log (
  id        bigint primary key generated always as identity,
  at        timestamptz not null,
  channel   text not null check (length(channel) <= 40),
  what      text not null check (what in ('mo', 'dlr', 'send', 'balance')),
  outcome   text not null check (outcome in ('ok', 'refused', 'malformed', 'too_big', 'unavailable', 'retry', 'unknown')),
  status    integer not null,                       -- of the answer, ours or theirs; 0: none
  took_ms   integer not null check (took_ms >= 0),
  items     integer not null default 0,             -- messages and receipts understood
  outbox_id bigint,                                 -- which message was sent
  reason    text check (length(reason) <= 300),     -- our own sentence
  request   text not null check (length(request) <= 4000),
  reply     text not null check (length(reply) <= 2000)
);
create index channel_log_channel on channel_log (channel, id desc);
create index channel_log_at on channel_log (at);

grant select, insert, delete on channel_log to mashangdu_gateway;
grant usage on sequence channel_log_id_seq to mashangdu_gateway;
alter table channel_log enable row level security;
create policy gateway on channel_log to mashangdu_gateway using (true) with check (true);
-- The administrator runs the system and reads no case; there is none in here.
create policy admin_sees on channel_log for select to mashangdu_staff using ((select i_am('{admin}')));
grant select on channel_log to mashangdu_staff;
create index channel_log_ok on channel_log (channel, what, id desc) where outcome = 'ok';

-- ---- the administrator's desk: in a transaction of the staff; nobody else gets a row or changes anything ---------------------

-- The channels without their settings, which stay sealed: the running gateway tells which of them are set.
create function channel_desk()
returns table (name text, type text, active boolean, created_at timestamptz, changed_at timestamptz, old_key_until timestamptz,
               sent_at timestamptz, came_at timestamptz)
language sql stable security definer set search_path = pg_catalog, public, pg_temp set enable_seqscan = off as $$
  select c.name, c.type, c.active, c.created_at, c.changed_at, case when c.old_key_until > now() then c.old_key_until end,
    (select l.at from public.channel_log l where l.channel = c.name and l.what = 'send' and l.outcome = 'ok' order by l.id desc limit 1),
    (select max(l.at) from (values ('mo'), ('dlr')) as w (what), lateral
      (select i.at from public.channel_log i where i.channel = c.name and i.what = w.what and i.outcome = 'ok' order by i.id desc limit 1) l)
  from public.channels c where (select public.i_am('{admin}')) order by c.name collate "C"
$$;

-- Returns 'on', 'off', 'same' or 'gone'.
create function channel_switch(name_ text, on_ boolean) returns setof text language plpgsql volatile security definer
  set search_path = pg_catalog, public, pg_temp as $$
declare
  was boolean;
begin
  if not public.i_am('{admin}') then return; end if;
  select c.active into was from public.channels c where c.name = name_ for update;
  if not found then return next 'gone'; return; end if;
  if was = on_ then return next 'same'; return; end if;
  update public.channels c set active = on_ where c.name = name_;
  insert into public.audit_log (staff_id, action, detail)
    values (public.staff_now(), case when on_ then 'channel_on' else 'channel_off' end, jsonb_build_object('channel', name_));
  return next case when on_ then 'on' else 'off' end;
end $$;

-- Owes one message by which somebody sees whether a channel works; sealed by the gateway. The log says that it was sent, never whom to.
create function channel_try(id_ bigint, channel_ text, recipient_ bytea, body_ bytea, person bytea, purpose_ text) returns setof bigint
  language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  if not public.i_am('{admin}') then return; end if;
  insert into public.outbox (id, created_at, channel, recipient, body, body_form, dedupe_key, due_at, purpose, event, urgent, recipient_hash)
    values (id_, now(), channel_, recipient_, body_, 1, 'test:' || id_, now(), purpose_, 'test', true, person);
  insert into public.audit_log (staff_id, action, detail)
    values (public.staff_now(), 'channel_test', jsonb_build_object('channel', channel_, 'message', id_));
  perform pg_notify('msd_outbox', '');
  return next id_;
end $$;

-- How many matters of the channels wait for a person.
create function channel_alarm_count() returns bigint language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select count(*) from public.channel_alarms a where (select public.i_am('{admin}'))
$$;

revoke execute on function channels_changed, channel_desk, channel_switch, channel_try, channel_alarm_count from public;
grant execute on function channel_desk, channel_switch, channel_try, channel_alarm_count to mashangdu_staff;
