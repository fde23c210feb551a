/* The life of a case: which act is legal in which state, by whom, with what, and what follows from it.
 * The table is data in caseflow_table.c; the dashboard's buttons, docs/caseflow.md, the tests and this engine
 * all read the same rows. Casework (staff, clock) and the citizen's follow-up pages call caseflow_apply()
 * inside their transaction and store what it returns. It never looks at a clock, stores nothing, sends nothing,
 * and computes no deadline: it says which clocks start, core/deadline says when they run out.
 *
 * Promise held here: no path reaches `closed` without an answer to the finder. Either the approved answer was
 * given and the finder was called back (or answered with the receipt, or three tries on different days met
 * silence, recorded as silence), or the case was transferred out and the finder was told so in words, or the only
 * finder withdrew the own matter before there was an answer: then the last word is the finder's own. Nobody else can
 * withdraw, a confidential matter is not ended by it, and it is counted apart, never as solved. */
#pragma once
#include "core/callscript.h"
#include "core/deadline.h"
#include "core/submission.h"

/* Words are stored in the database and used in JSON: they never change their meaning. */
/* clang-format off */
#define CASE_STATES(X) \
    X(NEW, "new", "未立件") /* before `receive`; never stored */ \
    X(DISCOVERED, "discovered", "待受理") \
    X(ASSIGNED, "assigned", "已交办") \
    X(HANDLING, "handling", "办理中") \
    X(REPLIED, "replied", "已反馈") \
    X(VERIFYING, "verifying", "待回访") \
    X(CLOSED, "closed", "销号") \
    X(DECLINED, "declined", "不予受理") \
    X(MERGED, "merged", "并案")
/* clang-format on */
enum case_state {
#define X(id, word, zh) CASE_##id,
    CASE_STATES(X)
#undef X
        CASE_STATES_N
};

/* Facts that the state does not say. Stored as a mask or as a list of words. */
/* clang-format off */
#define CASE_FLAGS(X) \
    X(PAUSED, "paused", "挂起") \
    X(PAUSE_ASKED, "pause_asked", "挂起申请") \
    X(SUPERVISED, "supervised", "督办中") \
    X(RETURN_ASKED, "return_asked", "退回申请") \
    X(EXTENSION_ASKED, "extension_asked", "延期申请") \
    X(RULED, "ruled", "职责已裁定") \
    X(EXTENDED, "extended", "已延期") \
    X(ENDORSED, "endorsed", "负责人已审签") \
    X(ANSWERED, "answered", "已答复群众") \
    X(TRIED_TWICE, "tried_twice", "已两次回访未接通") \
    X(CONFIDENTIAL, "confidential", "保密件") \
    X(TRANSFERRED, "transferred", "已移送") \
    X(LATE, "late", "超时已提醒") /* the clock has told that the clock beside handling ran out */ \
    X(MORE_TO_ASK, "more_to_ask", "还有反映人待回访") /* besides the reporter of this act */ \
    X(OBJECTED, "objected", "异议待复核") /* only on closed and declined cases */ \
    X(OBJECTION_RULED, "objection_ruled", "异议已复核") /* for ever: one objection a case */ \
    X(WITHDRAWN, "withdrawn", "群众已撤回") /* closed by it; goes when the case is opened again */ \
    X(SPLIT, "split", "已拆分") /* for ever: a part of what was said is another case now */ \
    X(PART, "part", "拆分件") /* born by a split: the words are another case's */
/* clang-format on */
enum case_flag_bit {
#define X(id, word, zh) CASE_FLAG_BIT_##id,
    CASE_FLAGS(X)
#undef X
        CASE_FLAGS_N
};
#define X(id, word, zh) CASE_FLAG_##id = 1u << CASE_FLAG_BIT_##id,
enum case_flag { CASE_FLAGS(X) };
#undef X

/* clang-format off */
#define STAFF_ROLES(X) \
    X(COORDINATOR, "coordinator", "统筹协调组") \
    X(SUPERVISOR, "supervisor", "督查督办组") \
    X(ACCOUNTABILITY, "accountability", "追责问责组") \
    X(REGISTRY, "registry", "综合办公室") \
    X(HANDLER, "handler", "承办人") \
    X(UNIT_LEADER, "unit_leader", "单位负责人") \
    X(CALLBACK, "callback", "回访中心") \
    X(LEADER, "leader", "领导") \
    X(MONITOR, "monitor", "监测员") \
    X(ADMIN, "admin", "系统管理员") \
    X(SECURITY, "security", "安全管理员") \
    X(AUDITOR, "auditor", "审计员")
