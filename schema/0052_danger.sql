-- Danger is told whatever it stands in. A case of level 1 that may not be told (a report, a confidential case, an allegation that a person
-- has to look at first) is told to the duty groups without a word, a number or a unit of it: that something waits, no more. Likewise when
-- a case comes to level 1 later, by a clerk or by what the citizen adds.

-- Whether an event is of a danger that was not there before: `raised` stands in it when the act took the case to level 1.
create function notice_urgent(e events) returns boolean language sql immutable set search_path = pg_catalog, public, pg_temp as $$
  select coalesce(e.data->>'level' = '1' and (e.kind = 'case.opened' or e.kind = 'case.changed' and (e.data->>'raised')::boolean), false) $$;
-- true: it may be told; null: that there is one may; false: nothing.
create function notice_told(e events) returns boolean language sql stable set search_path = pg_catalog, public, pg_temp as $$
  select case when public.notice_tellable(e) then true when public.notice_urgent(e) then null else false end $$;

-- As in 0017, with that third answer.
create or replace function notices_claim(names text[], seconds float8, most integer)
returns table (run bigint, channel text, last bigint, upto bigint, seq bigint, at timestamptz, kind text, unit_id integer, tellable boolean,
               data jsonb, serial text, letter_kind text, letter_rung integer)
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp set enable_seqscan = off as $$
#variable_conflict use_column
declare
  w public.notice_runs;
begin
  select r.* into w from public.notice_runs r join public.channels c on c.name = r.channel and c.active
    where r.channel = any (names) and r.ended_at is null and r.claimed_until <= now()
      and (r.upto is not null or r.last < (select h.last from public.event_head h))
    order by r.claimed_until, r.id limit 1 for update of r skip locked;
  if not found then return; end if;
  update public.notice_runs r set claimed_until = now() + make_interval(secs => seconds) where r.id = w.id;
  return query
    select w.id, w.channel, w.last, w.upto, e.seq, e.at, e.kind, e.unit_id, public.notice_told(e), e.data, l.serial, l.kind, l.rung::integer
    from (select) as one left join lateral (select * from public.events v where v.seq > w.last and (w.upto is null or v.seq <= w.upto) order by v.seq limit most) e on true
    left join public.letters l on e.kind = 'letter.changed' and l.id = (e.data->>'id')::bigint
    order by e.seq;
end $$;

-- As in 0017, but that a wordless notice goes as long as its event is one of danger.
create or replace function outbox_hushed(purpose text, key text, of_case bigint) returns boolean language sql stable security definer
  set search_path = pg_catalog, public, pg_temp set enable_seqscan = off as $$
  select case
    when key ~ '^event:[0-9]{1,18}:case[.]duty:' then
      not coalesce((select public.notice_urgent(e) from public.events e where e.seq = split_part(key, ':', 2)::bigint), false)
    when key ~ '^event:[0-9]{1,18}:' then
      not coalesce((select public.notice_tellable(e) from public.events e where e.seq = split_part(key, ':', 2)::bigint), false)
    when purpose in ('notice', 'survey') then exists (select from public.cases c where c.id = of_case and c.confidential)
      or (purpose = 'survey' and key ~ '^survey:[0-9]{1,18}:[0-9]{1,18}$' and not exists (
        select from public.acts a join public.callbacks k on k.case_id = a.case_id and k.made_at = a.at
        where a.id = split_part(key, ':', 2)::bigint and k.feedback_id = split_part(key, ':', 3)::bigint and k.state = 'due'))
    else false end
$$;
revoke execute on function notice_urgent, notice_told from public;

-- As in 0049, but that no unit hears of a case that is held: an allegation in what the citizen added is looked at by 追责问责组 first.
create or replace function told_too(of_case bigint) returns text language sql stable security definer set search_path = pg_catalog, public, pg_temp
  set enable_seqscan = off as $$
  select ' ' || string_agg(x.who, ' ' order by x.who) || ' ' from (
    select 'u' || cu.unit_id from public.case_units cu where cu.case_id = of_case and not exists (select from public.cases c where c.id = of_case and c.held)
    union all select 's' || cs.staff_id from public.case_shares cs where cs.case_id = of_case) x (who) $$;
-- The triage desk finds them in whatever state they are.
create index cases_held on cases (state) where held;
