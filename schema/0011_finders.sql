-- What the office's own finders bring beside the citizens: exchange meetings (政企交流), inspections, two rosters of monitors,
-- lists from elsewhere. Each problem is an ordinary feedback and case; here stands where it came from.

-- 主题日, 早茶会, 园区夜话, 联席会议. Same kind, time and place: the same meeting, entered once.
create table meetings (
  id           bigint primary key generated always as identity,
  kind         text not null check (kind in ('theme_day', 'morning_tea', 'evening_talk', 'joint', 'other')),
  held_at      timestamptz not null,
  place        text not null check (length(place) between 1 and 200),
  theme        text not null check (length(theme) between 1 and 200),
  host_unit_id integer not null references units (id),
  participants text[] not null default '{}' check (cardinality(participants) <= 200),  -- posts and enterprises, no citizens
  staff_id     integer not null references staff (id),
  entered_at   timestamptz not null default now(),
  constraint meetings_once unique (kind, held_at, place)
);
create index meetings_held on meetings (held_at desc, id desc);

create table meeting_minutes (
  meeting_id bigint not null references meetings (id),
  ordinal    integer not null check (ordinal >= 1),
  words      text not null check (length(words) between 1 and 20000),
  staff_id   integer not null references staff (id),
  at         timestamptz not null default now(),
  primary key (meeting_id, ordinal)
);

-- 督查, 驻点, 暗访, 联合.
create table inspections (
  id         bigint primary key generated always as identity,
  kind       text not null check (kind in ('inspect', 'stationed', 'covert', 'joint')),
  unit_id    integer not null references units (id),
  place      text not null check (length(place) between 1 and 200),
  held_at    timestamptz not null,
  steps      text not null check (length(steps) between 1 and 5000),
  basis      text not null check (length(basis) between 1 and 500),
  joint_with text check (length(joint_with) between 1 and 200),
  staff_id   integer not null references staff (id),
  entered_at timestamptz not null default now(),
  constraint inspections_once unique (kind, unit_id, place, held_at),
  constraint inspections_joint check (kind <> 'joint' or joint_with is not null)
);
create index inspections_held on inspections (held_at desc, id desc);

-- 营商环境监测员 (business) and 清廉监测员 (integrity): who files a return each month of the term.
create table monitors (
  id         bigint primary key generated always as identity,
  track      text not null check (track in ('business', 'integrity')),
  staff_id   integer not null references staff (id),
  enterprise text not null check (length(enterprise) between 1 and 100),
  term_from  date not null,
  term_to    date not null,
  added_by   integer not null references staff (id),
  added_at   timestamptz not null default now(),
  constraint monitors_term check (term_from <= term_to and term_to < term_from + 3660),
  constraint monitors_once unique (track, staff_id, term_from)
);
-- One a month and monitor. A return without a finding says 无.
create table monitor_returns (
  id         bigint primary key generated always as identity,
  monitor_id bigint not null references monitors (id),
  period     text not null check (period ~ '^20[0-9]{2}-(0[1-9]|1[0-2])$'),
  staff_id   integer not null references staff (id),
  filed_at   timestamptz not null default now(),
  constraint monitor_returns_once unique (monitor_id, period)
);
create index monitor_returns_period on monitor_returns (period);

create table imports (
  id        bigint primary key generated always as identity,
  staff_id  integer not null references staff (id),
  at        timestamptz not null default now(),
  row_count integer not null check (row_count between 1 and 2000),
  stored    integer not null check (stored >= 0),
  repeated  integer not null check (repeated >= 0),
  refused   integer not null check (refused >= 0),
  constraint imports_sum check (stored + repeated + refused = row_count)
);

-- Where a feedback came from, when a finder brought it.
create table findings (
  feedback_id   bigint primary key references feedback (id),
  case_id       bigint not null references cases (id),
  meeting_id    bigint references meetings (id),
  inspection_id bigint references inspections (id),
  return_id     bigint references monitor_returns (id),
  import_id     bigint references imports (id),
  ordinal       integer not null check (ordinal >= 1),              -- within its source; of an import: the line
  raised_by     text check (length(raised_by) between 1 and 100),   -- enterprise or post; null: erased, or not said
  staff_id      integer not null references staff (id),
  at            timestamptz not null default now(),
  constraint findings_one_source check (num_nonnulls(meeting_id, inspection_id, return_id, import_id) = 1),
  constraint findings_of_inspection unique (feedback_id, inspection_id),
  unique (meeting_id, ordinal),
  unique (inspection_id, ordinal),
  unique (return_id, ordinal),
  unique (import_id, ordinal)
);
create index findings_case on findings (case_id);

