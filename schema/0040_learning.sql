-- What the office's own decisions teach the router: an example for every correction and every confirmed disposition, models made from
-- them in numbered versions that a second person puts into force, and how far what the router says drifts from what people decide.

-- ---- examples ----------------------------------------------------------------------------------------------------------------

-- What the router had said of a case and what an act decided about it; null: that act says nothing of it. The words stay where they
-- are, in feedback.masked or in the extract of a part: what is erased there is gone for training too. Never of a confidential case, a
-- report or a sealed one (P4); they leave when their case becomes one, when its words are erased and when its words are split.
create table route_examples (
  id            bigint primary key generated always as identity,
  at            timestamptz not null,
  case_id       bigint not null references cases (id),
  feedback_id   bigint not null references feedback (id),
  act_id        bigint not null references acts (id),
  kind          text not null check (kind in ('assigned', 'released', 'returned', 'recategorised', 'split', 'closed')),
  staff_id      integer references staff (id),   -- null: the finder confirmed by receipt or message
  said_unit     integer,
  said_category text,
  said_nature   text,
  said_urgency  text,
  said_level    smallint,
  confidence    real not null check (confidence between 0 and 1),
  auto          boolean not null,                -- the router had assigned it without a person
  rules         integer not null,                -- versions that it was said with; 0: before there were any, or none in force
  model         integer not null,
  unit_id       integer references units (id),
  category      text references categories (code),
  nature        text check (nature in ('rate', 'supervise', 'complain', 'appeal', 'ask', 'suggest')),
  urgency       text check (urgency in ('特急', '紧急', '一般', '平缓')),
  level         smallint check (level between 0 and 4),
  about_unit_id integer,                         -- complained of or praised; null: nobody
  changed       text[] not null check (changed <@ array['unit', 'category', 'nature', 'urgency', 'level']),
  constraint route_examples_once unique (act_id, case_id)
);
create index route_examples_case on route_examples (case_id, id);
create index route_examples_feedback on route_examples (feedback_id);
create index route_examples_changed on route_examples (id) where changed <> '{}' or kind = 'returned';

create function route_examples_kept() returns trigger language plpgsql as $$
begin
  raise exception 'an example is not rewritten' using errcode = 'MSD20';
end $$;
create trigger route_examples_kept before update on route_examples for each row execute function route_examples_kept();
create trigger route_examples_kept_whole before truncate on route_examples for each statement execute function history_is_fixed();

-- Counted for good, also what was forgotten since: the metric of corrections. Written under the lock that numbers events.
create table route_totals (
  what text primary key check (what in ('confirmed', 'unit', 'category', 'nature', 'urgency', 'level', 'returned')),
  n    bigint not null default 0
);
insert into route_totals (what) values ('confirmed'), ('unit'), ('category'), ('nature'), ('urgency'), ('level'), ('returned');

-- Whom the router proposed: the triage desk, which has what it is not sure of, was not its guess.
create function route_said_unit(d jsonb) returns integer language sql immutable as $$
  select coalesce(case when coalesce((d->>'triage')::boolean, false) then (d->'candidates'->0->'unit'->>'id')::integer end, (d->'unit'->>'id')::integer) $$;

-- The example of one act, when it teaches something. d: what the router said of exactly these words.
create function route_example_put(a acts, of_case bigint, of_feedback bigint, d jsonb, kind_ text, natures boolean, places boolean)
returns void language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp set enable_seqscan = off as $$
declare
  c record;
  nature_ text;
  urgency_ text;
  changed_ text[];
