-- One person, several posts: a person signs in, a post acts. The person (staff.id) stays what the rules of the second person and of
-- stepping aside judge; unit, roles and what is seen come from the post in which the session acts; the wall of a report counts every
-- unit that the person is tied to, whichever post acts. Refusals:
--   MSD35 the acting post has none of the roles that this door wants   MSD36 administrators are separated (三员分立)
--   MSD37 the person has no post   MSD38 nobody changes the own rights   MSD39 the last security administrator stays
--   MSD46 no such person, post or unit   MSD48 a value that cannot be

create table posts (
  id        integer primary key generated always as identity,
  staff_id  integer not null references staff (id),
  unit_id   integer not null references units (id),
  title     text not null check (length(btrim(title)) between 1 and 40),  -- 督办员, 承办人; the unit stands before it
  begins_at timestamptz not null default now(),
  ends_at   timestamptz,                                                   -- null: until it is taken away
  made_at   timestamptz not null default now(),
  made_by   integer references staff (id),                                 -- null: a tool of the owner
  check (ends_at is null or ends_at >= begins_at)
);
create index posts_staff on posts (staff_id);
create index posts_unit on posts (unit_id);

create table post_roles (
  post_id integer not null references posts (id),
  role    text not null check (role in ('coordinator', 'supervisor', 'accountability', 'registry', 'handler', 'unit_leader', 'callback',
                                        'leader', 'monitor', 'admin', 'security', 'auditor')),
  primary key (post_id, role)
);

-- What a post with this role is called when nobody gave it a title.
create function role_title(role text) returns text language sql immutable parallel safe as $$
  select case role when 'coordinator' then '协调员' when 'supervisor' then '督办员' when 'accountability' then '问责专员'
    when 'registry' then '登记员' when 'handler' then '承办人' when 'unit_leader' then '负责人' when 'callback' then '回访员'
    when 'leader' then '分管领导' when 'monitor' then '监测员' when 'admin' then '系统管理员' when 'security' then '安全管理员'
    when 'auditor' then '审计员' else '工作人员' end $$;

-- Every account of before is one person with one post. What the separation forbids is taken away here, and the log says so: a case
-- role keeps its person and loses the administration; of two administrations the first of admin, auditor stays.
insert into posts (staff_id, unit_id, title, begins_at)
  select s.id, s.unit_id, role_title((select r.role from staff_roles r where r.staff_id = s.id
           order by array_position('{leader,unit_leader,coordinator,supervisor,accountability,registry,callback,handler,monitor,admin,auditor}'::text[], r.role) limit 1)),
         s.created_at
  from staff s order by s.id;
with all_of as (
  select p.id as post_id, p.staff_id, r.role,
         bool_or(r.role not in ('admin', 'auditor')) over (partition by r.staff_id) as works_on_cases,
         bool_or(r.role = 'admin') over (partition by r.staff_id) as runs
  from posts p join staff_roles r on r.staff_id = p.staff_id),
kept as (select *, case role when 'admin' then not works_on_cases when 'auditor' then not works_on_cases and not runs else true end as stays from all_of),
moved as (insert into post_roles (post_id, role) select post_id, role from kept where stays)
insert into audit_log (staff_id, action, detail)
  select staff_id, 'role_taken_by_separation', jsonb_build_object('role', role) from kept where not stays;

alter table staff_sessions add column post_id integer references posts (id);
update staff_sessions ss set post_id = p.id from posts p where p.staff_id = ss.staff_id;
alter table acts add column post_id integer references posts (id);
alter table letter_acts add column post_id integer references posts (id);
alter table audit_log add column post_id integer references posts (id);

drop table staff_roles;
comment on column staff.unit_id is 'where the account was opened; what a person may see and do comes from posts';

-- Does it run now? Inlined by the planner.
create function post_runs(p posts) returns boolean language sql stable as
$$ select p.begins_at <= now() and (p.ends_at is null or p.ends_at > now()) $$;
-- The roles that a person holds in any post that runs: for rules about persons, never for what a session may do.
create view staff_roles as select distinct p.staff_id, r.role from posts p join post_roles r on r.post_id = p.id where post_runs(p);

-- --- who acts ---

-- The post in which this transaction acts, set by staff_enter; 0 when none.
create function post_now() returns integer language sql stable as
$$ select coalesce(nullif(current_setting('msd.post', true), ''), '0')::integer $$;
alter table acts alter column post_id set default nullif(post_now(), 0);
alter table letter_acts alter column post_id set default nullif(post_now(), 0);
alter table audit_log alter column post_id set default nullif(post_now(), 0);

create or replace function my_unit() returns integer language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select coalesce((select case u.kind when 'station' then u.parent_id else u.id end
    from public.posts p join public.staff s on s.id = p.staff_id join public.units u on u.id = p.unit_id
    where p.id = public.post_now() and p.staff_id = public.staff_now() and s.active and public.post_runs(p)), 0) $$;
create or replace function i_am(roles text[]) returns boolean language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select exists (select from public.post_roles r join public.posts p on p.id = r.post_id join public.staff s on s.id = p.staff_id
                 where p.id = public.post_now() and p.staff_id = public.staff_now() and s.active and public.post_runs(p) and r.role = any (roles)) $$;
