-- What lets somebody sign in is given by two administrators, never by one (三员分立, GB/T 22239): a new account, a new password, a second
-- factor set back, a name at the identity provider. One asks with a reason, another one confirms within a week, the person concerned may
-- object; of a password each of the two learns one half, so that neither could sign in with it. Who asked, who confirmed and why stands here
-- and in the log; the person is told, and the auditor, until each has said that they know. The tools of the owner act at once, for the night
-- on which nobody else is there, and are told of in the same way.
-- Beside it: roles of a post are changed over what was read of it, with a reason; nothing on the desk begins or ends in the past.
-- Refusals: MSD4A the post has changed since   MSD4B in the past   MSD4C the subject is another person's   MSD4D the same was asked before
--   MSD4E not, or no longer, to be decided   MSD4F it needs a second person

-- A second factor was set back: a new one is due before anything else, whatever the roles ask for.
alter table staff add column must_enrol boolean not null default false;
grant update (must_enrol) on staff to mashangdu_gateway;

-- --- posts: what was read, and the past ---

alter table posts add column version integer not null default 1;
create function post_moves() returns trigger language plpgsql as $$
begin
  new.version := old.version + 1;
  return new;
end $$;
create trigger post_moves before update on posts for each row execute function post_moves();
create function post_roles_move() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  update public.posts p set version = p.version + 1 where p.id = (case tg_op when 'DELETE' then old.post_id else new.post_id end);
  return null;
end $$;
create trigger post_roles_move after insert or delete on post_roles for each row execute function post_roles_move();
-- The version alone is no change that the log has to tell.
drop trigger rights_logged on posts;
create trigger rights_logged after insert on posts for each row execute function rights_logged();
create trigger rights_logged_too after update on posts for each row
  when ((old.unit_id, old.title, old.begins_at, old.ends_at) is distinct from (new.unit_id, new.title, new.begins_at, new.ends_at)) execute function rights_logged();

-- As in 0028, with the reason that was given for the change (post_roles_change).
create or replace function rights_logged() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  o constant jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
  n constant jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
  post constant integer := case tg_table_name when 'posts' then coalesce(n, o)->>'id' when 'post_roles' then coalesce(n, o)->>'post_id' end;
  who integer;
  kept constant text[] := case tg_table_name when 'staff' then '{login,name,home_unit_id,active}'::text[]
                               when 'posts' then '{unit_id,title,begins_at,ends_at}' else '{role}' end;
begin
  if tg_table_name = 'staff' then who := coalesce(n, o)->>'id';
  else select p.staff_id into who from public.posts p where p.id = post; end if;
  insert into public.audit_log (staff_id, action, detail)
    select nullif(public.staff_now(), 0),
      case tg_table_name when 'staff' then 'person' when 'posts' then 'post' else 'role' end
        || case tg_op when 'INSERT' then '_added' when 'DELETE' then '_taken' else '_changed' end,
      jsonb_strip_nulls(jsonb_build_object('person', who, 'post', post, 'reason', nullif(current_setting('msd.why', true), '')))
        || jsonb_build_object('before', (select jsonb_object_agg(k, o->k) from unnest(kept) k where o is not null),
                              'after', (select jsonb_object_agg(k, n->k) from unnest(kept) k where n is not null));
  if tg_table_name = 'posts' and (n->>'ends_at')::timestamptz <= now() then
    update public.staff_sessions ss set post_id = coalesce(public.post_of_choice(who), ss.post_id),
        ended_at = case when public.post_of_choice(who) is null then now() end
      where ss.post_id = post and ss.ended_at is null;
  elsif tg_table_name = 'staff' and not (n->>'active')::boolean then
    update public.staff_sessions ss set ended_at = now() where ss.staff_id = who and ss.ended_at is null;
  end if;
  perform public.staff_told(who);
  return null;
end $$;