begin
  select x.* into c from public.cases x where x.id = of_case;
  -- What a clerk said it should have been taken for, then or before: the case itself keeps the nature that it came with.
  nature_ := coalesce(a.data->>'nature', (select x.data->>'nature' from public.acts x where x.case_id = of_case and x.version < a.version
    and x.act = 'assign' and x.data ? 'nature' order by x.version desc limit 1), c.nature);
  urgency_ := coalesce(a.data->>'urgency', c.urgency);
  if c.confidential or c.nature = 'report' or nature_ = 'report' or d is null or not d ? 'confidence' then return; end if;
  changed_ := array_remove(array[
    case when places and c.unit_id is distinct from public.route_said_unit(d) then 'unit' end,
    case when places and c.category is distinct from d->'category'->>'code' and not coalesce((d->>'chosen')::boolean, false) then 'category' end,
    case when natures and nature_ is distinct from d->>'nature' then 'nature' end,
    case when natures and urgency_ is distinct from d->>'urgency' then 'urgency' end,
    case when places and c.level is distinct from (d->>'level')::smallint and not coalesce((d->>'chosen')::boolean, false) then 'level' end], null);
  insert into public.route_examples (at, case_id, feedback_id, act_id, kind, staff_id, said_unit, said_category, said_nature, said_urgency,
      said_level, confidence, auto, rules, model, unit_id, category, nature, urgency, level, about_unit_id, changed)
    values (a.at, of_case, of_feedback, a.id, kind_, a.staff_id, public.route_said_unit(d),
      case when not coalesce((d->>'chosen')::boolean, false) then d->'category'->>'code' end, d->>'nature', d->>'urgency',
      (d->>'level')::smallint, least(1, greatest(0, (d->>'confidence')::real)),
      exists (select from public.acts r where r.case_id = of_case and r.version = 2 and r.actor = 'router'),
      coalesce((d->>'rules')::integer, 0), coalesce((d->>'model')::integer, 0), case when places then c.unit_id end,
      case when places then c.category end, case when natures then nature_ end, case when natures then urgency_ end,
      case when places then c.level end, c.about_unit_id, changed_)
    on conflict do nothing;
  if not found or current_setting('msd.learning', true) = 'record' then return; end if;
  update public.route_totals t set n = t.n + 1
    where t.what = any (changed_) or (kind_ = 'returned' and t.what = 'returned') or (changed_ = '{}' and kind_ <> 'split' and t.what = 'confirmed');
end $$;

-- Behind every act that may decide something, in its transaction: whoever writes an act writes its example.
create function route_example_keep(a acts) returns void language plpgsql volatile security definer
  set search_path = pg_catalog, public, pg_temp set enable_seqscan = off as $$
declare
  kind_ text;
  f record;
  d jsonb;
  part record;
begin
  if a.act = 'assign' then
    select case when b.act = 'return_grant' and a.unit_id is distinct from (select p.unit_id from public.acts p
             where p.case_id = a.case_id and p.version < b.version and p.act = 'assign' order by p.version desc limit 1) then 'returned' end
      into kind_ from public.acts b where b.case_id = a.case_id and b.version < a.version and b.act in ('assign', 'return_grant')
      order by b.version desc limit 1;
    kind_ := coalesce(kind_, 'assigned');
  elsif a.act = 'split' then
    kind_ := 'split';
  elsif a.to_state = 'closed' then
    kind_ := 'closed';
  else
    kind_ := 'recategorised';
  end if;
  select x.id, x.decision into f from public.feedback x
    where x.id in (select y.id from public.feedback y where y.case_id = a.case_id
                   union all select p.feedback_id from public.case_parts p where p.case_id = a.case_id and p.part > 1)
      and x.masked <> '' order by x.received_at, x.id limit 1;
  if f.id is null then return; end if;
  select p.decision into d from public.case_parts p where p.case_id = a.case_id order by p.version desc limit 1;
  d := coalesce(d, f.decision);
  if kind_ = 'assigned' and (d->>'held')::boolean and not exists (select from public.acts b where b.case_id = a.case_id and b.act = 'assign'
                                                                    and b.version < a.version) then
    kind_ := 'released';
  end if;
  if kind_ = 'split' then
    -- What was learnt of the whole words spoke of two matters. Of the new part its nature was said, and a category when one was chosen;
    -- the rest follows when somebody gives the parts to units.
    delete from public.route_examples e where e.case_id = a.case_id;
    for part in select p.case_id, p.decision from public.case_parts p where p.feedback_id = f.id and p.made_by = a.version loop
      perform public.route_example_put(a, part.case_id, f.id, part.decision, kind_, true, false);
    end loop;
  else
    perform public.route_example_put(a, a.case_id, f.id, d, kind_, true, true);
  end if;
