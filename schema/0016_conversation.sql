-- What is said by message in more than one step: what is remembered of a sender, the pieces of long messages until they are
-- joined, and which pushes were taken that left no feedback. Whoever wrote is a keyed hash; words and numbers are sealed.

-- What held before holds still, so no row is looked at again while the table is locked.
alter table feedback drop constraint feedback_channel_check;
alter table feedback add constraint feedback_channel_check check (channel in ('plaque', 'live', 'sms', 'web', 'phone', 'window',
  'meeting', 'monitor', 'open311', 'email', 'import', 'wechat')) not valid;

-- A question of the unit that the citizen can answer.
insert into act_rules (act, post, confidential, not_author, not_asker, outside) values
  ('ask', 'handler', false, false, false, false), ('ask', 'unit_leader', false, false, false, false);

create table message_people (
  person        bytea primary key check (length(person) = 32),   -- messages_person()
  opted_out_at  timestamptz,                                     -- of surveys; what concerns the own case is told all the same
  opted_in_at   timestamptz,
  place         text references plaques (number),                -- sent alone or scanned: where the next words belong
  place_at      timestamptz,
  place_until   timestamptz,
  survey_feedback bigint,                                        -- the one open survey; whether it still waits is in callbacks
  survey_round  smallint,
  survey_at     timestamptz,                                     -- when it is to be asked: sms_survey_after the answer
  survey_until  timestamptz,
  dialogue_case bigint,                                          -- whose question the next words answer
  dialogue_feedback bigint,
  dialogue_act  bigint,
  dialogue_at   timestamptz,
  dialogue_until timestamptz,
  constraint message_people_opted_once check (opted_out_at is null or opted_in_at is null),
  constraint message_people_place_whole check (num_nonnulls(place, place_at, place_until) in (0, 3)),
  constraint message_people_survey_whole check (num_nonnulls(survey_feedback, survey_round, survey_at, survey_until) in (0, 4)),
  constraint message_people_dialogue_whole
    check (num_nonnulls(dialogue_case, dialogue_feedback, dialogue_act, dialogue_at, dialogue_until) in (0, 5))
);

-- The outbox asks this before a survey goes (schema/0013_outbox.sql).
create or replace function outbox_declined(person bytea) returns boolean language sql stable set enable_seqscan = off as $$
  select exists (select from message_people p where p.person = outbox_declined.person and p.opted_out_at is not null) $$;

-- A push that was taken and left no feedback of its own, or was answered within its own answer: the provider's repeat does nothing
-- again and, where the push itself is answered, gets the same words.
create table message_seen (
  channel text not null,
  key     text not null check (length(key) between 1 and 240),
  person  bytea check (length(person) = 32),
  at      timestamptz not null default now(),
  answer  bytea,                                                 -- sealed
  primary key (channel, key)
);
create index message_seen_at on message_seen (at);
create index message_seen_answered on message_seen (person, at) where answer is not null;
-- How much a sender was answered lately.
create index outbox_answered on outbox (recipient_hash, created_at) where purpose = 'answer' and recipient_hash is not null;

-- One long message: pieces with the same reference from the same sender. open: more may come and belong to it. filing: its words
-- are settled, somebody is storing them. filed: stored; what comes now is late.
create table message_sets (
  id       bigint generated always as identity primary key,
  channel  text not null,
  person   bytea not null check (length(person) = 32),
  ref      text not null check (length(ref) <= 200),
  total    smallint not null check (total between 2 and 255),
  sender   bytea not null,                                       -- sealed
  sent_at  timestamptz,
  first_at timestamptz not null default now(),
  state    text not null default 'open' check (state in ('open', 'filing', 'filed')),
  due_at   timestamptz,                                          -- when somebody has to look; null: nothing is left to do
  case_id  bigint,                                               -- where the words went; null: none, or a rating without a case
  constraint message_sets_due check (state = 'filed' or due_at is not null)
);
create index message_sets_found on message_sets (channel, person, ref, id);
create index message_sets_due on message_sets (due_at) where due_at is not null;
create index message_sets_first on message_sets (first_at);
create table message_parts (
  set_id   bigint not null references message_sets (id) on delete cascade,
  index    smallint not null check (index between 1 and 255),
  key      text not null check (length(key) between 1 and 200),  -- the provider's id, or ours
  digest   bytea not null check (length(digest) = 32),           -- keyed, of the words
  words    bytea,                                                -- sealed; null when they stand in a feedback or an act
  late     boolean not null,                                     -- came when the set was settled
  received_at timestamptz not null default now(),
  primary key (set_id, index)
);
create index message_parts_key on message_parts (key);

