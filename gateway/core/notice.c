#include "core/notice.h"

#define LEVEL_URGENT 1 /* L1: two hours */

static const struct {
    const char *word, *headline;
    bool staff;
} kinds[] = {
#define X(id, word, headline, staff) {word, headline, staff},
    NOTICE_KINDS(X)
#undef X
};

const char *notice_kind_word(enum notice_kind k) { return kinds[k].word; }
const char *notice_kind_headline(enum notice_kind k) { return kinds[k].headline; }

/* --- what it is told as --- */

static enum notice_kind act_kind(const struct notice_facts *f)
{
    enum case_act act;
    enum case_state state;
    if (!case_act_parse(f->act, &act) || !case_state_parse(f->state, &state)) return NOTICE_CASE_CHANGED;
    switch (act) {
    case ACT_ASSIGN:
        return NOTICE_CASE_ASSIGNED;
    case ACT_SIGN:
        return NOTICE_CASE_SIGNED;
    case ACT_RETURN_ASK:
        return NOTICE_CASE_RETURN_ASKED;
    case ACT_RETURN_GRANT:
        return NOTICE_CASE_RETURNED;
    case ACT_EXTEND_GRANT:
        return NOTICE_CASE_EXTENDED;
    case ACT_PAUSE_GRANT:
        return NOTICE_CASE_PAUSED;
    case ACT_RESUME:
        return NOTICE_CASE_RESUMED;
    case ACT_REPLY:
        return NOTICE_CASE_REPLIED;
    case ACT_SEND_BACK:
        return NOTICE_CASE_SENT_BACK;
    case ACT_APPROVE:
        return NOTICE_CASE_ANSWERED;
    case ACT_OVERDUE:
        return NOTICE_CASE_OVERDUE;
    case ACT_PROPOSE:
        return NOTICE_CASE_PROPOSED;
    case ACT_SUPERVISE:
        return f->rung <= RUNG_URGE ? NOTICE_CASE_URGED : NOTICE_CASE_SUPERVISED;
    case ACT_DECLINE:
        return NOTICE_CASE_DECLINED;
    case ACT_MERGE:
        return NOTICE_CASE_MERGED;
    case ACT_TRANSFER_OUT:
        return NOTICE_CASE_TRANSFERRED;
    case ACT_REOPEN:
    case ACT_CALLBACK_UNSOLVED:
    case ACT_CONFIRM_UNSOLVED:
    case ACT_CONFIRM_PARTLY:
        if (state == CASE_HANDLING || state == CASE_ASSIGNED) return NOTICE_CASE_REOPENED;
        break;
    case ACT_OBJECT:
    case ACT_OBJECT_REJECT:
        return NOTICE_CASE_CHANGED;
    default:
        break;
    }
    return state == CASE_CLOSED ? NOTICE_CASE_CLOSED : NOTICE_CASE_CHANGED;
}

/* Drafts are the office's own affair: a letter is told of once it has its number. */
static size_t letter_kinds(const struct notice_facts *f, enum notice_kind *kind_r)
{
    static const struct {
        const char *state;
        enum notice_kind kind;
    } states[] = {{"signed", NOTICE_LETTER_SIGNED},     {"delivered", NOTICE_LETTER_DELIVERED},
                  {"received", NOTICE_LETTER_RECEIVED}, {"answered", NOTICE_LETTER_ANSWERED},
                  {"finished", NOTICE_LETTER_FINISHED}, {"void", NOTICE_LETTER_VOID}};
    for (size_t i = 0; f->serial.n && i < ARRAY_LEN(states); i++) {
        if (!str_eq(f->state, str_of(states[i].state))) continue;
        *kind_r = states[i].kind;
        return 1;
    }
    return 0;
}

