-- Finding: words, telephone numbers, plaques; views that people keep; several cases at once.
-- Refusals: MSD98 not for this post    MSD99 too many look-ups by telephone number    MSD9A this view is not theirs, or there are too many

-- --- words ---
--
-- Pairs of characters (core/grams) of every case's masked words, in segments of 8192 cases in the order of their events. The gateway writes
-- whole segments behind what was committed (wordindex.c): taking something in pays nothing for it, and what is younger than the last
-- segment is read as it is. Cases from before this migration are indexed in the same way, while everybody works. An operator of an index like GIN's
-- is not leakproof: under row-level security it would run behind the policy, over every row.
create table word_segments (
  seg       integer primary key check (seg >= 0),
  first_seq bigint not null,              -- of the events that opened the cases
  last_seq  bigint not null,
  opened_from timestamptz not null,
  opened_to   timestamptz not null,
  cases     bytea not null,               -- eight octets for each, in their order
  check (first_seq <= last_seq)
);
create index word_segments_seq on word_segments (last_seq);
-- A few octets in the middle are read without the rest.
alter table word_segments alter column cases set storage external;
create table word_postings (
  gram   integer not null,
  seg    integer not null references word_segments (seg),
  places bytea not null,                  -- core/grams.h, places_code
  primary key (gram, seg)
) with (fillfactor = 100);
-- Written segment by segment: what belongs to one lies together.
create index word_postings_seg on word_postings using brin (seg) with (pages_per_range = 16);
create table word_mark (
  one  boolean primary key default true check (one),
  seq  bigint not null,                   -- every case opened up to here is in a segment
  segs integer not null
);
insert into word_mark values (true, 0, 0);
-- Segments with a text that was erased: they are made anew.
create table word_stale (seg integer primary key references word_segments (seg));

grant select, insert, delete on word_postings, word_stale to mashangdu_gateway;
grant select, insert on word_segments to mashangdu_gateway;
grant select, update on word_mark to mashangdu_gateway;

create function words_erased() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  insert into public.word_stale (seg)
    select s.seg from public.word_segments s join public.cases c on c.opened_at between s.opened_from and s.opened_to where c.id = new.case_id
    on conflict do nothing;
  return null;
end $$;
create trigger words_erased after update on feedback for each row when (old.masked <> new.masked) execute function words_erased();

-- Where a search begins and ends: everything above `mark` is read as it is, below it segments from `seg` down to `floor`. before_seq and
-- before_case are of the last case shown, 0 for the first page.
create function words_start(before_seq bigint, before_case bigint, from_at timestamptz, to_at timestamptz)
returns table (mark bigint, head bigint, seg integer, place integer, floor integer)
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  found record;
begin
  if public.staff_now() = 0 then return; end if;
  select m.seq, h.last into mark, head from public.word_mark m, public.event_head h;
  select coalesce(max(s.seg), -1), coalesce(min(s.seg), 0) into seg, floor from public.word_segments s
    where s.opened_to >= coalesce(from_at, '-infinity') and s.opened_from <= coalesce(to_at, 'infinity');
  place := 8192;
  if before_seq between 1 and mark then
    select s.seg, s.cases into found from public.word_segments s where s.last_seq >= before_seq order by s.last_seq limit 1;
    if found.seg < seg or found.seg = seg then
      seg := found.seg;
      place := case when before_case = 0 then 8192 else 0 end;
      for i in 0 .. length(found.cases) / 8 - 1 loop
        if substr(found.cases, i * 8 + 1, 8) = int8send(before_case) then place := i; exit; end if;
      end loop;
    end if;
  end if;
  return next;
end $$;