-- Every whole unit that a person is tied to: where they come from, and of each post that has not ended (one that begins tomorrow
-- counts today). What must not reach a unit reaches none of these.
create function staff_ties(of_staff integer) returns integer[] language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select array(select distinct coalesce(case when u.kind = 'station' then u.parent_id end, u.id)
    from (select s.home_unit_id as id from public.staff s where s.id = of_staff
          union select p.unit_id from public.posts p where p.staff_id = of_staff and (p.ends_at is null or p.ends_at > now())) t
    join public.units u on u.id = t.id) $$;
create function my_ties() returns integer[] language sql stable security definer set search_path = pg_catalog, public, pg_temp as
$$ select public.staff_ties(public.staff_now()) $$;
-- A unit that was retired lives on in its successors: what a report says of it concerns them, and their people.
create function unit_heirs(of_unit integer) returns integer[] language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  with recursive h (id) as (select of_unit union select u.successor_id from public.units u join h on u.id = h.id where u.successor_id is not null)
  select array_agg(h.id) from h $$;
create function my_walls() returns integer[] language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  with recursive w (id) as (select unnest(public.staff_ties(public.staff_now())) union select u.id from public.units u join w on u.successor_id = w.id)
  select coalesce(array_agg(w.id), '{}') from w $$;

-- The post to begin with: the one used last that still runs, else the oldest.
create function post_of_choice(of_staff integer) returns integer language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select p.id from public.posts p left join lateral (select max(ss.seen_at) as used from public.staff_sessions ss
                                                     where ss.staff_id = of_staff and ss.post_id = p.id) l on true
  where p.staff_id = of_staff and public.post_runs(p) order by l.used desc nulls last, p.id limit 1 $$;
create function session_has_post() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  new.post_id := coalesce(new.post_id, public.post_of_choice(new.staff_id));
  if new.post_id is null then raise exception 'person % has no post', new.staff_id using errcode = 'MSD37'; end if;
  return new;
end $$;
create trigger session_has_post before insert on staff_sessions for each row execute function session_has_post();

-- Opens a person's transaction: checks the session, notes person and post. allowed: the roles that the door wants, null for any; a
-- post with none of them ends the transaction (MSD35). One row, or none when the session is unknown, ended or too old. A session
-- whose post has ended goes on in another one, when there is one.
drop function staff_enter(bytea);
create function staff_enter(token_hash bytea, allowed text[])
returns table (staff_id integer, login text, name text, unit_id integer, unit_name text, home_unit_id integer, roles text[],
               must_change boolean, post_id integer, post text, ties integer[])
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  who integer;
  acting integer;
begin
  update public.staff_sessions ss set seen_at = now()
    where ss.token_hash = staff_enter.token_hash and ss.ended_at is null and ss.expires_at > now()
      and ss.seen_at + ss.idle > now() and ss.seen_at < now() - interval '1 minute';
  select s.id, (select p.id from public.posts p where p.id = ss.post_id and p.staff_id = s.id and public.post_runs(p)) into who, acting
    from public.staff_sessions ss join public.staff s on s.id = ss.staff_id
    where ss.token_hash = staff_enter.token_hash and ss.ended_at is null and ss.expires_at > now() and s.active
      and ss.seen_at + ss.idle > now();
  if who is null then return; end if;
  if acting is null then
    acting := public.post_of_choice(who);
    if acting is null then return; end if;
    update public.staff_sessions ss set post_id = acting where ss.token_hash = staff_enter.token_hash;
  end if;
  -- Statements of their own: as a condition of the query the planner could set it for every row it looks at.
  perform set_config('msd.staff', who::text, true), set_config('msd.post', acting::text, true);
  if allowed is not null and not public.i_am(allowed) then
    raise exception 'post % of person % does not come through this door', acting, who using errcode = 'MSD35';
  end if;
  return query
    select s.id, s.login, s.name, p.unit_id, u.name, s.home_unit_id,
           (select coalesce(array_agg(r.role order by r.role), '{}') from public.post_roles r where r.post_id = p.id), s.must_change,
           p.id, p.title, public.staff_ties(s.id)
    from public.staff s join public.posts p on p.id = acting join public.units u on u.id = p.unit_id where s.id = who;
end $$;

-- The own posts, for the chooser: the acting one and those that it could be.
create function my_posts() returns jsonb language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select coalesce(jsonb_agg(jsonb_build_object('id', p.id, 'title', p.title, 'unit', u.short_name, 'unit_id', u.id,
           'roles', (select coalesce(jsonb_agg(r.role order by r.role), '[]') from public.post_roles r where r.post_id = p.id),
           'acting', p.id = public.post_now(), 'until', p.ends_at) order by p.id), '[]')
  from public.posts p join public.units u on u.id = p.unit_id where p.staff_id = public.staff_now() and public.post_runs(p) $$;
-- From now on this session acts in that post. False: it is none of the person's that runs.
create function session_post(token bytea, to_post integer) returns boolean language plpgsql volatile security definer
  set search_path = pg_catalog, public, pg_temp as $$