create or replace function post_made(of_staff integer, at_unit integer, title_ text, roles text[], begins timestamptz, ends timestamptz) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  me constant integer := public.people_keeper();
  fresh integer;
begin
  if not exists (select from public.units u where u.id = at_unit and (u.retired_on is null or u.retired_on > current_date)) then
    raise exception 'no unit % that is there', at_unit using errcode = 'MSD46';
  end if;
  -- Five minutes for the clock of whoever typed it. A post that began yesterday would let somebody have acted who could not.
  if begins < now() - interval '5 minutes' or ends <= now() then raise exception 'the past is on record' using errcode = 'MSD4B'; end if;
  if coalesce(cardinality(roles), 0) = 0 or ends <= begins then raise exception 'a post has a role and time to run' using errcode = 'MSD48'; end if;
  insert into public.posts (staff_id, unit_id, title, begins_at, ends_at, made_by)
    values (of_staff, at_unit, coalesce(nullif(btrim(title_), ''), public.role_title(roles[1])), greatest(begins, now()), ends, nullif(me, 0)) returning id into fresh;
  insert into public.post_roles (post_id, role) select distinct fresh, r from unnest(roles) r;
  return fresh;
end $$;
create or replace function post_end(of_post integer, at timestamptz) returns integer language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  who constant integer := public.post_person(of_post);
begin
  if at < now() - interval '5 minutes' or exists (select from public.posts p where p.id = of_post and p.ends_at <= now()) then
    raise exception 'the past is on record' using errcode = 'MSD4B';
  end if;
  update public.posts p set ends_at = greatest(coalesce(at, now()), now(), p.begins_at) where p.id = of_post;
  return who;
end $$;
-- Over what was read: who changed it meanwhile is not overwritten. In force with the commit: every request asks the roles anew, and the hub
-- lets go of the person's sockets (rights_logged).
create function post_roles_change(of_post integer, roles text[], seen integer, why text) returns integer language plpgsql volatile security definer
  set search_path = pg_catalog, public, pg_temp as $$
declare
  is_at integer;
begin
  perform public.post_person(of_post);
  select p.version into is_at from public.posts p where p.id = of_post for update;
  if coalesce(length(btrim(why)), 0) not between 1 and 400 or seen is null then
    raise exception 'roles are changed with a reason, over what was read' using errcode = 'MSD48';
  end if;
  if is_at <> seen then raise exception 'post % has changed', of_post using errcode = 'MSD4A'; end if;
  perform set_config('msd.why', btrim(why), true);
  return public.post_roles_set(of_post, roles);
end $$;

-- --- what two administrators give together ---

create table account_requests (
  id           bigint primary key generated always as identity,
  staff_id     integer not null references staff (id),
  kind         text not null check (kind in ('open', 'password', 'factor', 'oidc')),
  state        text not null default 'asked' check (state in ('asked', 'done', 'refused', 'withdrawn', 'objected', 'expired')),
  reason       text not null check (length(btrim(reason)) between 1 and 400),
  subject      text check (length(subject) between 1 and 255),          -- of kind oidc
  hash         text,                                                    -- Argon2id of both halves together, until it is decided
  sealed       bytea check (length(sealed) between 40 and 200),         -- the second half, for whoever confirms
  asked_by     integer references staff (id),                           -- null: a tool of the owner
  asked_at     timestamptz not null default now(),
  expires_at   timestamptz not null default now() + interval '7 days',
  decided_by   integer references staff (id),
  decided_at   timestamptz,
  why          text check (length(why) <= 400),                         -- of a refusal or an objection
  objected_at  timestamptz,                                             -- the person: it was not me
  told_at      timestamptz,                                             -- the person knows
  read_at      timestamptz,                                             -- an auditor knows
  read_by      integer references staff (id),
  check ((kind = 'oidc') = (subject is not null)),
  check (state = 'asked' or (hash is null and sealed is null)),
  check (decided_by is null or decided_by <> asked_by or state = 'withdrawn')
);
create unique index account_requests_open on account_requests (staff_id, kind) where state = 'asked';
create index account_requests_asked on account_requests (expires_at) where state = 'asked';
create index account_requests_untold on account_requests (staff_id) where told_at is null;
create index account_requests_unread on account_requests (id) where read_at is null;
create constraint trigger desk_told after insert or update on account_requests deferrable initially deferred for each row execute function desk_told('desk.accounts');

