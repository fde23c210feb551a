/* What a story is made of, as one JSON document. Instants are microseconds since 1970; texts that the chain hashes stand as
 * they are stored. A confidential letter is told in the stories of confidential cases alone, where the look is logged. */
#include "story.h"

#define US(t) "(extract(epoch from " t ") * 1000000)::bigint"
/* Who, and in which post; rows from before there were posts say where the person's first one is. */
#define WHO_POST(id, post)                                                                                   \
    "(select s.name from staff s where s.id = " id                                                           \
    "), 'office', (select u.short_name from posts p join units u on u.id = p.unit_id where p.staff_id = " id \
    " order by p.id is distinct from " post ", p.id limit 1), 'post', (select post_called(" post             \
    ", s.name) from staff s where s.id = " id ")"
#define WHO(id) WHO_POST(id, "null::integer")

/* clang-format off */
const char story_sql[] =
    "select json_build_object("
    "'id', c.id, 'state', c.state, 'nature', c.nature, 'level', c.level, 'urgency', c.urgency, 'round', c.round, 'rung', c.rung, "
    "'ending', c.ending, 'channel', c.channel, 'confidential', c.confidential, 'held', c.held, 'chain', encode(c.chain, 'hex'), "
    "'category', (select k.name from categories k where k.code = c.category), "
    "'unit', unit_name_at(c.unit_id, coalesce(c.closed_at, now()), false), 'about', unit_name_at(c.about_unit_id, coalesce(c.closed_at, now()), false), "
    "'first_unit', unit_name_at(c.first_unit_id, c.assigned_at, false), 'higher', c.higher, "
    "'co_units', (select string_agg(u.short_name, '、' order by u.id) from case_units cu join units u on u.id = cu.unit_id where cu.case_id = c.id), "
    "'opened', " US("c.opened_at") ", 'closed', " US("c.closed_at") ", 'due', " US("c.due_at") ", 'due_clock', c.due_clock, "
    "'merged_into', c.merged_into, "
    "'source', (select coalesce((select '会议：' || m.theme from meetings m where m.id = f.meeting_id), "
    "   case when f.inspection_id is not null then '督查检查' when f.return_id is not null then '监测员' else '批量导入' end) "
    "   || '，第' || f.ordinal || '项' || coalesce('，' || f.raised_by, '') from findings f where f.case_id = c.id order by f.feedback_id limit 1), "
    "'feedback', (select json_agg(json_build_object('id', f.id, 'case', f.case_id, 'at', " US("f.received_at") ", 'channel', f.channel, "
    "   'plaque', f.plaque, 'nature', f.nature_said, 'rating', f.rating, 'words', f.masked) order by f.received_at, f.id) "
    "   from feedback f where f.case_id = c.id or f.case_id in (select m.id from cases m where m.merged_into = c.id)), "
    "'acts', (select json_agg(a.one order by a.version) from (select a.version, json_build_object('id', a.id, 'version', a.version, "
    "   'at', " US("a.at") ", 'act', a.act, 'actor', a.actor, 'staff', a.staff_id, 'name', " WHO_POST("a.staff_id", "a.post_id") ", 'role', a.role, "
    "   'from', a.from_state, 'to', a.to_state, 'unit', a.unit_id, 'unit_name', unit_name_at(a.unit_id, a.at, true), "
    "   'charged', unit_name_at((a.data->>'charged_unit')::integer, a.at, true), "
    "   'reason', a.reason, 'words', a.words, 'public', a.public, 'data', a.data::text, 'salt', encode(a.salt, 'hex'), "
    "   'words_hash', encode(a.words_commitment, 'hex'), 'hash', encode(a.hash, 'hex')) as one "
    "   from acts a where a.case_id = c.id order by a.version limit 5000) a), "
    "'merged', (select json_agg(json_build_object('id', m.id, 'at', " US("a.at") ", 'name', " WHO_POST("a.staff_id", "a.post_id") ", 'reason', a.reason, 'act', a.act) "
    "   order by a.at) from acts a join cases m on m.id = a.case_id where a.act in ('merge', 'unmerge') and (m.merged_into = c.id "
    "   or (a.data->>'target')::bigint = c.id)), "
    "'letters', (select json_agg(json_build_object('id', l.id, 'kind', l.kind, 'rung', l.rung, 'serial', l.serial, 'state', l.state, "
    "   'texts', (select json_agg(json_build_object('version', x.version, 'at', " US("x.at") ", 'name', " WHO("x.staff_id") ", 'title', x.title, "
    "     'basis', x.basis, 'body', x.body, 'practice', x.practice, 'due', x.due, 'receiver', x.receiver, "
    "     'units', (select string_agg(unit_name_at(u, x.at, true), '、' order by u) from unnest(x.unit_ids) u)) order by x.version) "
    "     from letter_texts x where x.letter_id = l.id), "
    "   'acts', (select json_agg(json_build_object('at', " US("y.at") ", 'act', y.act, 'actor', y.actor, 'name', " WHO_POST("y.staff_id", "y.post_id") ", 'role', y.role, "
    "     'text', y.text_version, 'unit_name', unit_name_at(y.unit_id, y.at, true), 'reason', y.reason, 'words', y.words) "
    "     order by y.version) from letter_acts y where y.letter_id = l.id)) order by l.id) "
    "   from letters l join letter_cases lc on lc.letter_id = l.id where lc.case_id = c.id and (c.confidential or not l.confidential)), "
    "'callbacks', (select json_agg(json_build_object('feedback', k.feedback_id, 'round', k.round, 'state', k.state, 'made', " US("k.made_at") ", "
    "   'tries', k.tries, 'rating', k.rating, 'by', k.by, 'name', " WHO("k.staff_id") ", 'at', " US("k.at") ") order by k.round, k.feedback_id) "
    "   from callbacks k where k.case_id = c.id), "
    "'looks', (select json_agg(json_build_object('at', " US("g.at") ", 'action', g.action, 'name', " WHO_POST("g.staff_id", "g.post_id") ", "
    "   'reason', g.detail->>'reason') order by g.at) from (select z.at, z.staff_id, z.post_id, z.action, z.detail from audit_log z "
    "   where z.case_id = c.id and z.action in ('look', 'contact') order by z.at desc limit 2000) g)"
    ")::text from cases c where c.id = $1::bigint";
/* clang-format on */
