#include "story_part.h"
#include "core/caseflow.h"
#include "core/letter.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FACTS_MAX = 28, CHAPTERS_MAX = 9 };

struct str story_text(const struct json *v, const char *key) { return json_str(json_get(v, key)); }
i64 story_number(const struct json *v, const char *key)
{
    i64 n = 0;
    return json_int(json_get(v, key), &n) ? n : 0;
}
instant story_instant(const struct json *v, const char *key) { return (instant){story_number(v, key)}; }

struct str telling_kept(struct telling *g, struct text *t)
{
    struct str s = arena_str(&g->s->arena, text_str(t));
    text_clear(t);
    return s.p ? s : STR("");
}

struct str telling_when(struct telling *g, instant at)
{
    char text[INSTANT_TEXT_MAX];
    return arena_str(&g->s->arena, str_of(at.us ? instant_text_china(at, text) : ""));
}

/* --- words for people --- */

static const char *channel_chinese(struct str word)
{
    static const struct {
        const char *word, *zh;
    } all[] = {{"plaque", "监督牌扫码"}, {"live", "在线对话"},   {"sms", "短信"},
               {"web", "网页"},          {"phone", "电话"},      {"window", "窗口"},
               {"meeting", "会议"},      {"monitor", "监测员"},  {"open311", "Open311"},
               {"email", "邮件"},        {"import", "批量导入"}, {"wechat", "微信公众号"}};
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        if (str_eq(word, str_of(all[i].word))) return all[i].zh;
    return "其他渠道";
}

static const char *letter_chinese(struct str word)
{
    for (unsigned l = 0; l < LETTERS_N; l++)
        if (str_eq(word, str_of(case_letter_word((enum case_letter)l))))
            return case_letter_chinese((enum case_letter)l);
    return "函件";
}

static const char *role_chinese(struct str word)
{
    enum staff_role role;
    return staff_role_parse(word, &role) ? staff_role_chinese(role) : "";
}

const char *telling_state(struct str word)
{
    enum case_state state;
    return case_state_parse(word, &state) ? case_state_chinese(state) : "";
}

/* 张三（督查督办组督办员）, by role and office where no post is on record or the name says it: 张三（督查督办组，综合办公室）; or
 * the kind of actor. */
struct str telling_who(struct telling *g, const struct json *v)
{
    struct str name = story_text(v, "name"), office = story_text(v, "office");
    enum actor_kind kind = ACTOR_CLOCK;
    if (name.n == 0) {
        bool known = actor_kind_parse(story_text(v, "actor"), &kind);
        return str_of(known || json_get(v, "actor") == NULL ? actor_kind_chinese(kind) : "");
    }
    const char *role = role_chinese(story_text(v, "role"));
    struct str post = story_text(v, "post");
    text_add(&g->t, name);
    if (post.n) {
        text_addf(&g->t, "（%.*s）", STR_ARG(post));
        return telling_kept(g, &g->t);
    }
    if (str_eq(office, str_of(role))) office = STR_NONE; /* the group is named like its post */
    text_addf(&g->t, "（%s%s%.*s）", role, role[0] && office.n ? "，" : "", STR_ARG(office));
    return telling_kept(g, &g->t);
}

void telling_line(struct text *t, const char *lead, struct str s)
{
    if (str_trim(s).n == 0) return;
    if (t->n) text_addc(t, '\n');
    text_addz(t, lead);
    text_add(t, str_trim(s));
}

/* A hash in groups of eight: a printer may break it there without a hyphen of its own. */
void telling_line_hash(struct text *t, const char *lead, struct str hex)
{
    if (hex.n == 0) return;
    if (t->n) text_addc(t, '\n');
    text_addz(t, lead);
    for (size_t i = 0; i < hex.n; i++) {
        if (i && i % 8 == 0) text_addc(t, ' ');
        text_addc(t, hex.p[i]);
    }
}

