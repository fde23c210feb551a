-- Plaques for life (M01): what hangs where and who looked at it, an append-only record of every step, the versions of the key that
-- signs their codes, what is counted of scans without counting persons, and the alarms that follow from it. Refusals:
--   MSDP1 not this post   MSDP2 no such plaque for this person   MSDP3 not from this state   MSDP4 the key must be changed first

-- The versions of the key of tags. The newest signs new plaques; a tag of an earlier one stays good until its version is withdrawn or
-- its plaque has gone on to a later one.
create table plaque_keys (
  version      smallint primary key check (version between 0 and 31),
  since        timestamptz not null default now(),
  withdrawn_at timestamptz,
  why          text check (length(why) between 2 and 300),
  check (withdrawn_at is null or why is not null)
);
insert into plaque_keys (version) select generate_series(0, (select coalesce(max(key_version), 0) from plaques));
create trigger register_changed after insert or update or delete or truncate on plaque_keys for each statement execute function register_changed();

-- The piece on the wall. Its point is asked at every feedback that says where somebody stands, so a new one is news for the register;
-- the rest is not.
create table plaque_walls (
  number        text primary key references plaques (number),
  place         text check (length(place) between 2 and 200),
  lat           float8 check (lat between -90 and 90),
  lon           float8 check (lon between -180 and 180),
  photo         bigint,                              -- of plaque_photos, the newest
  hung_at       timestamptz,
  result        text check (result in ('present', 'damaged', 'missing', 'covered', 'wrong_place')),
  inspected_at  timestamptz,
  reported      text check (reported in ('damaged', 'missing')),   -- by the unit, and nobody has looked since
  reported_at   timestamptz,
  reprint_since timestamptz,                         -- what is printed no longer counts
  check ((lat is null) = (lon is null)),
  check ((reported is null) = (reported_at is null))
);
create trigger register_changed_lat after update of lat, lon on plaque_walls for each statement execute function register_changed();

-- Where it hangs, as seen: the clean copy alone, without what the camera wrote into it.
create table plaque_photos (
  id       bigint primary key generated always as identity,
  number   text not null references plaques (number),
  at       timestamptz not null default now(),
  staff_id integer not null references staff (id),
  type     text not null check (type in ('jpeg', 'png')),
  width    integer not null check (width between 1 and 100000),
  height   integer not null check (height between 1 and 100000),
  bytes    bytea not null check (length(bytes) between 1 and 3145728)
);
create index plaque_photos_number on plaque_photos (number);
alter table plaque_walls add foreign key (photo) references plaque_photos (id);

create table plaque_acts (
  id        bigint primary key generated always as identity,
  number    text not null references plaques (number),
  at        timestamptz not null default clock_timestamp(),
  act       text not null check (act in ('issue', 'activate', 'place', 'inspect', 'report', 'replace', 'retire', 'void', 'revoke')),
  state     text not null,                           -- after it
  staff_id  integer references staff (id),           -- null: from the command line
  why       text check (length(why) <= 500),
  result    text,
  place     text,
  photo     bigint references plaque_photos (id),
  successor text,
  key_version smallint
);
create index plaque_acts_number on plaque_acts (number, id);

insert into plaque_walls (number, hung_at) select p.number, case when p.state <> 'issued' then p.state_at end from plaques p;
insert into plaque_acts (number, at, act, state) select p.number, p.issued_at, 'issue', 'issued' from plaques p order by p.issued_at, p.number;
insert into plaque_acts (number, at, act, state, successor)
  select p.number, p.state_at, case p.state when 'active' then 'activate' when 'void' then 'void' else case when p.successor is null then 'retire' else 'replace' end end,
         p.state, p.successor
  from plaques p where p.state <> 'issued' order by p.state_at, p.number;
create trigger history_is_fixed before update or delete or truncate on plaque_acts for each statement execute function history_is_fixed();

-- Whoever changes a plaque, by whichever way, leaves a step in its record.
create function plaques_recorded() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  who integer := nullif(public.staff_now(), 0);
  because text := nullif(current_setting('msd.plaque_why', true), '');
  what text;
