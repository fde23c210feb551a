-- The desk of rules: what the router knows in numbered versions, sets of changes that a second person puts into force, calendars
-- entered the same way, and who may read the log of who did what.

-- ---- rules of routing in versions -------------------------------------------------------------------------------------------

-- Every change of what the router knows makes one, whichever way it came: the desk, an import, a person with psql. A decision
-- names the version that it was made with; content is what a version can be put back from.
create table rule_versions (
  version      integer primary key check (version >= 1),
  made_at      timestamptz not null default now(),
  author_id    integer references staff (id),     -- who proposed it; null: not from the desk
  confirmer_id integer references staff (id),     -- who put it into force
  tool         text not null default '' check (length(tool) <= 100), -- who ran the import, when there is no author
  note         text not null default '' check (length(note) <= 400),
  draft_id     bigint,
  changes      jsonb not null default '[]' check (jsonb_typeof(changes) = 'array'),
  content      jsonb not null check (jsonb_typeof(content) = 'object'),
  check ((author_id is null) = (confirmer_id is null)),
  check (author_id <> confirmer_id)
);
create trigger history_is_fixed before update or delete or truncate on rule_versions for each statement execute function history_is_fixed();

create function rules_content() returns jsonb language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select jsonb_build_object(
    'aliases', coalesce((select jsonb_object_agg(u.code, to_jsonb(u.aliases)) from public.units u where u.aliases <> '{}'), '{}'),
    'categories', coalesce((select jsonb_object_agg(c.code, jsonb_build_object('unit', u.code, 'level', c.level, 'nature', c.default_nature,
        'confidential', c.confidential)) from public.categories c join public.units u on u.id = c.default_unit_id where c.parent is not null), '{}'),
    'words', coalesce((select jsonb_agg(jsonb_build_array(w.kind, w.word, w.value, w.weight) order by w.kind, w.word, w.value)
        from public.routing_words w), '[]'))
$$;

create function rules_version_make(author integer, confirmer integer, tool_ text, note_ text, draft bigint, changes_ jsonb) returns integer
  language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  made integer;
begin
  perform pg_advisory_xact_lock(7310022029);
  insert into public.rule_versions (version, author_id, confirmer_id, tool, note, draft_id, changes, content)
    select coalesce(max(v.version), 0) + 1, author, confirmer, left(tool_, 100), left(note_, 400), draft, changes_, public.rules_content()
    from public.rule_versions v returning version into made;
  perform set_config('msd.rules_noted', pg_current_xact_id()::text, true);
  return made;
end $$;

-- At the end of a transaction that changed something, once. The name of an import's person is a setting of its transaction.
create function rules_noted() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  if current_setting('msd.rules_noted', true) is distinct from pg_current_xact_id()::text then
    perform public.rules_version_make(null, null, coalesce(nullif(current_setting('msd.importer', true), ''), session_user::text),
      coalesce(current_setting('msd.note', true), ''), null, '[]');
  end if;
  return null;
end $$;
create constraint trigger rules_noted after insert or update or delete on routing_words deferrable initially deferred
  for each row execute function rules_noted();
create constraint trigger rules_noted_new after insert or delete on categories deferrable initially deferred
  for each row execute function rules_noted();
create constraint trigger rules_noted after update on categories deferrable initially deferred
  for each row when (old is distinct from new) execute function rules_noted();
create constraint trigger rules_noted_new after insert or delete on units deferrable initially deferred
  for each row execute function rules_noted();
create constraint trigger rules_noted after update on units deferrable initially deferred for each row
  when ((old.code, old.kind, old.class, old.name, old.short_name, old.aliases, old.parent_id, old.successor_id)
        is distinct from (new.code, new.kind, new.class, new.name, new.short_name, new.aliases, new.parent_id, new.successor_id))
  execute function rules_noted();

select rules_version_make(null, null, 'before versions', '', null, '[]') where exists (select from routing_words);

-- ---- sets of changes ----------------------------------------------------------------------------------------------------------

