-- The same matter told by somebody else in other words: keys of names and matters beside the bands of the words (core/telling), and two strengths of a pair.
-- Bands and keys of the program before this mean something else (twin_mark.make): the follower takes them away and reads all anew.

alter table twin_texts add column matters text[] not null default '{}'; -- codes of what the router took it for, the case's own first
alter table twin_texts add constraint twin_texts_matters check (cardinality(matters) <= 8) not valid;
alter table twin_texts validate constraint twin_texts_matters;
alter table twin_texts drop constraint twin_texts_bands_check;
alter table twin_texts add constraint twin_texts_bands check (cardinality(bands) <= 42) not valid;
alter table twin_texts validate constraint twin_texts_bands;

-- false: only likely; to be looked at beside, not offered as one matter.
alter table twin_pairs add column sure boolean not null default true;

-- As in 0041, with keys (negative bands), which count as so many, and with what the router thought of.
drop function twins_candidates(bigint[], integer, integer, integer);
create function twins_candidates(ids bigint[], of_band integer, of_all integer, of_near integer, key_counts integer)
returns table (case_id bigint, other_id bigint, words text, same_unit boolean, same_category boolean, near_category boolean, same_plaque boolean, other_plaque boolean, hours integer)
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp set enable_seqscan = off set enable_bitmapscan = off as $$
begin
  return query
  select n.case_id, o.case_id, o.words, c.unit_id = m.unit_id, c.category = m.category, c.category = any (n.matters) or m.category = any (o.matters),
    coalesce(c.plaque_unit_id = m.plaque_unit_id, false), coalesce(c.plaque_unit_id <> m.plaque_unit_id, false),
    least(abs(extract(epoch from c.opened_at - m.opened_at)) / 3600, 100000)::integer
  from public.twin_texts n join public.cases m on m.id = n.case_id
  cross join lateral (
    (select x.case_id from unnest(n.bands) as u (band)
       cross join lateral (select b.case_id from public.twin_bands b where b.band = u.band and b.case_id <> n.case_id order by b.case_id desc limit of_band) x
       group by x.case_id order by sum(case when u.band < 0 then key_counts else 1 end) desc, x.case_id desc limit of_all)
    union
    (select k.id from public.cases k where k.unit_id = m.unit_id and k.id <> n.case_id
       and k.state in ('discovered', 'assigned', 'handling', 'replied', 'verifying') and not k.confidential and not k.held and k.nature not in ('report', 'rate')
       order by k.opened_at desc limit of_near)
    union
    (select k.id from public.cases k where k.category = m.category and k.id <> n.case_id
       and k.state in ('discovered', 'assigned', 'handling', 'replied', 'verifying') and not k.confidential and not k.held and k.nature not in ('report', 'rate')
       order by k.opened_at desc limit of_near)) f
  join public.twin_texts o on o.case_id = f.case_id join public.cases c on c.id = f.case_id and not c.confidential and not c.held and c.nature <> 'report'
  where n.case_id = any (ids) and not m.confidential and not m.held and m.nature <> 'report' order by n.case_id;
end $$;

-- As in 0041, with the strength. What was only likely and is now found to be the same is so; what a person said stays.
drop function twins_store(bigint[], bigint[], integer[], boolean[]);
create function twins_store(ones bigint[], others bigint[], percents integer[], by_words_ boolean[], sures boolean[]) returns integer language plpgsql volatile
  security definer set search_path = pg_catalog, public, pg_temp set enable_seqscan = off as $$
declare
  n integer;
begin
  insert into public.twin_pairs as p (case_id, other_id, percent, kind, by_words, sure)
    select distinct on (least(t.a, t.b), greatest(t.a, t.b)) least(t.a, t.b), greatest(t.a, t.b), t.percent,
      case when public.twins_one_sender(t.a, t.b) then 'repeat' else 'other' end, t.by_words, t.sure
    from unnest(ones, others, percents, by_words_, sures) as t (a, b, percent, by_words, sure)
    join public.cases c on c.id = t.a and not c.confidential and not c.held and c.nature <> 'report'
    join public.cases d on d.id = t.b and not d.confidential and not d.held and d.nature <> 'report'
    order by 1, 2, t.sure desc on conflict (case_id, other_id) do update set sure = true, percent = excluded.percent, by_words = excluded.by_words
      where p.apart_at is null and not p.sure and excluded.sure;
  get diagnostics n = row_count;
  if n > 0 then perform public.desk_event('desk.similar', null, null, false); end if;
  return n;
end $$;

revoke execute on function twins_candidates, twins_store from public;
grant execute on function twins_candidates, twins_store to mashangdu_gateway;
