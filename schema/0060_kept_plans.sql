-- A function in SQL that has a query in it and is not inlined (as none is that acts as its owner) is planned anew by every statement
-- that calls it. Under row-level security that was most of what the database did: a case that somebody of the office opens cost some
-- forty plannings, a page of the list well over a thousand. In PL/pgSQL a connection plans each of them once and keeps the plan. The
-- bodies are what they were, but for case_reporters. plan_cache_mode: the lists ask for plans of their own (their conditions come and
-- go), these do not need any. enable_seqscan: a plan that is kept since the table was small finds its rows by their key all the same.

-- Who somebody is: asked several times by every statement under row-level security.
create or replace function i_am(roles text[]) returns boolean language plpgsql stable security definer
  set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_generic_plan as $$
begin
  return (select exists (select from public.post_roles r join public.posts p on p.id = r.post_id join public.staff s on s.id = p.staff_id
                 where p.id = public.post_now() and p.staff_id = public.staff_now() and s.active and public.post_runs(p) and r.role = any (roles)));
end $$;
create or replace function my_unit() returns integer language plpgsql stable security definer
  set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_generic_plan as $$
begin
  return (select coalesce((select case u.kind when 'station' then u.parent_id else u.id end
    from public.posts p join public.staff s on s.id = p.staff_id join public.units u on u.id = p.unit_id
    where p.id = public.post_now() and p.staff_id = public.staff_now() and s.active and public.post_runs(p)), 0));
end $$;
create or replace function my_home() returns integer language plpgsql stable security definer
  set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_generic_plan as $$
begin
  return (select coalesce((select case u.kind when 'station' then u.parent_id else u.id end
                    from public.staff s join public.units u on u.id = s.home_unit_id where s.id = public.staff_now() and s.active), 0));
end $$;
create or replace function staff_ties(of_staff integer) returns integer[] language plpgsql stable security definer
  set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_generic_plan as $$
begin
  return (select array(select distinct coalesce(case when u.kind = 'station' then u.parent_id end, u.id)
    from (select s.home_unit_id as id from public.staff s where s.id = of_staff
          union select p.unit_id from public.posts p where p.staff_id = of_staff and (p.ends_at is null or p.ends_at > now())) t
    join public.units u on u.id = t.id));
end $$;
create or replace function my_ties() returns integer[] language plpgsql stable security definer
  set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_generic_plan as $$
begin
  return public.staff_ties(public.staff_now());
end $$;
create or replace function my_walls() returns integer[] language plpgsql stable security definer
  set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_generic_plan as $$
begin
  return (with recursive w (id) as (select unnest(public.staff_ties(public.staff_now())) union
    select n.id from w, lateral (select u.id from public.units u where u.successor_id = w.id
                                 union all select s.unit_id from public.unit_shares s where s.heir_id = w.id) n)
  select coalesce(array_agg(w.id), '{}') from w);
end $$;
create or replace function my_ground() returns integer[] language plpgsql stable security definer
  set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_generic_plan as $$
begin
  return (with w as (select public.my_walls() as ids)
  select w.ids || array(select u.id from public.units u where u.kind = 'station' and u.parent_id = any (w.ids)) from w);
end $$;
create or replace function my_branch() returns integer[] language plpgsql stable security definer
  set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_generic_plan as $$
begin
  return (with recursive up (id) as (
    select unnest(public.my_walls())
    union select p.id from up join public.units u on u.id = up.id join public.units p on p.id = u.parent_id where p.kind <> 'office')
  select coalesce(array_agg(w), '{}') from (
    select up.id as w from up
    union select b.id from up join public.units b on up.id = any (public.unit_heirs(b.id)) where b.retired_on is not null) x);
end $$;
create or replace function my_mail() returns integer[] language plpgsql stable security definer
  set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_generic_plan as $$
begin
  return (with recursive w (id) as (select public.my_unit() union select u.id from w join public.units u on u.successor_id = w.id where u.retired_on <= public.today_here())
  select array_agg(w.id) from w);
end $$;
create or replace function rules_seen() returns boolean language plpgsql stable security definer
  set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_generic_plan as $$
begin
  return public.i_am('{coordinator,registry,supervisor,accountability,callback,leader,admin,auditor}');
end $$;
create or replace function screens_mine() returns boolean language plpgsql stable security definer
  set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_generic_plan as $$
begin
  return public.i_am('{leader,registry,admin}');
end $$;
create or replace function examples_seen() returns boolean language plpgsql stable security definer
  set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_generic_plan as $$
begin
  return public.i_am('{coordinator,registry,leader}');
end $$;