-- One person writes, another puts into force. base: the version over which the changes were looked at; when another one came
-- between, they are looked at again.
create table rule_drafts (
  id          bigint primary key generated always as identity,
  state       text not null default 'writing' check (state in ('writing', 'proposed', 'in_force', 'refused', 'withdrawn')),
  base        integer not null references rule_versions (version),
  note        text not null check (length(note) between 2 and 400),
  changes     jsonb not null check (jsonb_typeof(changes) = 'array' and jsonb_array_length(changes) <= 20000),
  author_id   integer not null references staff (id),
  made_at     timestamptz not null default now(),
  changed_at  timestamptz not null default now(),
  proposed_at timestamptz,
  settled_at  timestamptz,
  settled_by  integer references staff (id),
  why         text check (length(why) between 2 and 400),
  version     integer references rule_versions (version),
  check ((state = 'in_force') = (version is not null)),
  check ((state in ('in_force', 'refused', 'withdrawn')) = (settled_at is not null)),
  check (state not in ('in_force', 'refused') or settled_by <> author_id)
);
create index rule_drafts_open on rule_drafts (id) where state in ('writing', 'proposed');

-- Who may look at the desks of rules and calendars. Citizens' words are not in there.
create function rules_seen() returns boolean language sql stable security definer set search_path = pg_catalog, public, pg_temp as
$$ select public.i_am('{coordinator,registry,supervisor,accountability,callback,leader,admin,auditor}') $$;

alter table rule_versions enable row level security;
alter table rule_drafts enable row level security;
create policy gateway on rule_versions for select to mashangdu_gateway using (true);
create policy staff_sees on rule_versions for select to mashangdu_staff using ((select rules_seen()));
create policy staff_sees on rule_drafts for select to mashangdu_staff using ((select rules_seen()));
grant select (version) on rule_versions to mashangdu_gateway;
grant select (version, made_at, author_id, confirmer_id, tool, note, draft_id, changes) on rule_versions to mashangdu_staff;
grant select on rule_drafts to mashangdu_staff;

-- What a step left behind: a row of the log, and an event for open desks. Neither holds words of anybody.
create function draft_told(what text, told jsonb) returns void language sql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
  insert into public.audit_log (staff_id, action, detail) values (public.staff_now(), replace(what, '.', '_'), told);
  select public.events_append(array[what], array[null]::bigint[], array[null]::integer[], array[null]::integer[], array[false], array[told]);
$$;

-- A new draft (id_ 0), or the same one again while it is being written. MSDR1: there is none of yours in that state.
create function rules_draft_save(id_ bigint, base_ integer, note_ text, changes_ jsonb) returns table (id bigint, state text)
  language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  saved bigint := nullif(id_, 0);
begin
  if not public.i_am('{coordinator,registry}') then return; end if;
  if saved is null then
    insert into public.rule_drafts as d (base, note, changes, author_id) values (base_, note_, changes_, public.staff_now())
      returning d.id into saved;
  else
    update public.rule_drafts d set base = base_, note = note_, changes = changes_, changed_at = now()
      where d.id = saved and d.author_id = public.staff_now() and d.state = 'writing';
    if not found then raise exception 'draft % is not being written by this person', id_ using errcode = 'MSDR1'; end if;
  end if;
  perform public.draft_told('rules.saved', jsonb_build_object('draft', saved));
  return query select saved, 'writing';
end $$;

-- propose, take_back and withdraw are the author's; refuse is somebody else's.
create function rules_draft_step(id_ bigint, step text, why_ text) returns table (id bigint, state text)
  language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  d public.rule_drafts;
  next text;