size_t notice_kinds(const struct notice_facts *f, enum notice_kind kinds_r[NOTICE_KINDS_MAX])
{
    if (f->wordless) {
        kinds_r[0] = NOTICE_CASE_DUTY;
        return f->level == LEVEL_URGENT;
    }
    if (str_eq(f->kind, STR("case.opened"))) {
        size_t n = 0;
        kinds_r[n++] = NOTICE_CASE_OPENED;
        if (str_eq(f->state, str_of(case_state_word(CASE_ASSIGNED)))) kinds_r[n++] = NOTICE_CASE_ASSIGNED;
        if (f->level == LEVEL_URGENT)
            kinds_r[n++] = NOTICE_CASE_URGENT; /* the duty desk too, whoever has it */
        return n;
    }
    if (str_eq(f->kind, STR("letter.changed"))) return letter_kinds(f, kinds_r);
    if (str_eq(f->kind, STR("case.changed"))) {
        kinds_r[0] = act_kind(f);
        kinds_r[1] = NOTICE_CASE_URGENT;
        return f->raised && f->level == LEVEL_URGENT ? 2 : 1;
    }
    if (str_eq(f->kind, STR("feedback.rated")))
        kinds_r[0] = NOTICE_FEEDBACK_RATED;
    else if (str_eq(f->kind, STR("channel.alarm")))
        kinds_r[0] = NOTICE_CHANNEL_ALARM;
    else if (str_eq(f->kind, STR("burst.began")))
        kinds_r[0] = NOTICE_BURST_BEGAN;
    else if (str_eq(f->kind, STR("burst.grew")))
        kinds_r[0] = NOTICE_BURST_GREW;
    else if (str_eq(f->kind, STR("burst.ended")))
        kinds_r[0] = NOTICE_BURST_ENDED;
    else if (str_eq(f->kind, STR("cause.late")))
        kinds_r[0] = NOTICE_CAUSE_LATE;
    else
        return 0;
    return 1;
}

/* --- who wants it --- */

static bool separator(char c) { return c == ',' || c == ';' || c == ' ' || c == '\t'; }

/* The next word of a list, or an empty one at its end. */
static struct str word_take(struct str *list)
{
    struct str w;
    while (list->n && separator(*list->p)) list->p++, list->n--;
    w = (struct str){list->p, 0};
    while (list->n && !separator(*list->p)) list->p++, list->n--, w.n++;
    return w;
}

bool notice_wanted(struct str events, bool staff, enum notice_kind k)
{
    struct str word = str_of(kinds[k].word), w;
    if (str_trim(events).n == 0) return !staff || kinds[k].staff;
    while ((w = word_take(&events)).n) {
        bool open = w.p[w.n - 1] == '*';
        if (open ? str_starts(word, (struct str){w.p, w.n - 1}) : str_eq(word, w)) return true;
    }
    return false;
}

bool notice_unit_wanted(struct str units, struct str code)
{
    struct str w;
    if (str_trim(units).n == 0) return true;
    while ((w = word_take(&units)).n)
        if (str_eq(w, code)) return true;
    return false;
}

/* --- what is said --- */

/* "办件 65537" or "示优化办督函〔2026〕8号" */
static void put_subject(const struct notice_facts *f, struct text *t)
{
    if (f->serial.n)
        text_add(t, f->serial);
    else
        text_addf(t, "办件 %lld", (long long)f->number);
}

static bool is_burst(enum notice_kind k) { return k >= NOTICE_BURST_BEGAN && k <= NOTICE_BURST_ENDED; }

/* A unit, a matter, a window or a public place, numbers: what nobody can be known by. */
static void put_burst(enum notice_kind k, const struct notice_facts *f, struct text *t)
{
    text_addf(t, "%.*s", STR_ARG(f->unit));
    if (f->window.n) text_addf(t, "“%.*s”窗口", STR_ARG(f->window));
    if (f->category.n) text_addf(t, "“%.*s”", STR_ARG(f->category));
    if (f->place.n) text_addf(t, "“%.*s”", STR_ARG(f->place));
    if (k == NOTICE_BURST_ENDED)
        text_addz(t, "的集中反映已平息。");
    else if (f->place.n)
        text_addf(t, " %d 小时内有 %d 人反映问题，涉及的单位和事项请到办公端查看，请值班人员研判。", f->hours,
                  f->n);
    else
        text_addf(t, " %d 小时内集中反映 %d 件，请值班人员研判。", f->hours, f->n);
}

/* Likewise. */
static void put_cause(const struct notice_facts *f, struct text *t)
{
    text_addf(t, "%.*s", STR_ARG(f->unit));
    if (f->window.n) text_addf(t, "“%.*s”窗口", STR_ARG(f->window));
    text_addf(t, "“%.*s”共性问题的整改期限已过，尚未整改完成，请责任单位抓紧，请督办人员跟进。",
              STR_ARG(f->category));
}