-- One piece. kept: waits for others; whole: was the last one missing; late: its message is settled already; repeat: nothing new.
-- Two gateways that get pieces of one message at the same time take turns. A reference comes round again after 256 messages
-- (or 65536): only a set that began less than late_s ago, lacks this piece and is as long takes it.
create function message_part_take(ch text, who bytea, reference text, pieces smallint, at_index smallint, piece_key text,
                                  piece_digest bytea, piece_words bytea, from_whom bytea, sent timestamptz, wait_s float8, late_s float8)
returns text language plpgsql volatile set search_path = pg_catalog, public, pg_temp set enable_seqscan = off as $$
declare
  s record;
  d bytea;
begin
  perform pg_advisory_xact_lock(hashtextextended(ch || ' ' || encode(who, 'hex') || ' ' || reference, 16));
  if exists (select from public.message_parts p join public.message_sets m on m.id = p.set_id
             where p.key = piece_key and p.index = at_index and m.channel = ch and m.person = who) then
    return 'repeat';
  end if;
  -- Locked, so that whoever settles its words has finished, or waits for this piece.
  select m.* into s from public.message_sets m where m.id = (
      select x.id from public.message_sets x where x.channel = ch and x.person = who and x.ref = reference order by x.id desc limit 1)
    for no key update;
  if s.id is not null and s.total = pieces and s.first_at > now() - make_interval(secs => late_s) then
    select p.digest into d from public.message_parts p where p.set_id = s.id and p.index = at_index;
    if d = piece_digest then return 'repeat'; end if;
    if d is null then
      insert into public.message_parts (set_id, index, key, digest, words, late)
        values (s.id, at_index, piece_key, piece_digest, piece_words, s.state <> 'open');
      if s.state = 'open' then
        if (select count(*) from public.message_parts p where p.set_id = s.id) < pieces then return 'kept'; end if;
        update public.message_sets m set due_at = now() where m.id = s.id;
        return 'whole';
      end if;
      if s.state = 'filed' then update public.message_sets m set due_at = now() where m.id = s.id; end if;
      return 'late';
    end if;
  end if;
  insert into public.message_sets (channel, person, ref, total, sender, sent_at, due_at)
    values (ch, who, reference, pieces, from_whom, sent, now() + make_interval(secs => wait_s)) returning * into s;
  insert into public.message_parts (set_id, index, key, digest, words, late)
    values (s.id, at_index, piece_key, piece_digest, piece_words, false);
  return 'kept';
end $$;

-- Words were stored: of the set itself, or of its late pieces. Whatever came meanwhile is due at once.
create function message_set_filed(which bigint, in_case bigint, indexes smallint[]) returns void language plpgsql volatile
  set search_path = pg_catalog, public, pg_temp set enable_seqscan = off as $$
begin
  perform from public.message_sets m where m.id = which for no key update;
  update public.message_parts p set words = null where p.set_id = which and p.index = any (indexes);
  update public.message_sets m set state = 'filed', case_id = coalesce(m.case_id, in_case),
    due_at = case when exists (select from public.message_parts p where p.set_id = which and p.words is not null) then now() end
    where m.id = which;
end $$;