-- Cases younger than the last segment whose words are like that, newest first; bounded, for an index that is far behind must not cost more than
-- it saves.
create function words_fresh(above bigint, below bigint, pattern text, pattern2 text, most integer)
returns table (case_id bigint, seq bigint)
language sql stable security definer set search_path = pg_catalog, public, pg_temp rows 100 as $$
  select e.case_id, e.seq
  from (select v.case_id, v.seq from public.events v where v.seq > above and v.seq < below and v.kind = 'case.opened' order by v.seq desc limit most) e
  cross join lateral (select f.masked from public.feedback f where f.case_id = e.case_id order by f.received_at, f.id limit 1) f
  where public.staff_now() <> 0 and (f.masked ilike pattern or f.masked ilike pattern2) order by e.seq desc
$$;

-- What segments know of these pairs.
create function words_places(grams integer[], from_seg integer, to_seg integer)
returns table (seg integer, gram integer, places bytea)
language sql stable security definer set search_path = pg_catalog, public, pg_temp rows 200 as $$
  select p.seg, p.gram, p.places from public.word_postings p
  where public.staff_now() <> 0 and p.gram = any (grams) and p.seg between from_seg and to_seg
$$;

-- The cases at these places of these segments, in the order asked. They tell nothing but numbers: what of them may be seen is for the policies of
-- the query that joins them.
create function words_cases(segs integer[], places integer[])
returns table (ord bigint, case_id bigint)
language sql stable security definer set search_path = pg_catalog, public, pg_temp rows 100 as $$
  select t.ord, ('x' || encode(substr(s.cases, t.place * 8 + 1, 8), 'hex'))::bit(64)::bigint
  from unnest(segs, places) with ordinality as t (seg, place, ord) join public.word_segments s on s.seg = t.seg
  where public.staff_now() <> 0
$$;
revoke execute on function words_erased, words_start, words_fresh, words_places, words_cases from public;
grant execute on function words_start, words_fresh, words_places, words_cases to mashangdu_staff;

-- --- plaques ---
create index feedback_plaque on feedback (plaque, case_id) where plaque is not null;
-- By deadline: what ran out first, first.
create index cases_due on cases (due_at, id) where due_at is not null;

-- --- telephone numbers ---
--
-- The last four digits under a keyed hash, beside the whole number's of feedback_contacts and under the same rule: nothing of what is
-- confidential. Numbers from before this migration lie under the seal alone; they are found whole, where feedback_contacts has them.
create table feedback_tails (
  feedback_id bigint primary key references feedback (id),
  tail        bytea not null check (length(tail) = 16)
);
create index feedback_tails_tail on feedback_tails (tail, feedback_id);
grant select, insert on feedback_tails to mashangdu_gateway;
create trigger history_is_fixed before update or truncate on feedback_tails for each statement execute function history_is_fixed();
create or replace function feedback_contact_goes() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  delete from public.feedback_contacts c where c.feedback_id = new.id;
  delete from public.feedback_tails t where t.feedback_id = new.id;
  return null;
end $$;

-- Who may look somebody up by number, how often, and the entry in the log, which is made before anything is found. The number itself is in
-- none of it.
create function phone_asked(whole boolean) returns void language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  if not public.i_am('{coordinator,callback,accountability}') then
    raise exception 'not for this post' using errcode = 'MSD98';
  end if;
  if (select count(*) from public.audit_log a where a.at > now() - interval '1 hour' and a.staff_id = public.staff_now()
      and a.action = 'find_phone') >= 60 then
    raise exception 'too many look-ups' using errcode = 'MSD99';
  end if;
  insert into public.audit_log (staff_id, action, detail) values (public.staff_now(), 'find_phone', jsonb_build_object('whole', whole));
end $$;
-- Asked in a statement of its own behind phone_asked; without its entry in this very transaction it finds nothing.
create function phone_cases(person bytea, last_four bytea) returns table (case_id bigint)
language sql stable security definer set search_path = pg_catalog, public, pg_temp rows 50 as $$
  select f.case_id from public.feedback f
  where exists (select from public.audit_log a where a.at = now() and a.staff_id = public.staff_now() and a.action = 'find_phone')
    and f.case_id is not null
    and f.id in (select c.feedback_id from public.feedback_contacts c where c.person = phone_cases.person
                 union all select t.feedback_id from public.feedback_tails t where t.tail = phone_cases.last_four)
  order by f.received_at desc limit 1000
