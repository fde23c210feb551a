-- 企业码 (M41): one code for 码上约, 评, 问, 答 and 惠企政策 (M22). An enterprise is a unit of kind enterprise and its code a plaque of
-- that unit: issued, replaced and revoked like any other, without a secret in it. Who comes to an enterprise, why, and what came of it.
-- Refusals: MSD98 this person may not take this step   MSD99 the step does not follow from the state
--           MSD9A the code shown is not the one of this enterprise

create table visits (
  id            bigint primary key generated always as identity,
  enterprise_id integer not null references units (id),
  unit_id       integer references units (id),          -- who comes; null: asked for, and nobody has taken it yet
  kind          text not null check (kind in ('inspection', 'service')),   -- 入企检查, 上门服务
  subject       text not null check (length(subject) between 1 and 300),   -- of a booking: empty words never, the citizen's masked ones
  basis         text check (length(basis) between 2 and 300),              -- by what law; every inspection has one
  planned_for   date,
  state         text not null default 'planned' check (state in ('asked', 'planned', 'arrived', 'done', 'cancelled')),
  feedback_id   bigint unique references feedback (id), -- of a booking made with the code
  entered_by    integer references staff (id),
  entered_at    timestamptz not null default now(),
  arrived_at    timestamptz,
  arrived_plaque text references plaques (number),      -- the code that was scanned on the spot
  done_at       timestamptz,
  result        text check (length(result) between 1 and 1000),
  service_id    bigint unique references services (id), -- by which the enterprise rates it, once
  reason        text check (length(reason) between 2 and 300),             -- why it was cancelled
  check (kind <> 'inspection' or basis is not null),
  check (unit_id is not null or state in ('asked', 'cancelled')),
  check (state <> 'asked' or feedback_id is not null),
  check ((entered_by is null) = (feedback_id is not null)),
  check (state not in ('arrived', 'done') or (arrived_at is not null and arrived_plaque is not null)),
  check ((state = 'done') = (done_at is not null) and (state = 'done') = (result is not null)),
  check ((state = 'cancelled') = (reason is not null)),
  check (enterprise_id is distinct from unit_id)
);
create index visits_enterprise on visits (enterprise_id, entered_at desc);
create index visits_unit on visits (unit_id, entered_at desc);

-- Each step with who took it; never changed.
create table visit_steps (
  id       bigint primary key generated always as identity,
  visit_id bigint not null references visits (id),
  at       timestamptz not null default now(),
  state    text not null,
  staff_id integer references staff (id)                -- null: the enterprise, by its code
);
create index visit_steps_visit on visit_steps (visit_id, at);

create function visit_unit(id_ integer) returns integer language sql stable security definer set search_path = pg_catalog, public, pg_temp as
$$ select case u.kind when 'station' then u.parent_id else u.id end from public.units u where u.id = id_ $$;

-- Who may take which step, asked where it is stored: the visiting unit its own, 统筹协调组 may cancel; a booking is taken by the unit
-- that has its case.
create function visit_step() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  me constant integer := public.staff_now();
  mine constant integer := public.my_unit();
  works constant boolean := public.i_am('{handler,unit_leader}');
