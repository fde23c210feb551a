-- Which master key this database belongs to. A gateway with another key would make receipts, tags and sealed numbers that nobody
-- can use later, so it does not start working. The mark is a keyed hash and tells nothing about the key.
create table key_mark (
  one  boolean primary key default true check (one),
  mark bytea not null check (length(mark) = 32)
);
grant select, insert on key_mark to mashangdu_gateway;
create trigger history_is_fixed before update or delete or truncate on key_mark for each statement execute function history_is_fixed();
