-- Who reads words that hold an allegation and another matter; trainings that a person starts at the desk; what a model learnt from and is
-- gone since; causes whose deadline passed; letters to units that went.

-- ---- mixed texts ---------------------------------------------------------------------------------------------------------------

-- Until the parts are apart, such words are a report for whoever is complained of and an ordinary case for its future handler, and
-- nobody may have both but those who must: the coordinators of the triage desk, who part them (act_rules: nobody else may), and
-- 追责问责组, whose report one part becomes. 督办, 登记, 回访 and the leaders have nothing to do with a case that nobody has yet; they see it
-- from the moment it was parted, or given out whole, which is how a coordinator says that it is one matter.
-- mixed_unit_id, whom the allegation names: nobody of that unit in any post reads it, a coordinator neither, until it was parted; given
-- out whole it still never goes there (0043), so the wall stands as long as that one.
alter table cases add column mixed boolean not null default false;
alter table cases add column mixed_unit_id integer;
create index cases_mixed on cases (id) where mixed or mixed_unit_id is not null;

create function proposal_about(decision jsonb) returns integer language sql immutable as
$$ select (decision->'proposal'->'report'->'about_unit'->>'id')::integer $$;

create function feedback_mixed() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  update public.cases c set mixed = true, mixed_unit_id = public.proposal_about(new.decision) where c.id = new.case_id and c.state = 'discovered';
  return null;
end $$;
create trigger feedback_mixed after insert on feedback for each row when (new.case_id is not null and new.decision ? 'proposal')
  execute function feedback_mixed();

create function case_mixed_ends() returns trigger language plpgsql as $$
begin
  if 'split' = any (new.flags) then
    new.mixed := false;
    new.mixed_unit_id := null;
  elsif new.state not in ('discovered', 'declined') or 'confidential' = any (new.flags) then
    new.mixed := false;
  end if;
  return new;
end $$;
create trigger case_mixed_ends before update on cases for each row when (old.mixed or old.mixed_unit_id is not null) execute function case_mixed_ends();

-- A text that others must not read is not joined to a case that others read, nor the other way round.
create function case_mixed_apart() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  if exists (select from public.cases c where c.id in (old.id, new.merged_into) and (c.mixed or c.mixed_unit_id is not null)) then
    raise exception 'case % or the main case is not parted yet', new.id using errcode = 'MSD4M';
  end if;
  return new;
end $$;
create trigger case_mixed_apart before update of merged_into on cases for each row when (old.merged_into is null and new.merged_into is not null)
  execute function case_mixed_apart();
-- No letter speaks of it before; of what was given out whole the unit that the allegation names has no letter and reads none.
create function letter_mixed() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  c record;
begin
  select x.mixed, x.mixed_unit_id into c from public.cases x where x.id = new.case_id and (x.mixed or x.mixed_unit_id is not null);
  if not found then return null; end if;
  if c.mixed then raise exception 'case % is not parted yet', new.case_id using errcode = 'MSD4M'; end if;
  if exists (select from public.letters l where l.id = new.letter_id and l.unit_ids && public.unit_heirs(c.mixed_unit_id)) then
    raise exception 'a report never goes to the unit it names' using errcode = 'MSD55';
  end if;
  update public.letters l set hidden_unit_ids = l.hidden_unit_ids || c.mixed_unit_id where l.id = new.letter_id and c.mixed_unit_id <> all (l.hidden_unit_ids);
  return null;
end $$;
create trigger letter_mixed after insert on letter_cases for each row execute function letter_mixed();

-- Every unit that a person works in or below, and what those units followed. The office at the top has every unit under it: of that one
-- only who has a post in itself, or nobody at all could part what speaks of it.
create function my_branch() returns integer[] language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  with recursive up (id) as (
    select unnest(public.my_walls())
    union select p.id from up join public.units u on u.id = up.id join public.units p on p.id = u.parent_id where p.kind <> 'office')
  select coalesce(array_agg(w), '{}') from (
    select up.id as w from up
    union select b.id from up join public.units b on up.id = any (public.unit_heirs(b.id)) where b.retired_on is not null) x $$;
-- What the hub asks of each event's case: null, none of these; 0 or the unit that is named: not parted; minus that unit: given out whole.
create function mixed_kept(of_case bigint) returns integer language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
  set enable_seqscan = off as $$
declare
  kept integer;