begin
  if (select u.kind from public.units u where u.id = new.enterprise_id) is distinct from 'enterprise' then
    raise exception 'not an enterprise' using errcode = 'MSD9A';
  end if;
  if tg_op = 'INSERT' then
    if new.feedback_id is not null then                  -- by intake, with the booking
      if me <> 0 then raise exception 'bookings are made with the code' using errcode = 'MSD98'; end if;
      new.state := 'asked';
      return new;
    end if;
    if not works or mine = 0 then raise exception 'units enter their own visits' using errcode = 'MSD98'; end if;
    if (new.arrived_at, new.done_at, new.result, new.service_id) is distinct from (null::timestamptz, null::timestamptz, null::text, null::bigint) then
      raise exception 'is only planned yet' using errcode = 'MSD99';
    end if;
    new.unit_id := mine;
    new.entered_by := me;
    new.entered_at := now();
    new.state := 'planned';
    return new;
  end if;
  if (new.id, new.enterprise_id, new.kind, new.subject, new.basis, new.feedback_id, new.entered_by, new.entered_at) is distinct from
     (old.id, old.enterprise_id, old.kind, old.subject, old.basis, old.feedback_id, old.entered_by, old.entered_at) then
    raise exception 'what was entered stays' using errcode = 'MSD99';
  end if;
  if new.state = 'cancelled' then
    if not ((works and mine = coalesce(old.unit_id, public.visit_case_unit(old.feedback_id))) or public.i_am('{coordinator}')) then
      raise exception 'not a visit of this person' using errcode = 'MSD98';
    end if;
    if old.state not in ('asked', 'planned') then raise exception '% is not cancelled', old.state using errcode = 'MSD99'; end if;
    return new;
  end if;
  if not works or mine <> coalesce(old.unit_id, public.visit_case_unit(old.feedback_id), 0) then
    raise exception 'not a visit of this person' using errcode = 'MSD98';
  end if;
  if (old.state, new.state) = ('asked', 'planned') then
    new.unit_id := mine;
    if new.planned_for is null then raise exception 'a day is needed' using errcode = 'MSD99'; end if;
  elsif (old.state, new.state) = ('planned', 'arrived') then
    if (select p.unit_id from public.plaques p where p.number = new.arrived_plaque and p.state in ('issued', 'active'))
       is distinct from old.enterprise_id then
      raise exception 'another code' using errcode = 'MSD9A';
    end if;
    new.arrived_at := now();
  elsif (old.state, new.state) = ('arrived', 'done') then
    new.done_at := now();
  else
    raise exception '% does not become %', old.state, new.state using errcode = 'MSD99';
  end if;
  if old.unit_id is not null and new.unit_id is distinct from old.unit_id then
    raise exception 'what was entered stays' using errcode = 'MSD99';
  end if;
  return new;
end $$;

-- The unit that has the case of a booking; null as long as nobody has it.
create function visit_case_unit(feedback bigint) returns integer language sql stable security definer
  set search_path = pg_catalog, public, pg_temp set enable_seqscan = off as
$$ select public.visit_unit(c.unit_id) from public.feedback f join public.cases c on c.id = f.case_id
   where f.id = feedback and c.state not in ('discovered', 'merged', 'declined') and not c.held and not c.confidential $$;

create function visit_noted() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  if tg_op = 'INSERT' or new.state <> old.state then
    insert into public.visit_steps (visit_id, state, staff_id) values (new.id, new.state, nullif(public.staff_now(), 0));
  end if;
  return null;
end $$;
create trigger visit_step before insert or update on visits for each row execute function visit_step();
create trigger visit_noted after insert or update on visits for each row execute function visit_noted();
create trigger history_is_fixed before delete or truncate on visits for each statement execute function history_is_fixed();
create trigger history_is_fixed before update or delete or truncate on visit_steps for each statement execute function history_is_fixed();

-- Visits of the month to each enterprise, over all units: what many single ones never see. For the office, the leader, and for units: only
-- numbers.
create function visit_figures(month date)
returns table (enterprise_id integer, inspections bigint, services bigint, units bigint, planned bigint) language sql stable security definer
  set search_path = pg_catalog, public, pg_temp as $$
  select v.enterprise_id, count(*) filter (where v.kind = 'inspection' and v.arrived_at is not null),
    count(*) filter (where v.kind = 'service' and v.arrived_at is not null), count(distinct v.unit_id) filter (where v.arrived_at is not null),
    count(*) filter (where v.arrived_at is null)
  from public.visits v
  where public.staff_now() <> 0 and v.state <> 'cancelled' and coalesce(v.arrived_at, v.planned_for::timestamp at time zone 'Asia/Shanghai', v.entered_at)
    >= date_trunc('month', month)::timestamp at time zone 'Asia/Shanghai'
    and coalesce(v.arrived_at, v.planned_for::timestamp at time zone 'Asia/Shanghai', v.entered_at)
    < (date_trunc('month', month) + interval '1 month')::timestamp at time zone 'Asia/Shanghai'
  group by v.enterprise_id $$;

