-- What the page behind a plaque tells of its unit (晒: 党务、政务、事务、服务), and who answers for it. Everything published has an
-- author and an approver, who are two persons; what was published stays on record with both.
-- Refusals: MSD95 this person may not take this step   MSD96 the step does not follow from the state
--           MSD97 the period is not whole or overlaps one that was published

alter table units
  add column duties         text check (length(duties) between 2 and 300),          -- what it does, in a sentence or two
  add column post_in_charge text check (length(post_in_charge) between 2 and 60),   -- a post, never a person
  add column address        text check (length(address) between 2 and 100);

create table publications (
  id            bigint primary key generated always as identity,
  kind          text not null check (kind in ('party', 'government', 'affairs', 'service', 'answer', 'figures')),
  unit_id       integer references units (id),   -- null: figures, which are of all units
  title         text not null check (length(title) between 1 and 100),
  words         text not null check (length(words) between 1 and 5000),
  from_day      date,                            -- of figures; both days included
  to_day        date,
  state         text not null default 'proposed' check (state in ('proposed', 'written', 'published', 'refused', 'withdrawn')),
  author_id     integer not null references staff (id),
  author_post   text not null,
  written_at    timestamptz not null default now(),
  writer_id     integer references staff (id),   -- of 综合办公室, who took a unit's proposal over
  approver_id   integer references staff (id),
  approver_post text,                            -- the post alone stands on the page
  published_at  timestamptz,
  ended_at      timestamptz,                     -- refused or withdrawn
  ended_by      integer references staff (id),
  check ((kind = 'figures') = (unit_id is null)),
  check ((kind = 'figures') = (from_day is not null) and (kind = 'figures') = (to_day is not null)),
  check (state not in ('published', 'withdrawn') or (approver_id is not null and approver_post is not null and published_at is not null)),
  check ((state in ('refused', 'withdrawn')) = (ended_at is not null)),
  check (state = 'proposed' or state = 'refused' or writer_id is not null),
  constraint publications_two_persons check (approver_id is null or (approver_id <> author_id and approver_id <> writer_id)),
  -- Two periods that overlap would let the difference tell of a few single cases.
  constraint publications_apart exclude using gist (daterange(from_day, to_day, '[]') with &&)
    where (kind = 'figures' and state in ('written', 'published'))
);
create index publications_unit on publications (unit_id, published_at desc) where state = 'published';
create index publications_open on publications (state, written_at desc);

-- What figures say of one unit. A number under ten is not kept at all: it would tell of single people. Reports and what waits to be
-- looked at as one are in no number; a unit's stations count for it.
create table published_figures (
  publication_id bigint not null references publications (id),
  unit_id        integer not null references units (id),
  rated          integer check (rated >= 10),
  satisfied      integer check (satisfied between 0 and rated),
  due            integer check (due >= 10),
  on_time        integer check (on_time between 0 and due),
  received       integer check (received >= 10),
  answered       integer check (answered between 0 and received),
  primary key (publication_id, unit_id),
  check ((rated is null) = (satisfied is null) and (due is null) = (on_time is null) and (received is null) = (answered is null)),
  check (rated is not null or due is not null or received is not null)
);

create function publication_post() returns text language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select case when public.i_am('{leader}') then '优化办分管领导' when public.i_am('{supervisor}') then '督查督办组'
              when public.i_am('{registry}') then '综合办公室' when public.i_am('{unit_leader}') then '单位负责人' else '单位承办人' end $$;

-- Who may take which step, asked where it is stored. 综合办公室 writes, or takes over what a unit proposes; 督查督办组 or the leader approves.
create function publication_step() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  me integer := public.staff_now();
  writes boolean := public.i_am('{registry}');
  approves boolean := public.i_am('{supervisor,leader}');
begin
  if tg_op = 'INSERT' then
    if not (writes or (new.kind <> 'figures' and public.i_am('{handler,unit_leader}') and new.unit_id = public.my_unit())) then
      raise exception 'may not publish for this unit' using errcode = 'MSD95';
    end if;
    new.author_id := me;
    new.author_post := public.publication_post();
    new.written_at := now();
    new.state := case when writes then 'written' else 'proposed' end;
    new.writer_id := case when writes then me end;
    if (new.approver_id, new.approver_post, new.published_at, new.ended_at, new.ended_by) is distinct from
       (null::integer, null::text, null::timestamptz, null::timestamptz, null::integer) then
      raise exception 'is not published yet' using errcode = 'MSD96';
    end if;
    if new.kind = 'figures' and (new.to_day - new.from_day < 27 or new.to_day >= (now() at time zone 'Asia/Shanghai')::date) then
      raise exception 'the period is too short or not over' using errcode = 'MSD97';
    end if;
    return new;
  end if;
  if (new.id, new.kind, new.unit_id, new.from_day, new.to_day, new.author_id, new.author_post, new.written_at) is distinct from
     (old.id, old.kind, old.unit_id, old.from_day, old.to_day, old.author_id, old.author_post, old.written_at) then
    raise exception 'what was written stays' using errcode = 'MSD96';
  end if;
  if (old.state, new.state) = ('proposed', 'written') then
    if not writes then raise exception 'may not take it over' using errcode = 'MSD95'; end if;
    new.writer_id := me;
  elsif (new.title, new.words, new.writer_id) is distinct from (old.title, old.words, old.writer_id) then
    raise exception 'what was written stays' using errcode = 'MSD96';
  elsif (old.state, new.state) = ('written', 'published') then
    if not approves or me = old.author_id or me = old.writer_id then
      raise exception 'somebody else approves' using errcode = 'MSD95';
    end if;
    new.approver_id := me;
    new.approver_post := public.publication_post();
    new.published_at := now();
  elsif (old.state in ('proposed', 'written') and new.state = 'refused') or (old.state = 'published' and new.state = 'withdrawn') then
    if not (approves or writes or (old.state = 'proposed' and me = old.author_id)) then
      raise exception 'may not end it' using errcode = 'MSD95';
    end if;
    new.ended_at := now();
    new.ended_by := me;
  else
    raise exception '% does not become %', old.state, new.state using errcode = 'MSD96';
  end if;
  return new;
