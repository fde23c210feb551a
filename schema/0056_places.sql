-- Bursts about one place: a street, a crossing, a compound and its buildings, a village, a park. Many people tell of one place through different
-- channels, of one matter or of several (no water, low pressure, a broken cover), and the router sends them to different units: no burst of a
-- unit and category sees that.

-- Which places a case's words name (core/placename), beside its bands; of whatever is not in twin_texts there is nothing here either. Never a
-- household (P11). No person of the staff reads this table.
create table twin_places (
  case_id bigint not null references cases (id),
  place   text not null check (length(place) between 1 and 40),   -- the key: one however it is told
  label   text not null check (length(label) between 1 and 40),   -- as these words have it
  town    text check (length(town) between 1 and 8),              -- null: they name none
  narrow  boolean not null,                                       -- a crossing or a building
  at      timestamptz not null,                                   -- when the case was opened
  primary key (case_id, place)
);
create index twin_places_place on twin_places (place, at) include (town);
create index twin_places_at on twin_places (at);
alter table twin_places enable row level security;
create policy gateway on twin_places to mashangdu_gateway using (true) with check (true);
grant select, insert, update, delete on twin_places to mashangdu_gateway;

-- Texts from before this migration have no places yet: the follower goes from here downwards, some at a time; 0: all have.
alter table twin_mark add column places_below bigint not null default 0;
update twin_mark set places_below = coalesce((select max(t.case_id) + 1 from twin_texts t), 0);

-- As in 0041, with the places.
create or replace function twins_forget(one bigint) returns void language sql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
  delete from public.twin_bands b using public.twin_texts t where t.case_id = one and b.case_id = one and b.band = any (t.bands);
  delete from public.twin_places p where p.case_id = one;
  delete from public.twin_texts t where t.case_id = one;
$$;

-- --- bursts ---

-- Of a place: no one unit, but those that have cases of it, or are thought of, and what they are about, the commonest first. n, most, told are people.
alter table bursts alter column unit_id drop not null, add column place text, add column town text, add column label text,
  add column unit_ids integer[] not null default '{}', add column categories text[] not null default '{}',
  drop constraint bursts_kind_check, drop constraint bursts_kind,
  add constraint bursts_kind_check check (kind in ('matter', 'window', 'place')),
  add constraint bursts_kind check ((kind = 'window') = (plaque is not null) and (kind = 'matter') = (category is not null)
    and (kind = 'place') = (place is not null) and (kind = 'place') = (label is not null) and (kind = 'place') = (unit_id is null));
drop index bursts_open;
create unique index bursts_open on bursts (kind, coalesce(unit_id, 0), coalesce(plaque, ''), coalesce(category, ''), coalesce(place, ''), coalesce(town, ''))
  where ended_at is null;
-- The policy of 0041 shows a burst of a place to those alone who see every case that counts in it: a unit would learn from it what was told of others.

create or replace function burst_told(b bursts, what text) returns void language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  perform public.events_append(array['burst.' || what], array[null::bigint], array[b.unit_id], array[null::integer], array[false],
    array[jsonb_build_object('id', b.id, 'kind', b.kind, 'n', b.n, 'usual', round(b.usual::numeric, 1), 'hours', b.hours, 'urgent', b.urgent,
      'category', (select jsonb_build_object('code', c.code, 'name', c.name) from public.categories c where c.code = b.category),
      'window', (select p.window_name from public.plaques p where p.number = b.plaque),
      'place', case when b.kind = 'place' then b.label || coalesce('（' || b.town || '）', '') end)]);
end $$;

