/* The acts of a case in words: who, what, from where to where, with every text and everything else that the act brought. */
#include "story_part.h"
#include "core/caseflow.h"
#include "core/workdays.h"
#include <string.h>

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

/* "call_solved": what was answered on the telephone. False: it is nothing of that. */
static bool say_answer(struct text *t, struct text *line, struct str key, struct str answer)
{
    const struct str mark = STR("call_");
    struct str word, zh;
    enum call_question q;
    if (!str_starts(key, mark) || !call_question_parse((struct str){key.p + mark.n, key.n - mark.n}, &q))
        return false;
    for (size_t i = 0; call_answer_at(q, i, &word, &zh); i++) {
        if (!str_eq(word, answer)) continue;
        text_addf(line, "回访问%s：%.*s", call_question_chinese(q), STR_ARG(zh));
        telling_line(t, "", text_str(line));
        text_clear(line);
        return true;
    }
    return false;
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
    struct json *data = json_parse(story_text(act, "data"), 65536, &why);
    for (const char *key = NULL; data && (key = json_next_key(data, key)) != NULL;) {
        const struct json *v = json_get(data, key);
        const char *name = NULL;
        enum pause_cause cause;
        enum case_clock clock;
        i64 n = 0;
        if (strcmp(key, "charged_unit") == 0) {
            telling_line(t, "争议用时计入：", story_text(act, "charged"));
            continue;
        }
        if (strcmp(key, "commitment") == 0) {
            telling_line_hash(t, "原话存证：", json_str(v));
            continue;
        }
        for (size_t i = 0; i < ARRAY_LEN(names) && !name; i++)
            if (strcmp(key, names[i].key) == 0) name = names[i].zh;
        if (say_answer(t, &g->more, str_of(key), json_str(v))) continue;
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
        telling_line(t, "", text_str(&g->more));
        text_clear(&g->more);
    }
    json_free(&data);
}

static enum paper_colour colour_of(enum case_act act, const struct json *v)
{
    struct str to = story_text(v, "to");
    if (act == ACT_OVERDUE || act == ACT_CALLBACK_UNSOLVED || act == ACT_CONFIRM_UNSOLVED ||
        act == ACT_CONFIRM_PARTLY || act == ACT_OBJECT || act == ACT_REOPEN)
        return PAPER_RED;
    if (act == ACT_SUPERVISE || act == ACT_PROPOSE) return PAPER_YELLOW;
    return str_eq(to, STR("closed")) ? PAPER_GREEN : PAPER_BLACK;
}

bool story_acts(struct telling *g)
{
    const struct json *all = json_get(g->doc, "acts");
    const size_t n = json_count(all);
    struct paper_event *e = telling_events(g, n);
    struct text *t = &g->t;
    struct text body;
    int replies = 0;
    if (!e) return false;
    text_init(&body, 256 * 1024);
    for (size_t i = 0; i < n; i++) {
        const struct json *a = json_at(all, i);
        enum case_act act = ACT_NOTE;
        bool known = case_act_parse(story_text(a, "act"), &act);
        struct str who = telling_who(g, a), from = story_text(a, "from"), to = story_text(a, "to");
        text_addf(t, "%lld. ", (long long)story_number(a, "version"));
        if (known)
            text_addz(t, case_act_chinese(act));
        else
            text_add(t, story_text(a, "act"));
        if (known && act == ACT_REPLY) text_addf(t, "（第%d稿）", ++replies);
        if (story_text(a, "unit_name").n) text_addf(t, "：%.*s", STR_ARG(story_text(a, "unit_name")));
        if (!str_eq(from, to)) text_addf(t, "　%s→%s", telling_state(from), telling_state(to));
        telling_line(&body, "", story_text(a, "words"));
        telling_line(&body, "理由：", story_text(a, "reason"));
        say_data(g, a, &body);
        if (story_text(a, "salt").n == 32) telling_line(&body, "", STR("（文字已依规删除）"));
        telling_line_hash(&body, "存证摘要：", story_text(a, "hash"));
        e[i] = (struct paper_event){.when = telling_when(g, story_instant(a, "at")),
                                    .who = who,
                                    .what = telling_kept(g, t),
                                    .colour = colour_of(act, a),
                                    .text = telling_kept(g, &body)};
    }
    text_free(&body);
    telling_chapter(g, "二、办理经过",
                    n < STORY_ACTS_MAX ? STR_NONE : STR("办理动作太多，只列最早的五千步。"), e, n);
    return true;
}
