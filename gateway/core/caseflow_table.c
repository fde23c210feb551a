/* The rules of the loop as data, and the words for everything in them. docs/caseflow.md is printed from here.
 * Where two rows of one act fit the same state, flags tell them apart; for `co_assign`, `supervise`, `pause_grant` and
 * `pause_refuse` the actor does. */
#include "core/caseflow.h"

#define IN(state)   (1u << CASE_##state)
#define FLAG(name)  CASE_FLAG_##name
#define CLOCK(name) (1u << CLOCK_##name)
#define STAFF(role) ROLE_BIT(ROLE_##role)
#define OTHER(kind) WHO_KIND(ACTOR_##kind)
#define N_CITIZEN   NOTIFY_CITIZEN
#define N_UNIT      NOTIFY_UNIT
#define N_OFFICE    NOTIFY_OFFICE

#define WITH_UNIT   (IN(ASSIGNED) | IN(HANDLING) | IN(REPLIED) | IN(VERIFYING))
#define OPEN        (IN(DISCOVERED) | WITH_UNIT)
#define BORN        (OPEN | IN(CLOSED) | IN(DECLINED) | IN(MERGED))
/* One request at a time: whoever rules must know what the ruling is about. */
#define ASKS       (FLAG(RETURN_ASKED) | FLAG(EXTENSION_ASKED) | FLAG(PAUSE_ASKED))
#define ALL_CLOCKS (CLOCK(ACCEPT) | CLOCK(SIGN) | CLOCK(HANDLING) | CLOCK(REVIEW) | CLOCK(CALLBACK))
/* What a new round or an end wipes. */
#define ROUND_FLAGS (FLAG(PAUSED) | ASKS | FLAG(ENDORSED) | FLAG(TRIED_TWICE) | FLAG(MORE_TO_ASK))
#define EVERYBODY                                                                                            \
    (STAFF(COORDINATOR) | STAFF(SUPERVISOR) | STAFF(ACCOUNTABILITY) | STAFF(REGISTRY) | STAFF(HANDLER) |     \
     STAFF(UNIT_LEADER) | STAFF(CALLBACK) | STAFF(LEADER))