begin
  select case when c.mixed then coalesce(c.mixed_unit_id, 0) else -c.mixed_unit_id end into kept
    from public.cases c where c.id = of_case and (c.mixed or c.mixed_unit_id is not null);
  return kept;
end $$;
revoke execute on function mixed_kept,
  feedback_mixed, case_mixed_ends, case_mixed_apart, letter_mixed, my_branch from public;
grant execute on function my_branch to mashangdu_staff;
grant execute on function mixed_kept to mashangdu_gateway;

create policy mixed_kept on cases as restrictive for select to mashangdu_staff using (
  id = (select writing_now())
  or ((not mixed or (select i_am('{coordinator,accountability}')))
      and (mixed_unit_id is null or mixed_unit_id <> all ((select my_branch())::integer[]))));
create policy mixed_kept_too on cases as restrictive for update to mashangdu_staff using (
  (not mixed or (select i_am('{coordinator,accountability}')))
  and (mixed_unit_id is null or mixed_unit_id <> all ((select my_branch())::integer[])));
-- As in 0028, and the same beside it.
create or replace function case_seen(one bigint) returns boolean language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select exists (select from public.cases c where c.id = one
    and (not c.mixed or public.i_am('{coordinator,accountability}'))
    and (c.mixed_unit_id is null or c.mixed_unit_id <> all (public.my_branch()))
    and (c.nature <> 'report' and not c.confidential or c.about_unit_id is null or c.about_unit_id <> all (public.my_walls()))
    and (c.nature <> 'report' or c.plaque_unit_id is null or c.plaque_unit_id = c.unit_id
         or c.plaque_unit_id <> all (public.my_ground()) or public.whole_unit(c.plaque_unit_id) = c.unit_id)
    and (public.i_am('{accountability}')
         or (not c.confidential and public.i_am('{coordinator,supervisor,registry,callback,leader}'))
         or (not c.held and c.state <> 'discovered' and public.i_am('{handler,unit_leader}')
             and (c.unit_id = public.my_unit()
                  or exists (select from public.case_units cu where cu.case_id = c.id and cu.unit_id = public.my_unit())))
         or exists (select from public.case_shares cs where cs.case_id = c.id and cs.staff_id = public.staff_now()))) $$;

-- What waits already.
update cases c set mixed = true, mixed_unit_id = proposal_about(f.decision) from feedback f
  where c.state = 'discovered' and c.held and not c.confidential and 'split' <> all (c.flags) and f.case_id = c.id and f.decision ? 'proposal';

-- ---- what a model learnt from --------------------------------------------------------------------------------------------------

-- The examples of the office that a model was made from, as long as they are there; who goes is only counted. What a model made of them
-- stays in it as runs of characters until another one is trained without them, and the desk says how many there are.
create table route_lessons (
  example_id bigint not null,
  version    integer not null references route_models (version),
  primary key (example_id, version)
);
create index route_lessons_version on route_lessons (version);
create table route_model_losses (
  version integer not null references route_models (version),
  why     text not null check (why in ('erased', 'confidential', 'split', 'other')),
  n       integer not null check (n >= 0),
  primary key (version, why)
);

create function route_lesson_lost() returns trigger language plpgsql volatile security definer
  set search_path = pg_catalog, public, pg_temp set enable_seqscan = off as $$
begin
  with l as (delete from public.route_lessons x where x.example_id = old.id returning x.version)
  insert into public.route_model_losses as m (version, why, n)
    select l.version, case when exists (select from public.erasures e where e.feedback_id = old.feedback_id) then 'erased'
                           when exists (select from public.cases c where c.id = old.case_id and c.confidential) then 'confidential'
                           when exists (select from public.case_parts p where p.feedback_id = old.feedback_id) then 'split' else 'other' end, 1
    from l order by l.version
    on conflict (version, why) do update set n = m.n + 1;
  return null;
end $$;
create trigger route_lesson_lost after delete on route_examples for each row execute function route_lesson_lost();

-- Of models from before: the newest example of each case then, and what is missing of the number that was told.
insert into route_lessons (example_id, version)
  select e.id, m.version from route_models m, lateral (
    select distinct on (x.case_id) x.id from route_examples x where x.at <= m.made_at order by x.case_id, x.id desc) e;
insert into route_model_losses (version, why, n)
  select m.version, 'other', greatest(0, coalesce((m.examples->>'corrected')::integer, 0) + coalesce((m.examples->>'confirmed')::integer, 0)
    + coalesce((m.examples->>'closed')::integer, 0) - (select count(*) from route_lessons l where l.version = m.version)::integer)
  from route_models m;

