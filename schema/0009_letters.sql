-- Letters (交办函, 催办通知书, 督办函, 通报, 移送函): drafts, texts, steps, numbers without gaps, and the register of what came in.
-- The restricted role only reads these tables; every change goes through the functions below, which hold what core/letter
-- holds: legal steps, a second person, numbers taken at the signature alone. Refusals of a function:
--   MSD50 no such letter for this person   MSD51 changed meanwhile   MSD52 not in this state   MSD53 needs another person
--   MSD54 numbers and letters disagree     MSD55 the addressee may not have it   MSD56 something is missing
--   MSD57 a confidential case has a letter of its own                      MSD58 signed without raising its cases
--   MSD59 one of the cases is not for this person's eyes

create table letters (
  id           bigint primary key generated always as identity,
  version      integer not null default 1 check (version >= 1),      -- one more with every step
  kind         text not null check (kind in ('assign', 'urge', 'supervise', 'announce', 'transfer')),
  rung         smallint not null default 0 check (rung between 0 and 7), -- raised on every case by the signature; 0: none
  state        text not null default 'draft' check (state in ('draft', 'checked', 'signed', 'delivered', 'received', 'answered',
                                                               'finished', 'void')),
  text_version integer not null default 1 check (text_version >= 1),
  confidential boolean not null,                                     -- 追责问责组 alone, and whoever it is addressed to
  hidden_unit_ids integer[] not null default '{}',                   -- units that a report behind it names
  unit_ids     integer[] not null default '{}' check (cardinality(unit_ids) <= 40),
  left_unit_ids integer[] not null default '{}',                     -- addressees who may know of it no more
  year         smallint,
  number       integer check (number >= 1),
  serial       text unique,                                          -- 示优化办督函〔2026〕8号
  drafter_id   integer references staff (id),                        -- who wrote the text in force; null: the clock
  drafter_role text,
  drafted_at   timestamptz not null,
  checker_id   integer references staff (id),
  checked_at   timestamptz,
  signer_id    integer references staff (id),
  signed_at    timestamptz,
  delivered_at timestamptz,
  received_at  timestamptz,
  answered_at  timestamptz,
  finished_at  timestamptz,
  voided_at    timestamptz,
  constraint letters_number_once unique (kind, year, number),
  constraint letters_number_whole check (num_nulls(year, number, serial, signer_id, signed_at) in (0, 5)),
  constraint letters_number_at_signing check ((state in ('draft', 'checked') and number is null) or state = 'void'
    or (state in ('signed', 'delivered', 'received', 'answered', 'finished') and number is not null)),
  constraint letters_checked check (state in ('draft', 'void') or num_nulls(checker_id, checked_at) = 0),
  constraint letters_checked_by_another check (checker_id <> drafter_id),
  constraint letters_signed_by_another check (signer_id <> drafter_id),
  -- What the clock wrote is seen by two people all the same.
  constraint letters_seen_by_two check (drafter_id is not null or signer_id <> checker_id),
  constraint letters_not_to_the_reported check (not unit_ids && hidden_unit_ids)
);
create index letters_state on letters (state, id desc);

