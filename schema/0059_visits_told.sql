-- A booking is the unit's that has its case until a unit has confirmed it: who calls it off or changes it tells that unit's open
-- pages too. Of a case that is held or confidential the office alone hears, as before.
create function visit_told() returns trigger language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  perform public.desk_event('desk.visits', public.whole_unit(coalesce(new.unit_id, public.visit_case_unit(new.feedback_id))), null, false);
  return null;
end $$;
revoke execute on function visit_told from public;
drop trigger desk_told on visits;
create constraint trigger desk_told after insert or update on visits deferrable initially deferred for each row execute function visit_told();