create function account_keeper() returns boolean language sql stable security definer set search_path = pg_catalog, public, pg_temp as
$$ select public.i_am('{security,admin}') $$;
-- Is it to be decided by whoever asks? The one who asked and the one it is about never do.
create function account_mine(r account_requests) returns boolean language sql stable security definer set search_path = pg_catalog, public, pg_temp as
$$ select r.state = 'asked' and r.expires_at > now() and public.account_keeper() and r.asked_by <> public.staff_now() and r.staff_id <> public.staff_now() $$;

create function account_shown(r account_requests) returns jsonb language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select jsonb_build_object('id', r.id, 'kind', r.kind, 'state', case when r.state = 'asked' and r.expires_at <= now() then 'expired' else r.state end,
    'person', jsonb_build_object('id', s.id, 'login', s.login, 'name', s.name), 'own', s.id = public.staff_now(),
    'posts', coalesce((select jsonb_agg(public.post_called(p.id, '') order by p.id) from public.posts p
                       where p.staff_id = s.id and (p.ends_at is null or p.ends_at > now())), '[]'),
    'reason', r.reason, 'subject', case when public.account_keeper() or public.i_am('{auditor}') then r.subject end,
    'asked_at', r.asked_at, 'asked_by', (select a.name from public.staff a where a.id = r.asked_by), 'mine', coalesce(r.asked_by = public.staff_now(), false),
    'expires_at', r.expires_at, 'decided_at', r.decided_at, 'decided_by', (select d.name from public.staff d where d.id = r.decided_by), 'why', r.why,
    'objected_at', r.objected_at, 'told_at', r.told_at, 'read_at', r.read_at,
    'steps', to_jsonb(array_remove(array[case when public.account_mine(r) then 'confirm' end, case when public.account_mine(r) then 'refuse' end,
      case when r.state = 'asked' and r.expires_at > now() and r.asked_by = public.staff_now() and public.i_am('{security}') then 'withdraw' end,
      case when r.read_at is null and public.i_am('{auditor}') then 'read' end], null)))
  from public.staff s where s.id = r.staff_id $$;

create function account_log(action text, r account_requests, more jsonb) returns void language sql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
  insert into public.audit_log (staff_id, action, detail)
    values (nullif(public.staff_now(), 0), account_log.action, jsonb_build_object('request', r.id, 'person', r.staff_id, 'kind', r.kind) || more) $$;

-- A week is over: nothing of it is kept but that it was asked.
create function accounts_expire() returns void language sql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
  update public.account_requests r set state = 'expired', hash = null, sealed = null where r.state = 'asked' and r.expires_at <= now() $$;

create function account_ask(of_staff integer, kind_ text, reason_ text, subject_ text, hash_ text, sealed_ bytea) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  me constant integer := public.person_of_others(of_staff);
  is_on constant boolean := (select s.active from public.staff s where s.id = of_staff);
  r public.account_requests;
