-- Units that are renamed, merged and split on a day. One person plans it, another confirms, and on its day (Asia/Shanghai, by the clock
-- of whichever gateway is there first) it takes force once: names, successors, plaques, posts, rules. Open cases follow by acts of the
-- clock (gateway/reforms.c), with their deadlines. Before its day nothing of it counts. Refusals:
--   MSDN1 the plan cannot be: the name of the constraint says why   MSDR1 no such change, or not in that state   MSDR3 another person does that

-- ---- names of earlier days ------------------------------------------------------------------------------------------------------

-- What a unit was called before `until`. The newest row says until when the name before today's was borne.
create table unit_names (
  id         bigint primary key generated always as identity,
  unit_id    integer not null references units (id),
  name       text not null,
  short_name text not null,
  until      date not null,               -- the first day on which it was no longer called so
  noted_at   timestamptz not null default now()
);
create index unit_names_unit on unit_names (unit_id, until, id);
create trigger history_is_fixed before update or delete or truncate on unit_names for each statement execute function history_is_fixed();

create function today_here() returns date language sql stable as $$ select (now() at time zone 'Asia/Shanghai')::date $$;
-- Whichever way a name changes: a reform says its own day.
create function unit_name_kept() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  insert into public.unit_names (unit_id, name, short_name, until)
    values (old.id, old.name, old.short_name, coalesce(nullif(current_setting('msd.reform_day', true), '')::date, public.today_here()));
  return null;
end $$;
create trigger unit_name_kept after update of name, short_name on units for each row
  when ((old.name, old.short_name) is distinct from (new.name, new.short_name)) execute function unit_name_kept();

create function unit_name_at(of_unit integer, at timestamptz, short boolean) returns text language sql stable as $$
  select coalesce((select case when short then n.short_name else n.name end from unit_names n
                   where n.unit_id = of_unit and n.until > (at at time zone 'Asia/Shanghai')::date order by n.until, n.id limit 1),
                  (select case when short then u.short_name else u.name end from units u where u.id = of_unit)) $$;

-- ---- plans ------------------------------------------------------------------------------------------------------------------------

-- plan, units by their codes:
--   rename {"unit": code, "name", "short_name"}
--   merge  {"units": [code …], "into": code}                           split {"unit": code, "into": code, "rules": [{"by", "value", "to": code} …]}
--   both   "new": [{"code", "name", "short_name"} …]  successors that do not exist yet, of the class and under the superior of the first unit
--          "posts": "move" | "end", and "post_rules": [{"post": id, "to": code or null} …] for those that go elsewhere
-- by: category (a code or its beginning), place (a word of the text), plaque (a number), unit (what stands below: it moves with its plaques).
-- into is where everything goes that no rule names.
create table unit_changes (
  id         bigint primary key generated always as identity,
  kind       text not null check (kind in ('rename', 'merge', 'split')),
  on_day     date not null,                                   -- the first day on which it counts
  plan       jsonb not null check (jsonb_typeof(plan) = 'object' and length(plan::text) <= 60000),
  document   text not null check (length(document) between 2 and 100),
  reason     text not null check (length(reason) between 2 and 400),
  state      text not null default 'proposed' check (state in ('proposed', 'confirmed', 'in_force', 'refused', 'withdrawn', 'cancelled')),
  author_id  integer not null references staff (id),
  made_at    timestamptz not null default now(),
  confirmer_id integer references staff (id),
  confirmed_at timestamptz,
  settled_at timestamptz,
  settled_by integer references staff (id),                   -- null while it waits, and when its day came
  why        text check (length(why) between 2 and 400),
  fault      text,                                            -- why its day came and it could not take force: the plan's fault, or what the database said
  check (confirmer_id <> author_id),
  check ((confirmer_id is null) = (confirmed_at is null)),
  check (state not in ('confirmed', 'in_force', 'cancelled') or confirmer_id is not null),
  check ((state in ('proposed', 'confirmed')) = (settled_at is null)),
  check (state <> 'refused' or settled_by <> author_id)
);
create index unit_changes_waiting on unit_changes (on_day, id) where state in ('proposed', 'confirmed');
-- What of a unit that was split went where; `into` of the plan is units.successor_id. Walls and routing read it.
create table unit_shares (
  unit_id   integer not null references units (id),
  ordinal   smallint not null,
  by        text not null check (by in ('category', 'place', 'plaque', 'unit')),
  value     text not null,
  heir_id   integer not null references units (id),
  change_id bigint not null references unit_changes (id),
  primary key (unit_id, ordinal)
);
create index unit_shares_heir on unit_shares (heir_id);
create trigger register_changed after insert or update or delete or truncate on unit_shares for each statement execute function register_changed();
-- A change that is confirmed may be due at once: the gateways look.
create trigger register_changed after insert or update of state on unit_changes for each statement execute function register_changed();
create constraint trigger desk_told after insert or update on unit_changes deferrable initially deferred for each row execute function desk_told('desk.register');