/* --- facts --- */

static void fact(struct telling *g, const char *name, struct str value, enum paper_colour colour)
{
    struct paper_story *p = &g->s->paper;
    if (value.n == 0) return;
    ASSERT(p->n_facts < FACTS_MAX);
    g->facts[p->n_facts++] = (struct paper_fact){str_of(name), value, colour};
}

static void fact_text(struct telling *g, const char *name, const char *key)
{
    struct str v = story_text(g->doc, key);
    fact(g, name, v.n ? arena_str(&g->s->arena, v) : STR_NONE, PAPER_BLACK);
}

static void fact_number(struct telling *g, const char *name, const char *fmt, i64 n)
{
    char digits[24];
    size_t at = 0;
    if (n == 0) return;
    snprintf(digits, sizeof digits, "%lld", (long long)n);
    for (; fmt[at] && fmt[at] != '#'; at++) text_addc(&g->t, fmt[at]);
    text_addz(&g->t, digits);
    if (fmt[at]) text_addz(&g->t, fmt + at + 1);
    fact(g, name, telling_kept(g, &g->t), PAPER_BLACK);
}

static void tell_facts(struct telling *g)
{
    const struct json *d = g->doc;
    enum nature nature = NATURE_UNKNOWN;
    enum case_ending ending = ENDING_NONE;
    enum case_clock clock;
    const instant due = story_instant(d, "due");
    if (!nature_parse(story_text(d, "nature"), &nature)) nature = NATURE_UNKNOWN;
    fact(g, "状态", str_of(telling_state(story_text(d, "state"))), PAPER_BLACK);
    fact(g, "性质", str_of(nature_chinese(nature)), PAPER_BLACK);
    fact_text(g, "事项类别", "category");
    text_addf(&g->t, "L%lld", (long long)story_number(d, "level"));
    fact(g, "等级", telling_kept(g, &g->t), PAPER_BLACK);
    fact_text(g, "承办单位", "unit");
    fact_text(g, "首接单位", "first_unit");
    fact_text(g, "会办单位", "co_units");
    fact_text(g, "上级承办机关", "higher");
    fact_text(g, "反映对象", "about");
    fact(g, "来源渠道", str_of(channel_chinese(story_text(d, "channel"))), PAPER_BLACK);
    fact_text(g, "发现途径", "source");
    fact(g, "立件时间", telling_when(g, story_instant(d, "opened")), PAPER_BLACK);
    if (due.us && case_clock_parse(story_text(d, "due_clock"), &clock)) {
        char text[INSTANT_TEXT_MAX];
        text_addf(&g->t, "%s（%s）", due_text(due, text), case_clock_chinese(clock));
        fact(g, "当前时限", telling_kept(g, &g->t),
             instant_before(due, g->s->paper.printed) ? PAPER_RED : PAPER_BLACK);
    }
    fact(g, "销号时间", telling_when(g, story_instant(d, "closed")), PAPER_BLACK);
    if (case_ending_parse(story_text(d, "ending"), &ending) && ending != ENDING_NONE)
        fact(g, "办结方式", str_of(case_ending_chinese(ending)), PAPER_BLACK);
    fact_number(g, "办理轮次", "第#轮", story_number(d, "round"));
    if (story_number(d, "rung") > 0 && story_number(d, "rung") < RUNGS_N)
        fact(g, "督办等级", str_of(supervise_rung_chinese((int)story_number(d, "rung"))),
             story_number(d, "rung") >= RUNG_RED ? PAPER_RED : PAPER_YELLOW);
    fact_number(g, "并入办件", "#号", story_number(d, "merged_into"));
    fact_number(g, "反映件数", "#件", (i64)json_count(json_get(d, "feedback")));
    if (json_bool(json_get(d, "confidential"))) fact(g, "密级", STR("保密件，查看留痕"), PAPER_RED);
}

/* --- chapters --- */

