-- What is said to citizens: for every event a wording in Chinese and in English, in versions. The newest counts; the ones before
-- stay, with who changed them and when, so that what an old message said can be told.

-- The events of core/message.h. A later migration that adds one adds its two wordings as well: the trigger below insists.
create table message_events (
  word text primary key check (word ~ '^[a-z][a-z_]{1,39}$')
);
create table message_templates (
  event      text not null references message_events (word),
  lang       text not null check (lang in ('zh', 'en')),
  version    integer not null check (version >= 1),
  text       text not null check (length(text) between 1 and 500 and text !~ '[[:cntrl:]]'),
  changed_at timestamptz not null default now(),
  changed_by integer references staff (id),    -- null: as delivered
  primary key (event, lang, version)
);

-- Versions follow each other without a gap: two people who change the same wording at once do not overwrite one another.
create function template_follows() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  if new.version <> 1 + coalesce((select max(t.version) from public.message_templates t
                                  where t.event = new.event and t.lang = new.lang), 0) then
    raise exception 'version % does not follow the newest', new.version using errcode = 'MSD21';
  end if;
  return new;
end $$;
create trigger template_follows before insert on message_templates for each row execute function template_follows();

create function event_has_templates() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  if (select count(distinct t.lang) from public.message_templates t where t.event = new.word) < 2 then
    raise exception 'event % has no wording in both languages', new.word using errcode = 'MSD22';
  end if;
  return null;
end $$;
create constraint trigger event_has_templates after insert on message_events deferrable initially deferred
  for each row execute function event_has_templates();

insert into message_events (word) values
  ('received'), ('received_nowhere'), ('received_report'), ('rated'), ('added'), ('status'), ('status_answered'), ('receipt_wrong'),
  ('receipt_missing'), ('confirmed_solved'), ('confirmed_unsolved'), ('confirm_not'), ('plaque_only'), ('nothing_open'), ('help'),
  ('opted_out'), ('opted_in'), ('asked'), ('answered'), ('extended'), ('paused'), ('resumed'), ('survey'), ('survey_thanks');