begin
  if public.staff_now() = 0 or not exists (select from public.posts p where p.id = to_post and p.staff_id = public.staff_now() and public.post_runs(p)) then
    return false;
  end if;
  update public.staff_sessions ss set post_id = to_post where ss.token_hash = token and ss.staff_id = public.staff_now() and ss.ended_at is null;
  if not found then return false; end if;
  if to_post <> public.post_now() then
    insert into public.audit_log (staff_id, action, detail)
      values (public.staff_now(), 'post_changed', jsonb_build_object('from', public.post_now(), 'to', to_post));
  end if;
  return true;
end $$;

-- How a post is called behind a name: 督查督办组督办员. Null when there is none, or when the name says it already.
create function post_called(of_post integer, of_name text) returns text language sql stable as $$
  select case when right(of_name, length(l.label)) = l.label or (starts_with(of_name, l.unit) and right(of_name, length(l.title)) = l.title) then null else l.label end
  from (select u.short_name as unit, p.title, case when starts_with(p.title, u.short_name) then p.title else u.short_name || p.title end as label
        from posts p join units u on u.id = p.unit_id where p.id = of_post) l $$;

-- --- a post stays what it was when it acted; what may change is told and logged ---

create function posts_fixed() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' or (old.id, old.staff_id, old.unit_id, old.title, old.begins_at, old.made_at, old.made_by)
                         is distinct from (new.id, new.staff_id, new.unit_id, new.title, new.begins_at, new.made_at, new.made_by) then
    raise exception 'post % is ended and another one made', old.id using errcode = 'MSD20';
  end if;
  if old.ends_at <= now() and new.ends_at is distinct from old.ends_at then
    raise exception 'post % has ended', old.id using errcode = 'MSD48';
  end if;
  return new;
end $$;
create trigger posts_fixed before update or delete on posts for each row execute function posts_fixed();

-- 三员分立: who runs the system, who gives rights and who reads the log are three persons, and none of them works on a case, in any
-- post that has not ended. And a person has at most eight posts at a time, so that what is counted of them stays small.
create function rights_separated() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  who integer;
  held text[];
begin
  select case tg_table_name when 'posts' then (to_jsonb(new)->>'staff_id')::integer
              else (select p.staff_id from public.posts p where p.id = (to_jsonb(new)->>'post_id')::integer) end into who;
  perform from public.staff s where s.id = who for no key update;
  select coalesce(array_agg(distinct r.role), '{}') into held from public.posts p join public.post_roles r on r.post_id = p.id
    where p.staff_id = who and (p.ends_at is null or p.ends_at > now());
  if held && '{admin,security,auditor}'::text[] and cardinality(held) > 1 then
    raise exception 'person % would be % at once', who, array_to_string(held, ', ') using errcode = 'MSD36', constraint = 'rights_separated';
  end if;
  if (select count(*) from public.posts p where p.staff_id = who and (p.ends_at is null or p.ends_at > now())) > 8 then
    raise exception 'person % would have more than eight posts', who using errcode = 'MSD48', constraint = 'posts_at_most';
  end if;
  return null;
end $$;
create constraint trigger rights_separated after insert or update on posts for each row execute function rights_separated();
create constraint trigger rights_separated after insert or update on post_roles for each row execute function rights_separated();

-- Whoever gives rights stays: an active person with a post as security administrator that has no end. Asked where one goes, not
-- where there has never been one.
create function security_stays() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  was boolean;
begin
  perform pg_advisory_xact_lock(28, 0);
  was := case tg_table_name
    when 'staff' then exists (select from public.posts p join public.post_roles r on r.post_id = p.id and r.role = 'security'
                              where p.staff_id = (to_jsonb(old)->>'id')::integer and p.ends_at is null)
    when 'posts' then exists (select from public.post_roles r join public.staff s on s.id = (to_jsonb(old)->>'staff_id')::integer
                              where r.post_id = (to_jsonb(old)->>'id')::integer and r.role = 'security' and s.active)
    else to_jsonb(old)->>'role' = 'security'
         and exists (select from public.posts p join public.staff s on s.id = p.staff_id
                     where p.id = (to_jsonb(old)->>'post_id')::integer and p.ends_at is null and s.active) end;
  if was and not exists (select from public.posts p join public.post_roles r on r.post_id = p.id and r.role = 'security'
                         join public.staff s on s.id = p.staff_id where s.active and p.ends_at is null) then
    raise exception 'nobody would be left to give rights' using errcode = 'MSD39', constraint = 'security_stays';
  end if;
  return null;
end $$;
create trigger security_stays after update of active on staff for each row when (old.active and not new.active) execute function security_stays();
create trigger security_stays after update of ends_at on posts for each row when (old.ends_at is null and new.ends_at is not null) execute function security_stays();
create trigger security_stays after delete on post_roles for each row execute function security_stays();

-- Every change of person, post and role stands in the log with what was before and after, whoever made it by whichever way; open
-- screens of that person and of the security administrators hear of it. A post that ended lets go of the sessions that acted in it.
create function rights_logged() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
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
      jsonb_strip_nulls(jsonb_build_object('person', who, 'post', post))
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
create function staff_told(who integer) returns void language sql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
  select public.events_append(array['staff.changed'], array[null::bigint], array[null::integer], array[null::integer], array[false],
                              array[jsonb_build_object('staff', who)]) $$;
