-- Signing in by steps: a second factor, sign-ins that wait for it, sessions that their owner can see and end, and people who come
-- through an identity provider. A row of staff_sessions exists only when the sign-in is whole.
-- Refusals: MSDF1 this person may not set back that second factor

alter table staff
  -- Who this is for the identity provider (setting oidc_claim). Given by a person; nobody is made an account by signing in.
  add column oidc_subject text check (length(oidc_subject) between 1 and 255);
create unique index staff_oidc_subject on staff (oidc_subject) where oidc_subject is not null;

-- The second factor: the key that the telephone shares with us, sealed by the gateway and bound to the person. It counts only once a code
-- of it was given (confirmed_at); until then it may be begun anew.
create table staff_factors (
  staff_id     integer primary key references staff (id),
  sealed       bytea not null check (length(sealed) between 40 and 200),
  begun_at     timestamptz not null default now(),
  confirmed_at timestamptz,
  last_step    bigint not null default 0            -- the last step of 30 s whose code was used: none counts twice (RFC 6238, 5.2)
);

-- Codes for a lost telephone, as keyed hashes bound to the person; each counts once. A new set takes the place of the old.
create table staff_recovery_codes (
  staff_id  integer not null references staff (id),
  code_hash bytea not null check (length(code_hash) = 32),
  used_at   timestamptz,
  primary key (staff_id, code_hash)
);

-- Half-open: the first step was right, the code is still owed. Minutes long, few tries.
create table staff_sign_ins (
  token_hash bytea primary key check (length(token_hash) = 32),
  staff_id   integer not null references staff (id),
  way        text not null check (way in ('password', 'oidc')),
  begun_at   timestamptz not null default now(),
  expires_at timestamptz not null,
  tries      smallint not null default 0
);
create index staff_sign_ins_expires on staff_sign_ins (expires_at);

-- Sign-ins that are away at the identity provider. State, nonce and PKCE verifier are made from a token in the browser's cookie, so the row
-- holds nothing but that it may be used, once.
create table staff_oidc_flows (
  token_hash bytea primary key check (length(token_hash) = 32),
  expires_at timestamptz not null
);
create index staff_oidc_flows_expires on staff_oidc_flows (expires_at);

-- A number to name a session by, and what it was begun with, in words made from the User-Agent header. No address is kept.
alter table staff_sessions
  add column id     bigint generated always as identity,
  add column device text not null default '' check (length(device) <= 60),
  add column way    text not null default 'password' check (way in ('password', 'oidc'));
create unique index staff_sessions_id on staff_sessions (id);

-- Whoever ends a session, on whichever gateway or by a tool: every gateway looks at once whether its web sockets' sessions still live.
create function staff_sessions_told() returns trigger language plpgsql as $$
begin
  perform pg_notify('msd_sessions', '');
  return null;
end $$;
create trigger staff_sessions_told after update of ended_at on staff_sessions for each row
  when (old.ended_at is null and new.ended_at is not null) execute function staff_sessions_told();
create trigger staff_sessions_told after update of active on staff for each row
  when (old.active and not new.active) execute function staff_sessions_told();


grant select, insert, update, delete on staff_factors, staff_recovery_codes, staff_sign_ins, staff_oidc_flows to mashangdu_gateway;

-- The own sessions of whoever asks, and their end: no more than that is in reach.
create function my_sessions(now_by bytea)
returns table (id bigint, begun_at timestamptz, seen_at timestamptz, expires_at timestamptz, idle_ends_at timestamptz, device text, way text,
               here boolean)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select s.id, s.created_at, s.seen_at, s.expires_at, least(s.seen_at + s.idle, s.expires_at), s.device, s.way, s.token_hash = now_by
  from public.staff_sessions s
  where s.staff_id = public.staff_now() and s.ended_at is null and s.expires_at > now() and s.seen_at + s.idle > now()
  order by s.token_hash = now_by desc, s.seen_at desc, s.id desc limit 200
$$;
-- One of them, or (which null) all but the one that asks. How many were ended.
create function my_sessions_end(which bigint, now_by bytea) returns integer language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
declare
  n integer;
begin
  if public.staff_now() = 0 then return 0; end if;
  update public.staff_sessions s set ended_at = now()
    where s.staff_id = public.staff_now() and s.ended_at is null
      and (s.id = which or (which is null and s.token_hash <> now_by));
  get diagnostics n = row_count;
  if n > 0 then
    insert into public.audit_log (staff_id, action, detail)
      values (public.staff_now(), 'session_revoked', jsonb_build_object('sessions', n));
  end if;
  return n;
end $$;
revoke execute on function my_sessions(bytea), my_sessions_end(bigint, bytea) from public;
grant execute on function my_sessions(bytea), my_sessions_end(bigint, bytea) to mashangdu_staff;