-- The text, one row for each version; the highest is in force. What it was about and to whom stands with it.
create table letter_texts (
  letter_id   bigint not null references letters (id),
  version     integer not null check (version >= 1),
  at          timestamptz not null,
  staff_id    integer references staff (id),                         -- null: the clock
  title       text not null check (length(title) between 1 and 120),
  basis       text not null default '' check (length(basis) <= 500),
  body        text not null check (length(body) between 1 and 5000),
  practice    text not null default '' check (length(practice) <= 5000), -- 经验推广, the second list of a 通报
  due         text not null default '' check (length(due) <= 60),    -- by when an answer is asked for, in words
  issuers     text[] not null check (cardinality(issuers) between 1 and 3),
  receiver    text not null default '' check (length(receiver) <= 100), -- outside: an organ that is no unit here
  copies_to   text not null default '' check (length(copies_to) <= 200),
  note        text not null default '' check (length(note) <= 200),
  attachments text[] not null default '{}' check (cardinality(attachments) <= 20),
  unit_ids    integer[] not null,
  case_ids    bigint[] not null,
  primary key (letter_id, version)
);
-- Each letter lists its problems and each problem its letters.
create table letter_cases (
  letter_id bigint not null references letters (id),
  case_id   bigint not null references cases (id),
  ord       smallint not null check (ord between 1 and 25),
  subject   text not null check (length(subject) <= 80),              -- as it is printed
  due_at    timestamptz,
  primary key (letter_id, case_id),
  unique (letter_id, ord)
);
create index letter_cases_case on letter_cases (case_id);
-- Each addressed unit signs for it and answers it.
create table letter_units (
  letter_id   bigint not null references letters (id),
  unit_id     integer not null references units (id),
  received_at timestamptz,
  received_by integer references staff (id),
  answered_at timestamptz,
  answered_by integer references staff (id),
  primary key (letter_id, unit_id),
  check (answered_at is null or received_at is not null)
);
create table letter_acts (
  letter_id    bigint not null references letters (id),
  version      integer not null check (version >= 1),                 -- of the letter after the step
  at           timestamptz not null,
  act          text not null check (act in ('draft', 'edit', 'check', 'send_back', 'sign', 'deliver', 'receive', 'answer', 'finish',
                                            'void')),
  actor        text not null check (actor in ('staff', 'clock')),
  staff_id     integer references staff (id),
  role         text,
  from_state   text,
  to_state     text not null,
  text_version integer not null,
  unit_id      integer references units (id),                         -- receive, answer: for which unit
  reason       text check (length(reason) <= 500),
  words        text check (length(words) <= 5000),
  primary key (letter_id, version),
  check ((actor = 'staff') = (staff_id is not null))
);
-- The last number given of each series and year. The row is locked by whoever signs, until the signature is stored or not.
create table letter_numbers (
  series text not null,
  year   smallint not null,
  last   integer not null check (last >= 0),
  primary key (series, year)
);
-- 收文: answers of units to letters, and documents from outside.
create table incoming (
  id           bigint primary key generated always as identity,
  kind         text not null check (kind in ('answer', 'outside')),
  year         smallint not null,
  number       integer not null check (number >= 1),
  serial       text not null unique,
  at           timestamptz not null,
  from_unit_id integer references units (id),
  from_name    text not null default '' check (length(from_name) <= 100),
  their_serial text not null default '' check (length(their_serial) <= 60),
  title        text not null check (length(title) between 1 and 120),
  letter_id    bigint references letters (id),                        -- what it answers
  note         text not null default '' check (length(note) <= 500),
  staff_id     integer not null references staff (id),                -- who entered it
  constraint incoming_once unique (kind, year, number),
  check (from_unit_id is not null or from_name <> ''),
  check ((kind = 'answer') = (letter_id is not null and from_unit_id is not null) or kind = 'outside')
);
create index incoming_letter on incoming (letter_id) where letter_id is not null;

-- --- what can never happen, whoever asks ---

create function letter_is_fixed() returns trigger language plpgsql as $$
declare
  steps constant text[] := '{draft checked,checked draft,checked signed,signed delivered,delivered received,received answered,
                             received finished,answered finished,draft void,checked void,signed void,delivered void,received void,
                             answered void}';
begin
  if tg_op = 'DELETE' then raise exception 'a letter stays' using errcode = 'MSD20'; end if;
  if (old.id, old.kind, old.rung, old.drafted_at) is distinct from (new.id, new.kind, new.rung, new.drafted_at)
     or (old.confidential and not new.confidential)
     or (old.state <> new.state and not (old.state || ' ' || new.state) = any (steps))
     or ((old.text_version, old.unit_ids) is distinct from (new.text_version, new.unit_ids) and 'draft' not in (old.state, new.state))
     or (old.number is not null
         and (old.year, old.number, old.serial, old.signer_id, old.signed_at, old.checker_id, old.drafter_id)
             is distinct from (new.year, new.number, new.serial, new.signer_id, new.signed_at, new.checker_id, new.drafter_id)) then
    raise exception 'a letter keeps what was signed' using errcode = 'MSD20';
  end if;
  return new;
end $$;
create trigger letter_is_fixed before update or delete on letters for each row execute function letter_is_fixed();
create trigger letter_is_fixed_whole before truncate on letters for each statement execute function history_is_fixed();
create trigger history_is_fixed before update or delete or truncate on letter_texts for each statement execute function history_is_fixed();
create trigger history_is_fixed before update or delete or truncate on letter_acts for each statement execute function history_is_fixed();
create trigger history_is_fixed before update or delete or truncate on incoming for each statement execute function history_is_fixed();

-- Text, cases and addressees change while it is a draft and never after.
create function letter_part_is_fixed() returns trigger language plpgsql as $$
declare
  one bigint;
  fate constant text[] := '{received_at,received_by,answered_at,answered_by}';
