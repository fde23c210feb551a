/* Which lists can be taken out, and what stands in their columns: one entry a list. The name is the one in POST /exports/{name}. */
#include "export.h"

/* clang-format off */
#define TEXT(path, zh, en)        {path, zh, en, EXPORT_TEXT, NULL}
#define NUMBER(path, zh, en)      {path, zh, en, EXPORT_NUMBER, NULL}
#define TIME(path, zh, en)        {path, zh, en, EXPORT_TIME, NULL}
#define DAY(path, zh, en)         {path, zh, en, EXPORT_DAY, NULL}
#define YES(path, zh, en)         {path, zh, en, EXPORT_YES, NULL}
#define PERCENT(path, zh, en)     {path, zh, en, EXPORT_PERCENT, NULL}
#define LEVEL(path, zh, en)       {path, zh, en, EXPORT_LEVEL, NULL}
#define WORD(path, zh, en, words) {path, zh, en, EXPORT_WORD, words}
#define END                       {NULL, NULL, NULL, EXPORT_TEXT, NULL}

/* A case as every list shows it; of a confidential one there are no words. */
#define CASE_COLUMNS(at) \
    NUMBER(at "id", "办件编号", "Case"), WORD(at "state", "状态", "State", export_states), WORD(at "nature", "性质", "Nature", export_natures), \
    LEVEL(at "level", "等级", "Level"), WORD(at "urgency", "紧急程度", "Urgency", export_urgencies), TEXT(at "category.name", "类别", "Category"), \
    TEXT(at "unit.short_name", "承办单位", "Unit"), TEXT(at "about_unit.short_name", "被反映单位", "About"), TEXT(at "higher", "上级承办机关", "Higher authority"), \
    WORD(at "channel", "渠道", "Channel", export_channels), TIME(at "opened_at", "收件时间", "Received"), TIME(at "due_at", "时限", "Due"), \
    WORD(at "due_clock", "时限种类", "Clock", export_clocks), WORD(at "colour", "时限状态", "Clock's colour", export_colours), NUMBER(at "round", "轮次", "Round"), \
    NUMBER(at "rung", "督办等级", "Rung"), YES(at "triage", "待派单", "At triage"), YES(at "held", "暂缓", "Held"), YES(at "confidential", "保密", "Confidential"), \
    YES(at "paused", "挂起", "Paused"), YES(at "supervised", "督办", "Supervised"), YES(at "return_asked", "申请退回", "Return asked"), \
    YES(at "extension_asked", "申请延期", "Extension asked"), YES(at "objected", "异议待复核", "Objected"), NUMBER(at "feedbacks", "反馈条数", "Feedbacks"), \
    TEXT(at "summary", "群众原话（脱敏）", "Words (masked)")

static const struct export_column cases[] = {CASE_COLUMNS(""), END};
static const struct export_column callbacks[] = {
    NUMBER("case", "办件编号", "Case"), NUMBER("round", "轮次", "Round"), TEXT("label", "结果", "Outcome"), LEVEL("level", "等级", "Level"), TEXT("unit.short_name", "承办单位", "Unit"),
    TIME("made_at", "提出时间", "Asked"), TIME("due_at", "时限", "Due"), NUMBER("tries", "已拨", "Tries"), NUMBER("tries_left", "还可拨", "Tries left"), NUMBER("rating", "满意程度", "Rating"),
    TEXT("by", "记录人", "By"), TIME("at", "记录时间", "At"), WORD("channel", "渠道", "Channel", export_channels), TIME("received_at", "收件时间", "Received"), YES("confidential", "保密", "Confidential"),
    WORD("contact", "联系方式", "Contact", export_contacts), TEXT("masked", "群众原话（脱敏）", "Words (masked)"), TEXT("answer", "给群众的答复", "Answer"), END};

static const struct export_column figure_cases[] = {
    DAY("from", "从", "From"), DAY("to", "到", "To"), TEXT("unit.short_name", "单位", "Unit"), NUMBER("cases.received", "收件", "Received"), NUMBER("cases.closed", "销号", "Closed"),
    NUMBER("cases.declined", "不予受理", "Declined"), NUMBER("cases.merged", "并案", "Merged"), NUMBER("cases.open", "在办", "Open"), NUMBER("cases.overdue", "超期", "Overdue"),
    NUMBER("reworked", "重办", "Reworked"), NUMBER("extensions.asked", "申请延期", "Extensions asked"), NUMBER("extensions.granted", "同意延期", "Extensions granted"), NUMBER("extensions.refused", "不同意延期", "Extensions refused"),
    NUMBER("pauses.asked", "申请挂起", "Pauses asked"), NUMBER("pauses.granted", "同意挂起", "Pauses granted"), NUMBER("pauses.refused", "不同意挂起", "Pauses refused"),
    NUMBER("returns.granted", "同意退回", "Returns granted"), NUMBER("returns.refused", "不同意退回", "Returns refused"), END};
static const struct export_column figure_rates[] = {
    TEXT("label", "指标", "Rate"), TEXT("text", "数值", "Value"), NUMBER("numerator", "分子", "Numerator"), NUMBER("n", "分母 n", "n"), TEXT("formula", "算法", "Formula"), END};
static const struct export_column figure_callbacks[] = {
    NUMBER("callbacks.due", "待回访", "Due"), NUMBER("callbacks.reached", "接通", "Reached"), NUMBER("callbacks.solved", "已解决", "Solved"), NUMBER("callbacks.partly", "部分解决", "Partly"), NUMBER("callbacks.unsolved", "未解决", "Unsolved"),
    NUMBER("callbacks.refused", "拒绝回访", "Refused"), NUMBER("callbacks.silence", "三次未接通", "Silence"), NUMBER("callbacks.overtaken", "不再单独回访", "Overtaken"), NUMBER("callbacks.satisfied", "满意", "Satisfied"),
    NUMBER("callbacks.rated", "评价人数", "Rated"), NUMBER("callbacks.ratings.0", "非常不满意", "1"), NUMBER("callbacks.ratings.1", "不满意", "2"), NUMBER("callbacks.ratings.2", "基本满意", "3"),
    NUMBER("callbacks.ratings.3", "满意", "4"), NUMBER("callbacks.ratings.4", "非常满意", "5"), END};
static const struct export_column figure_charged[] = {
    TEXT("unit.short_name", "退回单位", "Unit"), NUMBER("rulings", "裁定件数", "Rulings"), NUMBER("minutes", "计入时间（分钟）", "Charged minutes"), END};

