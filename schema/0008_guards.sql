-- The second line of defence for what core/caseflow decides: who may put which act on record, the second person, recusal, and that
-- no case changes without an act. Whoever inserts is asked, the gateway's own login too. Refusals:
--   MSD30 not this person or post   MSD31 needs another person (两人原则)   MSD32 must step aside (回避)
--   MSD33 no act on record says so   MSD34 closed without an answer and a callback

-- One row for each act and post; checked against core's table by tests/scenario/guards.test.mjs (docs/caseflow.md prints it).
create table act_rules (
  act          text not null,
  post         text not null,              -- role of a person, or gateway, router, clock, citizen
  confidential boolean not null,           -- on confidential cases alone: 追责问责组 stands in for the office's other groups
  not_author   boolean not null,           -- another person than whoever wrote the answer on file
  not_asker    boolean not null,           -- another person than whoever made the request
  outside      boolean not null,           -- nobody who works in or comes from the handling unit
  primary key (act, post)
);
insert into act_rules (act, post, confidential, not_author, not_asker, outside) values
  ('receive', 'gateway', false, false, false, false), ('assign', 'coordinator', false, false, false, false),
  ('assign', 'router', false, false, false, false), ('assign', 'accountability', true, false, false, false),
  ('decline', 'coordinator', false, false, false, false), ('decline', 'accountability', true, false, false, false),
  ('merge', 'coordinator', false, false, false, false), ('merge', 'accountability', true, false, false, false),
  ('unmerge', 'coordinator', false, false, false, false), ('unmerge', 'accountability', true, false, false, false),
  ('sign', 'handler', false, false, false, false), ('return_ask', 'handler', false, false, false, false),
  ('return_grant', 'coordinator', false, false, true, true), ('return_grant', 'accountability', true, false, true, true),
  ('return_refuse', 'coordinator', false, false, true, true), ('return_refuse', 'accountability', true, false, true, true),
  ('co_assign', 'coordinator', false, false, false, false), ('co_assign', 'accountability', true, false, false, false),
  ('extend_ask', 'handler', false, false, false, false), ('extend_grant', 'coordinator', false, false, true, true),
  ('extend_grant', 'accountability', true, false, true, true), ('extend_refuse', 'coordinator', false, false, true, true),
  ('extend_refuse', 'accountability', true, false, true, true), ('pause_ask', 'handler', false, false, false, false),
  ('pause_grant', 'unit_leader', false, false, true, false), ('pause_grant', 'coordinator', false, false, true, true),
  ('pause_grant', 'accountability', true, false, true, true), ('pause_refuse', 'unit_leader', false, false, true, false),
  ('pause_refuse', 'coordinator', false, false, true, true), ('pause_refuse', 'accountability', true, false, true, true),
  ('resume', 'coordinator', false, false, false, false), ('resume', 'handler', false, false, false, false),
  ('resume', 'unit_leader', false, false, false, false), ('resume', 'clock', false, false, false, false),
  ('resume', 'accountability', true, false, false, false), ('reply', 'handler', false, false, false, false),
  ('endorse', 'unit_leader', false, true, false, false), ('approve', 'supervisor', false, true, false, true),
  ('approve', 'accountability', true, true, false, true), ('send_back', 'unit_leader', false, true, false, false),
  ('send_back', 'supervisor', false, true, false, true), ('send_back', 'accountability', true, true, false, true),
  ('callback_solved', 'callback', false, true, false, true), ('callback_solved', 'accountability', true, true, false, true),
  ('callback_refused', 'callback', false, true, false, true), ('callback_refused', 'accountability', true, true, false, true),
  ('callback_unsolved', 'callback', false, true, false, true), ('callback_unsolved', 'accountability', true, true, false, true),
  ('callback_attempt', 'callback', false, true, false, true), ('callback_attempt', 'accountability', true, true, false, true),
  ('confirm_solved', 'citizen', false, false, false, false), ('confirm_unsolved', 'citizen', false, false, false, false),
  ('say', 'citizen', false, false, false, false), ('note', 'coordinator', false, false, false, false),
  ('note', 'supervisor', false, false, false, false), ('note', 'accountability', false, false, false, false),
  ('note', 'registry', false, false, false, false), ('note', 'handler', false, false, false, false),
  ('note', 'unit_leader', false, false, false, false), ('note', 'callback', false, false, false, false),
  ('note', 'leader', false, false, false, false), ('supervise', 'clock', false, false, false, false),
  ('supervise', 'accountability', false, false, false, true), ('supervise', 'supervisor', false, false, false, true),
  ('propose', 'clock', false, false, false, false), ('overdue', 'clock', false, false, false, false),
  ('transfer_out', 'accountability', false, true, false, true), ('reopen', 'supervisor', false, false, false, false),
  ('reopen', 'citizen', false, false, false, false), ('reopen', 'accountability', true, false, false, false),
  ('share', 'accountability', false, false, false, false);
