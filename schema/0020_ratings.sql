-- Ratings (好差评, M02, M04, M05): finished matters that may be rated once, the tablets at windows that ask for it, and one row for
-- every rating beside its feedback. What a person said stays in feedback; here is what counts and why.
-- Refusals: MSD90 the link is unknown or over   MSD91 rated before   MSD92 not a window of yours   MSD93 no such tablet

-- Why a rating is low: the second-level items of the national question set, which nobody adds to or drops from (国办发〔2019〕51号).
-- A new version is new rows with a later valid_from; rows are never changed, so an old rating keeps its meaning.
create table rating_reasons (
  code       text not null check (code ~ '^[a-z][a-z_]{1,29}$'),
  valid_from date not null,
  valid_to   date check (valid_to >= valid_from),
  ordinal    smallint not null,
  place      text not null check (place in ('window', 'online')),
  levels     smallint[] not null default '{1,2}' check (levels <@ '{1,2,3,4,5}'),
  zh         text not null check (length(zh) between 2 and 20),
  en         text not null check (length(en) between 2 and 60),
  primary key (code, valid_from)
);
insert into rating_reasons (code, valid_from, ordinal, place, zh, en) values
  ('efficiency', '2021-01-01', 1, 'window', '服务效率', 'Speed of service'),
  ('skill', '2021-01-01', 2, 'window', '服务水平', 'Knowledge of the staff'),
  ('attitude', '2021-01-01', 3, 'window', '服务态度', 'Attitude of the staff'),
  ('online_efficiency', '2021-01-01', 4, 'online', '网上办事效率', 'Speed online'),
  ('online_guide', '2021-01-01', 5, 'online', '办事指南精确度', 'Accuracy of the guide'),
  ('online_ease', '2021-01-01', 6, 'online', '办事便捷度', 'Ease of the procedure'),
  ('online_platform', '2021-01-01', 7, 'online', '平台操作性', 'Ease of the platform');
create trigger register_changed after insert or update or delete or truncate on rating_reasons for each statement execute function register_changed();

-- A matter that a clerk has finished: it may be rated once, by its link, on the tablet, or by its 办件编号. Only hashes are kept;
-- the link's token is a keyed function of the id, so every gateway can show it and nobody who has the tables can.
create table services (
  id           bigint primary key,
  plaque       text not null references plaques (number),
  unit_id      integer not null references units (id),    -- of the plaque; of a station what it belongs to
  token_hash   bytea not null unique check (length(token_hash) = 32),
  matter_hash  bytea unique check (length(matter_hash) = 32),
  key          text not null check (length(key) between 8 and 128),
  finished_at  timestamptz not null default now(),
  finished_by  integer not null references staff (id),
  expires_at   timestamptz not null,
  prompt_until timestamptz,                                -- the tablet asks until then; null: it was not told to
  prompted_at  timestamptz,                                -- when a tablet was shown it
  constraint services_once unique (finished_by, key),
  check (expires_at > finished_at)
);
create index services_plaque on services (plaque, finished_at desc);
create index services_unit on services (unit_id, finished_at desc);

create table ratings (
  feedback_id bigint primary key references feedback (id),
  at          timestamptz not null,
  unit_id     integer references units (id),              -- null: words that name no window
  plaque      text references plaques (number),
  kind        text not null check (kind in ('once', 'matter', 'open')),  -- 现场一次一评, 网上一事一评, 扫码自愿评价
  service_id  bigint references services (id),
  matter_hash bytea check (length(matter_hash) = 32),
  channel     text not null,
  level       smallint not null check (level between 1 and 5),
  reasons     text[] not null default '{}',
  consent     boolean not null default false,
  spoken      boolean not null,                            -- there are words
  case_id     bigint,
  counted     boolean not null,
  marks       text[] not null default '{}' check (marks <@ '{run,device}'),
  constraint ratings_once_service unique (service_id),
  constraint ratings_once_matter unique (matter_hash),
  check ((kind = 'open') = (service_id is null and matter_hash is null)),
  check (counted = (marks = '{}'))
);
create index ratings_plaque on ratings (plaque, at desc);
create index ratings_unit on ratings (unit_id, at desc);
create index ratings_at on ratings (at desc);

