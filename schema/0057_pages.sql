-- Lists that are read page by page begin in an index where the page before ended.
create index letters_drafted on letters (drafted_at desc, id desc);
create index letters_signed on letters (signed_at desc, id desc) where number is not null;
create index incoming_at on incoming (at desc, id desc);

-- As in 0013, but the cursor bounds the walk down the ids: "or there is none" was looked at row by row.
create or replace function outbox_list(want text[], channel_ text, older interval, below bigint, most integer, purpose_ text default null, event_ text default null)
returns table (id bigint, created_at timestamptz, channel text, first_channel text, state text, decide boolean, purpose text, event text, urgent boolean, tries integer,
               due_at timestamptz, changed_at timestamptz, cause text, last_error text, error_code text, redriven integer, kept boolean, provider_id text)
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
#variable_conflict use_column
declare
  few boolean := want <@ '{claimed,unknown,dead,failed,decide}';
  found bigint[];
begin
  perform public.outbox_keeper();
  -- What waits for a person is a handful among years of settled messages: found by its own index, not by walking down the ids.
  if few then
    select coalesce(array_agg(x.id), '{}') into found from (select o.id from public.outbox o where o.state in ('claimed', 'unknown', 'dead', 'failed')
      and (o.state = any (want) or (o.decide and 'decide' = any (want))) and (channel_ is null or channel_ in (o.channel, o.first_channel))
      and (older is null or o.changed_at < now() - older) and o.id < coalesce(below, 9223372036854775807)
      and (purpose_ is null or o.purpose = purpose_) and (event_ is null or o.event = event_) order by o.id + 0 desc limit least(most, 1000)) x;
    return query select o.id, o.created_at, o.channel, o.first_channel, o.state, o.decide, o.purpose, o.event, o.urgent, o.tries::integer, o.due_at, o.changed_at,
        o.cause, o.last_error, o.error_code, o.redriven::integer, o.body is not null and o.recipient <> '', o.provider_id
      from public.outbox o where o.id = any (found) order by o.id desc;
    return;
  end if;
  return query select o.id, o.created_at, o.channel, o.first_channel, o.state, o.decide, o.purpose, o.event, o.urgent, o.tries::integer, o.due_at, o.changed_at,
      o.cause, o.last_error, o.error_code, o.redriven::integer, o.body is not null and o.recipient <> '', o.provider_id
    from public.outbox o
    where (want is null or o.state = any (want) or (o.decide and 'decide' = any (want))) and (channel_ is null or channel_ in (o.channel, o.first_channel))
      and (older is null or o.changed_at < now() - older) and o.id < coalesce(below, 9223372036854775807)
      and (purpose_ is null or o.purpose = purpose_) and (event_ is null or o.event = event_)
    order by o.id desc limit least(most, 1000);
end $$;
