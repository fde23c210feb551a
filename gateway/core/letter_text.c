/* What a draft says before a clerk has touched it. Official letters have their own tone: who, what, by when, on which ground;
 * no citizen's words, and of a confidential case nothing but its number. */
#include "core/letter.h"

void letter_date(instant t, struct text *out)
{
    struct civil c = civil_from_days(china_day(t));
    text_addf(out, "%d年%d月%d日", c.year, c.month, c.day);
}

void letter_limit(instant due, struct text *out)
{
    const int minute = china_minute(due);
    letter_date(minute == 0 ? (instant){due.us - 1} : due, out);
    if (minute == 0) return;
    text_addf(out, "%d时", minute / 60);
    if (minute % 60) text_addf(out, "%02d分", minute % 60);
}

const char *letter_due(enum case_letter kind, int rung)
{
    switch (kind) {
    case LETTER_ASSIGN:
        return "按办件办理时限";
    case LETTER_URGE:
        return "自收到本通知书之日起二个工作日内";
    case LETTER_SUPERVISE:
        return rung >= RUNG_RED ? "自收到本函之日起三个工作日内" : "自收到本函之日起五个工作日内";
    case LETTER_ANNOUNCE:
        return "自本通报印发之日起五个工作日内";
    default:
        return "";
    }
}

static bool one_category(const struct letter_facts *f)
{
    for (size_t i = 1; i < f->n_cases; i++)
        if (!str_eq(f->cases[i].category, f->cases[0].category)) return false;
    return f->n_cases > 0;
}

/* 营业执照办理 / 3件营商环境 */
static void put_matter(const struct letter_facts *f, struct text *out)
{
    if (one_category(f))
        text_add(out, f->cases[0].category);
    else if (f->n_cases)
        text_addf(out, "%zu件营商环境", f->n_cases);
    else
        text_addz(out, "营商环境");
}

void letter_title(const struct letter_facts *f, struct text *out)
{
    static const struct {
        const char *front, *back, *quiet;
    } titles[LETTERS_N] = {
        [LETTER_ASSIGN] = {"关于交办", "问题的函", "关于交办有关办件的函"},
        [LETTER_URGE] = {"关于限期办理", "问题的催办通知书", "关于限期办理有关办件的催办通知书"},
        [LETTER_SUPERVISE] = {"关于限期办理", "问题的督办函", "关于限期办理有关办件的督办函"},
        [LETTER_ANNOUNCE] = {"关于", "问题办理情况的通报", "关于有关办件办理情况的通报"},
        [LETTER_TRANSFER] = {"关于移送", "问题的函", "关于移送问题线索的函"},
    };
    if (f->confidential) {
        text_addz(out, titles[f->kind].quiet);
        return;
    }
    text_addz(out, titles[f->kind].front);
    put_matter(f, out);
    text_addz(out, titles[f->kind].back);
}

/* 办件65537（营业执照办理），2026年3月2日收到，办理时限至2026年3月9日 */
static void put_case(const struct letter_facts *f, const struct letter_case *c, bool whose, struct text *out)
{
    text_addf(out, "办件%lld", (long long)c->id);
    if (!f->confidential) {
        text_addz(out, "（");
        text_add(out, c->category);
        if (whose && c->unit.n) text_addz(out, "，承办单位："), text_add(out, c->unit);
        text_addz(out, "）");
    }
    text_addz(out, "，于");
    letter_date(c->opened, out);
    text_addz(out, "收到");
    if (c->due.us) text_addz(out, "，办理时限至"), letter_limit(c->due, out);
}

static void put_cases(const struct letter_facts *f, bool whose, struct text *out)
{
    for (size_t i = 0; i < f->n_cases && i < LETTER_CASES_MAX; i++) {
        if (f->n_cases > 1) text_addf(out, "（%zu）", i + 1);
        put_case(f, &f->cases[i], whose, out);
        if (f->n_cases > 1) text_addz(out, i + 1 < f->n_cases ? "；\n" : "。\n");
    }
}

static bool late(const struct letter_facts *f)
{
    for (size_t i = 0; i < f->n_cases; i++)
        if (f->cases[i].due.us == 0 || !instant_before(f->cases[i].due, f->now)) return false;
    return f->n_cases > 0;
}

/* Two or three are listed in the text; more stand in the table behind it. */
#define LISTED_MAX 3
static bool listed(const struct letter_facts *f) { return f->n_cases > 1 && f->n_cases <= LISTED_MAX; }

