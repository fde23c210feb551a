#include "story.h"
#include "base/code.h"
#include "core/caseflow.h"
#include "core/letter.h"
#include "core/proof.h"
#include "io/crypto.h"
#include "io/json.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FACTS_MAX = 28, CHAPTERS_MAX = 9 };

/* A story on its way: the text that is being put together, and where the next fact and chapter go. */
struct telling {
    struct story *s;
    const struct json *doc;
    struct text t, more; /* kept() empties them */
    struct paper_fact *facts;
    struct paper_chapter *chapters;
};

static struct str text_of(const struct json *v, const char *key) { return json_str(json_get(v, key)); }
static i64 number_of(const struct json *v, const char *key)
{
    i64 n = 0;
    return json_int(json_get(v, key), &n) ? n : 0;
}
static instant instant_of(const struct json *v, const char *key) { return (instant){number_of(v, key)}; }

static struct str kept(struct telling *g, struct text *t)
{
    struct str s = arena_str(&g->s->arena, text_str(t));
    text_clear(t);
    return s.p ? s : STR("");
}

static struct str when_of(struct telling *g, instant at)
{
    char text[INSTANT_TEXT_MAX];
    return arena_str(&g->s->arena, str_of(at.us ? instant_text_china(at, text) : ""));
}

/* --- words for people --- */

