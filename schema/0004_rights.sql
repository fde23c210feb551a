-- Who may do what: grants, row-level security, and the few functions that act with the owner's rights.

-- Numbers and writes events. The row lock on event_head is taken last in a transaction and held until it ends:
-- numbers become visible in their own order, without gaps. Callers pass only what this very transaction stored: a repeat, or
-- a batch that is sent again because nobody knew whether it had been committed, makes no second event.
create function events_append(kinds text[], case_ids bigint[], unit_ids integer[], hidden_unit_ids integer[],
                              confidentials boolean[], datas jsonb[])
returns bigint language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  n integer := coalesce(cardinality(kinds), 0);
  head bigint;
begin
  if n = 0 then return null; end if;
  update public.event_head set last = last + n returning last into head;
  insert into public.events (seq, at, kind, case_id, unit_id, hidden_unit_id, confidential, data)
    select head - n + t.ord, clock_timestamp(), t.kind, t.case_id, t.unit_id, t.hidden, t.conf, t.data
    from unnest(kinds, case_ids, unit_ids, hidden_unit_ids, confidentials, datas)
         with ordinality as t (kind, case_id, unit_id, hidden, conf, data, ord);
  return head;
end $$;

-- The person for whom this transaction acts, set by staff_enter; 0 when none.
create function staff_now() returns integer language sql stable as
$$ select coalesce(nullif(current_setting('msd.staff', true), ''), '0')::integer $$;

-- The case this transaction is changing, 0 when none. An act may move a case out of the sight of the person who acts
-- (into a confidential category): the changed row of this one case may then be written, but not any other.
create function writing_now() returns bigint language sql stable as
$$ select coalesce(nullif(current_setting('msd.writing', true), ''), '0')::bigint $$;

create function my_unit() returns integer language sql stable security definer set search_path = pg_catalog, public, pg_temp as
$$ select coalesce((select case u.kind when 'station' then u.parent_id else u.id end
                    from public.staff s join public.units u on u.id = s.unit_id where s.id = public.staff_now() and s.active), 0) $$;
create function my_home() returns integer language sql stable security definer set search_path = pg_catalog, public, pg_temp as
$$ select coalesce((select case u.kind when 'station' then u.parent_id else u.id end
                    from public.staff s join public.units u on u.id = s.home_unit_id where s.id = public.staff_now() and s.active), 0) $$;
create function i_am(roles text[]) returns boolean language sql stable security definer set search_path = pg_catalog, public, pg_temp as
$$ select exists (select from public.staff_roles r join public.staff s on s.id = r.staff_id
                  where s.id = public.staff_now() and s.active and r.role = any (roles)) $$;

-- Opens a person's transaction: checks the session, notes the person, takes the restricted role. One row, or none
-- when the session is unknown, ended or too old.
create function staff_enter(token_hash bytea)
returns table (staff_id integer, login text, name text, unit_id integer, unit_name text, home_unit_id integer, roles text[],
               must_change boolean)
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  who integer;
begin
  update public.staff_sessions ss set seen_at = now()
    where ss.token_hash = staff_enter.token_hash and ss.ended_at is null and ss.expires_at > now()
      and ss.seen_at + ss.idle > now() and ss.seen_at < now() - interval '1 minute';
  select s.id into who from public.staff_sessions ss join public.staff s on s.id = ss.staff_id
    where ss.token_hash = staff_enter.token_hash and ss.ended_at is null and ss.expires_at > now() and s.active
      and ss.seen_at + ss.idle > now();
  if who is null then return; end if;
  -- A statement of its own: as a condition of the query the planner could set it for every row it looks at.
  perform set_config('msd.staff', who::text, true);
  return query
    select s.id, s.login, s.name, s.unit_id, u.name, s.home_unit_id,
           (select coalesce(array_agg(r.role order by r.role), '{}') from public.staff_roles r where r.staff_id = s.id), s.must_change
    from public.staff s join public.units u on u.id = s.unit_id where s.id = who;
end $$;

grant usage on schema public to mashangdu_gateway, mashangdu_staff;
revoke create on schema public from public;

-- The running gateway.
grant select on units, plaques, categories, routing_words, calendar_years, calendar_days, staff, staff_roles, staff_sessions, channels
  to mashangdu_gateway;