begin
  if tg_op = 'DELETE' then one := old.letter_id; else one := new.letter_id; end if;
  if (select l.state from public.letters l where l.id = one) = 'draft' then
    if tg_op = 'DELETE' then return old; end if;
    return new;
  end if;
  if tg_op = 'UPDATE' then
    if tg_table_name = 'letter_cases' then -- became confidential
      if to_jsonb(old) - 'subject' = to_jsonb(new) - 'subject' and new.subject = '' then return new; end if;
    elsif tg_table_name = 'letter_units' then -- signed for, then answered, each once
      if to_jsonb(old) - fate = to_jsonb(new) - fate and old.answered_at is null
         and (old.received_at is null or (new.received_at, new.received_by) is not distinct from (old.received_at, old.received_by)) then
        return new;
      end if;
    end if;
  end if;
  raise exception 'a letter keeps what was checked' using errcode = 'MSD20';
end $$;
create trigger letter_part_is_fixed before insert on letter_texts for each row execute function letter_part_is_fixed();
create trigger letter_part_is_fixed before insert or update or delete on letter_cases for each row execute function letter_part_is_fixed();
create trigger letter_part_is_fixed before insert or update or delete on letter_units for each row execute function letter_part_is_fixed();
-- The signature of a letter with a rung and the rung of its cases are one thing: by the end of the transaction each case has its act.
create function letter_has_risen() returns trigger language plpgsql volatile security definer
  set search_path = pg_catalog, public, pg_temp set enable_seqscan = off as $$
begin
  if exists (select from public.letter_cases lc where lc.letter_id = new.id and not exists (
      select from public.acts a where a.case_id = lc.case_id and a.act = 'supervise' and a.data->'letter' = to_jsonb(new.id)
        and a.data->'rung' = to_jsonb(new.rung))) then
    raise exception 'letter % was signed, but not every case was raised', new.id using errcode = 'MSD58';
  end if;
  return null;
end $$;
create constraint trigger letter_has_risen after update on letters deferrable initially deferred for each row
  when (new.number is not null and old.number is null and new.rung > 0) execute function letter_has_risen();
-- A number that was given stays given.
create function letter_numbers_rise() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' then
    if (new.series, new.year) = (old.series, old.year) and new.last = old.last + 1 then return new; end if;
  end if;
  raise exception 'numbers only rise, one by one' using errcode = 'MSD20';
end $$;
create trigger letter_numbers_rise before update or delete on letter_numbers for each row execute function letter_numbers_rise();

-- A case that turns out to be a report takes its letters with it out of everybody's sight; one that lies on the desk, addressed
-- to the unit that is reported, loses this addressee and has to be checked again. An addressee for whom the matter is no more loses
-- sight of a letter that was signed: a look at it would tell what has become of the case.
create function letters_follow_case() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  l record;
begin
  for l in select x.* from public.letters x join public.letter_cases lc on lc.letter_id = x.id where lc.case_id = new.id
           order by x.id for update of x loop
    if l.state in ('draft', 'checked') and new.about_unit_id = any (l.unit_ids) then
      update public.letters set state = 'draft', version = l.version + 1, checker_id = null, checked_at = null,
        unit_ids = array_remove(l.unit_ids, new.about_unit_id) where id = l.id;
      delete from public.letter_units where letter_id = l.id and unit_id = new.about_unit_id;
      insert into public.letter_acts (letter_id, version, at, act, actor, from_state, to_state, text_version, reason)
        values (l.id, l.version + 1, clock_timestamp(), 'send_back', 'clock', l.state, 'draft', l.text_version, '所列办件转为保密件');
      l.unit_ids := array_remove(l.unit_ids, new.about_unit_id);
    end if;
    update public.letter_cases set subject = '' where letter_id = l.id and case_id = new.id and subject <> '';
    update public.letters set confidential = true,
      left_unit_ids = array(select u from unnest(l.unit_ids) u where u = any (l.left_unit_ids) or not public.letter_may_go(array[new.id], u)),
      hidden_unit_ids = case when new.about_unit_id is null or new.about_unit_id = any (l.hidden_unit_ids || l.unit_ids)
                             then l.hidden_unit_ids else l.hidden_unit_ids || new.about_unit_id end where id = l.id;
  end loop;
  return null;
end $$;
create trigger letters_follow_case after update on cases for each row
  when (new.confidential and (not old.confidential or old.about_unit_id is distinct from new.about_unit_id))
  execute function letters_follow_case();

-- --- who sees what (P4, P5); the functions ask letter_seen, which says the same for one letter ---

