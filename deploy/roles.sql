-- Run once per cluster by a superuser, before `mashangdu migrate`. Three roles, so that no bug of the running
-- gateway can rewrite history or widen what a person sees:
--   mashangdu_owner    owns the schema; only `migrate`, `import` and the other tools log in with it
--   mashangdu_gateway  the running gateway; owns nothing, cannot update or delete acts, feedback, events
--   mashangdu_staff    never logs in; the gateway takes this role inside every transaction made for a person,
--                      under row-level security
do $$
begin
  if not exists (select from pg_roles where rolname = 'mashangdu_owner') then create role mashangdu_owner login; end if;
  if not exists (select from pg_roles where rolname = 'mashangdu_gateway') then create role mashangdu_gateway login; end if;
  if not exists (select from pg_roles where rolname = 'mashangdu_staff') then create role mashangdu_staff nologin; end if;
  grant mashangdu_staff to mashangdu_gateway;
  -- The gateway takes the staff role by name; it must not have its rights without asking.
  alter role mashangdu_gateway noinherit;
  -- Its queries are short; compiling one of them took longer than the query itself.
  alter role mashangdu_gateway set jit = off;
end $$;
