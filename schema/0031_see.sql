-- What the overview counts, and the screens that hang in halls. Refusals: MSDS1 not this post   MSDS2 no such screen

-- Answers and ends of a period are found by their day, not by reading every case.
create index cases_replied on cases (replied_at) where replied_at is not null;
create index cases_closed on cases (closed_at) where closed_at is not null;

-- Words of matters that several people brought: the words of the routing tables that decided the category, as the router wrote them
-- into its reasons, never a citizen's own; of "甲&乙" each, and no name of a class. A word is told when at least `bar` people brought it. People are told apart by
-- the keyed hash of the number they left; who left none counts once a day at one plaque and channel, so that nobody can lift a word over
-- the bar alone. Called with cases that the person sees, or by screen_show; cases that are not for everybody are left out here again, and
-- those that were split: the decision over the whole words may speak of the part that is not for everybody (0033).
create function matter_words(case_ids bigint[], bar integer, most integer)
returns table (word text, category text, said bigint, people bigint) language plpgsql stable security definer
  set search_path = pg_catalog, public, pg_temp as $$
#variable_conflict use_column
begin
  if public.staff_now() <> 0 and public.my_unit() = 0 then return; end if; -- nobody who works here any more
  return query
    select w.word, max(x.m[3]), count(distinct f.id),
      count(distinct coalesce(encode(p.person, 'hex'), f.channel || ' ' || coalesce(f.plaque, '') || ' ' || (f.received_at at time zone 'Asia/Shanghai')::date))
    from unnest(case_ids) as i (id) join public.cases c on c.id = i.id join public.feedback f on f.case_id = c.id
      left join public.feedback_contacts p on p.feedback_id = f.id
      cross join lateral (
        select regexp_match(s.said, '^“([^”]+)”(?:“([^”]+)”)?属于 .*\(([0-9]{2,4})\)') as m
        from jsonb_array_elements_text(case jsonb_typeof(f.decision->'because') when 'array' then f.decision->'because' else '[]'::jsonb end) as s (said)) x
      cross join lateral (select z.word from (values (x.m[1]), (x.m[2])) as y (said) cross join lateral regexp_split_to_table(y.said, '&') as z (word)) w
    where not c.confidential and not c.held and c.nature <> 'report' and 'split' <> all (c.flags) and length(w.word) > 1 and w.word !~ '^@'
    group by w.word
    having count(distinct coalesce(encode(p.person, 'hex'), f.channel || ' ' || coalesce(f.plaque, '') || ' ' || (f.received_at at time zone 'Asia/Shanghai')::date)) >= bar
    order by 4 desc, 3 desc, 1 limit most;
end $$;
revoke execute on function matter_words from public;
grant execute on function matter_words to mashangdu_staff;

-- --- screens in halls ---

create table screens (
  id          integer primary key generated always as identity,
  name        text not null check (length(name) between 1 and 40),
  secret_hash bytea not null unique check (length(secret_hash) = 32),
  seconds     smallint not null default 15 check (seconds between 5 and 300),  -- one picture stays
  slides      text[] not null default '{today,rates,units,words,open,speak}'
              check (slides <@ '{today,rates,units,words,open,speak}' and cardinality(slides) between 1 and 6),
  paired_at   timestamptz not null default now(),
  made_by     integer not null references staff (id),      -- who gave the pairing code
  seen_at     timestamptz not null default now(),
  revoked_at  timestamptz,
  revoked_by  integer references staff (id),
  check ((revoked_at is null) = (revoked_by is null))
);
-- A code is good once, for fifteen minutes and five tries. One is in force at a time, so that a wrong try has one to count against.
create table screen_codes (
  id         integer primary key generated always as identity,
  name       text not null check (length(name) between 1 and 40),
  code_hash  bytea not null check (length(code_hash) = 32),
  made_by    integer not null references staff (id),
  made_at    timestamptz not null default now(),
  expires_at timestamptz not null default now() + interval '15 minutes',
  tries      smallint not null default 0,
  over       boolean not null default false
);
create unique index screen_codes_live on screen_codes ((true)) where not over;

