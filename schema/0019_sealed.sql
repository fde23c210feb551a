-- Reports (举报) that only their readers can read: public keys, wrapped secrets, sealed messages and the envelopes of their keys
-- (docs/sealing.md). Nothing here is plaintext; whoever has every table and the gateway's master key reads nothing. Staff come to
-- these rows by the functions below alone, which look at post, unit and wall themselves and leave a row in audit_log.

-- Which unit is the discipline unit: the gateway writes its setting discipline_unit here, so that the rule stands beside the rows.
create table seal_rules (
  one  boolean primary key default true check (one),
  unit text not null default ''              -- code of the unit; '': none, the group discipline has no members
);
insert into seal_rules default values;

-- Public keys (X25519) that reports are sealed to. The newest version of each owner is current.
create table seal_keys (
  id         integer primary key generated always as identity,
  owner      text not null check (owner in ('group:discipline', 'group:accountability', 'escrow')),
  version    integer not null check (version > 0),
  public_key bytea not null check (length(public_key) = 32),
  created_at timestamptz not null default now(),
  created_by integer references staff (id),  -- null: a tool of the owner
  reason     text check (length(reason) between 2 and 500),
  unique (owner, version),
  check ((owner = 'escrow') = (created_by is null))
);

-- An officer's own key, made in the browser: the secret is wrapped under a passphrase that never leaves it.
create table seal_officers (
  staff_id   integer not null references staff (id),
  version    integer not null check (version > 0),
  public_key bytea not null check (length(public_key) = 32),
  wrapped    bytea not null check (length(wrapped) = 72),      -- nonce 24, box 32 + 16
  kdf        jsonb not null check (kdf->>'alg' = 'argon2id13' and pg_column_size(kdf) < 1000),
  created_at timestamptz not null default now(),
  primary key (staff_id, version)
);

-- A group's secret, sealed to a member's own key or (staff_id null) to an escrow key.
create table seal_wraps (
  id              bigint primary key generated always as identity,
  key_id          integer not null references seal_keys (id),
  staff_id        integer,
  officer_version integer,
  escrow_id       integer references seal_keys (id),
  wrapped         bytea not null check (length(wrapped) = 80),  -- crypto_box_seal of 32 bytes
  created_at      timestamptz not null default now(),
  created_by      integer references staff (id),
  foreign key (staff_id, officer_version) references seal_officers (staff_id, version),
  check (num_nonnulls(staff_id, escrow_id) = 1 and (staff_id is null) = (officer_version is null)),
  unique nulls not distinct (key_id, staff_id, officer_version, escrow_id)
);

-- A sealed report: the reporter's public key, and the salt that makes its secret from the receipt.
create table sealed_reports (
  feedback_id bigint primary key references feedback (id),
  salt        bytea not null check (length(salt) = 16),
  public_key  bytea not null check (length(public_key) = 32)
);

create table sealed_messages (
  id          bigint primary key,             -- made by the gateway, like those of feedback
  feedback_id bigint not null references sealed_reports (feedback_id),
  case_id     bigint not null references cases (id),
  at          timestamptz not null,
  author      text not null check (author in ('reporter', 'officer')),
  staff_id    integer references staff (id),
  dedupe      text not null check (length(dedupe) between 1 and 200),
  body        bytea not null check (length(body) between 1000 and 200000 or length(body) = 0),  -- empty: erased by rule
  check ((author = 'officer') = (staff_id is not null)),
  unique (feedback_id, dedupe)
);
create index sealed_messages_case on sealed_messages (case_id, id);

-- The key of a message, sealed to one reader: a key above, or (key_id null) the reporter.
create table sealed_envelopes (
  message_id bigint not null references sealed_messages (id) on delete cascade,
  key_id     integer references seal_keys (id),
  sealed     bytea not null check (length(sealed) = 80),
  unique nulls not distinct (message_id, key_id)
);
create index sealed_envelopes_key on sealed_envelopes (key_id, message_id);

