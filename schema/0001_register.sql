-- The register: units, plaques, categories, routing words, calendar. Changed by import and by administrators;
-- every change tells the gateways to compile a new routing snapshot.

create table units (
  id           integer primary key generated always as identity,
  code         text not null unique check (code ~ '^U[0-9]{3,5}(-[0-9]{2,3})?$'),
  kind         text not null check (kind in ('office', 'unit', 'station', 'enterprise')),
  name         text not null check (length(name) between 2 and 100),
  short_name   text not null check (length(short_name) between 1 and 60),
  aliases      text[] not null default '{}',
  class        text not null,                     -- 牵头单位, 责任单位, 乡镇街道 …
  station_group text,                              -- 执法监督类, 办事服务类, 审批管理类
  parent_id    integer references units (id),
  uscc         text check (uscc ~ '^[0-9A-Z]{18}$'),
  phone        text,
  hours        text,
  since        date not null default current_date,
  retired_on   date,
  successor_id integer references units (id),
  check (parent_id is distinct from id and successor_id is distinct from id),
  check (kind <> 'station' or parent_id is not null),
  check (successor_id is null or retired_on is not null)
);
create index units_parent on units (parent_id);

-- A tree stays a tree: a unit cannot be its own ancestor.
create function units_no_cycle() returns trigger language plpgsql as $$
begin
  if new.parent_id is not null and exists (
    with recursive up (id, parent_id, depth) as (
      select u.id, u.parent_id, 1 from units u where u.id = new.parent_id
      union all
      select u.id, u.parent_id, up.depth + 1 from units u join up on u.id = up.parent_id where up.depth < 50)
    select from up where up.id = new.id or up.depth >= 50)
  then raise exception 'unit % would be its own superior', new.code using errcode = 'MSD10';
  end if;
  return new;
end $$;
create trigger units_no_cycle after insert or update of parent_id on units for each row execute function units_no_cycle();

create table plaques (
  number       text primary key check (number ~ '^[1-9][0-9]{5,8}$'),  -- serial and check digit
  unit_id      integer not null references units (id),
  window_name  text,
  key_version  smallint not null check (key_version between 0 and 31),
  state        text not null default 'issued' check (state in ('issued', 'active', 'retired', 'void')),
  successor    text references plaques (number),
  issued_at    timestamptz not null default now(),
  state_at     timestamptz not null default now(),
  check (successor is distinct from number),
  check (successor is null or state = 'retired')
);
create index plaques_unit on plaques (unit_id);
create sequence plaque_serial start 10001;

-- 制发 → 在用 → 停用 / 作废, never back.
create function plaques_forward() returns trigger language plpgsql as $$
begin
  if array_position(array['issued', 'active', 'retired', 'void'], new.state)
     < array_position(array['issued', 'active', 'retired', 'void'], old.state) then
    raise exception 'plaque % cannot go from % back to %', old.number, old.state, new.state using errcode = 'MSD11';
  end if;
  new.state_at := case when new.state <> old.state then now() else old.state_at end;
  return new;
end $$;
create trigger plaques_forward before update on plaques for each row execute function plaques_forward();

create table categories (
  code            text primary key check (code ~ '^[0-9]{2}([0-9]{2})?$'),
  parent          text references categories (code),
  name            text not null,
  default_unit_id integer not null references units (id),
  default_nature  text check (default_nature in ('rate', 'supervise', 'report', 'complain', 'appeal', 'ask', 'suggest')),
  level           smallint check (level between 0 and 4),
  limit_amount    integer check (limit_amount > 0),
  limit_unit      text check (limit_unit in ('workday', 'hour')),
  confidential    boolean not null default false,
  check ((length(code) = 2) = (parent is null)),
  check (length(code) = 2 or (default_nature is not null and level is not null and limit_amount is not null
                              and limit_unit is not null and parent = left(code, 2)))
);

create table routing_words (
  id     integer primary key generated always as identity,
  kind   text not null check (kind ~ '^[a-z]{2,20}$'),
  word   text not null check (length(word) between 1 and 40),
  value  text not null,
  weight real not null check (weight between -100 and 100),
  unique (kind, word, value)
);

-- A day that differs from Monday–Friday. A year is loaded when calendar_years names it: never guessed.
create table calendar_years (
  year        integer primary key check (year between 2000 and 2200),
  imported_at timestamptz not null default now()
);
create table calendar_days (
  day  date primary key,
  kind text not null check (kind in ('holiday', 'workday')),
  name text not null
);

create function register_changed() returns trigger language plpgsql as $$
begin
  perform pg_notify('msd_register', '');
  return null;
end $$;
create trigger register_changed after insert or update or delete or truncate on units for each statement execute function register_changed();
create trigger register_changed after insert or update or delete or truncate on plaques for each statement execute function register_changed();
create trigger register_changed after insert or update or delete or truncate on categories for each statement execute function register_changed();
create trigger register_changed after insert or update or delete or truncate on routing_words for each statement execute function register_changed();
create trigger register_changed after insert or update or delete or truncate on calendar_years for each statement execute function register_changed();
create trigger register_changed after insert or update or delete or truncate on calendar_days for each statement execute function register_changed();