grant select on act_rules to mashangdu_gateway, mashangdu_staff;

-- Everything is read from the acts, which nobody can change, and never from the case row, which the same transaction may have
-- changed before: volatile, so that acts stored earlier in this very statement count too. Index look-ups whatever the planner
-- learned while the tables were empty.
create function act_is_lawful() returns trigger language plpgsql volatile security definer
  set search_path = pg_catalog, public, pg_temp set enable_seqscan = off as $$
declare
  me constant integer := public.staff_now();
  c record;
  rule record;
  before record;
  handling integer;
  mine integer;
  home integer;
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

  if rule.outside and handling in (mine, home) then
    raise exception 'somebody of the handling unit may not %', new.act using errcode = 'MSD32';
  end if;
  if c.about_unit_id is not null and (home = c.about_unit_id or (mine = c.about_unit_id and not own_work))
     and not (own_work and home = mine and not c.confidential) then
    raise exception 'case % is about the unit of this person', new.case_id using errcode = 'MSD32';
  end if;
  if new.act in ('assign', 'co_assign') and (c.confidential or c.nature = 'report') and new.unit_id = c.about_unit_id then
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
  return new;
end $$;
-- What intake writes is not looked at: its two acts are the beginning of a case, and a constraint of cases keeps reports from
-- the unit they name.
create trigger act_is_lawful before insert on acts for each row
  when (not (new.actor = 'gateway' and new.act = 'receive' and new.version = 1)
        and not (new.actor = 'router' and new.act = 'assign' and new.version = 2))
  execute function act_is_lawful();

-- Nobody of the unit that a report names is let in beside the acts: not as a co-assigned unit, not by name.
create function report_keeps_out() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  about integer;
  refused boolean;
begin
  if public.staff_now() <> 0 and not public.case_seen(new.case_id) then -- before anything else can be learnt
    raise exception 'no such case for this person' using errcode = '42501';
  end if;
  select c.about_unit_id into about from public.cases c where c.id = new.case_id and (c.confidential or c.nature = 'report');
  if tg_table_name = 'case_units' then
    refused := about in (select coalesce(case when u.kind = 'station' then u.parent_id end, u.id) from public.units u where u.id = new.unit_id);
  else
    refused := exists (select from public.staff s join public.units u on u.id in (s.unit_id, s.home_unit_id)
                       where s.id = new.staff_id and coalesce(case when u.kind = 'station' then u.parent_id end, u.id) = about);
  end if;
  if refused then raise exception 'a report is closed to the unit it names' using errcode = 'MSD32'; end if;
  return new;
end $$;
create trigger report_keeps_out before insert on case_units for each row execute function report_keeps_out();
create trigger report_keeps_out before insert on case_shares for each row execute function report_keeps_out();