-- Which stored bytes belong to a sealed message: for the check of who may fetch them and for the sweep of what belongs to nothing.
create table sealed_files (
  hash       bytea not null check (length(hash) = 32),
  message_id bigint not null references sealed_messages (id) on delete cascade,
  size       bigint not null check (size > 0),
  primary key (hash, message_id)
);
create index sealed_files_message on sealed_files (message_id);

-- A sealed report keeps nothing beside its seal: asked here, whoever writes it.
create function sealed_report_whole() returns trigger language plpgsql set enable_seqscan = off as $$
begin
  if not exists (select from feedback f where f.id = new.feedback_id and f.words ~ '^sealed:[0-9a-f]{64}$' and f.clean = ''
                   and f.contact is null
                   and (f.external_id = '' or f.external_id ~ '^(meeting|inspection|monitor):[0-9]+$') and f.decision->'because' = '[]' and f.decision->'candidates' = '[]') then
    raise exception 'feedback % is not sealed', new.feedback_id using errcode = 'MSD61';
  end if;
  return new;
end $$;
create trigger sealed_report_whole before insert on sealed_reports for each row execute function sealed_report_whole();

-- A key that brought something else before is not used again for a report, whose own key is kept as a hash alone.
create function sealed_key_free(door text, whose text, plain text) returns boolean language plpgsql stable set enable_seqscan = off as $$
begin
  if exists (select from feedback f where f.channel = door and f.provider = whose and f.dedupe_key = plain) then
    raise exception 'this key was used before' using errcode = 'MSD62';
  end if;
  return true;
end $$;

-- Append-only; an erasure by rule empties bodies and takes the envelopes and the list of files away.
create trigger history_is_fixed before update or delete or truncate on seal_keys for each statement execute function history_is_fixed();
create trigger history_is_fixed before update or delete or truncate on sealed_reports for each statement execute function history_is_fixed();
create function sealed_or_erasure() returns trigger language plpgsql as $$
declare
  rightful boolean;
begin
  if tg_table_name = 'sealed_messages' then
    rightful := exists (select from public.erasures e where e.feedback_id = old.feedback_id);
  else
    rightful := exists (select from public.erasures e join public.sealed_messages m on m.feedback_id = e.feedback_id where m.id = old.message_id);
  end if;
  if tg_op = 'UPDATE' then
    old.body := '';
    rightful := rightful and new is not distinct from old;
  end if;
  if not rightful then raise exception '% is append-only', tg_table_name using errcode = 'MSD20'; end if;
  return case tg_op when 'UPDATE' then new else old end;
end $$;
create trigger sealed_or_erasure before update on sealed_messages for each row execute function sealed_or_erasure();
create trigger sealed_or_erasure before delete on sealed_envelopes for each row execute function sealed_or_erasure();
create trigger sealed_or_erasure before delete on sealed_files for each row execute function sealed_or_erasure();
create trigger history_is_fixed before delete or truncate on sealed_messages for each statement execute function history_is_fixed();
create trigger history_is_fixed before update or truncate on sealed_envelopes for each statement execute function history_is_fixed();
create trigger history_is_fixed before update or truncate on sealed_files for each statement execute function history_is_fixed();
create function sealed_forget() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  delete from public.sealed_envelopes e using public.sealed_messages m where m.feedback_id = new.feedback_id and e.message_id = m.id;
  delete from public.sealed_files x using public.sealed_messages m where m.feedback_id = new.feedback_id and x.message_id = m.id;
  update public.sealed_messages m set body = '' where m.feedback_id = new.feedback_id and m.body <> '';
  return null;
end $$;
create trigger sealed_forget after insert on erasures for each row when (new.feedback_id is not null) execute function sealed_forget();

-- --- who belongs to which group ---

create function seal_discipline() returns integer language sql stable security definer set search_path = pg_catalog, public, pg_temp as
$$ select u.id from public.seal_rules r join public.units u on u.code = r.unit $$;
create function seal_members(name text) returns setof integer language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select s.id from public.staff s where s.active and case seal_members.name
    when 'accountability' then exists (select from public.staff_roles r where r.staff_id = s.id and r.role = 'accountability')
    when 'discipline' then exists (select from public.staff_roles r where r.staff_id = s.id and r.role in ('handler', 'unit_leader'))
      and (select case u.kind when 'station' then u.parent_id else u.id end from public.units u where u.id = s.unit_id) = public.seal_discipline()
    else false end $$;