#define SHARE_COLUMNS NUMBER("n", "收件", "Received"), NUMBER("closed", "其中已销号", "Of these closed")
#define STAND_COLUMNS \
    NUMBER("n", "在办", "Open"), NUMBER("over", "超期", "Overdue"), NUMBER("near", "临期", "Soon due"), NUMBER("within", "正常", "On time"), NUMBER("none", "无时限", "No limit")
static const struct export_column overview_sums[] = {
    DAY("from", "从", "From"), DAY("to", "到", "To"), TEXT("unit.short_name", "单位", "Unit"), NUMBER("received", "收件", "Received"), NUMBER("closed", "其中已销号", "Of these closed"), NUMBER("open.n", "在办", "Open"),
    NUMBER("open.over", "超期", "Overdue"), NUMBER("open.near", "临期", "Soon due"), NUMBER("open.within", "正常", "On time"), NUMBER("open.none", "无时限", "No limit"), END};
static const struct export_column overview_inflow[] = {TEXT("at", "时段", "From"), WORD("channel", "渠道", "Channel", export_channels), SHARE_COLUMNS, END};
static const struct export_column overview_natures[] = {WORD("nature", "性质", "Nature", export_natures), SHARE_COLUMNS, END};
static const struct export_column overview_categories[] = {TEXT("category.code", "类别代码", "Code"), TEXT("category.name", "类别", "Category"), SHARE_COLUMNS, END};
static const struct export_column overview_units[] = {TEXT("unit.short_name", "单位", "Unit"), SHARE_COLUMNS, END};
static const struct export_column overview_levels[] = {LEVEL("level", "等级", "Level"), STAND_COLUMNS, END};
static const struct export_column overview_open_units[] = {TEXT("unit.short_name", "单位", "Unit"), STAND_COLUMNS, END};
static const struct export_column overview_words[] = {
    TEXT("word", "词", "Word"), TEXT("category.name", "类别", "Category"), NUMBER("said", "反馈条数", "Feedbacks"), NUMBER("people", "反映人", "People"), END};

static const struct export_column ratings[] = {
    TEXT("id", "评价编号", "Rating"), TIME("at", "时间", "At"), TEXT("unit.short_name", "单位", "Unit"), TEXT("plaque", "监督牌", "Plaque"), TEXT("window", "窗口", "Window"), WORD("kind", "方式", "Kind", export_rating_kinds),
    WORD("channel", "渠道", "Channel", export_channels), NUMBER("level", "评价", "Level"), TEXT("label", "满意程度", "Satisfaction"), TEXT("reasons", "原因", "Reasons"), YES("counted", "计入", "Counted"),
    TEXT("marks[].why", "不计入的原因", "Why not counted"), TEXT("words", "文字", "Words"), NUMBER("case", "办件编号", "Case"), WORD("state", "办件状态", "State", export_states), END};
static const struct export_column rating_windows[] = {
    TEXT("unit.short_name", "单位", "Unit"), TEXT("plaque", "监督牌", "Plaque"), TEXT("window", "窗口", "Window"), NUMBER("counted", "计入评价", "Counted"), NUMBER("levels.0", "非常不满意", "1"), NUMBER("levels.1", "不满意", "2"),
    NUMBER("levels.2", "基本满意", "3"), NUMBER("levels.3", "满意", "4"), NUMBER("levels.4", "非常满意", "5"), NUMBER("low", "差评", "Low"), NUMBER("marked", "有标记（不计入）", "Marked"), NUMBER("finished", "办结事项", "Finished"),
    NUMBER("rated", "已评事项", "Rated"), PERCENT("rate", "主动评价率", "Rate"), END};
static const struct export_column rating_all[] = {
    NUMBER("all.counted", "计入评价", "Counted"), NUMBER("all.levels.0", "非常不满意", "1"), NUMBER("all.levels.1", "不满意", "2"), NUMBER("all.levels.2", "基本满意", "3"), NUMBER("all.levels.3", "满意", "4"),
    NUMBER("all.levels.4", "非常满意", "5"), NUMBER("all.low", "差评", "Low"), NUMBER("all.marked", "有标记（不计入）", "Marked"), NUMBER("all.finished", "办结事项", "Finished"), NUMBER("all.rated", "已评事项", "Rated"),
    PERCENT("all.rate", "主动评价率", "Rate"), TEXT("formula", "算法", "Formula"), END};

static const struct export_column letters[] = {
    NUMBER("id", "函件编号", "Letter"), TEXT("kind_label", "种类", "Kind"), TEXT("serial", "发文字号", "Serial"), TEXT("title", "标题", "Title"), TEXT("state_label", "状态", "State"), TEXT("rung_label", "督办等级", "Rung"),
    TEXT("units[].short_name", "主送单位", "To"), TEXT("receiver", "主送其他机关", "Other receiver"), NUMBER("cases", "办件数", "Cases"), YES("confidential", "保密", "Confidential"), DAY("due", "反馈期限", "Due"),
    TEXT("drafter.name", "拟稿人", "Drafter"), TEXT("checker.name", "核稿人", "Checker"), TEXT("signer.name", "签发人", "Signer"), TIME("drafted_at", "拟稿时间", "Drafted"), TIME("checked_at", "核稿时间", "Checked"),
    TIME("signed_at", "签发时间", "Signed"), TIME("delivered_at", "送达时间", "Delivered"), TIME("received_at", "签收时间", "Received"), TIME("answered_at", "反馈时间", "Answered"), TIME("finished_at", "办结时间", "Finished"),
    TIME("voided_at", "作废时间", "Voided"), END};
/* Outgoing and incoming rows have different members; what a row has not is empty. */
static const struct export_column letter_book[] = {
    WORD("^book", "登记簿", "Book", export_letter_books), TEXT("serial", "文号", "Serial"), TEXT("kind_label", "种类", "Kind"), TIME("signed_at", "签发时间", "Signed"), TIME("at", "收文时间", "Received"), TEXT("to", "主送", "To"),
    TEXT("from", "来文单位", "From"), TEXT("their_serial", "来文字号", "Their serial"), TEXT("title", "标题", "Title"), TEXT("signer", "签发人", "Signer"), TEXT("state_label", "状态", "State"), NUMBER("cases", "办件数", "Cases"),
    TEXT("letter_serial", "对应发文", "Answers"), TEXT("note", "附注", "Note"), TEXT("entered_by", "登记人", "Entered by"), YES("confidential", "保密", "Confidential"), END};