-- 责任清单: measure, unit and promised day for a problem of a meeting; the latest counts.
create table meeting_measures (
  id          bigint primary key generated always as identity,
  feedback_id bigint not null references findings (feedback_id),
  words       text not null check (length(words) between 1 and 2000),
  unit_id     integer not null references units (id),
  due_on      date not null,
  key         text not null check (length(key) between 8 and 200),
  staff_id    integer not null references staff (id),
  at          timestamptz not null default now(),
  constraint meeting_measures_once unique (feedback_id, key)
);

-- 通报批评, 移送, 约谈, in 人次; several to one problem, no name of a person.
create table inspection_outcomes (
  id            bigint primary key generated always as identity,
  inspection_id bigint not null references inspections (id),
  feedback_id   bigint,
  kind          text not null check (kind in ('announce', 'hand_over', 'talk')),
  persons       integer not null check (persons between 1 and 1000),
  decided_on    date not null,
  document      text check (length(document) between 1 and 60),     -- its number
  key           text not null check (length(key) between 8 and 128),
  staff_id      integer not null references staff (id),
  at            timestamptz not null default now(),
  constraint inspection_outcomes_once unique (inspection_id, key),
  foreign key (feedback_id, inspection_id) references findings (feedback_id, inspection_id)
);

-- Links a stored feedback to its source and gives its number there; the same one again when it is linked already. Source 'monitor'
-- names the monitor and files the return of the period. It cannot be a plain insert: whoever writes a problem down need not be among
-- those who may see the case that it became.
create function finding_link(source text, source_id bigint, period text, feedback bigint, case_of bigint, raised text)
returns integer language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  door text := case source when 'meeting' then 'meeting' else 'monitor' end;
  track_of text;
  return_of bigint;
  n integer;
begin
  if not (case source
            when 'meeting' then public.i_am('{coordinator,registry}')
            when 'inspection' then public.i_am('{coordinator,supervisor,accountability}')
            when 'monitor' then public.i_am('{monitor}') else false end) then
    raise exception 'this post brings no such findings' using errcode = '42501';
  end if;
  -- The lock gives out the numbers one by one.
  if source = 'meeting' then perform from public.meetings m where m.id = source_id for update;
  elsif source = 'inspection' then perform from public.inspections i where i.id = source_id for update;
  else select m.track into track_of from public.monitors m where m.id = source_id and m.staff_id = public.staff_now() for update;
  end if;
  if not found then raise exception 'no such source' using errcode = 'MSD41'; end if;
  if not exists (select from public.feedback f where f.id = feedback and f.case_id = case_of and f.channel = door
                   and f.provider = source and f.external_id = source || ':' || source_id) then
    raise exception 'this feedback did not come from that source' using errcode = 'MSD41';
  end if;
  select f.ordinal into n from public.findings f where f.feedback_id = feedback;
  if found then return n; end if;
  if track_of = 'integrity' and not (select c.confidential from public.cases c where c.id = case_of) then
    raise exception 'a finding of the integrity track must be confidential' using errcode = 'MSD42';
  end if;
  if source = 'monitor' then
    insert into public.monitor_returns (monitor_id, period, staff_id) values (source_id, finding_link.period, public.staff_now())
      on conflict on constraint monitor_returns_once do nothing;
    select r.id into return_of from public.monitor_returns r where r.monitor_id = source_id and r.period = finding_link.period;
  end if;
  select coalesce(max(f.ordinal), 0) + 1 into n from public.findings f
    where case source when 'meeting' then f.meeting_id = source_id when 'inspection' then f.inspection_id = source_id
                      else f.return_id = return_of end;
  insert into public.findings (feedback_id, case_id, meeting_id, inspection_id, return_id, ordinal, raised_by, staff_id)
    values (feedback, case_of, case source when 'meeting' then source_id end, case source when 'inspection' then source_id end,
            return_of, n, raised, public.staff_now());
  return n;
end $$;

-- The rows of an import that were stored now or before; what is linked stays linked to the import that brought it first.
create function import_link(row_count integer, stored integer, repeated integer, refused integer, feedbacks bigint[],
                            case_ids bigint[], lines integer[], raised text[])