create function seal_mine(name text) returns boolean language sql stable security definer set search_path = pg_catalog, public, pg_temp as
$$ select public.staff_now() <> 0 and public.staff_now() in (select public.seal_members(name)) $$;
create function seal_current(whose text) returns integer language sql stable security definer set search_path = pg_catalog, public, pg_temp as
$$ select k.id from public.seal_keys k where k.owner = whose order by k.version desc limit 1 $$;
-- Where a person works or comes from: the unit and its stations, at which plaques hang too.
create function my_ground() returns integer[] language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select array[public.my_unit(), public.my_home()]
    || array(select u.id from public.units u where u.kind = 'station' and u.parent_id in (public.my_unit(), public.my_home())) $$;
create function whole_unit(of_unit integer) returns integer language sql stable security definer set search_path = pg_catalog, public, pg_temp as
$$ select case u.kind when 'station' then u.parent_id else u.id end from public.units u where u.id = of_unit $$;
-- The wall: nobody who works in or comes from the unit that a report is about, or at whose plaque it was written.
create function seal_walled(of_case bigint) returns boolean language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select exists (select from public.cases c where c.id = of_case
    and (c.about_unit_id = any (public.my_ground())
         or (c.plaque_unit_id = any (public.my_ground()) and public.whole_unit(c.plaque_unit_id) is distinct from c.unit_id))) $$;
-- The second unit that a report's events are hidden from: the one at whose plaque it was written. Null: none.
create function plaque_kept_out(of_case bigint) returns integer language sql stable security definer set search_path = pg_catalog, public, pg_temp
  set enable_seqscan = off as $$
  select public.whole_unit(c.plaque_unit_id) from public.cases c
  where c.id = of_case and c.nature = 'report' and public.whole_unit(c.plaque_unit_id) is distinct from c.unit_id $$;

-- The same for the case itself: a report may name one unit and be written at the plaque of another, and neither learns of it. The
-- unit that handles it is not kept out by its own plaque.
create policy plaque_kept_out on cases as restrictive for select to mashangdu_staff using (
  id = (select writing_now()) or nature <> 'report' or plaque_unit_id is null or plaque_unit_id = unit_id
  or plaque_unit_id <> all ((select my_ground())::integer[]) or whole_unit(plaque_unit_id) = unit_id);
create policy plaque_kept_out_too on cases as restrictive for update to mashangdu_staff using (
  nature <> 'report' or plaque_unit_id is null or plaque_unit_id = unit_id
  or plaque_unit_id <> all ((select my_ground())::integer[]) or whole_unit(plaque_unit_id) = unit_id);
create or replace function case_seen(one bigint) returns boolean language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select exists (select from public.cases c where c.id = one
    and (c.nature <> 'report' and not c.confidential or c.about_unit_id is null
         or c.about_unit_id not in (public.my_unit(), public.my_home()))
    and (c.nature <> 'report' or c.plaque_unit_id is null or c.plaque_unit_id = c.unit_id
         or c.plaque_unit_id <> all (public.my_ground()) or public.whole_unit(c.plaque_unit_id) = c.unit_id)
    and (public.i_am('{accountability}')
         or (not c.confidential and public.i_am('{coordinator,supervisor,registry,callback,leader}'))
         or (not c.held and c.state <> 'discovered' and public.i_am('{handler,unit_leader}')
             and (c.unit_id = public.my_unit()
                  or exists (select from public.case_units cu where cu.case_id = c.id and cu.unit_id = public.my_unit())))
         or exists (select from public.case_shares cs where cs.case_id = c.id and cs.staff_id = public.staff_now()))) $$;

create function seal_b64(b bytea) returns text language sql immutable parallel safe as $$ select translate(encode(b, 'base64'), E'\n', '') $$;
create function seal_log(what text, of_case bigint, told jsonb) returns void language sql volatile security definer set search_path = pg_catalog, public, pg_temp as
$$ insert into public.audit_log (staff_id, action, case_id, detail) values (public.staff_now(), what, of_case, told) $$;