/* clang-format on */
enum staff_role {
#define X(id, word, zh) ROLE_##id,
    STAFF_ROLES(X)
#undef X
        ROLES_N
};
#define ROLE_BIT(role) (1u << (unsigned)(role))

/* Who acts. Only staff has an id, units and roles. */
/* clang-format off */
#define ACTOR_KINDS(X) \
    X(STAFF, "staff", "工作人员") \
    X(CITIZEN, "citizen", "群众") \
    X(GATEWAY, "gateway", "网关") X(ROUTER, "router", "自动分派") X(CLOCK, "clock", "时钟")
/* clang-format on */
enum actor_kind {
#define X(id, word, zh) ACTOR_##id,
    ACTOR_KINDS(X)
#undef X
        ACTOR_KINDS_N
};
/* In `who` masks the kinds other than staff stand above the roles. */
#define WHO_KIND(kind) (1u << (ROLES_N + (unsigned)(kind)))

/* One word per act; the Chinese label is on the button and in the history. */
/* clang-format off */
#define CASE_ACTS(X) \
    X(RECEIVE, "receive", "登记") \
    X(ASSIGN, "assign", "受理交办") \
    X(DECLINE, "decline", "不予受理") \
    X(MERGE, "merge", "并案") \
    X(UNMERGE, "unmerge", "撤销并案") \
    X(SIGN, "sign", "签收") \
    X(RETURN_ASK, "return_ask", "申请退回") \
    X(RETURN_GRANT, "return_grant", "同意退回") \
    X(RETURN_REFUSE, "return_refuse", "不同意退回") \
    X(CO_ASSIGN, "co_assign", "会办") \
    X(EXTEND_ASK, "extend_ask", "申请延期") \
    X(EXTEND_GRANT, "extend_grant", "同意延期") \
    X(EXTEND_REFUSE, "extend_refuse", "不同意延期") \
    X(PAUSE_ASK, "pause_ask", "申请挂起") \
    X(PAUSE_GRANT, "pause_grant", "同意挂起") \
    X(PAUSE_REFUSE, "pause_refuse", "不同意挂起") \
    X(RESUME, "resume", "恢复办理") \
    X(REPLY, "reply", "反馈") \
    X(ENDORSE, "endorse", "负责人审签") /* the unit's signature; `approve` is the office's */ \
    X(APPROVE, "approve", "审核通过") \
    X(SEND_BACK, "send_back", "退回重报") \
    X(CALLBACK_SOLVED, "callback_solved", "回访已解决") \
    X(CALLBACK_UNSOLVED, "callback_unsolved", "回访未解决") \
    X(CALLBACK_ATTEMPT, "callback_attempt", "回访未接通") \
    X(CALLBACK_REFUSED, "callback_refused", "拒绝回访") \
    X(CONFIRM_SOLVED, "confirm_solved", "群众确认解决") \
    X(CONFIRM_UNSOLVED, "confirm_unsolved", "群众反映未解决") \
    X(CONFIRM_PARTLY, "confirm_partly", "群众反映部分解决") /* the rest is still owed: 重办 */ \
    X(ACCEPT_PARTLY, "accept_partly", "部分解决群众同意办结") \
    X(OBJECT, "object", "群众提出异议") \
    X(OBJECT_REJECT, "object_reject", "异议复核维持") /* upheld: reopen */ \
    X(WITHDRAW, "withdraw", "群众撤回") \
    X(ASK, "ask", "询问群众") \
    X(SAY, "say", "群众补充") \
    X(NOTE, "note", "办理记录") \
    X(SUPERVISE, "supervise", "督办") \
    X(PROPOSE, "propose", "拟办督办") /* the clock prepares a rung that a person has to issue */ \
    X(OVERDUE, "overdue", "超时提醒") /* sign-in, accept, review or callback ran out */ \
    X(TRANSFER_OUT, "transfer_out", "移送") \
    X(REOPEN, "reopen", "重新办理") \
    X(SHARE, "share", "指定知悉") \
    X(SPLIT, "split", "拆分") /* one feedback, two matters: the second becomes a case of its own */ \
    X(FOLLOW, "follow", "随机构调整转办") /* the unit is gone: its successor goes on under the same deadline */
/* clang-format on */
enum case_act {
#define X(id, word, zh) ACT_##id,
    CASE_ACTS(X)
#undef X
        ACTS_N
};

