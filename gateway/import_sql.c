#include "import_sql.h"

#define FAULTS "select file, line, reason from (select file, line, case "
#define FAULTS_END(table)                                                                                    \
    " end as reason from " table " t) as faults where reason is not null order by file, line limit 20"

/* --- units --- */

static const struct import_column unit_columns[] = {{"kind", "kind"},
                                                    {"code", "code"},
                                                    {"uscc", "uscc"},
                                                    {"name", "name"},
                                                    {"short_name", "short_name"},
                                                    {"aliases", "aliases"},
                                                    {"category", "class"},
                                                    {"group", "station_group"},
                                                    {"parent", "parent"},
                                                    {"phone", "phone"},
                                                    {"?hours", "hours"},
                                                    {"?duties", "duties"},
                                                    {"?post_in_charge", "post"},
                                                    {"?address", "address"},
                                                    {NULL, NULL}};

/* A file without these columns leaves them as they are; an empty field empties them. */
#define UNIT_TOLD                                                                                            \
    "(nullif(coalesce(t.hours, u.hours), ''), nullif(coalesce(t.duties, u.duties), ''), "                    \
    "nullif(coalesce(t.post, u.post_in_charge), ''), nullif(coalesce(t.address, u.address), ''))"
#define UNIT_TOLD_ANEW UNIT_TOLD " is distinct from (u.hours, u.duties, u.post_in_charge, u.address)"
#define UNIT_FIELDS    "kind, name, short_name, aliases, class, station_group, uscc, phone"
#define UNIT_VALUES                                                                                          \
    "t.kind, t.name, t.short_name, coalesce(string_to_array(nullif(t.aliases, ''), '|'), '{}'), t.class, "   \
    "nullif(t.station_group, ''), nullif(t.uscc, ''), nullif(t.phone, '')"
#define UNIT_STORED "u.kind, u.name, u.short_name, u.aliases, u.class, u.station_group, u.uscc, u.phone"
#define UNIT_TAKEN                                                                                           \
    "on conflict (code) do update set kind = excluded.kind, name = excluded.name, short_name = "             \
    "excluded.short_name, "                                                                                  \
    "aliases = excluded.aliases, class = excluded.class, station_group = excluded.station_group, uscc = "    \
    "excluded.uscc, "                                                                                        \
    "phone = excluded.phone"
#define UNIT_DIFFERS                                                                                         \
    "(" UNIT_STORED                                                                                          \
    ") is distinct from (excluded.kind, excluded.name, excluded.short_name, excluded.aliases, "              \
    "excluded.class, excluded.station_group, excluded.uscc, excluded.phone)"

/* --- categories --- */

static const struct import_column category_columns[] = {{"code", "code"},
                                                        {"parent", "parent"},
                                                        {"depth", "depth"},
                                                        {"name", "name"},
                                                        {"default_nature", "nature"},
                                                        {"default_unit", "unit"},
                                                        {"level", "level"},
                                                        {"deadline", "amount"},
                                                        {"deadline_unit", "amount_unit"},
                                                        {"access", "access"},
                                                        {NULL, NULL}};

#define CATEGORY_VALUES                                                                                      \
    "nullif(t.parent, ''), t.name, d.id, nullif(t.nature, ''), substr(t.level, 2)::smallint, "               \
    "nullif(t.amount, '')::integer, nullif(t.amount_unit, ''), t.access = 'confidential'"
#define CATEGORY_FIELDS                                                                                      \
    "parent, name, default_unit_id, default_nature, level, limit_amount, limit_unit, confidential"
#define CATEGORY_STORED                                                                                      \
    "c.parent, c.name, c.default_unit_id, c.default_nature, c.level, c.limit_amount, c.limit_unit, "         \
    "c.confidential"
/* A heading has no level: substr of the empty text is empty, which is no number. */
#define CATEGORY_ROWS                                                                                        \
    "(select file, line, code, parent, name, nature, unit, nullif(level, '') as level, amount, "             \
    "amount_unit, access from "                                                                              \
    "in_categories) as t join units d on d.code = t.unit"

/* --- words --- */

static const struct import_column word_columns[] = {
    {"kind", "kind"}, {"word", "word"}, {"value", "value"}, {"weight", "weight"}, {NULL, NULL}};

