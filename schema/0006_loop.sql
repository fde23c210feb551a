-- The whole loop: what the clock has to do next, more than one reporter to ask, the unit that had it first, the organ above
-- that handles while a unit here keeps track.

alter table cases drop constraint cases_flags_check, drop constraint cases_ending_check;
alter table cases
  add constraint cases_flags_check check (flags <@ array['paused', 'pause_asked', 'supervised', 'return_asked', 'extension_asked',
    'ruled', 'extended', 'endorsed', 'answered', 'tried_twice', 'confidential', 'transferred', 'late', 'more_to_ask']),
  add constraint cases_ending_check check (ending in ('none', 'solved', 'silence', 'refused', 'transferred')),
  add column warn_at timestamptz,                -- three quarters of the running clock's time have gone
  add column next_at timestamptz,                -- when the clock acts by itself; null: never on this case
  add column next_act text check (next_act in ('supervise', 'propose', 'overdue', 'resume', 'settle')),
  add column next_rung smallint not null default 0 check (next_rung between 0 and 7),
  add column claimed_until timestamptz,          -- a gateway is firing next_act; not before then another one
  add column proposed smallint not null default 0 check (proposed between 0 and 7),  -- highest rung prepared by the clock
  add column extended integer not null default 0 check (extended between 0 and limit_amount), -- granted in this round
  add column asked_at timestamptz,               -- when the request that waits for an answer was made
  add column first_unit_id integer,              -- 首接单位: what unit_id once was, so it needs no check of its own
  add column higher text check (length(higher) between 2 and 100),  -- the organ above that handles it; unit_id keeps track
  add constraint cases_next_whole check ((next_at is null) = (next_act is null));
create index cases_next on cases (next_at) where next_at is not null;
comment on column cases.extended is 'same unit as limit_amount';

-- Rows from before: the clock looks at each open one once, computes what comes next, and does only what is owed.
update cases set first_unit_id = unit_id where assigned_at is not null;
update cases set next_at = now(), next_act = 'settle' where state in ('discovered', 'assigned', 'handling', 'replied', 'verifying');

grant update (warn_at, next_at, next_act, next_rung, claimed_until, proposed, extended, asked_at, first_unit_id, higher)
  on cases to mashangdu_staff;

-- Acts that belong together are stored together: a call that writes several ends with this.
create function acts_required(ids bigint[]) returns void language plpgsql stable security definer
  set search_path = pg_catalog, public, pg_temp as $$
begin
  if (select count(*) from public.acts a where a.id = any (ids) and public.staff_now() in (0, a.staff_id)) <> cardinality(ids) then
    raise exception 'an act of several was not stored' using errcode = 'MSD40';
  end if;
end $$;
revoke execute on function acts_required from public;
grant execute on function acts_required to mashangdu_gateway, mashangdu_staff;