create trigger rights_logged after insert on staff for each row execute function rights_logged();
create trigger rights_logged_too after update of name, home_unit_id, active on staff for each row
  when ((old.name, old.home_unit_id, old.active) is distinct from (new.name, new.home_unit_id, new.active)) execute function rights_logged();
create trigger rights_logged after insert or update on posts for each row execute function rights_logged();
create trigger rights_logged after insert or delete on post_roles for each row execute function rights_logged();

-- --- the walls: wherever a unit was compared with the acting unit and the home unit, all ties count now ---

alter policy staff_sees on cases using (
  id = (select writing_now()) or (
  (nature <> 'report' and not confidential or about_unit_id is null or about_unit_id <> all ((select my_walls())::integer[]))
  and ((select i_am('{accountability}'))
       or (not confidential and (select i_am('{coordinator,supervisor,registry,callback,leader}')))
       or (not held and state <> 'discovered' and (select i_am('{handler,unit_leader}'))
           and (unit_id = (select my_unit()) or id in (select case_id from case_units where unit_id = (select my_unit()))))
       or id in (select case_id from case_shares where staff_id = (select staff_now())))));
alter policy staff_acts_on on cases using (
  (nature <> 'report' and not confidential or about_unit_id is null or about_unit_id <> all ((select my_walls())::integer[]))
  and ((select i_am('{accountability}'))
       or (not confidential and (select i_am('{coordinator,supervisor,registry,callback}')))
       or (not held and state <> 'discovered' and (select i_am('{handler,unit_leader}'))
           and (unit_id = (select my_unit()) or id in (select case_id from case_units where unit_id = (select my_unit()))))
       or id in (select case_id from case_shares where staff_id = (select staff_now()))));
create or replace function case_seen(one bigint) returns boolean language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select exists (select from public.cases c where c.id = one
    and (c.nature <> 'report' and not c.confidential or c.about_unit_id is null or c.about_unit_id <> all (public.my_walls()))
    and (c.nature <> 'report' or c.plaque_unit_id is null or c.plaque_unit_id = c.unit_id
         or c.plaque_unit_id <> all (public.my_ground()) or public.whole_unit(c.plaque_unit_id) = c.unit_id)
    and (public.i_am('{accountability}')
         or (not c.confidential and public.i_am('{coordinator,supervisor,registry,callback,leader}'))
         or (not c.held and c.state <> 'discovered' and public.i_am('{handler,unit_leader}')
             and (c.unit_id = public.my_unit()
                  or exists (select from public.case_units cu where cu.case_id = c.id and cu.unit_id = public.my_unit())))
         or exists (select from public.case_shares cs where cs.case_id = c.id and cs.staff_id = public.staff_now()))) $$;
-- A person of one unit alone sees its rows without a look-up each: who is kept from a case has ties elsewhere, or the row is older
-- than the wall.
alter policy staff_sees on case_units using ((unit_id = (select my_unit()) and (select my_ties() = array[my_unit()])) or case_seen(case_id));
-- The stations of these units as well, at which plaques hang.
create or replace function my_ground() returns integer[] language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select public.my_ties() || array(select u.id from public.units u where u.kind = 'station' and u.parent_id = any (public.my_ties())) $$;
alter policy staff_sees on letters using (
  not ((hidden_unit_ids || left_unit_ids) && (select my_walls()))
  and ((select i_am('{accountability}'))
       or (not confidential and (select i_am('{coordinator,supervisor,registry,callback,leader}')))
       or (delivered_at is not null and (select my_unit()) = any (unit_ids) and (select i_am('{handler,unit_leader}')))));
create or replace function letter_seen(l letters) returns boolean language sql stable set search_path = pg_catalog, public, pg_temp as $$
  select not ((l.hidden_unit_ids || l.left_unit_ids) && public.my_walls())
    and (public.i_am('{accountability}')
         or (not l.confidential and public.i_am('{coordinator,supervisor,registry,callback,leader}'))
         or (l.delivered_at is not null and public.my_unit() = any (l.unit_ids) and public.i_am('{handler,unit_leader}'))) $$;
alter policy staff_makes on callbacks with check (
  (select i_am('{supervisor,accountability}')) and state = 'due'
  and exists (select from cases c where c.id = callbacks.case_id and c.unit_id <> all ((select my_ties())::integer[])));
alter policy staff_answers on callbacks using (
  (select i_am('{callback,accountability}'))
  and exists (select from cases c where c.id = callbacks.case_id and c.unit_id <> all ((select my_ties())::integer[])));
alter policy staff_sees on inspections using (
  ((select i_am('{coordinator,supervisor,accountability,registry,leader}')) and unit_id <> all ((select my_ties())::integer[]))
  or exists (select from findings f where f.inspection_id = inspections.id));
alter policy staff_writes on inspections
  with check (staff_id = (select staff_now()) and (select i_am('{coordinator,supervisor,accountability}'))
              and unit_id <> all ((select my_ties())::integer[]));