-- learnt: how many of the office's examples it was made from; the others: how many of them are gone since, and why. No row: no such model.
create function route_model_gone(version_ integer) returns table (learnt bigint, erased bigint, confidential bigint, split bigint, other bigint)
  language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select (select count(*) from public.route_lessons l where l.version = version_) + coalesce(sum(x.n), 0),
    coalesce(sum(x.n) filter (where x.why = 'erased'), 0), coalesce(sum(x.n) filter (where x.why = 'confidential'), 0),
    coalesce(sum(x.n) filter (where x.why = 'split'), 0), coalesce(sum(x.n) filter (where x.why = 'other'), 0)
  from public.route_models m left join public.route_model_losses x on x.version = m.version where m.version = version_ group by m.version $$;

-- A model into the table, whoever trained it. Locked: nothing of what it learnt from can go between the look and the end of this transaction.
create function route_model_put(bytes_ bytea, rules_ integer, base_ integer, examples_ jsonb, report_ jsonb, note_ text, who integer, tool_ text, learnt_ bigint[])
returns integer language plpgsql volatile set search_path = pg_catalog, public, pg_temp as $$
declare
  made integer;
  kept bigint;
begin
  insert into public.route_models (version, bytes, sha256, rules, base, examples, report, note, proposer_id, tool, state, confirmed_at)
    select coalesce(max(m.version), 0) + 1, bytes_, sha256(bytes_), rules_, base_, examples_, report_, note_, who, left(tool_, 100),
      case when who is null then 'live' else 'proposed' end, case when who is null then now() end
    from public.route_models m returning version into made;
  perform from public.route_examples e where e.id = any (learnt_) order by e.id for key share;
  insert into public.route_lessons (example_id, version) select e.id, made from public.route_examples e where e.id = any (learnt_);
  get diagnostics kept = row_count;
  if kept < cardinality(learnt_) then
    insert into public.route_model_losses (version, why, n) values (made, 'other', cardinality(learnt_) - kept);
  end if;
  return made;
end $$;
drop function route_model_store(bytea, integer, integer, jsonb, jsonb, text, text, text);
-- As in 0040, with the examples that it learnt from.
create function route_model_store(bytes_ bytea, rules_ integer, base_ integer, examples_ jsonb, report_ jsonb, note_ text, by_login text, tool_ text, learnt_ bigint[])
returns integer language plpgsql volatile set search_path = pg_catalog, public, pg_temp as $$
declare
  made integer;
  who integer;
begin
  perform pg_advisory_xact_lock(7310022040);
  select s.id into who from public.staff s where s.login = by_login and public.may_train(s.id);
  if (by_login is null) <> (who is null) then raise exception 'nobody of that name may propose a model' using errcode = 'MSDR3'; end if;
  if who is null and exists (select from public.route_models) then
    raise exception 'there is a model already: a person proposes the next one' using errcode = 'MSDR1';
  end if;
  made := public.route_model_put(bytes_, rules_, base_, examples_, report_, note_, who, tool_, learnt_);
  if who is null then insert into public.route_model_turns (was, now) values (0, made); end if;
  insert into public.audit_log (staff_id, action, detail)
    values (who, 'tool.train', jsonb_build_object('version', made, 'by', left(tool_, 100), 'live', who is null));
  return made;
end $$;
create function may_train(of_staff integer) returns boolean language sql stable set search_path = pg_catalog, public, pg_temp as $$
  select exists (select from public.staff s join public.staff_roles r on r.staff_id = s.id
                 where s.id = of_staff and s.active and r.role in ('coordinator', 'registry')) $$;

-- ---- trainings from the desk ---------------------------------------------------------------------------------------------------

-- One at a time over all gateways. The gateway that took the request runs the worker and beats; when the beats stop, because that
-- gateway went, the training has failed for everybody, and a worker that is still there can store nothing any more.
create table route_trainings (
  id       bigint primary key generated always as identity,
  asked_at timestamptz not null default now(),
  staff_id integer not null references staff (id),
  note     text not null default '' check (length(note) <= 400),
  state    text not null default 'running' check (state in ('running', 'done', 'failed', 'stopped')),
  step     text not null default 'waiting' check (step in ('waiting', 'reading', 'comparing', 'learning', 'storing')),
  beat_at  timestamptz not null default now(),
  ended_at timestamptz,
  version  integer references route_models (version),
  fault    text check (fault in ('too_few', 'too_little', 'examples', 'database', 'unreadable', 'not_started', 'late', 'died', 'lost', 'rights')),
  held     integer,                      -- how many could be held back, when they were too few
  stopped_by integer references staff (id),
  check ((state = 'running') = (ended_at is null)),
  check ((state = 'done') = (version is not null)),
  check ((state = 'failed') = (fault is not null))
);
create unique index route_trainings_one on route_trainings (state) where state = 'running';