-- Units.
create or replace function whole_unit(of_unit integer) returns integer language plpgsql stable security definer
  set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_generic_plan as $$
begin
  return (select case u.kind when 'station' then u.parent_id else u.id end from public.units u where u.id = of_unit);
end $$;
create or replace function visit_unit(id_ integer) returns integer language plpgsql stable security definer
  set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_generic_plan as $$
begin
  return (select case u.kind when 'station' then u.parent_id else u.id end from public.units u where u.id = id_);
end $$;
create or replace function unit_heirs(of_unit integer) returns integer[] language plpgsql stable security definer
  set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_generic_plan as $$
begin
  return (with recursive h (id) as (select of_unit union
    select n.id from h, lateral (select u.successor_id as id from public.units u where u.id = h.id and u.successor_id is not null
                                 union all select s.heir_id from public.unit_shares s where s.unit_id = h.id) n)
  select array_agg(h.id) from h);
end $$;
create or replace function plaque_unit(of_number text) returns integer language plpgsql stable security definer
  set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_generic_plan as $$
begin
  return (select case u.kind when 'station' then u.parent_id else u.id end from public.plaques p join public.units u on u.id = p.unit_id where p.number = of_number);
end $$;
create or replace function window_unit(number_ text) returns integer language plpgsql stable security definer
  set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_generic_plan as $$
begin
  return (select case u.kind when 'station' then u.parent_id else u.id end
   from public.plaques p join public.units u on u.id = p.unit_id where p.number = number_ and p.state in ('issued', 'active'));
end $$;
create or replace function post_called(of_post integer, of_name text) returns text language plpgsql stable
  set plan_cache_mode = force_generic_plan as $$
begin
  return (select case when right(of_name, length(l.label)) = l.label or (starts_with(of_name, l.unit) and right(of_name, length(l.title)) = l.title) then null else l.label end
  from (select u.short_name as unit, p.title, case when starts_with(p.title, u.short_name) then p.title else u.short_name || p.title end as label
        from posts p join units u on u.id = p.unit_id where p.id = of_post) l);
end $$;

-- One case, one letter, one rating: asked for each row.
create or replace function case_seen(one bigint) returns boolean language plpgsql stable security definer
  set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
begin
  return (select exists (select from public.cases c where c.id = one
    and (not c.mixed or public.i_am('{coordinator,accountability}'))
    and (c.mixed_unit_id is null or c.mixed_unit_id <> all (public.my_branch()))
    and (c.nature <> 'report' and not c.confidential or c.about_unit_id is null or c.about_unit_id <> all (public.my_walls()))
    and (c.nature <> 'report' or c.plaque_unit_id is null or c.plaque_unit_id = c.unit_id
         or c.plaque_unit_id <> all (public.my_ground()) or public.whole_unit(c.plaque_unit_id) = c.unit_id)
    and (public.i_am('{accountability}')
         or (not c.confidential and public.i_am('{coordinator,supervisor,registry,callback,leader}'))
         or (not c.held and c.state <> 'discovered' and public.i_am('{handler,unit_leader}')
             and (c.unit_id = public.my_unit()
                  or exists (select from public.case_units cu where cu.case_id = c.id and cu.unit_id = public.my_unit())))
         or exists (select from public.case_shares cs where cs.case_id = c.id and cs.staff_id = public.staff_now()))));
end $$;
-- In steps: as one query the planner took the tree, which hardly ever has a branch, for hundreds of cases and read all feedback.
create or replace function case_reporters(main bigint) returns setof bigint language plpgsql volatile security definer
  set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
declare
  tree bigint[];
begin
  if public.staff_now() <> 0 and not public.case_seen(main) then return; end if;
  tree := array(with recursive t (id) as (select main union select c.id from t join public.cases c on c.merged_into = t.id) select t.id from t);
  return query select f.id from public.feedback f where f.case_id = any (tree)
               union select p.feedback_id from public.case_parts p where p.part > 1 and p.case_id = any (tree);
end $$;
create or replace function case_extract(one bigint) returns text language plpgsql stable
  set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
begin
  return (select p.piece from case_parts p where p.case_id = one order by p.version desc limit 1);
end $$;
create or replace function feedback_whole(one bigint) returns boolean language plpgsql stable security definer
  set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
begin
  return (select not exists (select from public.case_parts p where p.feedback_id = one and not public.case_seen(p.case_id)));
end $$;
create or replace function plaque_kept_out(of_case bigint) returns integer language plpgsql stable security definer
  set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
begin
  return (select public.whole_unit(c.plaque_unit_id) from public.cases c
  where c.id = of_case and c.nature = 'report' and public.whole_unit(c.plaque_unit_id) is distinct from c.unit_id);