-- 惠企政策, 政策口袋书 (M22): what is in force, for whom, from whom, until when. Written by one person, published by another.
create table policies (
  id         bigint primary key generated always as identity,
  title      text not null check (length(title) between 2 and 120),
  source     text not null check (length(source) between 2 and 100),   -- who issued it
  serial     text check (length(serial) between 2 and 60),             -- 文号
  words      text not null check (length(words) between 2 and 5000),   -- what it gives and how to get it, in plain words
  targets    text[] not null check (cardinality(targets) between 1 and 6 and targets <@ '{all,large,small,individual,start_up,farm}'),
  valid_from date not null,
  valid_to   date check (valid_to >= valid_from),                      -- null: until it is withdrawn
  unit_id    integer not null references units (id),                   -- who answers questions about it
  state      text not null default 'written' check (state in ('written', 'published', 'refused', 'withdrawn')),
  author_id  integer not null references staff (id),
  written_at timestamptz not null default now(),
  approver_id integer references staff (id),
  published_at timestamptz,
  ended_at   timestamptz,
  constraint policies_two_persons check (approver_id is distinct from author_id),
  check (state not in ('published', 'withdrawn') or (approver_id is not null and published_at is not null)),
  check ((state in ('refused', 'withdrawn')) = (ended_at is not null))
);
create index policies_valid on policies (valid_from desc, id desc) where state = 'published';

create function policy_step() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  me constant integer := public.staff_now();
  approves constant boolean := public.i_am('{coordinator,supervisor,leader}');
begin
  if tg_op = 'INSERT' then
    if not (public.i_am('{registry}') or (public.i_am('{handler,unit_leader}') and new.unit_id = public.my_unit())) then
      raise exception 'may not write policies of this unit' using errcode = 'MSD98';
    end if;
    new.author_id := me;
    new.written_at := now();
    new.state := 'written';
    return new;
  end if;
  if (new.id, new.title, new.source, new.serial, new.words, new.targets, new.valid_from, new.valid_to, new.unit_id, new.author_id, new.written_at)
     is distinct from
     (old.id, old.title, old.source, old.serial, old.words, old.targets, old.valid_from, old.valid_to, old.unit_id, old.author_id, old.written_at) then
    raise exception 'what was written stays' using errcode = 'MSD99';
  end if;
  if (old.state, new.state) = ('written', 'published') then
    if not approves or me = old.author_id then raise exception 'somebody else approves' using errcode = 'MSD98'; end if;
    new.approver_id := me;
    new.published_at := now();
  elsif (old.state, new.state) in (('written', 'refused'), ('published', 'withdrawn')) then
    if not (approves or public.i_am('{registry}') or me = old.author_id) then raise exception 'may not end it' using errcode = 'MSD98'; end if;
    new.ended_at := now();
  else
    raise exception '% does not become %', old.state, new.state using errcode = 'MSD99';
  end if;
  return new;
end $$;
create trigger policy_step before insert or update on policies for each row execute function policy_step();
create trigger history_is_fixed before delete or truncate on policies for each statement execute function history_is_fixed();

alter table visits enable row level security;
alter table visit_steps enable row level security;
create policy gateway on visits to mashangdu_gateway using (true) with check (true);
create policy gateway on visit_steps to mashangdu_gateway using (true) with check (true);
create policy staff_sees on visits for select to mashangdu_staff using (
  (select i_am('{coordinator,supervisor,accountability,registry,leader}'))
  or ((select i_am('{handler,unit_leader}')) and (unit_id = (select my_unit()) or (unit_id is null and visit_case_unit(feedback_id) = (select my_unit())))));
create policy staff_steps on visits for update to mashangdu_staff using (true) with check (true);
create policy staff_enters on visits for insert to mashangdu_staff with check (true);
create policy staff_sees on visit_steps for select to mashangdu_staff using (exists (select from visits v where v.id = visit_steps.visit_id));
grant select, insert on visits to mashangdu_gateway;
grant select on visit_steps, policies to mashangdu_gateway;
grant select, insert (enterprise_id, kind, subject, basis, planned_for),
  update (state, planned_for, arrived_plaque, result, service_id, reason) on visits to mashangdu_staff;
grant select on visit_steps to mashangdu_staff;
grant select, insert (title, source, serial, words, targets, valid_from, valid_to, unit_id), update (state) on policies to mashangdu_staff;
revoke execute on function visit_figures, visit_case_unit, visit_unit from public;
grant execute on function visit_figures, visit_case_unit, visit_unit to mashangdu_staff, mashangdu_gateway;