-- What was rated before today's rules stands beside the rest, as what it was.
insert into ratings (feedback_id, at, unit_id, plaque, kind, channel, level, spoken, case_id, counted)
  select f.id, f.received_at, case u.kind when 'station' then u.parent_id else u.id end, f.plaque, 'open', f.channel, f.rating,
    btrim(f.words) <> '', f.case_id, true
  from feedback f left join plaques p on p.number = f.plaque left join units u on u.id = p.unit_id
  where f.rating is not null and (f.nature_said = 'rate' or f.nature_said is null);

-- Files ratings behind their feedback, in the order given; called by the batch that stored them. Sent again it does nothing. Others'
-- ratings are seen: whoever stores feedback holds the lock of event_head, and each statement here looks anew.
create function ratings_keep(ids bigint[], tokens bytea[], matters bytea[], reasons_ text[], consents boolean[], marks_ text[])
returns void language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp set enable_seqscan = off as $$
#variable_conflict use_column
declare
  f record;
  s public.services;
  r record;
  of_unit integer;
  of_plaque text;
  marked text[];
  run bigint[];
  behind timestamptz;
begin
  for i in 1 .. cardinality(ids) loop
    select v.id, v.received_at, v.plaque, v.rating, v.channel, v.case_id, btrim(v.words) <> '' as spoken into f
      from public.feedback v where v.id = ids[i];
    continue when not found or exists (select from public.ratings x where x.feedback_id = ids[i]);
    s := null;
    if tokens[i] is not null then
      select * into s from public.services v where v.token_hash = tokens[i];
      if s.id is null then raise exception 'no such service' using errcode = 'MSD90'; end if;
    elsif matters[i] is not null then
      select * into s from public.services v where v.matter_hash = matters[i];
    end if;
    if exists (select from public.ratings x where x.service_id = s.id)
       or exists (select from public.ratings x where x.matter_hash = coalesce(matters[i], s.matter_hash)) then
      raise exception 'rated before' using errcode = 'MSD91';
    end if;
    if tokens[i] is not null and s.expires_at <= now() then
      raise exception 'the link is over' using errcode = 'MSD90';
    end if;
    of_plaque := coalesce(s.plaque, f.plaque);
    of_unit := null;
    select case u.kind when 'station' then u.parent_id else u.id end into of_unit
      from public.plaques p join public.units u on u.id = p.unit_id where p.number = of_plaque;
    marked := array(select m from unnest(string_to_array(marks_[i], ',')) as m where m = 'device' and s.id is null); -- a service is rated once, from whatever device
    insert into public.ratings (feedback_id, at, unit_id, plaque, kind, service_id, matter_hash, channel, level, reasons, consent, spoken,
        case_id, counted, marks)
      values (f.id, f.received_at, of_unit, of_plaque,
        case when s.id is not null then 'once' when matters[i] is not null then 'matter' else 'open' end,
        s.id, coalesce(matters[i], s.matter_hash), f.channel, f.rating,
        coalesce(string_to_array(nullif(reasons_[i], ''), ','), '{}'), consents[i], f.spoken, f.case_id, marked = '{}', marked);
    if s.id is not null then perform pg_notify('msd_kiosk', s.plaque); end if;
    -- 刷评: five or more in a row at one window, all five stars, no words, each within twenty seconds of the one before. Nobody is
    -- served that fast. All of the run are kept and shown, and none of them is counted.
    if f.rating = 5 and not f.spoken and of_plaque is not null then
      run := '{}';
      behind := f.received_at;
      for r in select x.feedback_id, x.at, x.level, x.spoken from public.ratings x
               where x.plaque = of_plaque and x.at > f.received_at - interval '1 hour' order by x.at desc, x.feedback_id desc limit 500 loop
        exit when r.level <> 5 or r.spoken or behind - r.at > interval '20 seconds';
        run := run || r.feedback_id;
        behind := least(behind, r.at);
      end loop;
      if cardinality(run) >= 5 then
        update public.ratings x set counted = false, marks = array_append(x.marks, 'run')
          where x.feedback_id = any (run) and not 'run' = any (x.marks);
      end if;
    end if;
  end loop;