end $$;
create or replace function told_too(of_case bigint) returns text language plpgsql stable security definer
  set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
begin
  return (select ' ' || string_agg(x.who, ' ' order by x.who) || ' ' from (
    select 'u' || cu.unit_id from public.case_units cu where cu.case_id = of_case and not exists (select from public.cases c where c.id = of_case and c.held)
    union all select 's' || cs.staff_id from public.case_shares cs where cs.case_id = of_case) x (who));
end $$;
create or replace function visit_case_unit(feedback bigint) returns integer language plpgsql stable security definer
  set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
begin
  return (select public.visit_unit(c.unit_id) from public.feedback f join public.cases c on c.id = f.case_id
   where f.id = feedback and c.state not in ('discovered', 'merged', 'declined') and not c.held and not c.confidential);
end $$;
create or replace function seal_walled(of_case bigint) returns boolean language plpgsql stable security definer
  set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
begin
  return (select exists (select from public.cases c where c.id = of_case
    and (c.about_unit_id = any (public.my_ground())
         or (c.plaque_unit_id = any (public.my_ground()) and public.whole_unit(c.plaque_unit_id) is distinct from c.unit_id))));
end $$;
create or replace function audit_walled(of_case bigint) returns boolean language plpgsql stable security definer
  set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
begin
  return (select exists (select from public.cases c where c.id = of_case and (c.nature = 'report' or c.confidential)) and public.seal_walled(of_case));
end $$;
create or replace function audit_letter_walled(what text, told jsonb) returns boolean language plpgsql stable security definer
  set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
begin
  return (select what = 'look_letter' and exists (select from public.letters l where l.id = (told->>'letter')::bigint
                                          and (l.hidden_unit_ids || l.left_unit_ids) && public.my_walls()));
end $$;
create or replace function rating_hidden(of_case bigint) returns boolean language plpgsql stable security definer
  set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
begin
  return (select exists (select from public.cases c where c.id = of_case and (c.confidential or c.held or c.nature = 'report')));
end $$;
create or replace function rating_shown(of_feedback bigint) returns boolean language plpgsql stable security definer
  set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
begin
  return (select exists (select from public.ratings r where r.feedback_id = of_feedback and (r.case_id is null or not public.rating_hidden(r.case_id))
    and (public.i_am('{coordinator,supervisor,accountability,registry,callback,leader}')
      or (public.i_am('{handler,unit_leader}') and r.unit_id = public.my_unit()))));
end $$;
create or replace function rating_words(of_feedback bigint) returns text language plpgsql stable security definer
  set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
begin
  return (select f.masked from public.feedback f where f.id = of_feedback and public.rating_shown(of_feedback) and public.feedback_whole(of_feedback));
end $$;
create or replace function presence_may(one bigint) returns boolean language plpgsql stable security definer
  set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
begin
  return (select public.staff_now() <> 0 and public.case_seen(one)
    and ((select not c.confidential from public.cases c where c.id = one)
         or exists (select from public.audit_log l where l.case_id = one and l.staff_id = public.staff_now() and l.at > now() - interval '12 hours')));
end $$;
create or replace function notice_tellable(e events) returns boolean language plpgsql stable
  set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
begin
  return (select case
    when e.kind = 'channel.alarm' then e.case_id is null
    when e.confidential or e.hidden_unit_id is not null then false
    when e.kind in ('feedback.rated', 'burst.began', 'burst.grew', 'burst.ended', 'cause.late') then e.case_id is null
    when e.kind in ('case.opened', 'case.changed') then
      e.data->>'nature' <> 'report' and e.data->>'held' = 'false' and e.data->>'confidential' = 'false'
      and exists (select from public.cases c where c.id = e.case_id and not c.confidential and not c.held and c.nature <> 'report')
    when e.kind = 'letter.changed' then
      exists (select from public.letters l where l.id = (e.data->>'id')::bigint and not l.confidential and l.hidden_unit_ids = '{}' and l.left_unit_ids = '{}')
      and not exists (select from public.letter_cases x join public.cases c on c.id = x.case_id
        where x.letter_id = (e.data->>'id')::bigint and (c.confidential or c.held or c.nature = 'report'))
    else false end);
end $$;
create or replace function twins_one_sender(a bigint, b bigint) returns boolean language plpgsql stable security definer
  set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
begin
  return (select exists (select from public.feedback f join public.feedback_contacts x on x.feedback_id = f.id
    join public.feedback_contacts y on y.person = x.person join public.feedback g on g.id = y.feedback_id where f.case_id = a and g.case_id = b));
end $$;