alter policy staff_sees on inspection_outcomes using (
  (select i_am('{coordinator,supervisor,accountability,registry,leader}'))
  and exists (select from inspections i where i.id = inspection_outcomes.inspection_id and i.unit_id <> all ((select my_ties())::integer[]))
  and (feedback_id is null or exists (select from findings f where f.feedback_id = inspection_outcomes.feedback_id)));
alter policy staff_sees on plaque_days using (
  (select plaque_reader()) and coalesce(plaque_unit(number), 0) <> all ((select my_ties())::integer[]));

-- Acts: the post that acts is on record and in what the chain hashes (data.post); stepping aside is judged over all ties.
create or replace function act_is_lawful() returns trigger language plpgsql volatile security definer
  set search_path = pg_catalog, public, pg_temp set enable_seqscan = off as $$
declare
  me constant integer := public.staff_now();
  c record;
  rule record;
  before record;
  handling integer;
  mine integer;
  home integer;
  others integer[];
  own_work boolean;
begin
  -- A superuser restores and measures; he could switch triggers off as well.
  if (select r.rolsuper from pg_roles r where r.rolname = session_user) then return new; end if;

  select x.nature, x.about_unit_id, x.confidential into c from public.cases x where x.id = new.case_id;
  select a.to_state into before from public.acts a where a.case_id = new.case_id and a.version = new.version - 1;
  if before is null or new.from_state is distinct from before.to_state then
    raise exception 'act % of case % does not follow the one before', new.version, new.case_id using errcode = 'MSD33';
  end if;

  select r.* into rule from public.act_rules r
    where r.act = new.act and r.post = case new.actor when 'staff' then new.role else new.actor end
      and (c.confidential or not r.confidential);
  if rule is null then
    raise exception 'nobody may % as %', new.act, coalesce(new.role, new.actor) using errcode = 'MSD30';
  end if;
  if new.actor <> 'staff' then return new; end if;

  if new.staff_id <> me or not public.i_am(array[new.role]) then
    raise exception 'person % does not act here as %', new.staff_id, new.role using errcode = 'MSD30';
  end if;
  mine := public.my_unit();
  home := public.my_home();
  others := array_remove(array_remove(public.my_ties(), mine), home);
  select case when a.act = 'assign' then coalesce(case when u.kind = 'station' then u.parent_id end, u.id) end into handling
    from public.acts a left join public.units u on u.id = a.unit_id
    where a.case_id = new.case_id and a.version < new.version and a.act in ('assign', 'return_grant') order by a.version desc limit 1;
  own_work := new.role in ('handler', 'unit_leader') and (mine is not distinct from handling
              or exists (select from public.case_units cu where cu.case_id = new.case_id and cu.unit_id = mine));
  if new.role in ('handler', 'unit_leader') and mine is distinct from handling and not (new.act = 'note' and own_work) then
    raise exception 'unit % does not handle case %', mine, new.case_id using errcode = 'MSD30';
  end if;

  -- A confidential case is for 追责问责组, the unit that has it, and whom it was shared with by name.
  if c.confidential and not (own_work or public.i_am('{accountability}') or exists (
       select from public.case_shares cs where cs.case_id = new.case_id and cs.staff_id = me)) then
    raise exception 'case % is not for this person', new.case_id using errcode = 'MSD30';
  end if;

  if rule.outside and (handling in (mine, home) or handling = any (others)) then
    raise exception 'somebody of the handling unit may not %', new.act using errcode = 'MSD32';
  end if;
  -- A unit answers for itself by its own people; whoever has another post in the unit that the case is about steps aside.
  if c.about_unit_id = any (others)
     or (c.about_unit_id is not null and (home = c.about_unit_id or (mine = c.about_unit_id and not own_work))
         and not (own_work and home = mine and not c.confidential)) then
    raise exception 'case % is about the unit of this person', new.case_id using errcode = 'MSD32';
  end if;
  if new.act in ('assign', 'co_assign') and (c.confidential or c.nature = 'report')
     and new.unit_id = any (public.unit_heirs(c.about_unit_id)) then
    raise exception 'a report never goes to the unit it names' using errcode = 'MSD32';
  end if;

  if rule.not_author and me = (select a.staff_id from public.acts a where a.case_id = new.case_id and a.version < new.version
                                 and a.act = 'reply' order by a.version desc limit 1) then
    raise exception 'the author of the answer may not %', new.act using errcode = 'MSD31';
  end if;
  if rule.not_asker and me = (select a.staff_id from public.acts a where a.case_id = new.case_id and a.version < new.version
                                and a.act = split_part(new.act, '_', 1) || '_ask' order by a.version desc limit 1) then
    raise exception 'who asked may not %', new.act using errcode = 'MSD31';
  end if;
  if new.post_id is distinct from public.post_now() or (new.data->>'post')::integer is distinct from new.post_id then
    raise exception 'act % of case % does not say which post acted', new.version, new.case_id using errcode = 'MSD30';
  end if;
  return new;
end $$;
create or replace function report_keeps_out() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  about integer;
  refused boolean;