create function route_training_told(t route_trainings, what text) returns void language sql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
  insert into public.audit_log (staff_id, action, detail)
    values (coalesce(nullif(public.staff_now(), 0), t.staff_id), what,
            jsonb_strip_nulls(jsonb_build_object('training', t.id, 'version', t.version, 'fault', t.fault)));
  select public.events_append(array['model.training'], array[null]::bigint[], array[null]::integer[], array[null]::integer[], array[false],
                              array[jsonb_build_object('training', t.id, 'state', t.state)]);
$$;
create function route_training_end(id_ bigint, state_ text, fault_ text, held_ integer, version_ integer) returns boolean
  language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  t public.route_trainings;
begin
  update public.route_trainings x set state = state_, fault = fault_, held = held_, version = version_, ended_at = now(),
      stopped_by = case when state_ = 'stopped' then public.staff_now() end
    where x.id = id_ and x.state = 'running' returning * into t;
  if not found then return false; end if;
  perform public.route_training_told(t, case state_ when 'done' then 'model_train_done' when 'failed' then 'model_train_failed' else 'model_train_stopped' end);
  return true;
end $$;
-- Those whose beats have stopped.
create function route_trainings_lost() returns void language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  one bigint;
begin
  for one in select x.id from public.route_trainings x where x.state = 'running' and x.beat_at < now() - interval '30 seconds' loop
    perform public.route_training_end(one, 'failed', 'lost', null, null);
  end loop;
end $$;

-- Asked for by whoever may propose a model. MSDR4: one is running.
create function route_training_ask(note_ text) returns table (id bigint, state text)
  language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  t public.route_trainings;
begin
  if not public.i_am('{coordinator,registry}') then return; end if;
  perform pg_advisory_xact_lock(7310022047);
  perform public.route_trainings_lost();
  if exists (select from public.route_trainings x where x.state = 'running') then
    raise exception 'a training is running' using errcode = 'MSDR4';
  end if;
  insert into public.route_trainings (staff_id, note) values (public.staff_now(), note_) returning * into t;
  perform public.route_training_told(t, 'model_train_asked');
  return query select t.id, t.state;
end $$;
create function route_training_stop(id_ bigint) returns table (id bigint, state text)
  language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  if not public.i_am('{coordinator,registry,leader}') then return; end if;
  if not public.route_training_end(id_, 'stopped', null, null, null) then
    raise exception 'training % is not running', id_ using errcode = 'MSDR1';
  end if;
  return query select id_, 'stopped';
end $$;

-- The gateway that runs it, and its worker. False: it runs no more, whoever ended it.
create function route_training_beat(id_ bigint) returns boolean language sql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
  with b as (update public.route_trainings x set beat_at = now() where x.id = id_ and x.state = 'running' returning x.id) select exists (select from b) $$;
create function route_training_fail(id_ bigint, fault_ text, held_ integer) returns boolean language sql volatile security definer set search_path = pg_catalog, public, pg_temp as
$$ select public.route_training_end(id_, 'failed', fault_, held_, null) $$;
create function route_training_step(id_ bigint, step_ text) returns boolean language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  t public.route_trainings;
begin
  update public.route_trainings x set step = step_ where x.id = id_ and x.state = 'running' returning * into t;
  if not found then return false; end if;
  perform public.events_append(array['model.training'], array[null]::bigint[], array[null]::integer[], array[null]::integer[], array[false],
                               array[jsonb_build_object('training', t.id, 'state', t.state, 'step', t.step)]);
  return true;
end $$;
-- What the worker made, as the proposal of whoever asked for it: the gateway can propose for nobody else, and nothing without being asked.
create function route_training_store(id_ bigint, bytes_ bytea, rules_ integer, base_ integer, examples_ jsonb, report_ jsonb, learnt_ bigint[])
returns integer language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  t public.route_trainings;
  made integer;