struct paper_event *telling_events(struct telling *g, size_t n)
{
    return arena_alloc(&g->s->arena, (n + 1) * sizeof(struct paper_event));
}

void telling_chapter(struct telling *g, const char *heading, struct str text,
                     const struct paper_event *events, size_t n)
{
    struct paper_story *p = &g->s->paper;
    ASSERT(p->n_chapters < CHAPTERS_MAX);
    g->chapters[p->n_chapters++] =
        (struct paper_chapter){.heading = str_of(heading), .text = text, .events = events, .n_events = n};
}

static bool tell_feedback(struct telling *g)
{
    const struct json *all = json_get(g->doc, "feedback");
    const size_t n = json_count(all);
    struct paper_event *e = telling_events(g, n);
    if (!e) return false;
    for (size_t i = 0; i < n; i++) {
        const struct json *f = json_at(all, i);
        enum nature nature;
        text_addz(&g->t, channel_chinese(story_text(f, "channel")));
        if (story_text(f, "plaque").n) text_addf(&g->t, "，监督牌%.*s", STR_ARG(story_text(f, "plaque")));
        if (nature_parse(story_text(f, "nature"), &nature))
            text_addf(&g->t, "，群众选择“%s”", nature_chinese(nature));
        if (story_number(f, "rating")) text_addf(&g->t, "，评价%lld分", (long long)story_number(f, "rating"));
        if (story_number(f, "case") != g->s->id)
            text_addf(&g->t, "，原办件%lld", (long long)story_number(f, "case"));
        e[i] = (struct paper_event){.when = telling_when(g, story_instant(f, "at")),
                                    .who = STR("群众"),
                                    .what = telling_kept(g, &g->t),
                                    .text = arena_str(&g->s->arena, story_text(f, "words"))};
        if (e[i].text.n == 0) e[i].text = STR("（原文已依规删除，存证摘要仍在）");
    }
    telling_chapter(g, "一、群众反映", STR_NONE, e, n);
    return true;
}

static bool tell_times(struct telling *g, const struct story_calendar *cal)
{
    const struct json *acts = json_get(g->doc, "acts");
    struct paper_event *e = telling_events(g, json_count(acts) * STORY_TIMES_MAX);
    if (!e) return false;
    size_t n = story_times(&g->s->arena, cal, acts, (int)story_number(g->doc, "level"), e, 0);
    telling_chapter(g, "三、时限", STR("按当时有效的工作日历逐步推算；依据写在每一步之下。"), e, n);
    return true;
}

static void tell_letter_text(struct telling *g, const struct json *l, const struct json *x,
                             struct paper_event *e)
{
    struct text body;
    text_init(&body, 64 * 1024);
    text_addf(&g->t, "%s第%lld稿：%.*s", letter_chinese(story_text(l, "kind")),
              (long long)story_number(x, "version"), STR_ARG(story_text(x, "title")));
    telling_line(&body, "主送：",
                 story_text(x, "units").n ? story_text(x, "units") : story_text(x, "receiver"));
    telling_line(&body, "", story_text(x, "basis"));
    telling_line(&body, "", story_text(x, "body"));
    telling_line(&body, "经验推广：", story_text(x, "practice"));
    telling_line(&body, "反馈期限：", story_text(x, "due"));
    e->what = telling_kept(g, &g->t);
    e->text = telling_kept(g, &body);
    e->who = telling_who(g, x);
    e->when = telling_when(g, story_instant(x, "at"));
    text_free(&body);
}