static const char *channel_chinese(struct str word)
{
    static const struct {
        const char *word, *zh;
    } all[] = {{"plaque", "监督牌扫码"}, {"live", "在线对话"}, {"sms", "短信"},       {"web", "网页"},
               {"phone", "电话"},        {"window", "窗口"},   {"meeting", "会议"},   {"monitor", "监测员"},
               {"open311", "Open311"},   {"email", "邮件"},    {"import", "批量导入"}};
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

static const char *state_chinese(struct str word)
{
    enum case_state state;
    return case_state_parse(word, &state) ? case_state_chinese(state) : "";
}

/* 张三（督查督办组，综合办公室）, or the kind of actor. */
static struct str who_of(struct telling *g, const struct json *v)
{
    struct str name = text_of(v, "name"), office = text_of(v, "office");
    enum actor_kind kind = ACTOR_CLOCK;
    if (name.n == 0) {
        bool known = actor_kind_parse(text_of(v, "actor"), &kind);
        return str_of(known || json_get(v, "actor") == NULL ? actor_kind_chinese(kind) : "");
    }
    const char *role = role_chinese(text_of(v, "role"));
    text_add(&g->t, name);
    text_addf(&g->t, "（%s%s%.*s）", role, role[0] && office.n ? "，" : "", STR_ARG(office));
    return kept(g, &g->t);
}

static void line(struct text *t, const char *lead, struct str s)
{
    if (str_trim(s).n == 0) return;
    if (t->n) text_addc(t, '\n');
    text_addz(t, lead);
    text_add(t, str_trim(s));
}

/* A hash in groups of eight: a printer may break it there without a hyphen of its own. */
static void line_hash(struct text *t, const char *lead, struct str hex)
{
    if (hex.n == 0) return;
    if (t->n) text_addc(t, '\n');
    text_addz(t, lead);
    for (size_t i = 0; i < hex.n; i++) {
        if (i && i % 8 == 0) text_addc(t, ' ');
        text_addc(t, hex.p[i]);
    }
}

/* "2026-03-18T01:59:57.123Z", as acts hold instants, in China time and with the end of a day as 24:00; else as it is. */
static void put_instant(struct text *t, struct str s)
{
    static const char shape[] = "dddd-dd-ddTdd:dd:dd";
    char due[INSTANT_TEXT_MAX];
    int n[6] = {0}, field = 0;
    bool fits = s.n >= sizeof shape - 1;
    for (size_t i = 0; fits && i < sizeof shape - 1; i++) {
        if (shape[i] == 'd' && s.p[i] >= '0' && s.p[i] <= '9')
            n[field] = n[field] * 10 + (s.p[i] - '0');
        else
            fits = shape[i] == s.p[i], field++;
    }
    if (!fits) {
        text_add(t, s);
        return;
    }
    const i64 days = civil_to_days((struct civil){n[0], n[1], n[2]});
    text_addz(t, due_text((instant){((days * 24 + n[3]) * 3600 + n[4] * 60 + n[5]) * 1000000}, due));
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
    struct str v = text_of(g->doc, key);
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
    fact(g, name, kept(g, &g->t), PAPER_BLACK);
}

static void tell_facts(struct telling *g)
{
    const struct json *d = g->doc;
    enum nature nature = NATURE_UNKNOWN;
    enum case_ending ending = ENDING_NONE;
    enum case_clock clock;
    const instant due = instant_of(d, "due");
    if (!nature_parse(text_of(d, "nature"), &nature)) nature = NATURE_UNKNOWN;
    fact(g, "状态", str_of(state_chinese(text_of(d, "state"))), PAPER_BLACK);
    fact(g, "性质", str_of(nature_chinese(nature)), PAPER_BLACK);
    fact_text(g, "事项类别", "category");
    text_addf(&g->t, "L%lld", (long long)number_of(d, "level"));
    fact(g, "等级", kept(g, &g->t), PAPER_BLACK);
    fact_text(g, "承办单位", "unit");
    fact_text(g, "首接单位", "first_unit");
    fact_text(g, "会办单位", "co_units");
    fact_text(g, "上级承办机关", "higher");
    fact_text(g, "反映对象", "about");
    fact(g, "来源渠道", str_of(channel_chinese(text_of(d, "channel"))), PAPER_BLACK);
    fact_text(g, "发现途径", "source");
    fact(g, "立件时间", when_of(g, instant_of(d, "opened")), PAPER_BLACK);
    if (due.us && case_clock_parse(text_of(d, "due_clock"), &clock)) {
        char text[INSTANT_TEXT_MAX];
        text_addf(&g->t, "%s（%s）", due_text(due, text), case_clock_chinese(clock));
        fact(g, "当前时限", kept(g, &g->t),
             instant_before(due, g->s->paper.printed) ? PAPER_RED : PAPER_BLACK);
    }
    fact(g, "销号时间", when_of(g, instant_of(d, "closed")), PAPER_BLACK);
    if (case_ending_parse(text_of(d, "ending"), &ending) && ending != ENDING_NONE)
        fact(g, "办结方式", str_of(case_ending_chinese(ending)), PAPER_BLACK);
    fact_number(g, "办理轮次", "第#轮", number_of(d, "round"));
    if (number_of(d, "rung") > 0 && number_of(d, "rung") < RUNGS_N)
        fact(g, "督办等级", str_of(supervise_rung_chinese((int)number_of(d, "rung"))),
             number_of(d, "rung") >= RUNG_RED ? PAPER_RED : PAPER_YELLOW);
    fact_number(g, "并入办件", "#号", number_of(d, "merged_into"));
    fact_number(g, "反映件数", "#件", (i64)json_count(json_get(d, "feedback")));
    if (json_bool(json_get(d, "confidential"))) fact(g, "密级", STR("保密件，查看留痕"), PAPER_RED);
}

/* --- chapters --- */

static struct paper_event *events_new(struct telling *g, size_t n)
{
    return arena_alloc(&g->s->arena, (n + 1) * sizeof(struct paper_event));
}

static void chapter(struct telling *g, const char *heading, struct str text, const struct paper_event *events,
                    size_t n)
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
    struct paper_event *e = events_new(g, n);
    if (!e) return false;
    for (size_t i = 0; i < n; i++) {
        const struct json *f = json_at(all, i);
        enum nature nature;
        text_addz(&g->t, channel_chinese(text_of(f, "channel")));
        if (text_of(f, "plaque").n) text_addf(&g->t, "，监督牌%.*s", STR_ARG(text_of(f, "plaque")));
        if (nature_parse(text_of(f, "nature"), &nature))
            text_addf(&g->t, "，群众选择“%s”", nature_chinese(nature));
        if (number_of(f, "rating")) text_addf(&g->t, "，评价%lld分", (long long)number_of(f, "rating"));
        if (number_of(f, "case") != g->s->id)
            text_addf(&g->t, "，原办件%lld", (long long)number_of(f, "case"));
        e[i] = (struct paper_event){.when = when_of(g, instant_of(f, "at")),
                                    .who = STR("群众"),
                                    .what = kept(g, &g->t),
                                    .text = arena_str(&g->s->arena, text_of(f, "words"))};
        if (e[i].text.n == 0) e[i].text = STR("（原文已依规删除，存证摘要仍在）");
    }
    chapter(g, "一、群众反映", STR_NONE, e, n);
    return true;
}