alter table letters enable row level security;
alter table letter_texts enable row level security;
alter table letter_cases enable row level security;
alter table letter_units enable row level security;
alter table letter_acts enable row level security;
alter table incoming enable row level security;
create policy staff_sees on letters for select to mashangdu_staff using (
  not ((hidden_unit_ids || left_unit_ids) && array[(select my_unit()), (select my_home())])
  and ((select i_am('{accountability}'))
       or (not confidential and (select i_am('{coordinator,supervisor,registry,callback,leader}')))
       or (delivered_at is not null and (select my_unit()) = any (unit_ids) and (select i_am('{handler,unit_leader}')))));
-- Units see the text that was signed, not how it came about; of the steps, the signature and what followed, and of the other
-- addressees nothing but their names in the letter.
create policy staff_sees on letter_texts for select to mashangdu_staff using (
  exists (select from letters l where l.id = letter_id
          and (l.text_version = letter_texts.version or (select i_am('{coordinator,supervisor,accountability,registry,callback,leader}')))));
create policy staff_sees on letter_cases for select to mashangdu_staff using (exists (select from letters l where l.id = letter_id));
create policy staff_sees on letter_units for select to mashangdu_staff using (
  exists (select from letters l where l.id = letter_id)
  and (unit_id = (select my_unit()) or (select i_am('{coordinator,supervisor,accountability,registry,callback,leader}'))));
create policy staff_sees on letter_acts for select to mashangdu_staff using (
  exists (select from letters l where l.id = letter_id)
  and (unit_id = (select my_unit()) or (unit_id is null and act in ('sign', 'deliver', 'finish', 'void'))
       or (select i_am('{coordinator,supervisor,accountability,registry,callback,leader}'))));
create policy staff_sees on incoming for select to mashangdu_staff using (
  (select i_am('{coordinator,supervisor,accountability,registry,callback,leader}'))
  and (letter_id is null or exists (select from letters l where l.id = letter_id)));
grant select on letters, letter_texts, letter_cases, letter_units, letter_acts, incoming to mashangdu_staff;

create function letter_seen(l letters) returns boolean language sql stable set search_path = pg_catalog, public, pg_temp as $$
  select not ((l.hidden_unit_ids || l.left_unit_ids) && array[public.my_unit(), public.my_home()])
    and (public.i_am('{accountability}')
         or (not l.confidential and public.i_am('{coordinator,supervisor,registry,callback,leader}'))
         or (l.delivered_at is not null and public.my_unit() = any (l.unit_ids) and public.i_am('{handler,unit_leader}')));
$$;

-- --- writing ---

-- One event for each unit that has it, else one for the office; never a word of it. With reports about two units behind it no
-- single event could be hidden from both: none is sent then.
create function letter_told(letter bigint) returns bigint language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
declare
  l public.letters;
  units integer[];
  hidden integer[];
  n integer;
begin
  select * into l from public.letters x where x.id = letter;
  hidden := l.hidden_unit_ids || l.left_unit_ids;
  if not found or cardinality(hidden) > 1 then return null; end if;
  units := array(select u from unnest(l.unit_ids) u where l.delivered_at is not null and u <> all (hidden));
  if cardinality(units) = 0 then units := array[null]::integer[]; end if;
  n := cardinality(units);
  return public.events_append(array_fill('letter.changed'::text, array[n]), array_fill(null::bigint, array[n]), units,
    array_fill(hidden[1], array[n]), array_fill(l.confidential, array[n]),
    array_fill(jsonb_build_object('id', l.id, 'kind', l.kind, 'state', l.state, 'version', l.version), array[n]));
end $$;

-- The next number of a series: the lock on its row is held until the end of the transaction, so numbers follow each other
-- without gap, and a transaction that fails gives its number back.
create function letter_take(p_series text, p_year integer) returns integer language plpgsql set search_path = pg_catalog, public, pg_temp as $$
declare
  n integer;
begin
  insert into public.letter_numbers values (p_series, p_year, 0) on conflict do nothing;
  update public.letter_numbers set last = last + 1 where series = p_series and year = p_year returning last into n;
  return n;
end $$;

-- May this unit be written to about these cases? Never a station, nobody whom a report names; a confidential matter goes to
-- the unit that handles it, or to one that such matters are for.
create function letter_may_go(p_cases bigint[], p_unit integer) returns boolean language sql stable set search_path = pg_catalog, public, pg_temp as $$
  select exists (select from public.units x where x.id = p_unit and x.kind <> 'station' and x.retired_on is null)
    and not exists (select from public.cases c where c.id = any (p_cases) and (
      ((c.confidential or c.nature = 'report') and c.about_unit_id = p_unit)
      or (c.confidential and c.unit_id <> p_unit
          and not exists (select from public.categories k where k.confidential and k.default_unit_id = p_unit))));
$$;