-- Every function below answers {"refused": code} or what was asked for.
create function seal_refused() returns jsonb language sql stable security definer set search_path = pg_catalog, public, pg_temp as
$$ select case when not public.seal_mine('discipline') and not public.seal_mine('accountability') then '{"refused": "forbidden"}'::jsonb end $$;

create function seal_owed() returns bigint language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select count(*) from (select g.name, public.seal_current('group:' || g.name) as key from (values ('discipline'), ('accountability')) as g (name)
                        where public.seal_mine(g.name)) c
    join public.sealed_messages m on c.key is not null and m.body <> '' and not public.seal_walled(m.case_id)
    where not exists (select from public.sealed_envelopes e where e.message_id = m.id and e.key_id = c.key)
      and exists (select from public.sealed_envelopes e join public.seal_keys k on k.id = e.key_id
                  where e.message_id = m.id and k.owner = 'group:' || c.name) $$;

create function seal_desk() returns jsonb language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  return coalesce(public.seal_refused(), jsonb_build_object(
    'ready', exists (select from public.seal_keys),
    'escrow', (select jsonb_build_object('id', k.id, 'public_key', public.seal_b64(k.public_key)) from public.seal_keys k
               where k.id = public.seal_current('escrow')),
    'groups', (select jsonb_agg(jsonb_build_object('name', g.name, 'title', g.title, 'mine', public.seal_mine(g.name),
        'key', (select jsonb_build_object('id', k.id, 'version', k.version, 'public_key', public.seal_b64(k.public_key))
                from public.seal_keys k where k.id = public.seal_current('group:' || g.name)),
        'members', (select coalesce(jsonb_agg(jsonb_build_object('staff_id', s.id, 'name', s.name, 'enrolled', o.version is not null,
              'version', o.version, 'public_key', public.seal_b64(o.public_key),
              'has_key', exists (select from public.seal_wraps w where w.key_id = public.seal_current('group:' || g.name)
                                   and w.staff_id = s.id and w.officer_version = o.version)) order by s.id), '[]')
            from public.staff s left join lateral (select x.version, x.public_key from public.seal_officers x where x.staff_id = s.id
                                                   order by x.version desc limit 1) o on true
            where s.id in (select public.seal_members(g.name)))) order by g.ord)
      from (values (1, 'discipline', '纪检监察单位'), (2, 'accountability', '追责问责组')) as g (ord, name, title)),
    'me', (select jsonb_build_object('version', o.version, 'public_key', public.seal_b64(o.public_key), 'wrapped', public.seal_b64(o.wrapped), 'kdf', o.kdf)
           from public.seal_officers o where o.staff_id = public.staff_now() order by o.version desc limit 1),
    'wraps', (select coalesce(jsonb_agg(jsonb_build_object('key_id', k.id, 'group', substr(k.owner, 7), 'version', k.version,
                'wrapped', public.seal_b64(w.wrapped)) order by k.id), '[]')
              from public.seal_wraps w join public.seal_keys k on k.id = w.key_id
              where w.staff_id = public.staff_now() and public.seal_mine(substr(k.owner, 7))
                and w.officer_version = (select max(o.version) from public.seal_officers o where o.staff_id = public.staff_now())),
    'owed', public.seal_owed()));
end $$;

create function seal_me(public_key_ bytea, wrapped_ bytea, kdf_ jsonb) returns jsonb language plpgsql volatile security definer
  set search_path = pg_catalog, public, pg_temp as $$
declare
  mine record;
  no constant jsonb := public.seal_refused();
begin
  if no is not null then return no; end if;
  perform pg_advisory_xact_lock(19, public.staff_now());
  select o.* into mine from public.seal_officers o where o.staff_id = public.staff_now() order by o.version desc limit 1;
  if mine.public_key = public_key_ then
    update public.seal_officers o set wrapped = wrapped_, kdf = kdf_ where o.staff_id = mine.staff_id and o.version = mine.version;
    perform public.seal_log('seal_passphrase', null, jsonb_build_object('version', mine.version));
  else
    insert into public.seal_officers (staff_id, version, public_key, wrapped, kdf)
      values (public.staff_now(), coalesce(mine.version, 0) + 1, public_key_, wrapped_, kdf_);
    perform public.seal_log('seal_enrol', null, jsonb_build_object('version', coalesce(mine.version, 0) + 1));
  end if;
  return '{}';