begin
  if tg_op = 'INSERT' then
    insert into public.plaque_walls (number) values (new.number);
    insert into public.plaque_acts (number, act, state, staff_id, why, key_version) values (new.number, 'issue', new.state, who, because, new.key_version);
    return null;
  end if;
  if new.state <> old.state then
    what := case new.state when 'active' then 'activate' when 'void' then 'void' else case when new.successor is null then 'retire' else 'replace' end end;
    insert into public.plaque_acts (number, act, state, staff_id, why, successor) values (new.number, what, new.state, who, because, new.successor);
  end if;
  if new.key_version > old.key_version then
    insert into public.plaque_acts (number, act, state, staff_id, why, key_version) values (new.number, 'revoke', new.state, who, because, new.key_version);
    update public.plaque_walls w set reprint_since = now() where w.number = new.number;
  end if;
  return null;
end $$;
create trigger plaques_recorded after insert or update on plaques for each row execute function plaques_recorded();

-- A number belongs to one unit for good, and a withdrawn key never comes back.
create function plaques_fixed() returns trigger language plpgsql as $$
begin
  if new.unit_id <> old.unit_id or new.number <> old.number then
    raise exception 'plaque % stays with its unit; issue another', old.number using errcode = 'MSD11';
  end if;
  if new.key_version < old.key_version then
    raise exception 'the key of plaque % never goes back', old.number using errcode = 'MSD11';
  end if;
  return new;
end $$;
create trigger plaques_fixed before update on plaques for each row execute function plaques_fixed();

-- ---- who may --------------------------------------------------------------------------------------------------------------

-- 0 for the owner's tools, else the person, who must hold one of the posts.
create function plaque_keeper(posts text[]) returns integer language plpgsql stable as $$
begin
  if public.staff_now() > 0 and public.i_am(posts) then return public.staff_now(); end if;
  if public.staff_now() = 0 and pg_has_role(session_user, 'mashangdu_owner', 'member') then return 0; end if;
  raise exception 'plaques are kept by 综合办公室' using errcode = 'MSDP1';
end $$;
create function plaque_reader() returns boolean language sql stable as
$$ select public.i_am('{registry,admin,leader,supervisor,coordinator,accountability,auditor}') $$;
-- The whole unit that a plaque hangs at; null for no such number.
create function plaque_unit(of_number text) returns integer language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select case u.kind when 'station' then u.parent_id else u.id end from public.plaques p join public.units u on u.id = p.unit_id where p.number = of_number $$;

-- ---- steps ----------------------------------------------------------------------------------------------------------------

-- Serial and check digit (ISO/IEC 7064 MOD 11,10), as qr/plaque.c makes it.
create function plaque_number(serial bigint) returns text language plpgsql immutable strict as $$
declare
  p integer := 10; s integer; digits text := serial::text;
begin
  if serial not between 10001 and 99999999 then raise exception 'the plaque numbers are used up' using errcode = 'MSDP3'; end if;
  for i in 1..length(digits) loop
    s := (p + substr(digits, i, 1)::integer) % 10;
    if s = 0 then s := 10; end if;
    p := (s * 2) % 11;
  end loop;
  return digits || ((11 - p) % 10)::text;
end $$;

create function plaque_key_now() returns smallint language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  v record;
begin
  select * into v from public.plaque_keys k order by k.version desc limit 1;
  if v.withdrawn_at is not null then raise exception 'the newest key is withdrawn' using errcode = 'MSDP4'; end if;
  return v.version;
end $$;

-- One number for each element; or, with no units given, one for every unit that has none in use.
create function plaques_issue(unit_ids integer[], windows text[], state_ text, why_ text)
returns table (number text, unit_id integer, code text) language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
#variable_conflict use_column
declare
  v smallint := public.plaque_key_now();