end $$;
create function route_example_of_act() returns trigger language plpgsql volatile security definer
  set search_path = pg_catalog, public, pg_temp as $$
begin
  perform public.route_example_keep(new);
  return null;
end $$;
create trigger route_example_of_act after insert on acts for each row
  when ((new.actor = 'staff' and (new.act in ('assign', 'split') or new.data ? 'category'))
        or (new.to_state = 'closed' and new.act in ('callback_solved', 'confirm_solved', 'accept_partly')))
  execute function route_example_of_act();

create function route_examples_forget() returns trigger language plpgsql volatile security definer
  set search_path = pg_catalog, public, pg_temp set enable_seqscan = off as $$
begin
  if tg_table_name = 'erasures' then
    delete from public.route_examples e where e.feedback_id = new.feedback_id;
  else
    delete from public.route_examples e where e.case_id = new.id;
  end if;
  return null;
end $$;
create trigger route_examples_forget after insert on erasures for each row when (new.feedback_id is not null)
  execute function route_examples_forget();
create trigger route_examples_forget after update of flags on cases for each row
  when ('confidential' = any (new.flags) and not 'confidential' = any (old.flags)) execute function route_examples_forget();

-- Read by those who keep the rules, each only of cases that the person may see.
create function examples_seen() returns boolean language sql stable security definer set search_path = pg_catalog, public, pg_temp as
$$ select public.i_am('{coordinator,registry,leader}') $$;
alter table route_examples enable row level security;
create policy staff_sees on route_examples for select to mashangdu_staff using (
  (select examples_seen()) and exists (select from cases c where c.id = route_examples.case_id and not c.confidential and c.nature <> 'report'));
grant select on route_examples to mashangdu_staff;
grant select on route_totals to mashangdu_gateway, mashangdu_staff;

-- Words of an example, as units read them.
create function route_example_words(e route_examples) returns text language sql stable as $$
  select coalesce(case_extract(e.case_id), (select f.masked from feedback f where f.id = e.feedback_id)) $$;

-- What the record teaches of before: of the newest ended cases the act that ended them. Counted once, at the end.
do $$
declare
  a acts;
begin
  perform set_config('msd.learning', 'record', true);
  for a in select x.* from (select c.id, c.version from cases c where c.state = 'closed' and not c.confidential and c.nature <> 'report'
             order by c.opened_at desc limit 20000) c join acts x on x.case_id = c.id and x.version = c.version
           where x.to_state = 'closed' and x.act in ('callback_solved', 'confirm_solved', 'accept_partly') order by x.at, x.id loop
    perform route_example_keep(a);
  end loop;
  perform set_config('msd.learning', '', true);
  update route_totals t set n = (select count(*) from route_examples e where case t.what when 'confirmed' then e.changed = '{}' else t.what = any (e.changed) end);
end $$;

-- ---- models ------------------------------------------------------------------------------------------------------------------