begin
  if public.staff_now() <> 0 and not public.case_seen(new.case_id) then -- before anything else can be learnt
    raise exception 'no such case for this person' using errcode = '42501';
  end if;
  select c.about_unit_id into about from public.cases c where c.id = new.case_id and (c.confidential or c.nature = 'report');
  if tg_table_name = 'case_units' then
    refused := exists (select from public.units u where u.id = new.unit_id
                         and coalesce(case when u.kind = 'station' then u.parent_id end, u.id) = any (public.unit_heirs(about)));
  else
    refused := public.unit_heirs(about) && public.staff_ties(new.staff_id);
  end if;
  if refused then raise exception 'a report is closed to the unit it names' using errcode = 'MSD32'; end if;
  return new;
end $$;

-- Groups of those who open sealed reports: keys belong to persons, so a member is whoever has such a post; opening is done in it.
create function seal_post(name text, p posts) returns boolean language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select public.post_runs(p) and case name
    when 'accountability' then exists (select from public.post_roles r where r.post_id = p.id and r.role = 'accountability')
    when 'discipline' then exists (select from public.post_roles r where r.post_id = p.id and r.role in ('handler', 'unit_leader'))
                           and public.whole_unit(p.unit_id) = public.seal_discipline()
    else false end $$;
create or replace function seal_members(name text) returns setof integer language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select s.id from public.staff s where s.active and exists (select from public.posts p where p.staff_id = s.id and public.seal_post(seal_members.name, p)) $$;
create or replace function seal_mine(name text) returns boolean language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select exists (select from public.posts p join public.staff s on s.id = p.staff_id where p.id = public.post_now() and s.id = public.staff_now() and s.active
                   and public.seal_post(seal_mine.name, p)) $$;

-- --- the desk of the security administrator: every function asks who asks; 0 for a tool of the owner ---

create function people_keeper() returns integer language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  if public.staff_now() > 0 and public.i_am('{security}') then return public.staff_now(); end if;
  if public.staff_now() = 0 and pg_has_role(session_user, 'mashangdu_owner', 'member') then return 0; end if;
  raise exception 'rights are given by the security administrator' using errcode = 'MSD35';
end $$;
create function people_reader() returns boolean language sql stable security definer set search_path = pg_catalog, public, pg_temp as
$$ select public.i_am('{security,auditor}') $$;

create function person_shown(of_staff integer) returns jsonb language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select jsonb_build_object('id', s.id, 'login', s.login, 'name', s.name, 'home', jsonb_build_object('id', h.id, 'name', h.short_name),
    'active', s.active, 'locked', coalesce(s.locked_until > now(), false), 'one_time', s.must_change, 'created_at', s.created_at,
    'last_sign_in', (select max(ss.created_at) from public.staff_sessions ss where ss.staff_id = s.id),
    'me', s.id = public.staff_now(),
    'posts', (select coalesce(jsonb_agg(jsonb_build_object('id', p.id, 'title', p.title, 'unit', jsonb_build_object('id', u.id, 'name', u.short_name),
        'begins_at', p.begins_at, 'ends_at', p.ends_at, 'runs', public.post_runs(p),
        'roles', (select coalesce(jsonb_agg(r.role order by r.role), '[]') from public.post_roles r where r.post_id = p.id))
        order by p.ends_at is not null and p.ends_at <= now(), p.id), '[]')
      from public.posts p join public.units u on u.id = p.unit_id where p.staff_id = s.id))
  from public.staff s join public.units h on h.id = s.home_unit_id where s.id = of_staff and public.people_reader() $$;

-- By login, `most` after the one named. words: in login or name; unit: a post that has not ended there, at its stations, or from there;
-- state: active, off, locked, one_time.
create function people_list(words text, of_unit integer, with_role text, in_state text, after text, most integer) returns jsonb
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  with found as (
    select s.id, s.login from public.staff s
    where public.people_reader() and (after is null or s.login > after collate "C")
      and (words is null or position(lower(words) in lower(s.login)) > 0 or position(words in s.name) > 0)
      and (of_unit is null or public.whole_unit(s.home_unit_id) = public.whole_unit(of_unit)
           or exists (select from public.posts p where p.staff_id = s.id and (p.ends_at is null or p.ends_at > now())
                        and (p.unit_id = of_unit or public.whole_unit(p.unit_id) = of_unit)))
      and (with_role is null or exists (select from public.posts p join public.post_roles r on r.post_id = p.id
                                         where p.staff_id = s.id and (p.ends_at is null or p.ends_at > now()) and r.role = with_role))
      and (in_state is null or case in_state when 'active' then s.active when 'off' then not s.active
                                 when 'locked' then s.locked_until > now() when 'one_time' then s.must_change else false end)
    order by s.login collate "C" limit most + 1)
  select jsonb_build_object('people', coalesce((select jsonb_agg(public.person_shown(f.id) order by f.login collate "C")
                                                from (select * from found order by login collate "C" limit most) f), '[]'),
    'next', (select max(f.login collate "C") from (select login from found order by login collate "C" limit most) f
             where (select count(*) from found) > most)) $$;

-- Not one's own rights, whatever they are.
create function person_of_others(of_staff integer) returns integer language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  me constant integer := public.people_keeper();
begin
  perform from public.staff s where s.id = of_staff for no key update;
  if not found then raise exception 'no person %', of_staff using errcode = 'MSD46'; end if;
  if me = of_staff then raise exception 'nobody changes the own rights' using errcode = 'MSD38'; end if;
  return me;
