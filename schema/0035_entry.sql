-- What a citizen said at a window, on the telephone, by letter or mail, and somebody of the office wrote down: who, at which post, by which way. It stands
-- beside the feedback, which is stored like any other, and is seen by whoever sees the feedback (P4). It holds nothing of the citizen.
create table feedback_entries (
  feedback_id bigint primary key references feedback (id),
  staff_id    integer not null references staff (id),
  unit_id     integer not null references units (id),     -- of the post that wrote it down
  way         text not null check (way in ('visit', 'call', 'letter', 'email', 'meeting')),
  said_on     date                                        -- when that was another day
);
create index feedback_entries_staff on feedback_entries (staff_id);
grant select, insert on feedback_entries to mashangdu_gateway;
grant select on feedback_entries to mashangdu_staff;
alter table feedback_entries enable row level security;
create policy gateway on feedback_entries to mashangdu_gateway using (true) with check (true);
create policy staff_sees on feedback_entries for select to mashangdu_staff
  using (exists (select from feedback f where f.id = feedback_entries.feedback_id));
create trigger history_is_fixed before update or delete or truncate on feedback_entries for each statement execute function history_is_fixed();
