-- The same matter told twice, by whichever way and by whomever; bursts; causes.
-- Refusals: MSDU1 no such thing for this person   MSDU2 changed meanwhile   MSDU3 not in this state or not for this post
--   MSDU4 needs another person   MSDU5 too early   MSDU6 something is missing

-- --- twins ---
--
-- gateway/twins.c runs behind the events that open cases: words, masked and clean, their bands (core/minhash), and which older ones are the same
-- matter (core/twins). Taking something in pays nothing for it. Of a report, of what is confidential, and of what a person has to look at first
-- nothing is ever in here (P4): triggers take it away in the transaction that makes it so. No person of the staff reads these two tables.
create table twin_texts (
  case_id  bigint primary key references cases (id),
  make     smallint not null,              -- of the bands: MINHASH_MAKE
  words    text not null check (length(words) <= 1200),
  bands    bigint[] not null check (cardinality(bands) <= 28),
  at       timestamptz not null            -- when the case was opened
);
create index twin_texts_at on twin_texts (at);
-- One row for each band: the newest of one band are read backwards from its end, whatever the number of all.
create table twin_bands (
  band    bigint not null,
  case_id bigint not null,
  primary key (band, case_id)
);
-- Every case opened by an event up to here was looked at. Cases from before this migration are looked at in the same way, while everybody works.
create table twin_mark (
  one      boolean primary key default true check (one),
  seq      bigint not null,
  make     smallint not null,
  bursts_at timestamptz not null default '-infinity',   -- when bursts and causes were looked for last: by one gateway at a time
  causes_at timestamptz not null default '-infinity'
);
insert into twin_mark (seq, make) select notices_seq_at(now() - interval '90 days') - 1, 1;
-- Cases that came into sight after their event: no longer confidential or held.
create table twin_late (case_id bigint primary key references cases (id));

-- Two cases that may be one matter. repeat: the same sender; shown as such, no offer of 并案 among strangers.
create table twin_pairs (
  case_id  bigint not null references cases (id),      -- the older one by number
  other_id bigint not null references cases (id),
  found_at timestamptz not null default now(),
  percent  smallint not null check (percent between 0 and 100),
  kind     text not null check (kind in ('other', 'repeat')),
  by_words boolean not null,                           -- the words alone were enough
  apart_at timestamptz,                                -- a person said that they are two matters: never offered again
  apart_by integer references staff (id),
  primary key (case_id, other_id),
  check (case_id < other_id),
  constraint twin_pairs_apart check ((apart_at is null) = (apart_by is null))
);
create index twin_pairs_other on twin_pairs (other_id);

alter table twin_texts enable row level security;
alter table twin_bands enable row level security;
alter table twin_pairs enable row level security;
alter table twin_late enable row level security;
create policy gateway on twin_texts to mashangdu_gateway using (true) with check (true);
create policy gateway on twin_bands to mashangdu_gateway using (true) with check (true);
create policy gateway on twin_pairs to mashangdu_gateway using (true) with check (true);
create policy gateway on twin_late to mashangdu_gateway using (true) with check (true);
-- A pair is there for whoever sees both, and for nobody once one of them is confidential or held.
create policy staff_sees on twin_pairs for select to mashangdu_staff using (
  exists (select from cases c where c.id = twin_pairs.case_id and not c.confidential and not c.held and c.nature <> 'report')
  and exists (select from cases c where c.id = twin_pairs.other_id and not c.confidential and not c.held and c.nature <> 'report'));
grant select, insert, update, delete on twin_texts, twin_bands, twin_pairs, twin_late to mashangdu_gateway;
grant select, update on twin_mark to mashangdu_gateway;
grant select on twin_pairs to mashangdu_staff;
grant execute on function notices_seq_at to mashangdu_gateway;

create function twins_forget(one bigint) returns void language sql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
  delete from public.twin_bands b using public.twin_texts t where t.case_id = one and b.case_id = one and b.band = any (t.bands);
  delete from public.twin_texts t where t.case_id = one;