end $$;

-- The first rating of a service or 办件编号, for whoever comes again; and whether the link is good. One row.
create function rating_first(token bytea, matter bytea)
returns table (known boolean, over boolean, level smallint, at timestamptz, plaque text) language sql stable security definer
  set search_path = pg_catalog, public, pg_temp set enable_seqscan = off as $$
  select s.id is not null, coalesce(s.expires_at <= now(), false), r.level, r.at, coalesce(s.plaque, r.plaque)
  from (select) as one
  left join public.services s on s.token_hash = token or s.matter_hash = matter
  left join public.ratings r on r.service_id = s.id or r.matter_hash = coalesce(matter, s.matter_hash)
  limit 1
$$;

-- --- tablets at windows ---

create table kiosks (
  id          integer primary key generated always as identity,
  plaque      text not null references plaques (number),
  secret_hash bytea not null unique check (length(secret_hash) = 32),
  paired_at   timestamptz not null default now(),
  made_by     integer not null references staff (id),      -- who gave the pairing code
  seen_at     timestamptz not null default now(),
  revoked_at  timestamptz,
  revoked_by  integer references staff (id),
  check ((revoked_at is null) = (revoked_by is null))
);
create index kiosks_plaque on kiosks (plaque);

-- A code is good once, for fifteen minutes and five tries.
create table kiosk_codes (
  id         integer primary key generated always as identity,
  plaque     text not null references plaques (number),
  code_hash  bytea not null check (length(code_hash) = 32),
  made_by    integer not null references staff (id),
  made_at    timestamptz not null default now(),
  expires_at timestamptz not null default now() + interval '15 minutes',
  tries      smallint not null default 0,
  over       boolean not null default false
);
create unique index kiosk_codes_live on kiosk_codes (plaque) where not over;

-- The unit that answers at a plaque in use; null when it is none.
create function window_unit(number_ text) returns integer language sql stable security definer set search_path = pg_catalog, public, pg_temp as
$$ select case u.kind when 'station' then u.parent_id else u.id end
   from public.plaques p join public.units u on u.id = p.unit_id where p.number = number_ and p.state in ('issued', 'active') $$;

-- Whoever may finish matters at that window and pair tablets with it: its own unit; the registry pairs everywhere.
create function window_mine(number_ text, office boolean) returns boolean language sql stable security definer
  set search_path = pg_catalog, public, pg_temp as
$$ select coalesce((public.i_am('{handler,unit_leader}') and public.window_unit(number_) = public.my_unit())
     or (office and public.window_unit(number_) is not null and public.i_am('{registry}')), false) $$;

create function kiosk_code(plaque_ text, code_hash_ bytea) returns timestamptz language plpgsql volatile security definer
  set search_path = pg_catalog, public, pg_temp as $$
declare
  until_ timestamptz;
begin
  if not public.window_mine(plaque_, true) then
    raise exception 'not a window of this person' using errcode = 'MSD92';
  end if;
  update public.kiosk_codes c set over = true where c.plaque = plaque_ and not c.over;
  insert into public.kiosk_codes (plaque, code_hash, made_by) values (plaque_, code_hash_, public.staff_now()) returning expires_at into until_;
  insert into public.audit_log (staff_id, action, detail) values (public.staff_now(), 'kiosk_code', jsonb_build_object('plaque', plaque_));
  return until_;
end $$;

-- The new tablet's number; null when the code is wrong, used, over or tried too often. A wrong try is noted, so nothing is raised.
create function kiosk_pair(plaque_ text, code_hash_ bytea, secret_hash_ bytea) returns integer language plpgsql volatile security definer
  set search_path = pg_catalog, public, pg_temp as $$
declare
  c public.kiosk_codes;
  made integer;
