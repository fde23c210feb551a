/* Letters (交办函, 催办通知书, 督办函, 通报, 移送函): their life as a pure table, their numbers, and the words of a draft.
 * gateway/letters* and the staff's door ask it what may be done; schema/0009_letters.sql holds the same rules once more, so
 * that no bug here can sign without a second person or lose a number. It never looks at a clock, a database or a case's words.
 *
 *   拟稿 draft -> 核稿 checked -> 签发 signed (the number is taken here) -> 送达 delivered -> 签收 received -> 反馈 answered
 *   -> 办结 finished; checked -> draft is 退回; 作废 void from anywhere but the end, and a number that was given stays void. */
#pragma once
#include "core/caseflow.h"

/* Words are stored in the database and used in JSON. */
/* clang-format off */
#define LETTER_STATES(X) \
    X(NEW, "new", "未拟稿") /* before `draft`; never stored */ \
    X(DRAFT, "draft", "拟稿") \
    X(CHECKED, "checked", "已核稿") \
    X(SIGNED, "signed", "已签发") \
    X(DELIVERED, "delivered", "已送达") \
    X(RECEIVED, "received", "已签收") \
    X(ANSWERED, "answered", "已反馈") \
    X(FINISHED, "finished", "办结") \
    X(VOID, "void", "作废")
#define LETTER_ACTS(X) \
    X(DRAFT, "draft", "拟稿") \
    X(EDIT, "edit", "修改") \
    X(CHECK, "check", "核稿") \
    X(SEND_BACK, "send_back", "退回修改") \
    X(SIGN, "sign", "签发") \
    X(DELIVER, "deliver", "送达") \
    X(RECEIVE, "receive", "签收") \
    X(ANSWER, "answer", "反馈") \
    X(FINISH, "finish", "办结") \
    X(VOID, "void", "作废")
/* clang-format on */
enum letter_state {
#define X(id, word, zh) LETTER_IN_##id,
    LETTER_STATES(X)
#undef X
        LETTER_STATES_N
};
enum letter_act {
#define X(id, word, zh) LETTER_ACT_##id,
    LETTER_ACTS(X)
#undef X
        LETTER_ACTS_N
};

/* Who, beside roles: who wrote it shares its group's work, the kind says who signs, the addressees answer. */
enum letter_who {
    LETTER_WHO_CLOCK = WHO_KIND(ACTOR_CLOCK),
    LETTER_WHO_DRAFTERS = 1u << 24,  /* the group in which the draft was written */
    LETTER_WHO_SIGNERS = 1u << 25,   /* by kind, see letter_kind */
    LETTER_WHO_ADDRESSED = 1u << 26, /* handler or leader of an addressed unit */
    LETTER_WHO_OUTSIDE = 1u << 27,   /* whoever keeps the book for an addressee that is no unit here */
};
/* clang-format off */
#define LETTER_NEEDS(X) \
    X(REASON, "reason", "理由") \
    X(WORDS, "words", "文字内容") \
    X(TEXT, "text", "标题和正文") \
    X(ADDRESSEE, "addressee", "主送单位") \
    X(NOT_DRAFTER, "not_drafter", "须由拟稿人以外的人办理") \
    X(OUTSIDE, "outside", "主送单位人员应当回避")
/* clang-format on */
enum letter_need_bit {
#define X(id, word, zh) LETTER_NEED_BIT_##id,
    LETTER_NEEDS(X)
#undef X
        LETTER_NEEDS_N
};
#define X(id, word, zh) LETTER_NEED_##id = 1u << LETTER_NEED_BIT_##id,
enum letter_need { LETTER_NEEDS(X) };
#undef X

#define LETTER_TO_SAME    (-1)
#define LETTER_TO_SLOWEST (-2) /* receive, answer: where the slowest addressee is */

/* One rule. An act may have several, tried in order; the first that fits state and person applies. */
struct letter_rule {
    enum letter_act act;
    u32 from; /* mask 1u << state */
    int to;   /* enum letter_state, or one of the two above */
    u32 who;  /* ROLE_BIT | LETTER_WHO_… */
    u32 needs;
};
const struct letter_rule *letter_rules(size_t *n_r);

/* A kind: who signs it beside 追责问责组, and what stands between 机关代字 and the year in its number. */
struct letter_kind {
    enum staff_role signer;
    const char *part; /* 督函: 示优化办督函〔2026〕8号 */
};
const struct letter_kind *letter_kind_of(enum case_letter kind); /* never for LETTER_NONE */