/* What an act brought beside reason and words, in words; commitments stand with the chain. */
static void say_data(struct telling *g, const struct json *act, struct text *t)
{
    static const struct {
        const char *key, *zh;
    } names[] = {{"ground", "法律法规依据"},
                 {"way", "应当通过的法定途径"},
                 {"receiver", "接收机关"},
                 {"higher", "上级承办机关"},
                 {"category", "事项类别调整为"},
                 {"target", "主办件"},
                 {"amount", "申请延长"},
                 {"extended", "批准延长"},
                 {"evidence", "佐证材料件数"},
                 {"rung", "督办等级"},
                 {"letter", "函件"},
                 {"feedback", "反映人（反映编号）"},
                 {"rating", "评价"},
                 {"until", "挂起至"},
                 {"due", "时限"},
                 {"pause_cause", "挂起事由"},
                 {"clock", "超时事项"},
                 {"charged_minutes", "争议用时（分钟）"}};
    const char *why;
    struct json *data = json_parse(text_of(act, "data"), 65536, &why);
    for (const char *key = NULL; data && (key = json_next_key(data, key)) != NULL;) {
        const struct json *v = json_get(data, key);
        const char *name = NULL;
        enum pause_cause cause;
        enum case_clock clock;
        i64 n = 0;
        if (strcmp(key, "charged_unit") == 0) {
            line(t, "争议用时计入：", text_of(act, "charged"));
            continue;
        }
        if (strcmp(key, "commitment") == 0) {
            line_hash(t, "原话存证：", json_str(v));
            continue;
        }
        for (size_t i = 0; i < ARRAY_LEN(names) && !name; i++)
            if (strcmp(key, names[i].key) == 0) name = names[i].zh;
        text_addf(&g->more, "%s：", name ? name : key);
        if (strcmp(key, "rung") == 0 && json_int(v, &n) && n > 0 && n < RUNGS_N)
            text_addz(&g->more, supervise_rung_chinese((int)n));
        else if (pause_cause_parse(json_str(v), &cause))
            text_addz(&g->more, pause_cause_chinese(cause));
        else if (strcmp(key, "clock") == 0 && case_clock_parse(json_str(v), &clock))
            text_addz(&g->more, case_clock_chinese(clock));
        else if (strcmp(key, "until") == 0 || strcmp(key, "due") == 0)
            put_instant(&g->more, json_str(v));
        else if (json_int(v, &n))
            text_addf(&g->more, "%lld", (long long)n);
        else
            text_add(&g->more, json_str(v));
        line(t, "", text_str(&g->more));
        text_clear(&g->more);
    }
    json_free(&data);
}

static enum paper_colour colour_of(enum case_act act, const struct json *v)
{
    struct str to = text_of(v, "to");
    if (act == ACT_OVERDUE || act == ACT_CALLBACK_UNSOLVED || act == ACT_CONFIRM_UNSOLVED ||
        act == ACT_REOPEN)
        return PAPER_RED;
    if (act == ACT_SUPERVISE || act == ACT_PROPOSE) return PAPER_YELLOW;
    return str_eq(to, STR("closed")) ? PAPER_GREEN : PAPER_BLACK;
}