end $$;
create function post_made(of_staff integer, at_unit integer, title_ text, roles text[], begins timestamptz, ends timestamptz) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  me constant integer := public.people_keeper();
  fresh integer;
begin
  if not exists (select from public.units u where u.id = at_unit and (u.retired_on is null or u.retired_on > current_date)) then
    raise exception 'no unit % that is there', at_unit using errcode = 'MSD46';
  end if;
  if coalesce(cardinality(roles), 0) = 0 or ends <= now() then raise exception 'a post has a role and time to run' using errcode = 'MSD48'; end if;
  insert into public.posts (staff_id, unit_id, title, begins_at, ends_at, made_by)
    values (of_staff, at_unit, coalesce(nullif(btrim(title_), ''), public.role_title(roles[1])), coalesce(begins, now()), ends, nullif(me, 0)) returning id into fresh;
  insert into public.post_roles (post_id, role) select distinct fresh, r from unnest(roles) r;
  return fresh;
end $$;
create function person_add(login_ text, name_ text, home integer, hash text, one_time boolean, at_unit integer, title_ text, roles text[])
returns integer language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  me constant integer := public.people_keeper();
  fresh integer;
begin
  if not exists (select from public.units u where u.id = home) then raise exception 'no unit %', home using errcode = 'MSD46'; end if;
  insert into public.staff (login, name, unit_id, home_unit_id, password_hash, must_change) values (login_, name_, at_unit, home, hash, one_time) returning id into fresh;
  perform public.post_made(fresh, at_unit, title_, roles, null, null);
  return fresh;
end $$;
create function person_change(of_staff integer, name_ text, home integer) returns void
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  perform public.person_of_others(of_staff);
  if home is not null and not exists (select from public.units u where u.id = home) then raise exception 'no unit %', home using errcode = 'MSD46'; end if;
  update public.staff s set name = coalesce(name_, s.name), home_unit_id = coalesce(home, s.home_unit_id) where s.id = of_staff;
end $$;
create function person_active(of_staff integer, on_ boolean) returns void
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  perform public.person_of_others(of_staff);
  update public.staff s set active = on_ where s.id = of_staff and s.active <> on_;
end $$;
create function person_unlock(of_staff integer) returns void
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  me constant integer := public.person_of_others(of_staff);
begin
  insert into public.audit_log (staff_id, action, detail)
    select nullif(me, 0), 'person_unlocked', jsonb_build_object('person', s.id, 'before', jsonb_build_object('failures', s.failures, 'locked_until', s.locked_until),
             'after', jsonb_build_object('failures', 0, 'locked_until', null)) from public.staff s where s.id = of_staff;
  update public.staff s set failures = 0, locked_until = null where s.id = of_staff;
  perform public.staff_told(of_staff);
end $$;
create function person_password(of_staff integer, hash text, one_time boolean) returns void
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  me constant integer := public.person_of_others(of_staff);
begin
  update public.staff s set password_hash = hash, must_change = one_time, failures = 0, locked_until = null where s.id = of_staff;
  update public.staff_sessions ss set ended_at = now() where ss.staff_id = of_staff and ss.ended_at is null;
  insert into public.audit_log (staff_id, action, detail)
    values (nullif(me, 0), 'person_password', jsonb_build_object('person', of_staff, 'one_time', one_time));
  perform public.staff_told(of_staff);
end $$;
create function post_add(of_staff integer, at_unit integer, title_ text, roles text[], begins timestamptz, ends timestamptz) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  perform public.person_of_others(of_staff);
  return public.post_made(of_staff, at_unit, title_, roles, begins, ends);
end $$;
create function post_person(of_post integer) returns integer language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  who integer;
begin
  perform public.people_keeper();
  select p.staff_id into who from public.posts p where p.id = of_post;
  if who is null then raise exception 'no post %', of_post using errcode = 'MSD46'; end if;
  perform public.person_of_others(who);
  return who;
end $$;
-- at: null for now.
create function post_end(of_post integer, at timestamptz) returns integer language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  who constant integer := public.post_person(of_post);
begin
  if at < now() then raise exception 'the past is on record' using errcode = 'MSD48'; end if;
  update public.posts p set ends_at = greatest(coalesce(at, now()), p.begins_at) where p.id = of_post;
  return who;
end $$;
create function post_roles_set(of_post integer, roles text[]) returns integer language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  who constant integer := public.post_person(of_post);
begin
  if coalesce(cardinality(roles), 0) = 0 or exists (select from public.posts p where p.id = of_post and p.ends_at <= now()) then
    raise exception 'a post that runs has a role' using errcode = 'MSD48';
  end if;
  -- What comes may not stand beside what goes, so what goes goes first.
  delete from public.post_roles r where r.post_id = of_post and r.role <> all (roles);
  insert into public.post_roles (post_id, role) select distinct of_post, x from unnest(roles) x on conflict do nothing;
  return who;
end $$;

-- A lost telephone: rights are the security administrator's, and nobody's own.
create function staff_factor_reset(who integer) returns boolean language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
declare
  had boolean;