/* One rule a line or two, in columns of its own: this is read as a table. */
/* clang-format off */
static const struct caseflow_row rows[] = {
    {.act = ACT_RECEIVE, .from = IN(NEW), .to = CASE_DISCOVERED, .who = OTHER(GATEWAY),
     .start = CLOCK(ACCEPT), .notices = N_OFFICE, .citizen = "已收到您的反映，等待受理"},
    /* The handling clock runs from here, not from the signature: a unit gains nothing by not looking. */
    {.act = ACT_ASSIGN, .from = IN(DISCOVERED), .to = CASE_ASSIGNED,
     .who = STAFF(COORDINATOR) | OTHER(ROUTER), .needs = NEED_UNIT, .clear = ROUND_FLAGS,
     .start = CLOCK(SIGN) | CLOCK(HANDLING), .stop = CLOCK(ACCEPT), .notices = N_CITIZEN | N_UNIT,
     .letter = LETTER_ASSIGN, .citizen = "已受理，交承办单位办理"},
    {.act = ACT_DECLINE, .from = IN(DISCOVERED), .to = CASE_DECLINED, .who = STAFF(COORDINATOR),
     .needs = NEED_REASON | NEED_WAY, .clear = ROUND_FLAGS | FLAG(SUPERVISED), .stop = ALL_CLOCKS,
     .notices = N_CITIZEN, .citizen = "不予受理，已说明理由和应当通过的途径"},
    {.act = ACT_MERGE, .from = IN(DISCOVERED) | IN(ASSIGNED) | IN(HANDLING), .to = CASE_MERGED,
     .who = STAFF(COORDINATOR) | OTHER(CITIZEN), .needs = NEED_TARGET | NEED_REASON, .clear = ASKS | FLAG(PAUSED),
     .hold = CLOCK(ACCEPT) | CLOCK(SIGN) | CLOCK(HANDLING), .notices = N_CITIZEN | N_UNIT,
     .citizen = "与同一事项合并办理，您的回执码继续有效"},
    {.act = ACT_UNMERGE, .from = IN(MERGED), .to = CASE_TO_BACK, .who = STAFF(COORDINATOR),
     .needs = NEED_REASON, .resume = CLOCK(ACCEPT) | CLOCK(SIGN) | CLOCK(HANDLING),
     .notices = N_CITIZEN | N_UNIT, .citizen = "恢复单独办理"},
    {.act = ACT_SIGN, .from = IN(ASSIGNED), .forbid = FLAG(RETURN_ASKED), .to = CASE_HANDLING,
     .who = STAFF(HANDLER), .stop = CLOCK(SIGN), .notices = N_CITIZEN, .citizen = "承办单位已签收，正在办理"},
    /* Asking stops no clock: the time is charged to whoever is found to have refused without cause. */
    {.act = ACT_RETURN_ASK, .from = IN(ASSIGNED), .forbid = FLAG(RULED) | ASKS, .to = CASE_TO_SAME,
     .who = STAFF(HANDLER), .needs = NEED_GROUND | NEED_REASON, .set = FLAG(RETURN_ASKED), .notices = N_OFFICE},
    {.act = ACT_RETURN_GRANT, .from = IN(ASSIGNED), .require = FLAG(RETURN_ASKED), .to = CASE_DISCOVERED,
     .who = STAFF(COORDINATOR), .needs = NEED_REASON | NEED_NOT_ASKER | NEED_OUTSIDE, .clear = ROUND_FLAGS,
     .start = CLOCK(ACCEPT), .stop = CLOCK(SIGN) | CLOCK(HANDLING), .notices = N_CITIZEN | N_UNIT,
     .citizen = "正在重新确定承办单位"},
    {.act = ACT_RETURN_REFUSE, .from = IN(ASSIGNED), .require = FLAG(RETURN_ASKED), .to = CASE_TO_SAME,
     .who = STAFF(COORDINATOR), .needs = NEED_REASON | NEED_NOT_ASKER | NEED_OUTSIDE, .set = FLAG(RULED),
     .clear = FLAG(RETURN_ASKED), .notices = N_UNIT},
    {.act = ACT_CO_ASSIGN, .from = WITH_UNIT, .to = CASE_TO_SAME, .who = STAFF(COORDINATOR),
     .needs = NEED_UNIT | NEED_REASON, .notices = N_UNIT, .letter = LETTER_ASSIGN},
    /* With a unit that is gone: its successor works with them now, and no new paper is owed for that. */
    {.act = ACT_CO_ASSIGN, .from = WITH_UNIT, .to = CASE_TO_SAME, .who = OTHER(CLOCK),
     .needs = NEED_UNIT | NEED_REASON, .notices = N_UNIT},
    {.act = ACT_EXTEND_ASK, .from = IN(ASSIGNED) | IN(HANDLING), .forbid = FLAG(EXTENDED) | FLAG(PAUSED) | ASKS,
     .to = CASE_TO_SAME, .who = STAFF(HANDLER), .needs = NEED_REASON | NEED_AMOUNT,
     .set = FLAG(EXTENSION_ASKED), .notices = N_OFFICE},
    {.act = ACT_EXTEND_GRANT, .from = IN(ASSIGNED) | IN(HANDLING), .require = FLAG(EXTENSION_ASKED),
     .to = CASE_TO_SAME, .who = STAFF(COORDINATOR), .needs = NEED_REASON | NEED_NOT_ASKER | NEED_OUTSIDE,
     .set = FLAG(EXTENDED), .clear = FLAG(EXTENSION_ASKED), .notices = N_CITIZEN | N_UNIT,
     .citizen = "经批准延长办理时限"},
    {.act = ACT_EXTEND_REFUSE, .from = IN(ASSIGNED) | IN(HANDLING), .require = FLAG(EXTENSION_ASKED),
     .to = CASE_TO_SAME, .who = STAFF(COORDINATOR), .needs = NEED_REASON | NEED_NOT_ASKER | NEED_OUTSIDE,
     .clear = FLAG(EXTENSION_ASKED), .notices = N_UNIT},
    {.act = ACT_PAUSE_ASK, .from = IN(HANDLING), .forbid = FLAG(PAUSED) | ASKS, .to = CASE_TO_SAME,
     .who = STAFF(HANDLER), .needs = NEED_PAUSE_CAUSE | NEED_REASON | NEED_UNTIL, .set = FLAG(PAUSE_ASKED),
     .notices = N_UNIT | N_OFFICE},
    /* The unit's leader answers for the unit; a coordinator who comes from there would not be an outsider. */
    {.act = ACT_PAUSE_GRANT, .from = IN(HANDLING), .require = FLAG(PAUSE_ASKED), .to = CASE_TO_SAME,
     .who = STAFF(UNIT_LEADER), .needs = NEED_REASON | NEED_NOT_ASKER, .set = FLAG(PAUSED),
     .clear = FLAG(PAUSE_ASKED), .hold = CLOCK(HANDLING), .notices = N_CITIZEN | N_UNIT | N_OFFICE,
     .citizen = "因补正、鉴定或听证暂停计时，期满自动恢复"},
    {.act = ACT_PAUSE_GRANT, .from = IN(HANDLING), .require = FLAG(PAUSE_ASKED), .to = CASE_TO_SAME,
     .who = STAFF(COORDINATOR), .needs = NEED_REASON | NEED_NOT_ASKER | NEED_OUTSIDE, .set = FLAG(PAUSED),
     .clear = FLAG(PAUSE_ASKED), .hold = CLOCK(HANDLING), .notices = N_CITIZEN | N_UNIT | N_OFFICE,
     .citizen = "因补正、鉴定或听证暂停计时，期满自动恢复"},
    {.act = ACT_PAUSE_REFUSE, .from = IN(HANDLING), .require = FLAG(PAUSE_ASKED), .to = CASE_TO_SAME,
     .who = STAFF(UNIT_LEADER), .needs = NEED_REASON | NEED_NOT_ASKER, .clear = FLAG(PAUSE_ASKED),
     .notices = N_UNIT},
    {.act = ACT_PAUSE_REFUSE, .from = IN(HANDLING), .require = FLAG(PAUSE_ASKED), .to = CASE_TO_SAME,
     .who = STAFF(COORDINATOR), .needs = NEED_REASON | NEED_NOT_ASKER | NEED_OUTSIDE,
     .clear = FLAG(PAUSE_ASKED), .notices = N_UNIT},
    {.act = ACT_RESUME, .from = IN(HANDLING), .require = FLAG(PAUSED), .to = CASE_TO_SAME,
     .who = STAFF(HANDLER) | STAFF(UNIT_LEADER) | STAFF(COORDINATOR) | OTHER(CLOCK), .clear = FLAG(PAUSED),
     .resume = CLOCK(HANDLING), .notices = N_CITIZEN | N_UNIT, .citizen = "恢复办理，继续计时"},
    /* Written, but not yet the unit's word: the handling clock runs on until the leader has signed. */
    {.act = ACT_REPLY, .from = IN(HANDLING), .forbid = FLAG(PAUSED), .to = CASE_REPLIED, .who = STAFF(HANDLER),
     .needs = NEED_TEXT | NEED_EVIDENCE, .clear = ASKS | FLAG(ENDORSED), .notices = N_UNIT},
    {.act = ACT_ENDORSE, .from = IN(REPLIED), .forbid = FLAG(ENDORSED), .to = CASE_TO_SAME,
     .who = STAFF(UNIT_LEADER), .needs = NEED_NOT_AUTHOR, .set = FLAG(ENDORSED), .start = CLOCK(REVIEW),
     .hold = CLOCK(HANDLING), .notices = N_OFFICE, .citizen = "承办单位已提交办理结果，正在审核"},
    {.act = ACT_APPROVE, .from = IN(REPLIED), .require = FLAG(ENDORSED), .to = CASE_VERIFYING,
     .who = STAFF(SUPERVISOR), .needs = NEED_NOT_AUTHOR | NEED_OUTSIDE, .set = FLAG(ANSWERED),
     .clear = FLAG(SUPERVISED) | FLAG(TRIED_TWICE), .start = CLOCK(CALLBACK),
     .stop = CLOCK(REVIEW) | CLOCK(HANDLING), .notices = N_CITIZEN | N_UNIT,
     .citizen = "已答复，请告诉我们问题是否解决"},
    {.act = ACT_SEND_BACK, .from = IN(REPLIED), .forbid = FLAG(ENDORSED), .to = CASE_HANDLING,
     .who = STAFF(UNIT_LEADER), .needs = NEED_REASON | NEED_NOT_AUTHOR, .notices = N_UNIT},
    /* The time the office took to look is not the unit's: the clock goes on where it stood. */
    {.act = ACT_SEND_BACK, .from = IN(REPLIED), .require = FLAG(ENDORSED), .to = CASE_HANDLING,
     .who = STAFF(SUPERVISOR), .needs = NEED_REASON | NEED_NOT_AUTHOR | NEED_OUTSIDE, .clear = FLAG(ENDORSED),
     .stop = CLOCK(REVIEW), .resume = CLOCK(HANDLING), .notices = N_UNIT,
     .citizen = "办理结果未通过审核，退回重新办理"},
    /* After 并案 several people reported one matter: each is asked, and the last answer closes it. */
    {.act = ACT_CALLBACK_SOLVED, .from = IN(VERIFYING), .require = FLAG(ANSWERED) | FLAG(MORE_TO_ASK),
     .to = CASE_TO_SAME, .who = STAFF(CALLBACK), .needs = NEED_TEXT | NEED_NOT_AUTHOR | NEED_OUTSIDE,
     .notices = N_CITIZEN, .citizen = "有反映人在回访中确认已解决"},
    {.act = ACT_CALLBACK_SOLVED, .from = IN(VERIFYING), .require = FLAG(ANSWERED), .forbid = FLAG(MORE_TO_ASK),
     .to = CASE_CLOSED, .who = STAFF(CALLBACK), .needs = NEED_TEXT | NEED_NOT_AUTHOR | NEED_OUTSIDE,
     .clear = ROUND_FLAGS | FLAG(SUPERVISED), .stop = ALL_CLOCKS, .notices = N_CITIZEN | N_UNIT,
     .ending = ENDING_SOLVED, .citizen = "您在回访中确认已解决，已办结"},
    {.act = ACT_CALLBACK_REFUSED, .from = IN(VERIFYING), .require = FLAG(ANSWERED) | FLAG(MORE_TO_ASK),
     .to = CASE_TO_SAME, .who = STAFF(CALLBACK), .needs = NEED_TEXT | NEED_NOT_AUTHOR | NEED_OUTSIDE,
     .notices = N_CITIZEN, .citizen = "有反映人不愿接受回访"},
    {.act = ACT_CALLBACK_REFUSED, .from = IN(VERIFYING), .require = FLAG(ANSWERED), .forbid = FLAG(MORE_TO_ASK),
     .to = CASE_CLOSED, .who = STAFF(CALLBACK), .needs = NEED_TEXT | NEED_NOT_AUTHOR | NEED_OUTSIDE,
     .clear = ROUND_FLAGS | FLAG(SUPERVISED), .stop = ALL_CLOCKS, .notices = N_CITIZEN | N_UNIT,
     .ending = ENDING_REFUSED, .citizen = "您不愿接受回访，已办结；如未解决可申请重新办理"},
    {.act = ACT_CALLBACK_UNSOLVED, .from = IN(VERIFYING), .require = FLAG(ANSWERED), .to = CASE_HANDLING,
     .who = STAFF(CALLBACK), .needs = NEED_TEXT | NEED_NOT_AUTHOR | NEED_OUTSIDE,
     .clear = ROUND_FLAGS | FLAG(ANSWERED), .start = CLOCK(HANDLING), .stop = CLOCK(CALLBACK),
     .notices = N_CITIZEN | N_UNIT | N_OFFICE, .new_round = true, .citizen = "您反映尚未解决，已发回重新办理"},
    {.act = ACT_CALLBACK_ATTEMPT, .from = IN(VERIFYING), .require = FLAG(ANSWERED), .forbid = FLAG(TRIED_TWICE),
     .to = CASE_TO_SAME, .who = STAFF(CALLBACK), .needs = NEED_NOT_AUTHOR | NEED_OUTSIDE, .notices = N_CITIZEN,
     .citizen = "回访未能联系到您，您可凭回执码确认是否解决"},
    {.act = ACT_CALLBACK_ATTEMPT, .from = IN(VERIFYING),
     .require = FLAG(ANSWERED) | FLAG(TRIED_TWICE) | FLAG(MORE_TO_ASK), .to = CASE_TO_SAME, .who = STAFF(CALLBACK),
     .needs = NEED_NOT_AUTHOR | NEED_OUTSIDE, .clear = FLAG(TRIED_TWICE), .notices = N_CITIZEN,
     .citizen = "三次回访未能联系到一位反映人"},
    {.act = ACT_CALLBACK_ATTEMPT, .from = IN(VERIFYING), .require = FLAG(ANSWERED) | FLAG(TRIED_TWICE),
     .forbid = FLAG(MORE_TO_ASK), .to = CASE_CLOSED, .who = STAFF(CALLBACK), .needs = NEED_NOT_AUTHOR | NEED_OUTSIDE,
     .clear = ROUND_FLAGS | FLAG(SUPERVISED), .stop = ALL_CLOCKS, .notices = N_CITIZEN | N_UNIT,
     .ending = ENDING_SILENCE, .citizen = "三次回访未能联系到您，已办结；如未解决可申请重新办理"},
    {.act = ACT_CONFIRM_SOLVED, .from = IN(VERIFYING), .require = FLAG(ANSWERED) | FLAG(MORE_TO_ASK),
     .to = CASE_TO_SAME, .who = OTHER(CITIZEN), .notices = N_OFFICE, .citizen = "有反映人确认已解决"},
    {.act = ACT_CONFIRM_SOLVED, .from = IN(VERIFYING), .require = FLAG(ANSWERED), .forbid = FLAG(MORE_TO_ASK),
     .to = CASE_CLOSED,
     .who = OTHER(CITIZEN), .clear = ROUND_FLAGS | FLAG(SUPERVISED), .stop = ALL_CLOCKS,
     .notices = N_UNIT | N_OFFICE, .ending = ENDING_SOLVED, .citizen = "您已确认解决，已办结"},
    {.act = ACT_CONFIRM_UNSOLVED, .from = IN(VERIFYING), .require = FLAG(ANSWERED), .to = CASE_HANDLING,
     .who = OTHER(CITIZEN), .clear = ROUND_FLAGS | FLAG(ANSWERED), .start = CLOCK(HANDLING),
     .stop = CLOCK(CALLBACK), .notices = N_CITIZEN | N_UNIT | N_OFFICE, .new_round = true,
     .citizen = "您反映尚未解决，已发回重新办理"},
    /* Partly solved is not solved: the rest goes back, unless the citizen says in so many words that it is enough. */
    {.act = ACT_CONFIRM_PARTLY, .from = IN(VERIFYING), .require = FLAG(ANSWERED), .to = CASE_HANDLING,
     .who = OTHER(CITIZEN), .clear = ROUND_FLAGS | FLAG(ANSWERED), .start = CLOCK(HANDLING),
     .stop = CLOCK(CALLBACK), .notices = N_CITIZEN | N_UNIT | N_OFFICE, .new_round = true,
     .citizen = "您反映只解决了一部分，其余已发回重新办理"},
    {.act = ACT_ACCEPT_PARTLY, .from = IN(VERIFYING), .require = FLAG(ANSWERED) | FLAG(MORE_TO_ASK),
     .to = CASE_TO_SAME, .who = OTHER(CITIZEN), .notices = N_OFFICE, .citizen = "有反映人认为部分解决，同意办结"},
    {.act = ACT_ACCEPT_PARTLY, .from = IN(VERIFYING), .require = FLAG(ANSWERED), .forbid = FLAG(MORE_TO_ASK),
     .to = CASE_CLOSED, .who = OTHER(CITIZEN), .clear = ROUND_FLAGS | FLAG(SUPERVISED), .stop = ALL_CLOCKS,
     .notices = N_UNIT | N_OFFICE, .ending = ENDING_PARTLY, .citizen = "您认为部分解决，同意办结，这件已办结"},
    /* Reopening asks the unit for more work; an objection asks somebody above the unit whether the end was right. It has
     * the review clock, and stands once. Upheld it is a reopening. */
    {.act = ACT_OBJECT, .from = IN(CLOSED) | IN(DECLINED),
     .forbid = FLAG(OBJECTED) | FLAG(OBJECTION_RULED) | FLAG(TRANSFERRED) | FLAG(WITHDRAWN), .to = CASE_TO_SAME,
     .who = OTHER(CITIZEN), .needs = NEED_REASON, .set = FLAG(OBJECTED), .start = CLOCK(REVIEW), .notices = N_OFFICE,
     .citizen = "已收到您的异议，由督查督办组复核"},
    {.act = ACT_OBJECT_REJECT, .from = IN(CLOSED), .require = FLAG(OBJECTED), .to = CASE_TO_SAME,
     .who = STAFF(SUPERVISOR), .needs = NEED_TEXT | NEED_NOT_AUTHOR | NEED_OUTSIDE, .set = FLAG(OBJECTION_RULED),
     .clear = FLAG(OBJECTED), .stop = CLOCK(REVIEW), .notices = N_CITIZEN, .citizen = "异议已复核，维持原处理"},
    /* No unit has a declined case: nobody can come from it. */
    {.act = ACT_OBJECT_REJECT, .from = IN(DECLINED), .require = FLAG(OBJECTED), .to = CASE_TO_SAME,
     .who = STAFF(SUPERVISOR), .needs = NEED_TEXT | NEED_NOT_AUTHOR, .set = FLAG(OBJECTION_RULED),
     .clear = FLAG(OBJECTED), .stop = CLOCK(REVIEW), .notices = N_CITIZEN, .citizen = "异议已复核，维持原处理"},
    /* The matter is the finder's own, as long as nobody else reported it and there is no answer to speak about. What a
     * report has brought to light is not the finder's to take back: the wish is put on record, the readers go on. */
    {.act = ACT_WITHDRAW, .from = OPEN & ~IN(VERIFYING), .forbid = FLAG(CONFIDENTIAL), .to = CASE_CLOSED,
     .who = OTHER(CITIZEN), .set = FLAG(WITHDRAWN), .clear = ROUND_FLAGS | FLAG(SUPERVISED), .stop = ALL_CLOCKS,
     .notices = N_UNIT | N_OFFICE, .ending = ENDING_WITHDRAWN, .citizen = "您已撤回，已办结"},
    {.act = ACT_WITHDRAW, .from = OPEN & ~IN(VERIFYING), .require = FLAG(CONFIDENTIAL), .to = CASE_TO_SAME,
     .who = OTHER(CITIZEN), .notices = N_OFFICE, .citizen = "已记录您的撤回意愿，线索继续依法核查"},
    /* A question the citizen can answer by message or on the page; no clock waits for it, a pause (补正) does. */
    {.act = ACT_ASK, .from = IN(HANDLING), .to = CASE_TO_SAME, .who = STAFF(HANDLER) | STAFF(UNIT_LEADER),
     .needs = NEED_TEXT, .notices = N_CITIZEN, .citizen = "承办单位请您补充说明"},
    {.act = ACT_SAY, .from = BORN, .to = CASE_TO_SAME, .who = OTHER(CITIZEN), .needs = NEED_TEXT,
     .notices = N_UNIT | N_OFFICE, .citizen = "已收到您的补充"},
    {.act = ACT_NOTE, .from = BORN, .to = CASE_TO_SAME, .who = EVERYBODY, .needs = NEED_TEXT},
    {.act = ACT_SUPERVISE, .from = OPEN, .forbid = FLAG(PAUSED), .to = CASE_TO_SAME, .who = OTHER(CLOCK),
     .needs = NEED_RUNG, .set = FLAG(SUPERVISED), .notices = N_UNIT | N_OFFICE, .rung_max = RUNG_URGE},
    {.act = ACT_SUPERVISE, .from = OPEN, .to = CASE_TO_SAME, .who = STAFF(ACCOUNTABILITY),
     .needs = NEED_RUNG | NEED_REASON | NEED_OUTSIDE, .set = FLAG(SUPERVISED), .notices = N_UNIT | N_OFFICE,
     .rung_max = RUNG_HAND_OVER, .citizen = "督查人员已催办"},
    {.act = ACT_SUPERVISE, .from = OPEN, .to = CASE_TO_SAME, .who = STAFF(SUPERVISOR),
     .needs = NEED_RUNG | NEED_REASON | NEED_OUTSIDE, .set = FLAG(SUPERVISED), .notices = N_UNIT | N_OFFICE,
     .rung_max = RUNG_ANNOUNCE, .citizen = "督查人员已催办"},
    /* Rungs from 督办函 on are issued by a person; the clock only puts the draft on the desk, once. */
    {.act = ACT_PROPOSE, .from = OPEN, .forbid = FLAG(PAUSED), .to = CASE_TO_SAME, .who = OTHER(CLOCK),
     .needs = NEED_RUNG, .notices = N_OFFICE},
    /* Of the clocks beside handling: where handling runs alone there is none to tell of. */
    {.act = ACT_OVERDUE, .from = OPEN & ~IN(HANDLING), .forbid = FLAG(LATE), .to = CASE_TO_SAME, .who = OTHER(CLOCK),
     .set = FLAG(LATE), .notices = N_UNIT | N_OFFICE},
    {.act = ACT_OVERDUE, .from = IN(CLOSED) | IN(DECLINED), .require = FLAG(OBJECTED), .forbid = FLAG(LATE),
     .to = CASE_TO_SAME, .who = OTHER(CLOCK), .set = FLAG(LATE), .notices = N_OFFICE},
    /* The text is the notice to the finder: it is the answer that lets this row lead to closed. */
    {.act = ACT_TRANSFER_OUT, .from = OPEN, .to = CASE_CLOSED, .who = STAFF(ACCOUNTABILITY),
     .needs = NEED_REASON | NEED_RECEIVER | NEED_TEXT | NEED_NOT_AUTHOR | NEED_OUTSIDE,
     .set = FLAG(TRANSFERRED) | FLAG(ANSWERED), .clear = ROUND_FLAGS | FLAG(SUPERVISED), .stop = ALL_CLOCKS,
     .notices = N_CITIZEN, .letter = LETTER_TRANSFER, .ending = ENDING_TRANSFERRED,
     .citizen = "已依法移送有权机关，去向见移送告知"},
    {.act = ACT_REOPEN, .from = IN(CLOSED), .forbid = FLAG(TRANSFERRED) | FLAG(WITHDRAWN) | FLAG(OBJECTED),
     .to = CASE_HANDLING, .who = STAFF(SUPERVISOR) | OTHER(CITIZEN), .needs = NEED_REASON,
     .clear = ROUND_FLAGS | FLAG(ANSWERED), .start = CLOCK(HANDLING),
     .notices = N_CITIZEN | N_UNIT | N_OFFICE, .new_round = true, .citizen = "已重新办理"},
    {.act = ACT_REOPEN, .from = IN(CLOSED), .require = FLAG(OBJECTED), .to = CASE_HANDLING, .who = STAFF(SUPERVISOR),
     .needs = NEED_REASON, .set = FLAG(OBJECTION_RULED), .clear = ROUND_FLAGS | FLAG(ANSWERED) | FLAG(OBJECTED),
     .start = CLOCK(HANDLING), .stop = CLOCK(REVIEW), .notices = N_CITIZEN | N_UNIT | N_OFFICE, .new_round = true,
     .citizen = "已重新办理"},
    /* Perhaps no unit ever had it: whoever takes a matter up again begins where it is given out. */
    {.act = ACT_REOPEN, .from = IN(CLOSED), .require = FLAG(WITHDRAWN), .to = CASE_DISCOVERED,
     .who = STAFF(SUPERVISOR) | OTHER(CITIZEN), .needs = NEED_REASON, .clear = ROUND_FLAGS | FLAG(WITHDRAWN),
     .start = CLOCK(ACCEPT), .notices = N_CITIZEN | N_OFFICE, .citizen = "重新审查是否受理"},
    {.act = ACT_REOPEN, .from = IN(DECLINED), .forbid = FLAG(OBJECTED), .to = CASE_DISCOVERED, .who = STAFF(SUPERVISOR),
     .needs = NEED_REASON, .start = CLOCK(ACCEPT), .notices = N_CITIZEN | N_OFFICE, .citizen = "重新审查是否受理"},
    {.act = ACT_REOPEN, .from = IN(DECLINED), .require = FLAG(OBJECTED), .to = CASE_DISCOVERED, .who = STAFF(SUPERVISOR),
     .needs = NEED_REASON, .set = FLAG(OBJECTION_RULED), .clear = FLAG(OBJECTED), .start = CLOCK(ACCEPT),
     .stop = CLOCK(REVIEW), .notices = N_CITIZEN | N_OFFICE, .citizen = "重新审查是否受理"},
    /* Before any unit has seen it, so that nobody reads the part that is not theirs. What is confidential is split by nobody: its
     * words may be sealed, and its readers are few. A part is never split again: the words are another case's. */
    {.act = ACT_SPLIT, .from = IN(DISCOVERED), .forbid = FLAG(CONFIDENTIAL) | FLAG(PART), .to = CASE_TO_SAME,
     .who = STAFF(COORDINATOR), .needs = NEED_NATURE | NEED_TEXT | NEED_REST | NEED_REASON, .set = FLAG(SPLIT),
     .notices = N_CITIZEN | N_OFFICE, .citizen = "您反映了不止一件事，已分成几件分别办理，回执码不变"},
    /* 机构改革: the case follows its unit to the successor. Nothing starts, stops or moves: the citizen waits no longer for it. */
    {.act = ACT_FOLLOW, .from = WITH_UNIT, .to = CASE_TO_SAME, .who = OTHER(CLOCK), .needs = NEED_UNIT | NEED_REASON,
     .notices = N_UNIT, .citizen = "因机构调整由新的承办单位继续办理，时限不变"},
    {.act = ACT_SHARE, .from = BORN, .require = FLAG(CONFIDENTIAL), .to = CASE_TO_SAME,
     .who = STAFF(ACCOUNTABILITY), .needs = NEED_PERSON | NEED_REASON},
};
/* clang-format on */

