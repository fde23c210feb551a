-- The steps of the desk of people and units, each by its function of 0028, which asks who asks: one statement for all of them, which
-- answers with the person or unit as it is then.

create function people_step(of_staff integer, b jsonb) returns jsonb language plpgsql volatile security definer
  set search_path = pg_catalog, public, pg_temp as $$
declare
  roles constant text[] := array(select jsonb_array_elements_text(case jsonb_typeof(b->'roles') when 'array' then b->'roles' else '[]' end));
  post constant integer := b->>'post';
begin
  perform public.people_keeper();
  if post is not null and not exists (select from public.posts p where p.id = post and p.staff_id = of_staff) then
    raise exception 'no post % of person %', post, of_staff using errcode = 'MSD46';
  end if;
  case b->>'step'
    when 'change' then perform public.person_change(of_staff, b->>'name', (b->>'home')::integer);
    when 'activate' then perform public.person_active(of_staff, true);
    when 'deactivate' then perform public.person_active(of_staff, false);
    when 'unlock' then perform public.person_unlock(of_staff);
    when 'post_add' then
      perform public.post_add(of_staff, (b->>'unit')::integer, b->>'title', roles, (b->>'begins_at')::timestamptz, (b->>'ends_at')::timestamptz);
    when 'post_end' then perform public.post_end(post, (b->>'ends_at')::timestamptz);
    when 'post_roles' then perform public.post_roles_set(post, roles);
    else raise exception 'no such step' using errcode = 'MSD48';
  end case;
  return public.person_shown(of_staff);
end $$;

create function unit_shown(of_unit integer) returns jsonb language sql stable as $$
  select jsonb_build_object('id', u.id, 'code', u.code, 'kind', u.kind, 'name', u.name, 'short_name', u.short_name, 'aliases', to_jsonb(u.aliases),
    'parent', (select jsonb_build_object('id', p.id, 'name', p.short_name) from units p where p.id = u.parent_id),
    'phone', u.phone, 'hours', u.hours, 'address', u.address, 'duties', u.duties, 'since', u.since, 'retired_on', u.retired_on,
    'successor', (select jsonb_build_object('id', n.id, 'name', n.short_name) from units n where n.id = u.successor_id))
  from units u where u.id = of_unit $$;
create function unit_step(of_unit integer, b jsonb) returns jsonb language plpgsql volatile security definer
  set search_path = pg_catalog, public, pg_temp as $$
begin
  case b->>'step'
    when 'change' then perform public.unit_change(of_unit, b->>'name', b->>'short_name', b->>'phone', b->>'hours', b->>'address');
    when 'retire' then perform public.unit_retire(of_unit, (b->>'successor')::integer);
    else raise exception 'no such step' using errcode = 'MSD48';
  end case;
  return public.unit_shown(of_unit);
end $$;
-- The tree as it stands in the register, with what has gone; contacts are those of the unit, never of a person.
create function units_shown() returns jsonb language sql stable as $$
  select coalesce(jsonb_agg(public.unit_shown(u.id) order by u.code collate "C"), '[]') from units u $$;
revoke execute on function people_step, unit_step from public;
grant execute on function people_step, unit_step to mashangdu_staff;