void notice_title(enum notice_kind k, const struct notice_facts *f, struct text *out)
{
    text_addz(out, kinds[k].headline);
    if (k == NOTICE_CHANNEL_ALARM) {
        text_addf(out, "：%.*s", STR_ARG(f->channel));
    } else if (is_burst(k) || k == NOTICE_CAUSE_LATE) {
        text_addf(out, "：%.*s", STR_ARG(f->place.n ? f->place : f->unit));
    } else if (f->number || f->serial.n) {
        text_addz(out, "：");
        put_subject(f, out);
    }
}

static const char *alarm_chinese(struct str alarm)
{
    static const struct {
        const char *word, *chinese;
    } words[] = {{"settings", "服务方拒绝了渠道的账号、签名、模板或地址"},
                 {"money", "账户欠费"},
                 {"balance", "余额不足"},
                 {"errors", "连续发送失败"},
                 {"rate", "发送过快，被服务方限流"},
                 {"gone", "接收方不再接收，渠道已停用"},
                 {"decide", "有消息长期不知是否送达，需要人工确认"}};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_eq(alarm, str_of(words[i].word))) return words[i].chinese;
    return "需要查看";
}

static const char *letter_chinese(struct str word)
{
    for (enum case_letter l = LETTER_NONE; l < LETTERS_N; l++)
        if (str_eq(word, str_of(case_letter_word(l)))) return case_letter_chinese(l);
    return "函件";
}

/* What was done, where the headline alone does not say it. */
static void put_done(enum notice_kind k, const struct notice_facts *f, struct text *t)
{
    enum case_act act;
    switch (k) {
    case NOTICE_CASE_URGED:
    case NOTICE_CASE_SUPERVISED:
        text_addz(t, supervise_rung_chinese(f->rung));
        break;
    case NOTICE_CASE_OVERDUE:
        text_addf(t, "%s超时", case_clock_chinese(f->due_clock));
        break;
    case NOTICE_CASE_CHANGED:
        text_addz(t, case_act_parse(f->act, &act) ? case_act_chinese(act) : "时限有调整");
        break;
    default:
        text_addz(t, kinds[k].headline);
        break;
    }
}

static void put_case(enum notice_kind k, const struct notice_facts *f, struct text *t)
{
    char due[INSTANT_TEXT_MAX];
    put_subject(f, t);
    text_addf(t, "（L%d", f->level);
    if (f->urgency.n) text_addf(t, " %.*s", STR_ARG(f->urgency));
    text_addz(t, "）");
    put_done(k, f, t);
    if (f->unit.n) text_addf(t, "，承办单位：%.*s", STR_ARG(f->unit));
    if (f->due.us)
        text_addf(t, "，%s时限：%s", case_clock_chinese(f->due_clock), instant_text_china(f->due, due));
    text_addz(t, "。");
}

void notice_sentence(enum notice_kind k, const struct notice_facts *f, struct text *out)
{
    if (k == NOTICE_CHANNEL_ALARM) {
        text_addf(out, "渠道 %.*s：%s%s。", STR_ARG(f->channel), alarm_chinese(f->alarm),
                  f->alarm_on ? "" : "，已恢复");
    } else if (k == NOTICE_CASE_DUTY) {
        text_addz(out, "有一件特急（一级）事项，内容不便在此显示，请立即登录办公端查看处置。");
    } else if (k == NOTICE_FEEDBACK_RATED) {
        text_addf(out, "%.*s收到一条评价：%d分。", STR_ARG(f->unit), f->rating);
    } else if (is_burst(k)) {
        put_burst(k, f, out);
    } else if (k == NOTICE_CAUSE_LATE) {
        put_cause(f, out);
    } else if (f->serial.n) {
        text_addf(out, "%s（%.*s）%s", letter_chinese(f->letter), STR_ARG(f->serial),
                  k == NOTICE_LETTER_SIGNED      ? "已签发"
                  : k == NOTICE_LETTER_DELIVERED ? "已送达"
                  : k == NOTICE_LETTER_RECEIVED  ? "已签收"
                  : k == NOTICE_LETTER_ANSWERED  ? "已反馈"
                  : k == NOTICE_LETTER_FINISHED  ? "已办结"
                                                 : "已作废");
        if (f->unit.n) text_addf(out, "，单位：%.*s", STR_ARG(f->unit));
        text_addz(out, "。");
    } else {
        put_case(k, f, out);
    }
    if (f->link.n) text_addf(out, "\n%.*s", STR_ARG(f->link));
}