create table route_models (
  version       integer primary key check (version >= 1),
  made_at       timestamptz not null default now(),
  bytes         bytea not null check (length(bytes) between 1 and 33554432),
  sha256        bytea not null,
  rules         integer not null references rule_versions (version),
  base          integer not null default 0 check (base >= 0),  -- the model that it was compared with; 0: the rules alone
  examples      jsonb not null check (jsonb_typeof(examples) = 'object'),  -- how many of which kind
  -- Both over the same held-back cases. What was not compared is not stored, let alone put into force.
  report        jsonb not null check (coalesce((report->>'cases')::integer, 0) >= 1 and jsonb_typeof(report->'old') = 'object'
                                      and jsonb_typeof(report->'new') = 'object'),
  note          text not null default '' check (length(note) <= 400),
  proposer_id   integer references staff (id),     -- null: the installer
  tool          text not null default '' check (length(tool) <= 100),  -- who ran the program
  state         text not null default 'proposed' check (state in ('proposed', 'live', 'retired', 'refused', 'withdrawn')),
  confirmer_id  integer references staff (id),     -- who put it into force first
  confirmed_at  timestamptz,
  settled_at    timestamptz,
  settled_by    integer references staff (id),
  why           text check (length(why) between 2 and 400),
  check (sha256 = sha256(bytes)),
  check (confirmer_id <> proposer_id),
  check ((confirmer_id is null) or (confirmed_at is not null)),
  check (state not in ('live', 'retired') or confirmed_at is not null and (confirmer_id is not null or proposer_id is null)),
  check (state <> 'refused' or settled_by <> proposer_id)
);
alter table route_models alter column bytes set storage external;
create unique index route_models_live on route_models (state) where state = 'live';
create index route_models_open on route_models (version) where state = 'proposed';

-- What was made stays what it is; only its standing changes.
create function route_models_kept() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' or (old.version, old.made_at, old.bytes, old.sha256, old.rules, old.base, old.examples, old.report, old.note, old.proposer_id, old.tool)
      is distinct from (new.version, new.made_at, new.bytes, new.sha256, new.rules, new.base, new.examples, new.report, new.note, new.proposer_id, new.tool)
     or (old.confirmed_at is not null and (old.confirmer_id, old.confirmed_at) is distinct from (new.confirmer_id, new.confirmed_at)) then
    raise exception 'model % stays what it is', old.version using errcode = 'MSD20';
  end if;
  return new;
end $$;
create trigger route_models_kept before update or delete on route_models for each row execute function route_models_kept();
create trigger route_models_kept_whole before truncate on route_models for each statement execute function history_is_fixed();

-- Which model decided from when on; 0: the rules alone.
create table route_model_turns (
  id       bigint primary key generated always as identity,
  at       timestamptz not null default now(),
  was      integer not null,
  now      integer not null check (now <> was),
  staff_id integer references staff (id),  -- null: the installer
  why      text check (length(why) between 2 and 400)
);
create trigger history_is_fixed before update or delete or truncate on route_model_turns for each statement execute function history_is_fixed();

-- One person trains and proposes, another puts into force. Going back to what two persons had agreed on before, and deciding by the
-- rules alone, is one person's to do: it is what one does when something goes wrong. MSDR1, 2, 3: as with rules.
create function route_model_step(version_ integer, step text, why_ text) returns table (id bigint, state text)
  language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  m public.route_models;
  live integer;
  next text;
begin
  if not public.i_am('{coordinator,registry,leader}') then return; end if;
  perform pg_advisory_xact_lock(7310022040);
  select x.* into m from public.route_models x where x.version = version_;
  if not found then raise exception 'there is no model %', version_ using errcode = 'MSDR1'; end if;
  live := coalesce((select x.version from public.route_models x where x.state = 'live'), 0);
  if step in ('confirm', 'refuse', 'withdraw') and (step = 'withdraw') <> (m.proposer_id is not distinct from public.staff_now()) then
    raise exception 'model % is not for this person to %', version_, step using errcode = 'MSDR3';
  end if;
  next := case step || ' ' || m.state when 'confirm proposed' then 'live' when 'refuse proposed' then 'refused' when 'withdraw proposed' then 'withdrawn'
    when 'back retired' then 'live' when 'off live' then 'retired' end;
  if next is null then raise exception 'model % is %', version_, m.state using errcode = 'MSDR1'; end if;
  if step = 'confirm' and m.base <> live then
    raise exception 'model % was compared with %', version_, m.base using errcode = 'MSDR2';
  end if;
  if next = 'live' then update public.route_models x set state = 'retired' where x.state = 'live'; end if;
  update public.route_models x set state = next, why = why_, settled_at = now(), settled_by = public.staff_now(),
      confirmer_id = case step when 'confirm' then public.staff_now() else x.confirmer_id end,
      confirmed_at = case step when 'confirm' then now() else x.confirmed_at end where x.version = version_;
  if step in ('confirm', 'back', 'off') then
    insert into public.route_model_turns (was, now, staff_id, why)
      values (live, case step when 'off' then 0 else version_ end, public.staff_now(), why_);
  end if;
  perform public.draft_told('model.' || step, jsonb_build_object('version', version_, 'was', live));
  return query select version_::bigint, next;
