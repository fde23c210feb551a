-- Pictures and short videos of citizens and handlers. The bytes lie in the store under the hash of what is stored; here stands what
-- they are and whose. A name that somebody gave a file is kept nowhere.

create table files (
  id            bigint primary key,
  made_at       timestamptz not null default now(),
  type          text not null check (type in ('jpeg', 'png', 'webp', 'heic', 'gif', 'mp4', 'webm')),  -- of the original, by its content
  clean_type    text not null check (clean_type in ('jpeg', 'png', 'mp4', 'webm')),
  size          integer not null check (size > 0),         -- of the original, before it was sealed
  clean_size    integer not null check (clean_size > 0),
  width         integer not null check (width between 0 and 100000),   -- of the clean copy; 0: a video that does not say
  height        integer not null check (height between 0 and 100000),
  hash_clean    bytea not null check (length(hash_clean) = 32),
  hash_thumb    bytea check (length(hash_thumb) = 32),
  hash_original bytea not null check (length(hash_original) = 32),   -- of the sealed bytes
  -- Evidence that a handler has uploaded for an act that is not done yet.
  offered_case  bigint references cases (id),
  offered_by    integer references staff (id),
  check ((offered_case is null) = (offered_by is null))
);
create index files_made on files (made_at);
create index files_clean on files (hash_clean);
create index files_thumb on files (hash_thumb);
create index files_original on files (hash_original);

-- What a file belongs to, once. A file without a row here is swept; the foreign key is what keeps the sweep from one that is just
-- being bound. feedback_id beside an act: which reporter sent it.
create table file_uses (
  file_id     bigint primary key references files (id),
  feedback_id bigint references feedback (id),
  act_id      bigint references acts (id),
  case_id     bigint references cases (id),   -- null: a plain rating
  ordinal     smallint not null check (ordinal between 0 and 20),
  check (num_nonnulls(feedback_id, act_id) >= 1),
  check (act_id is null or case_id is not null)
);
create index file_uses_case on file_uses (case_id);
create index file_uses_feedback on file_uses (feedback_id);
create index file_uses_act on file_uses (act_id);

-- Stored bytes that have lost their row and are to be deleted. claimed_at: somebody is deleting them since then.
create table stored_gone (
  hash       bytea primary key check (length(hash) = 32),
  since      timestamptz not null default now(),
  claimed_at timestamptz
);

-- Whether anything refers to these bytes. Later tables that keep bytes in the store replace this function.
create function stored_in_use(h bytea) returns boolean language sql stable security definer set search_path = pg_catalog, public, pg_temp as
$$ select exists (select from public.files where hash_clean = h) or exists (select from public.files where hash_thumb = h)
     or exists (select from public.files where hash_original = h) $$;

create function files_let_go() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  insert into public.stored_gone (hash) select h from unnest(array[old.hash_clean, old.hash_thumb, old.hash_original]) h
    where h is not null on conflict do nothing;
  return null;
end $$;
create trigger files_let_go after delete on files for each row execute function files_let_go();

-- The same picture twice is stored once. The row comes first, the bytes after it, and whoever deletes bytes asks for rows under the
-- other side of this lock: so bytes that are being stored again are never deleted. False: they are being deleted at this moment.
create function file_add(new_id bigint, new_type text, new_clean_type text, new_size integer, new_clean_size integer, w integer, h integer,
                         clean bytea, thumb bytea, original bytea, for_case bigint, by_staff integer)
returns boolean language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  perform pg_advisory_xact_lock_shared(20180018);
  if exists (select from public.stored_gone g where g.hash in (clean, thumb, original) and g.claimed_at is not null) then
    return false;
  end if;
  insert into public.files (id, type, clean_type, size, clean_size, width, height, hash_clean, hash_thumb, hash_original, offered_case, offered_by)
    values (new_id, new_type, new_clean_type, new_size, new_clean_size, w, h, clean, thumb, original, for_case, by_staff);
  return true;
end $$;