-- Who tells of a place, and how: one row for each case that counts. What is confidential, held or a report never does, nor what is not parted yet
-- (0047): some who see the burst may not see that one. Without a number left behind each case is somebody else. A burst without a town counts
-- every town's: none was named when it began; one with a town also counts those who name none.
create function place_told(place_ text, town_ text, from_at timestamptz, to_at timestamptz)
returns table (case_id bigint, person bytea, level smallint, opened_at timestamptz, label text, unit_id integer, category text)
language plpgsql stable rows 100 security definer set search_path = pg_catalog, public, pg_temp set enable_seqscan = off as $$
begin
  return query
  select c.id, coalesce((select x.person from public.feedback f join public.feedback_contacts x on x.feedback_id = f.id where f.case_id = c.id order by f.id limit 1),
      int8send(c.id)), c.level, c.opened_at, p.label,
      -- Nobody has it yet: who is thought of, not the triage desk.
      case when c.state = 'discovered' then coalesce((select public.route_said_unit(f.decision) from public.feedback f where f.case_id = c.id order by f.received_at, f.id limit 1), c.unit_id)
           else c.unit_id end, c.category
    from public.twin_places p join public.cases c on c.id = p.case_id
    where p.place = place_ and p.at > from_at and p.at <= to_at and (town_ is null or p.town is null or p.town = town_)
      and not c.confidential and not c.held and not c.mixed and c.mixed_unit_id is null and c.nature not in ('report', 'rate');
end $$;

-- What a burst of a place says of it now: people, what they call it (the longest ending that more than half of them use), units and categories.
create function place_burst(place_ text, town_ text, from_at timestamptz, to_at timestamptz,
  out n integer, out urgent integer, out last_at timestamptz, out label text, out unit_ids integer[], out categories text[])
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp set jit = off as $$
begin
  with told as materialized (select * from public.place_told(place_, town_, from_at, to_at)),
  people as (select count(distinct t.person)::integer as n, (count(distinct t.person) filter (where t.level = 1))::integer as urgent, max(t.opened_at) as last_at from told t),
  endings as (
    select right(t.label, k) as ending from told t cross join generate_series(greatest(2, length(place_) - 1), length(t.label)) k
    group by right(t.label, k) having count(distinct t.person) * 2 > (select p.n from people p) order by length(right(t.label, k)) desc, 1 limit 1)
  select p.n, p.urgent, p.last_at, coalesce((select e.ending from endings e), place_),
      coalesce((select array_agg(u.id order by u.many desc, u.id) from (select t.unit_id as id, count(*) as many from told t group by t.unit_id order by 2 desc, 1 limit 12) u), '{}'),
      coalesce((select array_agg(k.code order by k.many desc, k.code) from (select t.category as code, count(*) as many from told t group by t.category order by 2 desc, 1 limit 12) k), '{}')
    into n, urgent, last_at, label, unit_ids, categories from people p;
end $$;

-- How many cases name a place in such a stretch, over four weeks before, or over so much as is known of them. Asked at every look of every place that
-- is spoken of much, so it counts cases by the index alone, where the burst counts people.
create function place_usual(place_ text, town_ text, before timestamptz, hours_ integer) returns double precision
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp set enable_seqscan = off as $$
declare
  since constant timestamptz := greatest(before - interval '28 days', least(before - interval '7 days', (select min(p.at) from public.twin_places p)));
begin
  return (select count(*) from public.twin_places p where p.place = place_ and p.at > since and p.at <= before and (town_ is null or p.town is null or p.town = town_))
    * hours_ * 3600 / extract(epoch from before - since);
end $$;

-- Places of which enough people told in the last hours, that no burst is about yet. Of a crossing and its street, a building and its compound, one: the
-- narrow one when most who name the wide one name it; when most cases that name one place name another of which there is a burst, that one is enough.
create function places_new(now_ timestamptz, hours_ integer, least_ integer, times double precision)
returns setof bursts language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp set enable_seqscan = off set jit = off as $$
declare
  from_ constant timestamptz := now_ - make_interval(hours => hours_);
  f record;
  k record;
  b public.bursts;
  often double precision;
