-- A decision keeps the words that told its matter (decision.words): they are counted from there, and erased with what it quotes.

-- Words of matters that several people brought, as in 0031, but the words themselves: they were read out of the router's reasons by the form
-- of the sentences, and were gone when that changed. Each part of 甲&乙 stands by itself, names of classes are none.
create or replace function matter_words(case_ids bigint[], bar integer, most integer)
returns table (word text, category text, said bigint, people bigint) language plpgsql stable security definer
  set search_path = pg_catalog, public, pg_temp as $$
#variable_conflict use_column
begin
  if public.staff_now() <> 0 and public.my_unit() = 0 then return; end if; -- nobody who works here any more
  return query
    select w.word, max(f.decision->'category'->>'code'), count(distinct f.id),
      count(distinct coalesce(encode(p.person, 'hex'), f.channel || ' ' || coalesce(f.plaque, '') || ' ' || (f.received_at at time zone 'Asia/Shanghai')::date))
    from unnest(case_ids) as i (id) join public.cases c on c.id = i.id join public.feedback f on f.case_id = c.id
      left join public.feedback_contacts p on p.feedback_id = f.id
      cross join lateral jsonb_array_elements_text(case jsonb_typeof(f.decision->'words') when 'array' then f.decision->'words' else '[]'::jsonb end) as w (word)
    where not c.confidential and not c.held and c.nature <> 'report' and 'split' <> all (c.flags) and length(w.word) > 1
    group by w.word
    having count(distinct coalesce(encode(p.person, 'hex'), f.channel || ' ' || coalesce(f.plaque, '') || ' ' || (f.received_at at time zone 'Asia/Shanghai')::date)) >= bar
    order by 4 desc, 3 desc, 1 limit most;
end $$;

-- Words erased by rule leave the decision over them as well: whom it chose stays, what it quotes and what it offered goes. Quoting are its
-- reasons, its words, those of the candidates and of a proposed split.
create or replace function history_or_erasure() returns trigger language plpgsql as $$
declare
  rightful boolean := pg_has_role(current_user, (select c.relowner from pg_class c where c.oid = tg_relid), 'member');
begin
  if tg_table_name = 'acts' then
    rightful := rightful and old.act <> 'receive' and length(old.salt) = 32
                and exists (select from public.erasures e where e.act_id = old.id);
    old.reason := null;
    old.words := null;
    old.data := '{}';
    old.salt := substr(old.salt, 1, 16);
  else
    rightful := rightful and length(old.salt) = 16 and exists (select from public.erasures e where e.feedback_id = old.id);
    old.words := '';
    old.clean := '';
    old.masked := '';
    old.contact := null;
    old.decision := old.decision - 'proposal' || '{"because": [], "words": [], "candidates": []}';
    old.salt := '';
  end if;
  if not rightful or new is distinct from old then
    raise exception '% is append-only', tg_table_name using errcode = 'MSD20';
  end if;
  return new;
end $$;

-- As 0019, and no words of the matter either.
create or replace function sealed_report_whole() returns trigger language plpgsql set enable_seqscan = off as $$
begin
  if not exists (select from feedback f where f.id = new.feedback_id and f.words ~ '^sealed:[0-9a-f]{64}$' and f.clean = ''
                   and f.contact is null
                   and (f.external_id = '' or f.external_id ~ '^(meeting|inspection|monitor):[0-9]+$') and f.decision->'because' = '[]' and f.decision->'candidates' = '[]'
                   and coalesce(f.decision->'words', '[]') = '[]') then
    raise exception 'feedback % is not sealed', new.feedback_id using errcode = 'MSD61';
  end if;
  return new;
end $$;