$$;
revoke execute on function phone_asked, phone_cases from public;
grant execute on function phone_asked, phone_cases to mashangdu_staff;

-- --- views ---
--
-- A list somebody wants again: its filters as they stand in the address, never a telephone number. Own ones, and those that a person shares with
-- the post they hold in their unit.
create table staff_views (
  id       bigint primary key generated always as identity,
  staff_id integer not null references staff (id),
  unit_id  integer references units (id),          -- shared with: whoever acts for this unit …
  role     text check (role in ('coordinator', 'supervisor', 'accountability', 'registry', 'handler', 'unit_leader', 'callback', 'leader')), -- … or holds this post
  name     text not null check (length(name) between 1 and 40),
  query    text not null check (length(query) <= 1000),
  ord      integer not null default 0,
  changed_at timestamptz not null default now(),
  check (unit_id is null or role is null)
);
create index staff_views_staff on staff_views (staff_id);
create index staff_views_unit on staff_views (unit_id) where unit_id is not null;
create index staff_views_role on staff_views (role) where role is not null;
-- Which one somebody starts with. A shared one may be anybody's first.
create table staff_view_first (
  staff_id integer primary key references staff (id),
  view_id  bigint not null references staff_views (id) on delete cascade
);
alter table staff_views enable row level security;
alter table staff_view_first enable row level security;
create policy staff_sees on staff_views for select to mashangdu_staff using (
  staff_id = (select staff_now()) or unit_id = (select my_unit()) or (role is not null and (select i_am(array[role]))));
create policy staff_adds on staff_views for insert to mashangdu_staff with check (
  staff_id = (select staff_now()) and (unit_id is null or unit_id = (select my_unit())) and (role is null or i_am(array[role])));
create policy staff_changes on staff_views for update to mashangdu_staff using (staff_id = (select staff_now())) with check (
  staff_id = (select staff_now()) and (unit_id is null or unit_id = (select my_unit())) and (role is null or i_am(array[role])));
create policy staff_ends on staff_views for delete to mashangdu_staff using (staff_id = (select staff_now()));
create policy own on staff_view_first to mashangdu_staff using (staff_id = (select staff_now()))
  with check (staff_id = (select staff_now()) and exists (select from staff_views v where v.id = view_id));
grant select, insert, delete on staff_views to mashangdu_staff;
grant update (name, query, ord, unit_id, role, changed_at) on staff_views to mashangdu_staff;
grant select, insert, delete on staff_view_first to mashangdu_staff;
grant update (view_id) on staff_view_first to mashangdu_staff;
create function staff_views_few() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  if (select count(*) from public.staff_views v where v.staff_id = new.staff_id) > 40 then
    raise exception 'too many views' using errcode = 'MSD9A';
  end if;
  return null;
end $$;
create trigger staff_views_few after insert on staff_views for each row execute function staff_views_few();

-- --- several cases at once ---
--
-- What a pressed button did: pressed again, the same answer comes back and nothing is done twice.
create table bulk_runs (
  key      text not null check (length(key) between 8 and 128),
  staff_id integer not null references staff (id),
  at       timestamptz not null default now(),
  body     bytea not null check (length(body) = 32),   -- digest of what was asked
  answer   jsonb,                                      -- null: under way, or cut off
  primary key (staff_id, key)
);
create index bulk_runs_at on bulk_runs (at);
alter table bulk_runs enable row level security;
create policy own on bulk_runs to mashangdu_staff using (staff_id = (select staff_now())) with check (staff_id = (select staff_now()));
grant select, insert, delete on bulk_runs to mashangdu_staff;
grant update (answer) on bulk_runs to mashangdu_staff;