end $$;

-- What `mashangdu train` made. by_login: who answers for the proposal; null: the installer, whose first model counts at once.
create function route_model_store(bytes_ bytea, rules_ integer, base_ integer, examples_ jsonb, report_ jsonb, note_ text, by_login text, tool_ text)
returns integer language plpgsql volatile set search_path = pg_catalog, public, pg_temp as $$
declare
  made integer;
  who integer;
begin
  perform pg_advisory_xact_lock(7310022040);
  select s.id into who from public.staff s where s.login = by_login and s.active
    and exists (select from public.staff_roles r where r.staff_id = s.id and r.role in ('coordinator', 'registry'));
  if (by_login is null) <> (who is null) then raise exception 'nobody of that name may propose a model' using errcode = 'MSDR3'; end if;
  if who is null and exists (select from public.route_models) then
    raise exception 'there is a model already: a person proposes the next one' using errcode = 'MSDR1';
  end if;
  insert into public.route_models (version, bytes, sha256, rules, base, examples, report, note, proposer_id, tool, state, confirmed_at)
    select coalesce(max(m.version), 0) + 1, bytes_, sha256(bytes_), rules_, base_, examples_, report_, note_, who, left(tool_, 100),
      case when who is null then 'live' else 'proposed' end, case when who is null then now() end
    from public.route_models m returning version into made;
  if who is null then insert into public.route_model_turns (was, now) values (0, made); end if;
  insert into public.audit_log (staff_id, action, detail)
    values (who, 'tool.train', jsonb_build_object('version', made, 'by', left(tool_, 100), 'live', who is null));
  return made;
end $$;

create trigger register_changed after update of state on route_models for each statement execute function register_changed();
create trigger register_changed_new after insert on route_models for each row when (new.state = 'live') execute function register_changed();

alter table route_models enable row level security;
alter table route_model_turns enable row level security;
create policy gateway on route_models for select to mashangdu_gateway using (true);
create policy staff_sees on route_models for select to mashangdu_staff using ((select rules_seen()));
create policy staff_sees on route_model_turns for select to mashangdu_staff using ((select rules_seen()));
grant select (version, state, bytes, sha256, report) on route_models to mashangdu_gateway;
grant select (version, made_at, rules, base, examples, report, note, proposer_id, tool, state, confirmer_id, confirmed_at, settled_at, settled_by, why)
  on route_models to mashangdu_staff;
grant select on route_model_turns to mashangdu_staff;

-- ---- drift -------------------------------------------------------------------------------------------------------------------

-- What the router said of the newest cases and what became of it, each judged by its newest example. Numbers alone, and none of
-- confidential cases or reports: whoever sees the desk of rules may read them.
create function route_judged(most integer, weeks integer)
returns table (day date, model integer, confidence real, auto boolean, judged boolean, unit boolean, category boolean, nature boolean, back boolean)
  language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select (c.opened_at at time zone 'Asia/Shanghai')::date, coalesce((f.decision->>'model')::integer, 0), (f.decision->>'confidence')::real,
    exists (select from public.acts r where r.case_id = c.id and r.version = 2 and r.actor = 'router'), e.id is not null,
    coalesce('unit' = any (e.changed), false), coalesce('category' = any (e.changed), false), coalesce('nature' = any (e.changed), false),
    exists (select from public.route_examples b where b.case_id = c.id and b.kind = 'returned')
  from (select x.id, x.opened_at from public.cases x where not x.confidential and x.nature <> 'report' and x.opened_at > now() - make_interval(weeks => weeks)
          and 'split' <> all (x.flags) and 'part' <> all (x.flags)
        order by x.opened_at desc, x.id desc limit most) c
  cross join lateral (select y.decision from public.feedback y where y.case_id = c.id order by y.received_at, y.id limit 1) f
  left join lateral (select z.id, z.changed from public.route_examples z where z.case_id = c.id and z.unit_id is not null order by z.id desc limit 1) e on true
  where f.decision ? 'confidence'