begin
  if not public.i_am('{coordinator,registry,leader}') then return; end if;
  select * into d from public.rule_drafts x where x.id = id_ for update;
  if not found then raise exception 'there is no draft %', id_ using errcode = 'MSDR1'; end if;
  if (step = 'refuse') = (d.author_id = public.staff_now()) then
    raise exception 'draft % is not for this person to %', id_, step using errcode = 'MSDR3';
  end if;
  next := case step || ' ' || d.state when 'propose writing' then 'proposed' when 'take_back proposed' then 'writing'
    when 'withdraw writing' then 'withdrawn' when 'withdraw proposed' then 'withdrawn' when 'refuse proposed' then 'refused' end;
  if next is null or (next = 'proposed' and jsonb_array_length(d.changes) = 0) then
    raise exception 'draft % is %', id_, d.state using errcode = 'MSDR1';
  end if;
  if next = 'proposed' and d.base <> (select max(v.version) from public.rule_versions v) then
    raise exception 'draft % was looked at over version %', id_, d.base using errcode = 'MSDR2';
  end if;
  update public.rule_drafts x set state = next, changed_at = now(), proposed_at = case next when 'proposed' then now() else x.proposed_at end,
      settled_at = case when next in ('withdrawn', 'refused') then now() end,
      settled_by = case when next in ('withdrawn', 'refused') then public.staff_now() end, why = why_
    where x.id = id_;
  perform public.draft_told('rules.' || next, jsonb_build_object('draft', id_));
  return query select id_, next;
end $$;

-- Puts a proposed set into force, by somebody who did not write it. The gateway has compiled base_ with these changes before: both
-- are what it says they are, or nothing is done (MSDR2).
create function rules_draft_put(id_ bigint, base_ integer) returns table (id bigint, state text)
  language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  d public.rule_drafts;
  made integer;
begin
  if not public.i_am('{coordinator,registry,leader}') then return; end if;
  perform pg_advisory_xact_lock(7310022027); -- imports take the same
  select * into d from public.rule_drafts x where x.id = id_ for update;
  if not found or d.state <> 'proposed' then raise exception 'draft % does not wait', id_ using errcode = 'MSDR1'; end if;
  if d.author_id = public.staff_now() then raise exception 'draft % is your own', id_ using errcode = 'MSDR3'; end if;
  if d.base <> base_ or d.base <> (select max(v.version) from public.rule_versions v) then
    raise exception 'draft % was looked at over version %', id_, d.base using errcode = 'MSDR2';
  end if;
  delete from public.routing_words w using jsonb_to_recordset(d.changes) as c (of text, kind text, word text, value text, weight real)
    where c.of = 'word' and c.weight is null and (w.kind, w.word, w.value) = (c.kind, c.word, c.value);
  insert into public.routing_words as w (kind, word, value, weight)
    select c.kind, c.word, c.value, c.weight from jsonb_to_recordset(d.changes) as c (of text, kind text, word text, value text, weight real)
    where c.of = 'word' and c.weight is not null
    on conflict (kind, word, value) do update set weight = excluded.weight;
  update public.units u set aliases = c.aliases from jsonb_to_recordset(d.changes) as c (of text, unit text, aliases text[])
    where c.of = 'alias' and u.code = c.unit;
  update public.categories k set default_unit_id = u.id, default_nature = c.nature, confidential = c.confidential, level = c.level,
      limit_amount = (array[2, 2, 24, 5, 15])[c.level + 1], limit_unit = case when c.level in (1, 2) then 'hour' else 'workday' end
    from jsonb_to_recordset(d.changes) as c (of text, code text, unit text, level smallint, nature text, confidential boolean)
      join public.units u on u.code = c.unit
    where c.of = 'category' and k.code = c.code and k.parent is not null;
  made := public.rules_version_make(d.author_id, public.staff_now(), '', d.note, id_, d.changes);
  update public.rule_drafts x set state = 'in_force', changed_at = now(), settled_at = now(), settled_by = public.staff_now(), version = made
    where x.id = id_;
  perform public.draft_told('rules.in_force', jsonb_build_object('draft', id_, 'version', made));
  return query select id_, 'in_force';
end $$;