/* One sentence goes on behind it, unless the cases are listed: then a new one begins. */
static void put_opening(const struct letter_facts *f, const char *one, const char *many, struct text *out)
{
    text_addz(out, listed(f) ? many : one);
    if (listed(f)) text_addc(out, '\n');
    if (f->n_cases == 0)
        text_addz(out, "有关办件");
    else if (f->n_cases > LISTED_MAX)
        text_addf(out, "%zu件办件（见办件清单）", f->n_cases);
    else
        put_cases(f, false, out);
}

static void body_assign(const struct letter_facts *f, struct text *out)
{
    put_opening(f, "现将", "现将下列办件交你单位办理：", out);
    if (!listed(f)) text_addf(out, "%s交你单位办理。\n", f->n_cases == 1 ? "，" : "");
    text_addz(out, "1.请在规定时限内签收并组织办理，查清事实，依法依规提出处理结果。\n"
                   "2.请按办件办理时限书面反馈办理情况，并附佐证材料。\n"
                   "3.认为不属于本单位职责的，请在签收前说明法律法规依据，由我办裁定。");
}

static void body_urge(const struct letter_facts *f, struct text *out)
{
    put_opening(f, "你单位承办的", "你单位承办的下列办件：", out);
    if (!listed(f)) text_addz(out, "，");
    text_addz(out, late(f) ? "现已到办理时限，尚未办结。\n" : "尚未办结。\n");
    text_addz(out, "请立即办理，并自收到本通知书之日起二个工作日内反馈办理情况。");
}

static void body_supervise(const struct letter_facts *f, struct text *out)
{
    put_opening(f, "你单位承办的", "你单位承办的下列办件：", out);
    if (!listed(f)) text_addz(out, "，");
    text_addz(out, late(f) ? "截至发函之日已超过办理时限，仍未办结。\n" : "截至发函之日尚未办结。\n");
    if (f->rung >= RUNG_RED)
        text_addz(out, "1.请单位主要负责人牵头办理，查清事实，依法依规提出处理结果并答复反映人。\n");
    else
        text_addz(out, "1.请立即组织力量办理，查清事实，依法依规提出处理结果并答复反映人。\n");
    text_addf(out, "2.请%s书面反馈办理情况，并说明未按时办结的原因。\n", letter_due(f->kind, f->rung));
    text_addz(out, f->rung >= RUNG_RED ? "3.逾期未反馈或者办理不实的，将按规定予以通报、约谈。"
                                       : "3.逾期未反馈或者办理不实的，将按规定升级督办。");
}

static void body_announce(const struct letter_facts *f, struct text *out)
{
    text_addz(out, "近期，我办对营商环境问题办理情况进行了督查。");
    if (f->n_cases) text_addf(out, "截至印发之日，有%zu件问题需要继续整改，见“问题交办”所列。\n", f->n_cases);
    text_addf(out, "请有关单位对照整改，%s反馈整改情况。", letter_due(f->kind, f->rung));
}

static void body_transfer(const struct letter_facts *f, struct text *out)
{
    if (f->confidential) {
        text_addz(out, "现将我办受理的问题线索（编号");
        for (size_t i = 0; i < f->n_cases && i < LETTER_CASES_MAX; i++)
            text_addf(out, "%s%lld", i ? "、" : "", (long long)f->cases[i].id);
        text_addz(out,
                  "）依规移送，请按管理权限处理。\n线索材料按保密渠道另行交接。请在收到后签收并告知我办。");
        return;
    }
    put_opening(f, "我办受理的", "我办受理的下列办件：", out);
    if (!listed(f)) text_addz(out, "，");
    text_addz(out, "经审查属于你单位管辖，现依规移送，请依法处理。\n请在收到后签收，并将处理结果告知我办。");
}

void letter_body(const struct letter_facts *f, struct text *out)
{
    switch (f->kind) {
    case LETTER_ASSIGN:
        body_assign(f, out);
        break;
    case LETTER_URGE:
        body_urge(f, out);
        break;
    case LETTER_SUPERVISE:
        body_supervise(f, out);
        break;
    case LETTER_ANNOUNCE:
        body_announce(f, out);
        break;
    case LETTER_TRANSFER:
        body_transfer(f, out);
        break;
    default:
        break;
    }
}