returns bigint language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  number bigint;
begin
  if not public.i_am('{coordinator,registry}') then
    raise exception 'this post imports nothing' using errcode = '42501';
  end if;
  insert into public.imports (staff_id, row_count, stored, repeated, refused)
    values (public.staff_now(), import_link.row_count, import_link.stored, import_link.repeated, import_link.refused) returning id into number;
  insert into public.findings (feedback_id, case_id, import_id, ordinal, raised_by, staff_id)
    select t.feedback, t.case_of, number, t.line, nullif(t.raised_by, ''), public.staff_now()
    from unnest(feedbacks, case_ids, lines, raised) as t (feedback, case_of, line, raised_by)
    join public.feedback f on f.id = t.feedback and f.case_id = t.case_of and f.channel = 'import'
    on conflict (feedback_id) do nothing;
  return number;
end $$;

-- A monitor is a person of the staff with that post. The integrity roster is kept by 追责问责组 alone.
create function monitor_add(track text, login text, enterprise text, term_from date, term_to date)
returns bigint language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  who integer;
  number bigint;
begin
  if not (case monitor_add.track when 'integrity' then public.i_am('{accountability}') else public.i_am('{registry,coordinator}') end) then
    raise exception 'this post does not keep that roster' using errcode = '42501';
  end if;
  select s.id into who from public.staff s join public.staff_roles r on r.staff_id = s.id and r.role = 'monitor'
    where s.login = monitor_add.login and s.active for no key update of s;
  if who is null then raise exception 'no monitor of that name' using errcode = 'MSD41'; end if;
  select m.id into number from public.monitors m where m.track = monitor_add.track and m.staff_id = who
    and m.term_from = monitor_add.term_from and m.term_to = monitor_add.term_to and m.enterprise = monitor_add.enterprise;
  if number is null and not exists (select from public.monitors m where m.track = monitor_add.track and m.staff_id = who
       and m.term_from <= monitor_add.term_to and m.term_to >= monitor_add.term_from) then
    insert into public.monitors as m (track, staff_id, enterprise, term_from, term_to, added_by)
      values (monitor_add.track, who, monitor_add.enterprise, monitor_add.term_from, monitor_add.term_to, public.staff_now())
      returning m.id into number;
  end if;
  return number;   -- null: on that roster already in a part of the term
end $$;
revoke execute on function finding_link, import_link, monitor_add from public;
grant execute on function finding_link, import_link, monitor_add to mashangdu_staff;

grant select on meetings, meeting_minutes, meeting_measures, inspections, inspection_outcomes, monitors, monitor_returns, imports, findings
  to mashangdu_staff;
grant insert (kind, held_at, place, theme, host_unit_id, participants, staff_id) on meetings to mashangdu_staff;
grant insert (meeting_id, ordinal, words, staff_id) on meeting_minutes to mashangdu_staff;
grant insert (feedback_id, words, unit_id, due_on, key, staff_id) on meeting_measures to mashangdu_staff;
grant insert (kind, unit_id, place, held_at, steps, basis, joint_with, staff_id) on inspections to mashangdu_staff;
grant insert (inspection_id, feedback_id, kind, persons, decided_on, document, key, staff_id) on inspection_outcomes to mashangdu_staff;
grant insert (monitor_id, period, staff_id) on monitor_returns to mashangdu_staff;

alter table meetings enable row level security;
alter table meeting_minutes enable row level security;
alter table meeting_measures enable row level security;
alter table inspections enable row level security;
alter table inspection_outcomes enable row level security;
alter table monitors enable row level security;
alter table monitor_returns enable row level security;
alter table imports enable row level security;
alter table findings enable row level security;

-- A finding is seen with its case (P4): who may not see the case sees neither the finding nor a count of it. Monitors see that they
-- have filed; units see a meeting or an inspection when a problem of it is theirs.
create policy staff_sees on findings for select to mashangdu_staff using (
  exists (select from cases c where c.id = findings.case_id)
  or (return_id is not null and staff_id = (select staff_now())));
create policy staff_sees on meetings for select to mashangdu_staff using (
  (select i_am('{coordinator,supervisor,accountability,registry,callback,leader}'))
  or exists (select from findings f where f.meeting_id = meetings.id));
create policy staff_writes on meetings for insert to mashangdu_staff
  with check (staff_id = (select staff_now()) and (select i_am('{coordinator,registry}')));
