-- What follows a unit that went, once more. As in 0040: a case that followed its unit to the heir is no mistake of the router.
create or replace function route_example_put(a acts, of_case bigint, of_feedback bigint, d jsonb, kind_ text, natures boolean, places boolean)
returns void language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp set enable_seqscan = off as $$
declare
  c record;
  nature_ text;
  urgency_ text;
  changed_ text[];
begin
  select x.* into c from public.cases x where x.id = of_case;
  -- What a clerk said it should have been taken for, then or before: the case itself keeps the nature that it came with.
  nature_ := coalesce(a.data->>'nature', (select x.data->>'nature' from public.acts x where x.case_id = of_case and x.version < a.version
    and x.act = 'assign' and x.data ? 'nature' order by x.version desc limit 1), c.nature);
  urgency_ := coalesce(a.data->>'urgency', c.urgency);
  if c.confidential or c.nature = 'report' or nature_ = 'report' or d is null or not d ? 'confidence' then return; end if;
  changed_ := array_remove(array[
    case when places and public.route_said_unit(d) is not null and c.unit_id <> all (public.unit_heirs(public.route_said_unit(d)))
           or places and public.route_said_unit(d) is null and c.unit_id is not null then 'unit' end,
    case when places and c.category is distinct from d->'category'->>'code' and not coalesce((d->>'chosen')::boolean, false) then 'category' end,
    case when natures and nature_ is distinct from d->>'nature' then 'nature' end,
    case when natures and urgency_ is distinct from d->>'urgency' then 'urgency' end,
    case when places and c.level is distinct from (d->>'level')::smallint and not coalesce((d->>'chosen')::boolean, false) then 'level' end], null);
  insert into public.route_examples (at, case_id, feedback_id, act_id, kind, staff_id, said_unit, said_category, said_nature, said_urgency,
      said_level, confidence, auto, rules, model, unit_id, category, nature, urgency, level, about_unit_id, changed)
    values (a.at, of_case, of_feedback, a.id, kind_, a.staff_id, public.route_said_unit(d),
      case when not coalesce((d->>'chosen')::boolean, false) then d->'category'->>'code' end, d->>'nature', d->>'urgency',
      (d->>'level')::smallint, least(1, greatest(0, (d->>'confidence')::real)),
      exists (select from public.acts r where r.case_id = of_case and r.version = 2 and r.actor = 'router'),
      coalesce((d->>'rules')::integer, 0), coalesce((d->>'model')::integer, 0), case when places then c.unit_id end,
      case when places then c.category end, case when natures then nature_ end, case when natures then urgency_ end,
      case when places then c.level end, c.about_unit_id, changed_)
    on conflict do nothing;
  if not found or current_setting('msd.learning', true) = 'record' then return; end if;
  update public.route_totals t set n = t.n + 1
    where t.what = any (changed_) or (kind_ = 'returned' and t.what = 'returned') or (changed_ = '{}' and kind_ <> 'split' and t.what = 'confirmed');
end $$;

-- As in 0042: a text of two matters that was given out whole does not follow to the unit that its allegation names (0043 refuses it), but
-- goes where a report would.
create or replace function cases_to_follow(on_day date, most integer) returns table (case_id bigint, act text, unit_id integer, reason text)
  language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  with gone as (select u.id, u.short_name from public.units u where u.successor_id is not null and u.retired_on <= on_day),
  lead as (
    select c.id, g.short_name as was, coalesce(m.named, c.about_unit_id) as about, c.nature = 'report' or c.confidential or m.named is not null as walled,
           public.unit_heir(g.id, on_day, c.category, (select f.plaque from public.feedback f where f.case_id = c.id order by f.id limit 1), c.id) as heir
    from gone g join public.cases c on c.unit_id = g.id and c.state in ('assigned', 'handling', 'replied', 'verifying')
      left join lateral (select public.proposal_about(f.decision) as named from public.feedback f where f.case_id = c.id and f.decision ? 'proposal'
                         and not exists (select from public.case_parts p where p.case_id = c.id) order by f.id limit 1) m on true
    order by c.id limit most),
  safe as (
    select l.*, l.walled and l.about is not null and l.heir = any (public.unit_heirs(l.about)) as hits,
           (select d.id from unnest(array[public.seal_discipline(), (select u.id from public.units u where u.code = 'U000')]) d (id)
            where d.id is not null and d.id <> all (coalesce(public.unit_heirs(l.about), '{}')) limit 1) as desk
    from lead l),
  beside as (
    select c.id, g.short_name as was, public.unit_heir(g.id, on_day, c.category, null, c.id) as heir
    from gone g join public.case_units cu on cu.unit_id = g.id
      join public.cases c on c.id = cu.case_id and c.state in ('assigned', 'handling', 'replied', 'verifying')
    where not exists (select from gone x where x.id = c.unit_id)
      and not ((c.nature = 'report' or c.confidential) and c.about_unit_id is not null
               and public.unit_heir(g.id, on_day, c.category, null, c.id) = any (public.unit_heirs(c.about_unit_id)))
      and public.unit_heir(g.id, on_day, c.category, null, c.id) <> c.unit_id
      and not exists (select from public.case_units o where o.case_id = c.id and o.unit_id = public.unit_heir(g.id, on_day, c.category, null, c.id))
    order by c.id limit most)
  select s.id, 'follow', case when s.hits then s.desk else s.heir end,
         case when s.hits then '原承办单位' || s.was || '已并入或拆入被反映的单位，按规定由其他单位办理'
              else '机构调整：' || s.was || '的职责由' || n.short_name || '承接，时限不变' end
  from safe s join public.units n on n.id = s.heir where case when s.hits then s.desk else s.heir end is not null
  union all
  select b.id, 'co_assign', b.heir, '机构调整：会办单位' || b.was || '的职责由' || n.short_name || '承接'
  from beside b join public.units n on n.id = b.heir $$;

-- As in 0042: true only when a change came into force; one that cannot be is told as a fault, and the next look takes the others.
create or replace function unit_change_due(on_day_ date) returns boolean language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  c public.unit_changes;
  cause text;
  done boolean := true;
begin
  select * into c from public.unit_changes x where x.state = 'confirmed' and x.on_day <= on_day_ and x.fault is null order by x.on_day, x.id limit 1 for update skip locked;
  if not found then return false; end if;
  perform pg_advisory_xact_lock(7310022027); -- imports take the same
  begin
    perform public.unit_plan_check(c.kind, c.plan, c.on_day, c.id);
    perform public.unit_change_do(c);
    update public.unit_changes x set state = 'in_force', settled_at = now() where x.id = c.id;
    perform public.unit_change_told('unit_change_in_force', c.id, jsonb_build_object('kind', c.kind, 'on', c.on_day, 'plan', c.plan));
  exception when others then
    done := false;
    if left(sqlstate, 2) in ('40', '55', '57') then raise; end if; -- somebody was in the way: the next look
    get stacked diagnostics cause = constraint_name;
    cause := coalesce(nullif(cause, ''), sqlerrm);
    update public.unit_changes x set fault = left(cause, 200) where x.id = c.id; -- stays confirmed: a person cancels it and plans again
    perform public.unit_change_told('unit_change_failed', c.id, jsonb_build_object('fault', left(cause, 200)));
  end;
  return done;
end $$;
