-- Where a matter is, what a category has to know beside the words, and who said "I have met this too" (并案 by the citizen).

-- A place is kept only because the citizen named it: words, a point that the device gave after it was allowed to, or both.
create table feedback_places (
  feedback_id bigint primary key references feedback (id),
  words       text not null default '' check (length(words) <= 200),
  lat         double precision check (lat between -90 and 90),     -- WGS 84
  lon         double precision check (lon between -180 and 180),
  accuracy    integer check (accuracy between 1 and 100000),       -- metres
  constraint feedback_places_point check ((lat is null) = (lon is null) and (accuracy is null or lat is not null)),
  constraint feedback_places_said check (words <> '' or lat is not null)
);
grant select, insert on feedback_places to mashangdu_gateway;
grant select on feedback_places to mashangdu_staff;
alter table feedback_places enable row level security;
create policy gateway on feedback_places to mashangdu_gateway using (true) with check (true);
-- Whoever may read the words may read where.
create policy staff_sees on feedback_places for select to mashangdu_staff
  using (exists (select from feedback f where f.id = feedback_places.feedback_id));

-- What is erased is erased with its place.
create function feedback_place_goes() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  delete from public.feedback_places p where p.feedback_id = new.id;
  return null;
end $$;
create trigger feedback_place_goes after update on feedback for each row when (new.words = '' and old.salt <> '' and new.salt = '')
  execute function feedback_place_goes();

-- What to ask when the words do not say it. category: a code, or the two digits of a heading for all below it.
create table category_needs (
  category    text not null check (category ~ '^[0-9]{2}([0-9]{2})?$'),
  kind        text not null check (kind in ('place', 'when', 'choice')),
  question_zh text not null check (length(question_zh) between 2 and 60),
  question_en text not null check (length(question_en) between 2 and 120),
  options_zh  text[] not null default '{}',
  options_en  text[] not null default '{}',
  primary key (category, kind),
  constraint category_needs_options check (cardinality(options_zh) = cardinality(options_en)
    and case kind when 'choice' then cardinality(options_zh) between 2 and 6 else cardinality(options_zh) = 0 end)
);
grant select on category_needs to mashangdu_gateway;

-- Words that show that it was said: of the language, not of a district.
create table need_words (
  kind text not null check (kind in ('place', 'when', 'blind')),   -- blind: taken out before the others are looked for
  word text not null check (length(word) between 1 and 10 and word !~ '[][\\.*+?(){}|^$]'),
  primary key (kind, word)
);
grant select on need_words to mashangdu_gateway;
insert into need_words (kind, word)
  select 'place', w from unnest(array['路', '街', '巷', '胡同', '村', '小区', '社区', '花园', '家园', '新城', '公寓', '栋', '号楼', '单元', '广场',
    '公园', '市场', '商场', '超市', '车站', '站台', '桥', '路口', '十字', '东侧', '西侧', '南侧', '北侧', '小学',
    '中学', '幼儿园', '医院', '园区', '大道', 'street', 'road', 'avenue', 'near', 'gate', 'village']) w
  union all
  select 'blind', w from unnest(array['走路', '绕路', '夜路', '路人', '让路', '堵路', '路灯', '道路', '马路', '路面', '路过', '路边', '修路', '一路', '网路', '线路', '管路', '电路', '短路', '半路', '公路', '桥梁',
    '街边', '街上', '街坊', '村里', '村干部', '村民', '我们小区', '我小区', '本小区', '这个小区', '小区里', '我们村', '本村', '社区干部', '社区工作']) w
  union all
  select 'when', w from unnest(array['今天', '今早', '今晚', '昨天', '昨晚', '昨日', '前天', '前几天', '刚才', '刚刚', '上周', '本周', '这周', '周一', '周二',
    '周三', '周四', '周五', '周六', '周日', '周末', '星期', '上个月', '这个月', '月底', '月初', '月', '点钟', '点多', '早上', '上午', '中午', '下午', '傍晚', '晚上',
    '夜里', '半夜', '凌晨', '每天', '天天', '一直', '去年', '今年', 'today', 'yesterday', 'week', 'month', 'morning', 'night', 'every day']) w;

-- Who chose an open case as the same matter. The own case is merged into it by an act of the citizen; what could not be (the other
-- case was over, or for other eyes, meanwhile) stays a case of its own.
create table feedback_joins (
  feedback_id bigint primary key references feedback (id),
  case_id     bigint not null references cases (id),
  wanted_at   timestamptz not null default now(),
  state       text not null default 'wanted' check (state in ('wanted', 'joined', 'apart')),
  settled_at  timestamptz,
  constraint feedback_joins_dated check ((state = 'wanted') = (settled_at is null))
);
create index feedback_joins_wanted on feedback_joins (wanted_at) where state = 'wanted';
grant select, insert, update (state, settled_at) on feedback_joins to mashangdu_gateway;
alter table feedback_joins enable row level security;
create policy gateway on feedback_joins to mashangdu_gateway using (true) with check (true);

insert into act_rules (act, post, confidential, not_author, not_asker, outside) values ('merge', 'citizen', false, false, false, false);

-- Open cases that may be shown as the same matter: never a confidential or held one, a report, or a plain rating.
create index cases_alike_unit on cases (unit_id, opened_at desc) where state in ('discovered', 'assigned', 'handling', 'replied', 'verifying')
  and not confidential and not held and nature not in ('report', 'rate');
create index cases_alike_plaque on cases (plaque_unit_id, opened_at desc) where state in ('discovered', 'assigned', 'handling', 'replied', 'verifying')
  and not confidential and not held and nature not in ('report', 'rate');
create index cases_alike_category on cases (category, opened_at desc) where state in ('discovered', 'assigned', 'handling', 'replied', 'verifying')
  and not confidential and not held and nature not in ('report', 'rate');
