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