$$;
create function twins_case_changed() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  if new.confidential or new.held or new.nature = 'report' then
    perform public.twins_forget(new.id);
    delete from public.twin_pairs p where p.case_id = new.id or p.other_id = new.id;
    delete from public.twin_late l where l.case_id = new.id;
    delete from public.cause_cases k where k.case_id = new.id;
  else
    insert into public.twin_late (case_id) values (new.id) on conflict do nothing;
  end if;
  return null;
end $$;
create trigger twins_case_changed after update on cases for each row
  when ((old.confidential or old.held or old.nature = 'report') <> (new.confidential or new.held or new.nature = 'report')) execute function twins_case_changed();
-- What is erased is erased here; what was split is read anew, as its first part.
create function twins_erased() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  perform public.twins_forget(new.case_id);
  return null;
end $$;
create trigger twins_erased after update on feedback for each row when (new.case_id is not null and old.masked <> new.masked) execute function twins_erased();
create function twins_split() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  perform public.twins_forget(new.case_id);
  insert into public.twin_late (case_id) select c.id from public.cases c where c.id = new.case_id and not c.confidential and not c.held and c.nature <> 'report'
    on conflict do nothing;
  return null;
end $$;
create trigger twins_split after insert on case_parts for each row execute function twins_split();

-- Candidates of these cases: of each band the newest, the likest of these, and the newest of the same unit and of the same category. Plans may have been made
-- while tables were empty.
create function twins_candidates(ids bigint[], of_band integer, of_all integer, of_near integer)
returns table (case_id bigint, other_id bigint, words text, same_unit boolean, same_category boolean, same_plaque boolean, other_plaque boolean, hours integer)
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp set enable_seqscan = off set enable_bitmapscan = off as $$
begin
  return query
  select n.case_id, o.case_id, o.words, c.unit_id = m.unit_id, c.category = m.category,
    coalesce(c.plaque_unit_id = m.plaque_unit_id, false), coalesce(c.plaque_unit_id <> m.plaque_unit_id, false),
    least(abs(extract(epoch from c.opened_at - m.opened_at)) / 3600, 100000)::integer
  from public.twin_texts n join public.cases m on m.id = n.case_id
  cross join lateral (
    (select x.case_id from unnest(n.bands) as u (band)
       cross join lateral (select b.case_id from public.twin_bands b where b.band = u.band and b.case_id <> n.case_id order by b.case_id desc limit of_band) x
       group by x.case_id order by count(*) desc, x.case_id desc limit of_all)
    union
    (select k.id from public.cases k where k.unit_id = m.unit_id and k.id <> n.case_id
       and k.state in ('discovered', 'assigned', 'handling', 'replied', 'verifying') and not k.confidential and not k.held and k.nature not in ('report', 'rate')
       order by k.opened_at desc limit of_near)
    union
    (select k.id from public.cases k where k.category = m.category and k.id <> n.case_id
       and k.state in ('discovered', 'assigned', 'handling', 'replied', 'verifying') and not k.confidential and not k.held and k.nature not in ('report', 'rate')
       order by k.opened_at desc limit of_near)) f
  join public.twin_texts o on o.case_id = f.case_id join public.cases c on c.id = f.case_id and not c.confidential and not c.held and c.nature <> 'report'
  where n.case_id = any (ids) and not m.confidential and not m.held and m.nature <> 'report' order by n.case_id;
end $$;

-- Whether one sender is behind both; numbers are kept as keyed hashes alone (feedback_contacts).
create function twins_one_sender(a bigint, b bigint) returns boolean language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select exists (select from public.feedback f join public.feedback_contacts x on x.feedback_id = f.id
    join public.feedback_contacts y on y.person = x.person join public.feedback g on g.id = y.feedback_id where f.case_id = a and g.case_id = b) $$;
create function twins_store(ones bigint[], others bigint[], percents integer[], by_words_ boolean[]) returns integer language plpgsql volatile
  security definer set search_path = pg_catalog, public, pg_temp set enable_seqscan = off as $$
declare
  n integer;