begin
  perform public.plaque_keeper('{registry}');
  if state_ not in ('issued', 'active') or coalesce(cardinality(unit_ids), 0) > 500 then raise exception 'no such issue' using errcode = 'MSDP3'; end if;
  perform set_config('msd.plaque_why', coalesce(left(why_, 500), ''), true);
  lock table public.plaques in share row exclusive mode; -- two issues at once would both find the same units without one
  return query
    with w as materialized (
      select u.id, u.code, t.name, row_number() over (order by u.code collate "C", t.ord) as nth
      from (select x.id, x.name, x.ord from unnest(unit_ids, windows) with ordinality as x (id, name, ord) where unit_ids is not null
            union all
            select n.id, null, 0 from public.units n where unit_ids is null and n.kind = 'unit' and n.retired_on is null
              and not exists (select from public.plaques p where p.unit_id = n.id and p.state in ('issued', 'active'))) t
      join public.units u on u.id = t.id and u.retired_on is null),
    made as materialized (select w.*, public.plaque_number(nextval('public.plaque_serial')) as made from (select * from w order by nth) w),
    kept as (insert into public.plaques (number, unit_id, window_name, key_version, state)
      select m.made, m.id, nullif(m.name, ''), v, state_ from made m order by m.nth returning plaques.number)
    select m.made, m.id, m.code from made m join kept k on k.number = m.made order by m.nth;
end $$;

-- One step on one plaque. Empty texts are none. Returns the successor's number after `replace`, else null.
create function plaque_step(of_number text, act_ text, why_ text, result_ text, place_ text, lat_ float8, lon_ float8, photo_ bigint, successor_ text)
returns text language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  p public.plaques;
  who integer;
  next_ text;
  at_unit integer := public.plaque_unit(of_number);
begin
  if act_ = 'replace' then lock table public.plaques in share row exclusive mode; end if;
  who := public.plaque_keeper(case act_ when 'report' then '{registry,handler,unit_leader}' when 'inspect' then '{registry,supervisor}' else '{registry}' end::text[]);
  select * into p from public.plaques x where x.number = of_number for update;
  if not found or (act_ = 'report' and who > 0 and not public.i_am('{registry}') and at_unit is distinct from public.my_unit()) then
    raise exception 'no such plaque for this person' using errcode = 'MSDP2';
  end if;
  if photo_ is not null and not exists (select from public.plaque_photos f where f.id = photo_ and f.number = of_number) then
    raise exception 'no such photo of this plaque' using errcode = 'MSDP2';
  end if;
  perform set_config('msd.plaque_why', coalesce(left(why_, 500), ''), true);
  if not (case act_
      when 'activate' then p.state = 'issued' when 'place' then p.state in ('issued', 'active') when 'inspect' then p.state in ('issued', 'active')
      when 'report' then p.state in ('issued', 'active') when 'replace' then p.state in ('issued', 'active') when 'retire' then p.state in ('issued', 'active')
      when 'void' then p.state <> 'void' when 'revoke' then p.state in ('issued', 'active') else false end) then
    raise exception 'a plaque that is % cannot take the step %', p.state, act_ using errcode = 'MSDP3';
  end if;
  case act_
    when 'activate' then update public.plaques x set state = 'active' where x.number = of_number;
    when 'place' then
      if p.state = 'issued' then update public.plaques x set state = 'active' where x.number = of_number; end if;
      insert into public.plaque_acts (number, act, state, staff_id, why, place, photo) values (of_number, act_, 'active', nullif(who, 0), nullif(left(why_, 500), ''), place_, photo_);
      update public.plaque_walls w set place = coalesce(place_, w.place), photo = coalesce(photo_, w.photo), hung_at = now(), result = null, inspected_at = null,
        reported = null, reported_at = null, reprint_since = null where w.number = of_number;
      if lat_ is not null then update public.plaque_walls w set lat = lat_, lon = lon_ where w.number = of_number; end if;
    when 'inspect' then
      insert into public.plaque_acts (number, act, state, staff_id, why, result, photo) values (of_number, act_, p.state, nullif(who, 0), nullif(left(why_, 500), ''), result_, photo_);
      update public.plaque_walls w set result = result_, inspected_at = now(), reported = null, reported_at = null, photo = coalesce(photo_, w.photo) where w.number = of_number;
    when 'report' then
      insert into public.plaque_acts (number, act, state, staff_id, why, result, photo) values (of_number, act_, p.state, nullif(who, 0), nullif(left(why_, 500), ''), result_, photo_);
      update public.plaque_walls w set reported = result_, reported_at = now() where w.number = of_number;
    when 'replace', 'retire' then
      if act_ = 'replace' and successor_ is null then
        select i.number into next_ from public.plaques_issue(array[p.unit_id], array[p.window_name], 'issued', why_) i;
        perform set_config('msd.plaque_why', coalesce(left(why_, 500), ''), true);
      elsif act_ = 'replace' then
        select x.number into next_ from public.plaques x where x.number = successor_ and x.number <> of_number and x.state in ('issued', 'active');
        if next_ is null then raise exception 'the successor is not in use' using errcode = 'MSDP3'; end if;
      end if;
      update public.plaques x set state = 'retired', successor = next_ where x.number = of_number;
    when 'void' then update public.plaques x set state = 'void', successor = null where x.number = of_number;
    when 'revoke' then
      if public.plaque_key_now() <= p.key_version then raise exception 'the key must be changed first' using errcode = 'MSDP4'; end if;
      update public.plaques x set key_version = public.plaque_key_now() where x.number = of_number;
  end case;
  return next_;
