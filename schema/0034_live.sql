-- Live desks: who has which case open, and events for what is no case.

-- --- presence ---

-- One row for each open page (socket) that has a case open, renewed by its gateway every 20 s; a row that nobody renews is over.
-- Nothing of it is history, and after a crash of the server nobody is there: unlogged.
create unlogged table presence (
  gateway  bigint not null,                      -- drawn by each gateway at its start
  socket   bigint not null,
  case_id  bigint not null,
  staff_id integer not null references staff (id),
  doing    text not null check (doing in ('look', 'write')),
  since    timestamptz not null default now(),
  until    timestamptz not null,
  primary key (gateway, socket)
);
create index presence_case on presence (case_id);
create index presence_until on presence (until);
alter table presence enable row level security;  -- no policy: the functions below alone read and write it

-- May this transaction's person know who else is at a case? Whoever sees it; a confidential one only when the look was given a
-- reason and logged today, as the page demands.
create function presence_may(one bigint) returns boolean language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select public.staff_now() <> 0 and public.case_seen(one)
    and ((select not c.confidential from public.cases c where c.id = one)
         or exists (select from public.audit_log l where l.case_id = one and l.staff_id = public.staff_now() and l.at > now() - interval '12 hours')) $$;

-- Numbers alone, for gateways: which case, and whose word it was.
create function presence_told(of_case bigint, by_gateway bigint, by_socket bigint) returns boolean language plpgsql volatile set search_path = pg_catalog, public, pg_temp as $$
begin
  perform pg_notify('msd_presence', of_case || ' ' || by_gateway || ' ' || by_socket);
  return true;
end $$;

-- What a page says of itself, and who else has the case open: a JSON array of at most twenty, each person once, who writes first. NULL:
-- not theirs to see; then their row is gone too. Tells the other gateways only when something has changed.
create function presence_take(by_gateway bigint, by_socket bigint, of_case bigint, now_doing text) returns text
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  me constant integer := public.staff_now();
  was public.presence;
begin
  select * into was from public.presence p where p.gateway = by_gateway and p.socket = by_socket;
  if not public.presence_may(of_case) then
    delete from public.presence p where p.gateway = by_gateway and p.socket = by_socket;
    if was.case_id is not null then perform public.presence_told(was.case_id, by_gateway, by_socket); end if;
    return null;
  end if;
  if (was.case_id, was.doing, was.staff_id) is distinct from (of_case, now_doing, me) then
    insert into public.presence as p (gateway, socket, case_id, staff_id, doing, until)
      values (by_gateway, by_socket, of_case, me, now_doing, now() + interval '60 seconds')
      on conflict (gateway, socket) do update set case_id = excluded.case_id, staff_id = excluded.staff_id, doing = excluded.doing, until = excluded.until,
        since = case when p.case_id = excluded.case_id and p.doing = excluded.doing then p.since else now() end;
    perform public.presence_told(of_case, by_gateway, by_socket);
    if was.case_id <> of_case then perform public.presence_told(was.case_id, by_gateway, by_socket); end if;
  end if;
  return (
    select coalesce(json_agg(json_build_object('staff', x.staff_id, 'name', x.name, 'unit', x.unit, 'doing', x.doing, 'since', x.since)
                             order by x.doing desc, x.since, x.staff_id), '[]')
    from (select distinct on (p.staff_id) p.staff_id, s.name, coalesce(u.short_name, u.name) as unit, p.doing, p.since
          from public.presence p join public.staff s on s.id = p.staff_id join public.units u on u.id = s.unit_id
          where p.case_id = of_case and p.until > now() and p.staff_id <> me
          order by p.staff_id, p.doing desc, p.since limit 20) x)::text;
end $$;

create function presence_leave(by_gateway bigint, sockets bigint[]) returns bigint language sql volatile security definer
  set search_path = pg_catalog, public, pg_temp as $$
  with gone as (delete from public.presence p where p.gateway = by_gateway and p.socket = any (sockets) returning p.case_id, p.socket)
  select count(public.presence_told(g.case_id, by_gateway, g.socket)) from gone g $$;

-- Renews the rows of living sockets, and takes away what no gateway has renewed.
create function presence_keep(by_gateway bigint, sockets bigint[]) returns bigint language sql volatile security definer
  set search_path = pg_catalog, public, pg_temp as $$
  with kept as (update public.presence p set until = now() + interval '60 seconds' where p.gateway = by_gateway and p.socket = any (sockets)),
       gone as (delete from public.presence p where p.until <= now() and not (p.gateway = by_gateway and p.socket = any (sockets))
                returning p.case_id, p.gateway, p.socket)
  select count(public.presence_told(g.case_id, g.gateway, g.socket)) from gone g $$;

revoke execute on function presence_may, presence_told, presence_take, presence_leave, presence_keep from public;
grant execute on function presence_take to mashangdu_staff;
grant execute on function presence_leave, presence_keep to mashangdu_gateway;

-- --- what is no case ---

-- An event 'desk.…' says that something of that kind has changed and carries nothing of it: who has the desk open asks again, under
-- their own rights. The hub sends it to the office and to the unit that it names (gateway/hub.c has who else hears of which).
-- One for each kind and unit in a transaction, written when everything else is: numbers of events are given last (events_append).
create function desk_event(kind text, unit integer, hidden integer, secret boolean) returns void language plpgsql volatile security definer
  set search_path = pg_catalog, public, pg_temp as $$