-- Nobody who works in or comes from the unit that a confidential matter is about knows of it, whatever it was called when it came.
drop policy staff_sees on cases;
drop policy staff_acts_on on cases;
create policy staff_sees on cases for select to mashangdu_staff using (
  id = (select writing_now()) or (
  (nature <> 'report' and not confidential or about_unit_id is null
   or (about_unit_id <> (select my_unit()) and about_unit_id <> (select my_home())))
  and ((select i_am('{accountability}'))
       or (not confidential and (select i_am('{coordinator,supervisor,registry,callback,leader}')))
       or (not held and state <> 'discovered' and (select i_am('{handler,unit_leader}'))
           and (unit_id = (select my_unit()) or id in (select case_id from case_units where unit_id = (select my_unit()))))
       or id in (select case_id from case_shares where staff_id = (select staff_now())))));
create policy staff_acts_on on cases for update to mashangdu_staff using (
  (nature <> 'report' and not confidential or about_unit_id is null
   or (about_unit_id <> (select my_unit()) and about_unit_id <> (select my_home())))
  and ((select i_am('{accountability}'))
       or (not confidential and (select i_am('{coordinator,supervisor,registry,callback}')))
       or (not held and state <> 'discovered' and (select i_am('{handler,unit_leader}'))
           and (unit_id = (select my_unit()) or id in (select case_id from case_units where unit_id = (select my_unit()))))
       or id in (select case_id from case_shares where staff_id = (select staff_now()))))
  with check (true);

-- The same for one case, where a policy of cases cannot be asked: in functions with the owner's rights, and in the policies of the
-- tables that staff_sees itself reads. Says no more than yes or no, and no for a number that never was.
create function case_seen(one bigint) returns boolean language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select exists (select from public.cases c where c.id = one
    and (c.nature <> 'report' and not c.confidential or c.about_unit_id is null
         or c.about_unit_id not in (public.my_unit(), public.my_home()))
    and (public.i_am('{accountability}')
         or (not c.confidential and public.i_am('{coordinator,supervisor,registry,callback,leader}'))
         or (not c.held and c.state <> 'discovered' and public.i_am('{handler,unit_leader}')
             and (c.unit_id = public.my_unit()
                  or exists (select from public.case_units cu where cu.case_id = c.id and cu.unit_id = public.my_unit())))
         or exists (select from public.case_shares cs where cs.case_id = c.id and cs.staff_id = public.staff_now()))) $$;
revoke execute on function case_seen from public;
grant execute on function case_seen to mashangdu_gateway, mashangdu_staff;

-- Who is let in is written by those who may, about cases that they see; nobody lets himself in.
alter table case_units enable row level security;
alter table case_shares enable row level security;
create policy gateway on case_units to mashangdu_gateway using (true) with check (true);
create policy gateway on case_shares to mashangdu_gateway using (true) with check (true);
-- The own unit's rows without a look-up each: who is kept from a case comes from elsewhere, or the row is older than the wall.
create policy staff_sees on case_units for select to mashangdu_staff using (
  (unit_id = (select my_unit()) and unit_id = (select my_home())) or case_seen(case_id));
create policy staff_sees on case_shares for select to mashangdu_staff using (staff_id = (select staff_now()) or case_seen(case_id));
create policy staff_writes on case_units for insert to mashangdu_staff
  with check ((select i_am('{coordinator,accountability}')) and case_seen(case_id));
create policy staff_writes on case_shares for insert to mashangdu_staff
  with check ((select i_am('{accountability}')) and case_seen(case_id));

-- No change without an act, and no end without an answer. Clock columns are derived from the acts and may be computed anew.
create function case_changed_by_act() returns trigger language plpgsql volatile security definer
  set search_path = pg_catalog, public, pg_temp set enable_seqscan = off as $$
declare
  a record;
  begun integer;