-- ---- who follows -------------------------------------------------------------------------------------------------------------------

create or replace function unit_heirs(of_unit integer) returns integer[] language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  with recursive h (id) as (select of_unit union
    select n.id from h, lateral (select u.successor_id as id from public.units u where u.id = h.id and u.successor_id is not null
                                 union all select s.heir_id from public.unit_shares s where s.unit_id = h.id) n)
  select array_agg(h.id) from h $$;
create or replace function my_walls() returns integer[] language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  with recursive w (id) as (select unnest(public.staff_ties(public.staff_now())) union
    select n.id from w, lateral (select u.id from public.units u where u.successor_id = w.id
                                 union all select s.unit_id from public.unit_shares s where s.heir_id = w.id) n)
  select coalesce(array_agg(w.id), '{}') from w $$;

-- What reports written at a plaque are walled by: also the ground of those whom one's units follow.
create or replace function my_ground() returns integer[] language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  with w as (select public.my_walls() as ids)
  select w.ids || array(select u.id from public.units u where u.kind = 'station' and u.parent_id = any (w.ids)) from w $$;
create or replace function audit_letter_walled(what text, told jsonb) returns boolean language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select what = 'look_letter' and exists (select from public.letters l where l.id = (told->>'letter')::bigint
                                          and (l.hidden_unit_ids || l.left_unit_ids) && public.my_walls()) $$;

-- Who has now what such a matter was of: along successors, by the rules of a split where one names it. of_case 0: no words are known.
create function unit_heir(of_unit integer, on_day date, of_category text, at_plaque text, of_case bigint) returns integer
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  at integer := of_unit;
  u public.units;
  next integer;
begin
  for depth in 1 .. 32 loop
    select * into u from public.units x where x.id = at;
    exit when not found or u.retired_on is null or u.retired_on > on_day or u.successor_id is null;
    select s.heir_id into next from public.unit_shares s
      where s.unit_id = at and case s.by
        when 'category' then starts_with(of_category, s.value)
        when 'plaque' then s.value = at_plaque
        when 'unit' then exists (select from public.plaques p join public.units b on b.id = p.unit_id where p.number = at_plaque and b.code = s.value)
        when 'place' then exists (select from public.feedback f where f.case_id = of_case and position(s.value in f.masked) > 0) end
      order by s.ordinal limit 1;
    at := coalesce(next, u.successor_id);
  end loop;
  return at;
end $$;

-- What a plaque says now: the heir of a retired unit that it hangs for.
create view plaque_heirs as
  select p.number, unit_heir(u.id, today_here(), '', p.number, 0) as heir_id
  from plaques p join units u on u.id = p.unit_id where u.successor_id is not null;