/* --- needs --- */

static const struct import_column need_columns[] = {{"category", "category"},
                                                    {"kind", "kind"},
                                                    {"question_zh", "zh"},
                                                    {"question_en", "en"},
                                                    {"options_zh", "options_zh"},
                                                    {"options_en", "options_en"},
                                                    {NULL, NULL}};

#define NEED_VALUES                                                                                          \
    "t.zh, t.en, coalesce(string_to_array(nullif(t.options_zh, ''), '|'), '{}'), "                           \
    "coalesce(string_to_array(nullif(t.options_en, ''), '|'), '{}')"
#define NEED_STORED "n.question_zh, n.question_en, n.options_zh, n.options_en"

/* --- calendar --- */

/* 11: WORKDAYS_MIN_DAYS_OFF. Fewer are only the fringe of another year's arrangement. */
#define WHOLE_YEARS                                                                                          \
    "select left(day, 4)::integer from in_days where kind = 'holiday' group by 1 having count(*) >= 11"

static const struct import_column day_columns[] = {
    {"date", "day"}, {"kind", "kind"}, {"name", "name"}, {NULL, NULL}};

const struct import_table import_tables[IMPORT_KINDS] = {
    [IMPORT_UNITS] =
        {.word = "units",
         .columns = unit_columns,
         .create =
             "create temporary table in_units (file integer, line integer, kind text, code text, uscc "
             "text, name text, "
             "short_name text, aliases text, class text, station_group text, parent text, phone text, hours text, "
             "duties text, post text, address text) "
             "on commit drop",
         .load =
             "insert into in_units select file, line, kind, code, uscc, name, short_name, aliases, "
             "class, station_group, "
             "parent, phone, hours, duties, post, address from json_to_recordset($1::json) as t (file integer, line integer, kind "
             "text, code text, "
             "uscc text, name text, short_name text, aliases text, class text, station_group text, "
             "parent text, phone text, hours text, duties text, post text, address text)",
         .check = FAULTS
         "when code !~ '^U[0-9]{3,5}(-[0-9]{2,3})?$' then 'a code looks like U003 or U003-02' "
         "when count(*) over (partition by code) > 1 then 'the code ' || code || ' stands more than once' "
         "when kind not in ('office', 'unit', 'station', 'enterprise') then 'kind is office, unit, station "
         "or enterprise' "
         "when length(name) not between 2 and 100 then 'name has 2 to 100 characters' "
         "when length(short_name) not between 1 and 60 then 'short_name has 1 to 60 characters' "
         "when class = '' then 'category is empty' "
         "when uscc <> '' and uscc !~ '^[0-9A-Z]{18}$' then 'uscc has 18 digits and capital letters, or is "
         "empty' "
         "when length(duties) > 300 or length(post) > 60 or length(address) > 100 or length(hours) > 200 then "
         "'duties has at most 300 characters, post_in_charge 60, address 100, hours 200' "
         "when concat(duties, post, address) ~ '1[3-9][0-9]{9}' then 'duties, post_in_charge and address hold no "
         "telephone of a person' "
         "when '' = any (string_to_array(nullif(aliases, ''), '|')) then 'an alias is empty' "
         "when kind = 'station' and parent = '' then 'a station needs a parent' "
         "when parent = code then 'a unit cannot be its own parent' "
         "when parent <> '' and not exists (select from in_units i where i.code = t.parent) "
         "and not exists (select from units u where u.code = t.parent) then 'there is no unit ' || parent "
         "when kind = 'station' and exists (select from in_units i where i.code = t.parent and i.kind = "
         "'station') "
         "then 'a station cannot belong to a station'" FAULTS_END("in_units"),
         .count =
             "select count(*) filter (where u.id is null), count(*) filter (where u.id is not null and "
             "changed), "
             "count(*) filter (where u.id is not null and not changed), "
             "(select count(*) from units where code not in (select code from in_units)) "
             "from in_units t left join units u on u.code = t.code left join units p on p.id = u.parent_id "
             "cross join lateral (select (" UNIT_STORED ", p.code) is distinct from (" UNIT_VALUES
             ", nullif(t.parent, '')) or " UNIT_TOLD_ANEW " as changed) as c",
         .left = "left as they are",
         .steps = {"insert into units as u (code, " UNIT_FIELDS ") select t.code, " UNIT_VALUES
                   " from in_units t where t.kind <> "
                   "'station' order by t.file, t.line " UNIT_TAKEN " where " UNIT_DIFFERS,
                   "insert into units as u (code, " UNIT_FIELDS ", parent_id) select t.code, " UNIT_VALUES
                   ", p.id from in_units t join "
                   "units p on p.code = t.parent where t.kind = 'station' order by t.file, t.line " UNIT_TAKEN
                   ", parent_id = excluded.parent_id where " UNIT_DIFFERS
                   " or u.parent_id is distinct from excluded.parent_id",
                   /* Superiors last: a file may name a unit before its superior. */
                   "update units u set parent_id = p.id from in_units t left join units p on p.code = "
                   "t.parent where u.code = t.code "
                   "and t.kind <> 'station' and u.parent_id is distinct from p.id",
                   "update units u set (hours, duties, post_in_charge, address) = " UNIT_TOLD
                   " from in_units t where t.code = u.code and " UNIT_TOLD_ANEW}},
    [IMPORT_CATEGORIES] =
        {.word = "categories",
         .columns = category_columns,
         .create =
             "create temporary table in_categories (file integer, line integer, code text, parent text, "
             "depth text, name text, "
             "nature text, unit text, level text, amount text, amount_unit text, access text) on commit drop",
         .load = "insert into in_categories select file, line, code, parent, depth, name, nature, unit, "
                 "level, amount, amount_unit, "
                 "access from json_to_recordset($1::json) as t (file integer, line integer, code text, "
                 "parent text, depth text, "
                 "name text, nature text, unit text, level text, amount text, amount_unit text, access text)",
         .check = FAULTS
         "when code !~ '^[0-9]{2}([0-9]{2})?$' then 'a code has two or four digits' "
         "when count(*) over (partition by code) > 1 then 'the code ' || code || ' stands more than once' "
         "when depth <> (length(code) / 2)::text then 'depth does not fit the code' "
         "when name = '' then 'name is empty' "
         "when parent <> case length(code) when 4 then left(code, 2) else '' end then 'parent does not fit "
         "the code' "
         "when parent <> '' and not exists (select from in_categories i where i.code = t.parent) "
         "and not exists (select from categories c where c.code = t.parent) then 'there is no category ' || "
         "parent "
         "when not exists (select from units u where u.code = t.unit) then 'there is no unit ' || unit "
         "when nature not in ('', 'rate', 'supervise', 'report', 'complain', 'appeal', 'ask', 'suggest') "
         "then 'default_nature is 评价, 监督, 举报, 投诉, 诉求, 询问 or 建议' "
         "when level !~ '^(L[0-4])?$' then 'level is L0 to L4' "
         "when amount !~ '^([1-9][0-9]{0,4})?$' then 'deadline is a number over 0' "
         "when amount_unit not in ('', 'workday', 'hour') then 'deadline_unit is workday or hour' "
         "when access not in ('', 'normal', 'confidential') then 'access is normal or confidential' "
         "when length(code) = 4 and '' in (nature, level, amount, amount_unit, access) "
         "then 'default_nature, level, deadline, deadline_unit and access must not be empty' "
         "when level <> '' and level || ' ' || amount || ' ' || amount_unit not in "
         "('L0 2 workday', 'L1 2 hour', 'L2 24 hour', 'L3 5 workday', 'L4 15 workday') then 'deadline does not fit "
         "the level: L0 2 workday, L1 2 hour, L2 24 hour, L3 5 workday, L4 15 workday'" FAULTS_END(
             "in_categories"),
         .count = "select count(*) filter (where c.code is null), count(*) filter (where c.code is not null "
                  "and changed), "
                  "count(*) filter (where c.code is not null and not changed), "
                  "(select count(*) from categories where code not in (select code from in_categories)) "
                  "from " CATEGORY_ROWS " left join categories c on c.code = t.code "
                  "cross join lateral (select (" CATEGORY_STORED ") is distinct from (" CATEGORY_VALUES
                  ") as changed) as x",
         .left = "left as they are",
         .steps = {"insert into categories as c (code, " CATEGORY_FIELDS ") select t.code, " CATEGORY_VALUES
                   " from " CATEGORY_ROWS " order by t.code on conflict (code) do update set parent = "
                   "excluded.parent, name = excluded.name, "
                   "default_unit_id = excluded.default_unit_id, default_nature = excluded.default_nature, "
                   "level = excluded.level, "
                   "limit_amount = excluded.limit_amount, limit_unit = excluded.limit_unit, confidential = "
                   "excluded.confidential "
                   "where (" CATEGORY_STORED
                   ") is distinct from (excluded.parent, excluded.name, excluded.default_unit_id, "
                   "excluded.default_nature, excluded.level, excluded.limit_amount, excluded.limit_unit, "
                   "excluded.confidential)"}},
    [IMPORT_WORDS] =
        {.word = "words",
         .columns = word_columns,
         .create = "create temporary table in_words (file integer, line integer, kind text, word text, value "
                   "text, weight text) "
                   "on commit drop",
         .load = "insert into in_words select file, line, kind, word, value, weight from "
                 "json_to_recordset($1::json) "
                 "as t (file integer, line integer, kind text, word text, value text, weight text)",
         .check = FAULTS "when kind !~ '^[a-z]{2,20}$' then 'kind is 2 to 20 small letters' "
                         "when length(word) not between 1 and 40 then 'word has 1 to 40 characters' "
                         "when weight !~ '^-?[0-9]{1,3}([.][0-9]{1,6})?$' then 'weight is a number' "
                         "when abs(weight::numeric) > 100 then 'weight is between -100 and 100' "
                         "when count(*) over (partition by kind, word, value) > 1 then 'kind, word and value "
                         "stand more than once'" FAULTS_END("in_words"),
         .count = "select count(*) filter (where w.id is null), count(*) filter (where w.weight <> "
                  "t.weight::real), "
                  "count(*) filter (where w.weight = t.weight::real), (select count(*) from routing_words s "
                  "where not exists "
                  "(select from in_words i where (i.kind, i.word, i.value) = (s.kind, s.word, s.value))) "
                  "from in_words t left join routing_words w on (w.kind, w.word, w.value) = (t.kind, t.word, "
                  "t.value)",
         .left = "removed",
         .steps =
             {"delete from routing_words s where not exists (select from in_words i where (i.kind, i.word, "
              "i.value) = "
              "(s.kind, s.word, s.value))",
              "insert into routing_words as w (kind, word, value, weight) select kind, word, value, "
              "weight::real from in_words "
              "order by file, line on conflict (kind, word, value) do update set weight = excluded.weight "
              "where w.weight <> excluded.weight"}},
    [IMPORT_NEEDS] =
        {.word = "needs",
         .columns = need_columns,
         .create = "create temporary table in_needs (file integer, line integer, category text, kind text, "
                   "zh text, en text, options_zh text, options_en text) on commit drop",
         .load =
             "insert into in_needs select file, line, category, kind, zh, en, options_zh, options_en from "
             "json_to_recordset($1::json) as t (file integer, line integer, category text, kind text, "
             "zh text, en text, options_zh text, options_en text)",
         .check = FAULTS
         "when not exists (select from categories c where c.code = t.category) then 'there is no category ' "
         "|| category "
         "when kind not in ('place', 'when', 'choice') then 'kind is place, when or choice' "
         "when count(*) over (partition by category, kind) > 1 then 'category and kind stand more than once' "
         "when length(zh) not between 2 and 60 then 'question_zh has 2 to 60 characters' "
         "when length(en) not between 2 and 120 then 'question_en has 2 to 120 characters' "
         "when (kind = 'choice') <> (options_zh <> '') then 'only a choice has options' "
         "when '' = any (string_to_array(nullif(options_zh || '|' || options_en, '|'), '|')) then 'an option "
         "is empty' "
         "when kind = 'choice' and (cardinality(string_to_array(options_zh, '|')) not between 2 and 6 "
         "or cardinality(string_to_array(options_zh, '|')) <> cardinality(string_to_array(options_en, '|'))) "
         "then 'a choice has 2 to 6 options, as many in English'" FAULTS_END("in_needs"),
         .count = "select count(*) filter (where n.kind is null), count(*) filter (where n.kind is not null "
                  "and changed), count(*) filter (where n.kind is not null and not changed), "
                  "(select count(*) from category_needs s where not exists (select from in_needs i "
                  "where (i.category, i.kind) = (s.category, s.kind))) "
                  "from in_needs t left join category_needs n on (n.category, n.kind) = (t.category, t.kind) "
                  "cross join lateral (select (" NEED_STORED ") is distinct from (" NEED_VALUES
                  ") as changed) as c",
         .left = "removed",
         .steps = {"delete from category_needs s where not exists (select from in_needs i where (i.category, "
                   "i.kind) = (s.category, s.kind))",
                   "insert into category_needs as n (category, kind, question_zh, question_en, options_zh, "
                   "options_en) select t.category, t.kind, " NEED_VALUES
                   " from in_needs t order by file, line on conflict (category, kind) do update set "
                   "question_zh = excluded.question_zh, question_en = excluded.question_en, options_zh = "
                   "excluded.options_zh, options_en = excluded.options_en where (" NEED_STORED
                   ") is distinct from (excluded.question_zh, excluded.question_en, excluded.options_zh, "
                   "excluded.options_en)"}},
    [IMPORT_CALENDAR] =
        {.word = "calendar",
         .columns = day_columns,
         .create = "create temporary table in_days (file integer, line integer, day text, kind text, name "
                   "text) on commit drop",
         .load = "insert into in_days select file, line, day, kind, name from json_to_recordset($1::json) "
                 "as t (file integer, line integer, day text, kind text, name text)",
         .check = FAULTS /* dates and their sense were checked by core/workdays before */
         "when name = '' then 'name is empty' "
         "when count(*) over (partition by day) > 1 then 'the day ' || day || ' stands more than "
         "once'" FAULTS_END("in_days"),
         .count = "select count(*) filter (where c.day is null), count(*) filter (where (c.kind, c.name) <> "
                  "(t.kind, t.name)), count(*) filter (where (c.kind, c.name) = (t.kind, t.name)), "
                  "(select count(*) from calendar_days s where extract(year from s.day) in (" WHOLE_YEARS
                  ") and to_char(s.day, 'YYYY-MM-DD') not in (select day from in_days)) "
                  "from in_days t left join calendar_days c on c.day = t.day::date "
                  "where left(t.day, 4)::integer in (" WHOLE_YEARS " union select year from calendar_years)",
         .left = "removed",
         .steps =
             {/* The rows of each year as they would be: of a whole year those of the file, else the file's over those
                    * stored, because one year's arrangement may name the last days of the year before. */
              "create temporary table in_calendar on commit drop as "
              "select left(day, 4)::integer as year, day::date, kind, name from in_days "
              "where left(day, 4)::integer in (" WHOLE_YEARS " union select year from calendar_years) "
              "union all select extract(year from c.day)::integer, c.day, c.kind, c.name from calendar_days c "
              "where extract(year from c.day)::text in (select left(day, 4) from in_days) "
              "and extract(year from c.day) not in (" WHOLE_YEARS ") "
              "and to_char(c.day, 'YYYY-MM-DD') not in (select day from in_days)",
              "insert into calendar_versions (year, version, imported_by, note) "
              "select y.year, coalesce((select max(v.version) from calendar_versions v where v.year = y.year), 0) + 1, "
              "current_setting('msd.importer'), current_setting('msd.note') from (select distinct year from in_calendar) y "
              "where exists (select day, kind, name from in_calendar i where i.year = y.year except "
              "select day, kind, name from calendar_days) or exists (select day, kind, name from calendar_days c "
              "where extract(year from c.day) = y.year except select day, kind, name from in_calendar)",
              "insert into calendar_version_days (year, version, day, kind, name) "
              "select v.year, v.version, i.day, i.kind, i.name from calendar_versions v join in_calendar i using (year) "
              "where v.imported_at = now() and not exists (select from calendar_version_days d "
              "where (d.year, d.version) = (v.year, v.version))"},
         .tell =
             "select format('calendar    %s is version %s', year, version) from calendar_versions where imported_at = now() "
             "union all select format('calendar    %s has only %s days off in the file and was never loaded: its days are "
             "not stored', left(day, 4), count(*) filter (where kind = 'holiday')) from in_days "
             "where left(day, 4)::integer not in (" WHOLE_YEARS " union select year from calendar_years) "
             "group by left(day, 4) order by 1"},
};