begin
  perform public.accounts_expire();
  if coalesce(length(btrim(reason_)), 0) not between 1 and 400 or kind_ not in ('open', 'password', 'factor', 'oidc')
     or (kind_ in ('open', 'password')) <> (hash_ is not null and sealed_ is not null)
     or (kind_ = 'open') = is_on or (kind_ = 'oidc' and (coalesce(length(subject_), 0) not between 1 and 255 or subject_ ~ '[[:cntrl:]]' or subject_ <> btrim(subject_))) then
    raise exception 'this cannot be asked' using errcode = 'MSD48';
  end if;
  if kind_ = 'oidc' and (exists (select from public.staff s where s.oidc_subject = subject_)
                         or exists (select from public.account_requests q where q.state = 'asked' and q.subject = subject_)) then
    raise exception 'one subject, one person' using errcode = 'MSD4C';
  end if;
  if exists (select from public.account_requests q where q.staff_id = of_staff and q.kind = kind_ and q.state = 'asked') then
    raise exception 'asked before' using errcode = 'MSD4D';
  end if;
  insert into public.account_requests (staff_id, kind, reason, subject, hash, sealed, asked_by)
    values (of_staff, kind_, btrim(reason_), case kind_ when 'oidc' then subject_ end, hash_, sealed_, me) returning * into r;
  perform public.account_log('account_asked', r, jsonb_build_object('reason', r.reason));
  return public.account_shown(r);
end $$;

-- A new account with its first post. It is off, and nobody's password fits, until a second administrator has confirmed it.
create function account_open(b jsonb, nobody text, hash_ text, sealed_ bytea) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  at_unit constant integer := b->>'unit';
  home constant integer := coalesce((b->>'home')::integer, at_unit);
  fresh integer;
begin
  perform public.people_keeper();
  if not exists (select from public.units u where u.id = home) then raise exception 'no unit %', home using errcode = 'MSD46'; end if;
  insert into public.staff (login, name, unit_id, home_unit_id, password_hash, must_change, active)
    values (b->>'login', b->>'name', at_unit, home, nobody, true, false) returning id into fresh;
  perform public.post_made(fresh, at_unit, b->>'title', array(select jsonb_array_elements_text(b->'roles')), null, null);
  return public.account_ask(fresh, 'open', b->>'reason', null, hash_, sealed_);
end $$;

-- What was confirmed, or a tool of the owner has done: the sessions that it concerns end with it.
create function account_done(r account_requests) returns void language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  had boolean;
begin
  if r.kind in ('open', 'password') then
    update public.staff s set password_hash = r.hash, must_change = true, failures = 0, locked_until = null, active = s.active or r.kind = 'open' where s.id = r.staff_id;
    delete from public.staff_sign_ins h where h.staff_id = r.staff_id;
    update public.staff_sessions ss set ended_at = now() where ss.staff_id = r.staff_id and ss.ended_at is null;
    insert into public.audit_log (staff_id, action, detail)
      values (nullif(public.staff_now(), 0), 'person_password', jsonb_build_object('person', r.staff_id, 'one_time', true, 'request', r.id));
  elsif r.kind = 'factor' then
    perform public.staff_factor_taken(r.staff_id);
  else
    begin
      update public.staff s set oidc_subject = r.subject where s.id = r.staff_id;
    exception when unique_violation then raise exception 'one subject, one person' using errcode = 'MSD4C';
    end;
    update public.staff_sessions ss set ended_at = now() where ss.staff_id = r.staff_id and ss.way = 'oidc' and ss.ended_at is null;
    insert into public.audit_log (staff_id, action, detail)
      values (nullif(public.staff_now(), 0), 'person_oidc', jsonb_build_object('person', r.staff_id, 'given', true, 'request', r.id));
  end if;
  perform public.staff_told(r.staff_id);
end $$;

-- confirm, refuse (why): a second administrator; withdraw: the one who asked; read: an auditor. half: sealed, with the hash that it belongs
-- to, for who has just confirmed.
create function account_step(of_request bigint, step text, why_ text, out shown jsonb, out half bytea, out its_hash text)
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  me constant integer := public.staff_now();
  r public.account_requests;
  fresh text;
