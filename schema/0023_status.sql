-- What a citizen may do with the own matter: partly solved, an objection, withdrawing it; the receipt sent to a number that is
-- forgotten, and receipts that were lost.

-- ---- the case ---------------------------------------------------------------------------------------------------------------

alter table cases drop constraint cases_flags_check, drop constraint cases_ending_check, drop constraint cases_closed_answered;
alter table cases
  add constraint cases_flags_check check (flags <@ array['paused', 'pause_asked', 'supervised', 'return_asked', 'extension_asked',
    'ruled', 'extended', 'endorsed', 'answered', 'tried_twice', 'confidential', 'transferred', 'late', 'more_to_ask', 'objected',
    'objection_ruled', 'withdrawn']),
  add constraint cases_ending_check check (ending in ('none', 'solved', 'silence', 'refused', 'transferred', 'partly', 'withdrawn')),
  -- A third way to an end beside the answer and the notice of a transfer: the finder's own last word. Only a citizen's act gives it
  -- (case_changed_by_act), and not for a confidential matter: what a report has brought to light is not the finder's to take back.
  add constraint cases_closed_answered check (state <> 'closed' or flags && array['answered', 'transferred', 'withdrawn']),
  add constraint cases_withdrawn check (('withdrawn' = any (flags)) = (ending = 'withdrawn')),
  add constraint cases_withdrawn_closed check (ending <> 'withdrawn' or state = 'closed'),
  add constraint cases_objected check (not 'objected' = any (flags) or state in ('closed', 'declined'));
-- What 督查督办组 has to rule on: a handful among years of cases at an end.
create index cases_objected on cases (opened_at desc, id desc) where state in ('closed', 'declined') and 'objected' = any (flags);

insert into act_rules (act, post, confidential, not_author, not_asker, outside) values
  ('confirm_partly', 'citizen', false, false, false, false), ('accept_partly', 'citizen', false, false, false, false),
  ('object', 'citizen', false, false, false, false), ('withdraw', 'citizen', false, false, false, false),
  ('object_reject', 'supervisor', false, true, false, true), ('object_reject', 'accountability', true, true, false, true);

-- As in schema/0008_guards.sql, with the two new ends.
create or replace function case_changed_by_act() returns trigger language plpgsql volatile security definer
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
  if new.state = 'closed' and old.state <> 'closed' and a.act = 'withdraw' then
    -- The only finder, in person, before there is an answer to speak about.
    if a.actor <> 'citizen' or old.confidential or new.confidential or new.nature = 'report' or old.state not in ('discovered', 'assigned', 'handling', 'replied')
       or new.ending <> 'withdrawn' or (select count(*) from public.case_reporters(new.id)) > 1 then
      raise exception 'case % cannot be withdrawn', new.id using errcode = 'MSD34';
    end if;
  elsif new.state = 'closed' and old.state <> 'closed' and a.act <> 'transfer_out' then
    -- Only an approval after the last answer, sending back or 重办 counts.
    select coalesce(max(x.version), 0) into begun from public.acts x where x.case_id = new.id
      and x.act in ('assign', 'reply', 'send_back', 'callback_unsolved', 'confirm_unsolved', 'confirm_partly', 'reopen');
    if new.ending = 'withdrawn' or a.act not in ('callback_solved', 'callback_refused', 'callback_attempt', 'confirm_solved', 'accept_partly')
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

-- ---- the callback: partly solved is an answer of its own, never counted as solved ----------------------------------------------

alter table callbacks drop constraint callbacks_state_check, drop constraint callbacks_rating_given, drop constraint callbacks_solved_satisfied;
alter table callbacks
  add constraint callbacks_state_check check (state in ('due', 'solved', 'unsolved', 'refused', 'silence', 'partly', 'overtaken')),
  add constraint callbacks_rating_given check (rating is null or state in ('solved', 'unsolved', 'partly')),
  add constraint callbacks_solved_satisfied check (state <> 'solved' or coalesce(rating, 5) >= 3),
  add constraint callbacks_partly_by_citizen check (state <> 'partly' or by = 'citizen');

create or replace function callbacks_kept() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  if tg_op <> 'UPDATE' then
    raise exception 'callbacks are never taken back' using errcode = 'MSD42';
  end if;
  perform from public.cases c where c.id = old.case_id for no key update;
  if old.state in ('solved', 'unsolved', 'refused', 'silence', 'partly')
     or (old.state = 'overtaken' and new.state <> 'due')
     or (old.case_id, old.feedback_id, old.round, old.made_at) is distinct from (new.case_id, new.feedback_id, new.round, new.made_at)
     or new.tries not between old.tries and old.tries + 1
     or (new.tries = old.tries) <> (new.last_day = old.last_day) or new.last_day < old.last_day then
    raise exception 'an answer of a callback is never overwritten' using errcode = 'MSD42';
  end if;
  return new;
end $$;

drop index acts_figures;
create index acts_figures on acts (at) where act in ('return_grant', 'return_refuse', 'extend_ask', 'extend_grant', 'extend_refuse',
  'pause_ask', 'pause_grant', 'pause_refuse', 'callback_unsolved', 'confirm_unsolved', 'confirm_partly', 'reopen', 'sign', 'approve');

-- ---- the receipt by SMS, and receipts that were lost ---------------------------------------------------------------------------

insert into message_events (word) values ('receipt_copy'), ('receipts_lost');
insert into message_templates (event, lang, version, text) values
  ('receipt_copy', 'zh', 1, '您的回执码 {receipt}，请妥善保管。本号码不作登记，发完即删。'),
  ('receipt_copy', 'en', 1, 'Your receipt: {receipt}. Please keep it. This number is not kept; it is deleted once this is sent.'),
  ('receipts_lost', 'zh', 1, '用本号码登记的回执码：{receipts}。非本人操作请勿理会。'),
  ('receipts_lost', 'en', 1, 'You asked for lost receipts. Left with this number: {receipts}. If it was not you, nothing needs to be done.');

-- A receipt that was sent to a number for the asking: the number is gone as soon as the message has left or was given up, whoever
-- settles it, and it never bore a hash, a feedback or a case. What is unknown waits for its delivery receipt, which needs no number.
create function outbox_forgets() returns trigger language plpgsql as $$
begin
  new.recipient := '';
  new.body := null;
  return new;
end $$;
create trigger outbox_forgets before update of state on outbox for each row
  when (new.event = 'receipt_copy' and new.state not in ('due', 'claimed')) execute function outbox_forgets();
alter table outbox add constraint outbox_copy_nameless
  check (event <> 'receipt_copy' or (recipient_hash is null and feedback_id is null and case_id is null)) not valid;

-- Telephone numbers that citizens left, as keyed hashes, so that whoever lost a receipt can have it sent to that very number. Not of
-- reports. Numbers from before
-- this migration lie under the seal alone and are not found.
create table feedback_contacts (
  feedback_id bigint primary key references feedback (id),
  person      bytea not null check (length(person) = 32)        -- messages_person()
);
create index feedback_contacts_person on feedback_contacts (person, feedback_id);
grant select, insert on feedback_contacts to mashangdu_gateway;
create trigger history_is_fixed before update or truncate on feedback_contacts for each statement execute function history_is_fixed();

-- What is erased is erased with it.
create function feedback_contact_goes() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  delete from public.feedback_contacts c where c.feedback_id = new.id;
  return null;
end $$;
create trigger feedback_contact_goes after update on feedback for each row when (old.contact is not null and new.contact is null)
  execute function feedback_contact_goes();