$$;

-- by: day or week. One object: points in time by model, models over all of it, and ten steps of confidence against what was right.
create function route_drift(most integer, weeks integer, by_ text) returns jsonb language sql stable security definer
  set search_path = pg_catalog, public, pg_temp set enable_seqscan = off as $$
  with j as materialized (select * from public.route_judged(most, weeks)),
  sums as (select case when grouping(start) = 1 then null else start end as start, model,
      jsonb_build_object('decisions', count(*), 'triage', count(*) filter (where not auto), 'judged', count(*) filter (where judged),
        'unit', count(*) filter (where unit), 'category', count(*) filter (where category), 'nature', count(*) filter (where nature),
        'wrong', count(*) filter (where unit or category), 'auto', count(*) filter (where auto), 'auto_judged', count(*) filter (where auto and judged),
        'auto_wrong', count(*) filter (where auto and (unit or category)), 'auto_returned', count(*) filter (where auto and back),
        'confidence', round(avg(confidence) filter (where judged)::numeric, 4)) as told
    from (select j.*, date_trunc(by_, j.day::timestamp)::date as start from j) x group by grouping sets ((start, model), (model))),
  bins as (select least(9, floor(confidence * 10))::integer as bin, count(*) as n, round(avg(confidence)::numeric, 4) as said,
      count(*) filter (where not unit and not category) as good from j where judged group by 1)
  select case when public.rules_seen() then jsonb_build_object(
    'points', coalesce((select jsonb_agg(told || jsonb_build_object('from', start, 'model', model) order by start, model) from sums where start is not null), '[]'),
    'models', coalesce((select jsonb_agg(told || jsonb_build_object('model', model) order by model) from sums where start is null), '[]'),
    'confidence', coalesce((select jsonb_agg(jsonb_build_object('step', bin, 'n', n, 'said', said, 'right', good) order by bin) from bins), '[]')) end
$$;

-- The newest judged decisions of the model in force, for the warning; nobody's words, nobody's numbers.
create function route_watch(most integer)
returns table (model integer, promised jsonb, auto_judged bigint, auto_wrong bigint, hand_judged bigint, hand_wrong bigint)
  language sql stable security definer set search_path = pg_catalog, public, pg_temp set enable_seqscan = off as $$
  with live as (select coalesce(max(m.version), 0) as version, (select m.report->'new' from public.route_models m where m.state = 'live') as promised
    from public.route_models m where m.state = 'live'),
  newest as (select e.case_id, e.auto, e.changed, e.model, e.id from public.route_examples e where e.unit_id is not null order by e.id desc limit most),
  last as (select distinct on (n.case_id) n.* from newest n, live where n.model = live.version order by n.case_id, n.id desc)
  select live.version, live.promised, count(*) filter (where auto), count(*) filter (where auto and changed && array['unit', 'category']),
    count(*) filter (where not auto), count(*) filter (where not auto and changed && array['unit', 'category'])
  from live left join last on true group by live.version, live.promised
$$;

revoke execute on function route_example_put, route_example_keep, route_example_of_act, route_examples_forget, examples_seen, route_example_words, route_said_unit,
  route_model_step, route_model_store, route_judged, route_drift, route_watch from public;
grant execute on function examples_seen, route_example_words, route_model_step, route_drift to mashangdu_staff;
grant execute on function route_watch to mashangdu_gateway, mashangdu_staff;
