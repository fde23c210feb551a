-- A session ends where nobody is, not where nothing is asked: pages ask by themselves. attended: seconds since a person touched the page
-- that asks, null when the request tells of nobody. seen_at is when somebody was there last, as far as it was told.

-- As in 0028, but for who extends. Written once a minute at the most, or six times in an idle time that is short. Towards its end it is
-- made exact, so that the page, which counts from the last touch itself, and the gateway end it together; five seconds are the way of a
-- request and the rounding. A session that has ended is not called back by what is told later.
drop function staff_enter(bytea, text[]);
create function staff_enter(token_hash bytea, allowed text[], attended integer)
returns table (staff_id integer, login text, name text, unit_id integer, unit_name text, home_unit_id integer, roles text[],
               must_change boolean, post_id integer, post text, ties integer[])
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  who integer;
  acting integer;
begin
  if attended between 0 and 86400 then
    update public.staff_sessions ss set seen_at = now() - make_interval(secs => attended)
      where ss.token_hash = staff_enter.token_hash and ss.ended_at is null and ss.expires_at > now() and ss.seen_at + ss.idle > now()
        and now() - make_interval(secs => attended) > ss.seen_at
          + case when ss.seen_at + ss.idle - now() < least(ss.idle / 3, interval '5 minutes') then interval '5 seconds'
                 else least(ss.idle / 6, interval '1 minute') end;
  end if;
  select s.id, (select p.id from public.posts p where p.id = ss.post_id and p.staff_id = s.id and public.post_runs(p)) into who, acting
    from public.staff_sessions ss join public.staff s on s.id = ss.staff_id
    where ss.token_hash = staff_enter.token_hash and ss.ended_at is null and ss.expires_at > now() and s.active
      and ss.seen_at + ss.idle > now();
  if who is null then return; end if;
  if acting is null then
    acting := public.post_of_choice(who);
    if acting is null then return; end if;
    update public.staff_sessions ss set post_id = acting where ss.token_hash = staff_enter.token_hash;
  end if;
  -- Statements of their own: as a condition of the query the planner could set it for every row it looks at.
  perform set_config('msd.staff', who::text, true), set_config('msd.post', acting::text, true);
  if allowed is not null and not public.i_am(allowed) then
    raise exception 'post % of person % does not come through this door', acting, who using errcode = 'MSD35';
  end if;
  return query
    select s.id, s.login, s.name, p.unit_id, u.name, s.home_unit_id,
           (select coalesce(array_agg(r.role order by r.role), '{}') from public.post_roles r where r.post_id = p.id), s.must_change,
           p.id, p.title, public.staff_ties(s.id)
    from public.staff s join public.posts p on p.id = acting join public.units u on u.id = p.unit_id where s.id = who;
end $$;
revoke execute on function staff_enter from public;
grant execute on function staff_enter to mashangdu_gateway;