begin
  insert into public.twin_pairs as p (case_id, other_id, percent, kind, by_words)
    select distinct on (least(t.a, t.b), greatest(t.a, t.b)) least(t.a, t.b), greatest(t.a, t.b), t.percent,
      case when public.twins_one_sender(t.a, t.b) then 'repeat' else 'other' end, t.by_words
    from unnest(ones, others, percents, by_words_) as t (a, b, percent, by_words)
    join public.cases c on c.id = t.a and not c.confidential and not c.held and c.nature <> 'report'
    join public.cases d on d.id = t.b and not d.confidential and not d.held and d.nature <> 'report'
    order by 1, 2 on conflict do nothing;
  get diagnostics n = row_count;
  if n > 0 then perform public.desk_event('desk.similar', null, null, false); end if;
  return n;
end $$;

-- A person says that two cases are two matters, or takes it back. Who may merge may say so, of what they see.
create function twins_apart(one bigint, other bigint, apart boolean) returns boolean language plpgsql volatile security definer
  set search_path = pg_catalog, public, pg_temp as $$
begin
  if not public.i_am('{coordinator,accountability}') then raise exception 'not for this post' using errcode = 'MSDU3'; end if;
  if one = other or not public.case_seen(one) or not public.case_seen(other)
     or exists (select from public.cases c where c.id in (one, other) and (c.confidential or c.held or c.nature = 'report')) then
    raise exception 'no such pair' using errcode = 'MSDU1';
  end if;
  insert into public.twin_pairs as p (case_id, other_id, percent, kind, by_words, apart_at, apart_by)
    select least(one, other), greatest(one, other), 0, 'other', false, now(), public.staff_now() where apart
    on conflict (case_id, other_id) do update set apart_at = now(), apart_by = public.staff_now();
  if not apart then
    update public.twin_pairs p set apart_at = null, apart_by = null where p.case_id = least(one, other) and p.other_id = greatest(one, other);
  end if;
  insert into public.audit_log (staff_id, action, case_id, detail)
    values (public.staff_now(), case when apart then 'twins_apart' else 'twins_again' end, one, jsonb_build_object('other', other::text));
  perform public.desk_event('desk.similar', null, null, false);
  return true;
end $$;

-- What is too old to be met again leaves the index; some at a time.
create function twins_prune(days integer, most integer) returns integer language plpgsql volatile security definer
  set search_path = pg_catalog, public, pg_temp set enable_seqscan = off as $$
declare
  n integer := 0;
  old bigint;
begin
  for old in select t.case_id from public.twin_texts t where t.at < now() - make_interval(days => days) order by t.at limit most loop
    perform public.twins_forget(old);
    n := n + 1;
  end loop;
  return n;
end $$;

-- --- bursts ---
--
-- Many cases about one matter at one unit, or from one window, in a few hours, against what is usual there. One row for each burst: it grows and
-- ends. Numbers, a unit and a category: nothing of anybody.
create table bursts (
  id        bigint primary key generated always as identity,
  kind      text not null check (kind in ('matter', 'window')),
  unit_id   integer not null references units (id),          -- whole unit
  plaque    text references plaques (number),
  category  text references categories (code),
  began_at  timestamptz not null default now(),
  last_at   timestamptz not null,                            -- the newest case of it
  n         integer not null,                                -- cases in the window now
  most      integer not null,                                -- …at its height
  urgent    integer not null default 0,                      -- of these of level 1
  usual     double precision not null,                       -- in such a window, over four weeks before
  hours     integer not null,
  told      integer not null,                                -- the number it was told with last
  ended_at  timestamptz,
  seen_at   timestamptz,                                     -- somebody on duty has taken it up
  seen_by   integer references staff (id),
  seen_note text check (length(seen_note) <= 500),
  constraint bursts_kind check ((kind = 'window') = (plaque is not null) and (kind = 'matter') = (category is not null)),
  constraint bursts_seen check ((seen_at is null) = (seen_by is null))
);
create unique index bursts_open on bursts (kind, unit_id, coalesce(plaque, ''), coalesce(category, '')) where ended_at is null;
create index bursts_began on bursts (began_at desc, id desc);
alter table bursts enable row level security;
create policy gateway on bursts to mashangdu_gateway using (true) with check (true);
create policy staff_sees on bursts for select to mashangdu_staff using (
  (select i_am('{coordinator,supervisor,accountability,registry,leader}')) or ((select my_unit()) = any (unit_heirs(unit_id)) and (select i_am('{handler,unit_leader}'))));