static void tell_letter_act(struct telling *g, const struct json *l, const struct json *y,
                            struct paper_event *e)
{
    enum letter_act act;
    struct text body;
    struct str serial = story_text(l, "serial");
    text_init(&body, 64 * 1024);
    e->who = telling_who(g, y);
    text_addz(&g->t, letter_chinese(story_text(l, "kind")));
    if (letter_act_parse(story_text(y, "act"), &act)) text_addf(&g->t, "%s", letter_act_chinese(act));
    if (str_eq(story_text(y, "act"), STR("sign")) && serial.n) text_addf(&g->t, "　%.*s", STR_ARG(serial));
    if (story_text(y, "unit_name").n) text_addf(&g->t, "：%.*s", STR_ARG(story_text(y, "unit_name")));
    telling_line(&body, "理由：", story_text(y, "reason"));
    telling_line(&body, "", story_text(y, "words"));
    e->what = telling_kept(g, &g->t);
    e->text = telling_kept(g, &body);
    e->when = telling_when(g, story_instant(y, "at"));
    text_free(&body);
}

static bool tell_letters(struct telling *g)
{
    const struct json *all = json_get(g->doc, "letters");
    size_t n = 0, at = 0;
    for (size_t i = 0; i < json_count(all); i++)
        n += json_count(json_get(json_at(all, i), "texts")) + json_count(json_get(json_at(all, i), "acts"));
    struct paper_event *e = telling_events(g, n);
    if (!e) return false;
    for (size_t i = 0; i < json_count(all); i++) {
        const struct json *l = json_at(all, i), *texts = json_get(l, "texts"), *acts = json_get(l, "acts");
        for (size_t k = 0; k < json_count(texts); k++) tell_letter_text(g, l, json_at(texts, k), &e[at++]);
        for (size_t k = 0; k < json_count(acts); k++) tell_letter_act(g, l, json_at(acts, k), &e[at++]);
    }
    telling_chapter(g, "四、函件", STR_NONE, e, at);
    return true;
}

static bool tell_callbacks(struct telling *g)
{
    static const struct {
        const char *word, *zh;
    } states[] = {{"due", "待回访"},        {"solved", "已解决"},      {"unsolved", "未解决"},
                  {"refused", "拒绝回访"},  {"silence", "三次未接通"}, {"partly", "部分解决"},
                  {"overtaken", "不再回访"}};
    const struct json *all = json_get(g->doc, "callbacks");
    const size_t n = json_count(all);
    struct paper_event *e = telling_events(g, n);
    if (!e) return false;
    for (size_t i = 0; i < n; i++) {
        const struct json *k = json_at(all, i);
        const char *zh = "";
        for (size_t s = 0; s < ARRAY_LEN(states); s++)
            if (str_eq(story_text(k, "state"), str_of(states[s].word))) zh = states[s].zh;
        text_addf(&g->t, "第%lld轮，反映%lld：%s", (long long)story_number(k, "round"),
                  (long long)story_number(k, "feedback"), zh);
        if (story_number(k, "tries")) text_addf(&g->t, "，未接通%lld次", (long long)story_number(k, "tries"));
        if (story_number(k, "rating")) text_addf(&g->t, "，评价%lld分", (long long)story_number(k, "rating"));
        struct str what = telling_kept(g, &g->t);
        instant told = story_instant(k, "at");
        e[i] = (struct paper_event){.when = telling_when(g, told.us ? told : story_instant(k, "made")),
                                    .who = story_text(k, "name").n                       ? telling_who(g, k)
                                           : str_eq(story_text(k, "by"), STR("citizen")) ? STR("群众")
                                                                                         : STR("—"),
                                    .what = what};
    }
    telling_chapter(g, "五、回访", STR_NONE, e, n);
    return true;
}

static bool tell_merged(struct telling *g)
{
    const struct json *all = json_get(g->doc, "merged");
    const size_t n = json_count(all);
    struct paper_event *e = telling_events(g, n);
    if (!e) return false;
    for (size_t i = 0; i < n; i++) {
        const struct json *m = json_at(all, i);
        text_addf(&g->t, "办件%lld%s", (long long)story_number(m, "id"),
                  str_eq(story_text(m, "act"), STR("merge")) ? "并入本件" : "撤销并案，恢复单独办理");
        struct str what = telling_kept(g, &g->t);
        e[i] = (struct paper_event){.when = telling_when(g, story_instant(m, "at")),
                                    .who = telling_who(g, m),
                                    .what = what,
                                    .text = arena_str(&g->s->arena, story_text(m, "reason"))};
    }
    telling_chapter(g, "六、并案", STR_NONE, e, n);
    return true;
}