-- One sentence for a case that is hidden and one that never was.
create function letter_cases_seen(t jsonb) returns void language plpgsql stable set search_path = pg_catalog, public, pg_temp as $$
begin
  if exists (select from jsonb_array_elements_text(t->'cases') x where not public.case_seen(x::bigint)) then
    raise exception 'a case that this person may not see' using errcode = 'MSD59';
  end if;
end $$;

-- What a draft says and is about, as one JSON value: {title, basis, body, practice, due, receiver, copies_to, note, issuers[],
-- attachments[], units[], cases[]}.
create function letter_write(p_letter bigint, p_version integer, p_at timestamptz, p_staff integer, t jsonb) returns void
language plpgsql set search_path = pg_catalog, public, pg_temp as $$
declare
  v_units integer[] := array(select distinct x::integer from jsonb_array_elements_text(t->'units') x order by 1);
  v_cases bigint[] := array(select x::bigint from jsonb_array_elements_text(t->'cases') with ordinality e (x, o) order by o);
  v_hidden integer[] := array(select distinct c.about_unit_id from public.cases c
    where c.id = any (v_cases) and (c.confidential or c.nature = 'report') and c.about_unit_id is not null order by 1);
  v_conf boolean := exists (select from public.cases c where c.id = any (v_cases) and c.confidential);
begin
  if cardinality(v_cases) > 25 or (select count(distinct c.id) from public.cases c where c.id = any (v_cases)) <> cardinality(v_cases) then
    raise exception 'a letter is about 25 different cases at the most' using errcode = 'MSD56';
  end if;
  if v_conf and cardinality(v_cases) <> 1 then -- one clue, one letter
    raise exception 'a confidential case has a letter of its own' using errcode = 'MSD57';
  end if;
  if exists (select from unnest(v_units) u where not public.letter_may_go(v_cases, u)) then
    raise exception 'this unit may not be addressed' using errcode = 'MSD55';
  end if;
  insert into public.letter_texts (letter_id, version, at, staff_id, title, basis, body, practice, due, issuers, receiver, copies_to, note,
      attachments, unit_ids, case_ids)
    select p_letter, p_version, p_at, p_staff, t->>'title', coalesce(t->>'basis', ''), t->>'body', coalesce(t->>'practice', ''),
      coalesce(t->>'due', ''), array(select jsonb_array_elements_text(t->'issuers')), coalesce(t->>'receiver', ''),
      coalesce(t->>'copies_to', ''), coalesce(t->>'note', ''), array(select jsonb_array_elements_text(t->'attachments')), v_units, v_cases;
  update public.letters set text_version = p_version, unit_ids = v_units, confidential = v_conf or confidential, hidden_unit_ids = v_hidden,
      drafter_id = p_staff, checker_id = null, checked_at = null,
      version = case when p_version = 1 then 1 else version + 1 end where id = p_letter;
  delete from public.letter_cases where letter_id = p_letter;
  delete from public.letter_units where letter_id = p_letter;
  insert into public.letter_cases (letter_id, case_id, ord, subject, due_at)
    select p_letter, c.id, e.o, case when c.confidential then '' else coalesce((select left(regexp_replace(f.masked, '\s+', ' ', 'g'), 60)
      from public.feedback f where f.case_id = c.id order by f.received_at, f.id limit 1), '') end, c.handling_due
    from unnest(v_cases) with ordinality e (id, o) join public.cases c on c.id = e.id;
  insert into public.letter_units (letter_id, unit_id) select p_letter, u from unnest(v_units) u;
end $$;

create function letter_new(p_kind text, p_rung integer, p_at timestamptz, p_staff integer, p_role text, t jsonb) returns bigint
language plpgsql set search_path = pg_catalog, public, pg_temp as $$
declare
  v_id bigint;
begin
  insert into public.letters (kind, rung, confidential, drafter_id, drafter_role, drafted_at)
    values (p_kind, p_rung, false, p_staff, p_role, p_at) returning id into v_id;
  perform public.letter_write(v_id, 1, p_at, p_staff, t);
  insert into public.letter_acts (letter_id, version, at, act, actor, staff_id, role, to_state, text_version)
    values (v_id, 1, p_at, 'draft', case when p_staff is null then 'clock' else 'staff' end, p_staff, p_role, 'draft', 1);
  return v_id;
end $$;

-- The draft that an act on a case asks for: in the act's transaction, when the act was stored and no such draft lies on the
-- desk already. Its author is whoever acted; the clock is nobody. PK look-ups only, whatever the planner thinks of empty tables.
create function letter_draft_for_act(p_act bigint, p_kind text, p_rung integer, t jsonb) returns bigint language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp set enable_seqscan = off as $$
declare
  a record;
  v_id bigint;