static const struct export_column meetings[] = {
    NUMBER("id", "会议编号", "Meeting"), TEXT("label", "类型", "Kind"), TIME("held_at", "时间", "Held"), TEXT("place", "地点", "Place"), TEXT("theme", "主题", "Theme"), TEXT("host_unit.short_name", "主办", "Host"),
    NUMBER("matters", "问题", "Matters"), NUMBER("measures", "有措施", "With a measure"), NUMBER("solved", "已解决", "Solved"), END};
#define MATTER_COLUMNS \
    NUMBER("ordinal", "序号", "No."), TEXT("raised_by", "提出单位", "Raised by"), YES("solved", "已解决", "Solved"), TEXT("measure.words", "措施", "Measure"), TEXT("measure.unit.short_name", "责任单位", "Responsible"), \
    DAY("measure.due_on", "承诺日期", "Promised for"), CASE_COLUMNS("case.")
static const struct export_column meeting_matters[] = {MATTER_COLUMNS, END};
static const struct export_column board_matters[] = {NUMBER("meeting", "会议编号", "Meeting"), MATTER_COLUMNS, END};
static const struct export_column board_sums[] = {
    NUMBER("sessions", "场次", "Sessions"), NUMBER("matters", "问题", "Matters"), NUMBER("measures", "有措施", "With a measure"), NUMBER("without_measure", "没有措施", "Without a measure"), NUMBER("solved", "已解决", "Solved"),
    NUMBER("unsolved", "未解决", "Unsolved"), END};

static const struct export_column inspections[] = {
    NUMBER("id", "巡查编号", "Inspection"), TEXT("label", "类型", "Kind"), TEXT("unit.short_name", "被查单位", "Unit"), TEXT("place", "地点", "Place"), TIME("held_at", "时间", "Held"), TEXT("joint_with", "联合单位", "Jointly with"),
    NUMBER("problems", "发现问题", "Problems"), NUMBER("persons", "处理人次", "Persons"), END};
static const struct export_column inspection_problems[] = {NUMBER("ordinal", "序号", "No."), CASE_COLUMNS("case."), END};
static const struct export_column inspection_outcomes[] = {
    TEXT("label", "处理结果", "Outcome"), DAY("decided_on", "决定日期", "Decided on"), TEXT("document", "文号", "Document"), NUMBER("problem", "对应问题", "Problem"), NUMBER("persons", "人次", "Persons"), END};
static const struct export_column inspection_sums[] = {
    NUMBER("inspections", "巡查次数", "Inspections"), NUMBER("problems", "发现问题", "Problems"), NUMBER("solved", "已解决", "Solved"), NUMBER("outcomes.announce", "通报批评", "Announced"), NUMBER("outcomes.hand_over", "移送", "Handed over"),
    NUMBER("outcomes.talk", "约谈", "Talks"), NUMBER("persons", "处理人次", "Persons"), END};

static const struct export_column causes[] = {
    NUMBER("id", "建议编号", "Proposal"), TEXT("unit.short_name", "责任单位", "Unit"), TEXT("category.name", "类别", "Category"), TEXT("window.name", "窗口", "Window"), NUMBER("cases", "办件数", "Cases"),
    WORD("state", "状态", "State", export_cause_states), TIME("found_at", "提出时间", "Proposed"), TIME("due_at", "整改期限", "Due"), YES("late", "超期", "Overdue"), TIME("check_at", "可复查日", "Check from"), NUMBER("round", "轮次", "Round"), END};
static const struct export_column bursts[] = {
    NUMBER("id", "编号", "Burst"), TEXT("unit.short_name", "单位", "Unit"), TEXT("category.name", "类别", "Category"), TEXT("window.name", "窗口", "Window"), TEXT("window.plaque", "监督牌", "Plaque"),
    TEXT("place.name", "地点", "Place"), TEXT("place.town", "乡镇街道", "Township"), NUMBER("n", "现有件数", "Cases now"),
    NUMBER("most", "最多时", "At its height"), NUMBER("urgent", "紧急件", "Urgent"), NUMBER("usual", "平常量", "Usual"), NUMBER("hours", "小时", "Hours"), TIME("began_at", "开始", "Began"), TIME("ended_at", "平息", "Ended"),
    TEXT("seen_by", "处置人", "Taken up by"), TIME("seen_at", "处置时间", "Taken up"), TEXT("note", "处置情况", "Note"), END};

static const struct export_column monitors[] = {
    TEXT("label", "名册", "Roster"), TEXT("login", "账号", "Login"), TEXT("enterprise", "企业或单位", "Enterprise"), DAY("from", "任期起", "From"), DAY("to", "任期止", "To"), YES("in_term", "在任", "In term"), END};
static const struct export_column returns_filed[] = {
    WORD("track", "名册", "Roster", export_tracks), TEXT("enterprise", "企业或单位", "Enterprise"), TEXT("login", "账号", "Login"), TIME("filed_at", "报送时间", "Filed"), NUMBER("findings", "问题数", "Findings"), END};
static const struct export_column returns_missing[] = {
    WORD("track", "名册", "Roster", export_tracks), TEXT("enterprise", "企业或单位", "Enterprise"), TEXT("login", "账号", "Login"), END};

#define WEEK_SUMS(at) \
    NUMBER(at "open_before", "上周末", "Open before"), NUMBER(at "new", "新增", "New"), NUMBER(at "reopened", "重新办理", "Reopened"), NUMBER(at "closed", "办结", "Closed"), NUMBER(at "left", "转出", "Left"), NUMBER(at "open", "未办结", "Open"), \
    NUMBER(at "due_this_week", "本周到期", "Due this week"), NUMBER(at "overdue", "超期", "Overdue"), NUMBER(at "higher", "上级承办", "Higher authority")
static const struct export_column week_items[] = {
    TEXT("^unit.short_name", "单位", "Unit"), NUMBER("case", "办件编号", "Case"), WORD("state", "状态", "State", export_states), WORD("state_before", "上周状态", "State before", export_states), TEXT("change_label", "比上周", "Change"),
    NUMBER("round", "轮次", "Round"), TIME("due_at", "时限", "Due"), YES("overdue", "超期", "Overdue"), YES("due_this_week", "本周到期", "Due this week"), TEXT("source", "来源", "Source"), TEXT("measure", "措施", "Measure"),
    DAY("measure_due_on", "承诺日期", "Promised for"), TEXT("higher", "上级承办", "Higher authority"), TEXT("summary", "群众原话（脱敏）", "Words (masked)"), END};
