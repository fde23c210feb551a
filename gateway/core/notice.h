/* What committed events are called where they are told to groups, mailboxes and subscribers, who wants to hear of them, and the
 * sentence that the staff reads. Pure; gateway/notices reads the events and owes the messages, schema/0017_notices.sql decides which
 * events may leave the house at all (P4). A sentence holds number, unit, what was done, level, deadline and a link: never a word of
 * a citizen, a name or a telephone number (P11), for nothing here is given one. */
#pragma once
#include "core/caseflow.h"

/* X(id, word, headline, staff): `word` is the kind in the settings `events`, in the outbox and in the type of a webhook; it never
 * changes its meaning. staff: told to groups and mailboxes whose channel says nothing else. docs/webhooks.md lists them. */
/* clang-format off */
#define NOTICE_KINDS(X) \
    X(CASE_OPENED, "case.opened", "新收办件", false) \
    X(CASE_URGENT, "case.urgent", "特急办件，请值班人员跟进", true) \
    X(CASE_DUTY, "case.duty", "有特急事项，请值班人员登录查看", true) /* of what may not be told: not a word of it */ \
    X(CASE_ASSIGNED, "case.assigned", "新交办", true) \
    X(CASE_SIGNED, "case.signed", "已签收", false) \
    X(CASE_RETURN_ASKED, "case.return_asked", "申请退回", true) \
    X(CASE_RETURNED, "case.returned", "已退回", true) \
    X(CASE_EXTENDED, "case.extended", "已延期", false) \
    X(CASE_PAUSED, "case.paused", "已挂起", false) \
    X(CASE_RESUMED, "case.resumed", "恢复办理", false) \
    X(CASE_REPLIED, "case.replied", "单位已反馈", false) \
    X(CASE_SENT_BACK, "case.sent_back", "退回重报", true) \
    X(CASE_ANSWERED, "case.answered", "已答复群众", false) \
    X(CASE_OVERDUE, "case.overdue", "超时提醒", true) \
    X(CASE_URGED, "case.urged", "催办", true) \
    X(CASE_PROPOSED, "case.proposed", "拟办督办", false) \
    X(CASE_SUPERVISED, "case.supervised", "督办", true) \
    X(CASE_REOPENED, "case.reopened", "重新办理", true) \
    X(CASE_DECLINED, "case.declined", "不予受理", false) \
    X(CASE_MERGED, "case.merged", "并案", false) \
    X(CASE_TRANSFERRED, "case.transferred", "已移送", false) \
    X(CASE_CLOSED, "case.closed", "销号", false) \
    X(CASE_CHANGED, "case.changed", "办件有变化", false) /* every act without a kind of its own, and moved deadlines */ \
    X(FEEDBACK_RATED, "feedback.rated", "收到评价", false) \
    X(LETTER_SIGNED, "letter.signed", "函件签发", true) \
    X(LETTER_DELIVERED, "letter.delivered", "函件送达", true) \
    X(LETTER_RECEIVED, "letter.received", "函件签收", false) \
    X(LETTER_ANSWERED, "letter.answered", "函件反馈", false) \
    X(LETTER_FINISHED, "letter.finished", "函件办结", false) \
    X(LETTER_VOID, "letter.void", "函件作废", false) \
    X(BURST_BEGAN, "burst.began", "突发集中反映", true) \
    X(BURST_GREW, "burst.grew", "集中反映仍在增加", true) \
    X(BURST_ENDED, "burst.ended", "集中反映已平息", false) \
    X(CAUSE_LATE, "cause.late", "共性问题整改超期", true) \
    X(CHANNEL_ALARM, "channel.alarm", "渠道告警", true)
/* clang-format on */
enum notice_kind {
#define X(id, word, headline, staff) NOTICE_##id,
    NOTICE_KINDS(X)
#undef X
        NOTICE_KINDS_N
};

const char *notice_kind_word(enum notice_kind k);
const char *notice_kind_headline(enum notice_kind k); /* Chinese */

/* One event as its row tells it. Texts may be STR_NONE. */
struct notice_facts {
    struct str kind;       /* of the row: "case.changed" */
    i64 number;            /* of the case or the letter; 0: none */
    struct str act, state; /* case: last act and state; letter: state */
    int level, rung, rating;
    struct str unit; /* short name of the unit that may see it */
    struct str urgency, category;
    instant due;
    enum case_clock due_clock;
    struct str serial, letter; /* number and kind (English word) of a letter */
    struct str channel, alarm; /* of an alarm */
    bool alarm_on;
    bool raised; /* the act took the case to level 1 */
    bool
        wordless; /* only that there is such a danger may be told; no other fact is given then but kind, level and link */
    int n, hours;      /* of a burst: cases, and in how many hours */
    struct str window; /* of a burst from one window: its name */
    struct str place;  /* of a burst about one place: its name; n counts people then */
    struct str link;   /* to the desk */
};
/* What the event is told as: none, one, or two (a case that the router assigned as it came in was opened and assigned). */
#define NOTICE_KINDS_MAX 3
size_t notice_kinds(const struct notice_facts *f, enum notice_kind kinds_r[NOTICE_KINDS_MAX]);

/* Does a channel with this setting `events` hear of it? Words separated by commas or blanks; a star at the end of one stands for
 * the rest. Empty: everything for subscribers, the kinds marked above for the staff. */
bool notice_wanted(struct str events, bool staff, enum notice_kind k);
/* Does a channel with this setting `units` (codes) hear of that unit? Empty: of every one, and of what has none (code empty). */
bool notice_unit_wanted(struct str units, struct str code);

/* The headline and the sentence, in Chinese, the link in a line of its own. Bounded by the texts' own maximum. */
void notice_title(enum notice_kind k, const struct notice_facts *f, struct text *out);
void notice_sentence(enum notice_kind k, const struct notice_facts *f, struct text *out);