-- One SMS of 70 characters together with a signature of eight, wherever that can be.
insert into message_templates (event, lang, version, text) values
  ('received', 'zh', 1, '已收到您的反馈，回执码 {receipt}，请妥善保管。回复“CX 回执码”可查询办理进度。'),
  ('received', 'en', 1, 'We have received your words. Receipt {receipt}: please keep it. Reply "CX receipt" to ask how far it is.'),
  ('received_nowhere', 'zh', 1, '已收到您的反馈，回执码 {receipt}，未认出监督牌编号，将按内容分派。下次请先写编号再写内容。'),
  ('received_nowhere', 'en', 1, 'Received; no valid plaque number, so it goes by its words. Receipt {receipt}. Next time write the number of the plaque first, then your words.'),
  ('received_report', 'zh', 1, '已收到您的反馈，回执码 {receipt}，请妥善保管。短信不保密，其他情况请在网页上填写：{link}'),
  ('received_report', 'en', 1, 'We have received your words. Receipt {receipt}: please keep it. SMS is not confidential; please write anything more on the page {link}'),
  ('rated', 'zh', 1, '已记录您的评价：{meaning}。回执码 {receipt}，请妥善保管。'),
  ('rated', 'en', 1, 'Your rating has been recorded: {meaning}. Receipt {receipt}: please keep it.'),
  ('added', 'zh', 1, '您补充的内容已并入办件，回执码 {receipt}。回复“CX 回执码”可查询办理进度。'),
  ('added', 'en', 1, 'What you added is now part of the case. Receipt {receipt}. Reply "CX receipt" to ask how far it is.'),
  ('status', 'zh', 1, '{stage}'),
  ('status', 'en', 1, '{stage}'),
  ('status_answered', 'zh', 1, '{stage}答复请在网页输入回执码查看：{link}'),
  ('status_answered', 'en', 1, '{stage} Read the answer with your receipt on the page {link}'),
  ('receipt_wrong', 'zh', 1, '回执码不正确，请核对 16 位数字。'),
  ('receipt_wrong', 'en', 1, 'The receipt code is not right; please check its 16 digits.'),
  ('receipt_missing', 'zh', 1, '要查进度，请发送“CX”加 16 位回执码。'),
  ('receipt_missing', 'en', 1, 'To ask how far it is, please send "CX" and the 16 digits of your receipt.'),
  ('confirmed_solved', 'zh', 1, '已记录：您确认问题已解决。谢谢您。'),
  ('confirmed_solved', 'en', 1, 'Recorded: you say that it is solved. Thank you.'),
  ('confirmed_unsolved', 'zh', 1, '已记录：问题没有解决，已发回重新办理。'),
  ('confirmed_unsolved', 'en', 1, 'Recorded: it is not solved; it has been sent back to be handled again.'),
  ('confirm_not', 'zh', 1, '这一件现在不能确认是否解决，或已经有您的答复。回复“CX 回执码”可查询办理进度。'),
  ('confirm_not', 'en', 1, 'This case cannot be confirmed now, or you have answered already. Reply "CX receipt" to ask how far it is.'),
  ('plaque_only', 'zh', 1, '{plaque} 是{unit}的监督牌。要反映问题，请接着回复内容；要评价，请回复1至5，5为非常满意。'),
  ('plaque_only', 'en', 1, '{plaque} is the plaque of {unit}. Now reply with what you want to tell, or rate from 1 to 5 (5: very good).'),
  ('nothing_open', 'zh', 1, '您现在没有等待评价的办件。要反映问题，请先写监督牌编号，再写内容。'),
  ('nothing_open', 'en', 1, 'No case waits for your rating now. To tell something, write the number of the plaque first, then your words.'),
  ('help', 'zh', 1, '反映问题：监督牌编号加内容。查进度：CX加回执码。评价：收到调查后回复1至5。不收调查：TD。再收：恢复。'),
  ('help', 'en', 1, 'To tell something: plaque number and words. How far it is: CX and receipt. To rate when asked: 1 to 5. No surveys: STOP. Again: START.'),
  ('opted_out', 'zh', 1, '已退订，不再向您发送满意度调查。要再接收，请回复“恢复”。'),
  ('opted_out', 'en', 1, 'You will get no more surveys. To get them again, reply START.'),
  ('opted_in', 'zh', 1, '已恢复，您会再收到满意度调查。不想接收时请回复“退订”。'),
  ('opted_in', 'en', 1, 'You will get surveys again. To get none, reply STOP.'),
  ('asked', 'zh', 1, '{unit}就您反映的事项（回执码尾号{receipt_hint}）需要向您了解情况，请凭回执码上网查看，或直接回复。'),
  ('asked', 'en', 1, '{unit} has a question about your matter (receipt ending {receipt_hint}). Read it on the page with your receipt, or reply here.'),
  ('answered', 'zh', 1, '您反映的事项（回执码尾号{receipt_hint}）已有答复。回复“CX 回执码”可查看。'),
  ('answered', 'en', 1, 'Your matter (receipt ending {receipt_hint}) has been answered. Reply "CX receipt" to read the answer.'),
  ('extended', 'zh', 1, '您反映的事项（回执码尾号{receipt_hint}）经批准延长办理时限，最迟{due}答复。回复“CX 回执码”可查询。'),
  ('extended', 'en', 1, 'More time has been granted for your matter (receipt ending {receipt_hint}); new limit: {due}. Reply "CX receipt" to ask.'),
  ('paused', 'zh', 1, '您反映的事项（回执码尾号{receipt_hint}）因补正、鉴定或听证暂停计时，期满自动恢复。回复“CX 回执码”可查询。'),
  ('paused', 'en', 1, 'The time for your matter (receipt ending {receipt_hint}) stands still for documents, an expert or a hearing, and runs again by itself. Reply "CX receipt" to ask.'),
  ('resumed', 'zh', 1, '您反映的事项（回执码尾号{receipt_hint}）已恢复计时办理，期限：{due}。回复“CX 回执码”可查询。'),
  ('resumed', 'en', 1, 'The time for your matter (receipt ending {receipt_hint}) runs again; limit: {due}. Reply "CX receipt" to ask.'),
  ('survey', 'zh', 1, '您反映的事项（回执码尾号{receipt_hint}）办得怎么样？请回复数字：5非常满意，4满意，3基本满意，2不满意，1非常不满意。退订回TD'),
  ('survey', 'en', 1, 'How was your matter (receipt ending {receipt_hint}) handled? Reply 5 very good, 4 good, 3 fair, 2 poor, 1 very poor. STOP: no more surveys.'),
  ('survey_thanks', 'zh', 1, '已记录您的评价：{meaning}。谢谢您。'),
  ('survey_thanks', 'en', 1, 'Your rating has been recorded: {meaning}. Thank you.');

create trigger history_is_fixed before update or delete or truncate on message_events for each statement execute function history_is_fixed();
create trigger history_is_fixed before update or delete or truncate on message_templates for each statement execute function history_is_fixed();
create trigger register_changed after insert on message_templates for each statement execute function register_changed();

-- Read by everybody who may look at the desk; changed by the administrator and by 综合办公室, who answer for what leaves the house.
grant select on message_events, message_templates to mashangdu_gateway, mashangdu_staff;
grant insert (event, lang, version, text, changed_by) on message_templates to mashangdu_staff;
alter table message_templates enable row level security;
create policy gateway on message_templates for select to mashangdu_gateway using (true);
create policy staff_sees on message_templates for select to mashangdu_staff using (true);
create policy staff_writes on message_templates for insert to mashangdu_staff
  with check (changed_by = (select staff_now()) and (select i_am('{admin,registry}')));