static bool tell_acts(struct telling *g)
{
    const struct json *all = json_get(g->doc, "acts");
    const size_t n = json_count(all);
    struct paper_event *e = events_new(g, n);
    struct text *t = &g->t;
    struct text body;
    int replies = 0;
    if (!e) return false;
    text_init(&body, 256 * 1024);
    for (size_t i = 0; i < n; i++) {
        const struct json *a = json_at(all, i);
        enum case_act act = ACT_NOTE;
        bool known = case_act_parse(text_of(a, "act"), &act);
        struct str who = who_of(g, a), from = text_of(a, "from"), to = text_of(a, "to");
        text_addf(t, "%lld. ", (long long)number_of(a, "version"));
        if (known)
            text_addz(t, case_act_chinese(act));
        else
            text_add(t, text_of(a, "act"));
        if (known && act == ACT_REPLY) text_addf(t, "（第%d稿）", ++replies);
        if (text_of(a, "unit_name").n) text_addf(t, "：%.*s", STR_ARG(text_of(a, "unit_name")));
        if (!str_eq(from, to)) text_addf(t, "　%s→%s", state_chinese(from), state_chinese(to));
        line(&body, "", text_of(a, "words"));
        line(&body, "理由：", text_of(a, "reason"));
        say_data(g, a, &body);
        if (text_of(a, "salt").n == 32) line(&body, "", STR("（文字已依规删除）"));
        line_hash(&body, "存证摘要：", text_of(a, "hash"));
        e[i] = (struct paper_event){.when = when_of(g, instant_of(a, "at")),
                                    .who = who,
                                    .what = kept(g, t),
                                    .colour = colour_of(act, a),
                                    .text = kept(g, &body)};
    }
    text_free(&body);
    chapter(g, "二、办理经过", n < STORY_ACTS_MAX ? STR_NONE : STR("办理动作太多，只列最早的五千步。"), e, n);
    return true;
}

static bool tell_times(struct telling *g, const struct story_calendar *cal)
{
    const struct json *acts = json_get(g->doc, "acts");
    struct paper_event *e = events_new(g, json_count(acts) * STORY_TIMES_MAX);
    if (!e) return false;
    size_t n = story_times(&g->s->arena, cal, acts, (int)number_of(g->doc, "level"), e, 0);
    chapter(g, "三、时限", STR("按当时有效的工作日历逐步推算；依据写在每一步之下。"), e, n);
    return true;
}

static void tell_letter_text(struct telling *g, const struct json *l, const struct json *x,
                             struct paper_event *e)
{
    struct text body;
    text_init(&body, 64 * 1024);
    text_addf(&g->t, "%s第%lld稿：%.*s", letter_chinese(text_of(l, "kind")),
              (long long)number_of(x, "version"), STR_ARG(text_of(x, "title")));
    line(&body, "主送：", text_of(x, "units").n ? text_of(x, "units") : text_of(x, "receiver"));
    line(&body, "", text_of(x, "basis"));
    line(&body, "", text_of(x, "body"));
    line(&body, "经验推广：", text_of(x, "practice"));
    line(&body, "反馈期限：", text_of(x, "due"));
    e->what = kept(g, &g->t);
    e->text = kept(g, &body);
    e->who = who_of(g, x);
    e->when = when_of(g, instant_of(x, "at"));
    text_free(&body);
}

static void tell_letter_act(struct telling *g, const struct json *l, const struct json *y,
                            struct paper_event *e)
{
    enum letter_act act;
    struct text body;
    struct str serial = text_of(l, "serial");
    text_init(&body, 64 * 1024);
    e->who = who_of(g, y);
    text_addz(&g->t, letter_chinese(text_of(l, "kind")));
    if (letter_act_parse(text_of(y, "act"), &act)) text_addf(&g->t, "%s", letter_act_chinese(act));
    if (str_eq(text_of(y, "act"), STR("sign")) && serial.n) text_addf(&g->t, "　%.*s", STR_ARG(serial));
    if (text_of(y, "unit_name").n) text_addf(&g->t, "：%.*s", STR_ARG(text_of(y, "unit_name")));
    line(&body, "理由：", text_of(y, "reason"));
    line(&body, "", text_of(y, "words"));
    e->what = kept(g, &g->t);
    e->text = kept(g, &body);
    e->when = when_of(g, instant_of(y, "at"));
    text_free(&body);
}

