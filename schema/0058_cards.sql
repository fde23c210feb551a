-- A unit's card is saved over the version that was read: of two who change it at once the slower one is told, and by whom (MSD4G), instead of
-- undoing the other's words. Whatever changes the card counts, also an import or a change of units that came into force.
alter table units
  add column version    integer not null default 1 check (version >= 1),
  add column changed_at timestamptz,
  add column changed_by integer references staff (id); -- null: nobody yet, or a tool

create function unit_versioned() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  new.version := old.version + 1;
  new.changed_at := now();
  new.changed_by := nullif(public.staff_now(), 0);
  return new;
end $$;
create trigger unit_versioned before update on units for each row
  when ((old.name, old.short_name, old.phone, old.hours, old.address, old.retired_on, old.successor_id)
        is distinct from (new.name, new.short_name, new.phone, new.hours, new.address, new.retired_on, new.successor_id))
  execute function unit_versioned();

-- As in 0039, with the version and who made it.
create or replace function unit_shown(of_unit integer) returns jsonb language sql stable as $$
  select jsonb_build_object('id', u.id, 'version', u.version, 'changed_at', u.changed_at, 'changed_by', (select s.name from staff s where s.id = u.changed_by),
    'code', u.code, 'kind', u.kind, 'name', u.name, 'short_name', u.short_name, 'aliases', to_jsonb(u.aliases),
    'parent', (select jsonb_build_object('id', p.id, 'name', p.short_name) from units p where p.id = u.parent_id),
    'phone', u.phone, 'hours', u.hours, 'address', u.address, 'duties', u.duties, 'since', u.since, 'retired_on', u.retired_on,
    'successor', (select jsonb_build_object('id', n.id, 'name', n.short_name) from units n where n.id = u.successor_id))
  from units u where u.id = of_unit $$;
create or replace function unit_step(of_unit integer, b jsonb) returns jsonb language plpgsql volatile security definer
  set search_path = pg_catalog, public, pg_temp as $$
begin
  case b->>'step'
    when 'change' then
      if not public.i_am('{admin}') then raise exception 'units are kept by the system administrator' using errcode = 'MSD35'; end if;
      perform from public.units u where u.id = of_unit for no key update;
      if exists (select from public.units u where u.id = of_unit and u.version is distinct from (b->>'version')::integer) then
        raise exception 'unit % was changed since', of_unit using errcode = 'MSD4G';
      end if;
      perform public.unit_change(of_unit, b->>'name', b->>'short_name', b->>'phone', b->>'hours', b->>'address');
    when 'retire' then perform public.unit_retire(of_unit, (b->>'successor')::integer);
    else raise exception 'no such step' using errcode = 'MSD48';
  end case;
  return public.unit_shown(of_unit);
end $$;
revoke execute on function unit_versioned from public;