end $$;

-- Everybody of the two groups learns that there are new keys; the event carries nothing else.
create function seal_told(what text) returns void language sql volatile security definer set search_path = pg_catalog, public, pg_temp as
$$ select public.events_append(array['seal.' || what], array[null::bigint], array[public.seal_discipline()], array[null::integer], array[true], array['{}'::jsonb]) $$;

-- The wraps of one key for these persons: each a member of the group with a key of his own.
create function seal_wrap(key bigint, staff_ids integer[], wraps bytea[]) returns boolean language plpgsql volatile security definer
  set search_path = pg_catalog, public, pg_temp as $$
declare
  name text;
  n integer;
begin
  select substr(k.owner, 7) into name from public.seal_keys k where k.id = key and k.owner <> 'escrow';
  if name is null or cardinality(staff_ids) <> cardinality(wraps) then return false; end if;
  select count(*) into n from unnest(staff_ids) as t (staff)
    where t.staff in (select public.seal_members(name)) and exists (select from public.seal_officers o where o.staff_id = t.staff);
  -- What a person already has is only that person's to replace: nobody is locked out by a colleague.
  insert into public.seal_wraps (key_id, staff_id, officer_version, wrapped, created_by)
    select key, t.staff, (select max(o.version) from public.seal_officers o where o.staff_id = t.staff), t.wrapped, public.staff_now()
    from unnest(staff_ids, wraps) as t (staff, wrapped)
    where t.staff in (select public.seal_members(name)) and exists (select from public.seal_officers o where o.staff_id = t.staff)
  on conflict (key_id, staff_id, officer_version, escrow_id) do update set wrapped = excluded.wrapped, created_by = excluded.created_by, created_at = now()
    where seal_wraps.staff_id = public.staff_now();
  return n = cardinality(staff_ids);
end $$;

create function seal_group(name text, public_key_ bytea, staff_ids integer[], wraps bytea[], escrow_ bytea) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  made record;
  held constant integer := public.seal_current('escrow');
begin
  if name not in ('discipline', 'accountability') or not public.seal_mine(name) then return '{"refused": "forbidden"}'; end if;
  if held is not null and escrow_ is null or held is null and escrow_ is not null then return '{"refused": "escrow"}'; end if;
  if not public.staff_now() = any (staff_ids) then return '{"refused": "wraps"}'; end if; -- whoever makes a key can use it
  perform pg_advisory_xact_lock(19, 0);
  insert into public.seal_keys (owner, version, public_key, created_by)
    select 'group:' || name, coalesce(max(k.version), 0) + 1, public_key_, public.staff_now() from public.seal_keys k where k.owner = 'group:' || name
    returning id, version into made;
  if not public.seal_wrap(made.id, staff_ids, wraps) then raise exception 'wraps for whom they cannot be' using errcode = 'MSD60'; end if;
  if held is not null then
    insert into public.seal_wraps (key_id, escrow_id, wrapped, created_by) values (made.id, held, escrow_, public.staff_now());
  end if;
  perform public.seal_log('seal_group', null, jsonb_build_object('group', name, 'version', made.version, 'members', to_jsonb(staff_ids)));
  perform public.seal_told('key_made');
  return jsonb_build_object('id', made.id, 'version', made.version);
end $$;

-- A member gives a member the key; 追责问责组 also after a recovery.
create function seal_give(key integer, staff_ids integer[], wraps bytea[]) returns jsonb language plpgsql volatile security definer
  set search_path = pg_catalog, public, pg_temp as $$
declare
  name text;
begin
  select substr(k.owner, 7) into name from public.seal_keys k where k.id = key and k.owner <> 'escrow';
  if name is null or not (public.seal_mine(name) or public.seal_mine('accountability')) then return '{"refused": "forbidden"}'; end if;
  if not public.seal_wrap(key, staff_ids, wraps) then raise exception 'wraps for whom they cannot be' using errcode = 'MSD60'; end if;
  perform public.seal_log('seal_give', null, jsonb_build_object('key', key, 'members', to_jsonb(staff_ids)));
  perform public.seal_told('key_given');
  return '{}';
