-- The shares of a very busy month. What a rate counts is one narrow row from when it happened (an answer approved, a case signed for, a
-- callback answered), with the day in China and what tells who may see it counted: the course of the rates and the hall screens read
-- these by day, and neither the acts nor what they say.

create type rate_word as enum ('on_time', 'response', 'solved', 'satisfied');
create table rate_marks (
  case_id  bigint not null,
  rate     rate_word not null,
  source   bigint not null,    -- the act's version; of a callback its feedback
  turn     smallint not null,  -- of a callback its round, else 0
  day      date not null,
  good     boolean not null,   -- it stands above the line too
  -- Of the case as it stands now:
  unit_id  integer,
  confidential boolean not null,
  shown    boolean not null,   -- neither a report nor confidential nor held: what a screen in a hall may count
  plain    boolean not null,   -- shown, of one matter, and given out: no wall of any policy of cases stands around it
  primary key (case_id, rate, source, turn)
);

-- All of them, from the record itself. A deadline is the one on record in the act, as it was then; an answer was in time when the unit's leader
-- signed it in time.
create view rate_marks_told as
  select m.case_id, m.rate, m.source, m.turn, m.day, m.good, c.unit_id, c.confidential,
    c.nature <> 'report' and not c.confidential and not c.held as shown,
    c.nature <> 'report' and not c.confidential and not c.held and not c.mixed and c.mixed_unit_id is null and c.state <> 'discovered' as plain
  from (
    select a.case_id, 'response'::rate_word as rate, a.version::bigint as source, 0::smallint as turn, (a.at at time zone 'Asia/Shanghai')::date as day,
      a.at <= (a.data->>'due')::timestamptz as good
    from acts a where a.act = 'sign' and a.data->>'due' is not null
    union all
    select a.case_id, 'on_time'::rate_word, a.version, 0::smallint, (a.at at time zone 'Asia/Shanghai')::date,
      coalesce(e.at, a.at) <= coalesce(e.due, a.data->>'due')::timestamptz
    from acts a left join lateral (select x.at, x.data->>'due' as due from acts x where x.case_id = a.case_id and x.act = 'endorse'
                                   and x.version < a.version order by x.version desc limit 1) e on true
    where a.act = 'approve' and coalesce(e.due, a.data->>'due') is not null
    union all
    select k.case_id, 'solved'::rate_word, k.feedback_id, k.round, (k.made_at at time zone 'Asia/Shanghai')::date, k.state = 'solved'
    from callbacks k where k.state in ('solved', 'partly', 'unsolved')
    union all
    select k.case_id, 'satisfied'::rate_word, k.feedback_id, k.round, (k.made_at at time zone 'Asia/Shanghai')::date, k.rating >= 3
    from callbacks k where k.rating is not null) m
  join cases c on c.id = m.case_id;

-- For rows that came while triggers slept.
create function rate_marks_rebuild() returns void language sql as $$
  delete from rate_marks;
  insert into rate_marks select * from rate_marks_told;
$$;
select rate_marks_rebuild();
create index rate_marks_day on rate_marks (day, rate) include (good, unit_id, plain, shown, confidential, case_id); -- all that is counted by
create index cases_apart on cases (id)
  where nature = 'report' or confidential or held or mixed or mixed_unit_id is not null or state = 'discovered';

create function rate_marks_act() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  insert into public.rate_marks select * from public.rate_marks_told m
    where m.case_id = new.case_id and m.rate in ('response', 'on_time') and m.source = new.version;
  return null;
end $$;
create trigger rate_marks_act after insert on acts for each row when (new.act in ('sign', 'approve')) execute function rate_marks_act();

create function rate_marks_callback() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  delete from public.rate_marks m
    where m.case_id = new.case_id and m.rate in ('solved', 'satisfied') and m.source = new.feedback_id and m.turn = new.round;
  insert into public.rate_marks select * from public.rate_marks_told m
    where m.case_id = new.case_id and m.rate in ('solved', 'satisfied') and m.source = new.feedback_id and m.turn = new.round;
  return null;
end $$;
create trigger rate_marks_callback after insert or update of state, rating on callbacks for each row execute function rate_marks_callback();

create function rate_marks_case() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  shown_ constant boolean := new.nature <> 'report' and not new.confidential and not new.held;
begin
  update public.rate_marks m set unit_id = new.unit_id, confidential = new.confidential, shown = shown_,
    plain = shown_ and not new.mixed and new.mixed_unit_id is null and new.state <> 'discovered'
    where m.case_id = new.id;
  return null;