static const struct export_column week_units[] = {TEXT("unit.short_name", "单位", "Unit"), WEEK_SUMS("sum."), END};
static const struct export_column week_total[] = {DAY("date", "截止日期", "Date"), DAY("before", "对比日期", "Compared with"), WEEK_SUMS("total."), END};

static const struct export_column plaques[] = {
    TEXT("number", "编号", "Number"), TEXT("unit.short_name", "单位", "Unit"), TEXT("window", "窗口", "Window"), WORD("state", "状态", "State", export_plaque_states), TEXT("place", "位置", "Place"), NUMBER("lat", "纬度", "Latitude"), NUMBER("lon", "经度", "Longitude"),
    TIME("issued_at", "制发", "Issued"), TIME("hung_at", "上墙", "Hung"), WORD("result", "最近巡检结果", "Last result", export_plaque_results), TIME("inspected_at", "最近巡检", "Inspected"), TIME("inspect_due", "下次巡检", "Inspection due"),
    WORD("reported", "单位报告", "Reported", export_plaque_results), TIME("reported_at", "报告时间", "Reported at"), TIME("reprint_since", "要重印", "Reprint since"), DAY("last_scan", "最近扫码", "Last scan"), NUMBER("alarms", "告警", "Alarms"),
    TEXT("successor", "新牌编号", "Successor"), NUMBER("key_version", "编码密钥版本", "Key version"), END};
static const struct export_column coverage_sums[] = {
    NUMBER("coverage.needed", "应设牌单位", "Needed"), NUMBER("coverage.with", "已设牌单位", "With"), NUMBER("coverage.plaques", "在用的牌", "Plaques"), NUMBER("funnel.scans", "近 30 天扫码", "Scans in 30 days"), NUMBER("funnel.entries", "进入表单", "Forms opened"),
    NUMBER("funnel.rates", "评价", "Ratings"), NUMBER("funnel.supervises", "监督", "Supervisions"), NUMBER("funnel.asks", "询问", "Questions"), END};
static const struct export_column coverage_classes[] = {TEXT("class", "类别", "Class"), NUMBER("needed", "应设牌单位", "Needed"), NUMBER("with", "已设牌单位", "With"), NUMBER("plaques", "在用的牌", "Plaques"), END};
static const struct export_column coverage_places[] = {TEXT("code", "代码", "Code"), TEXT("name", "名称", "Name"), NUMBER("plaques", "在用的牌", "Plaques"), END};
static const struct export_column plaque_alarms[] = {
    TEXT("number", "编号", "Number"), TEXT("unit.short_name", "单位", "Unit"), WORD("kind", "种类", "Kind", export_plaque_kinds), TIME("since", "首次", "Since"), TIME("seen_at", "最近", "Seen"), NUMBER("count", "次数", "Count"), TIME("settled_at", "办结时间", "Settled"),
    TEXT("settled_by", "办结人", "Settled by"), TEXT("note", "核查情况", "Note"), END};

static const struct export_column enterprises[] = {
    TEXT("enterprise.short_name", "企业", "Enterprise"), TEXT("class", "类型", "Class"), TEXT("uscc", "统一社会信用代码", "USCC"), TEXT("plaque", "企业码", "Plaque"), NUMBER("inspections", "检查", "Inspections"), NUMBER("services", "服务", "Services"),
    NUMBER("units", "来过的单位", "Units"), NUMBER("planned", "已约", "Planned"), END};
static const struct export_column visits[] = {
    NUMBER("id", "上门编号", "Visit"), TEXT("enterprise.short_name", "企业", "Enterprise"), TEXT("unit.short_name", "单位", "Unit"), WORD("kind", "性质", "Kind", export_visit_kinds), TEXT("subject", "事项", "Subject"), TEXT("basis", "法律依据", "Basis"),
    DAY("planned_for", "约定日期", "Planned for"), WORD("state", "状态", "State", export_visit_states), TIME("entered_at", "登记时间", "Entered"), TIME("arrived_at", "到场时间", "Arrived"), TIME("done_at", "完成时间", "Done"), TEXT("result", "结果", "Result"),
    TEXT("reason", "原因", "Reason"), NUMBER("level", "企业评价", "Rating"), NUMBER("case", "办件编号", "Case"), END};
static const struct export_column policies[] = {
    NUMBER("id", "编号", "Policy"), TEXT("title", "名称", "Title"), TEXT("source", "发布单位", "Source"), TEXT("serial", "文号", "Serial"), TEXT("unit.short_name", "咨询单位", "Unit"), WORD("targets", "适用对象", "For", export_targets), DAY("valid_from", "生效日", "From"),
    DAY("valid_to", "失效日", "To"), WORD("state", "状态", "State", export_policy_states), YES("over", "已过期", "Over"), TIME("published_at", "发布时间", "Published"), TEXT("words", "内容", "Words"), END};
static const struct export_column publications[] = {
    NUMBER("id", "编号", "Publication"), WORD("kind", "种类", "Kind", export_publish_kinds), TEXT("unit.short_name", "单位", "Unit"), TEXT("title", "标题", "Title"), TEXT("words", "内容", "Words"), DAY("from", "从", "From"), DAY("to", "到", "To"),
    WORD("state", "状态", "State", export_publish_states), TEXT("author_post", "撰写岗位", "Author"), TIME("written_at", "撰写时间", "Written"), TEXT("approver_post", "审核岗位", "Approver"), TIME("published_at", "公布时间", "Published"), TIME("ended_at", "撤回时间", "Ended"), END};

static const struct export_column outbox[] = {
    NUMBER("id", "编号", "Message"), WORD("state", "状态", "State", export_outbox_states), TEXT("channel", "渠道", "Channel"), TEXT("first_channel", "原渠道", "First channel"), TEXT("purpose", "用途", "Purpose"), TEXT("event", "事由", "Event"), NUMBER("tries", "次数", "Tries"),
    NUMBER("redriven", "重发", "Redriven"), TIME("created_at", "产生时间", "Created"), TIME("due_at", "应发时间", "Due"), TIME("changed_at", "最近变化", "Changed"), TEXT("cause", "原因", "Cause"), TEXT("error", "说明", "Error"), TEXT("code", "代码", "Code"),
    TEXT("provider_id", "服务商编号", "Provider's id"), TEXT("advice", "怎么办", "Advice"), YES("decide", "要人决定", "To decide"), YES("urgent", "紧急", "Urgent"), END};
