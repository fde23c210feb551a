#include "core/letter.h"
#include <stdio.h>
#include <string.h>

#define IN(state)   (1u << LETTER_IN_##state)
#define STAFF(role) ROLE_BIT(ROLE_##role)
#define NEED(name)  LETTER_NEED_##name
#define WHO(name)   ((u32)LETTER_WHO_##name)
#define DRAFTING    (STAFF(COORDINATOR) | STAFF(SUPERVISOR) | STAFF(ACCOUNTABILITY))

/* clang-format off */
static const struct letter_rule rules[] = {
    {.act = LETTER_ACT_DRAFT, .from = IN(NEW), .to = LETTER_IN_DRAFT, .who = DRAFTING | WHO(CLOCK), .needs = NEED(TEXT)},
    {.act = LETTER_ACT_EDIT, .from = IN(DRAFT), .to = LETTER_TO_SAME, .who = DRAFTING, .needs = NEED(TEXT)},
    {.act = LETTER_ACT_CHECK, .from = IN(DRAFT), .to = LETTER_IN_CHECKED, .who = STAFF(REGISTRY) | WHO(DRAFTERS),
     .needs = NEED(NOT_DRAFTER) | NEED(ADDRESSEE) | NEED(OUTSIDE)},
    {.act = LETTER_ACT_SEND_BACK, .from = IN(CHECKED), .to = LETTER_IN_DRAFT,
     .who = STAFF(REGISTRY) | WHO(DRAFTERS) | WHO(SIGNERS), .needs = NEED(REASON)},
    {.act = LETTER_ACT_SIGN, .from = IN(CHECKED), .to = LETTER_IN_SIGNED, .who = WHO(SIGNERS),
     .needs = NEED(NOT_DRAFTER) | NEED(ADDRESSEE) | NEED(OUTSIDE)},
    {.act = LETTER_ACT_DELIVER, .from = IN(SIGNED), .to = LETTER_IN_DELIVERED, .who = STAFF(REGISTRY) | WHO(SIGNERS)},
    {.act = LETTER_ACT_RECEIVE, .from = IN(DELIVERED), .to = LETTER_TO_SLOWEST, .who = WHO(ADDRESSED)},
    {.act = LETTER_ACT_RECEIVE, .from = IN(DELIVERED), .to = LETTER_TO_SLOWEST, .who = WHO(OUTSIDE), .needs = NEED(WORDS)},
    {.act = LETTER_ACT_ANSWER, .from = IN(DELIVERED) | IN(RECEIVED), .to = LETTER_TO_SLOWEST, .who = WHO(ADDRESSED),
     .needs = NEED(WORDS)},
    {.act = LETTER_ACT_ANSWER, .from = IN(RECEIVED), .to = LETTER_TO_SLOWEST, .who = WHO(OUTSIDE), .needs = NEED(WORDS)},
    {.act = LETTER_ACT_FINISH, .from = IN(ANSWERED), .to = LETTER_IN_FINISHED, .who = WHO(SIGNERS)},
    /* 通报 and 移送函 are often only taken note of: then somebody says so. */
    {.act = LETTER_ACT_FINISH, .from = IN(RECEIVED), .to = LETTER_IN_FINISHED, .who = WHO(SIGNERS), .needs = NEED(REASON)},
    {.act = LETTER_ACT_VOID, .from = IN(DRAFT) | IN(CHECKED), .to = LETTER_IN_VOID, .who = WHO(DRAFTERS) | WHO(SIGNERS),
     .needs = NEED(REASON)},
    /* The number stays in the book, void for ever. */
    {.act = LETTER_ACT_VOID, .from = IN(SIGNED) | IN(DELIVERED) | IN(RECEIVED) | IN(ANSWERED), .to = LETTER_IN_VOID,
     .who = WHO(SIGNERS), .needs = NEED(REASON)},
};
static const struct letter_kind kinds[LETTERS_N] = {
    [LETTER_ASSIGN] = {ROLE_COORDINATOR, "交函"},
    [LETTER_URGE] = {ROLE_SUPERVISOR, "催函"},
    [LETTER_SUPERVISE] = {ROLE_SUPERVISOR, "督函"},
    [LETTER_ANNOUNCE] = {ROLE_SUPERVISOR, "通报"},
    [LETTER_TRANSFER] = {ROLE_ACCOUNTABILITY, "移函"},
};
/* clang-format on */

const struct letter_rule *letter_rules(size_t *n_r)
{
    *n_r = ARRAY_LEN(rules);
    return rules;
}

const struct letter_kind *letter_kind_of(enum case_letter kind)
{
    ASSERT(kind > LETTER_NONE && kind < LETTERS_N);
    return &kinds[kind];
}

void letter_head(enum case_letter kind, struct str prefix, struct text *out)
{
    text_add(out, prefix);
    text_addz(out, letter_kind_of(kind)->part);
}

/* --- who --- */