declare
  told constant text := coalesce(current_setting('msd.told', true), '');
  word constant text := format('%s %s %s %s;', kind, unit, hidden, secret);
begin
  if strpos(told, word) > 0 or length(told) > 4000 then return; end if;
  perform set_config('msd.told', told || word, true);
  perform public.events_append(array[kind], array[null::bigint], array[unit], array[hidden], array[secret], array['{}'::jsonb]);
end $$;

-- The kind is the trigger's argument; whose it is depends on the table.
create function desk_told() returns trigger language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  kind text := tg_argv[0];
  unit integer;
  hidden integer;
  secret boolean := false;
begin
  case tg_table_name
    when 'services', 'policies' then unit := public.whole_unit(new.unit_id);
    when 'kiosks' then unit := public.window_unit(new.plaque);
    when 'publications', 'visits' then unit := public.whole_unit(new.unit_id);
    -- A whole district is issued from the command line: the office hears of it once.
    when 'plaque_acts' then unit := case when new.staff_id is not null then public.plaque_unit(new.number) end;
    when 'inspections' then hidden := public.whole_unit(new.unit_id);
    when 'inspection_outcomes' then hidden := (select public.whole_unit(i.unit_id) from public.inspections i where i.id = new.inspection_id);
    when 'monitors' then secret := new.track = 'integrity';
    when 'monitor_returns' then secret := (select m.track = 'integrity' from public.monitors m where m.id = new.monitor_id);
    when 'findings' then
      -- Behind the commit that stored the problem: the pages of its source show it from now on.
      if new.meeting_id is not null then kind := 'desk.meetings';
      elsif new.inspection_id is not null then
        kind := 'desk.inspections';
        hidden := (select public.whole_unit(i.unit_id) from public.inspections i where i.id = new.inspection_id);
      elsif new.return_id is not null then
        kind := 'desk.monitors';
        secret := (select m.track = 'integrity' from public.monitor_returns r join public.monitors m on m.id = r.monitor_id where r.id = new.return_id);
      else return null;
      end if;
    when 'incoming' then
      if new.letter_id is not null then
        perform public.letter_told(new.letter_id);
        return null;
      end if;
    else null;
  end case;
  perform public.desk_event(kind, unit, hidden, secret);
  return null;
end $$;
revoke execute on function desk_event, desk_told from public;

create constraint trigger desk_told after insert or update on meetings deferrable initially deferred for each row execute function desk_told('desk.meetings');
create constraint trigger desk_told after insert on meeting_minutes deferrable initially deferred for each row execute function desk_told('desk.meetings');
create constraint trigger desk_told after insert on meeting_measures deferrable initially deferred for each row execute function desk_told('desk.meetings');
create constraint trigger desk_told after insert on findings deferrable initially deferred for each row execute function desk_told('desk.findings');
create constraint trigger desk_told after insert or update on inspections deferrable initially deferred for each row execute function desk_told('desk.inspections');
create constraint trigger desk_told after insert on inspection_outcomes deferrable initially deferred for each row execute function desk_told('desk.inspections');
create constraint trigger desk_told after insert or update on monitors deferrable initially deferred for each row execute function desk_told('desk.monitors');
create constraint trigger desk_told after insert on monitor_returns deferrable initially deferred for each row execute function desk_told('desk.monitors');
create constraint trigger desk_told after insert on plaque_acts deferrable initially deferred for each row execute function desk_told('desk.plaques');
create constraint trigger desk_told after update of settled_at on plaque_alarms deferrable initially deferred for each row execute function desk_told('desk.plaques');
create constraint trigger desk_told after insert on services deferrable initially deferred for each row execute function desk_told('desk.ratings');
create constraint trigger desk_told after insert or update of revoked_at on kiosks deferrable initially deferred for each row execute function desk_told('desk.ratings');
create constraint trigger desk_told after insert or update on publications deferrable initially deferred for each row execute function desk_told('desk.publications');
create constraint trigger desk_told after insert or update on visits deferrable initially deferred for each row execute function desk_told('desk.visits');
create constraint trigger desk_told after insert or update on policies deferrable initially deferred for each row execute function desk_told('desk.policies');
create constraint trigger desk_told after insert on message_templates deferrable initially deferred for each row execute function desk_told('desk.wording');
create constraint trigger desk_told after insert or update on channels deferrable initially deferred for each row execute function desk_told('channel.changed');
create constraint trigger desk_told after insert on incoming deferrable initially deferred for each row execute function desk_told('letter.entered');
create constraint trigger desk_told after insert or update on units deferrable initially deferred for each row execute function desk_told('desk.register');
create constraint trigger desk_told after insert or update on categories deferrable initially deferred for each row execute function desk_told('desk.register');
create constraint trigger desk_told after insert on calendar_versions deferrable initially deferred for each row execute function desk_told('desk.register');
create constraint trigger desk_told after insert or update of name, unit_id, home_unit_id, active on staff deferrable initially deferred for each row
  execute function desk_told('desk.people');
create constraint trigger desk_told after insert or delete on post_roles deferrable initially deferred for each row execute function desk_told('desk.people');
