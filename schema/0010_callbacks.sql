-- 回访: who is to be asked in which round, and what came of it. One task for each reporter of a case and of every case merged
-- into it. The acts are the history; a task is the latest picture of one question.

create table callbacks (
  case_id     bigint not null references cases (id),     -- the case that asks: after 并案 the main one
  feedback_id bigint not null references feedback (id),  -- who is asked
  round       smallint not null check (round >= 1),
  state       text not null default 'due' check (state in ('due', 'solved', 'unsolved', 'refused', 'silence', 'overtaken')),
  made_at     timestamptz not null,                      -- when the answer was approved
  tries       smallint not null default 0 check (tries between 0 and 3),
  last_day    bigint not null default 0,                 -- day number in China of the last try
  rating      smallint check (rating between 1 and 5),
  by          text check (by in ('staff', 'citizen')),   -- who told the latest of it
  staff_id    integer references staff (id),
  at          timestamptz,                               -- of the answer
  primary key (case_id, feedback_id, round),
  -- Overtaken: somebody else's answer sent the case back, or the case left the main one. It is no answer.
  constraint callbacks_answer_dated check ((state in ('due', 'overtaken')) = (at is null)),
  constraint callbacks_answer_told check (at is null or by is not null),
  constraint callbacks_staff_named check ((by is not distinct from 'staff') = (staff_id is not null)),
  constraint callbacks_tries_dated check ((tries = 0) = (last_day = 0)),
  -- Silence is recorded as silence, never as satisfaction; a dissatisfied answer is never "solved".
  constraint callbacks_silence_tried check (state <> 'silence' or (tries = 3 and by = 'staff')),
  constraint callbacks_rating_given check (rating is null or state in ('solved', 'unsolved')),
  constraint callbacks_solved_satisfied check (state <> 'solved' or coalesce(rating, 5) >= 3)
);
-- Nobody is asked about two answers at once.
create unique index callbacks_one_due on callbacks (feedback_id) where state = 'due';
create index callbacks_due on callbacks (made_at, feedback_id) where state = 'due';
create index callbacks_made on callbacks (made_at);
create index cases_merged on cases (merged_into) where merged_into is not null;
create index acts_figures on acts (at) where act in ('return_grant', 'return_refuse', 'extend_ask', 'extend_grant', 'extend_refuse',
  'pause_ask', 'pause_grant', 'pause_refuse', 'callback_unsolved', 'confirm_unsolved', 'reopen', 'sign', 'approve');

-- Everybody who reported the matter of a case: its own feedback and that of all cases merged into it, at any depth. It runs
-- with a snapshot of its own, so that it sees a merge that was committed while its caller waited for the row.
create function case_reporters(main bigint) returns setof bigint language sql volatile security definer
  set search_path = pg_catalog, public, pg_temp as $$
  with recursive tree (id) as (
    select main union select c.id from tree t join public.cases c on c.merged_into = t.id)
  select f.id from public.feedback f where f.case_id in (select id from tree) and (public.staff_now() = 0 or public.case_seen(main)) $$;
comment on function case_reporters is 'numbers only, and to a person those of a case in sight';

-- What was answered stays answered, whoever asks. The case's row is locked first, in the same order by everybody: the
-- check below then sees what others have committed.
create function callbacks_kept() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  if tg_op <> 'UPDATE' then
    raise exception 'callbacks are never taken back' using errcode = 'MSD42';
  end if;
  perform from public.cases c where c.id = old.case_id for no key update;
  if old.state in ('solved', 'unsolved', 'refused', 'silence')
     or (old.state = 'overtaken' and new.state <> 'due')
     or (old.case_id, old.feedback_id, old.round, old.made_at) is distinct from (new.case_id, new.feedback_id, new.round, new.made_at)
     or new.tries not between old.tries and old.tries + 1
     or (new.tries = old.tries) <> (new.last_day = old.last_day) or new.last_day < old.last_day then
    raise exception 'an answer of a callback is never overwritten' using errcode = 'MSD42';
  end if;
  return new;
end $$;
create trigger callbacks_kept before update on callbacks for each row execute function callbacks_kept();
create trigger callbacks_kept_whole before delete or truncate on callbacks for each statement execute function callbacks_kept();

-- A case in 待回访 has somebody left to ask: else nobody could ever close it.
create function callbacks_asked() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  if exists (select from public.cases c where c.id = new.case_id and c.state = 'verifying' and c.round = new.round)
     and not exists (select from public.callbacks k where k.case_id = new.case_id and k.round = new.round and k.state = 'due') then
    raise exception 'nobody is left to ask in case %', new.case_id using errcode = 'MSD41';
  end if;
  return null;
end $$;
create trigger callbacks_asked after update on callbacks for each row when (old.state = 'due' and new.state <> 'due')
  execute function callbacks_asked();

-- Part of the act's own statement: the answer that was judged is there, or nothing is stored.
create function callback_stored(wanted boolean, stored bigint) returns boolean language plpgsql volatile as $$
begin
  if wanted and stored <> 1 then
    raise exception 'the callback was answered or taken away meanwhile' using errcode = 'MSD41';
  end if;
  return true;
end $$;

-- 并案 and its undoing: only into an open case, and only into one that the same people may know of: the number of the main case
-- stands in the merged one. Whoever joins while the answer is
-- with the citizens is asked too, whoever leaves is not asked here any more.
create function cases_merge() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  root bigint := old.merged_into;
  m record;