static bool tell_looks(struct telling *g)
{
    const struct json *all = json_get(g->doc, "looks");
    const size_t n = json_count(all);
    struct paper_event *e = telling_events(g, n);
    if (!e) return false;
    for (size_t i = 0; i < n; i++) {
        const struct json *v = json_at(all, i);
        e[i] = (struct paper_event){
            .when = telling_when(g, story_instant(v, "at")),
            .who = story_text(v, "name").n ? telling_who(g, v) : STR("系统管理员（命令行）"),
            .what = str_eq(story_text(v, "action"), STR("look")) ? STR("查看保密内容") : STR("调取联系电话"),
            .text = arena_str(&g->s->arena, story_text(v, "reason"))};
    }
    telling_chapter(g, "七、查看留痕", STR_NONE, e, n);
    return true;
}

static void tell_chain(struct telling *g)
{
    const struct story *s = g->s;
    if (s->broken)
        text_addf(&g->t, "第%lld步起与存证不符", (long long)s->broken);
    else
        text_addf(&g->t, "%zu步连续，未被改动", s->n_acts);
    fact(g, "存证链", telling_kept(g, &g->t), s->broken ? PAPER_RED : PAPER_GREEN);
}

/* --- the whole --- */

static bool tell(struct telling *g, const struct story_calendar *cal)
{
    struct paper_story *p = &g->s->paper;
    g->facts = arena_alloc(&g->s->arena, FACTS_MAX * sizeof *g->facts);
    g->chapters = arena_alloc(&g->s->arena, CHAPTERS_MAX * sizeof *g->chapters);
    if (!g->facts || !g->chapters) return false;
    p->facts = g->facts;
    p->chapters = g->chapters;
    p->title = STR("办件全程回溯");
    text_addf(&g->t, "%lld", (long long)g->s->id);
    p->number = telling_kept(g, &g->t);
    if (!story_chain(g->doc, g->s)) return false;
    tell_facts(g);
    tell_chain(g);
    if (!tell_feedback(g) || !story_acts(g) || !tell_times(g, cal) || !tell_letters(g) ||
        !tell_callbacks(g) || !tell_merged(g) || !tell_looks(g))
        return false;
    text_addf(&g->t, "办理%zu步，函件%zu份，回访%zu项，查看%zu次", g->s->n_acts,
              json_count(json_get(g->doc, "letters")), json_count(json_get(g->doc, "callbacks")),
              json_count(json_get(g->doc, "looks")));
    p->subtitle = telling_kept(g, &g->t);
    return p->number.n != 0;
}

struct story *story_new(struct str doc, const struct story_calendar *cal, instant now)
{
    const char *why;
    struct json *parsed = json_parse(doc, STORY_DOC_MAX, &why);
    if (!parsed || json_kind(parsed) != JSON_OBJECT) {
        json_free(&parsed);
        return NULL;
    }
    struct story *s = MEM_NEW(struct story);
    struct telling g = {.s = s, .doc = parsed};
    arena_init(&s->arena, 3 * STORY_DOC_MAX);
    s->paper.printed = now;
    s->id = story_number(parsed, "id");
    text_init(&g.t, 64 * 1024);
    text_init(&g.more, 64 * 1024);
    bool whole = tell(&g, cal);
    text_free(&g.t);
    text_free(&g.more);
    json_free(&parsed);
    if (!whole) story_free(&s);
    return s;
}

void story_free(struct story **s)
{
    if (!*s) return;
    arena_free(&(*s)->arena);
    free(*s);
    *s = NULL;
}