begin
  if not (public.staff_now() = 0 and pg_has_role(session_user, 'mashangdu_owner', 'member'))
     and not (public.i_am('{security}') and who <> public.staff_now()) then
    raise exception 'may not set back this second factor' using errcode = 'MSDF1';
  end if;
  if not exists (select from public.staff where id = who) then return null; end if;
  delete from public.staff_recovery_codes where staff_id = who;
  delete from public.staff_sign_ins where staff_id = who;
  delete from public.staff_factors where staff_id = who;
  had := found;
  if had then update public.staff_sessions set ended_at = now() where staff_id = who and ended_at is null; end if;
  insert into public.audit_log (staff_id, action, detail)
    values (coalesce(nullif(public.staff_now(), 0), who),
            case when public.staff_now() = 0 then 'tool.user_factor_reset' else 'factor_reset' end,
            jsonb_build_object('staff', who, 'had', had));
  perform public.staff_told(who);
  return had;
end $$;
revoke execute on function staff_factor_reset(integer) from public;
grant execute on function staff_factor_reset(integer) to mashangdu_staff;

-- Units are the system administrator's; a retired one keeps its rows and names who follows. The old names stay known to the router.
create function unit_change(of_unit integer, name_ text, short_ text, phone_ text, hours_ text, address_ text) returns void
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  o public.units;
  n public.units;
begin
  if not public.i_am('{admin}') then raise exception 'units are kept by the system administrator' using errcode = 'MSD35'; end if;
  select * into o from public.units u where u.id = of_unit for no key update;
  if not found then raise exception 'no unit %', of_unit using errcode = 'MSD46'; end if;
  if o.retired_on is not null then raise exception 'unit % is retired', of_unit using errcode = 'MSD48'; end if;
  update public.units u set name = coalesce(name_, u.name), short_name = coalesce(short_, u.short_name),
      phone = case when phone_ is null then u.phone else nullif(phone_, '') end, hours = case when hours_ is null then u.hours else nullif(hours_, '') end,
      address = case when address_ is null then u.address else nullif(address_, '') end,
      aliases = array(select distinct a from unnest(u.aliases || array[u.name, u.short_name]) a
                      where (a <> u.name or name_ <> u.name) and (a <> u.short_name or short_ <> u.short_name)
                        and a not in (coalesce(name_, u.name), coalesce(short_, u.short_name)) order by a)
    where u.id = of_unit returning * into n;
  insert into public.audit_log (staff_id, action, detail)
    values (public.staff_now(), 'unit_changed', jsonb_build_object('unit', n.code,
      'before', jsonb_build_object('name', o.name, 'short_name', o.short_name, 'phone', o.phone, 'hours', o.hours, 'address', o.address),
      'after', jsonb_build_object('name', n.name, 'short_name', n.short_name, 'phone', n.phone, 'hours', n.hours, 'address', n.address)));
end $$;
create function unit_retire(of_unit integer, follows integer) returns void
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  o public.units;
begin
  if not public.i_am('{admin}') then raise exception 'units are kept by the system administrator' using errcode = 'MSD35'; end if;
  select * into o from public.units u where u.id = of_unit for no key update;
  if not found then raise exception 'no unit %', of_unit using errcode = 'MSD46'; end if;
  if o.retired_on is not null or follows = of_unit
     or not exists (select from public.units u where u.id = follows and u.retired_on is null and (u.kind <> 'station' or o.kind = 'station'))
     or exists (select from public.units u where u.parent_id = of_unit and u.retired_on is null) then
    raise exception 'unit % cannot be followed by %', of_unit, follows using errcode = 'MSD48';
  end if;
  update public.units u set retired_on = (now() at time zone 'Asia/Shanghai')::date, successor_id = follows where u.id = of_unit;
  insert into public.audit_log (staff_id, action, detail)
    values (public.staff_now(), 'unit_retired', jsonb_build_object('unit', o.code, 'before', jsonb_build_object('retired_on', null),
      'after', jsonb_build_object('retired_on', (now() at time zone 'Asia/Shanghai')::date, 'successor', (select u.code from public.units u where u.id = follows))));
end $$;

-- --- grants ---

grant select on posts, post_roles, staff_roles to mashangdu_gateway;
grant select (id, staff_id, unit_id, title) on posts to mashangdu_staff;
grant select (post_id) on audit_log to mashangdu_staff;
revoke execute on function staff_enter, staff_ties, post_of_choice, my_posts, session_post, seal_post, people_keeper, people_reader, person_shown, people_list,
  person_of_others, post_made, person_add, person_change, person_active, person_unlock, person_password, post_add, post_person, post_end, post_roles_set,
  unit_change, unit_retire, staff_told, session_has_post, rights_separated, security_stays, rights_logged from public;
grant execute on function staff_enter, post_of_choice to mashangdu_gateway;
grant execute on function staff_ties to mashangdu_staff, mashangdu_gateway;
grant execute on function my_posts, session_post, people_reader, person_shown, people_list, person_add, person_change, person_active, person_unlock, person_password,
  post_add, post_end, post_roles_set, unit_change, unit_retire to mashangdu_staff;
