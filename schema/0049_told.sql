-- Who hears of a case beside the unit that has it and the office: the units that help with it and the people it was shared with by name
-- (schema/0004_rights.sql lets them see it). What the hub asks of each event's case: " u12 u44 s7 ", or null, which is the rule.
create function told_too(of_case bigint) returns text language sql stable security definer set search_path = pg_catalog, public, pg_temp
  set enable_seqscan = off as $$
  select ' ' || string_agg(x.who, ' ' order by x.who) || ' ' from (
    select 'u' || cu.unit_id from public.case_units cu where cu.case_id = of_case
    union all select 's' || cs.staff_id from public.case_shares cs where cs.case_id = of_case) x (who) $$;
revoke execute on function told_too from public;
grant execute on function told_too to mashangdu_gateway;