-- The changes that lead back to a version. A category or unit that is gone since stays gone. Null: there is no such version.
create function rules_back(version_ integer) returns jsonb language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  with old as (select v.content from public.rule_versions v where v.version = version_ and public.i_am('{coordinator,registry}')),
  words as (select e ->> 0 as kind, e ->> 1 as word, e ->> 2 as value, (e ->> 3)::real as weight from old, jsonb_array_elements(old.content -> 'words') e)
  select case when exists (select from old) then
    (select coalesce(jsonb_agg(jsonb_build_object('of', 'word', 'kind', kind, 'word', word, 'value', value, 'weight', o.weight)), '[]')
      from words o full join public.routing_words w using (kind, word, value) where o.weight is distinct from w.weight)
    || (select coalesce(jsonb_agg(jsonb_build_object('of', 'alias', 'unit', u.code, 'aliases', coalesce(o.content -> 'aliases' -> u.code, '[]'))), '[]')
      from old o, public.units u where coalesce(o.content -> 'aliases' -> u.code, '[]') <> to_jsonb(u.aliases))
    || (select coalesce(jsonb_agg((k.value || jsonb_build_object('of', 'category', 'code', k.key))), '[]')
      from old o, jsonb_each(o.content -> 'categories') k join public.categories c on c.code = k.key and c.parent is not null
        join public.units u on u.id = c.default_unit_id
      where exists (select from public.units n where n.code = k.value ->> 'unit')
        and k.value <> jsonb_build_object('unit', u.code, 'level', c.level, 'nature', c.default_nature, 'confidential', c.confidential))
  end
$$;

-- ---- calendars ------------------------------------------------------------------------------------------------------------------

alter table calendar_versions
  add column source text not null default '' check (length(source) <= 200),  -- the document that says so
  add column author_id integer references staff (id),
  add column confirmer_id integer references staff (id);

create table calendar_drafts (
  id         bigint primary key generated always as identity,
  year       integer not null check (year between 2000 and 2200),
  base       integer not null check (base >= 0),            -- the version that it changes; 0: the year was not loaded
  days       jsonb not null check (jsonb_typeof(days) = 'array' and jsonb_array_length(days) between 1 and 366),
  source     text not null check (length(source) between 2 and 200),
  note       text not null default '' check (length(note) <= 400),
  author_id  integer not null references staff (id),
  made_at    timestamptz not null default now(),
  state      text not null default 'proposed' check (state in ('proposed', 'in_force', 'refused', 'withdrawn')),
  settled_at timestamptz,
  settled_by integer references staff (id),
  why        text check (length(why) between 2 and 400),
  version    integer,
  check ((state = 'proposed') = (settled_at is null)),
  check ((state = 'in_force') = (version is not null)),
  check (state not in ('in_force', 'refused') or settled_by <> author_id)
);
create unique index calendar_drafts_one on calendar_drafts (year) where state = 'proposed';
alter table calendar_drafts enable row level security;
create policy staff_sees on calendar_drafts for select to mashangdu_staff using ((select rules_seen()));
grant select on calendar_drafts to mashangdu_staff;

-- A year as the registry enters it. MSDR1: another proposal for this year waits; MSDR2: the year has another version meanwhile.
create function calendar_draft_save(year_ integer, base_ integer, days_ jsonb, source_ text, note_ text) returns table (id bigint, state text)
  language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  saved bigint;
begin
  if not public.i_am('{registry}') then return; end if;
  if base_ <> coalesce((select max(v.version) from public.calendar_versions v where v.year = year_), 0) then
    raise exception 'the year % has another version', year_ using errcode = 'MSDR2';
  end if;
  insert into public.calendar_drafts as d (year, base, days, source, note, author_id)
    values (year_, base_, days_, source_, note_, public.staff_now()) on conflict do nothing returning d.id into saved;
  if saved is null then raise exception 'a proposal for % waits', year_ using errcode = 'MSDR1'; end if;
  perform public.draft_told('calendar.proposed', jsonb_build_object('draft', saved, 'year', year_));
  return query select saved, 'proposed';
end $$;

-- withdraw is the author's; confirm and refuse are somebody else's.
create function calendar_draft_step(id_ bigint, step text, why_ text) returns table (id bigint, state text)
  language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  d public.calendar_drafts;
  next text := case step when 'confirm' then 'in_force' when 'refuse' then 'refused' when 'withdraw' then 'withdrawn' end;