end $$;

-- Envelopes that want to be made again: of an older key of my groups, or of the escrow key for a group that has none.
create function seal_envelopes(after bigint, escrow_ boolean, most integer) returns jsonb language plpgsql stable security definer
  set search_path = pg_catalog, public, pg_temp as $$
declare
  rows jsonb;
  no constant jsonb := public.seal_refused();
begin
  if no is not null then return no; end if;
  if escrow_ and not public.seal_mine('accountability') then return '{"refused": "forbidden"}'; end if;
  select coalesce(jsonb_agg(jsonb_build_object('message', x.id::text, 'key_id', x.key_id, 'sealed', public.seal_b64(x.sealed), 'to', x.key) order by x.id, x.key), '[]')
    into rows
  from (
    select m.id, e.key_id, e.sealed, c.key
    from (select m0.* from public.sealed_messages m0 where m0.id > after and m0.body <> '') m
    join (select g.name, public.seal_current('group:' || g.name) as key from (values ('discipline'), ('accountability')) as g (name)
          where escrow_ or public.seal_mine(g.name)) c on c.key is not null
    join lateral (select e0.key_id, e0.sealed from public.sealed_envelopes e0 join public.seal_keys k on k.id = e0.key_id
                  where e0.message_id = m.id and k.owner = case when escrow_ then 'escrow' else 'group:' || c.name end
                  order by k.version desc limit 1) e on true
    where not exists (select from public.sealed_envelopes e1 where e1.message_id = m.id and e1.key_id = c.key)
      and not public.seal_walled(m.case_id)
    order by m.id, c.key limit most) x;
  return jsonb_build_object('envelopes', rows, 'next', case when jsonb_array_length(rows) = most then (rows->-1->>'message')::bigint - 1 end);
end $$;
create function seal_envelopes_put(messages bigint[], keys integer[], sealed_ bytea[]) returns jsonb language plpgsql volatile security definer
  set search_path = pg_catalog, public, pg_temp as $$
declare
  n integer;
  no constant jsonb := public.seal_refused();
begin
  if no is not null then return no; end if;
  insert into public.sealed_envelopes (message_id, key_id, sealed)
    select t.message, t.key, t.sealed from unnest(messages, keys, sealed_) as t (message, key, sealed)
    join public.seal_keys k on k.id = t.key and (public.seal_mine(substr(k.owner, 7)) or (k.owner <> 'escrow' and public.seal_mine('accountability')))
    join public.sealed_messages m on m.id = t.message and m.body <> '' and not public.seal_walled(m.case_id)
  on conflict (message_id, key_id) do nothing;
  get diagnostics n = row_count;
  perform public.seal_log('seal_rewrap', null, jsonb_build_object('envelopes', n));
  return jsonb_build_object('stored', n);
end $$;

create function seal_recover(reason text) returns jsonb language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  if not public.seal_mine('accountability') then return '{"refused": "forbidden"}'; end if;
  perform public.seal_log('seal_recover', null, jsonb_build_object('reason', reason));
  return jsonb_build_object(
    'escrow', (select jsonb_build_object('id', k.id, 'public_key', public.seal_b64(k.public_key)) from public.seal_keys k where k.id = public.seal_current('escrow')),
    'wraps', (select coalesce(jsonb_agg(jsonb_build_object('key_id', k.id, 'group', substr(k.owner, 7), 'version', k.version, 'escrow_id', w.escrow_id,
                'wrapped', public.seal_b64(w.wrapped)) order by k.id), '[]')
              from public.seal_wraps w join public.seal_keys k on k.id = w.key_id where w.staff_id is null));
end $$;