begin
  select x.case_id, x.at, x.staff_id, x.role into a from public.acts x where x.id = p_act;
  if not found or coalesce(a.staff_id, 0) <> public.staff_now() or t->'cases' is distinct from jsonb_build_array(a.case_id)
     or exists (select from public.letter_cases lc join public.letters l on l.id = lc.letter_id
                where lc.case_id = a.case_id and l.kind = p_kind
                  and ((l.rung = p_rung and l.state in ('draft', 'checked')) or (p_kind = 'transfer' and l.state <> 'void'))) then
    return null;
  end if;
  -- The act counts, not the paper: what does not fit is left for the clerk.
  t := t || jsonb_build_object('receiver', left(t->>'receiver', 100), 'basis', left(t->>'basis', 500), 'title', left(t->>'title', 120),
    'units', coalesce((select jsonb_agg(u) from jsonb_array_elements_text(t->'units') u
                       where public.letter_may_go(array[a.case_id], u::integer)), '[]'));
  v_id := public.letter_new(p_kind, p_rung, a.at, a.staff_id, a.role, t);
  perform public.letter_told(v_id);
  return v_id;
end $$;

-- A draft by a person.
create function letter_draft(p_kind text, p_rung integer, p_at timestamptz, p_role text, t jsonb) returns bigint
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  v_id bigint;
  l public.letters;
begin
  if not public.i_am('{coordinator,supervisor,accountability}') or not public.i_am(array[p_role]) then
    raise exception 'not by this person' using errcode = '42501';
  end if;
  perform public.letter_cases_seen(t);
  v_id := public.letter_new(p_kind, p_rung, p_at, public.staff_now(), p_role, t);
  select * into l from public.letters x where x.id = v_id;
  if not public.letter_seen(l) then raise exception 'a case that this person may not see' using errcode = 'MSD50'; end if;
  perform public.letter_told(v_id);
  return v_id;
end $$;

create function letter_edit(p_letter bigint, p_seen integer, p_at timestamptz, p_role text, t jsonb) returns integer
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  l public.letters;
begin
  select * into l from public.letters x where x.id = p_letter for update;
  if not found or not public.letter_seen(l) then raise exception 'no such letter' using errcode = 'MSD50'; end if;
  if l.version <> p_seen then raise exception 'changed meanwhile' using errcode = 'MSD51'; end if;
  if l.state <> 'draft' then raise exception 'no draft' using errcode = 'MSD52'; end if;
  if not public.i_am('{coordinator,supervisor,accountability}') or not public.i_am(array[p_role]) then
    raise exception 'not by this person' using errcode = '42501';
  end if;
  -- What was not sent stays as it is.
  select jsonb_build_object('title', x.title, 'basis', x.basis, 'body', x.body, 'practice', x.practice, 'due', x.due, 'issuers', x.issuers,
      'receiver', x.receiver, 'copies_to', x.copies_to, 'note', x.note, 'attachments', x.attachments, 'units', l.unit_ids,
      'cases', x.case_ids) || t into t
    from public.letter_texts x where x.letter_id = l.id and x.version = l.text_version;
  perform public.letter_cases_seen(t);
  perform public.letter_write(p_letter, l.text_version + 1, p_at, public.staff_now(), t);
  update public.letters x set drafter_role = p_role where x.id = p_letter returning * into l;
  if not public.letter_seen(l) then raise exception 'a case that this person may not see' using errcode = 'MSD50'; end if;
  insert into public.letter_acts (letter_id, version, at, act, actor, staff_id, role, from_state, to_state, text_version)
    values (p_letter, l.version, p_at, 'edit', 'staff', public.staff_now(), p_role, 'draft', 'draft', l.text_version);
  perform public.letter_told(p_letter);
  return l.version;
end $$;

-- Every other step. p_head: 示优化办督函 for sign, the series of answers for answer. The rows of its cases are locked in the
-- order of their ids before anything else is: a signature that raises several cases cannot meet another one head-on.
create function letter_do(p_letter bigint, p_seen integer, p_act text, p_at timestamptz, p_role text, p_reason text, p_words text,
                          p_head text) returns table (o_version integer, o_state text, o_serial text)
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  l public.letters;
  me integer := public.staff_now();
  mine integer := public.my_unit();
  signers text[];
  drafters text[];
  to_state text;
  unit integer;
  n integer;
  allowed boolean;
  v_year integer := extract(year from p_at at time zone interval '08:00')::integer;