-- Open cases whose unit is gone, or with whom a gone unit works, and the act of the clock that makes them follow. A report whose heir is
-- the unit that it names goes to the discipline unit, or to the triage desk where that is named itself.
create function cases_to_follow(on_day date, most integer) returns table (case_id bigint, act text, unit_id integer, reason text)
  language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  with gone as (select u.id, u.short_name from public.units u where u.successor_id is not null and u.retired_on <= on_day),
  lead as (
    select c.id, g.short_name as was, c.about_unit_id as about, c.nature = 'report' or c.confidential as walled,
           public.unit_heir(g.id, on_day, c.category, (select f.plaque from public.feedback f where f.case_id = c.id order by f.id limit 1), c.id) as heir
    from gone g join public.cases c on c.unit_id = g.id and c.state in ('assigned', 'handling', 'replied', 'verifying')
    order by c.id limit most),
  safe as (
    select l.*, l.walled and l.about is not null and l.heir = any (public.unit_heirs(l.about)) as hits,
           (select d.id from unnest(array[public.seal_discipline(), (select u.id from public.units u where u.code = 'U000')]) d (id)
            where d.id is not null and d.id <> all (coalesce(public.unit_heirs(l.about), '{}')) limit 1) as desk
    from lead l),
  beside as (
    select c.id, g.short_name as was, public.unit_heir(g.id, on_day, c.category, null, c.id) as heir
    from gone g join public.case_units cu on cu.unit_id = g.id
      join public.cases c on c.id = cu.case_id and c.state in ('assigned', 'handling', 'replied', 'verifying')
    where not exists (select from gone x where x.id = c.unit_id)
      and not ((c.nature = 'report' or c.confidential) and c.about_unit_id is not null
               and public.unit_heir(g.id, on_day, c.category, null, c.id) = any (public.unit_heirs(c.about_unit_id)))
      and public.unit_heir(g.id, on_day, c.category, null, c.id) <> c.unit_id
      and not exists (select from public.case_units o where o.case_id = c.id and o.unit_id = public.unit_heir(g.id, on_day, c.category, null, c.id))
    order by c.id limit most)
  select s.id, 'follow', case when s.hits then s.desk else s.heir end,
         case when s.hits then '原承办单位' || s.was || '已并入或拆入被反映的单位，按规定由其他单位办理'
              else '机构调整：' || s.was || '的职责由' || n.short_name || '承接，时限不变' end
  from safe s join public.units n on n.id = s.heir where case when s.hits then s.desk else s.heir end is not null
  union all
  select b.id, 'co_assign', b.heir, '机构调整：会办单位' || b.was || '的职责由' || n.short_name || '承接'
  from beside b join public.units n on n.id = b.heir $$;

-- ---- looking at a plan ---------------------------------------------------------------------------------------------------------------

create function units_keeper() returns boolean language sql stable security definer set search_path = pg_catalog, public, pg_temp as
$$ select public.i_am('{admin,registry}') $$;
create function unit_fault(what text) returns void language plpgsql as $$
begin
  raise exception 'the plan cannot be: %', what using errcode = 'MSDN1', constraint = what;
end $$;
create function unit_coded(of_code text) returns public.units language sql stable security definer set search_path = pg_catalog, public, pg_temp as
$$ select u from public.units u where u.code = of_code and u.retired_on is null and u.kind in ('unit', 'station') $$;

-- Ends with a fault, or not at all.
create function unit_plan_check(kind_ text, plan_ jsonb, day_ date, own bigint) returns void language plpgsql stable security definer
  set search_path = pg_catalog, public, pg_temp as $$
declare
  old constant text[] := case when jsonb_typeof(plan_->'units') = 'array' then array(select jsonb_array_elements_text(plan_->'units')) else array[plan_->>'unit'] end;
  fresh constant jsonb := coalesce(plan_->'new', '[]');
  codes text[];
  x jsonb;