grant select on bursts to mashangdu_gateway, mashangdu_staff;

create function burst_told(b bursts, what text) returns void language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  perform public.events_append(array['burst.' || what], array[null::bigint], array[b.unit_id], array[null::integer], array[false],
    array[jsonb_build_object('id', b.id, 'kind', b.kind, 'n', b.n, 'usual', round(b.usual::numeric, 1), 'hours', b.hours, 'urgent', b.urgent,
      'category', (select jsonb_build_object('code', c.code, 'name', c.name) from public.categories c where c.code = b.category),
      'window', (select p.window_name from public.plaques p where p.number = b.plaque))]);
end $$;
revoke execute on function burst_told from public;

-- Cases of one burst's kind opened in a stretch of time; confidential ones never count.
create function burst_count(kind_ text, unit integer, plaque_ text, category_ text, from_at timestamptz, to_at timestamptz,
  out n integer, out urgent integer, out last_at timestamptz)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select count(*)::integer, (count(*) filter (where c.level = 1))::integer, max(c.opened_at) from public.cases c
  where c.opened_at > from_at and c.opened_at <= to_at and not c.confidential and not c.held and c.nature not in ('report', 'rate')
    and case when kind_ = 'matter' then c.unit_id = unit and c.category = category_
             else c.plaque_unit_id is not null and exists (select from public.feedback f where f.case_id = c.id and f.plaque = plaque_) end $$;

-- Looks once for all gateways, when the last look is older than `every`. least_: so many in `hours` make a burst, when they are `times` what is usual;
-- one of level 1 counts as two. Returns how many events it made, -1 when it was not its turn.
create function bursts_look(every interval, hours_ integer, least_ integer, times double precision) returns integer language plpgsql volatile
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
    select * into f from public.burst_count(b.kind, b.unit_id, b.plaque, b.category, now_ - make_interval(hours => b.hours), now_);
    if (f.n + f.urgent) * 2 < least_ then
      update public.bursts x set n = f.n, urgent = f.urgent, ended_at = now_ where x.id = b.id returning * into b;
      told_ := told_ || b;
      whats := whats || 'ended'::text;
    elsif f.n >= b.told * 2 then
      update public.bursts x set n = f.n, most = greatest(x.most, f.n), urgent = f.urgent, last_at = f.last_at, told = f.n where x.id = b.id returning * into b;
      told_ := told_ || b;
      whats := whats || 'grew'::text;
    elsif (f.n, f.urgent) <> (b.n, b.urgent) then
      update public.bursts x set n = f.n, most = greatest(x.most, f.n), urgent = f.urgent, last_at = f.last_at where x.id = b.id;
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
  -- Numbers of events are given last: whoever has event_head waits for nothing (schema/0004_rights.sql).
  for i in 1 .. cardinality(told_) loop perform public.burst_told(told_[i], whats[i]); end loop;
  perform public.desk_event('desk.bursts', u, null, false) from unnest(changed) as u;
  return cardinality(told_);
end $$;

-- Somebody on duty takes a burst up, with a word for the others.
create function burst_seen(one bigint, note text) returns boolean language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  if not public.i_am('{coordinator,supervisor,accountability}') then raise exception 'not for this post' using errcode = 'MSDU3'; end if;
  update public.bursts b set seen_at = now(), seen_by = public.staff_now(), seen_note = note where b.id = one and b.seen_at is null;
  if not found then
    if not exists (select from public.bursts b where b.id = one) then raise exception 'no such burst' using errcode = 'MSDU1'; end if;
    return false; -- somebody was faster
  end if;
  insert into public.audit_log (staff_id, action, detail) values (public.staff_now(), 'burst_seen', jsonb_build_object('burst', one));
  perform public.desk_event('desk.bursts', (select b.unit_id from public.bursts b where b.id = one), null, false);
  return true;