grant usage on id_blocks to mashangdu_gateway;
grant select, insert on feedback, acts, audit_log to mashangdu_gateway;
grant select on events to mashangdu_gateway;
grant select, insert, update on cases, outbox to mashangdu_gateway;
grant select, insert on case_units, case_shares to mashangdu_gateway;
grant update (state) on plaques to mashangdu_gateway;
grant update (failures, locked_until, password_hash, must_change) on staff to mashangdu_gateway;
grant insert, update (seen_at, ended_at) on staff_sessions to mashangdu_gateway;
revoke execute on function events_append, staff_enter from public;
grant execute on function events_append to mashangdu_gateway, mashangdu_staff;
grant execute on function staff_enter to mashangdu_gateway;

-- A person of the staff, inside a transaction of the gateway. Raw words, contact and receipts are out of reach.
grant select on units, plaques, categories, calendar_years, calendar_days to mashangdu_staff;
grant select on cases to mashangdu_staff;
grant update (version, state, category, level, urgency, unit_id, about_unit_id, limit_amount, flags, held, triage, round, rung, ending,
              handler_id, asker_id, asked_amount, pause_cause, pause_until, held_since, callback_tries, callback_day, merged_from,
              merged_into, assigned_at, signed_at, replied_at, closed_at, handling_due, due_at, due_clock) on cases to mashangdu_staff;
grant select, insert on case_units, case_shares to mashangdu_staff;
grant select (id, received_at, channel, plaque, nature_said, rating, masked, case_id, decision, sent_at) on feedback to mashangdu_staff;
grant select, insert on acts to mashangdu_staff;
grant insert on audit_log, outbox to mashangdu_staff;
grant select (id, login, name, unit_id, home_unit_id, active) on staff to mashangdu_staff;

alter table cases enable row level security;
alter table feedback enable row level security;
alter table acts enable row level security;
alter table events enable row level security;
create policy gateway on cases to mashangdu_gateway using (true) with check (true);
create policy gateway on feedback to mashangdu_gateway using (true) with check (true);
create policy gateway on acts to mashangdu_gateway using (true) with check (true);
create policy gateway on events to mashangdu_gateway using (true);

-- P4 and P5. Scalar sub-selects are evaluated once per query, not per row.
--   the four groups and leaders: everything that is not confidential
--   追责问责组: everything
--   a unit: what is assigned or co-assigned to it, once a person or the router has assigned it and nobody holds it
--   a person: what was shared by name
--   nobody, in any post: a report that names the unit they act for or come from
create policy staff_sees on cases for select to mashangdu_staff using (
  id = (select writing_now()) or (
  (nature <> 'report' or about_unit_id is null
   or (about_unit_id <> (select my_unit()) and about_unit_id <> (select my_home())))
  and ((select i_am('{accountability}'))
       or (not confidential and (select i_am('{coordinator,supervisor,registry,callback,leader}')))
       or (not held and state <> 'discovered' and (select i_am('{handler,unit_leader}'))
           and (unit_id = (select my_unit()) or id in (select case_id from case_units where unit_id = (select my_unit()))))
       or id in (select case_id from case_shares where staff_id = (select staff_now())))));
create policy staff_acts_on on cases for update to mashangdu_staff using (
  (nature <> 'report' or about_unit_id is null
   or (about_unit_id <> (select my_unit()) and about_unit_id <> (select my_home())))
  and ((select i_am('{accountability}'))
       or (not confidential and (select i_am('{coordinator,supervisor,registry,callback}')))
       or (not held and state <> 'discovered' and (select i_am('{handler,unit_leader}'))
           and (unit_id = (select my_unit()) or id in (select case_id from case_units where unit_id = (select my_unit()))))
       or id in (select case_id from case_shares where staff_id = (select staff_now()))))
  with check (true);
create policy staff_sees on feedback for select to mashangdu_staff using (exists (select from cases c where c.id = feedback.case_id));
create policy staff_sees on acts for select to mashangdu_staff using (exists (select from cases c where c.id = acts.case_id));
create policy staff_writes on acts for insert to mashangdu_staff
  with check (staff_id = (select staff_now()) and actor = 'staff' and exists (select from cases c where c.id = acts.case_id));

-- History cannot be rewritten, whoever asks: not even by a mistake of a tool that runs as the owner.
create function history_is_fixed() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'MSD20';
end $$;
create trigger history_is_fixed before update or delete or truncate on feedback for each statement execute function history_is_fixed();
create trigger history_is_fixed before update or delete or truncate on acts for each statement execute function history_is_fixed();
create trigger history_is_fixed before update or delete or truncate on events for each statement execute function history_is_fixed();
create trigger history_is_fixed before update or delete or truncate on audit_log for each statement execute function history_is_fixed();