begin
  if not public.i_am('{security,admin,auditor}') then raise exception 'accounts are kept by the administrators' using errcode = 'MSD35'; end if;
  perform public.accounts_expire();
  select * into r from public.account_requests q where q.id = of_request for update;
  if not found then raise exception 'no request %', of_request using errcode = 'MSD46'; end if;
  if step = 'read' then
    if not public.i_am('{auditor}') then raise exception 'read by the auditor' using errcode = 'MSD35'; end if;
    update public.account_requests q set read_at = coalesce(q.read_at, now()), read_by = coalesce(q.read_by, me) where q.id = of_request returning * into r;
    shown := public.account_shown(r);
    return;
  end if;
  if coalesce(step, '') not in ('confirm', 'refuse', 'withdraw') or (step = 'refuse' and coalesce(length(btrim(why_)), 0) not between 1 and 400) then
    raise exception 'no such step' using errcode = 'MSD48';
  end if;
  if step = 'withdraw' then
    if r.asked_by is distinct from me or not public.i_am('{security}') then raise exception 'withdrawn by who asked' using errcode = 'MSD4F'; end if;
  elsif not public.account_keeper() then
    raise exception 'decided by an administrator' using errcode = 'MSD35';
  elsif me in (r.asked_by, r.staff_id) then
    raise exception 'it needs a second person' using errcode = 'MSD4F';
  end if;
  if r.state <> 'asked' then raise exception 'request % is %', r.id, r.state using errcode = 'MSD4E'; end if;
  if step = 'confirm' then
    perform from public.staff s where s.id = r.staff_id for no key update;
    perform public.account_done(r);
    half := r.sealed;
    its_hash := r.hash;
  end if;
  fresh := case step when 'confirm' then 'done' when 'refuse' then 'refused' else 'withdrawn' end;
  update public.account_requests q set state = fresh, hash = null, sealed = null, decided_by = me, decided_at = now(), told_at = null, read_at = null, read_by = null,
      why = case step when 'refuse' then btrim(why_) end where q.id = of_request returning * into r;
  perform public.account_log(case step when 'confirm' then 'account_confirmed' when 'refuse' then 'account_refused' else 'account_withdrawn' end, r,
    jsonb_strip_nulls(jsonb_build_object('asked_by', r.asked_by, 'reason', r.reason, 'why', r.why)));
  shown := public.account_shown(r);
end $$;

create function account_list(only_open boolean, before bigint, most integer) returns jsonb language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  with found as (
    select r from public.account_requests r
    where public.i_am('{security,admin,auditor}') and (before is null or r.id < before) and (not only_open or (r.state = 'asked' and r.expires_at > now()))
    order by r.id desc limit most + 1),
  page as (select f.r from found f order by (f.r).id desc limit most)
  select jsonb_build_object('requests', coalesce((select jsonb_agg(public.account_shown(p.r) order by (p.r).id desc) from page p), '[]'),
    'next', (select min((p.r).id)::text from page p where (select count(*) from found) > most)) $$;

-- What waits for whoever asks: as administrator or auditor, and as the person it is about. On every page, so it reads two small indexes.
create function account_counts(out accounts integer, out notices integer) language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select (case when public.account_keeper() then (select count(*) from public.account_requests r where r.state = 'asked' and public.account_mine(r))
               when public.i_am('{auditor}') then (select count(*) from (select from public.account_requests r where r.read_at is null limit 100) u)
               else 0 end)::integer,
         (select count(*) from public.account_requests r where r.staff_id = public.staff_now() and r.told_at is null and r.kind <> 'open'
            and (r.state = 'done' or (r.state = 'asked' and r.expires_at > now())))::integer $$;
create function account_notices() returns jsonb language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select jsonb_build_object('notices', coalesce((select jsonb_agg(public.account_shown(r) order by r.id desc) from public.account_requests r
    where r.staff_id = public.staff_now() and r.told_at is null and r.kind <> 'open' and (r.state = 'done' or (r.state = 'asked' and r.expires_at > now()))), '[]')) $$;