end $$;

-- Whoever may report or inspect it may show it.
create function plaque_photo_may(of_number text) returns boolean language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select exists (select from public.plaques p where p.number = of_number)
    and (public.i_am('{registry,supervisor}') or (public.i_am('{handler,unit_leader}') and public.plaque_unit(of_number) = public.my_unit())) $$;
create function plaque_photo_add(of_number text, type_ text, w integer, h integer, bytes_ bytea)
returns bigint language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  fresh bigint;
begin
  if public.staff_now() = 0 or not public.plaque_photo_may(of_number) then raise exception 'no such plaque for this person' using errcode = 'MSDP2'; end if;
  insert into public.plaque_photos (number, staff_id, type, width, height, bytes) values (of_number, public.staff_now(), type_, w, h, bytes_) returning id into fresh;
  return fresh;
end $$;

-- A new version signs from now on. withdraw: that one is good for nothing any more; its plaques go on to the new one and are returned,
-- for they must be printed again. For the owner's tools alone.
create function plaque_key_rotate(withdraw smallint, why_ text)
returns table (version smallint, number text, code text, name text) language plpgsql volatile set search_path = pg_catalog, public, pg_temp as $$
#variable_conflict use_column
declare
  fresh smallint;
  moved bigint := 0;
begin
  lock table public.plaque_keys in share row exclusive mode;
  select max(k.version) + 1 into fresh from public.plaque_keys k;
  if fresh > 31 then raise exception 'the versions of the key are used up: a new master key is needed' using errcode = 'MSDP4'; end if;
  if withdraw is not null and not exists (select from public.plaque_keys k where k.version = withdraw and k.withdrawn_at is null) then
    raise exception 'version % was never used or is withdrawn already', withdraw using errcode = 'MSDP3';
  end if;
  insert into public.plaque_keys (version) values (fresh);
  if withdraw is not null then
    perform set_config('msd.plaque_why', left(why_, 500), true);
    update public.plaque_keys k set withdrawn_at = now(), why = left(why_, 300) where k.version = withdraw;
    return query
      with moved as (update public.plaques p set key_version = fresh where p.key_version = withdraw and p.state in ('issued', 'active') returning p.number, p.unit_id)
      select fresh, m.number, u.code, u.name from moved m join public.units u on u.id = m.unit_id order by u.code collate "C", m.number collate "C";
    get diagnostics moved = row_count;
  end if;
  if moved = 0 then return query select fresh, null::text, null::text, null::text; end if;
end $$;

-- ---- what is counted ------------------------------------------------------------------------------------------------------