begin
  select * into c from public.kiosk_codes k where k.plaque = plaque_ and not k.over for update;
  if not found then return null; end if;
  if c.expires_at <= now() or c.tries >= 5 then
    update public.kiosk_codes k set over = true where k.id = c.id;
    return null;
  end if;
  if c.code_hash <> code_hash_ then
    update public.kiosk_codes k set tries = k.tries + 1 where k.id = c.id;
    return null;
  end if;
  update public.kiosk_codes k set over = true where k.id = c.id;
  insert into public.kiosks (plaque, secret_hash, made_by) values (plaque_, secret_hash_, c.made_by) returning id into made;
  return made;
end $$;

-- The window of a tablet that shows its secret; no row when it is none of ours or was revoked.
create function kiosk_enter(kiosk integer, secret_hash_ bytea) returns table (plaque text, unit_id integer) language sql volatile security definer
  set search_path = pg_catalog, public, pg_temp as $$
  update public.kiosks k set seen_at = now() where k.id = kiosk and k.secret_hash = secret_hash_ and k.revoked_at is null
  returning k.plaque, public.window_unit(k.plaque)
$$;

-- What a tablet shows now: a matter finished at its window that nobody has rated, or nothing (service null). No row: revoked.
create function kiosk_prompt(kiosk integer) returns table (service bigint, seconds integer) language plpgsql volatile security definer
  set search_path = pg_catalog, public, pg_temp set enable_seqscan = off as $$
#variable_conflict use_column
declare
  s public.services;
begin
  if not exists (select from public.kiosks k where k.id = kiosk and k.revoked_at is null) then return; end if;
  select v.* into s from public.services v join public.kiosks k on k.plaque = v.plaque and k.id = kiosk
    where v.prompt_until > now() and v.finished_at > now() - interval '1 hour'
      and not exists (select from public.ratings r where r.service_id = v.id)
      and not exists (select from public.ratings r where r.matter_hash = v.matter_hash) order by v.finished_at desc, v.id desc limit 1;
  if s.id is not null and s.prompted_at is null then
    update public.services v set prompted_at = now() where v.id = s.id and v.prompted_at is null;
  end if;
  return query select s.id, least(120, greatest(1, ceil(extract(epoch from s.prompt_until - now()))))::integer;
end $$;

create function kiosk_revoke(kiosk integer) returns boolean language plpgsql volatile security definer
  set search_path = pg_catalog, public, pg_temp as $$
declare
  at_ text;
begin
  select k.plaque into at_ from public.kiosks k where k.id = kiosk;
  if at_ is null or not (public.window_mine(at_, true) or public.i_am('{registry}')) then
    raise exception 'no such tablet' using errcode = 'MSD93';
  end if;
  update public.kiosks k set revoked_at = now(), revoked_by = public.staff_now() where k.id = kiosk and k.revoked_at is null;
  if not found then return false; end if;
  insert into public.audit_log (staff_id, action, detail) values (public.staff_now(), 'kiosk_revoke',
    jsonb_build_object('kiosk', kiosk, 'plaque', at_));
  perform pg_notify('msd_kiosk', at_);
  return true;
end $$;

-- A matter is finished at a window. The same key, or the same 办件编号, is the same matter: a second press adds nothing to the
-- denominator. The link dies a week later; the tablet asks for two minutes.
create function service_finish(id_ bigint, plaque_ text, token_hash_ bytea, matter_hash_ bytea, key_ text, prompt boolean)
returns table (id bigint, plaque text, finished_at timestamptz, expires_at timestamptz, fresh boolean, rated boolean, kiosks bigint)
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp set enable_seqscan = off as $$
#variable_conflict use_column
declare
  s public.services;
  is_fresh boolean := false;
begin
  if not public.window_mine(plaque_, false) then
    raise exception 'not a window of this person' using errcode = 'MSD92';
  end if;
  insert into public.services (id, plaque, unit_id, token_hash, matter_hash, key, finished_by, expires_at, prompt_until)
    values (id_, plaque_, public.window_unit(plaque_), token_hash_, matter_hash_, key_, public.staff_now(), now() + interval '7 days',
      case when prompt then now() + interval '2 minutes' end)
    on conflict do nothing returning * into s;
  is_fresh := s.id is not null;
  if not is_fresh then
    select v.* into s from public.services v where (v.finished_by = public.staff_now() and v.key = key_) or v.matter_hash = matter_hash_
      order by v.id limit 1;
    if s.unit_id is distinct from public.my_unit() then
      raise exception 'finished at another unit' using errcode = 'MSD92';
    end if;
  end if;
  perform pg_notify('msd_kiosk', s.plaque);
  return query select s.id, s.plaque, s.finished_at, s.expires_at, is_fresh,
    exists (select from public.ratings r where (r.service_id = s.id or r.matter_hash = s.matter_hash)
              and (r.case_id is null or not public.rating_hidden(r.case_id))), -- of a hidden one the clerk learns nothing
    (select count(*) from public.kiosks k where k.plaque = s.plaque and k.revoked_at is null);
