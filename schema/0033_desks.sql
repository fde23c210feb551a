-- 拆分: one feedback that holds two matters becomes two cases, with the words kept whole where they are. Each case has a clerk's
-- extract of its own part; the whole words are read by those alone who may see every part. And what the desks read in one look.

alter table cases drop constraint cases_flags_check;
alter table cases
  add constraint cases_flags_check check (flags <@ array['paused', 'pause_asked', 'supervised', 'return_asked', 'extension_asked',
    'ruled', 'extended', 'endorsed', 'answered', 'tried_twice', 'confidential', 'transferred', 'late', 'more_to_ask', 'objected',
    'objection_ruled', 'withdrawn', 'split', 'part']);

insert into act_rules (act, post, confidential, not_author, not_asker, outside) values
  ('split', 'coordinator', false, false, false, false), ('split', 'accountability', true, false, false, false);

-- Which case has which part. version 1: the case that the split made; else the version of the first case that the split left behind, with
-- what stays there (the newest counts). part 1: the case that the feedback opened. What was split off, and why, stands here and not in
-- the act: whoever handles one part sees that there was a split, by whom, and no word of the other. The act holds a salted hash of it.
create table case_parts (
  case_id     bigint not null references cases (id),
  version     integer not null check (version >= 1),
  feedback_id bigint not null references feedback (id),
  part        smallint not null check (part between 1 and 9),
  piece     text not null check (length(piece) <= 5000),
  decision    jsonb,                    -- what the router says of this part alone
  made_by     integer check (made_by > 1),  -- of a new part: the version of the first case's act that made it
  reason      text not null default '' check (length(reason) <= 5000),
  salt        bytea check (length(salt) in (16, 0)),   -- 0: erased
  primary key (case_id, version),
  check ((part > 1) = (made_by is not null) and (part > 1) = (salt is not null)),
  check ((part = 1) = (version > 1))
);
create unique index case_parts_born on case_parts (feedback_id, part) where part > 1;
create index case_parts_feedback on case_parts (feedback_id);

-- May this person read the whole words? Only who may see every case that they became.
create function feedback_whole(one bigint) returns boolean language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select not exists (select from public.case_parts p where p.feedback_id = one and not public.case_seen(p.case_id)) $$;
revoke execute on function feedback_whole from public;
grant execute on function feedback_whole to mashangdu_gateway, mashangdu_staff;

alter table case_parts enable row level security;
create policy gateway on case_parts to mashangdu_gateway using (true) with check (true);
create policy staff_sees on case_parts for select to mashangdu_staff using (exists (select from cases c where c.id = case_parts.case_id));
grant select on case_parts to mashangdu_gateway, mashangdu_staff;

-- What the act that split holds in its data.
create function part_commitment(salt bytea, case_id bigint, piece text, rest text, reason text) returns bytea language sql stable parallel safe as
$$ select sha256('\x6d736420706172742076310a'::bytea || salt || int8send(case_id) || proof_text(piece) || proof_text(rest) || proof_text(reason)) $$;
comment on function part_commitment is 'sha256 of "msd part v1" and newline, salt, and what a split put where and why';

-- The clerk's extract of a case's part, or null.
create function case_extract(one bigint) returns text language sql stable as $$
  select p.piece from case_parts p where p.case_id = one order by p.version desc limit 1 $$;

-- Words and what stands beside them (decision, place, marks: their policies ask this one). Unsplit, as nearly all are, one flag decides.
drop policy staff_sees on feedback;
create policy staff_sees on feedback for select to mashangdu_staff using (
  exists (select from cases c where c.id = feedback.case_id and ('split' <> all (c.flags) or feedback_whole(feedback.id))));
-- Pictures that came with the words show what the words say; those of an act belong to the act's case.
drop policy staff_sees on file_uses;
create policy staff_sees on file_uses for select to mashangdu_staff using (
  exists (select from cases c where c.id = file_uses.case_id and ('split' <> all (c.flags) or file_uses.act_id is not null
    or file_uses.feedback_id is null or feedback_whole(file_uses.feedback_id))));
create or replace function rating_words(of_feedback bigint) returns text language sql stable security definer
  set search_path = pg_catalog, public, pg_temp as $$
  select f.masked from public.feedback f where f.id = of_feedback and public.rating_shown(of_feedback) and public.feedback_whole(of_feedback)
$$;