begin
  if kind_ not in ('rename', 'merge', 'split') or cardinality(old) not between 1 and 20 or kind_ <> 'merge' and cardinality(old) <> 1
     or exists (select from unnest(old) o where o is null or public.unit_coded(o) is null)
     or (select count(distinct o) from unnest(old) o) <> cardinality(old) then perform public.unit_fault('unit'); end if;
  if day_ is null or day_ not between public.today_here() - 3660 and public.today_here() + 3660 then perform public.unit_fault('day'); end if;
  if exists (select from public.unit_changes c, lateral (select jsonb_array_elements_text(coalesce(c.plan->'units', jsonb_build_array(c.plan->>'unit'))) as code
                union all select c.plan->>'into') o
             where c.state in ('proposed', 'confirmed') and c.id <> own and o.code = any (old || coalesce(plan_->>'into', ''))) then
    perform public.unit_fault('waits');
  end if;
  if kind_ = 'rename' then
    if coalesce(length(btrim(plan_->>'name')), 0) not between 2 and 100 or coalesce(length(btrim(plan_->>'short_name')), 0) not between 1 and 60
       or exists (select from public.units u where u.code <> old[1] and u.retired_on is null and u.name = btrim(plan_->>'name')) then perform public.unit_fault('name'); end if;
    return;
  end if;
  if exists (select from public.units u where u.code = any (old) and (u.code = 'U000' or u.code in (select r.unit from public.seal_rules r)
             or exists (select from public.routing_words w where w.kind = 'desk' and w.value = u.code))) then perform public.unit_fault('desk'); end if;
  if jsonb_typeof(fresh) <> 'array' or jsonb_array_length(fresh) > 20 then perform public.unit_fault('new'); end if;
  for x in select * from jsonb_array_elements(fresh) loop
    if coalesce(x->>'code', '') !~ '^U[0-9]{3,5}$' or exists (select from public.units u where u.code = x->>'code')
       or coalesce(length(btrim(x->>'name')), 0) not between 2 and 100 or coalesce(length(btrim(x->>'short_name')), 0) not between 1 and 60
       or exists (select from public.units u where u.retired_on is null and u.code <> all (old) and u.name = btrim(x->>'name')) then perform public.unit_fault('new'); end if;
  end loop;
  codes := array(select distinct e->>'code' from jsonb_array_elements(fresh) e);
  if cardinality(codes) <> jsonb_array_length(fresh) then perform public.unit_fault('new'); end if;
  -- Whoever follows is there and is none of those that go; a station follows stations alone.
  for x in select jsonb_build_object('to', plan_->>'into') union all select * from jsonb_array_elements(case kind_ when 'split' then coalesce(plan_->'rules', '[]') else '[]' end)
           union all select * from jsonb_array_elements(coalesce(plan_->'post_rules', '[]')) p where p->>'to' is not null loop
    if x->>'to' is null or x->>'to' = any (old)
       or x->>'to' <> all (codes) and (public.unit_coded(x->>'to') is null
          or (public.unit_coded(x->>'to')).kind = 'station' and exists (select from public.units u where u.code = any (old) and u.kind <> 'station'))
       -- What stands below one that goes cannot lead it.
       or exists (select from public.units b join public.units o on o.id = b.parent_id where b.code = x->>'to' and o.code = any (old)) then
      perform public.unit_fault('successor');
    end if;
  end loop;
  if kind_ = 'split' then
    if coalesce(jsonb_array_length(plan_->'rules'), 0) not between 1 and 200 then perform public.unit_fault('rules'); end if;
    for x in select * from jsonb_array_elements(plan_->'rules') loop
      if not coalesce(case x->>'by'
           when 'category' then exists (select from public.categories k where starts_with(k.code, x->>'value'))
           when 'plaque' then exists (select from public.plaques p join public.units u on u.id = p.unit_id left join public.units s on s.id = u.parent_id
                                      where p.number = x->>'value' and (u.code = old[1] or u.kind = 'station' and s.code = old[1]))
           when 'unit' then exists (select from public.units b join public.units o on o.id = b.parent_id where b.code = x->>'value' and o.code = old[1])
           when 'place' then length(x->>'value') between 2 and 40 end, false) then perform public.unit_fault('rules'); end if;
    end loop;
  end if;
  if coalesce(plan_->>'posts', '') not in ('move', 'end') or exists (select from jsonb_array_elements(coalesce(plan_->'post_rules', '[]')) r
       where not exists (select from public.posts p join public.units u on u.id = p.unit_id where p.id = (r->>'post')::integer and u.code = any (old))) then
    perform public.unit_fault('posts');
  end if;
end $$;