end $$;

-- A burst may leave the house: a unit, a category, numbers (P11).
create or replace function notice_tellable(e events) returns boolean language sql stable set search_path = pg_catalog, public, pg_temp as $$
  select case
    when e.kind = 'channel.alarm' then e.case_id is null
    when e.confidential or e.hidden_unit_id is not null then false
    when e.kind in ('feedback.rated', 'burst.began', 'burst.grew', 'burst.ended') then e.case_id is null
    when e.kind in ('case.opened', 'case.changed') then
      e.data->>'nature' <> 'report' and e.data->>'held' = 'false' and e.data->>'confidential' = 'false'
      and exists (select from public.cases c where c.id = e.case_id and not c.confidential and not c.held and c.nature <> 'report')
    when e.kind = 'letter.changed' then
      exists (select from public.letters l where l.id = (e.data->>'id')::bigint and not l.confidential and l.hidden_unit_ids = '{}' and l.left_unit_ids = '{}')
      and not exists (select from public.letter_cases x join public.cases c on c.id = x.case_id
        where x.letter_id = (e.data->>'id')::bigint and (c.confidential or c.held or c.nature = 'report'))
    else false end
$$;

-- --- causes (由案到因) ---
--
-- Cases that keep coming about one matter at one unit, or from one window: a proposal that the cause be put right, with a deadline of its own, somebody
-- responsible, and a check three months after. The rows of cause_acts are its history.
create table causes (
  id         bigint primary key generated always as identity,
  version    integer not null default 1,
  kind       text not null check (kind in ('matter', 'window')),
  unit_id    integer not null references units (id),         -- who is to put it right; a whole unit
  plaque     text references plaques (number),
  category   text not null references categories (code),
  found_at   timestamptz not null default now(),
  from_at    timestamptz not null,                           -- the stretch that was looked at begins here
  state      text not null default 'proposed' check (state in ('proposed', 'refused', 'accepted', 'rectifying', 'rectified', 'closed')),
  due_at     timestamptz,                                    -- to be put right by; null: the calendar was not there yet
  check_at   timestamptz,                                    -- not to be checked before
  round      smallint not null default 1,
  changed_at timestamptz not null default now(),
  constraint causes_window check ((kind = 'window') = (plaque is not null))
);
create unique index causes_open on causes (kind, unit_id, coalesce(plaque, ''), category) where state not in ('refused', 'closed');
create index causes_changed on causes (changed_at desc);
create table cause_cases (
  cause_id bigint not null references causes (id),
  case_id  bigint not null references cases (id),
  added_at timestamptz not null default now(),
  primary key (cause_id, case_id)
);
create index cause_cases_case on cause_cases (case_id);
create table cause_acts (
  id       bigint primary key generated always as identity,
  cause_id bigint not null references causes (id),
  at       timestamptz not null default now(),
  act      text not null check (act in ('propose', 'accept', 'refuse', 'begin', 'finish', 'close', 'reopen')),
  staff_id integer references staff (id),                    -- null: the gateway
  post_id  integer references posts (id),
  words    text not null check (length(words) between 1 and 2000),
  evidence text check (length(evidence) <= 2000)
);
create index cause_acts_cause on cause_acts (cause_id, id);
create trigger history_is_fixed before update or delete or truncate on cause_acts for each statement execute function history_is_fixed();
alter table causes enable row level security;
alter table cause_cases enable row level security;
alter table cause_acts enable row level security;
create policy gateway on causes to mashangdu_gateway using (true) with check (true);
create policy gateway on cause_cases to mashangdu_gateway using (true) with check (true);
create policy gateway on cause_acts to mashangdu_gateway using (true) with check (true);
-- A unit hears of what is to be put right, not of what somebody may think of it.
create policy staff_sees on causes for select to mashangdu_staff using (
  (select i_am('{coordinator,supervisor,accountability,registry,leader}'))
  or (state not in ('proposed', 'refused') and (select my_unit()) = any (unit_heirs(unit_id)) and (select i_am('{handler,unit_leader}'))));