create function screens_mine() returns boolean language sql stable security definer set search_path = pg_catalog, public, pg_temp as
$$ select public.i_am('{leader,registry,admin}') $$;

create function screen_code(name_ text, code_hash_ bytea) returns timestamptz language plpgsql volatile security definer
  set search_path = pg_catalog, public, pg_temp as $$
declare
  until_ timestamptz;
begin
  if not public.screens_mine() then raise exception 'may not pair screens' using errcode = 'MSDS1'; end if;
  update public.screen_codes c set over = true where not c.over;
  insert into public.screen_codes (name, code_hash, made_by) values (name_, code_hash_, public.staff_now()) returning expires_at into until_;
  insert into public.audit_log (staff_id, action, detail) values (public.staff_now(), 'screen_code', jsonb_build_object('name', name_));
  return until_;
end $$;

-- The new screen; no row when the code is wrong, used, over or tried too often. A wrong try is noted, so nothing is raised.
create function screen_pair(code_hash_ bytea, secret_hash_ bytea) returns table (id integer, name text) language plpgsql volatile security definer
  set search_path = pg_catalog, public, pg_temp as $$
#variable_conflict use_column
declare
  c public.screen_codes;
begin
  select * into c from public.screen_codes k where not k.over for update;
  if not found then return; end if;
  if c.expires_at <= now() or c.tries >= 5 then
    update public.screen_codes k set over = true where k.id = c.id;
    return;
  end if;
  if c.code_hash <> code_hash_ then
    update public.screen_codes k set tries = k.tries + 1 where k.id = c.id;
    return;
  end if;
  update public.screen_codes k set over = true where k.id = c.id;
  return query insert into public.screens as s (name, secret_hash, made_by) values (c.name, secret_hash_, c.made_by) returning s.id, s.name;
end $$;

create function screen_set(screen integer, name_ text, seconds_ integer, slides_ text[]) returns boolean language plpgsql volatile security definer
  set search_path = pg_catalog, public, pg_temp as $$
begin
  if not public.screens_mine() then raise exception 'may not set screens' using errcode = 'MSDS1'; end if;
  update public.screens s set name = coalesce(name_, s.name), seconds = coalesce(seconds_, s.seconds), slides = coalesce(slides_, s.slides)
    where s.id = screen and s.revoked_at is null;
  if not found then raise exception 'no such screen' using errcode = 'MSDS2'; end if;
  return true;
end $$;

create function screen_revoke(screen integer) returns boolean language plpgsql volatile security definer
  set search_path = pg_catalog, public, pg_temp as $$
begin
  if not public.screens_mine() then raise exception 'may not revoke screens' using errcode = 'MSDS1'; end if;
  if not exists (select from public.screens s where s.id = screen) then raise exception 'no such screen' using errcode = 'MSDS2'; end if;
  update public.screens s set revoked_at = now(), revoked_by = public.staff_now() where s.id = screen and s.revoked_at is null;
  if not found then return false; end if;
  insert into public.audit_log (staff_id, action, detail) values (public.staff_now(), 'screen_revoke', jsonb_build_object('screen', screen));
  return true;
end $$;

-- What a screen shows, for whoever holds its secret; no row: none of ours, or revoked. Counts of what is not confidential, not held and
-- no report. A number from 1 to 4 is not told, nor the smallest other one when those left out together could be worked out
-- from a sum. Rates as they are published: from ten on. Words and answers are the tables' and the published ones.
create function screen_show(secret_hash_ bytea)
returns table (id integer, name text, seconds integer, slides text[], shown jsonb) language plpgsql volatile security definer
  set search_path = pg_catalog, public, pg_temp as $$
#variable_conflict use_column
declare
  s public.screens;
  today constant timestamptz := date_trunc('day', now() at time zone 'Asia/Shanghai') at time zone 'Asia/Shanghai';
  since constant timestamptz := today - interval '29 days';