static const struct export_column exchanges[] = {
    NUMBER("id", "编号", "Exchange"), TIME("at", "时间", "At"), TEXT("channel", "渠道", "Channel"), WORD("what", "方向", "What", export_exchange_kinds), WORD("outcome", "结果", "Outcome", export_exchange_outcomes), NUMBER("status", "状态码", "Status"), NUMBER("took_ms", "毫秒", "ms"),
    NUMBER("items", "条数", "Items"), NUMBER("message", "消息编号", "Message"), TEXT("reason", "原因", "Reason"), TEXT("request", "请求（已去除密钥和个人信息）", "Request (without secrets)"), TEXT("reply", "应答", "Reply"), END};

static const struct export_column audit[] = {
    NUMBER("id", "编号", "Row"), TIME("at", "时间", "At"), TEXT("who.name", "姓名", "Name"), TEXT("who.login", "账号", "Login"), TEXT("title", "事项", "What"), TEXT("action", "代码", "Action"), NUMBER("case", "办件编号", "Case"), TEXT("detail", "说明", "Detail"), END};

/* Accounts without anything that helps to sign in: what the identity provider calls somebody stays on the page. */
static const struct export_column people[] = {
    TEXT("login", "账号", "Login"), TEXT("name", "姓名", "Name"), TEXT("home.name", "来自单位", "Comes from"), YES("active", "在用", "Active"), YES("locked", "已锁定", "Locked"), YES("one_time", "未改初始密码", "First password not changed"),
    YES("factor", "已启用动态验证码", "Second factor"), WORD("asked", "待确认的申请", "Asked for", export_account_kinds), TIME("created_at", "建账时间", "Made"), TIME("last_sign_in", "最近登录", "Last sign-in"), END};
static const struct export_column people_posts[] = {
    TEXT("^login", "账号", "Login"), TEXT("^name", "姓名", "Name"), TEXT("unit.name", "单位", "Unit"), TEXT("title", "岗位", "Post"), WORD("roles", "角色", "Roles", export_roles), YES("runs", "在任", "Runs"),
    TIME("begins_at", "开始", "From"), TIME("ends_at", "结束", "To"), END};
static const struct export_column account_requests[] = {
    NUMBER("id", "编号", "Request"), WORD("kind", "事项", "What", export_account_kinds), WORD("state", "状态", "State", export_account_states), TEXT("person.login", "账号", "Login"), TEXT("person.name", "姓名", "Name"), TEXT("posts", "岗位", "Posts"),
    TEXT("reason", "理由", "Reason"), TEXT("asked_by", "申请人", "Asked by"), TIME("asked_at", "申请时间", "Asked"), TEXT("decided_by", "确认人", "Decided by"), TIME("decided_at", "办理时间", "Decided"), TEXT("why", "说明", "Why"),
    TIME("objected_at", "本人声明不是其要求", "Person objected"), TIME("told_at", "本人已知", "Person knows"), TIME("read_at", "审计员已阅", "Auditor knows"), END};

/* A desk's queue: cases with why they are there. */
static const struct export_column desk_rows[] = {CASE_COLUMNS(""), TIME("next.at", "自动办理时间", "Next by itself"), NUMBER("proposed", "待升级到", "Proposed rung"), END};

static const struct export_column unit_cards[] = {
    TEXT("code", "编码", "Code"), TEXT("name", "全称", "Name"), TEXT("short_name", "简称", "Short name"), TEXT("parent.name", "上级", "Parent"), TEXT("phone", "电话", "Telephone"), TEXT("hours", "办公时间", "Hours"), TEXT("address", "地址", "Address"),
    TEXT("duties", "职责", "Duties"), TEXT("aliases", "别名", "Aliases"), DAY("since", "设立", "Since"), DAY("retired_on", "撤并", "Gone"), TEXT("successor.name", "承接单位", "Successor"), END};
static const struct export_column unit_changes[] = {
    NUMBER("id", "编号", "Change"), WORD("kind", "类型", "Kind", export_change_kinds), DAY("on", "生效日", "On"), WORD("state", "状态", "State", export_change_states), TEXT("plan", "方案", "Plan"), TEXT("document", "文件", "Document"), TEXT("reason", "理由", "Reason"),
    TEXT("author", "拟定人", "Planned by"), TIME("made_at", "拟定时间", "Planned"), TEXT("confirmer", "确认人", "Confirmed by"), TIME("confirmed_at", "确认时间", "Confirmed"), TIME("settled_at", "办理时间", "Settled"), TEXT("why", "说明", "Why"), TEXT("fault", "未能生效的原因", "Fault"), END};

static const struct export_column wordings[] = {
    TEXT("event", "代码", "Event"), TEXT("title", "用语", "Wording"), WORD("purpose", "用途", "Purpose", export_purposes), TEXT("zh.text", "中文", "Chinese"), NUMBER("zh.version", "版本", "Version"), TIME("zh.changed_at", "修改时间", "Changed"), TEXT("zh.changed_by", "修改人", "By"),
    TEXT("en.text", "英文", "English"), NUMBER("en.version", "英文版本", "English version"), TIME("en.changed_at", "英文修改时间", "English changed"), TEXT("en.changed_by", "英文修改人", "By"), TEXT("channels[].channel", "用审核模板的渠道", "Channels with own templates"), END};
/* What is secret the list itself never tells. */
static const struct export_column channels[] = {
    TEXT("name", "渠道", "Channel"), TEXT("type", "服务商", "Kind"), WORD("use", "用途", "Use", export_channel_uses), YES("active", "启用", "Active"), YES("takes", "接收", "Takes"), YES("sends", "发送", "Sends"), TIME("created_at", "配置时间", "Made"),
    TIME("changed_at", "修改时间", "Changed"), TIME("sent_at", "最近发送", "Last sent"), TIME("came_at", "最近接收", "Last came"), NUMBER("failures", "连续失败", "Failures in a row"), TIME("closed_until", "暂停到", "Closed until"), NUMBER("balance", "余额", "Balance"),
    TIME("balance_at", "余额时间", "Balance at"), TEXT("alarms[].why", "告警", "Alarms"), NUMBER("due", "等待", "Due"), NUMBER("unknown", "结果不明", "Unknown"), NUMBER("dead", "未发出", "Not sent"), NUMBER("failed", "未送达", "Not delivered"), END};