-- What was put on record stays; erasing the feedback takes the extracts along, and nothing else can.
create function case_parts_kept() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  if tg_op = 'UPDATE' and new.piece = '' and new.decision is null and new.reason = '' and coalesce(length(new.salt), 0) = 0
     and (old.case_id, old.version, old.feedback_id, old.part, old.made_by) is not distinct from
         (new.case_id, new.version, new.feedback_id, new.part, new.made_by)
     and exists (select from public.erasures e where e.feedback_id = old.feedback_id) then
    return new;
  end if;
  raise exception 'case_parts is append-only' using errcode = 'MSD20';
end $$;
create trigger case_parts_kept before update or delete on case_parts for each row execute function case_parts_kept();
create trigger case_parts_kept_whole before truncate on case_parts for each statement execute function history_is_fixed();
create function case_parts_forget() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  update public.case_parts p set piece = '', decision = null, reason = '', salt = substr(p.salt, 1, 0) where p.feedback_id = new.id;
  return null;
end $$;
create trigger case_parts_forget after update on feedback for each row when (old.salt <> '' and new.salt = '')
  execute function case_parts_forget();

-- A part without the act that made it is refused when the transaction ends.
create function case_parts_by_act() returns trigger language plpgsql volatile security definer
  set search_path = pg_catalog, public, pg_temp set enable_seqscan = off as $$
begin
  if not exists (select from public.feedback f join public.acts a on a.case_id = f.case_id and a.act = 'split'
                 where f.id = new.feedback_id and case when new.part = 1 then f.case_id = new.case_id and a.version = new.version
                   else a.version = new.made_by and a.data->>'parts' = encode(public.part_commitment(new.salt, new.case_id, new.piece,
                     (select p.piece from public.case_parts p where p.case_id = f.case_id and p.version = new.made_by), new.reason), 'hex') end) then
    raise exception 'no act split case %', new.case_id using errcode = 'MSD33';
  end if;
  return null;
end $$;
create constraint trigger case_parts_by_act after insert on case_parts deferrable initially deferred for each row execute function case_parts_by_act();

-- The second case, beside the act that says so and before it. Runs with the owner's rights because no person may open a case by hand; so
-- everything is asked here once more. `of` in the data of its first act is the hash of the act that received the words: the chains hang
-- together without either naming the other's number.
create function case_part_open(from_case bigint, seen integer, one bigint, act_id bigint, at_ timestamptz, t jsonb,
                               salt_ bytea, words_ bytea, hash_ bytea, part_salt bytea)
returns bigint language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp set enable_seqscan = off as $$
declare
  c record;
  f record;
  first record;
  next smallint;
  about integer := nullif(t->>'about', '0')::integer;
begin
  if public.staff_now() = 0 or not public.i_am('{coordinator}') or not public.case_seen(from_case) then
    raise exception 'no such case for this person' using errcode = '42501';
  end if;
  select x.* into c from public.cases x where x.id = from_case for no key update;
  if c.version <> seen then return null; end if; -- the act behind this one finds the same, and all is undone
  if c.state <> 'discovered' or c.confidential or 'part' = any (c.flags) then
    raise exception 'case % cannot be split', from_case using errcode = 'MSD34';
  end if;
  if (t->'flags') ? 'confidential' and about = any (public.my_ties()) then
    raise exception 'the part is about the unit of this person' using errcode = 'MSD32';
  end if;
  select x.id into f from public.feedback x where x.case_id = from_case order by x.received_at, x.id limit 1;
  select a.hash into first from public.acts a where a.case_id = from_case and a.version = 1;
  if f.id is null or t->'data'->>'of' is distinct from encode(first.hash, 'hex') then
    raise exception 'nobody''s words opened case %', from_case using errcode = 'MSD34';
  end if;
  if t->>'nature' = 'report' and not (t->'flags') ? 'confidential' then
    raise exception 'a report is confidential' using errcode = 'MSD34';
  end if;
  select coalesce(max(p.part), 1) + 1 into next from public.case_parts p where p.feedback_id = f.id;
  insert into public.cases (id, version, state, nature, category, level, urgency, unit_id, about_unit_id, plaque_unit_id, channel, limit_amount,
      flags, held, triage, opened_at, due_at, due_clock, chain, warn_at, next_at, next_act, next_rung)
    values (one, 1, 'discovered', t->>'nature', t->>'category', (t->>'level')::smallint, t->>'urgency', (t->>'unit')::integer, about,
      c.plaque_unit_id, c.channel, (t->>'limit')::integer, array(select jsonb_array_elements_text(t->'flags')), (t->>'held')::boolean, true,
      c.opened_at, (t->>'due')::timestamptz, t->>'clock', hash_, (t->>'warn')::timestamptz, (t->>'next')::timestamptz, t->>'next_act',
      (t->>'next_rung')::integer);
  insert into public.acts (id, case_id, version, at, act, actor, from_state, to_state, public, data, salt, words_commitment, hash)
    values (act_id, one, 1, at_, 'receive', 'gateway', 'new', 'discovered', true, t->'data', salt_, words_, hash_);
  insert into public.case_parts (case_id, version, feedback_id, part, piece, decision, made_by, reason, salt)
    values (from_case, seen + 1, f.id, 1, t->>'rest', t->'rest_decision', null, '', null),
           (one, 1, f.id, next, t->>'piece', t->'decision', seen + 1, t->>'reason', part_salt);
  return one;
