-- What the guards of the doors leave behind: challenges that were used, and marks on what looked like a flood. Neither says who
-- somebody is, and nothing at all is left of a 举报.

-- One use each (ALTCHA): the row goes in with the submission that it let in, in one transaction.
create table pow_used (
  key         text primary key check (length(key) between 1 and 200),
  feedback_id bigint not null references feedback (id),
  expires     timestamptz not null              -- afterwards the challenge is refused for its age
);
create index pow_used_expires on pow_used (expires);
create index pow_used_feedback on pow_used (feedback_id);

create table feedback_marks (
  feedback_id bigint not null references feedback (id),
  mark        text not null check (mark in ('burst', 'number', 'same_words', 'device', 'urgent')),
  primary key (feedback_id, mark)
);

grant select, insert, delete on pow_used to mashangdu_gateway;
grant select, insert on feedback_marks to mashangdu_gateway;
grant select on feedback_marks to mashangdu_staff;
alter table pow_used enable row level security;
create policy gateway on pow_used to mashangdu_gateway using (true) with check (true);
alter table feedback_marks enable row level security;
create policy gateway on feedback_marks to mashangdu_gateway using (true) with check (true);
create policy staff_sees on feedback_marks for select to mashangdu_staff
  using (exists (select from feedback f where f.id = feedback_marks.feedback_id));

-- What was noticed stays noticed.
create trigger history_is_fixed before update or delete or truncate on feedback_marks for each statement execute function history_is_fixed();