begin
  select * into s from public.screens x where x.secret_hash = secret_hash_ and x.revoked_at is null;
  if s.id is null then return; end if;
  if s.seen_at < now() - interval '30 seconds' then
    update public.screens x set seen_at = now() where x.id = s.id;
  end if;
  return query
  with base as materialized (
    select c.id, c.opened_at, c.channel, c.unit_id, left(c.category, 2) as heading from public.cases c
    where c.opened_at >= since and not c.confidential and not c.held and c.nature <> 'report'),
  going as materialized (
    select c.unit_id, c.due_at < now() as late, c.due_at >= now() and c.warn_at <= now() as near from public.cases c
    where c.state in ('discovered', 'assigned', 'handling', 'replied', 'verifying') and not c.confidential and not c.held and c.nature <> 'report'),
  cells (kind, key, n) as (
    select 'day', to_char(b.opened_at at time zone 'Asia/Shanghai', 'YYYY-MM-DD'), count(*) from base b group by 2
    union all select 'channel', b.channel, count(*) from base b group by 2
    union all select 'heading', b.heading, count(*) from base b group by 2
    union all select 'received', b.unit_id::text, count(*) from base b group by 2
    union all select 'open', g.unit_id::text, count(*) from going g group by 2
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
  rated (rate, num, den) as (
    select 'on_time', count(*) filter (where d.good), count(*) from (
      select coalesce(e.at, a.at) <= coalesce(e.due, a.data->>'due')::timestamptz as good
        from public.acts a join public.cases c on c.id = a.case_id
        left join lateral (select x.at, x.data->>'due' as due from public.acts x where x.case_id = a.case_id and x.act = 'endorse'
                           and x.version < a.version order by x.version desc limit 1) e on true
        where a.act = 'approve' and a.at >= since and coalesce(e.due, a.data->>'due') is not null and c.nature <> 'report' and not c.confidential and not c.held
      union all
      select false from public.cases c where c.state in ('assigned', 'handling', 'replied') and c.held_since is null and c.handling_due >= since
        and c.handling_due < now() and c.nature <> 'report' and not c.confidential and not c.held) d
    union all
    select 'response', count(*) filter (where d.good), count(*) from (
      select a.at <= (a.data->>'due')::timestamptz as good from public.acts a join public.cases c on c.id = a.case_id
        where a.act = 'sign' and a.at >= since and a.data ? 'due' and c.nature <> 'report' and not c.confidential and not c.held
      union all
      select false from public.cases c where c.state = 'assigned' and c.due_clock = 'sign' and c.due_at >= since and c.due_at < now()
        and c.nature <> 'report' and not c.confidential and not c.held) d
    union all
    select 'solved', count(*) filter (where k.state = 'solved'), count(*) from public.callbacks k join public.cases c on c.id = k.case_id
      where k.made_at >= since and k.state in ('solved', 'partly', 'unsolved') and c.nature <> 'report' and not c.confidential and not c.held
    union all
    select 'satisfied', count(*) filter (where k.rating >= 3), count(*) from public.callbacks k join public.cases c on c.id = k.case_id
      where k.made_at >= since and k.rating is not null and c.nature <> 'report' and not c.confidential and not c.held)
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
    'rates', (select jsonb_agg(jsonb_build_object('rate', r.rate, 'numerator', case when r.den >= 10 then r.num else 0 end, 'n', case when r.den >= 10 then r.den else 0 end)) from rated r),
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

alter table screens enable row level security;
alter table screen_codes enable row level security;
create policy staff_sees on screens for select to mashangdu_staff using ((select screens_mine()));
grant select (id, name, seconds, slides, paired_at, made_by, seen_at, revoked_at, revoked_by) on screens to mashangdu_staff;
revoke execute on function screens_mine, screen_code, screen_pair, screen_set, screen_revoke, screen_show from public;
grant execute on function screen_pair, screen_show to mashangdu_gateway;
grant execute on function screens_mine, screen_code, screen_set, screen_revoke to mashangdu_staff;