begin
  if root is not null then
    loop
      select c.merged_into as next into m from public.cases c where c.id = root for no key update;
      exit when m.next is null;
      root := m.next;
    end loop;
    update public.callbacks k set state = 'overtaken'
      where k.case_id = root and k.state = 'due' and k.feedback_id in (select r from public.case_reporters(old.id) r);
  end if;
  if new.merged_into is not null then
    select c.state, c.round, c.confidential, c.about_unit_id into m from public.cases c where c.id = new.merged_into for no key update;
    if m.state is null or m.state not in ('discovered', 'assigned', 'handling', 'replied', 'verifying') then
      raise exception 'case % is not open', new.merged_into using errcode = 'MSD43';
    end if;
    if 'confidential' = any (new.flags) <> m.confidential or (m.confidential and m.about_unit_id is distinct from new.about_unit_id) then
      raise exception 'the main case is for other eyes' using errcode = 'MSD44';
    end if;
    if m.state = 'verifying' then
      insert into public.callbacks as k (case_id, feedback_id, round, made_at)
        select new.merged_into, r, m.round, clock_timestamp() from public.case_reporters(old.id) r
        on conflict (case_id, feedback_id, round) do update set state = 'due' where k.state = 'overtaken';
    end if;
  end if;
  return new;
end $$;
create trigger cases_merge before update of merged_into on cases for each row when (old.merged_into is distinct from new.merged_into)
  execute function cases_merge();

-- For the same reason a case with others merged into it does not become confidential before they have left it.
create function case_hides_main() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp set enable_seqscan = off as $$
begin
  if exists (select from public.cases c where c.merged_into = new.id and not c.confidential) then
    raise exception 'open cases are merged into case %', new.id using errcode = 'MSD45';
  end if;
  return null;
end $$;
create trigger case_hides_main after update on cases for each row when (new.confidential and not old.confidential)
  execute function case_hides_main();

-- Cases that wait for their callback already.
insert into callbacks (case_id, feedback_id, round, made_at, tries, last_day)
  select c.id, r.id, c.round, coalesce((select max(a.at) from acts a where a.case_id = c.id and a.act = 'approve'), c.replied_at, c.opened_at),
         case when c.callback_day > 0 then c.callback_tries else 0 end, case when c.callback_tries > 0 then c.callback_day else 0 end
  from cases c, lateral case_reporters(c.id) r (id) where c.state = 'verifying';

revoke execute on function case_reporters, callback_stored from public;
grant execute on function case_reporters, callback_stored to mashangdu_gateway, mashangdu_staff;
grant select, insert, update (state, tries, last_day, rating, by, staff_id, at) on callbacks to mashangdu_gateway, mashangdu_staff;

alter table callbacks enable row level security;
create policy gateway on callbacks to mashangdu_gateway using (true) with check (true);
create policy staff_sees on callbacks for select to mashangdu_staff using (exists (select from cases c where c.id = callbacks.case_id));
-- Made by who approves, answered by who calls; the unit that handles the case does neither.
create policy staff_makes on callbacks for insert to mashangdu_staff with check (
  (select i_am('{supervisor,accountability}')) and state = 'due'
  and exists (select from cases c where c.id = callbacks.case_id and c.unit_id not in ((select my_unit()), (select my_home()))));
create policy staff_answers on callbacks for update to mashangdu_staff using (
  (select i_am('{callback,accountability}'))
  and exists (select from cases c where c.id = callbacks.case_id and c.unit_id not in ((select my_unit()), (select my_home()))))
  with check (staff_id is null or staff_id = (select staff_now()) or state = 'overtaken');

-- May the reporter be called at all? Says no more than yes or no.
create function callback_reachable(feedback bigint) returns boolean language sql stable security definer
  set search_path = pg_catalog, public, pg_temp as $$
  select exists (select from public.feedback f where f.id = feedback and f.contact is not null)
         and exists (select from public.callbacks k where k.feedback_id = feedback and k.state = 'due' and public.case_seen(k.case_id)) $$;

-- The sealed number of a reporter who is due, for the one who is about to call, with the reason in the audit log. verdict:
-- shown, forbidden (post), recused (works in or comes from the handling unit), unknown (no such task in this person's sight).
create function callback_contact(feedback bigint, reason text, out verdict text, out contact bytea, out case_id bigint)
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  c record;
begin
  if public.staff_now() = 0 or not public.i_am('{callback,accountability}') then
    verdict := 'forbidden';
    return;
  end if;
  select k.case_id as id, x.confidential, x.unit_id, x.about_unit_id, x.nature into c from public.callbacks k join public.cases x on x.id = k.case_id
    where k.feedback_id = feedback and k.state = 'due' and x.state = 'verifying';
  if c.id is null or (c.confidential and not public.i_am('{accountability}'))
     or (c.nature = 'report' and c.about_unit_id in (public.my_unit(), public.my_home())) then
    verdict := 'unknown';
  elsif not c.confidential and not public.i_am('{callback}') then
    verdict := 'forbidden';
  elsif c.unit_id in (public.my_unit(), public.my_home()) then
    verdict := 'recused';
  else
    insert into public.audit_log (staff_id, action, case_id, detail)
      values (public.staff_now(), 'contact', c.id, jsonb_build_object('feedback', feedback, 'reason', reason));
    select f.contact into contact from public.feedback f where f.id = feedback;
    verdict := 'shown';
    case_id := c.id;
  end if;
end $$;
revoke execute on function callback_reachable, callback_contact from public;
grant execute on function callback_reachable, callback_contact to mashangdu_staff;