-- Of a plaque and a day of China: how often it was scanned, a form opened, something sent. Nothing of who. Reports are not counted at
-- all, not even how many (P4). number '': tags that fit no plaque of ours.
create table plaque_days (
  number     text not null check (number = '' or number ~ '^[1-9][0-9]{5,8}$'),
  day        date not null,
  scans      integer not null default 0 check (scans >= 0),
  typed      integer not null default 0 check (typed >= 0),      -- opened by the number alone
  entries    integer not null default 0 check (entries >= 0),
  rates      integer not null default 0 check (rates >= 0),
  supervises integer not null default 0 check (supervises >= 0),
  asks       integer not null default 0 check (asks >= 0),
  forged     integer not null default 0 check (forged >= 0),     -- a tag that does not fit
  revoked    integer not null default 0 check (revoked >= 0),    -- one that did until it was withdrawn
  void       integer not null default 0 check (void >= 0),
  retired    integer not null default 0 check (retired >= 0),
  far        integer not null default 0 check (far >= 0),        -- sent from a point far from the wall
  primary key (number, day)
);
create index plaque_days_day on plaque_days (day);

create table plaque_alarms (
  id         bigint primary key generated always as identity,
  number     text not null,
  kind       text not null check (kind in ('forged', 'revoked', 'void', 'retired', 'far')),
  day        date not null,
  since      timestamptz not null default now(),
  seen_at    timestamptz not null default now(),
  count      bigint not null check (count > 0),
  settled_at timestamptz,
  settled_by integer references staff (id),
  note       text check (length(note) between 2 and 300),
  check ((settled_at is null) = (note is null)),
  constraint plaque_alarms_once_a_day unique (number, kind, day)
);
create unique index plaque_alarms_open on plaque_alarms (number, kind) where settled_at is null;

-- Adds what a gateway counted since the last time and raises what follows from it: one event for all, which names the first. after:
-- how many a day of forged, revoked, void, retired, far make an alarm. Rows are touched in one order by every gateway.
create function plaque_days_add(numbers text[], days integer[], counts integer[], after integer[])
returns bigint language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp set enable_seqscan = off as $$
declare
  r record; raised text[] := '{}'; kinds text[] := '{}';
begin
  for r in
    with t as (select x.number, date '1970-01-01' + x.day as day, counts[(x.ord::integer - 1) * 11 + 1 : x.ord::integer * 11] as c
               from unnest(numbers, days) with ordinality as x (number, day, ord)),
    s as (select * from t where t.number = '' or exists (select from public.plaques p where p.number = t.number) order by t.number, t.day),
    d as (insert into public.plaque_days as d (number, day, scans, typed, entries, rates, supervises, asks, forged, revoked, void, retired, far)
      select s.number, s.day, s.c[1], s.c[2], s.c[3], s.c[4], s.c[5], s.c[6], s.c[7], s.c[8], s.c[9], s.c[10], s.c[11] from s
      on conflict (number, day) do update set scans = d.scans + excluded.scans, typed = d.typed + excluded.typed, entries = d.entries + excluded.entries,
        rates = d.rates + excluded.rates, supervises = d.supervises + excluded.supervises, asks = d.asks + excluded.asks, forged = d.forged + excluded.forged,
        revoked = d.revoked + excluded.revoked, void = d.void + excluded.void, retired = d.retired + excluded.retired, far = d.far + excluded.far
      returning d.*)
    select d.number, d.day, k.kind, k.total, s.c[6 + k.ord::integer] as n, after[k.ord::integer] as threshold
    from d join s on s.number = d.number and s.day = d.day
      cross join lateral unnest(array['forged', 'revoked', 'void', 'retired', 'far'], array[d.forged, d.revoked, d.void, d.retired, d.far])
        with ordinality as k (kind, total, ord)
    where s.c[6 + k.ord::integer] > 0 order by d.number, k.ord, d.day
  loop
    update public.plaque_alarms a set count = a.count + r.n, seen_at = now() where a.number = r.number and a.kind = r.kind and a.settled_at is null;
    continue when found or r.total < r.threshold;
    insert into public.plaque_alarms (number, kind, day, count) values (r.number, r.kind, r.day, r.total) on conflict do nothing;
    if found then
      raised := raised || r.number;
      kinds := kinds || r.kind;
    end if;
  end loop;
  if cardinality(raised) > 0 then
    perform public.events_append(array['plaque.alarm'], array[null::bigint], array[null::integer], array[null::integer], array[false],
      array[jsonb_build_object('plaque', raised[1], 'alarm', kinds[1], 'alarms', cardinality(raised))]);
  end if;
  return cardinality(raised);