-- Cases of it that this person sees; a confidential one is none of it, whoever asks.
create policy staff_sees on cause_cases for select to mashangdu_staff using (
  exists (select from causes x where x.id = cause_cases.cause_id)
  and exists (select from cases c where c.id = cause_cases.case_id and not c.confidential and not c.held and c.nature <> 'report'));
create policy staff_sees on cause_acts for select to mashangdu_staff using (exists (select from causes x where x.id = cause_acts.cause_id));
grant select on causes, cause_cases, cause_acts to mashangdu_gateway, mashangdu_staff;

create function cause_told(c causes) returns void language sql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
  select public.desk_event('desk.causes', case when c.state in ('proposed', 'refused') then null else c.unit_id end, null, false) $$;
revoke execute on function cause_told from public;

-- Whose turn it is to look for causes; the deadline needs the calendar, which the gateway has. Clusters over the threshold that no open or lately ended
-- proposal is about. Units and stretches are those of the cases as they stand; confidential ones never count.
create function causes_turn(every interval) returns boolean language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  update public.twin_mark m set causes_at = now() where m.causes_at <= now() - every;
  return found;
end $$;
create function causes_find(days integer, least_ integer, due timestamptz) returns integer language plpgsql volatile security definer
  set search_path = pg_catalog, public, pg_temp as $$
declare
  from_ constant timestamptz := now() - make_interval(days => days);
  f record;
  x public.causes;
  made public.causes[] := '{}';
begin
  for f in
    with recent as materialized (
      select c.id, c.unit_id, c.category, c.plaque_unit_id is not null as scanned
      from public.cases c join public.units u on u.id = c.unit_id and u.kind in ('unit', 'enterprise')
      where c.opened_at > from_ and not c.confidential and not c.held and c.nature not in ('report', 'rate', 'ask') and c.state not in ('discovered', 'declined')),
    windows as (
      select r.id, r.category, p.number, public.whole_unit(p.unit_id) as window_unit from recent r
      join lateral (select y.plaque from public.feedback y where y.case_id = r.id and y.plaque is not null order by y.received_at, y.id limit 1) y on r.scanned
      join public.plaques p on p.number = y.plaque and p.window_name is not null)
    select 'matter' as kind, r.unit_id, null::text as plaque, r.category, array_agg(r.id) as ids from recent r
      group by r.unit_id, r.category having count(*) >= least_
    union all
    select 'window', w.window_unit, w.number, w.category, array_agg(w.id) from windows w group by w.window_unit, w.number, w.category having count(*) >= least_
  loop
    select * into x from public.causes k where k.kind = f.kind and k.unit_id = f.unit_id and k.plaque is not distinct from f.plaque and k.category = f.category
      and k.state not in ('refused', 'closed') for update;
    if x.id is null then
      continue when exists (select from public.causes k where k.kind = f.kind and k.unit_id = f.unit_id and k.plaque is not distinct from f.plaque
        and k.category = f.category and k.changed_at > from_);
      insert into public.causes (kind, unit_id, plaque, category, from_at, due_at)
        values (f.kind, f.unit_id, f.plaque, f.category, from_, due) returning * into x;
      insert into public.cause_acts (cause_id, act, words) values (x.id, 'propose', format('%s 天内同类反映 %s 件，达到 %s 件的提示线', days, cardinality(f.ids), least_));
      made := made || x;
    end if;
    insert into public.cause_cases (cause_id, case_id) select x.id, unnest(f.ids) on conflict do nothing;
  end loop;
  for i in 1 .. cardinality(made) loop perform public.cause_told(made[i]); end loop;
  return cardinality(made);
end $$;

-- One step of a proposal. seen: the version that the person read. due, check_at_: reckoned by the gateway's calendar. The unit puts right, the office
-- judges; who said that it is done, or works in that unit, does not check it.
create function cause_step(one bigint, seen integer, act_ text, words_ text, evidence_ text, due timestamptz, check_from timestamptz)
returns integer language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  me constant integer := public.staff_now();
  x public.causes;
  office constant boolean := public.i_am('{coordinator}');
  checks constant boolean := public.i_am('{supervisor,coordinator}');
  to_state text;