end $$;
create trigger rate_marks_case after update on cases for each row
  when ((old.unit_id, old.nature, old.confidential, old.held, old.mixed, old.mixed_unit_id, old.state = 'discovered')
        is distinct from (new.unit_id, new.nature, new.confidential, new.held, new.mixed, new.mixed_unit_id, new.state = 'discovered'))
  execute function rate_marks_case();
revoke execute on function rate_marks_rebuild, rate_marks_act, rate_marks_callback, rate_marks_case from public;

-- What the policies of cases say of a plain one is said here in short; around all others they are asked themselves. Whoever builds a new wall
-- around cases takes them out of `plain`.
alter table rate_marks enable row level security;
create policy staff_sees on rate_marks for select to mashangdu_staff using (
  (plain and ((select i_am('{coordinator,supervisor,accountability,registry,callback,leader}'))
              or (unit_id = (select my_unit()) and (select i_am('{handler,unit_leader}')))))
  or case_id in (select c.id from cases c
                 where c.nature = 'report' or c.confidential or c.held or c.mixed or c.mixed_unit_id is not null or c.state = 'discovered'));
grant select on rate_marks to mashangdu_staff;

-- As in 0031, with the rates from their rows, and sums by what costs least to compare.
create or replace function screen_show(secret_hash_ bytea)
returns table (id integer, name text, seconds integer, slides text[], shown jsonb) language plpgsql volatile security definer
  set search_path = pg_catalog, public, pg_temp as $$
#variable_conflict use_column
declare
  s public.screens;
  today constant timestamptz := date_trunc('day', now() at time zone 'Asia/Shanghai') at time zone 'Asia/Shanghai';
  since constant timestamptz := today - interval '29 days';
  first_day constant date := since at time zone 'Asia/Shanghai';