end $$;

create function plaque_alarm_settle(one bigint, note_ text) returns boolean language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  who integer := public.plaque_keeper('{registry}');
begin
  update public.plaque_alarms a set settled_at = now(), settled_by = nullif(who, 0), note = left(note_, 300) where a.id = one and a.settled_at is null;
  return found;
end $$;

-- For the unit itself: whole weeks that are over, the last twelve, and a number only from five on, so that nobody can be picked out.
create function plaque_weeks(of_number text)
returns table (week date, scans bigint, entries bigint, sent bigint) language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select w.week, w.scans, case when w.entries >= 5 then w.entries end, case when w.sent >= 5 then w.sent end
  from (select date_trunc('week', d.day)::date as week, sum(d.scans + d.typed)::bigint as scans, sum(d.entries)::bigint as entries,
               sum(d.rates + d.supervises + d.asks)::bigint as sent
        from public.plaque_days d
        where d.number = of_number and (select public.plaque_unit(of_number) = public.my_unit())
          and d.day < date_trunc('week', now() at time zone 'Asia/Shanghai')::date and d.day >= date_trunc('week', now() at time zone 'Asia/Shanghai')::date - 84
        group by 1) w
  where w.scans >= 5 order by w.week $$;

-- ---- rights ---------------------------------------------------------------------------------------------------------------

grant select on plaque_keys, plaque_walls to mashangdu_gateway;
grant select on plaque_keys, plaque_walls, plaque_photos, plaque_acts, plaque_days, plaque_alarms to mashangdu_staff;
alter table plaque_walls enable row level security;
alter table plaque_photos enable row level security;
create policy staff_sees on plaque_photos for select to mashangdu_staff using (
  (select plaque_reader()) or ((select i_am('{handler,unit_leader}')) and plaque_unit(number) = (select my_unit())));
alter table plaque_acts enable row level security;
alter table plaque_days enable row level security;
alter table plaque_alarms enable row level security;
create policy gateway on plaque_walls to mashangdu_gateway using (true);
create policy staff_sees on plaque_walls for select to mashangdu_staff using (
  (select plaque_reader()) or ((select i_am('{handler,unit_leader}')) and plaque_unit(number) = (select my_unit())));
create policy staff_sees on plaque_acts for select to mashangdu_staff using (
  (select plaque_reader()) or ((select i_am('{handler,unit_leader}')) and plaque_unit(number) = (select my_unit())));
-- Days are small enough to point at somebody: not for people of the unit where it hangs, whatever their post is.
create policy staff_sees on plaque_days for select to mashangdu_staff using (
  (select plaque_reader()) and plaque_unit(number) is distinct from (select my_home()) and plaque_unit(number) is distinct from (select my_unit()));
create policy staff_sees on plaque_alarms for select to mashangdu_staff using ((select plaque_reader()));
revoke execute on function plaques_recorded, plaque_keeper, plaque_reader, plaque_unit, plaque_key_now, plaques_issue, plaque_step, plaque_key_rotate, plaque_days_add,
  plaque_alarm_settle, plaque_weeks, plaque_photo_may, plaque_photo_add from public;
grant execute on function plaque_days_add to mashangdu_gateway;
grant execute on function plaque_reader, plaque_unit, plaques_issue, plaque_step, plaque_alarm_settle, plaque_weeks, plaque_photo_may, plaque_photo_add to mashangdu_staff;