bool letter_visible(const struct letter_view *v, const struct actor *a)
{
    const bool office = (a->roles & (STAFF(COORDINATOR) | STAFF(SUPERVISOR) | STAFF(REGISTRY) |
                                     STAFF(CALLBACK) | STAFF(LEADER))) != 0;
    if (a->kind != ACTOR_STAFF) return true;
    if (v->hidden) return false;
    if ((a->roles & STAFF(ACCOUNTABILITY)) || (!v->confidential && office)) return true;
    return v->mine && v->state >= LETTER_IN_DELIVERED && (a->roles & (STAFF(HANDLER) | STAFF(UNIT_LEADER)));
}

static u32 signers(const struct letter_view *v)
{
    return ROLE_BIT(letter_kind_of(v->kind)->signer) | STAFF(ACCOUNTABILITY);
}

static u32 drafters(const struct letter_view *v)
{
    u32 group = v->drafter_role < 0 ? ROLE_BIT(letter_kind_of(v->kind)->signer) : 1u << v->drafter_role;
    return group | (v->confidential ? (u32)STAFF(ACCOUNTABILITY) : 0);
}

/* The roles for which a rule takes people, of this letter. */
static u32 roles_of(const struct letter_rule *r, const struct letter_view *v)
{
    u32 who = r->who & (ROLE_BIT(ROLES_N) - 1);
    if (r->who & WHO(DRAFTERS)) who |= drafters(v);
    if (r->who & WHO(SIGNERS)) who |= signers(v);
    if (r->who & WHO(ADDRESSED)) who |= STAFF(HANDLER) | STAFF(UNIT_LEADER);
    if (r->who & WHO(OUTSIDE)) who |= signers(v) | STAFF(REGISTRY);
    return who;
}

static bool takes(const struct letter_rule *r, const struct letter_view *v, const struct actor *a)
{
    if (a->kind == ACTOR_CLOCK) return (r->who & WHO(CLOCK)) != 0;
    if (a->kind != ACTOR_STAFF || (roles_of(r, v) & a->roles) == 0) return false;
    return !(r->who & WHO(ADDRESSED)) || v->mine;
}

static bool fits(const struct letter_rule *r, const struct letter_view *v)
{
    if (!(r->from & 1u << v->state)) return false;
    if (r->who & WHO(OUTSIDE)) return !v->inside;
    if (!(r->who & WHO(ADDRESSED))) return true;
    /* Each addressee once, and signed for before it is answered. */
    if (!v->mine) return v->inside;
    return r->act == LETTER_ACT_RECEIVE ? !v->mine_received : v->mine_received && !v->mine_answered;
}

/* --- one step --- */

static void say(char *detail, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void say(char *detail, const char *fmt, ...)
{
    va_list ap;
    if (!detail) return;
    va_start(ap, fmt);
    vsnprintf(detail, LETTER_DETAIL_MAX, fmt, ap);
    va_end(ap);
}

static enum refusal pick(const struct letter_view *v, const struct actor *a, enum letter_act act,
                         const struct letter_rule **rule_r, char *detail)
{
    u32 who = 0;
    bool possible = false;
    for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
        if (rules[i].act != act || !fits(&rules[i], v)) continue;
        possible = true;
        who |= roles_of(&rules[i], v);
        if (!takes(&rules[i], v, a)) continue;
        *rule_r = &rules[i];
        return REFUSE_NONE;
    }
    if (!possible) {
        say(detail, "函件处于“%s”，不能“%s”。", letter_state_chinese(v->state), letter_act_chinese(act));
        return REFUSE_LETTER_STEP;
    }
    struct text names;
    text_init(&names, LETTER_DETAIL_MAX / 2);
    for (unsigned r = 0; r < ROLES_N; r++)
        if (who & ROLE_BIT(r))
            text_addf(&names, "%s%s", names.n ? "、" : "", staff_role_chinese((enum staff_role)r));
    say(detail, "“%s”由%s办理。", letter_act_chinese(act), text_z(&names));
    text_free(&names);
    return REFUSE_FORBIDDEN;
}

/* The checker is not the drafter, the signer is not the drafter; what the clock wrote is seen by two people all the same. */
static enum refusal person(const struct letter_view *v, const struct actor *a, const struct letter_rule *r,
                           char *detail)
{
    if (a->kind != ACTOR_STAFF) return REFUSE_NONE;
    if ((r->needs & NEED(OUTSIDE)) && v->from_addressee) {
        say(detail, "您来自主送单位，应当回避。");
        return REFUSE_RECUSED;
    }
    if (!(r->needs & NEED(NOT_DRAFTER))) return REFUSE_NONE;
    if (v->drafter && v->drafter == a->staff) {
        say(detail, "现行文稿由您拟写，“%s”须由另一人办理。", letter_act_chinese(r->act));
        return REFUSE_SECOND_PERSON;
    }
    if (r->act == LETTER_ACT_SIGN && !v->drafter && v->checker == a->staff) {
        say(detail, "系统拟写的文稿由您核稿，签发须由另一人办理。");
        return REFUSE_SECOND_PERSON;
    }
    return REFUSE_NONE;
}