begin
  perform pg_advisory_xact_lock(7310022040);
  select x.* into t from public.route_trainings x where x.id = id_ and x.state = 'running' for update;
  if not found then return null; end if;
  if not public.may_train(t.staff_id) then
    perform public.route_training_end(id_, 'failed', 'rights', null, null);
    return null;
  end if;
  made := public.route_model_put(bytes_, rules_, base_, examples_, report_, t.note, t.staff_id, 'desk', learnt_);
  perform public.route_training_end(id_, 'done', null, null, made);
  return made;
end $$;

alter table route_lessons enable row level security;
alter table route_model_losses enable row level security;
alter table route_trainings enable row level security;
create policy gateway on route_examples for select to mashangdu_gateway using (true); -- the worker reads what it learns from; the words it may read anyway
create policy gateway on route_trainings for select to mashangdu_gateway using (true);
create policy staff_sees on route_trainings for select to mashangdu_staff using ((select rules_seen()));
grant select on route_examples, route_trainings to mashangdu_gateway;
grant select on route_trainings to mashangdu_staff;
grant select (made_at, examples) on route_models to mashangdu_gateway;
revoke execute on function route_lesson_lost, route_model_gone, route_model_put, route_model_store, may_train, route_training_told, route_training_end,
  route_trainings_lost, route_training_ask, route_training_stop, route_training_beat, route_training_fail, route_training_step, route_training_store from public;
grant execute on function route_model_gone, route_training_ask, route_training_stop to mashangdu_staff;
grant execute on function route_model_gone, route_trainings_lost, route_training_beat, route_training_fail, route_training_step, route_training_store to mashangdu_gateway;

-- ---- causes past their deadline -----------------------------------------------------------------------------------------------

-- Told once for each deadline: to whoever is to put it right, to the office's desks, and by the notices.
alter table causes add column late_at timestamptz;
create index causes_late on causes (due_at) where late_at is null and state in ('accepted', 'rectifying');
create function cause_due_anew() returns trigger language plpgsql as $$
begin
  new.late_at := null;
  return new;
end $$;
create trigger cause_due_anew before update of due_at on causes for each row when (old.due_at is distinct from new.due_at) execute function cause_due_anew();
create function causes_late() returns integer language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp set enable_seqscan = off as $$
declare
  k record;
  n integer := 0;