-- One opening: the row in the log comes first, and nothing is served without it. The envelopes are those of my groups.
create function seal_open(of_case bigint, reason text) returns jsonb language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  no constant jsonb := public.seal_refused();
begin
  if not public.case_seen(of_case) or public.seal_walled(of_case) then return '{"refused": "case_unknown"}'; end if;
  if no is not null then return no; end if;
  perform public.seal_log('sealed_open', of_case, jsonb_build_object('reason', reason));
  return jsonb_build_object(
    'messages', (select coalesce(jsonb_agg(jsonb_build_object('id', m.id::text, 'feedback', m.feedback_id::text, 'at', to_char(m.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
          'author', m.author, 'staff', (select s.name from public.staff s where s.id = m.staff_id), 'body', public.seal_b64(m.body),
          'envelopes', (select coalesce(jsonb_agg(jsonb_build_object('key_id', e.key_id, 'sealed', public.seal_b64(e.sealed)) order by e.key_id), '[]')
                        from public.sealed_envelopes e join public.seal_keys k on k.id = e.key_id
                        where e.message_id = m.id and k.owner <> 'escrow' and public.seal_mine(substr(k.owner, 7)))) order by m.at, m.id), '[]')
        from public.sealed_messages m where m.feedback_id in (select public.case_reporters(of_case)) and not public.seal_walled(m.case_id) and m.body <> ''),
    'reporters', (select coalesce(jsonb_agg(jsonb_build_object('feedback', r.feedback_id::text, 'public_key', public.seal_b64(r.public_key)) order by r.feedback_id), '[]')
        from public.sealed_reports r join public.feedback f on f.id = r.feedback_id
        where f.id in (select public.case_reporters(of_case)) and not public.seal_walled(f.case_id)),
    'reporter', (select jsonb_build_object('feedback', r.feedback_id::text, 'public_key', public.seal_b64(r.public_key))
        from public.sealed_reports r join public.feedback f on f.id = r.feedback_id
        where f.id in (select public.case_reporters(of_case)) and not public.seal_walled(f.case_id) order by f.case_id <> of_case, r.feedback_id limit 1));
end $$;

-- An officer's message: sealed to the reporter and to every key that is current, so that nobody who may read is left out.
create function seal_say(id_ bigint, of_case bigint, feedback bigint, key text, body_ bytea, keys integer[], sealed_ bytea[], reporter_ bytea)
returns jsonb language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  n integer;
  no constant jsonb := public.seal_refused();
begin
  if not public.case_seen(of_case) or public.seal_walled(of_case) then return '{"refused": "case_unknown"}'; end if;
  if no is not null then return no; end if;
  if not exists (select from public.sealed_reports r join public.feedback f on f.id = r.feedback_id where r.feedback_id = feedback
                   and f.id in (select public.case_reporters(of_case)) and not public.seal_walled(f.case_id))
    then return '{"refused": "case_unknown"}'; end if;
  if exists (select from (values ('group:discipline'), ('group:accountability'), ('escrow')) as w (owner)
             where public.seal_current(w.owner) is not null and not public.seal_current(w.owner) = any (keys)) then
    return '{"refused": "envelopes"}';
  end if;
  insert into public.sealed_messages (id, feedback_id, case_id, at, author, staff_id, dedupe, body)
    values (id_, feedback, (select f.case_id from public.feedback f where f.id = feedback), clock_timestamp(), 'officer', public.staff_now(), 'officer:' || key, body_) on conflict (feedback_id, dedupe) do nothing;
  get diagnostics n = row_count;
  if n = 0 then return '{"repeated": true}'; end if;
  insert into public.sealed_envelopes (message_id, key_id, sealed)
    select id_, t.key, t.sealed from unnest(keys, sealed_) as t (key, sealed) union all select id_, null, reporter_;
  perform public.seal_log('sealed_say', of_case, jsonb_build_object('message', id_::text));
  return jsonb_build_object('message', id_::text, 'repeated', false);
end $$;

-- May this person have this file of this case? Only after an opening of the case, which said why, within the last day.
create function seal_file(of_case bigint, hash_ bytea) returns text language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  if not public.case_seen(of_case) or public.seal_walled(of_case) then return 'case_unknown'; end if;
  if public.seal_refused() is not null then return 'forbidden'; end if;
  if not exists (select from public.sealed_files x join public.sealed_messages m on m.id = x.message_id where x.hash = hash_
                   and m.feedback_id in (select public.case_reporters(of_case)) and not public.seal_walled(m.case_id))
    then return 'not_found'; end if;
  if not exists (select from public.audit_log l where l.staff_id = public.staff_now() and l.action = 'sealed_open' and l.case_id = of_case
                   and l.at > now() - interval '1 day') then return 'act_needs'; end if;
  return null;
end $$;
create index audit_log_opened on audit_log (case_id, staff_id) where action = 'sealed_open';

-- The gateways seal to the keys in memory: told of new ones the way they are told of the register.
create function seal_keys_changed() returns trigger language plpgsql as $$
begin
  perform pg_notify('msd_register', 'seal');
  return null;
end $$;
create trigger seal_keys_changed after insert on seal_keys for each statement execute function seal_keys_changed();

alter table seal_rules enable row level security;
alter table sealed_reports enable row level security;
create policy gateway on seal_rules to mashangdu_gateway using (true) with check (true);
create policy gateway on sealed_reports to mashangdu_gateway using (true) with check (true);
-- Staff know of a feedback that they see whether it is sealed, and nothing else.
create policy staff_sees on sealed_reports for select to mashangdu_staff using (exists (select from feedback f where f.id = feedback_id));
grant select, update on seal_rules to mashangdu_gateway;
grant select on seal_keys to mashangdu_gateway;
grant select, insert on sealed_reports, sealed_messages, sealed_envelopes, sealed_files to mashangdu_gateway;
grant select (feedback_id) on sealed_reports to mashangdu_staff;
revoke execute on function plaque_kept_out, my_ground, whole_unit from public;
grant execute on function my_ground, whole_unit to mashangdu_staff, mashangdu_gateway;
grant execute on function plaque_kept_out to mashangdu_gateway;
revoke execute on function seal_discipline, seal_members, seal_mine, seal_current, seal_walled, seal_log, seal_refused, seal_owed, seal_desk, seal_me,
  seal_told, seal_wrap, seal_group, seal_give, seal_envelopes, seal_envelopes_put, seal_recover, seal_open, seal_say, seal_file from public;
grant execute on function seal_desk, seal_me, seal_group, seal_give, seal_envelopes, seal_envelopes_put, seal_recover, seal_open, seal_say, seal_file
  to mashangdu_staff;

-- Files in the store. Before they are written they are put down as lost, an hour ahead: a crash between here and the report leaves
-- nothing behind. The report's row takes them off again; an erasure lets them go at once.
create or replace function stored_in_use(h bytea) returns boolean language sql stable security definer set search_path = pg_catalog, public, pg_temp as
$$ select exists (select from public.files where hash_clean = h) or exists (select from public.files where hash_thumb = h)
     or exists (select from public.files where hash_original = h) or exists (select from public.sealed_files where hash = h) $$;
create function sealed_files_offer(hashes bytea[]) returns void language sql volatile security definer set search_path = pg_catalog, public, pg_temp as
$$ insert into public.stored_gone (hash, claimed_at) select h, now() + interval '1 hour' from unnest(hashes) as h on conflict (hash) do nothing $$;
create function sealed_files_kept() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  if tg_op = 'INSERT' then
    delete from public.stored_gone g where g.hash = new.hash;
  else
    insert into public.stored_gone (hash) values (old.hash) on conflict do nothing;
  end if;
  return null;
end $$;
create trigger sealed_files_kept after insert or delete on sealed_files for each row execute function sealed_files_kept();
revoke execute on function sealed_files_offer from public;
grant execute on function sealed_files_offer to mashangdu_gateway;

-- Whom the receipt of a sealed report went to is forgotten with its text, once the provider has it.
create function sealed_outbox_forget() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp
  set enable_seqscan = off as $$
begin
  if exists (select from public.sealed_reports r where r.feedback_id = new.feedback_id) then
    new.recipient := '';
    new.recipient_hash := null;
  end if;
  return new;
end $$;
create trigger sealed_outbox_forget before update of body on outbox for each row
  when (old.body is not null and new.body is null and new.feedback_id is not null) execute function sealed_outbox_forget();