begin
  select * into s from public.screens x where x.secret_hash = secret_hash_ and x.revoked_at is null;
  if s.id is null then return; end if;
  if s.seen_at < now() - interval '30 seconds' then
    update public.screens x set seen_at = now() where x.id = s.id;
  end if;
  return query
  with base as materialized (
    select c.id, c.opened_at, (c.opened_at at time zone 'Asia/Shanghai')::date as day, c.channel, c.unit_id, c.category from public.cases c
    where c.opened_at >= since and not c.confidential and not c.held and c.nature <> 'report'),
  going as materialized (
    select c.unit_id, c.due_at < now() as late, c.due_at >= now() and c.warn_at <= now() as near from public.cases c
    where c.state in ('discovered', 'assigned', 'handling', 'replied', 'verifying') and not c.confidential and not c.held and c.nature <> 'report'),
  cells (kind, key, n) as (
    select 'day', to_char(b.day, 'YYYY-MM-DD'), count(*) from base b group by b.day
    union all select 'channel', b.channel, count(*) from base b group by b.channel
    union all select 'heading', left(b.category, 2), sum(b.n)::bigint from (select b.category, count(*) as n from base b group by 1) b group by 2
    union all select 'received', b.unit_id::text, count(*) from base b group by b.unit_id
    union all select 'open', g.unit_id::text, count(*) from going g group by g.unit_id
    union all select 'received_today', '', count(*) from base b where b.opened_at >= today
    union all select 'closed_today', '', count(*) from public.cases c where c.closed_at >= today and not c.confidential and not c.held and c.nature <> 'report'
    union all select 'open_all', '', count(*) from going
    union all select 'late_all', '', count(*) from going g where g.late),
  placed as (
    select x.kind, x.key, x.n, sum(x.n) filter (where x.n between 1 and 4) over (partition by x.kind) as hidden,
      row_number() over (partition by x.kind, x.n >= 5 order by x.n, x.key) as place
    from cells x where x.n > 0),
  told as (
    select p.kind, p.key, case when p.n < 5 or (p.hidden between 1 and 4 and p.place = 1) then null else p.n end as n from placed p),
  tones as (select g.unit_id, count(*) filter (where g.late) as late, count(*) filter (where g.near) as near from going g group by 1),
  board as (
    select u.short_name as unit, u.class, case when r.key is null then 0 else r.n end as received, case when o.key is null then 0 else o.n end as open,
      case when coalesce(t.late, 0) >= 5 then 'red' when coalesce(t.late, 0) > 0 or coalesce(t.near, 0) >= 5 then 'yellow' else 'green' end as tone
    from public.units u left join told r on r.kind = 'received' and r.key = u.id::text left join told o on o.kind = 'open' and o.key = u.id::text
      left join tones t on t.unit_id = u.id
    where r.n is not null or o.n is not null
    order by coalesce(r.n, 0) desc, u.id limit 48),
  rated (place, rate, num, den) as (
    select k.place, k.rate, coalesce(sum(d.num), 0)::bigint, coalesce(sum(d.den), 0)::bigint
    from unnest(enum_range(null::public.rate_word)) with ordinality as k (rate, place)
    left join (
      select m.rate, count(*) filter (where m.good) as num, count(*) as den from public.rate_marks m
        where m.day >= first_day and m.shown group by m.day, m.rate
      union all
      select 'on_time'::public.rate_word, 0, count(*) from public.cases c where c.state in ('assigned', 'handling', 'replied') and c.held_since is null
        and c.handling_due >= since and c.handling_due < now() and c.nature <> 'report' and not c.confidential and not c.held
      union all
      select 'response'::public.rate_word, 0, count(*) from public.cases c where c.state = 'assigned' and c.due_clock = 'sign' and c.due_at >= since
        and c.due_at < now() and c.nature <> 'report' and not c.confidential and not c.held) d on d.rate = k.rate
    group by 1, 2)
  select s.id, s.name, s.seconds::integer, s.slides, jsonb_build_object(
    'from', to_char(since at time zone 'Asia/Shanghai', 'YYYY-MM-DD'), 'to', to_char(today at time zone 'Asia/Shanghai', 'YYYY-MM-DD'),
    'today', (select jsonb_object_agg(k.kind, case when t.kind is null then 0 else t.n end)
              from (values ('received_today'), ('closed_today'), ('open_all'), ('late_all')) as k (kind) left join told t on t.kind = k.kind),
    'days', (select coalesce(jsonb_agg(jsonb_build_object('day', to_char(d, 'YYYY-MM-DD'), 'n', case when t.kind is null then 0 else t.n end) order by d), '[]')
             from generate_series(since at time zone 'Asia/Shanghai', today at time zone 'Asia/Shanghai', '1 day') as d
             left join told t on t.kind = 'day' and t.key = to_char(d, 'YYYY-MM-DD')),
    'channels', (select coalesce(jsonb_agg(jsonb_build_object('channel', t.key, 'n', t.n) order by t.n desc nulls last, t.key), '[]') from told t where t.kind = 'channel'),
    'categories', (select coalesce(jsonb_agg(jsonb_build_object('name', g.name, 'n', t.n) order by t.n desc, t.key), '[]')
                   from told t join public.categories g on g.code = t.key where t.kind = 'heading' and t.n is not null),
    'units', (select coalesce(jsonb_agg(to_jsonb(b) order by b.received desc nulls last, b.unit), '[]') from board b),
    'rates', (select jsonb_agg(jsonb_build_object('rate', r.rate, 'numerator', case when r.den >= 10 then r.num else 0 end, 'n', case when r.den >= 10 then r.den else 0 end)
                order by r.place) from rated r),
    'words', (select coalesce(jsonb_agg(jsonb_build_object('word', w.word, 'n', w.people) order by w.people desc, w.word), '[]')
              from public.matter_words((select array_agg(b.id) from (select b.id from base b order by b.opened_at desc limit 20000) b), 5, 60) w),
    'answers', (select coalesce(jsonb_agg(jsonb_build_object('unit', u.short_name, 'title', p.title, 'day', to_char(p.published_at at time zone 'Asia/Shanghai', 'YYYY-MM-DD')) order by p.published_at desc), '[]')
                from (select p.* from public.publications p where p.state = 'published' and p.kind <> 'figures' order by p.published_at desc, p.id desc limit 8) p
                join public.units u on u.id = p.unit_id),
    'ranking', (select coalesce(jsonb_agg(jsonb_build_object('unit', u.short_name, 'satisfied', f.satisfied, 'rated', f.rated, 'from', f.from_day, 'to', f.to_day)
                        order by f.satisfied::float8 / f.rated desc, f.rated desc, u.id), '[]')
                from (select f.* from public.figures_open f where f.rated >= 10 order by f.satisfied::float8 / f.rated desc, f.rated desc, f.unit_id limit 10) f
                join public.units u on u.id = f.unit_id));
end $$;