static const struct export_column channel_settings[] = {
    TEXT("^name", "渠道", "Channel"), TEXT("name", "配置项", "Setting"), YES("set", "已配置", "Set"), YES("secret", "密钥", "Secret"), TEXT("value", "值", "Value"), END};
static const struct export_column settings[] = {
    TEXT("name", "配置项", "Setting"), TEXT("value", "值", "Value"), TEXT("unit", "单位", "Unit"), TEXT("origin", "来源", "From"), TEXT("default", "默认", "Default"), TEXT("min", "最小", "Least"), TEXT("max", "最大", "Most"), YES("reloads", "可重载", "Reloads"),
    YES("secret", "密钥", "Secret"), YES("set", "已配置", "Set"), TEXT("sentence", "含义", "Meaning"), END};

static const struct export_column windows[] = {
    TEXT("unit.short_name", "单位", "Unit"), TEXT("plaque", "监督牌", "Plaque"), TEXT("window", "窗口", "Window"), NUMBER("finished", "今日办结", "Finished today"), NUMBER("rated", "已评", "Rated"), END};
static const struct export_column tablets[] = {
    NUMBER("id", "编号", "Tablet"), TEXT("plaque", "监督牌", "Plaque"), TEXT("unit.short_name", "单位", "Unit"), TIME("paired_at", "配对", "Paired"), TIME("seen_at", "最近在线", "Last seen"), TIME("revoked_at", "停用", "Revoked"), END};
static const struct export_column screens[] = {
    NUMBER("id", "编号", "Screen"), TEXT("name", "名称", "Name"), NUMBER("seconds", "翻页（秒）", "Seconds a slide"), TEXT("slides", "内容", "Slides"), TIME("paired_at", "配对", "Paired"), TIME("seen_at", "最近在线", "Last seen"), TIME("revoked_at", "停用", "Revoked"), END};

static const struct export_column rule_words[] = {TEXT("kind", "种类", "Kind"), TEXT("word", "词", "Word"), TEXT("value", "指向", "Value"), NUMBER("weight", "权重", "Weight"), END};
static const struct export_column rule_aliases[] = {
    TEXT("code", "编码", "Code"), TEXT("name", "单位", "Unit"), TEXT("short_name", "简称", "Short name"), TEXT("aliases", "别名", "Aliases"), END};
static const struct export_column rule_categories[] = {
    TEXT("code", "类别代码", "Code"), TEXT("name", "类别", "Category"), TEXT("parent", "上级类别", "Heading"), TEXT("unit", "主办单位", "Unit"), LEVEL("level", "等级", "Level"), WORD("nature", "性质", "Nature", export_natures),
    YES("confidential", "保密", "Confidential"), END};
static const struct export_column rule_versions[] = {
    NUMBER("version", "版本", "Version"), TIME("made_at", "生效时间", "In force since"), TEXT("author", "起草人", "Author"), TEXT("confirmer", "确认人", "Confirmed by"), TEXT("tool", "命令行", "Tool"), TEXT("note", "说明", "Note"), NUMBER("n", "改动", "Changes"), END};
static const struct export_column rule_drafts[] = {
    NUMBER("id", "编号", "Draft"), WORD("state", "状态", "State", export_draft_states), NUMBER("base", "基于版本", "Base"), TEXT("note", "说明", "Note"), NUMBER("n", "改动", "Changes"), TEXT("author.name", "起草人", "Author"), TIME("made_at", "起草时间", "Made"),
    TIME("proposed_at", "提交时间", "Proposed"), TIME("settled_at", "办理时间", "Settled"), TEXT("settled_by", "办理人", "Settled by"), TEXT("why", "说明", "Why"), NUMBER("version", "成为版本", "Became version"), END};

static const struct export_column models[] = {
    NUMBER("version", "版本", "Version"), WORD("state", "状态", "State", export_model_states), TIME("made_at", "训练时间", "Made"), NUMBER("rules", "规则版本", "Rules"), NUMBER("base", "对比版本", "Compared with"), TEXT("note", "说明", "Note"),
    TEXT("tool", "训练方式", "Trained by"), TEXT("proposer", "提交人", "Proposed by"), TEXT("confirmer", "启用人", "Confirmed by"), TIME("confirmed_at", "启用时间", "Confirmed"), TEXT("settled_by", "办理人", "Settled by"), TIME("settled_at", "办理时间", "Settled"), TEXT("why", "理由", "Why"),
    NUMBER("examples.corrected", "更正的例子", "Corrected examples"), NUMBER("examples.confirmed", "认可的例子", "Confirmed examples"), NUMBER("examples.closed", "办结的例子", "Closed examples"), NUMBER("examples.file", "文件里的例子", "Examples of files"),
    NUMBER("report.cases", "留作对比的办件", "Held back"), NUMBER("report.seconds", "训练秒数", "Seconds"), NUMBER("report.features", "特征", "Features"), NUMBER("report.bytes", "字节", "Bytes"), TEXT("report.old", "原来的成绩", "Old"), TEXT("report.new", "新的成绩", "New"), END};
static const struct export_column model_turns[] = {
    TIME("at", "时间", "At"), NUMBER("was", "原模型", "Was"), NUMBER("now", "新模型", "Now"), TEXT("who", "谁", "Who"), TEXT("why", "理由", "Why"), END};
#define DRIFT_COLUMNS \
    NUMBER("decisions", "件数", "Decisions"), NUMBER("triage", "留给人工", "Left to a person"), NUMBER("judged", "已判定", "Judged"), NUMBER("unit", "改了单位", "Unit changed"), NUMBER("category", "改了类别", "Category changed"), NUMBER("nature", "改了性质", "Nature changed"), \
    NUMBER("wrong", "改了单位或类别", "Unit or category changed"), NUMBER("auto", "自动派出", "Went alone"), NUMBER("auto_judged", "自动派出已判定", "Of these judged"), NUMBER("auto_wrong", "自动派出改了", "Of these changed"), NUMBER("auto_returned", "自动派出又退回", "Of these returned"), \
    PERCENT("confidence", "平均把握", "Mean confidence")