end $$;
create trigger publication_step before insert or update on publications for each row execute function publication_step();

-- Figures are counted once, when they are proposed, and never again: what the approver has seen is what is published.
create function publication_count() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  since timestamptz := new.from_day::timestamp at time zone 'Asia/Shanghai';
  until timestamptz := (new.to_day + 1)::timestamp at time zone 'Asia/Shanghai';
begin
  insert into public.published_figures (publication_id, unit_id, rated, satisfied, due, on_time, received, answered)
  select new.id, x.unit_id, case when x.rated >= 10 then x.rated end, case when x.rated >= 10 then x.satisfied end,
    case when x.due >= 10 then x.due end, case when x.due >= 10 then x.on_time end,
    case when x.received >= 10 then x.received end, case when x.received >= 10 then x.answered end
  from (
    select n.unit_id, sum(n.rated)::integer as rated, sum(n.satisfied)::integer as satisfied, sum(n.due)::integer as due,
      sum(n.on_time)::integer as on_time, sum(n.received)::integer as received, sum(n.answered)::integer as answered
    from (
      select r.unit_id, count(*) as rated, count(*) filter (where r.level >= 3) as satisfied, 0 as due, 0 as on_time, 0 as received, 0 as answered
        from public.ratings r where r.counted and r.at >= since and r.at < until and (r.case_id is null or not public.rating_hidden(r.case_id)) group by 1
      union all
      select c.unit_id, 0, 0, 0, 0, count(*), count(*) filter (where 'answered' = any (c.flags))
        from public.cases c where c.opened_at >= since and c.opened_at < until and c.nature <> 'report' and not c.confidential and not c.held
          and c.state not in ('merged', 'declined') group by 1
      union all
      select d.unit_id, 0, 0, count(*), count(*) filter (where d.good), 0, 0
        from (
          -- Answers that were approved: in time when the unit's leader signed in time.
          select c.unit_id, coalesce(e.at, a.at) <= coalesce(e.due, a.data->>'due')::timestamptz as good
            from public.acts a join public.cases c on c.id = a.case_id
            left join lateral (select x.at, x.data->>'due' as due from public.acts x where x.case_id = a.case_id and x.act = 'endorse'
                               and x.version < a.version order by x.version desc limit 1) e on true
            where a.act = 'approve' and a.at >= since and a.at < until and coalesce(e.due, a.data->>'due') is not null
              and c.nature <> 'report' and not c.confidential and not c.held
          union all
          -- and those that are owed still
          select c.unit_id, false from public.cases c
            where c.state in ('assigned', 'handling', 'replied') and c.held_since is null and c.handling_due >= since and c.handling_due < least(until, now())
              and c.nature <> 'report' and not c.confidential and not c.held) d group by 1) n
    join public.units u on u.id = n.unit_id and u.retired_on is null
    group by 1) x
  where greatest(x.rated, x.due, x.received) >= 10;
  return null;
end $$;
create trigger publication_count after insert on publications for each row when (new.kind = 'figures') execute function publication_count();

create trigger history_is_fixed before delete or truncate on publications for each statement execute function history_is_fixed();
create trigger history_is_fixed before update or delete or truncate on published_figures for each statement execute function history_is_fixed();
create trigger register_changed after update on publications for each row when (new.kind = 'figures' and new.state <> old.state)
  execute function register_changed();

-- The newest figures of each unit that were approved.
create view figures_open as
  select distinct on (f.unit_id) f.*, p.from_day, p.to_day, p.published_at, p.approver_post
    from published_figures f join publications p on p.id = f.publication_id where p.state = 'published'
    order by f.unit_id, p.to_day desc, p.published_at desc;

grant select on publications, published_figures, figures_open to mashangdu_gateway, mashangdu_staff;
grant insert (kind, unit_id, title, words, from_day, to_day) on publications to mashangdu_staff;
grant update (title, words, state) on publications to mashangdu_staff;
alter table publications enable row level security;
alter table published_figures enable row level security;
-- The gateway reads for everybody, so it reads what everybody may read.
create policy gateway on publications for select to mashangdu_gateway using (state = 'published');
create policy staff_sees on publications for select to mashangdu_staff
  using ((select i_am('{registry,supervisor,leader}')) or unit_id = (select my_unit()));
create policy staff_adds on publications for insert to mashangdu_staff
  with check ((select i_am('{registry}')) or ((select i_am('{handler,unit_leader}')) and unit_id = (select my_unit())));
create policy staff_moves on publications for update to mashangdu_staff
  using ((select i_am('{registry,supervisor,leader}')) or author_id = (select staff_now()));
create policy gateway on published_figures for select to mashangdu_gateway
  using (exists (select from publications p where p.id = publication_id and p.state = 'published'));
create policy staff_sees on published_figures for select to mashangdu_staff using ((select i_am('{registry,supervisor,leader}')));