begin
  select * into l from public.letters x where x.id = p_letter for update;
  if not found or me = 0 or not public.letter_seen(l) then raise exception 'no such letter' using errcode = 'MSD50'; end if;
  if l.version <> p_seen then raise exception 'changed meanwhile' using errcode = 'MSD51'; end if;
  signers := array['accountability', case l.kind when 'assign' then 'coordinator' when 'transfer' then 'accountability' else 'supervisor' end];
  drafters := array[coalesce(l.drafter_role, signers[2])] || case when l.confidential then '{accountability}'::text[] else '{}' end;
  if public.i_am('{handler,unit_leader}') and mine = any (l.unit_ids) and p_act in ('receive', 'answer') then unit := mine; end if;

  to_state := case
    when p_act = 'check' and l.state = 'draft' then 'checked'
    when p_act = 'send_back' and l.state = 'checked' then 'draft'
    when p_act = 'sign' and l.state = 'checked' then 'signed'
    when p_act = 'deliver' and l.state = 'signed' then 'delivered'
    when p_act = 'receive' and l.state = 'delivered' then 'received'
    when p_act = 'answer' and l.state in ('delivered', 'received') then 'answered'
    when p_act = 'finish' and l.state in ('received', 'answered') then 'finished'
    when p_act = 'void' and l.state not in ('finished', 'void') then 'void' end;
  if to_state is null then raise exception 'not in this state' using errcode = 'MSD52'; end if;
  allowed := case
      when p_act = 'check' then p_role = any (drafters || '{registry}'::text[])
      when p_act = 'send_back' then p_role = any (signers || drafters || '{registry}'::text[])
      when p_act = 'sign' or p_act = 'finish' then p_role = any (signers)
      when p_act = 'void' then p_role = any (signers) or (l.number is null and p_role = any (drafters))
      when p_act = 'deliver' then p_role = any (signers || '{registry}'::text[])
      else (unit is not null and p_role in ('handler', 'unit_leader'))
           or (cardinality(l.unit_ids) = 0 and p_role = any (signers || '{registry}'::text[])) end;
  if p_role is null or not public.i_am(array[p_role]) or not allowed then
    raise exception 'not by this person' using errcode = '42501';
  end if;
  if p_act in ('check', 'sign') and (l.drafter_id = me or (p_act = 'sign' and l.drafter_id is null and l.checker_id = me)) then
    raise exception 'needs another person' using errcode = 'MSD53';
  end if;
  if p_act in ('check', 'sign') and cardinality(l.unit_ids) = 0
     and (select x.receiver from public.letter_texts x where x.letter_id = l.id and x.version = l.text_version) = '' then
    raise exception 'no addressee' using errcode = 'MSD56';
  end if;
  -- Became confidential while it lay signed.
  if p_act = 'deliver' and cardinality(l.left_unit_ids) > 0 then
    raise exception 'this unit may not be addressed' using errcode = 'MSD55';
  end if;
  if (p_act in ('send_back', 'void') or (p_act = 'finish' and l.state = 'received')) and coalesce(btrim(p_reason), '') = ''
     or (p_act = 'answer' or (p_act = 'receive' and unit is null)) and coalesce(btrim(p_words), '') = '' then
    raise exception 'something is missing' using errcode = 'MSD56';
  end if;

  if p_act = 'sign' and l.rung > 0 and not exists (select from public.letter_cases lc where lc.letter_id = l.id) then
    raise exception 'a rung of what' using errcode = 'MSD56';
  end if;
  if p_act = 'sign' then
    perform from public.cases c join public.letter_cases lc on lc.case_id = c.id where lc.letter_id = l.id order by c.id for no key update of c;
    n := public.letter_take(l.kind, v_year);
    if (select (count(*), coalesce(max(x.number), 0)) is distinct from (n::bigint - 1, n - 1)
        from public.letters x where x.kind = l.kind and x.year = v_year) then
      raise exception 'the counter of % says %, the letters say otherwise', l.kind, n - 1 using errcode = 'MSD54';
    end if;
    -- Two signatures in the same moment: the later number is the later one in the book too.
    update public.letters x set year = v_year, number = n, serial = p_head || '〔' || v_year || '〕' || n || '号', signer_id = me,
      signed_at = greatest(p_at, (select max(y.signed_at) + interval '1 microsecond' from public.letters y where y.kind = l.kind
                                  and y.year = v_year)), state = to_state, version = x.version + 1 where x.id = l.id;
  elsif p_act in ('receive', 'answer') then
    if unit is not null then
      if p_act = 'receive' then
        update public.letter_units u set received_at = p_at, received_by = me
          where u.letter_id = l.id and u.unit_id = unit and u.received_at is null;
      else
        update public.letter_units u set answered_at = p_at, answered_by = me
          where u.letter_id = l.id and u.unit_id = unit and u.received_at is not null and u.answered_at is null;
      end if;
      if not found then raise exception 'not in this state' using errcode = 'MSD52'; end if;
      -- The letter is where the slowest of its addressees is.
      select case when bool_and(u.answered_at is not null) then 'answered' when bool_and(u.received_at is not null) then 'received'
                  else l.state end into to_state from public.letter_units u where u.letter_id = l.id;
    elsif p_act = 'answer' and l.state <> 'received' then
      raise exception 'not in this state' using errcode = 'MSD52';
    end if;
    if p_act = 'answer' then
      n := public.letter_take('in ' || case when unit is null then 'outside' else 'answer' end, v_year);
      insert into public.incoming (kind, year, number, serial, at, from_unit_id, from_name, their_serial, title, letter_id, staff_id)
        select case when unit is null then 'outside' else 'answer' end, v_year, n, p_head || '〔' || v_year || '〕' || n || '号', p_at, unit,
          case when unit is null then x.receiver else '' end, '', left('对' || l.serial || '的反馈', 120), l.id, me
        from public.letter_texts x where x.letter_id = l.id and x.version = l.text_version;
    end if;
    update public.letters x set state = to_state, version = x.version + 1,
      received_at = case when to_state in ('received', 'answered') then coalesce(x.received_at, p_at) end,
      answered_at = case when to_state = 'answered' then p_at end where x.id = l.id;
  else
    update public.letters x set state = to_state, version = x.version + 1,
      checker_id = case p_act when 'check' then me when 'send_back' then null else x.checker_id end,
      checked_at = case p_act when 'check' then p_at when 'send_back' then null else x.checked_at end,
      delivered_at = case p_act when 'deliver' then p_at else x.delivered_at end,
      finished_at = case p_act when 'finish' then p_at end,
      voided_at = case p_act when 'void' then p_at end where x.id = l.id;
  end if;
  insert into public.letter_acts (letter_id, version, at, act, actor, staff_id, role, from_state, to_state, text_version, unit_id, reason, words)
    values (l.id, l.version + 1, p_at, p_act, 'staff', me, p_role, l.state, to_state, l.text_version, unit, nullif(btrim(p_reason), ''),
            nullif(btrim(p_words), ''));
  perform public.letter_told(l.id);
  return query select x.version, x.state, x.serial from public.letters x where x.id = l.id;