begin
  select * into x from public.causes k where k.id = one for update;
  if x.id is null or not (public.i_am('{coordinator,supervisor,accountability,registry,leader}')
      or (x.state not in ('proposed', 'refused') and public.my_unit() = any (public.unit_heirs(x.unit_id)) and public.i_am('{handler,unit_leader}'))) then
    raise exception 'no such proposal' using errcode = 'MSDU1';
  end if;
  if x.version <> seen then raise exception 'changed meanwhile' using errcode = 'MSDU2'; end if;
  to_state := case
    when act_ = 'accept' and x.state = 'proposed' and office then 'accepted'
    when act_ = 'refuse' and x.state = 'proposed' and office then 'refused'
    when act_ = 'begin' and x.state = 'accepted' and public.my_unit() = any (public.unit_heirs(x.unit_id)) and public.i_am('{handler,unit_leader}') then 'rectifying'
    when act_ = 'finish' and x.state = 'rectifying' and public.my_unit() = any (public.unit_heirs(x.unit_id)) and public.i_am('{unit_leader}') then 'rectified'
    when act_ = 'close' and x.state = 'rectified' and checks then 'closed'
    when act_ = 'reopen' and x.state = 'rectified' and checks then 'rectifying' end;
  if to_state is null then raise exception 'not in this state or not for this post' using errcode = 'MSDU3'; end if;
  if length(coalesce(words_, '')) < 2 or (act_ = 'finish' and length(coalesce(evidence_, '')) < 2) then
    raise exception 'something is missing' using errcode = 'MSDU6';
  end if;
  if act_ in ('close', 'reopen') then
    if public.unit_heirs(x.unit_id) && public.my_ties()
       or exists (select from public.cause_acts a where a.cause_id = one and a.act in ('accept', 'finish') and a.staff_id = me) then
      raise exception 'needs another person' using errcode = 'MSDU4';
    end if;
    if act_ = 'close' and now() < x.check_at then raise exception 'too early' using errcode = 'MSDU5'; end if;
  end if;
  update public.causes k set state = to_state, version = k.version + 1, changed_at = now(),
      due_at = case when act_ in ('accept', 'reopen') then due else k.due_at end,
      check_at = case when act_ = 'finish' then check_from when act_ = 'reopen' then null else k.check_at end,
      round = k.round + (act_ = 'reopen')::integer
    where k.id = one returning * into x;
  insert into public.cause_acts (cause_id, act, staff_id, post_id, words, evidence)
    values (one, act_, me, nullif(public.post_now(), 0), words_, nullif(evidence_, ''));
  insert into public.audit_log (staff_id, action, detail) values (me, 'cause_step', jsonb_build_object('cause', one, 'act', act_));
  perform public.cause_told(x);
  return x.version;
end $$;

-- How many came about the same after it was put right, for whoever checks; as this person sees them.
create function cause_since(k causes) returns integer language sql stable set search_path = pg_catalog, public, pg_temp as $$
  select count(*)::integer from cases c
  where c.unit_id = k.unit_id and c.category = k.category and not c.confidential and not c.held and c.nature not in ('report', 'rate', 'ask')
    and c.opened_at > (select max(a.at) from cause_acts a where a.cause_id = k.id and a.act = 'finish')
    and (k.plaque is null or exists (select from feedback f where f.case_id = c.id and f.plaque = k.plaque)) $$;

revoke execute on function twins_forget, twins_case_changed, twins_erased, twins_split, twins_candidates, twins_one_sender, twins_store, twins_apart, twins_prune,
  burst_count, bursts_look, burst_seen, causes_turn, causes_find, cause_step, cause_since from public;
grant execute on function twins_candidates, twins_store, twins_prune, bursts_look, causes_turn, causes_find to mashangdu_gateway;
grant execute on function twins_apart, burst_seen, cause_step, cause_since to mashangdu_staff;