/* What a request must bring, or what must hold of the person who acts. */
/* clang-format off */
#define CASE_NEEDS(X) \
    X(REASON, "reason", "理由") \
    X(TEXT, "text", "文字内容") \
    X(EVIDENCE, "evidence", "佐证材料") \
    X(UNIT, "unit", "承办单位") \
    X(GROUND, "ground", "法律法规依据") \
    X(WAY, "way", "应当通过的法定途径") \
    X(RECEIVER, "receiver", "接收机关") \
    X(TARGET, "target", "主办件编号") \
    X(PERSON, "person", "知悉人员") \
    X(AMOUNT, "amount", "延长时限") \
    X(PAUSE_CAUSE, "pause_cause", "挂起事由") \
    X(UNTIL, "until", "挂起截止时间") \
    X(RUNG, "rung", "督办等级") \
    X(NATURE, "nature", "拆出部分的性质") \
    X(REST, "rest", "其余部分摘录") \
    X(NOT_AUTHOR, "not_author", "须由承办人以外的人办理") \
    X(NOT_ASKER, "not_asker", "须由申请人以外的人办理") \
    X(OUTSIDE, "outside", "承办单位人员应当回避")
/* clang-format on */
enum case_need_bit {
#define X(id, word, zh) NEED_BIT_##id,
    CASE_NEEDS(X)
#undef X
        NEEDS_N
};
#define X(id, word, zh) NEED_##id = 1u << NEED_BIT_##id,
enum case_need { CASE_NEEDS(X) };
#undef X

/* The closed list of reasons for which time may stand still. */
/* clang-format off */
#define PAUSE_CAUSES(X) \
    X(NONE, "none", "无") \
    X(SUPPLEMENT, "supplement", "补正材料") \
    X(APPRAISAL, "appraisal", "鉴定检测") X(HEARING, "hearing", "听证")
/* clang-format on */
enum pause_cause {
#define X(id, word, zh) PAUSE_##id,
    PAUSE_CAUSES(X)
#undef X
        PAUSE_CAUSES_N
};

/* How a closed case ended. Silence is never counted as satisfaction. */
/* clang-format off */
#define CASE_ENDINGS(X) \
    X(NONE, "none", "未办结") \
    X(SOLVED, "solved", "群众认可") \
    X(SILENCE, "silence", "三次回访未接通") \
    X(REFUSED, "refused", "群众拒绝回访") \
    X(TRANSFERRED, "transferred", "已移送") \
    X(PARTLY, "partly", "部分解决，群众同意办结") \
    X(WITHDRAWN, "withdrawn", "群众撤回")
/* clang-format on */
enum case_ending {
#define X(id, word, zh) ENDING_##id,
    CASE_ENDINGS(X)
#undef X
        ENDINGS_N
};

/* clang-format off */
#define SUPERVISE_RUNGS(X) \
    X(NONE, "none", "未督办") \
    X(REMIND, "remind", "提醒") \
    X(URGE, "urge", "催办") \
    X(YELLOW, "yellow", "督办函（黄）") \
    X(RED, "red", "督办函（红）") X(ANNOUNCE, "announce", "通报") X(TALK, "talk", "约谈") \
    X(HAND_OVER, "hand_over", "移送")
/* clang-format on */
enum supervise_rung {
#define X(id, word, zh) RUNG_##id,
    SUPERVISE_RUNGS(X)
#undef X
        RUNGS_N
};

/* clang-format off */
#define CASE_LETTERS(X) \
    X(NONE, "none", "无") \
    X(ASSIGN, "assign", "交办函") \
    X(URGE, "urge", "催办通知书") \
    X(SUPERVISE, "supervise", "督办函") X(ANNOUNCE, "announce", "通报") X(TRANSFER, "transfer", "移送函")
/* clang-format on */
enum case_letter {
#define X(id, word, zh) LETTER_##id,
    CASE_LETTERS(X)
#undef X
        LETTERS_N
};

enum case_notice { NOTIFY_CITIZEN = 1, NOTIFY_UNIT = 2, NOTIFY_OFFICE = 4 };

/* 好差评: five levels, 5 the best; 1 and 2 are 差评. A dissatisfied answer is never recorded as a solved case. */
#define RATING_SATISFIED_MIN 3
#define CASE_VERSION_ANY     (-1) /* expected version of a citizen, the clock, the router */
#define CALLBACK_TRIES       3
#define CASE_REOPEN_DAYS                                                                                     \
    30 /* natural days the citizen may reopen or object; as long as 督查条例 17 gives for 复核 */
#define CASE_PAUSE_DAYS_MAX 90 /* a pause ends by itself: no case sleeps for ever */