-- What would move, as far as the register has it. Open cases are counted by unit_cases_seen, under what the asker may see.
create function unit_plan_effect(kind_ text, plan_ jsonb) returns jsonb language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  with old as (select u.* from public.units u where public.units_keeper() and u.code = any (case when jsonb_typeof(plan_->'units') = 'array'
                 then array(select jsonb_array_elements_text(plan_->'units')) else array[plan_->>'unit'] end)),
  below as (select b.* from public.units b join old o on o.id = b.parent_id where b.retired_on is null)
  select jsonb_build_object(
    'plaques', (select count(*) from public.plaques p where p.state in ('issued', 'active') and (p.unit_id in (select id from old) or kind_ = 'rename' and p.unit_id in (select id from below))),
    'posts', (select coalesce(jsonb_agg(jsonb_build_object('id', p.id, 'title', p.title, 'name', s.name, 'unit', o.short_name) order by p.id), '[]')
              from public.posts p join old o on o.id = p.unit_id join public.staff s on s.id = p.staff_id where p.ends_at is null or p.ends_at > now()),
    'below', (select coalesce(jsonb_agg(jsonb_build_object('code', b.code, 'name', b.short_name) order by b.code), '[]') from below b),
    'names', (select coalesce(jsonb_agg(n order by n), '[]') from (select unnest(array[o.name, o.short_name] || o.aliases) as n from old o) t),
    'categories', (select coalesce(jsonb_agg(jsonb_build_object('code', k.code, 'name', k.name) order by k.code), '[]') from public.categories k where k.default_unit_id in (select id from old)),
    'words', (select count(*) from public.routing_words w where w.kind in ('unit', 'place') and w.value in (select code from old))) $$;
-- Null for whoever sees no cases at work.
create function unit_cases_seen(plan_ jsonb) returns jsonb language sql stable as $$
  select case when i_am('{coordinator,supervisor,accountability,registry,callback,leader}') then
    (select to_jsonb(count(*)) from cases c join units u on u.id = c.unit_id where c.state in ('discovered', 'assigned', 'handling', 'replied', 'verifying')
       and u.code = any (case when jsonb_typeof(plan_->'units') = 'array' then array(select jsonb_array_elements_text(plan_->'units')) else array[plan_->>'unit'] end))
    else 'null' end $$;
create function unit_change_preview(kind_ text, plan_ jsonb, day_ date, own bigint) returns jsonb language plpgsql stable security definer
  set search_path = pg_catalog, public, pg_temp as $$
begin
  if not public.units_keeper() then raise exception 'units are kept by others' using errcode = 'MSD35'; end if;
  perform public.unit_plan_check(kind_, plan_, day_, own);
  return public.unit_plan_effect(kind_, plan_);
end $$;

create function unit_change_shown(c unit_changes) returns jsonb language sql stable as $$
  select jsonb_build_object('id', c.id, 'kind', c.kind, 'on', c.on_day, 'plan', c.plan, 'document', c.document, 'reason', c.reason, 'state', c.state,
    'author', (select s.name from staff s where s.id = c.author_id), 'mine', c.author_id = staff_now(), 'made_at', c.made_at,
    'confirmer', (select s.name from staff s where s.id = c.confirmer_id), 'confirmed_at', c.confirmed_at, 'settled_at', c.settled_at, 'why', c.why, 'fault', c.fault,
    'names', (select coalesce(jsonb_object_agg(u.code, unit_name_at(u.id, (c.on_day::timestamp at time zone 'Asia/Shanghai') - interval '1 hour', true)), '{}') from units u
              where u.code in (c.plan->>'unit', c.plan->>'into') or c.plan->'units' ? u.code)) $$;

-- ---- steps -----------------------------------------------------------------------------------------------------------------------------

create function unit_change_told(what text, of_change bigint, told jsonb) returns void language sql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
  insert into public.audit_log (staff_id, action, detail) values (nullif(public.staff_now(), 0), what, jsonb_build_object('change', of_change) || told) $$;