-- Hashes that the caller is to delete from the store now, and then to take out of stored_gone. One that a gateway took and did not
-- finish is given again after a while.
create function stored_claim(most integer) returns setof bytea
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  perform pg_advisory_xact_lock(20180018);
  delete from public.stored_gone g where g.claimed_at is null and public.stored_in_use(g.hash);
  return query
    update public.stored_gone g set claimed_at = now()
    where g.hash in (select o.hash from public.stored_gone o where o.claimed_at is null or o.claimed_at < now() - interval '10 minutes'
                     order by o.since limit most)
    returning g.hash;
end $$;

-- Takes away files that belong to nothing, and says how many. A row that is just being bound is locked and passed over; one that was
-- bound since the statement began is kept by its foreign key, and the step is taken again later.
create function files_sweep(older interval, most integer) returns integer
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  n integer;
begin
  delete from public.files where id in
    (select f.id from public.files f where f.made_at < now() - older and not exists (select from public.file_uses u where u.file_id = f.id)
     order by f.made_at limit most for update of f skip locked);
  get diagnostics n = row_count;
  return n;
end $$;

-- Files of an act, in its own transaction. Staff bind what they offered for this case; a citizen's belong to nobody yet. All or none.
create function file_bind_act(of_act bigint, of_feedback bigint, ids bigint[]) returns integer language plpgsql as $$
#variable_conflict use_variable
declare
  n integer;
begin
  insert into file_uses (file_id, feedback_id, act_id, case_id, ordinal)
    select f.id, coalesce(nullif(of_feedback, 0), case when staff_now() = 0 then
               (select x.id from feedback x where x.case_id = a.case_id order by x.received_at, x.id limit 1) end), a.id, a.case_id, t.ord - 1
    from unnest(ids) with ordinality as t (id, ord) join files f on f.id = t.id join acts a on a.id = of_act
    where case when staff_now() <> 0 then f.offered_by = staff_now() and f.offered_case = a.case_id else f.offered_by is null end;
  get diagnostics n = row_count;
  -- No act: somebody else was faster, and nothing of this transaction happened.
  if n <> cardinality(ids) and exists (select from acts x where x.id = of_act) then
    raise exception 'a file of act % is not there or belongs to something else', of_act using errcode = 'MSD47';
  end if;
  return n;
end $$;

-- Erasing a feedback or the texts of an act takes the files along.
create function files_forget() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  going bigint[];
begin
  with u as (delete from public.file_uses where (new.feedback_id is not null and feedback_id = new.feedback_id)
                                             or (new.act_id is not null and act_id = new.act_id) returning file_id)
    select array_agg(file_id) into going from u;
  delete from public.files where id = any (going);
  return null;
end $$;
create trigger files_forget after insert on erasures for each row execute function files_forget();

grant select on files to mashangdu_gateway;
grant select, insert on file_uses to mashangdu_gateway;
grant select, delete on stored_gone to mashangdu_gateway;
revoke execute on function file_add, files_sweep, stored_claim, stored_in_use from public;
grant execute on function file_add, files_sweep, stored_claim to mashangdu_gateway;

-- Who sees the case sees its files. A confidential case is looked at with a reason first (audit_log): the look holds for an hour.
create function file_looked(of_case bigint) returns boolean language sql stable as
$$ select exists (select from cases c where c.id = of_case and (not c.confidential
     or exists (select from audit_log l where l.case_id = c.id and l.action = 'look' and l.staff_id = staff_now() and l.at > now() - interval '1 hour'))) $$;
alter table files enable row level security;
alter table file_uses enable row level security;
create policy gateway on files to mashangdu_gateway using (true) with check (true);
create policy gateway on file_uses to mashangdu_gateway using (true) with check (true);
create policy staff_sees on file_uses for select to mashangdu_staff using (exists (select from cases c where c.id = file_uses.case_id));
create policy staff_binds on file_uses for insert to mashangdu_staff
  with check (act_id is not null and exists (select from acts a where a.id = act_id and a.case_id = file_uses.case_id and a.staff_id = (select staff_now())));
create policy staff_sees on files for select to mashangdu_staff
  using (offered_by = (select staff_now()) or exists (select from file_uses u where u.file_id = files.id));
grant select on files, file_uses to mashangdu_staff;
grant insert on file_uses to mashangdu_staff;