end $$;

-- A document from outside, entered by hand.
create function incoming_enter(p_at timestamptz, p_head text, p_from_unit integer, p_from text, p_their_serial text, p_title text,
                               p_letter bigint, p_note text) returns text
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  n integer;
  v_year integer := extract(year from p_at at time zone interval '08:00')::integer;
  l public.letters;
begin
  if not public.i_am('{registry,accountability}') then raise exception 'not by this person' using errcode = '42501'; end if;
  if p_letter is not null then
    select * into l from public.letters x where x.id = p_letter;
    if not found or not public.letter_seen(l) or l.number is null then raise exception 'no such letter' using errcode = 'MSD50'; end if;
  end if;
  n := public.letter_take('in outside', v_year);
  insert into public.incoming (kind, year, number, serial, at, from_unit_id, from_name, their_serial, title, letter_id, note, staff_id)
    values ('outside', v_year, n, p_head || '〔' || v_year || '〕' || n || '号', p_at, p_from_unit, coalesce(p_from, ''),
            coalesce(p_their_serial, ''), p_title, p_letter, coalesce(p_note, ''), public.staff_now());
  return p_head || '〔' || v_year || '〕' || n || '号';
end $$;

revoke execute on function letter_seen, letter_cases_seen, letter_told, letter_take, letter_may_go, letter_write, letter_new, letter_draft_for_act, letter_draft, letter_edit,
  letter_do, incoming_enter, letters_follow_case, letter_is_fixed, letter_part_is_fixed, letter_numbers_rise,
  letter_has_risen from public;
grant execute on function letter_draft_for_act to mashangdu_gateway, mashangdu_staff;
grant execute on function letter_draft, letter_edit, letter_do, incoming_enter to mashangdu_staff;

-- The citizen's words, masked as they are, leave the list of a letter's cases when they are erased by rule.
create function letters_forget() returns trigger language plpgsql as $$
begin
  update public.letter_cases set subject = ''
    where subject <> '' and case_id = (select f.case_id from public.feedback f where f.id = new.feedback_id);
  return null;
end $$;
create trigger letters_forget after insert on erasures for each row when (new.feedback_id is not null) execute function letters_forget();