create function unit_change_add(b jsonb) returns jsonb language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  c public.unit_changes;
begin
  if not public.units_keeper() then raise exception 'units are kept by others' using errcode = 'MSD35'; end if;
  perform pg_advisory_xact_lock(7310022042);
  perform public.unit_plan_check(b->>'kind', b->'plan', (b->>'on')::date, 0);
  insert into public.unit_changes (kind, on_day, plan, document, reason, author_id)
    values (b->>'kind', (b->>'on')::date, b->'plan', btrim(b->>'document'), btrim(b->>'reason'), public.staff_now()) returning * into c;
  perform public.unit_change_told('unit_change_proposed', c.id, jsonb_build_object('kind', c.kind, 'on', c.on_day, 'document', c.document, 'plan', c.plan));
  return public.unit_change_shown(c);
end $$;

-- confirm and refuse are another person's, withdraw is the author's, cancel is anybody's of them before its day.
create function unit_change_step(id_ bigint, step text, why_ text) returns jsonb language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  c public.unit_changes;
  next text;
begin
  if not public.units_keeper() then raise exception 'units are kept by others' using errcode = 'MSD35'; end if;
  perform pg_advisory_xact_lock(7310022042);
  select * into c from public.unit_changes x where x.id = id_ for update;
  next := case step || ' ' || c.state when 'confirm proposed' then 'confirmed' when 'refuse proposed' then 'refused' when 'withdraw proposed' then 'withdrawn'
    when 'cancel confirmed' then 'cancelled' end;
  if next is null then raise exception 'change % is not there for %', id_, step using errcode = 'MSDR1'; end if;
  if next in ('confirmed', 'refused') and c.author_id = public.staff_now() or next = 'withdrawn' and c.author_id <> public.staff_now() then
    raise exception 'change % is not for this person to %', id_, step using errcode = 'MSDR3';
  end if;
  if next = 'confirmed' then perform public.unit_plan_check(c.kind, c.plan, c.on_day, c.id); end if;
  if next in ('refused', 'cancelled') and length(btrim(why_)) < 2 or next in ('refused', 'cancelled') and why_ is null then perform public.unit_fault('why'); end if;
  update public.unit_changes x set state = next, why = nullif(btrim(why_), ''),
      confirmer_id = case next when 'confirmed' then public.staff_now() else x.confirmer_id end,
      confirmed_at = case next when 'confirmed' then now() else x.confirmed_at end,
      settled_at = case when next <> 'confirmed' then now() end, settled_by = case when next <> 'confirmed' then public.staff_now() end
    where x.id = id_ returning * into c;
  perform public.unit_change_told('unit_change_' || next, id_, jsonb_build_object('why', c.why));
  return public.unit_change_shown(c);
end $$;

-- ---- its day ---------------------------------------------------------------------------------------------------------------------------

create function unit_change_do(c unit_changes) returns void language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  old constant text[] := case when jsonb_typeof(c.plan->'units') = 'array' then array(select jsonb_array_elements_text(c.plan->'units')) else array[c.plan->>'unit'] end;
  gone integer[];
  into_ integer;
  x record;
  made integer;
