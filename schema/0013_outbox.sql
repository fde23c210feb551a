-- The outbox grows up: what a message is for, which template it was made from, whom it must not bother at night, which channel
-- took over, and why it was given up.

alter table outbox
  -- answer: to something the citizen just sent; notice: about the own case; survey: asks for an opinion, waits for the morning and
  -- for whoever has not opted out; staff: to a group or mailbox of the office; event: to a subscriber's webhook
  add column purpose text not null default 'answer' check (purpose in ('answer', 'notice', 'survey', 'staff', 'event')),
  add column event text not null default '' check (length(event) <= 60),   -- core/message.h, or the kind of the told event
  add column urgent boolean not null default false,                        -- L1: goes first, whatever the hour
  add column recipient_hash bytea check (length(recipient_hash) = 32),     -- keyed; opt-outs and receipts find it
  -- what `body` holds under its seal: 0 the words alone, 1 a JSON object (gateway/messages.h)
  add column body_form smallint not null default 0 check (body_form in (0, 1));
alter table outbox drop constraint outbox_state_check;
-- held: of a purpose that the recipient has opted out of; dropped: given up by a person; both final
alter table outbox add constraint outbox_state_check
  check (state in ('due', 'claimed', 'sent', 'delivered', 'failed', 'unknown', 'dead', 'held', 'dropped'));