end $$;
revoke execute on function case_part_open from public;
grant execute on function case_part_open to mashangdu_staff;

-- Who reported the matter of a case: also whoever said what a part of it is.
create or replace function case_reporters(main bigint) returns setof bigint language sql volatile security definer
  set search_path = pg_catalog, public, pg_temp as $$
  with recursive tree (id) as (
    select main union select c.id from tree t join public.cases c on c.merged_into = t.id)
  select r.id from (select f.id from public.feedback f where f.case_id in (select id from tree)
                    union select p.feedback_id from public.case_parts p where p.part > 1 and p.case_id in (select id from tree)) r
    where public.staff_now() = 0 or public.case_seen(main) $$;

-- Nobody is asked about two answers to one matter at once; two matters are two answers.
drop index callbacks_one_due;
create unique index callbacks_one_due on callbacks (feedback_id, case_id) where state = 'due';

create or replace function callback_contact(feedback bigint, reason text, out verdict text, out contact bytea, out case_id bigint)
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  c record;
begin
  if public.staff_now() = 0 or not public.i_am('{callback,accountability}') then
    verdict := 'forbidden';
    return;
  end if;
  -- Asked about two matters, the one that this person may ask about comes first.
  select k.case_id as id, x.confidential, x.unit_id, x.about_unit_id, x.nature into c from public.callbacks k join public.cases x on x.id = k.case_id
    where k.feedback_id = feedback and k.state = 'due' and x.state = 'verifying'
    order by case when x.confidential then not public.i_am('{accountability}') else not public.i_am('{callback}') end,
             x.unit_id = any (public.my_ties()), k.case_id limit 1;
  if c.id is null or (c.confidential and not public.i_am('{accountability}'))
     or ((c.nature = 'report' or c.confidential) and c.about_unit_id = any (public.my_ties())) then
    verdict := 'unknown';
  elsif not c.confidential and not public.i_am('{callback}') then
    verdict := 'forbidden';
  elsif c.unit_id = any (public.my_ties()) then
    verdict := 'recused';
  else
    insert into public.audit_log (staff_id, action, case_id, detail)
      values (public.staff_now(), 'contact', c.id, jsonb_build_object('feedback', feedback, 'reason', reason));
    select f.contact into contact from public.feedback f where f.id = feedback;
    verdict := 'shown';
    case_id := c.id;
  end if;
end $$;

-- A letter goes to the unit: of a split matter it quotes the part that the unit has (schema/0009_letters.sql, with that line).
create or replace function letter_write(p_letter bigint, p_version integer, p_at timestamptz, p_staff integer, t jsonb) returns void
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
    select p_letter, c.id, e.o, case when c.confidential then '' else coalesce(left(regexp_replace(coalesce(public.case_extract(c.id),
      (select f.masked from public.feedback f where f.case_id = c.id order by f.received_at, f.id limit 1)), '\s+', ' ', 'g'), 60), '') end, c.handling_due
    from unnest(v_cases) with ordinality e (id, o) join public.cases c on c.id = e.id;
  insert into public.letter_units (letter_id, unit_id) select p_letter, u from unnest(v_units) u;
end $$;

-- The desks' queues: what is open, the most urgent first.
create index cases_open_due on cases (due_at, id) where state in ('discovered', 'assigned', 'handling', 'replied', 'verifying');
create index cases_open_unit_due on cases (unit_id, due_at) where state in ('assigned', 'handling', 'replied');