static const struct export_column drift_points[] = {DAY("from", "从", "From"), NUMBER("model", "模型", "Model"), DRIFT_COLUMNS, END};
static const struct export_column drift_models[] = {NUMBER("model", "模型", "Model"), DRIFT_COLUMNS, END};
static const struct export_column drift_steps[] = {
    NUMBER("step", "把握（十分之几起）", "Tenths of confidence"), NUMBER("n", "件数", "Cases"), PERCENT("said", "当时的把握", "As said"), NUMBER("right", "没有改动", "Unchanged"), END};
static const struct export_column examples[] = {
    NUMBER("case", "办件编号", "Case"), TIME("at", "时间", "At"), WORD("kind", "由", "By", export_example_kinds), TEXT("who", "谁", "Who"), TEXT("words", "内容（脱敏）", "Words (masked)"), PERCENT("confidence", "把握", "Confidence"), YES("auto", "自动派出", "Alone"),
    TEXT("said.unit.short_name", "系统说的单位", "Said: unit"), TEXT("said.category.name", "系统说的类别", "Said: category"), WORD("said.nature", "系统说的性质", "Said: nature", export_natures),
    TEXT("decided.unit.short_name", "人决定的单位", "Decided: unit"), TEXT("decided.category.name", "人决定的类别", "Decided: category"), WORD("decided.nature", "人决定的性质", "Decided: nature", export_natures),
    NUMBER("rules", "规则版本", "Rules"), NUMBER("model", "模型版本", "Model"), END};

static const struct export_column calendar_years[] = {
    NUMBER("year", "年份", "Year"), NUMBER("version", "版本", "Version"), TIME("at", "生效时间", "In force since"), TEXT("source", "依据", "Source"), TEXT("note", "说明", "Note"), TEXT("author", "录入人", "Author"), TEXT("confirmer", "确认人", "Confirmed by"),
    NUMBER("days_off", "放假天数", "Days off"), NUMBER("makeup", "调休上班天数", "Make-up days"), NUMBER("working_days", "工作日", "Working days"), END};
static const struct export_column calendar_days[] = {
    DAY("day", "日期", "Day"), WORD("kind", "种类", "Kind", export_day_kinds), TEXT("name", "名称", "Name"), END};
static const struct export_column calendar_versions[] = {
    NUMBER("version", "版本", "Version"), TIME("at", "生效时间", "In force since"), TEXT("source", "依据", "Source"), TEXT("note", "说明", "Note"), TEXT("author", "录入人", "Author"), TEXT("confirmer", "确认人", "Confirmed by"), END};
static const struct export_column audit_counts[] = {
    TEXT("action", "代码", "Action"), TEXT("title", "事项", "What"), NUMBER("n", "次数", "Rows"), END};