-- seen: the person knows; once it is done they are told again. object: it was not me: what was asked is off, what was done is told to the auditor anew.
create function account_notice(of_request bigint, step text, why_ text) returns jsonb language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  r public.account_requests;
begin
  perform public.accounts_expire();
  select * into r from public.account_requests q where q.id = of_request and q.staff_id = public.staff_now() for update;
  if not found then raise exception 'no request %', of_request using errcode = 'MSD46'; end if;
  if r.state not in ('asked', 'done') then raise exception 'request % is %', r.id, r.state using errcode = 'MSD4E'; end if;
  if coalesce(step, '') not in ('seen', 'object') or length(why_) > 400 then raise exception 'no such step' using errcode = 'MSD48'; end if;
  if step = 'seen' then
    update public.account_requests q set told_at = now() where q.id = of_request;
  else
    update public.account_requests q set state = case q.state when 'asked' then 'objected' else q.state end, hash = null, sealed = null, told_at = now(),
        objected_at = now(), read_at = null, read_by = null, why = coalesce(nullif(btrim(why_), ''), q.why) where q.id = of_request returning * into r;
    perform public.account_log('account_objected', r, jsonb_strip_nulls(jsonb_build_object('asked_by', r.asked_by, 'why', nullif(btrim(why_), ''))));
  end if;
  return public.account_notices();
end $$;

-- The way in through the provider is taken away by one: it gives nothing to anybody.
create function person_oidc_off(of_staff integer) returns void language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  me constant integer := public.person_of_others(of_staff);
begin
  update public.staff s set oidc_subject = null where s.id = of_staff and s.oidc_subject is not null;
  if not found then return; end if;
  update public.staff_sessions ss set ended_at = now() where ss.staff_id = of_staff and ss.way = 'oidc' and ss.ended_at is null;
  insert into public.audit_log (staff_id, action, detail) values (nullif(me, 0), 'person_oidc', jsonb_build_object('person', of_staff, 'given', false));
  perform public.staff_told(of_staff);
end $$;

-- A lost telephone: the factor goes, and a new one is due before anything else.
create function staff_factor_taken(who integer) returns boolean language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  had boolean;
begin
  delete from public.staff_recovery_codes where staff_id = who;
  delete from public.staff_sign_ins where staff_id = who;
  delete from public.staff_factors where staff_id = who;
  had := found;
  if had then
    update public.staff s set must_enrol = true where s.id = who;
    update public.staff_sessions set ended_at = now() where staff_id = who and ended_at is null;
  end if;
  insert into public.audit_log (staff_id, action, detail)
    values (coalesce(nullif(public.staff_now(), 0), who),
            case when public.staff_now() = 0 then 'tool.user_factor_reset' else 'factor_reset' end,
            jsonb_build_object('staff', who, 'had', had));
  return had;
end $$;
-- By the owner's tool alone: on the desk it takes two.
create or replace function staff_factor_reset(who integer) returns boolean language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
declare
  had boolean;
begin
  if public.staff_now() <> 0 or not pg_has_role(session_user, 'mashangdu_owner', 'member') then
    raise exception 'a second factor is set back by two administrators' using errcode = 'MSDF1';
  end if;
  if not exists (select from public.staff where id = who) then return null; end if;
  had := public.staff_factor_taken(who);
  if had then perform public.account_by_tool(who, 'factor', null); end if;
  perform public.staff_told(who);
  return had;
end $$;
-- What a tool has done is told to the person and to the auditor as well.
create function account_by_tool(of_staff integer, kind_ text, subject_ text) returns integer language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  if public.staff_now() <> 0 or not pg_has_role(session_user, 'mashangdu_owner', 'member') then
    raise exception 'for the tools of the owner' using errcode = 'MSD35';
  end if;
  perform public.accounts_expire();
  update public.account_requests r set state = 'withdrawn', hash = null, sealed = null, decided_at = now()
    where r.staff_id = of_staff and r.kind = kind_ and r.state = 'asked';
  insert into public.account_requests (staff_id, kind, state, reason, subject, decided_at) values (of_staff, kind_, 'done', '命令行', subject_, now());
  return of_staff;