begin
  perform set_config('msd.reform_day', c.on_day::text, true), set_config('msd.importer', left(c.document, 100), true), set_config('msd.note', c.reason, true);
  select array_agg(u.id order by array_position(old, u.code)) into gone from public.units u where u.code = any (old);
  perform from public.units u where u.id = any (gone) order by u.id for no key update;
  if c.kind = 'rename' then
    update public.units u set name = btrim(c.plan->>'name'), short_name = btrim(c.plan->>'short_name'),
        aliases = array(select distinct a from unnest(u.aliases || array[u.name, u.short_name]) a
                        where a not in (btrim(c.plan->>'name'), btrim(c.plan->>'short_name')) order by a)
      where u.id = gone[1];
    return;
  end if;
  insert into public.units (code, kind, name, short_name, class, station_group, parent_id, since)
    select e.code, case u.kind when 'station' then 'station' else 'unit' end, btrim(e.name), btrim(e.short_name), u.class, u.station_group, u.parent_id, c.on_day
    from jsonb_to_recordset(coalesce(c.plan->'new', '[]')) as e (code text, name text, short_name text), public.units u where u.id = gone[1];
  select u.id into into_ from public.units u where u.code = c.plan->>'into';
  insert into public.unit_shares (unit_id, ordinal, by, value, heir_id, change_id)
    select gone[1], r.ord, r.e->>'by', r.e->>'value', u.id, c.id
    from jsonb_array_elements(case c.kind when 'split' then c.plan->'rules' else '[]' end) with ordinality as r (e, ord) join public.units u on u.code = r.e->>'to';
  -- What stands below goes to its heir before its superior goes.
  update public.units b set parent_id = coalesce((select s.heir_id from public.unit_shares s where s.unit_id = b.parent_id and s.by = 'unit' and s.value = b.code limit 1), into_)
    where b.parent_id = any (gone) and b.retired_on is null;
  update public.units u set retired_on = c.on_day, successor_id = into_ where u.id = any (gone);
  update public.categories k set default_unit_id = coalesce((select s.heir_id from public.unit_shares s where s.unit_id = k.default_unit_id and s.by = 'category'
        and starts_with(k.code, s.value) order by s.ordinal limit 1), into_) where k.default_unit_id = any (gone)
      -- What a word of the text decides stays with the old unit: the router follows it from there.
      and not exists (select from public.unit_shares s where s.unit_id = k.default_unit_id and s.by = 'place'
                      and not exists (select from public.unit_shares o where o.unit_id = s.unit_id and o.by = 'category' and starts_with(k.code, o.value)));
  -- What nobody has yet is only thought of for a unit: no act, it waits at the desk as before.
  update public.cases k set unit_id = h.id from public.cases o, lateral (select public.unit_heir(o.unit_id, c.on_day, o.category,
        (select f.plaque from public.feedback f where f.case_id = o.id order by f.id limit 1), o.id) as id) h
    where k.id = o.id and o.state = 'discovered' and o.unit_id = any (gone)
      and not ((o.nature = 'report' or o.confidential) and o.about_unit_id is not null and h.id = any (public.unit_heirs(o.about_unit_id)));
  -- A post stays what it was: the old one ends, and one of the same title and roles begins. The new one first, so that nobody falls out of
  -- the own session between them; at the limit of posts the old one first.
  for x in select p.*, case when r.e is null then case c.plan->>'posts' when 'move' then into_ end else (select u.id from public.units u where u.code = r.e->>'to') end as heir,
                  (select count(*) from public.posts o where o.staff_id = p.staff_id and (o.ends_at is null or o.ends_at > now())) >= 8 as full_up
           from public.posts p left join lateral (select e from jsonb_array_elements(coalesce(c.plan->'post_rules', '[]')) e where (e->>'post')::integer = p.id limit 1) r on true
           where p.unit_id = any (gone) and (p.ends_at is null or p.ends_at > now()) order by p.id loop
    if x.full_up or x.heir is null then update public.posts p set ends_at = greatest(now(), p.begins_at) where p.id = x.id; end if;
    if x.heir is null then continue; end if;
    insert into public.posts (staff_id, unit_id, title, begins_at, ends_at, made_by) values (x.staff_id, x.heir, x.title, greatest(now(), x.begins_at), x.ends_at, c.confirmer_id)
      returning posts.id into made;
    insert into public.post_roles (post_id, role) select made, r.role from public.post_roles r where r.post_id = x.id;
    update public.staff_sessions ss set post_id = made where ss.post_id = x.id and ss.ended_at is null and x.begins_at <= now();
    if not x.full_up then update public.posts p set ends_at = greatest(now(), p.begins_at) where p.id = x.id; end if;
  end loop;
  -- Where somebody comes from is now a part of the heir: what is walled off from that one is walled off from them.
  update public.staff s set home_unit_id = coalesce((select p.unit_id from public.posts p where p.staff_id = s.id and p.unit_id = any (public.unit_heirs(s.home_unit_id))
        and p.unit_id <> s.home_unit_id and (p.ends_at is null or p.ends_at > now()) order by p.id desc limit 1), into_)
    where s.home_unit_id = any (gone);
end $$;

-- Puts what is due into force, one a call: true when there was one. Called by the gateways; `skip locked` and the state make it once.
create function unit_change_due(on_day_ date) returns boolean language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  c public.unit_changes;
  cause text;
