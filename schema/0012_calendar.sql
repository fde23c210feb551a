-- Calendars in versions: every import that changes a year makes a new one, who, when and why beside it, and its rows stay. New
-- deadlines are counted over the newest; what was counted before is explained with what was in force then.

create table calendar_versions (
  year        integer not null check (year between 2000 and 2200),
  version     integer not null check (version >= 1),
  imported_at timestamptz not null default now(),
  imported_by text not null check (length(imported_by) between 1 and 100),
  note        text not null default '' check (length(note) <= 400),
  primary key (year, version)
);
-- A day that differs from Monday–Friday.
create table calendar_version_days (
  year    integer not null,
  version integer not null,
  day     date not null check (extract(year from day) = year),
  kind    text not null check (kind in ('holiday', 'workday')),
  name    text not null,
  primary key (year, version, day),
  foreign key (year, version) references calendar_versions (year, version)
);

-- What was loaded before is the first version of each year, in force since it was imported.
insert into calendar_versions (year, version, imported_at, imported_by)
  select year, 1, imported_at, 'before versions' from calendar_years;
insert into calendar_version_days (year, version, day, kind, name)
  select y.year, 1, d.day, d.kind, d.name from calendar_days d join calendar_years y on y.year = extract(year from d.day);
drop table calendar_days, calendar_years;

-- The newest, under the names it always had. A year that is in here is loaded; no other one is guessed.
create view calendar_years as
  select distinct on (year) year, version, imported_at from calendar_versions order by year, version desc;
create view calendar_days as
  select d.day, d.kind, d.name from calendar_version_days d join calendar_years y using (year, version);

create trigger register_changed after insert on calendar_versions for each statement execute function register_changed();
create trigger history before update or delete or truncate on calendar_versions for each statement execute function history_is_fixed();
create trigger history before update or delete or truncate on calendar_version_days for each statement execute function history_is_fixed();

grant select on calendar_versions, calendar_version_days, calendar_years, calendar_days to mashangdu_gateway, mashangdu_staff;