begin
  for f in
    with busy as materialized (select p.place from public.twin_places p where p.at > from_ and p.at <= now_ group by p.place having count(*) * 2 >= least_),
    recent as materialized (
      select p.place, p.town, p.narrow, c.id, c.level,
        coalesce((select x.person from public.feedback y join public.feedback_contacts x on x.feedback_id = y.id where y.case_id = c.id order by y.id limit 1), int8send(c.id)) as person
      from busy join public.twin_places p on p.place = busy.place join public.cases c on c.id = p.case_id
      where p.at > from_ and p.at <= now_ and not c.confidential and not c.held and not c.mixed and c.mixed_unit_id is null and c.nature not in ('report', 'rate')),
    -- Who names no town means the one that others name, if it is one.
    in_towns as (select r.place, r.narrow, r.id, r.level, r.person,
        case when min(r.town) over w = max(r.town) over w then min(r.town) over w else r.town end as town from recent r window w as (partition by r.place))
    select t.place, t.town, count(distinct t.person) + count(distinct t.person) filter (where t.level = 1) as weight,
      array_agg(t.id) as ids from in_towns t
    group by t.place, t.town having count(distinct t.person) + count(distinct t.person) filter (where t.level = 1) >= least_
    order by count(distinct t.person) * case when bool_or(t.narrow) then 1.5 else 1 end desc, t.place, t.town
  loop
    continue when exists (select from public.bursts x where x.kind = 'place' and x.ended_at is null and x.place = f.place
      and (x.town is null or f.town is null or x.town = f.town));
    often := public.place_usual(f.place, f.town, from_, hours_);
    continue when f.weight < times * often;
    continue when exists (select from public.twin_places p join public.bursts x on x.kind = 'place' and x.ended_at is null and x.place = p.place
      and (x.town is null or p.town is null or x.town = p.town) where p.case_id = any (f.ids) group by x.id having count(*) * 2 > cardinality(f.ids));
    select * into k from public.place_burst(f.place, f.town, from_, now_);
    insert into public.bursts as x (kind, place, town, label, unit_ids, categories, last_at, n, most, urgent, usual, hours, told)
      values ('place', f.place, f.town, k.label, k.unit_ids, k.categories, k.last_at, k.n, k.n, k.urgent, often, hours_, k.n) returning * into b;
    return next b;
  end loop;
end $$;

-- As in 0041, with places.
create or replace function bursts_look(every interval, hours_ integer, least_ integer, times double precision) returns integer language plpgsql volatile
  security definer set search_path = pg_catalog, public, pg_temp set enable_seqscan = off as $$
declare
  now_ constant timestamptz := now();
  from_ constant timestamptz := now_ - make_interval(hours => hours_);
  f record;
  b public.bursts;
  often double precision;
  told_ public.bursts[] := '{}';
  whats text[] := '{}';
  changed integer[] := '{}';