begin
  if not public.i_am('{registry,coordinator,leader}') then return; end if;
  perform pg_advisory_xact_lock(7310022027); -- imports take the same
  select * into d from public.calendar_drafts x where x.id = id_ for update;
  if not found or d.state <> 'proposed' or next is null then raise exception 'calendar % does not wait', id_ using errcode = 'MSDR1'; end if;
  if (step = 'withdraw') <> (d.author_id = public.staff_now()) then
    raise exception 'calendar % is not for this person to %', id_, step using errcode = 'MSDR3';
  end if;
  if next = 'in_force' then
    if d.base <> coalesce((select max(v.version) from public.calendar_versions v where v.year = d.year), 0) then
      raise exception 'the year % has another version', d.year using errcode = 'MSDR2';
    end if;
    insert into public.calendar_versions (year, version, imported_by, note, source, author_id, confirmer_id)
      select d.year, d.base + 1, s.name, d.note, d.source, d.author_id, public.staff_now() from public.staff s where s.id = d.author_id;
    insert into public.calendar_version_days (year, version, day, kind, name)
      select d.year, d.base + 1, x.day, x.kind, x.name from jsonb_to_recordset(d.days) as x (day date, kind text, name text);
  end if;
  update public.calendar_drafts x set state = next, settled_at = now(), settled_by = public.staff_now(), why = why_,
      version = case next when 'in_force' then d.base + 1 end where x.id = id_;
  perform public.draft_told('calendar.' || next, jsonb_build_object('draft', id_, 'year', d.year));
  return query select id_, next;
end $$;

-- ---- the log ----------------------------------------------------------------------------------------------------------------------

-- A report that names the unit somebody works in or comes from stays unknown to them, also as a line of the log (P4).
create function audit_walled(of_case bigint) returns boolean language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select exists (select from public.cases c where c.id = of_case and (c.nature = 'report' or c.confidential)) and public.seal_walled(of_case) $$;
-- Nor a look at a letter about it, which names the letter and the reason.
create function audit_letter_walled(what text, told jsonb) returns boolean language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select what = 'look_letter' and exists (select from public.letters l where l.id = (told->>'letter')::bigint
                                          and (l.hidden_unit_ids || l.left_unit_ids) && public.my_ties()) $$;
-- What is a look at something confidential, and not a step of its handling.
create function audit_is_look(what text) returns boolean language sql immutable parallel safe as $$
  select what in ('look', 'contact', 'original', 'sealed_open', 'sealed_file') $$;

-- The auditor reads the log; 追责问责组 who looked at confidential cases and why. What everybody saw before stays.
create policy auditor_sees on audit_log for select to mashangdu_staff using (
  (select i_am('{auditor}')) and (case_id is null or not audit_walled(case_id)) and not audit_letter_walled(action, detail));
create policy accountability_sees on audit_log for select to mashangdu_staff using (
  (select i_am('{accountability}')) and case_id is not null and audit_is_look(action)
  and exists (select from cases c where c.id = audit_log.case_id and c.confidential));
grant select (id) on audit_log to mashangdu_staff;
create index audit_log_action on audit_log (action, id);
create index audit_log_staff on audit_log (staff_id, id);

-- The state of the record as the log's desk tells it: the newest signed head, what waits behind it, what `mashangdu verify` said last.
create function audit_chain() returns table (size bigint, root text, at timestamptz, key text, acts_behind bigint, verified_at timestamptz, verified jsonb)
  language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select h.size, encode(h.root, 'hex'), h.at, encode(h.public_key, 'hex'),
    (select count(*) from (select from public.events e where e.seq > m.event_seq and e.kind like 'case.%' limit 100000) w), v.at, v.detail
  from public.log_mark m
  left join lateral (select * from public.log_heads x order by x.size desc limit 1) h on true
  left join lateral (select l.at, l.detail from public.audit_log l where l.action = 'tool.verify' order by l.id desc limit 1) v on true
  where public.i_am('{auditor,accountability,admin}')
$$;

revoke execute on function rules_content, rules_version_make, rules_noted, rules_seen, draft_told, rules_draft_save, rules_draft_step,
  rules_draft_put, rules_back, calendar_draft_save, calendar_draft_step, audit_walled, audit_letter_walled, audit_chain from public;
grant execute on function rules_seen, rules_draft_save, rules_draft_step, rules_draft_put, rules_back, calendar_draft_save,
  calendar_draft_step, audit_walled, audit_letter_walled, audit_chain to mashangdu_staff;
