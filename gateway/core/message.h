/* What is said to citizens: one event, its parameters, and a template that an office may word as it likes. Pure; the templates
 * in force come from the database (schema/0014_templates.sql holds the first wording of every event, in Chinese and English; 0054_callscript.sql what clerks read aloud on the telephone, which is worded the same way and never sent).
 * No template can carry personal data: no event has such a parameter, and a number of a mobile or an identity card is a fault; no link is ever shortened (providers and citizens
 * distrust short links). Called by gateway/messages.c and the templates' desk; sends nothing. */
#pragma once
#include "base/str.h"

/* X(id, word, title, purpose, params): `word` is stored and is the suffix of a channel's settings template_<word> and
 * params_<word>; params in the order in which providers with numbered variables get them. Purposes as in the outbox. */
/* clang-format off */
#define MESSAGE_CALL_PARAMS "office,unit,matter,case" /* a spoken sentence may have any of them, and needs none */
#define MESSAGE_EVENTS(X) \
    X(RECEIVED, "received", "收到反馈", ANSWER, "receipt") \
    X(RECEIVED_NOWHERE, "received_nowhere", "收到反馈，没有监督牌编号", ANSWER, "receipt") \
    X(RECEIVED_REPORT, "received_report", "收到举报，提示短信不保密", ANSWER, "receipt,link") \
    X(RATED, "rated", "收到评价", ANSWER, "meaning,receipt") \
    X(ADDED, "added", "补充内容已并入办件", ANSWER, "receipt") \
    X(STATUS, "status", "办理进度", ANSWER, "stage") \
    X(STATUS_ANSWERED, "status_answered", "办理进度，已有答复", ANSWER, "stage,link") \
    X(RECEIPT_WRONG, "receipt_wrong", "回执码不正确", ANSWER, "") \
    X(RECEIPT_MISSING, "receipt_missing", "没有写回执码", ANSWER, "") \
    X(CONFIRMED_SOLVED, "confirmed_solved", "确认已解决", ANSWER, "") \
    X(CONFIRMED_UNSOLVED, "confirmed_unsolved", "确认未解决", ANSWER, "") \
    X(CONFIRM_NOT, "confirm_not", "现在不能确认", ANSWER, "") \
    X(PLAQUE_ONLY, "plaque_only", "只发来监督牌编号", ANSWER, "unit,plaque") \
    X(NOTHING_OPEN, "nothing_open", "没有可评价的办件", ANSWER, "") \
    X(HELP, "help", "帮助", ANSWER, "") \
    X(OPTED_OUT, "opted_out", "已退订", ANSWER, "") \
    X(OPTED_IN, "opted_in", "已恢复", ANSWER, "") \
    X(RECEIPT_COPY, "receipt_copy", "把回执码发到一个不登记的号码", ANSWER, "receipt") \
    X(RECEIPTS_LOST, "receipts_lost", "找回回执码", ANSWER, "receipts") \
    X(ASKED, "asked", "承办单位提问", NOTICE, "unit,receipt_hint") \
    X(ANSWERED, "answered", "已有答复", NOTICE, "receipt_hint") \
    X(EXTENDED, "extended", "延期", NOTICE, "due,receipt_hint") \
    X(PAUSED, "paused", "挂起", NOTICE, "receipt_hint") \
    X(RESUMED, "resumed", "恢复办理", NOTICE, "due,receipt_hint") \
    X(SURVEY, "survey", "满意度调查", SURVEY, "receipt_hint") \
    X(SURVEY_THANKS, "survey_thanks", "感谢评价", ANSWER, "meaning") \
    X(CALL_GREETING, "call_greeting", "问候，说明是谁、为什么来电", CALL, MESSAGE_CALL_PARAMS) \
    X(CALL_SUITS, "call_suits", "问是否方便", CALL, MESSAGE_CALL_PARAMS) \
    X(CALL_MATTER, "call_matter", "说明是哪一件", CALL, MESSAGE_CALL_PARAMS) \
    X(CALL_CONTACTED, "call_contacted", "问单位是否联系", CALL, MESSAGE_CALL_PARAMS) \
    X(CALL_DONE, "call_done", "问是否按答复做到", CALL, MESSAGE_CALL_PARAMS) \
    X(CALL_SOLVED, "call_solved", "问是否解决", CALL, MESSAGE_CALL_PARAMS) \
    X(CALL_RATING, "call_rating", "问满意程度", CALL, MESSAGE_CALL_PARAMS) \
    X(CALL_DEMAND, "call_demand", "问其他要求", CALL, MESSAGE_CALL_PARAMS) \
    X(CALL_THANKS, "call_thanks", "致谢，告知怎样提出异议", CALL, MESSAGE_CALL_PARAMS) \
    X(CALL_FAREWELL, "call_farewell", "道别", CALL, MESSAGE_CALL_PARAMS) \
    X(CALL_NOBODY, "call_nobody", "无人接听", CALL, MESSAGE_CALL_PARAMS) \
    X(CALL_WRONG, "call_wrong", "号码不对", CALL, MESSAGE_CALL_PARAMS) \
    X(CALL_REFUSES, "call_refuses", "不愿接受回访", CALL, MESSAGE_CALL_PARAMS) \
    X(CALL_BEYOND, "call_beyond", "要求超出职责或政策", CALL, MESSAGE_CALL_PARAMS) \
    X(CALL_ANGRY, "call_angry", "情绪激动", CALL, MESSAGE_CALL_PARAMS) \
    X(CALL_DANGER, "call_danger", "讲到危险", CALL, MESSAGE_CALL_PARAMS) \
    X(CALL_MISCONDUCT, "call_misconduct", "讲到作风问题", CALL, MESSAGE_CALL_PARAMS)