const struct export_spec export_specs[] = {
    {"cases", "办件", "Cases", "/cases", "before", "next", "limit=100", {{"办件", "Cases", "cases", cases}}},
    {"callbacks", "回访", "Callbacks", "/callbacks", "after", "next", "limit=100", {{"回访", "Callbacks", "callbacks", callbacks}}},
    {"figures", "指标", "Figures", "/figures", NULL, NULL, NULL,
     {{"办件", "Cases", "", figure_cases}, {"比率", "Rates", "rates", figure_rates}, {"回访", "Callbacks", "", figure_callbacks}, {"退回计时", "Charged", "returns.charged", figure_charged}}},
    {"overview", "总览", "Overview", "/overview", NULL, NULL, NULL,
     {{"合计", "Sums", "", overview_sums}, {"来件", "Inflow", "inflow", overview_inflow}, {"性质", "Natures", "natures", overview_natures}, {"类别", "Categories", "categories", overview_categories}, {"单位", "Units", "units", overview_units},
      {"在办等级", "Open by level", "open.levels", overview_levels}, {"在办单位", "Open by unit", "open.units", overview_open_units}}},
    {"overview-rates", "比率", "Rates", "/overview/rates", NULL, NULL, NULL, {{"比率", "Rates", "rates", figure_rates}}},
    {"overview-words", "高频词", "Words", "/overview/words", NULL, NULL, NULL, {{"高频词", "Words", "words", overview_words}}},
    {"ratings", "评价", "Ratings", "/ratings", "before", "^id", NULL, {{"评价", "Ratings", "ratings", ratings}}},
    {"rating-figures", "评价统计", "Rating figures", "/ratings/figures", NULL, NULL, NULL, {{"窗口", "Windows", "windows", rating_windows}, {"合计", "All", "", rating_all}}},
    {"letters", "函件", "Letters", "/letters", "cursor", "next", "limit=100", {{"函件", "Letters", "letters", letters}}},
    {"letter-register", "收发文登记簿", "Register of letters", "/letters/register", "cursor", "next", "limit=100", {{"登记簿", "Register", "rows", letter_book}}},
    {"meetings", "政企交流", "Meetings", "/meetings", NULL, NULL, NULL, {{"会议", "Meetings", "meetings", meetings}}},
    {"meeting", "会议问题", "Matters of a meeting", "/meetings/#", NULL, NULL, NULL, {{"问题", "Matters", "problems", meeting_matters}}},
    {"board", "问题台账", "Board of matters", "/meetings/board", NULL, NULL, NULL,
     {{"合计", "Sums", "", board_sums}, {"没有解决的问题", "Unsolved", "unsolved_matters", board_matters}, {"没有措施的问题", "Without a measure", "matters_without_measure", board_matters}}},
    {"inspections", "督查巡查", "Inspections", "/inspections", NULL, NULL, NULL, {{"巡查", "Inspections", "inspections", inspections}}},
    {"inspection", "巡查问题", "Findings of an inspection", "/inspections/#", NULL, NULL, NULL, {{"问题", "Problems", "problems", inspection_problems}, {"处理结果", "Outcomes", "outcomes", inspection_outcomes}}},
    {"inspection-totals", "巡查统计", "Totals of inspections", "/inspections/totals", NULL, NULL, NULL, {{"统计", "Totals", "", inspection_sums}}},
    {"monitors", "监测员名册", "Monitors", "/monitors", NULL, NULL, NULL, {{"名册", "Roster", "monitors", monitors}}},
    {"monitor-returns", "监测员报送", "Monitors' returns", "/monitors/returns", NULL, NULL, NULL, {{"已报送", "Filed", "filed", returns_filed}, {"未报送", "Missing", "missing", returns_missing}}},
    {"weekly", "周报", "Weekly sheet", "/sheets/weekly", NULL, NULL, NULL, {{"明细", "Items", "units[].items", week_items}, {"单位", "Units", "units", week_units}, {"合计", "Total", "", week_total}}},
    {"causes", "整改建议", "Proposals", "/causes", NULL, NULL, NULL, {{"整改建议", "Proposals", "causes", causes}}},
    {"bursts", "突发集中反映", "Bursts", "/bursts", NULL, NULL, NULL, {{"突发集中反映", "Bursts", "bursts", bursts}}},
    {"plaques", "监督牌", "Plaques", "/plaques", "after", "^number", NULL, {{"监督牌", "Plaques", "plaques", plaques}}},
    {"plaque-coverage", "监督牌覆盖", "Coverage of plaques", "/plaques/coverage", NULL, NULL, NULL,
     {{"合计", "Sums", "", coverage_sums}, {"类别", "Classes", "coverage.classes", coverage_classes}, {"乡镇", "Townships", "coverage.townships", coverage_places}, {"未设牌单位", "Missing", "coverage.missing", coverage_places}}},
    {"plaque-alarms", "监督牌告警", "Alarms of plaques", "/plaques/alarms", NULL, NULL, NULL, {{"告警", "Alarms", "alarms", plaque_alarms}}},
    {"enterprises", "企业", "Enterprises", "/enterprises", NULL, NULL, NULL, {{"企业", "Enterprises", "enterprises", enterprises}}},
    {"visits", "入企上门", "Visits", "/visits", NULL, NULL, NULL, {{"上门", "Visits", "visits", visits}}},
    {"policies", "惠企政策", "Policies", "/policies", NULL, NULL, NULL, {{"政策", "Policies", "policies", policies}}},
    {"publications", "公开内容", "Publications", "/publications", NULL, NULL, NULL, {{"公开内容", "Publications", "publications", publications}}},
    {"outbox", "待发箱", "Outbox", "/outbox", "before", "next", "limit=100", {{"待发箱", "Outbox", "messages", outbox}}},
    {"channel-log", "渠道日志", "Channel log", "/channels/log", "before", "next", "limit=100", {{"渠道日志", "Channel log", "exchanges", exchanges}}},
    {"audit", "审计日志", "Audit log", "/audit", "before", "next", "limit=100", {{"审计日志", "Audit log", "rows", audit}}},
    {"people", "人员与岗位", "People and posts", "/people", "after", "next", NULL, {{"人员", "People", "people", people}, {"岗位", "Posts", "people[].posts", people_posts}}},
    {"account-requests", "账号申请", "Account requests", "/people/requests", "before", "next", NULL, {{"账号申请", "Account requests", "requests", account_requests}}},
    {"desk-triage", "派单台", "Triage", "/desks/triage", NULL, NULL, NULL, {{"派单台", "Triage", "rows", desk_rows}}},
    {"desk-inbox", "待办", "In-tray", "/desks/inbox", NULL, NULL, NULL, {{"待办", "In-tray", "rows", desk_rows}}},
    {"desk-review", "审核", "Review", "/desks/review", NULL, NULL, NULL, {{"审核", "Review", "rows", desk_rows}}},
    {"desk-board", "督办看板", "Supervision", "/desks/board", NULL, NULL, NULL, {{"督办看板", "Supervision", "rows", desk_rows}}},
    {"units", "单位名录", "Units", "/units/register", NULL, NULL, NULL, {{"单位名录", "Units", "", unit_cards}}},
    {"unit-changes", "单位变更", "Changes of units", "/units/changes", NULL, NULL, NULL, {{"单位变更", "Changes", "", unit_changes}}},
    {"wordings", "短信用语", "Wordings", "/templates", NULL, NULL, NULL, {{"短信用语", "Wordings", "templates", wordings}}},
    {"channels", "渠道", "Channels", "/channels", NULL, NULL, NULL, {{"渠道", "Channels", "channels", channels}, {"配置", "Settings", "channels[].settings", channel_settings}}},
    {"settings", "系统配置", "Settings", "/settings", NULL, NULL, NULL, {{"配置", "Settings", "settings", settings}}},
    {"windows", "窗口", "Windows", "/windows", NULL, NULL, NULL, {{"窗口", "Windows", "windows", windows}, {"评价器", "Tablets", "tablets", tablets}}},
    {"screens", "大屏", "Screens", "/screens", NULL, NULL, NULL, {{"大屏", "Screens", "screens", screens}}},
    {"rules", "规则版本", "Versions of the rules", "/rules", NULL, NULL, NULL, {{"版本", "Versions", "versions", rule_versions}, {"草案", "Drafts", "drafts", rule_drafts}}},
    {"rule-words", "规则词表", "Words of the rules", "/rules/words", "after", "next", NULL, {{"词", "Words", "words", rule_words}}},
    {"rule-aliases", "单位别名", "Names of units", "/rules/aliases", "after", "next", NULL, {{"单位别名", "Names", "units", rule_aliases}}},
    {"rule-categories", "类别", "Categories", "/rules/categories", "after", "next", NULL, {{"类别", "Categories", "categories", rule_categories}}},
    {"models", "学习模型", "Models", "/models", NULL, NULL, NULL, {{"模型", "Models", "models", models}, {"换用", "Turns", "turns", model_turns}}},
    {"model-drift", "偏差", "Drift", "/models/drift", NULL, NULL, NULL, {{"时段", "Periods", "points", drift_points}, {"模型", "Models", "models", drift_models}, {"把握", "Confidence", "confidence", drift_steps}}},
    {"model-examples", "更正", "Corrections", "/models/examples", "before", "next", NULL, {{"更正", "Corrections", "examples", examples}}},
    {"calendar", "工作日历", "Calendars", "/calendar", NULL, NULL, NULL, {{"年份", "Years", "years", calendar_years}}},
    {"calendar-year", "日历的一年", "A year of the calendar", "/calendar/years/#", NULL, NULL, NULL, {{"日期", "Days", "days", calendar_days}, {"版本", "Versions", "versions", calendar_versions}}},
    {"audit-counts", "日志统计", "Counts of the log", "/audit/counts", NULL, NULL, NULL, {{"次数", "Counts", "counts", audit_counts}}},
};
/* clang-format on */
const size_t n_export_specs = ARRAY_LEN(export_specs);

const struct export_spec *export_find(struct str name)
{
    for (size_t i = 0; i < n_export_specs; i++)
        if (str_eq(name, str_of(export_specs[i].name))) return &export_specs[i];
    return NULL;
}