static bool tell_letters(struct telling *g)
{
    const struct json *all = json_get(g->doc, "letters");
    size_t n = 0, at = 0;
    for (size_t i = 0; i < json_count(all); i++)
        n += json_count(json_get(json_at(all, i), "texts")) + json_count(json_get(json_at(all, i), "acts"));
    struct paper_event *e = events_new(g, n);
    if (!e) return false;
    for (size_t i = 0; i < json_count(all); i++) {
        const struct json *l = json_at(all, i), *texts = json_get(l, "texts"), *acts = json_get(l, "acts");
        for (size_t k = 0; k < json_count(texts); k++) tell_letter_text(g, l, json_at(texts, k), &e[at++]);
        for (size_t k = 0; k < json_count(acts); k++) tell_letter_act(g, l, json_at(acts, k), &e[at++]);
    }
    chapter(g, "四、函件", STR_NONE, e, at);
    return true;
}

static bool tell_callbacks(struct telling *g)
{
    static const struct {
        const char *word, *zh;
    } states[] = {{"due", "待回访"},       {"solved", "已解决"},      {"unsolved", "未解决"},
                  {"refused", "拒绝回访"}, {"silence", "三次未接通"}, {"overtaken", "不再回访"}};
    const struct json *all = json_get(g->doc, "callbacks");
    const size_t n = json_count(all);
    struct paper_event *e = events_new(g, n);
    if (!e) return false;
    for (size_t i = 0; i < n; i++) {
        const struct json *k = json_at(all, i);
        const char *zh = "";
        for (size_t s = 0; s < ARRAY_LEN(states); s++)
            if (str_eq(text_of(k, "state"), str_of(states[s].word))) zh = states[s].zh;
        text_addf(&g->t, "第%lld轮，反映%lld：%s", (long long)number_of(k, "round"),
                  (long long)number_of(k, "feedback"), zh);
        if (number_of(k, "tries")) text_addf(&g->t, "，未接通%lld次", (long long)number_of(k, "tries"));
        if (number_of(k, "rating")) text_addf(&g->t, "，评价%lld分", (long long)number_of(k, "rating"));
        struct str what = kept(g, &g->t);
        instant told = instant_of(k, "at");
        e[i] = (struct paper_event){.when = when_of(g, told.us ? told : instant_of(k, "made")),
                                    .who = text_of(k, "name").n                       ? who_of(g, k)
                                           : str_eq(text_of(k, "by"), STR("citizen")) ? STR("群众")
                                                                                      : STR("—"),
                                    .what = what};
    }
    chapter(g, "五、回访", STR_NONE, e, n);
    return true;
}

static bool tell_merged(struct telling *g)
{
    const struct json *all = json_get(g->doc, "merged");
    const size_t n = json_count(all);
    struct paper_event *e = events_new(g, n);
    if (!e) return false;
    for (size_t i = 0; i < n; i++) {
        const struct json *m = json_at(all, i);
        text_addf(&g->t, "办件%lld%s", (long long)number_of(m, "id"),
                  str_eq(text_of(m, "act"), STR("merge")) ? "并入本件" : "撤销并案，恢复单独办理");
        struct str what = kept(g, &g->t);
        e[i] = (struct paper_event){.when = when_of(g, instant_of(m, "at")),
                                    .who = who_of(g, m),
                                    .what = what,
                                    .text = arena_str(&g->s->arena, text_of(m, "reason"))};
    }
    chapter(g, "六、并案", STR_NONE, e, n);
    return true;
}

static bool tell_looks(struct telling *g)
{
    const struct json *all = json_get(g->doc, "looks");
    const size_t n = json_count(all);
    struct paper_event *e = events_new(g, n);
    if (!e) return false;
    for (size_t i = 0; i < n; i++) {
        const struct json *v = json_at(all, i);
        e[i] = (struct paper_event){.when = when_of(g, instant_of(v, "at")),
                                    .who = who_of(g, v),
                                    .what = str_eq(text_of(v, "action"), STR("look")) ? STR("查看保密内容")
                                                                                      : STR("调取联系电话"),
                                    .text = arena_str(&g->s->arena, text_of(v, "reason"))};
    }
    chapter(g, "七、查看留痕", STR_NONE, e, n);
    return true;
}