begin
  for k in select x.id, x.unit_id, x.state, x.due_at, x.category, c.name, p.window_name from public.causes x join public.categories c on c.code = x.category
             left join public.plaques p on p.number = x.plaque
           where x.late_at is null and x.state in ('accepted', 'rectifying') and x.due_at < now() order by x.id limit 100 for update of x skip locked loop
    update public.causes x set late_at = now() where x.id = k.id;
    perform public.events_append(array['cause.late'], array[null::bigint], array[k.unit_id], array[null::integer], array[false],
      array[jsonb_build_object('id', k.id, 'state', k.state, 'due_at', to_char(k.due_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
                               'category', jsonb_build_object('code', k.category, 'name', k.name), 'window', k.window_name)]);
    n := n + 1;
  end loop;
  return n;
end $$;
-- As in 0041, and that a cause is late: a unit, a category, a day (P11).
create or replace function notice_tellable(e events) returns boolean language sql stable set search_path = pg_catalog, public, pg_temp as $$
  select case
    when e.kind = 'channel.alarm' then e.case_id is null
    when e.confidential or e.hidden_unit_id is not null then false
    when e.kind in ('feedback.rated', 'burst.began', 'burst.grew', 'burst.ended', 'cause.late') then e.case_id is null
    when e.kind in ('case.opened', 'case.changed') then
      e.data->>'nature' <> 'report' and e.data->>'held' = 'false' and e.data->>'confidential' = 'false'
      and exists (select from public.cases c where c.id = e.case_id and not c.confidential and not c.held and c.nature <> 'report')
    when e.kind = 'letter.changed' then
      exists (select from public.letters l where l.id = (e.data->>'id')::bigint and not l.confidential and l.hidden_unit_ids = '{}' and l.left_unit_ids = '{}')
      and not exists (select from public.letter_cases x join public.cases c on c.id = x.case_id
        where x.letter_id = (e.data->>'id')::bigint and (c.confidential or c.held or c.nature = 'report'))
    else false end
$$;
revoke execute on function cause_due_anew, causes_late from public;
grant execute on function causes_late to mashangdu_gateway;

-- ---- letters to units that went --------------------------------------------------------------------------------------------------

-- A letter stays addressed to the name that it was signed for; it is read, signed for and answered by whoever has that unit's work now: of a
-- merged unit its successor, of a split one the successor for what no rule names. The walls hold as before (my_walls): the unit that a
-- report names does not come to its letter by following another.
create function my_mail() returns integer[] language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  with recursive w (id) as (select public.my_unit() union select u.id from w join public.units u on u.successor_id = w.id where u.retired_on <= public.today_here())
  select array_agg(w.id) from w $$;
create function mail_heir(of_unit integer) returns integer language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  with recursive h (id, n) as (select of_unit, 0 union all
    select u.successor_id, h.n + 1 from h join public.units u on u.id = h.id where u.successor_id is not null and u.retired_on <= public.today_here() and h.n < 32)
  select h.id from h order by h.n desc limit 1 $$;
-- For which of its addressees this post acts: the own unit's before those that it followed, what is still to be done before what is done.
create function letter_mine(one bigint, what text) returns integer language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select u.unit_id from public.letter_units u where u.letter_id = one and u.unit_id = any (public.my_mail())
  order by case what when 'receive' then u.received_at is not null when 'answer' then u.received_at is null or u.answered_at is not null
                else u.answered_at is not null end, u.unit_id <> public.my_unit(), u.unit_id limit 1 $$;

alter policy staff_sees on letters using (
  not ((hidden_unit_ids || left_unit_ids) && (select my_walls()))
  and ((select i_am('{accountability}'))
       or (not confidential and (select i_am('{coordinator,supervisor,registry,callback,leader}')))
       or (delivered_at is not null and unit_ids && (select my_mail()) and (select i_am('{handler,unit_leader}')))));
alter policy staff_sees on letter_units using (
  exists (select from letters l where l.id = letter_id)
  and (unit_id = any ((select my_mail())::integer[]) or (select i_am('{coordinator,supervisor,accountability,registry,callback,leader}'))));
alter policy staff_sees on letter_acts using (
  exists (select from letters l where l.id = letter_id)
  and (unit_id = any ((select my_mail())::integer[]) or (unit_id is null and act in ('sign', 'deliver', 'finish', 'void'))
       or (select i_am('{coordinator,supervisor,accountability,registry,callback,leader}'))));
create or replace function letter_seen(l letters) returns boolean language sql stable set search_path = pg_catalog, public, pg_temp as $$
  select not ((l.hidden_unit_ids || l.left_unit_ids) && public.my_walls())
    and (public.i_am('{accountability}')
         or (not l.confidential and public.i_am('{coordinator,supervisor,registry,callback,leader}'))
         or (l.delivered_at is not null and l.unit_ids && public.my_mail() and public.i_am('{handler,unit_leader}'))) $$;
-- Two long functions change in one line each; all the rest of them stays what it is, so it is not written down a second time.
do $$
declare
  was constant text[] := array[
    'if public.i_am(''{handler,unit_leader}'') and mine = any (l.unit_ids) and p_act in (''receive'', ''answer'') then unit := mine; end if;',
    'array(select u from unnest(l.unit_ids) u where l.delivered_at is not null and u <> all (hidden))'];
  now_ constant text[] := array[
    'if public.i_am(''{handler,unit_leader}'') and p_act in (''receive'', ''answer'') then unit := public.letter_mine(l.id, p_act); end if;',
    'array(select distinct public.mail_heir(u) from unnest(l.unit_ids) u where l.delivered_at is not null and u <> all (hidden))'];
  names constant regproc[] := array['letter_do'::regproc, 'letter_told'::regproc];
  text_ text;
begin
  for i in 1 .. 2 loop
    text_ := pg_get_functiondef(names[i]);
    if position(was[i] in text_) = 0 then raise exception '% is not what 0009 made', names[i]; end if;
    execute replace(text_, was[i], now_[i]);
  end loop;
end $$;
-- Its successor's people hear of what they have on the day that they have it.
create function letters_led_on() returns trigger language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  perform public.letter_told(l.id) from public.letters l where new.id = any (l.unit_ids) and l.state in ('delivered', 'received');
  return null;
end $$;
create trigger letters_led_on after update of successor_id on units for each row
  when (new.successor_id is not null and old.successor_id is distinct from new.successor_id) execute function letters_led_on();
revoke execute on function my_mail, mail_heir, letter_mine, letters_led_on from public;
grant execute on function my_mail, letter_mine to mashangdu_staff;