end $$;

-- --- as 0028 and 0039, with what is new ---

create or replace function person_shown(of_staff integer) returns jsonb language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select jsonb_build_object('id', s.id, 'login', s.login, 'name', s.name, 'home', jsonb_build_object('id', h.id, 'name', h.short_name),
    'active', s.active, 'locked', coalesce(s.locked_until > now(), false), 'one_time', s.must_change, 'created_at', s.created_at,
    'last_sign_in', (select max(ss.created_at) from public.staff_sessions ss where ss.staff_id = s.id),
    'me', s.id = public.staff_now(), 'oidc', s.oidc_subject,
    'factor', exists (select from public.staff_factors f where f.staff_id = s.id and f.confirmed_at is not null),
    'asked', (select coalesce(jsonb_agg(r.kind order by r.kind), '[]') from public.account_requests r where r.staff_id = s.id and r.state = 'asked' and r.expires_at > now()),
    'posts', (select coalesce(jsonb_agg(jsonb_build_object('id', p.id, 'title', p.title, 'unit', jsonb_build_object('id', u.id, 'name', u.short_name),
        'begins_at', p.begins_at, 'ends_at', p.ends_at, 'runs', public.post_runs(p), 'version', p.version,
        'roles', (select coalesce(jsonb_agg(r.role order by r.role), '[]') from public.post_roles r where r.post_id = p.id))
        order by p.ends_at is not null and p.ends_at <= now(), p.id), '[]')
      from public.posts p join public.units u on u.id = p.unit_id where p.staff_id = s.id))
  from public.staff s join public.units h on h.id = s.home_unit_id where s.id = of_staff and public.people_reader() $$;

create or replace function people_step(of_staff integer, b jsonb) returns jsonb language plpgsql volatile security definer
  set search_path = pg_catalog, public, pg_temp as $$
declare
  roles constant text[] := array(select jsonb_array_elements_text(case jsonb_typeof(b->'roles') when 'array' then b->'roles' else '[]' end));
  post constant integer := b->>'post';
begin
  perform public.people_keeper();
  if post is not null and not exists (select from public.posts p where p.id = post and p.staff_id = of_staff) then
    raise exception 'no post % of person %', post, of_staff using errcode = 'MSD46';
  end if;
  case b->>'step'
    when 'change' then perform public.person_change(of_staff, b->>'name', (b->>'home')::integer);
    when 'activate' then perform public.person_active(of_staff, true);
    when 'deactivate' then perform public.person_active(of_staff, false);
    when 'unlock' then perform public.person_unlock(of_staff);
    when 'oidc_off' then perform public.person_oidc_off(of_staff);
    when 'post_add' then
      perform public.post_add(of_staff, (b->>'unit')::integer, b->>'title', roles, (b->>'begins_at')::timestamptz, (b->>'ends_at')::timestamptz);
    when 'post_end' then perform public.post_end(post, (b->>'ends_at')::timestamptz);
    when 'post_roles' then perform public.post_roles_change(post, roles, (b->>'version')::integer, b->>'reason');
    else raise exception 'no such step' using errcode = 'MSD48';
  end case;
  return public.person_shown(of_staff);
end $$;

-- --- grants ---

revoke execute on function person_add, person_password, staff_factor_reset, post_roles_set from mashangdu_staff;
revoke execute on function post_roles_move, post_roles_change, account_keeper, account_mine, account_shown, account_log, accounts_expire, account_ask, account_open,
  account_done, account_step, account_list, account_counts, account_notices, account_notice, person_oidc_off, staff_factor_taken, account_by_tool from public;
grant execute on function account_ask, account_open, account_step, account_list, account_counts, account_notices, account_notice to mashangdu_staff;