begin
  select * into c from public.unit_changes x where x.state = 'confirmed' and x.on_day <= on_day_ and x.fault is null order by x.on_day, x.id limit 1 for update skip locked;
  if not found then return false; end if;
  perform pg_advisory_xact_lock(7310022027); -- imports take the same
  begin
    perform public.unit_plan_check(c.kind, c.plan, c.on_day, c.id);
    perform public.unit_change_do(c);
    update public.unit_changes x set state = 'in_force', settled_at = now() where x.id = c.id;
    perform public.unit_change_told('unit_change_in_force', c.id, jsonb_build_object('kind', c.kind, 'on', c.on_day, 'plan', c.plan));
  exception when others then
    if left(sqlstate, 2) in ('40', '55', '57') then raise; end if; -- somebody was in the way: the next look
    get stacked diagnostics cause = constraint_name;
    cause := coalesce(nullif(cause, ''), sqlerrm);
    update public.unit_changes x set fault = left(cause, 200) where x.id = c.id; -- stays confirmed: a person cancels it and plans again
    perform public.unit_change_told('unit_change_failed', c.id, jsonb_build_object('fault', left(cause, 200)));
  end;
  return true;
end $$;

-- ---- acts ------------------------------------------------------------------------------------------------------------------------------

insert into act_rules (act, post, confidential, not_author, not_asker, outside) values
  ('follow', 'clock', false, false, false, false), ('co_assign', 'clock', false, false, false, false);

-- As in 0028, with a unit's successors beside it, and a case that followed is handled by the unit that it followed to.
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
  -- A unit that goes leaves its cases to its heir, never to the one that a report names.
  if new.act in ('follow', 'co_assign') and (c.confidential or c.nature = 'report') and new.unit_id = any (public.unit_heirs(c.about_unit_id)) then
    raise exception 'a report never goes to the unit it names' using errcode = 'MSD32';
  end if;
  if new.actor <> 'staff' then return new; end if;

  if new.staff_id <> me or not public.i_am(array[new.role]) then
    raise exception 'person % does not act here as %', new.staff_id, new.role using errcode = 'MSD30';
  end if;
  mine := public.my_unit();
  home := public.my_home();
  others := array_remove(array_remove(public.my_ties(), mine), home);
  select case when a.act in ('assign', 'follow') then coalesce(case when u.kind = 'station' then u.parent_id end, u.id) end into handling
    from public.acts a left join public.units u on u.id = a.unit_id
    where a.case_id = new.case_id and a.version < new.version and a.act in ('assign', 'follow', 'return_grant') order by a.version desc limit 1;
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
  if public.unit_heirs(c.about_unit_id) && others
     or (c.about_unit_id is not null and (home = any (public.unit_heirs(c.about_unit_id)) or (mine = any (public.unit_heirs(c.about_unit_id)) and not own_work))
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

-- ---- rights -----------------------------------------------------------------------------------------------------------------------------

alter table unit_names enable row level security;
alter table unit_changes enable row level security;
alter table unit_shares enable row level security;
create policy gateway on unit_names for select to mashangdu_gateway using (true);
create policy staff_sees on unit_names for select to mashangdu_staff using (true);
create policy gateway on unit_shares for select to mashangdu_gateway using (true);
create policy staff_sees on unit_changes for select to mashangdu_staff using ((select i_am('{admin,registry,security,auditor}')));
grant select on unit_names, unit_shares, plaque_heirs to mashangdu_gateway;
grant select on unit_names, unit_changes to mashangdu_staff;
revoke execute on function unit_name_kept, unit_heir, cases_to_follow, units_keeper, unit_coded, unit_plan_check, unit_plan_effect, unit_change_preview, unit_change_told,
  unit_change_add, unit_change_step, unit_change_do, unit_change_due from public;
grant execute on function unit_heir, cases_to_follow, unit_change_due to mashangdu_gateway;
grant execute on function unit_change_preview, unit_cases_seen, unit_change_add, unit_change_step to mashangdu_staff;
