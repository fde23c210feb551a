// Cases over weeks, for pictures and measures: written straight into the tables, because nobody waits weeks. Every number comes from a
// formula over its running number, so two runs are alike. Triggers sleep meanwhile, as when a backup is restored; nothing asserts what
// they guard.

/** `n` cases over `days` days up to now, about `openShare` of them still open, every 40th a report about the unit U026. */
export async function fill(site, n, { days = 60, openShare = 0.25 } = {}) {
  const c = site.db.client()
  await c.connect()
  try {
    await c.query("set session_replication_role = replica; set enable_nestloop = off")
    await c.query(`create temp table made on commit preserve rows as
      with u as materialized (select id, row_number() over (order by id) - 1 as at from units where kind = 'unit' and retired_on is null),
           k as materialized (select code, level, default_unit_id, row_number() over (order by code) - 1 as at from categories where length(code) = 4 and not confidential),
           w as materialized (select value, array_agg(word order by weight desc, word) as words from routing_words where kind = 'category' and word !~ '[&@]' group by value),
           g as materialized (select i, (i::bigint * 7919) % 10007 / 10007.0 as a, (i::bigint * 104729) % 10009 / 10009.0 as b, (i::bigint * 1299709) % 10037 / 10037.0 as c from generate_series(1, $1::int) i)
      select g.i, 900000000000000 + g.i as id, 910000000000000 + g.i as feedback, u.id as unit_id, k.code, k.level,
        now() - make_interval(secs => (power(g.a, 1.25) * $2 * 86400)::int) as at, g.a, g.b, g.c,
        (array['plaque','plaque','plaque','sms','sms','web','phone','window','live','email'])[1 + (g.i * 31) % 10] as channel,
        case when g.i % 40 = 0 then 'report' else (array['complain','complain','supervise','supervise','appeal','ask','suggest'])[1 + (g.i * 17) % 7] end as nature,
        w.words[1 + (g.i % 3) % cardinality(w.words)] as word, c2.name as category_name
      from g join u on u.at = floor(power(g.b, 2.2) * (select count(*) from u))::int join k on k.at = floor(power(g.c, 1.8) * (select count(*) from k))::int
        join categories c2 on c2.code = k.code left join w on w.value = k.code`, [n, days])
    await c.query(`create temp table told on commit preserve rows as
      select m.*, case when m.nature = 'report' then (select id from units where code = 'U026') end as about,
        case when m.at > now() - interval '1 day' and m.i % 3 > 0 then 'assigned'
             when m.b * 0.999 + m.a * 0.001 < ${openShare} or m.at > now() - interval '4 days' and m.i % 5 > 2 then (array['assigned','handling','handling','replied','verifying'])[1 + m.i % 5]
             when m.i % 29 = 0 then 'declined' else 'closed' end as state
      from made m`)
    await c.query(`insert into cases (id, version, state, nature, category, level, urgency, unit_id, about_unit_id, channel, limit_amount, flags, opened_at, assigned_at, signed_at,
        replied_at, closed_at, handling_due, due_at, due_clock, warn_at, ending, chain)
      select id, 5, state, nature, code, level, '一般', unit_id, about, channel, 5,
        (case when state = 'closed' then '{answered}' else '{}' end)::text[] || (case when nature = 'report' then '{confidential}' else '{}' end)::text[],
        at, at + interval '2 hours', case when state <> 'assigned' then at + interval '5 hours' end,
        case when state in ('replied', 'verifying', 'closed') then least(now(), at + make_interval(hours => 8 + (i * 37) % 150)) end,
        case when state = 'closed' then least(now(), at + make_interval(hours => 20 + (i * 41) % 200)) end,
        at + interval '7 days',
        case when state in ('assigned', 'handling', 'replied', 'verifying') and i % 23 > 0 then greatest(at + interval '7 days', now() + make_interval(hours => (i * 53) % 140 - 18)) end,
        case when state in ('assigned', 'handling', 'replied', 'verifying') and i % 23 > 0 then 'handling' end,
        case when state in ('assigned', 'handling', 'replied', 'verifying') and i % 23 > 0 then greatest(at + interval '5 days', now() + make_interval(hours => (i * 53) % 140 - 48)) end,
        case when state = 'closed' then 'solved' else 'none' end, sha256(('c' || i)::bytea)
      from told where about is distinct from unit_id`)
    await c.query(`insert into feedback (id, received_at, channel, provider, external_id, dedupe_key, dedupe_body, receipt_hash, words, clean, masked, case_id, decision, salt)
      select feedback, at, channel, '', '', 'fill-' || i, sha256(('b' || i)::bytea), sha256(('r' || i)::bytea), t, t, t, id,
        jsonb_build_object('because', '[]'::jsonb, 'category', jsonb_build_object('code', code), 'words', case when word is null then '[]'::jsonb else jsonb_build_array(word) end), substr(sha256(('s' || i)::bytea), 1, 16)
      from (select *, coalesce(word, category_name) || '，反映多次没有结果，请尽快处理。' as t from told where about is distinct from unit_id) x`)
    await c.query(`insert into feedback_contacts (feedback_id, person) select feedback, sha256(('p' || (i * 13) % 700)::bytea) from told where about is distinct from unit_id and nature <> 'report'`)
    await c.query(`insert into acts (id, case_id, version, at, act, actor, from_state, to_state, data, salt, words_commitment, hash)
      select 920000000000000 + i * 4 + x.v, id, x.v, x.at, x.act, 'gateway', null, x.to_state, case when x.due then jsonb_build_object('due', to_char((told.at + interval '7 days') at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')) else '{}' end, substr(sha256(('a' || i || x.v)::bytea), 1, 16), sha256(('w' || i || x.v)::bytea), sha256(('h' || i || x.v)::bytea)
      from told cross join lateral (values
        (1, told.at, 'receive', 'discovered', false), (2, told.at + interval '2 hours', 'assign', 'assigned', false),
        (3, told.at + make_interval(hours => 2 + case when i % 9 = 0 then 200 else 3 end), 'sign', 'handling', true),
        (4, told.at + make_interval(hours => 8 + (i * 37) % (case when i % 7 = 0 then 260 else 150 end)), 'approve', 'verifying', true)) as x (v, at, act, to_state, due)
      where about is distinct from unit_id and x.at < now() and (x.v < 3 or x.v = 3 and state <> 'assigned' or state in ('verifying', 'closed'))`)
    await c.query(`insert into callbacks (case_id, feedback_id, round, made_at, state, rating, by, at)
      select id, feedback, 1, made, state, case when i % 4 = 0 then null when state = 'solved' then 3 + i % 3 else 1 + i % 2 end, 'citizen', now()
      from (select t.i, t.id, t.feedback, least(now(), at + make_interval(hours => 20 + (i * 41) % 200)) as made, (array['solved','solved','solved','solved','solved','unsolved'])[1 + i % 6] as state from told t) x
      where x.state is not null and exists (select from cases c where c.id = x.id and c.state = 'closed' and not c.confidential)`)
    await c.query('select rate_marks_rebuild()')
    await c.query('vacuum analyze')
  } finally {
    await c.end()
  }
}