static enum refusal missing(const struct letter_view *v, const struct letter_request *q,
                            const struct letter_rule *r, char *detail)
{
    u32 m = 0;
    if (str_trim(q->reason).n == 0) m |= NEED(REASON);
    if (str_trim(q->words).n == 0) m |= NEED(WORDS);
    if (!q->text_whole) m |= NEED(TEXT);
    if (!v->addressed) m |= NEED(ADDRESSEE);
    m &= r->needs;
    if (!m) return REFUSE_NONE;
    struct text names;
    text_init(&names, LETTER_DETAIL_MAX / 2);
    for (unsigned b = 0; b < LETTER_NEEDS_N; b++)
        if (m & 1u << b) text_addf(&names, "%s%s", names.n ? "、" : "", letter_need_chinese(b));
    say(detail, "“%s”还缺少：%s。", letter_act_chinese(r->act), text_z(&names));
    text_free(&names);
    return REFUSE_ACT_NEEDS;
}

static enum letter_state state_after(const struct letter_view *v, const struct letter_rule *r)
{
    if (r->to >= 0) return (enum letter_state)r->to;
    if (r->to == LETTER_TO_SAME) return v->state;
    if (r->act == LETTER_ACT_RECEIVE) return v->waiting_receive ? v->state : LETTER_IN_RECEIVED;
    if (v->waiting_receive) return v->state;
    return v->waiting_answer ? LETTER_IN_RECEIVED : LETTER_IN_ANSWERED;
}

enum refusal letter_apply(const struct letter_view *v, const struct letter_request *q,
                          struct letter_outcome *out)
{
    const struct actor *a = &q->actor;
    enum refusal refusal;
    *out = (struct letter_outcome){.to = v->state};
    if (v->state != LETTER_IN_NEW && !letter_visible(v, a)) return REFUSE_LETTER_UNKNOWN;
    if (v->state != LETTER_IN_NEW && q->seen != v->version) {
        say(out->detail, "您看到的是第%lld版，函件已更新到第%lld版，请刷新。", (long long)q->seen,
            (long long)v->version);
        return REFUSE_LETTER_CHANGED;
    }
    const struct letter_rule *r = NULL;
    if ((refusal = pick(v, a, q->act, &r, out->detail)) != REFUSE_NONE) return refusal;
    if ((refusal = person(v, a, r, out->detail)) != REFUSE_NONE) return refusal;
    if ((refusal = missing(v, q, r, out->detail)) != REFUSE_NONE) return refusal;
    out->rule = r;
    out->to = state_after(v, r);
    u32 post = roles_of(r, v) & a->roles;
    if (post) out->role = (enum staff_role)__builtin_ctz(post);
    return REFUSE_NONE;
}

size_t letter_allowed(const struct letter_view *v, const struct actor *a,
                      const struct letter_rule *out[LETTER_ACTS_N])
{
    size_t n = 0;
    if (!letter_visible(v, a)) return 0;
    for (int act = LETTER_ACT_EDIT; act < LETTER_ACTS_N; act++) {
        const struct letter_rule *r = NULL;
        if (pick(v, a, (enum letter_act)act, &r, NULL) == REFUSE_NONE && person(v, a, r, NULL) == REFUSE_NONE)
            out[n++] = r;
    }
    return n;
}

/* --- words --- */

struct word {
    const char *en, *zh;
};
#define X(id, word, zh) {word, zh},
static const struct word states[] = {LETTER_STATES(X)}, acts[] = {LETTER_ACTS(X)},
                         needs[] = {LETTER_NEEDS(X)};
#undef X

const char *letter_state_word(enum letter_state s) { return states[s].en; }
const char *letter_state_chinese(enum letter_state s) { return states[s].zh; }
const char *letter_act_word(enum letter_act a) { return acts[a].en; }
const char *letter_act_chinese(enum letter_act a) { return acts[a].zh; }
const char *letter_need_word(unsigned bit) { return needs[bit].en; }
const char *letter_need_chinese(unsigned bit) { return needs[bit].zh; }

bool letter_state_parse(struct str word, enum letter_state *state_r)
{
    for (int i = LETTER_IN_DRAFT; i < LETTER_STATES_N; i++)
        if (str_eq(word, str_of(states[i].en))) {
            *state_r = (enum letter_state)i;
            return true;
        }
    return false;
}

bool letter_act_parse(struct str word, enum letter_act *act_r)
{
    for (int i = 0; i < LETTER_ACTS_N; i++)
        if (str_eq(word, str_of(acts[i].en))) {
            *act_r = (enum letter_act)i;
            return true;
        }
    return false;
}

bool letter_kind_parse(struct str word, enum case_letter *kind_r)
{
    for (int i = LETTER_NONE + 1; i < LETTERS_N; i++)
        if (str_eq(word, str_of(case_letter_word((enum case_letter)i)))) {
            *kind_r = (enum case_letter)i;
            return true;
        }
    return false;
}