begin
  -- The owner's tools mend and migrate; `mashangdu verify` looks at what they leave.
  if pg_has_role(session_user, (select t.relowner from pg_class t where t.oid = tg_relid), 'member') then return null; end if;
  if (old.id, old.nature, old.about_unit_id, old.plaque_unit_id, old.channel, old.opened_at)
     is distinct from (new.id, new.nature, new.about_unit_id, new.plaque_unit_id, new.channel, new.opened_at) then
    raise exception 'case % keeps what it began with', old.id using errcode = 'MSD33';
  end if;
  select x.* into a from public.acts x where x.case_id = new.id and x.version = new.version;
  if a is null or new.version <> old.version + 1 or a.to_state <> new.state or a.from_state is distinct from old.state
     or a.hash <> new.chain then
    raise exception 'case % changed without an act', new.id using errcode = 'MSD33';
  end if;
  if new.state = 'closed' and old.state <> 'closed' and a.act <> 'transfer_out' then
    -- Only an approval after the last answer, sending back or 重办 counts.
    select coalesce(max(x.version), 0) into begun from public.acts x where x.case_id = new.id
      and x.act in ('assign', 'reply', 'send_back', 'callback_unsolved', 'confirm_unsolved', 'reopen');
    if a.act not in ('callback_solved', 'callback_refused', 'callback_attempt', 'confirm_solved')
       or not exists (select from public.acts x where x.case_id = new.id and x.act = 'approve' and x.from_state = 'replied'
                        and x.version > begun)
       or (a.act = 'callback_attempt'
           and (select count(*) from public.acts x where x.case_id = new.id and x.act = 'callback_attempt' and x.version > begun
                  and coalesce(x.data->'feedback' = a.data->'feedback', true)) < 3) then
      raise exception 'case % would be closed without an answer and a callback', new.id using errcode = 'MSD34';
    end if;
  end if;
  return null;
end $$;
create constraint trigger case_changed_by_act after update on cases deferrable initially deferred for each row
  when ((old.id, old.version, old.state, old.nature, old.category, old.level, old.urgency, old.unit_id, old.about_unit_id, old.plaque_unit_id,
         old.channel, old.limit_amount, old.flags, old.held, old.triage, old.round, old.rung, old.ending, old.handler_id, old.asker_id,
         old.asked_amount, old.asked_at, old.pause_cause, old.pause_until, old.held_since, old.callback_tries, old.callback_day,
         old.merged_from, old.merged_into, old.opened_at, old.assigned_at, old.signed_at, old.replied_at, old.closed_at, old.proposed,
         old.extended, old.first_unit_id, old.higher, old.chain)
        is distinct from
        (new.id, new.version, new.state, new.nature, new.category, new.level, new.urgency, new.unit_id, new.about_unit_id, new.plaque_unit_id,
         new.channel, new.limit_amount, new.flags, new.held, new.triage, new.round, new.rung, new.ending, new.handler_id, new.asker_id,
         new.asked_amount, new.asked_at, new.pause_cause, new.pause_until, new.held_since, new.callback_tries, new.callback_day,
         new.merged_from, new.merged_into, new.opened_at, new.assigned_at, new.signed_at, new.replied_at, new.closed_at, new.proposed,
         new.extended, new.first_unit_id, new.higher, new.chain))
  execute function case_changed_by_act();

-- A case is born waiting or given to a unit, never finished.
create function case_is_born_open() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  if pg_has_role(session_user, (select t.relowner from pg_class t where t.oid = tg_relid), 'member') then return new; end if;
  raise exception 'case % begins as %', new.id, new.state using errcode = 'MSD33';
end $$;
create trigger case_is_born_open before insert on cases for each row when (new.state not in ('discovered', 'assigned') or new.version > 2)
  execute function case_is_born_open();

-- 全程回溯 shows who looked at a confidential case, or at a citizen's number, to whoever sees the case; nothing else of the log.
alter table audit_log enable row level security;
create policy gateway on audit_log to mashangdu_gateway using (true) with check (true);
create policy staff_writes on audit_log for insert to mashangdu_staff with check (staff_id = (select staff_now()));
create policy staff_sees on audit_log for select to mashangdu_staff using (
  action in ('look', 'contact') and case_id is not null and exists (select from cases c where c.id = audit_log.case_id));
grant select (at, staff_id, action, case_id, detail) on audit_log to mashangdu_staff;
create index audit_log_case on audit_log (case_id) where case_id is not null;
