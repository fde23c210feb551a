-- A text that holds an allegation and another matter waits to be split (gateway/proposal.h). Until it is, nobody can give it whole to the
-- unit that the allegation names, whatever the rest is about.
create function acts_mixed() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  named integer;
begin
  select (f.decision->'proposal'->'report'->'about_unit'->>'id')::integer into named
    from public.feedback f where f.case_id = new.case_id and f.decision ? 'proposal' order by f.id limit 1;
  if named is not null and new.unit_id = any (public.unit_heirs(named))
     and not exists (select from public.case_parts p where p.case_id = new.case_id) then
    raise exception 'a report never goes to the unit it names' using errcode = 'MSD32';
  end if;
  return new;
end $$;
revoke execute on function acts_mixed() from public;
create trigger acts_mixed before insert on acts for each row when (new.act in ('assign', 'co_assign', 'follow')) execute function acts_mixed();