/* The latest picture of a letter, with what it is to the person who looks. */
struct letter_view {
    enum letter_state state;
    enum case_letter kind;
    int rung; /* the signature raises every case to it; 0: none */
    i64 version;
    bool confidential; /* a confidential case is behind it */
    bool hidden;       /* a report behind it names this person's unit */
    int drafter_role;  /* enum staff_role in which it was written; -1: the clock */
    i64 drafter;       /* who wrote the text in force; 0: the clock */
    i64 checker;       /* 0: not checked */
    bool inside;       /* it is addressed to units here */
    bool mine;         /* … and to this person's */
    bool mine_received, mine_answered;
    int waiting_receive, waiting_answer; /* other addressed units that have not yet */
    bool from_addressee;                 /* the person works in or comes from an addressed unit */
    bool addressed;                      /* there is an addressee at all, unit or organ outside */
};
struct letter_request {
    enum letter_act act;
    struct actor actor;
    i64 seen;        /* version that the person saw */
    bool text_whole; /* draft, edit: title and body are there */
    struct str reason, words;
};
#define LETTER_DETAIL_MAX 300
struct letter_outcome {
    enum letter_state to;
    enum staff_role role; /* in which post the person acted; meaningless for the clock */
    const struct letter_rule *rule;
    char detail[LETTER_DETAIL_MAX]; /* refused: Chinese, why */
};

/* One step. REFUSE_NONE, or why not: LETTER_UNKNOWN (not for this person's eyes), LETTER_CHANGED, LETTER_STEP (state),
 * FORBIDDEN, RECUSED, SECOND_PERSON, ACT_NEEDS. *out_r is always filled; on refusal `to` is the state it was in. */
enum refusal letter_apply(const struct letter_view *view, const struct letter_request *req,
                          struct letter_outcome *out_r) MUST_CHECK;
/* The steps this person could take now, for buttons: inputs and version are not judged. Returns how many. */
size_t letter_allowed(const struct letter_view *view, const struct actor *actor,
                      const struct letter_rule *out[LETTER_ACTS_N]);
bool letter_visible(const struct letter_view *view, const struct actor *actor);

/* 示优化办督函: what stands before 〔year〕. */
void letter_head(enum case_letter kind, struct str prefix, struct text *out);

const char *letter_state_word(enum letter_state s);
const char *letter_state_chinese(enum letter_state s);
bool letter_state_parse(struct str word, enum letter_state *state_r) MUST_CHECK;
const char *letter_act_word(enum letter_act a);
const char *letter_act_chinese(enum letter_act a);
bool letter_act_parse(struct str word, enum letter_act *act_r) MUST_CHECK;
const char *letter_need_word(unsigned bit);
const char *letter_need_chinese(unsigned bit);
bool letter_kind_parse(struct str word, enum case_letter *kind_r) MUST_CHECK; /* never none */

/* --- the words of a draft, so that a clerk only corrects --- */

struct letter_case {
    i64 id;
    struct str category; /* its name */
    struct str unit;     /* short name of who handles it; empty: nobody yet */
    instant opened, due; /* due 0: no limit runs */
};
struct letter_facts {
    enum case_letter kind;
    int rung;
    bool confidential; /* then neither category nor unit is named: a template and the number */
    const struct letter_case *cases;
    size_t n_cases; /* 0: nothing is named */
    struct str receiver;
    instant now;
};
#define LETTER_TITLE_MAX 120  /* characters */
#define LETTER_BODY_MAX  5000 /* characters */
#define LETTER_CASES_MAX 25
#define LETTER_UNITS_MAX 40
/* Each appends; text_init them with at least 8 KiB. */
void letter_title(const struct letter_facts *f, struct text *out);
void letter_body(const struct letter_facts *f, struct text *out);
/* By when an answer is asked for: 自收到本函之日起五个工作日内. */
const char *letter_due(enum case_letter kind, int rung);
/* 2026年3月18日, the civil day in China. */
void letter_date(instant t, struct text *out);
/* The same for the end of a limit: a limit in hours ends at its minute, "2026年3月9日15时20分"; one that ends with a day is
 * its midnight and names that day alone. */
void letter_limit(instant due, struct text *out);