begin
  update public.twin_mark m set bursts_at = now_ where m.bursts_at <= now_ - every;
  if not found then return -1; end if;
  for b in select * from public.bursts x where x.ended_at is null order by x.id for update loop
    if b.kind = 'place' then
      select * into f from public.place_burst(b.place, b.town, now_ - make_interval(hours => b.hours), now_);
    else
      select y.n, y.urgent, y.last_at, null::text as label, '{}'::integer[] as unit_ids, '{}'::text[] as categories into f
        from public.burst_count(b.kind, b.unit_id, b.plaque, b.category, now_ - make_interval(hours => b.hours), now_) y;
    end if;
    if (f.n + f.urgent) * 2 < least_ then
      -- What it was about stays: a place that nobody names any more has no other name.
      update public.bursts x set n = f.n, urgent = f.urgent, ended_at = now_ where x.id = b.id returning * into b;
      told_ := told_ || b;
      whats := whats || 'ended'::text;
    elsif f.n >= b.told * 2 then
      update public.bursts x set n = f.n, most = greatest(x.most, f.n), urgent = f.urgent, last_at = f.last_at, told = f.n,
        label = f.label, unit_ids = f.unit_ids, categories = f.categories where x.id = b.id returning * into b;
      told_ := told_ || b;
      whats := whats || 'grew'::text;
    elsif (f.n, f.urgent, f.unit_ids, f.categories) is distinct from (b.n, b.urgent, b.unit_ids, b.categories) then
      update public.bursts x set n = f.n, most = greatest(x.most, f.n), urgent = f.urgent, last_at = f.last_at,
        label = f.label, unit_ids = f.unit_ids, categories = f.categories where x.id = b.id;
      changed := changed || b.unit_id;
    end if;
  end loop;
  for f in
    with recent as materialized (
      select c.id, c.unit_id, c.category, c.level, c.opened_at, c.plaque_unit_id is not null as scanned
      from public.cases c where c.opened_at > from_ and c.opened_at <= now_ and not c.confidential and not c.held and c.nature not in ('report', 'rate')),
    windows as (
      select r.*, p.number, public.whole_unit(p.unit_id) as window_unit from recent r
      join lateral (select y.plaque from public.feedback y where y.case_id = r.id and y.plaque is not null order by y.received_at, y.id limit 1) y on r.scanned
      join public.plaques p on p.number = y.plaque)
    select 'matter' as kind, r.unit_id, null::text as plaque, r.category, count(*)::integer as n, (count(*) filter (where r.level = 1))::integer as urgent, max(r.opened_at) as last_at
      from recent r group by r.unit_id, r.category having count(*) + count(*) filter (where r.level = 1) >= least_
    union all
    select 'window', w.window_unit, w.number, null, count(*)::integer, (count(*) filter (where w.level = 1))::integer, max(w.opened_at)
      from windows w group by w.window_unit, w.number having count(*) + count(*) filter (where w.level = 1) >= least_
  loop
    continue when exists (select from public.bursts x where x.kind = f.kind and x.unit_id = f.unit_id and x.plaque is not distinct from f.plaque
      and x.category is not distinct from f.category and x.ended_at is null);
    often := (select y.n from public.burst_count(f.kind, f.unit_id, f.plaque, f.category, from_ - interval '28 days', from_) y) * hours_ / (28 * 24.0);
    continue when f.n + f.urgent < times * often;
    insert into public.bursts as x (kind, unit_id, plaque, category, last_at, n, most, urgent, usual, hours, told)
      values (f.kind, f.unit_id, f.plaque, f.category, f.last_at, f.n, f.n, f.urgent, often, hours_, f.n) returning * into b;
    told_ := told_ || b;
    whats := whats || 'began'::text;
  end loop;
  for b in select * from public.places_new(now_, hours_, least_, times) loop
    told_ := told_ || b;
    whats := whats || 'began'::text;
  end loop;
  -- Numbers of events are given last: whoever has event_head waits for nothing (schema/0004_rights.sql).
  for i in 1 .. cardinality(told_) loop perform public.burst_told(told_[i], whats[i]); end loop;
  perform public.desk_event('desk.bursts', u, null, false) from unnest(changed) as u;
  return cardinality(told_);
end $$;

-- The cases of a burst about one place, for lists: for whoever sees the burst. Which of them that person sees, the policies of cases say.
create function burst_cases(one bigint) returns setof bigint language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  b public.bursts;
begin
  if not public.i_am('{coordinator,supervisor,accountability,registry,leader}') then return; end if;
  select * into b from public.bursts x where x.id = one and x.kind = 'place';
  if b.id is null then return; end if;
  return query select t.case_id from public.place_told(b.place, b.town, b.began_at - make_interval(hours => b.hours), coalesce(b.ended_at, now())) t;
end $$;

revoke execute on function twins_forget, place_told, place_burst, place_usual, places_new, burst_cases, burst_told, bursts_look from public;
grant execute on function bursts_look to mashangdu_gateway;
grant execute on function burst_cases to mashangdu_staff;