/* clang-format on */
/* X(name, title, example, example_en): everything a template may ask for. receipt_hint: the last four digits of the receipt. */
/* clang-format off */
#define MESSAGE_PARAMS(X) \
    X(receipt, "回执码", "1234 5678 9012 3450", "1234 5678 9012 3450") \
    X(receipts, "回执码（可能有几个）", "1234 5678 9012 3450，2234 5678 9012 3458", "1234 5678 9012 3450, 2234 5678 9012 3458") \
    X(receipt_hint, "回执码末四位", "3450", "3450") \
    X(link, "网页地址", "https://fankui.example.gov.cn/p/100018-a2b3c4d5", "https://fankui.example.gov.cn/p/100018-a2b3c4d5") \
    X(meaning, "评价的含义", "非常满意", "very satisfied") \
    X(stage, "办理到哪一步", "承办单位正在办理。", "The responsible unit is working on it.") \
    X(unit, "单位简称", "示例区人社局", "Example District Labour Bureau") \
    X(plaque, "监督牌编号", "100018", "100018") \
    X(due, "期限", "2026-03-31", "2026-03-31") \
    X(office, "本地名称", "示例市示例区", "Example District") \
    X(matter, "事项类别", "窗口服务态度", "attitude at the window") \
    X(case, "办件编号", "131072", "131072")
/* clang-format on */
enum message_event {
#define X(id, word, title, purpose, params) MESSAGE_##id,
    MESSAGE_EVENTS(X)
#undef X
        MESSAGE_EVENTS_N
};
enum message_purpose {
    PURPOSE_ANSWER,
    PURPOSE_NOTICE,
    PURPOSE_SURVEY,
    PURPOSE_STAFF,
    PURPOSE_EVENT,
    PURPOSE_CALL, /* read aloud in a call back (core/callscript.h); never sent */
    PURPOSES_N
};

const char *message_event_word(enum message_event e);
const char *message_event_title(enum message_event e); /* Chinese, for the desk */
bool message_event_parse(struct str word, enum message_event *event_r) MUST_CHECK;
const char *message_event_params(enum message_event e); /* names with commas; "" for none */
enum message_purpose message_event_purpose(enum message_event e);
const char *message_purpose_word(enum message_purpose p); /* as stored */

struct message_value {
    const char *name;
    struct str value;
};
/* Chinese, for the desk; NULL when there is no such parameter. */
const char *message_param_title(struct str name);
/* A fictional value to show a template with; "" when there is no such parameter. */
const char *message_param_example(struct str name, bool english);

/* Appends the template with {name} replaced; "{{" and "}}" are single braces. A value is inserted as it is, with control
 * characters left out. False when the template is broken, names a parameter that is not among the values, or `out` is full:
 * nothing half-filled is ever sent, and `out` is then as it was. */
bool message_render(struct str template_text, const struct message_value *values, size_t n,
                    struct text *out) MUST_CHECK;
/* The same with the examples. */
bool message_render_example(struct str template_text, bool english, struct text *out) MUST_CHECK;

#define MESSAGE_TEMPLATE_MAX                                                                                 \
    500 /* characters, filled with the examples and signed: what domestic providers take at the most */
#define MESSAGE_SIGN_MAX 20 /* characters of a signature, brackets included, for which room is left */
/* Why a wording cannot be taken (a Chinese sentence for the desk, a constant), or NULL: empty, unknown or (but for what is spoken) missing
 * parameter, broken brace, control character, too long, a link that is not the parameter's, a signature of its own (【…】 is put in front
 * by the channel), a number of a person. */
const char *message_template_fault(enum message_event e, struct str template_text);