const struct caseflow_row *caseflow_acts(size_t *n_r)
{
    *n_r = ARRAY_LEN(rows);
    return rows;
}

enum case_letter caseflow_rung_letter(int rung)
{
    static const enum case_letter letters[RUNGS_N] = {
        [RUNG_URGE] = LETTER_URGE,         [RUNG_YELLOW] = LETTER_SUPERVISE,   [RUNG_RED] = LETTER_SUPERVISE,
        [RUNG_ANNOUNCE] = LETTER_ANNOUNCE, [RUNG_HAND_OVER] = LETTER_TRANSFER,
    };
    return rung >= 0 && rung < RUNGS_N ? letters[rung] : LETTER_NONE;
}

struct word {
    const char *en, *zh;
};
#define X(id, word, zh) {word, zh},
static const struct word states[] = {CASE_STATES(X)}, acts[] = {CASE_ACTS(X)}, flags[] = {CASE_FLAGS(X)},
                         roles[] = {STAFF_ROLES(X)}, kinds[] = {ACTOR_KINDS(X)}, needs[] = {CASE_NEEDS(X)},
                         causes[] = {PAUSE_CAUSES(X)}, endings[] = {CASE_ENDINGS(X)},
                         rungs[] = {SUPERVISE_RUNGS(X)}, letter_words[] = {CASE_LETTERS(X)};