/* The latest picture of a case, as the case row holds it. Ids are database ids, 0 = none; units are the
 * whole unit, never one of its stations (the caller maps a station to its unit). */
struct case_view {
    enum case_state state, merged_from; /* merged_from: only while merged */
    u32 flags;                          /* CASE_FLAG_… */
    enum nature nature;
    int level; /* 0..4 */
    i64 id, unit, about_unit;
    int round; /* 1, then one more for every 重办 */
    i64 version;
    i64 handler;      /* staff who wrote the answer now on file */
    i64 first_unit;   /* 首接单位: the first unit it was assigned to; 0 before */
    i64 asker;        /* staff whose request (return, extension, pause) waits for an answer */
    instant asked;    /* when that request was made */
    int limit_amount; /* handling limit of level and round, from deadline_limit(): minutes or days */
    int asked_amount; /* extension asked for, same unit */
    int extended;     /* extension granted in this round, same unit */
    enum pause_cause pause_cause;
    instant pause_until;
    int callback_tries; /* of the reporter that the act is about: the caller puts them in */
    i64 callback_day;   /* china_day() of the last try; meaningless while callback_tries is 0 */
    int rung;           /* enum supervise_rung */
    int proposed;       /* highest rung that the clock has prepared on this ladder */
    enum case_ending ending;
    instant opened, assigned, signed_at, replied, closed, due;
    /* due: of handling. caseflow sets it to 0 when that clock starts or stops; the caller puts in what
     * core/deadline computes. */
};

#define ACTOR_OTHERS_MAX 8 /* as many posts as a person has at the most (schema/0028_posts.sql) */
struct actor {
    enum actor_kind kind;
    i64 staff;     /* id of the person; 0 unless kind is staff */
    i64 post;      /* the post in which the person acts (M60); 0 for none */
    u32 roles;     /* ROLE_BIT mask of this post */
    i64 unit;      /* the unit of this post, 0 for none */
    i64 home_unit; /* the unit a seconded person (借调) comes from; 0 or equal to unit otherwise */
    i64 others
        [ACTOR_OTHERS_MAX]; /* units of the person's other posts, up to the first 0: walls and recusal count them */
    bool co_unit;           /* the person's unit is co-assigned to this case (会办) */
    bool shared;            /* this confidential case was shared with the person by name */
};

/* Text fields are views that must live during the call; blank text counts as missing. */
struct act_request {
    enum case_act act;
    struct actor actor;
    instant now;
    i64 expected_version; /* what the person saw; CASE_VERSION_ANY only for actors other than staff */
    i64 unit;             /* assign, co_assign */
    struct str reason, text, ground, way, receiver;
    int evidence;                 /* pieces attached */
    i64 target;                   /* merge: the main case */
    i64 person;                   /* share */
    bool person_about;            /* share: the person works in, or comes from, the unit the case is about */
    int amount;                   /* extend_ask */
    enum pause_cause pause_cause; /* pause_ask */
    instant until;                /* pause_ask */
    int rung;                     /* supervise, propose */
    i64 letter;                   /* supervise: the signed letter behind a rung that has one */
    i64 feedback;                 /* callback, confirm: which reporter was asked; 0 = the only one */
    int reporters;                /* withdraw: how many people reported the matter, 0 counts as one */
    enum case_clock clock;        /* overdue: which one ran out */
    struct str higher; /* assign: the higher-level organ that handles it while the unit keeps track (M46) */
    int rating;        /* confirm and callback may bring 1..5; 0 = none, never invented */
    struct call_answers answers; /* callback: what was answered to the questions of the script */
    enum nature
        part_nature; /* split: what the second matter is; text is its part of the words, rest the other. assign: what it should have been taken for */
    struct str urgency;         /* assign: 特急 … 平缓, when the router was wrong; a text that stays */
    struct str rest, part_seal; /* part_seal: from the caller, what the record keeps of a split, as hex */
    i64 about;                  /* split: the unit that the second matter is about, 0 = none */
    const u64
        *files; /* kept by media_keep or media_keep_offered: they become this act's; live until it is done */
    size_t n_files;
    i64 files_of; /* the reporter who sends them; 0: staff, or the one whose case it is */
};