/* --- the chain --- */

static bool act_holds(const struct json *a, i64 case_id, const u8 *previous, u8 hash[HASH_BYTES])
{
    u8 words[HASH_BYTES], who[HASH_BYTES], kept_words[HASH_BYTES], again[HASH_BYTES];
    struct str salt = text_of(a, "salt");
    struct proof_act p = {.id = number_of(a, "id"),
                          .case_id = case_id,
                          .version = number_of(a, "version"),
                          .at = instant_of(a, "at"),
                          .act = text_of(a, "act"),
                          .actor = text_of(a, "actor"),
                          .from = text_of(a, "from"),
                          .to = text_of(a, "to"),
                          .staff = number_of(a, "staff"),
                          .unit = number_of(a, "unit"),
                          .role = text_of(a, "role"),
                          .public_words = json_bool(json_get(a, "public")),
                          .reason = text_of(a, "reason"),
                          .words = text_of(a, "words"),
                          .data = text_of(a, "data")};
    const bool erased = salt.n == PROOF_SALT; /* in hex: half of the salt is left */
    if (!hex_get(salt, p.salt, erased ? PROOF_SALT / 2 : PROOF_SALT) ||
        !hex_get(text_of(a, "hash"), hash, HASH_BYTES) ||
        !hex_get(text_of(a, "words_hash"), kept_words, HASH_BYTES))
        return false;
    proof_words(crypto_sha256, &p, words);
    proof_who(crypto_sha256, &p, who);
    proof_act(crypto_sha256, previous, &p, who, kept_words, again);
    return (erased || memcmp(words, kept_words, HASH_BYTES) == 0) && memcmp(again, hash, HASH_BYTES) == 0;
}

static bool check_chain(struct telling *g)
{
    struct story *s = g->s;
    const struct json *all = json_get(g->doc, "acts");
    u8 row[HASH_BYTES];
    s->n_acts = json_count(all);
    s->hashes = arena_alloc(&s->arena, (s->n_acts + 1) * HASH_BYTES);
    if (!s->hashes) return false;
    for (size_t i = 0; i < s->n_acts; i++) {
        const struct json *a = json_at(all, i);
        bool holds = act_holds(a, s->id, i ? s->hashes[i - 1] : NULL, s->hashes[i]);
        if (s->broken == 0 && !(holds && number_of(a, "version") == (i64)i + 1)) s->broken = (i64)i + 1;
    }
    if (s->broken == 0 && s->n_acts < STORY_ACTS_MAX &&
        (s->n_acts == 0 || !hex_get(text_of(g->doc, "chain"), row, HASH_BYTES) ||
         memcmp(row, s->hashes[s->n_acts - 1], HASH_BYTES) != 0))
        s->broken = (i64)s->n_acts + 1;
    if (s->broken)
        text_addf(&g->t, "第%lld步起与存证不符", (long long)s->broken);
    else
        text_addf(&g->t, "%zu步连续，未被改动", s->n_acts);
    fact(g, "存证链", kept(g, &g->t), s->broken ? PAPER_RED : PAPER_GREEN);
    return true;
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
    p->number = kept(g, &g->t);
    tell_facts(g);
    if (!check_chain(g) || !tell_feedback(g) || !tell_acts(g) || !tell_times(g, cal) || !tell_letters(g) ||
        !tell_callbacks(g) || !tell_merged(g) || !tell_looks(g))
        return false;
    text_addf(&g->t, "办理%zu步，函件%zu份，回访%zu项，查看%zu次", g->s->n_acts,
              json_count(json_get(g->doc, "letters")), json_count(json_get(g->doc, "callbacks")),
              json_count(json_get(g->doc, "looks")));
    p->subtitle = kept(g, &g->t);
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
    s->id = number_of(parsed, "id");
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