end $$;

-- --- who sees what ---

-- A case that its unit may not know of: the rating that brought it is hidden with it (P4).
create function rating_hidden(of_case bigint) returns boolean language sql stable security definer set search_path = pg_catalog, public, pg_temp as
$$ select exists (select from public.cases c where c.id = of_case and (c.confidential or c.held or c.nature = 'report')) $$;

-- Whether a rating may be shown although it opened a case. Asked with a rating's number: one that is hidden and one that never was answer
-- alike, so nobody learns from it what a case is.
create function rating_shown(of_feedback bigint) returns boolean language sql stable security definer
  set search_path = pg_catalog, public, pg_temp as $$
  select exists (select from public.ratings r where r.feedback_id = of_feedback and (r.case_id is null or not public.rating_hidden(r.case_id))
    and (public.i_am('{coordinator,supervisor,accountability,registry,callback,leader}')
      or (public.i_am('{handler,unit_leader}') and r.unit_id = public.my_unit())))
$$;

alter table ratings enable row level security;
alter table services enable row level security;
alter table kiosks enable row level security;
alter table kiosk_codes enable row level security;
create policy gateway on ratings to mashangdu_gateway using (true);
create policy gateway on services to mashangdu_gateway using (true);
-- The office sees all, a unit its own; what is held or confidential only who sees the case.
create policy staff_sees on ratings for select to mashangdu_staff using (
  ((select i_am('{coordinator,supervisor,accountability,registry,callback,leader}'))
   or ((select i_am('{handler,unit_leader}')) and unit_id = (select my_unit())))
  and (case_id is null or rating_shown(feedback_id) or exists (select from cases c where c.id = case_id)));
create policy staff_sees on services for select to mashangdu_staff using (
  (select i_am('{coordinator,supervisor,accountability,registry,callback,leader}'))
  or ((select i_am('{handler,unit_leader}')) and unit_id = (select my_unit())));
create policy staff_sees on kiosks for select to mashangdu_staff using (
  (select i_am('{registry,leader}')) or ((select i_am('{handler,unit_leader}')) and window_unit(plaque) = (select my_unit())));

-- The masked words of a rating for whoever sees the rating. Of a held or confidential case nobody reads them here: they are read on
-- the case's own page, with its rules.
create function rating_words(of_feedback bigint) returns text language sql stable security definer
  set search_path = pg_catalog, public, pg_temp as $$
  select f.masked from public.feedback f where f.id = of_feedback and public.rating_shown(of_feedback)
$$;

grant select on rating_reasons, ratings, services to mashangdu_gateway;
grant select on rating_reasons, ratings, kiosks to mashangdu_staff;
grant select (id, plaque, unit_id, finished_at, finished_by, expires_at, prompt_until, prompted_at) on services to mashangdu_staff;
revoke select on kiosks from mashangdu_staff;
grant select (id, plaque, paired_at, made_by, seen_at, revoked_at, revoked_by) on kiosks to mashangdu_staff;
revoke execute on function ratings_keep, rating_first, window_unit, window_mine, kiosk_code, kiosk_pair, kiosk_enter, kiosk_prompt,
  kiosk_revoke, service_finish, rating_hidden, rating_shown, rating_words from public;
grant execute on function ratings_keep, rating_first, kiosk_pair, kiosk_enter, kiosk_prompt to mashangdu_gateway;
grant execute on function window_unit, window_mine, kiosk_code, kiosk_revoke, service_finish, rating_shown, rating_words to mashangdu_staff;