#undef X

static const struct word *word_at(const struct word *table, size_t n, unsigned at)
{
    ASSERT(at < n);
    return &table[at];
}
#define WORD(table, at) word_at((table), ARRAY_LEN(table), (unsigned)(at))

static bool word_find(const struct word *table, size_t n, struct str word, unsigned *at_r)
{
    for (unsigned i = 0; i < n; i++)
        if (str_eq(word, str_of(table[i].en))) {
            *at_r = i;
            return true;
        }
    return false;
}

const char *case_state_word(enum case_state s) { return WORD(states, s)->en; }
const char *case_state_chinese(enum case_state s) { return WORD(states, s)->zh; }
const char *case_act_word(enum case_act a) { return WORD(acts, a)->en; }
const char *case_act_chinese(enum case_act a) { return WORD(acts, a)->zh; }
const char *case_flag_word(unsigned bit) { return WORD(flags, bit)->en; }
const char *case_flag_chinese(unsigned bit) { return WORD(flags, bit)->zh; }
const char *staff_role_word(enum staff_role r) { return WORD(roles, r)->en; }
const char *staff_role_chinese(enum staff_role r) { return WORD(roles, r)->zh; }
const char *actor_kind_word(enum actor_kind k) { return WORD(kinds, k)->en; }
const char *actor_kind_chinese(enum actor_kind k) { return WORD(kinds, k)->zh; }
const char *case_need_chinese(unsigned bit) { return WORD(needs, bit)->zh; }
const char *pause_cause_word(enum pause_cause c) { return WORD(causes, c)->en; }
const char *pause_cause_chinese(enum pause_cause c) { return WORD(causes, c)->zh; }
const char *case_ending_word(enum case_ending e) { return WORD(endings, e)->en; }
const char *case_ending_chinese(enum case_ending e) { return WORD(endings, e)->zh; }
const char *supervise_rung_word(int rung) { return WORD(rungs, rung)->en; }
const char *supervise_rung_chinese(int rung) { return WORD(rungs, rung)->zh; }
const char *case_letter_word(enum case_letter l) { return WORD(letter_words, l)->en; }
const char *case_letter_chinese(enum case_letter l) { return WORD(letter_words, l)->zh; }

#define PARSE(name, table, type)                                                                             \
    bool name(struct str word, type *value_r)                                                                \
    {                                                                                                        \
        unsigned at;                                                                                         \
        if (!word_find((table), ARRAY_LEN(table), word, &at)) return false;                                  \
        *value_r = (type)at;                                                                                 \
        return true;                                                                                         \
    }
PARSE(case_state_parse, states, enum case_state)
PARSE(case_act_parse, acts, enum case_act)
PARSE(staff_role_parse, roles, enum staff_role)
PARSE(actor_kind_parse, kinds, enum actor_kind)
PARSE(pause_cause_parse, causes, enum pause_cause)
PARSE(case_ending_parse, endings, enum case_ending)

bool case_flag_parse(struct str word, u32 *flag_r)
{
    unsigned at;
    if (!word_find(flags, ARRAY_LEN(flags), word, &at)) return false;
    *flag_r = 1u << at;
    return true;
}