#define CASEFLOW_DETAIL_MAX 400
struct caseflow_row;
struct outcome {
    struct case_view view;          /* as it is afterwards; on refusal the old one, unchanged */
    const struct caseflow_row *row; /* the rule that applied; NULL on refusal */
    u32 clocks_start, clocks_stop;  /* masks 1u << enum case_clock; stop comes before start */
    u32 clocks_hold,
        clocks_resume; /* stand still / run on, by deadline_resume(); harmless for a clock not running */
    int extend_by;     /* extend_grant: deadline_extend() by this amount, else 0 */
    u32 notices;       /* NOTIFY_… */
    enum case_letter letter;
    char detail[CASEFLOW_DETAIL_MAX]; /* refused: Chinese, what is missing or who may */
};

/* One rule. An act may have several, tried in order; the first that fits state, flags and actor applies. */
struct caseflow_row {
    enum case_act act;
    u32 from;            /* mask 1u << state */
    u32 require, forbid; /* flags */
    int to;              /* enum case_state, or one of the two below */
    u32 who;             /* ROLE_BIT | WHO_KIND */
    u32 needs;           /* NEED_… */
    u32 set, clear;      /* flags */
    u32 start, stop, hold, resume;
    u32 notices;
    enum case_letter letter; /* supervise: by rung instead, see caseflow_rung_letter */
    enum case_ending ending; /* of rows that lead to closed */
    int rung_max;            /* supervise only */
    bool new_round;          /* 重办: round + 1, half the time */
    const char *citizen;     /* what the citizen reads on the status page; NULL: not shown */
};
#define CASE_TO_SAME (-1)
#define CASE_TO_BACK (-2)

/* The whole table, in the order of DESIGN; n rows, static. */
const struct caseflow_row *caseflow_acts(size_t *n_r);

/* The start of every case: state NEW, round 1, version 0. */
struct case_view case_view_new(i64 id, enum nature nature, int level, i64 about_unit, bool confidential);

/* One act. REFUSE_NONE: *outcome_r holds the new view (version one higher) and what must follow. Otherwise
 * the view is unchanged and detail says why: CASE_UNKNOWN (confidential and not for this person: existence is
 * not admitted), CASE_CHANGED, ACT_ILLEGAL (state, flags, timing), FORBIDDEN (who), RECUSED (回避),
 * SECOND_PERSON, ACT_NEEDS (what is missing). *outcome_r is always filled. */
enum refusal caseflow_apply(const struct case_view *view, const struct act_request *req,
                            struct outcome *outcome_r) MUST_CHECK;
/* The acts this actor could do now, for buttons: state, flags, role, recusal and second person are judged;
 * inputs and time are not. Writes at most ACTS_N acts, in table order, and returns how many. */
size_t caseflow_allowed(const struct case_view *view, const struct actor *actor, enum case_act out[ACTS_N]);
/* May this person see the case at all? Only confidential cases are hidden by caseflow (promise P4); what else
 * a person sees is a matter of row-level security. */
bool caseflow_visible(const struct case_view *view, const struct actor *actor);
enum case_letter caseflow_rung_letter(int rung);

/* Words. The parse functions take the English word only. */
const char *case_state_word(enum case_state s);
const char *case_state_chinese(enum case_state s);
bool case_state_parse(struct str word, enum case_state *state_r) MUST_CHECK;
bool case_state_open(enum case_state s); /* discovered..verifying */
const char *case_act_word(enum case_act a);
const char *case_act_chinese(enum case_act a);
bool case_act_parse(struct str word, enum case_act *act_r) MUST_CHECK;
const char *case_flag_word(unsigned bit); /* bit number, below CASE_FLAGS_N */
const char *case_flag_chinese(unsigned bit);
bool case_flag_parse(struct str word, u32 *flag_r) MUST_CHECK;
const char *staff_role_word(enum staff_role r);
const char *staff_role_chinese(enum staff_role r);
bool staff_role_parse(struct str word, enum staff_role *role_r) MUST_CHECK;
const char *actor_kind_word(enum actor_kind k);
const char *actor_kind_chinese(enum actor_kind k);
bool actor_kind_parse(struct str word, enum actor_kind *kind_r) MUST_CHECK;
const char *case_need_chinese(unsigned bit);
const char *pause_cause_word(enum pause_cause c);
const char *pause_cause_chinese(enum pause_cause c);
bool pause_cause_parse(struct str word, enum pause_cause *cause_r) MUST_CHECK;
const char *case_ending_word(enum case_ending e);
const char *case_ending_chinese(enum case_ending e);
bool case_ending_parse(struct str word, enum case_ending *ending_r) MUST_CHECK;
const char *supervise_rung_word(int rung);
const char *supervise_rung_chinese(int rung);
const char *case_letter_word(enum case_letter l);
const char *case_letter_chinese(enum case_letter l);