create policy staff_sees on meeting_minutes for select to mashangdu_staff using (
  (select i_am('{coordinator,supervisor,accountability,registry,callback,leader}')));
create policy staff_writes on meeting_minutes for insert to mashangdu_staff
  with check (staff_id = (select staff_now()) and (select i_am('{coordinator,registry}')));
create policy staff_sees on meeting_measures for select to mashangdu_staff using (
  exists (select from findings f where f.feedback_id = meeting_measures.feedback_id));
create policy staff_writes on meeting_measures for insert to mashangdu_staff
  with check (staff_id = (select staff_now()) and (select i_am('{coordinator,registry}'))
              and exists (select from findings f where f.feedback_id = meeting_measures.feedback_id and f.meeting_id is not null));
-- Who is inspected, or comes from there, learns of it by the problems that are theirs to mend, whatever other post they hold.
create policy staff_sees on inspections for select to mashangdu_staff using (
  ((select i_am('{coordinator,supervisor,accountability,registry,leader}'))
   and unit_id <> (select my_home()) and unit_id <> (select my_unit()))
  or exists (select from findings f where f.inspection_id = inspections.id));
create policy staff_writes on inspections for insert to mashangdu_staff
  with check (staff_id = (select staff_now()) and (select i_am('{coordinator,supervisor,accountability}'))
              and unit_id <> (select my_home()) and unit_id <> (select my_unit()));
create policy staff_sees on inspection_outcomes for select to mashangdu_staff using (
  (select i_am('{coordinator,supervisor,accountability,registry,leader}'))
  and exists (select from inspections i where i.id = inspection_outcomes.inspection_id
              and i.unit_id <> (select my_home()) and i.unit_id <> (select my_unit()))
  and (feedback_id is null or exists (select from findings f where f.feedback_id = inspection_outcomes.feedback_id)));
create policy staff_writes on inspection_outcomes for insert to mashangdu_staff
  with check (staff_id = (select staff_now())
              and ((select i_am('{accountability}')) or (kind = 'announce' and (select i_am('{supervisor}'))))
              and exists (select from inspections i where i.id = inspection_outcomes.inspection_id));
create policy staff_sees on monitors for select to mashangdu_staff using (
  staff_id = (select staff_now())
  or (track = 'business' and (select i_am('{coordinator,supervisor,accountability,registry,leader}')))
  or (track = 'integrity' and (select i_am('{accountability}'))));
create policy staff_sees on monitor_returns for select to mashangdu_staff using (
  exists (select from monitors m where m.id = monitor_returns.monitor_id));
create policy staff_writes on monitor_returns for insert to mashangdu_staff
  with check (staff_id = (select staff_now())
              and exists (select from monitors m where m.id = monitor_returns.monitor_id and m.staff_id = (select staff_now())));
create policy staff_sees on imports for select to mashangdu_staff using ((select i_am('{coordinator,registry}')));

-- Who raised it goes with the words when they are erased by rule; nothing else of a finding ever changes.
create function finding_or_erasure() returns trigger language plpgsql as $$
begin
  old.raised_by := null;
  if new is distinct from old or not exists (select from public.erasures e where e.feedback_id = old.feedback_id) then
    raise exception '% is append-only', tg_table_name using errcode = 'MSD20';
  end if;
  return new;
end $$;
create trigger finding_or_erasure before update on findings for each row execute function finding_or_erasure();
create function findings_forget() returns trigger language plpgsql as $$
begin
  update public.findings set raised_by = null where feedback_id = new.feedback_id;
  return null;
end $$;
create trigger findings_forget after insert on erasures for each row when (new.feedback_id is not null) execute function findings_forget();

create trigger history_is_fixed before delete or truncate on findings for each statement execute function history_is_fixed();
create trigger history_is_fixed before update or delete or truncate on meetings for each statement execute function history_is_fixed();
create trigger history_is_fixed before update or delete or truncate on meeting_minutes for each statement execute function history_is_fixed();
create trigger history_is_fixed before update or delete or truncate on meeting_measures for each statement execute function history_is_fixed();
create trigger history_is_fixed before update or delete or truncate on inspections for each statement execute function history_is_fixed();
create trigger history_is_fixed before update or delete or truncate on inspection_outcomes for each statement execute function history_is_fixed();
create trigger history_is_fixed before update or delete or truncate on monitor_returns for each statement execute function history_is_fixed();
create trigger history_is_fixed before update or delete or truncate on imports for each statement execute function history_is_fixed();