-- What is known of these senders and these pushes, row by row in the order given. Each table is looked up by its key for each row,
-- whatever the planner learned while it was empty: a lateral with a limit is never turned into a join. Before a survey was asked the
-- citizen knows of the answer: what is said to it belongs to the survey, unless something else was named after the answer.
create function message_look(doors text[], channels text[], keys text[], persons bytea[], most integer)
returns table (ord bigint, seen boolean, answer bytea, feedback_id bigint, case_id bigint, opted_out boolean, place text,
               place_at timestamptz, survey_feedback bigint, survey_case bigint, survey_at timestamptz, dialogue_case bigint,
               dialogue_feedback bigint, dialogue_at timestamptz, told bigint)
language plpgsql stable set search_path = pg_catalog, public, pg_temp set enable_seqscan = off set enable_bitmapscan = off set jit = off as $$
#variable_conflict use_column
begin
  return query select t.ord, s.channel is not null, s.answer, f.id, f.case_id, p.opted_out_at is not null,
    case when p.place_until > now() then p.place end, p.place_at, k.feedback_id, k.case_id, case when p.survey_at > now() then k.made_at else p.survey_at end,
    case when p.dialogue_until > now() then p.dialogue_case end, p.dialogue_feedback, p.dialogue_at,
    (select count(*) from (select from public.outbox o where o.recipient_hash = t.person and o.purpose = 'answer'
       and o.created_at > now() - interval '1 hour' limit most) x)
    + (select count(*) from (select from public.message_seen x where x.person = t.person and x.answer is not null
       and x.at > now() - interval '1 hour' limit most) x)
  from unnest(doors, channels, keys, persons) with ordinality as t (door, channel, key, person, ord)
  left join lateral (select * from public.message_people x where x.person = t.person limit 1) p on true
  left join lateral (select x.channel, x.answer from public.message_seen x where x.channel = t.channel and x.key = t.key limit 1) s on true
  left join lateral (select x.id, x.case_id from public.feedback x
    where x.channel = t.door and x.provider = t.channel and x.dedupe_key = t.key limit 1) f on true
  left join lateral (select x.feedback_id, x.case_id, x.made_at from public.callbacks x
    where x.feedback_id = p.survey_feedback and x.state = 'due' and p.survey_until > now() limit 1) k on true
  order by t.ord;
end $$;

-- Part of the transaction that asks: an answer approved (a survey for each reporter who was asked and has not opted out), a
-- question of the unit (a dialogue). Runs for a person of the staff, who has no other way to these rows.
create function message_survey_open(persons bytea[], feedbacks bigint[], of_round smallint, after_s float8, keep_s float8) returns void
language sql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
  insert into public.message_people as p (person, survey_feedback, survey_round, survey_at, survey_until)
    select distinct on (t.person) t.person, t.feedback, of_round, now() + make_interval(secs => after_s), now() + make_interval(secs => after_s + keep_s)
    from unnest(persons, feedbacks) as t (person, feedback) order by t.person, t.feedback desc
  on conflict (person) do update set survey_feedback = excluded.survey_feedback, survey_round = excluded.survey_round,
    survey_at = excluded.survey_at, survey_until = excluded.survey_until where p.opted_out_at is null $$;
create function message_dialogue_open(persons bytea[], feedbacks bigint[], of_case bigint, by_act bigint, keep_s float8) returns void
language sql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
  insert into public.message_people as p (person, dialogue_case, dialogue_feedback, dialogue_act, dialogue_at, dialogue_until)
    select distinct on (t.person) t.person, of_case, t.feedback, by_act, now(), now() + make_interval(secs => keep_s)
    from unnest(persons, feedbacks) as t (person, feedback) order by t.person, t.feedback desc
  on conflict (person) do update set dialogue_case = excluded.dialogue_case, dialogue_feedback = excluded.dialogue_feedback,
    dialogue_act = excluded.dialogue_act, dialogue_at = excluded.dialogue_at, dialogue_until = excluded.dialogue_until $$;

grant select, insert, update, delete on message_people, message_seen, message_sets, message_parts to mashangdu_gateway;
revoke execute on function message_part_take, message_set_filed, message_look, message_survey_open, message_dialogue_open from public;
grant execute on function message_part_take, message_set_filed, message_look, message_survey_open, message_dialogue_open to mashangdu_gateway;
grant execute on function message_survey_open, message_dialogue_open to mashangdu_staff;
