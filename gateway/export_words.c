/* Names of the API's words in exported tables. The screen has the same ones in gateway/dashboard/src/words; where the API sends
 * a label beside a word, the column takes that. */
#include "export.h"

/* clang-format off */
#define END {NULL, NULL, NULL}
const struct export_word export_states[] = {
    {"discovered", "待受理", "Waiting"}, {"assigned", "已交办", "Assigned"}, {"handling", "办理中", "In handling"}, {"replied", "已反馈", "Replied"},
    {"verifying", "待回访", "Calling back"}, {"closed", "销号", "Closed"}, {"declined", "不予受理", "Declined"}, {"merged", "并案", "Merged"}, END};
const struct export_word export_natures[] = {
    {"rate", "评价", "Rating"}, {"supervise", "监督", "Supervision"}, {"report", "举报", "Report"}, {"complain", "投诉", "Complaint"},
    {"appeal", "诉求", "Appeal"}, {"ask", "询问", "Question"}, {"suggest", "建议", "Suggestion"}, END};
const struct export_word export_channels[] = {
    {"plaque", "扫码", "Plaque"}, {"live", "现场", "On site"}, {"sms", "短信", "SMS"}, {"web", "网页", "Web"}, {"phone", "电话", "Telephone"}, {"window", "窗口", "Window"},
    {"meeting", "座谈", "Meeting"}, {"monitor", "监测员", "Monitor"}, {"open311", "Open311", "Open311"}, {"email", "邮件", "E-mail"}, {"import", "导入", "Import"},
    {"wechat", "微信公众号", "WeChat"}, END};
const struct export_word export_urgencies[] = {
    {"特急", "特急", "Critical"}, {"紧急", "紧急", "Urgent"}, {"一般", "一般", "Normal"}, {"平缓", "平缓", "Calm"}, END};
const struct export_word export_clocks[] = {
    {"accept", "受理时限", "Acceptance"}, {"sign", "签收时限", "Sign-in"}, {"handling", "办理时限", "Handling"}, {"review", "审核时限", "Review"},
    {"callback", "回访时限", "Callback"}, END};
const struct export_word export_colours[] = {{"green", "正常", "On time"}, {"yellow", "临期", "Soon due"}, {"red", "超期", "Overdue"}, END};
const struct export_word export_contacts[] = {
    {"可联系", "可联系", "Can be reached"}, {"未留联系方式", "未留联系方式", "No contact left"}, END};
const struct export_word export_letter_books[] = {{"out", "发文", "Outgoing"}, {"in", "收文", "Incoming"}, END};
const struct export_word export_tracks[] = {{"business", "营商环境监测员", "Business environment"}, {"integrity", "清廉监测员", "Integrity"}, END};
const struct export_word export_plaque_states[] = {
    {"issued", "制发", "Issued"}, {"active", "在用", "In use"}, {"retired", "停用", "Retired"}, {"void", "作废", "Void"}, END};
const struct export_word export_plaque_results[] = {
    {"present", "完好", "Present"}, {"damaged", "损坏", "Damaged"}, {"missing", "缺失", "Missing"}, {"covered", "被其他码遮盖", "Covered by another code"},
    {"wrong_place", "位置不对", "In the wrong place"}, END};
const struct export_word export_plaque_kinds[] = {
    {"forged", "伪造码", "Forged"}, {"revoked", "已作废的旧码", "Withdrawn code"}, {"void", "作废牌被扫", "Void plaque scanned"}, {"retired", "停用牌仍被扫", "Retired plaque scanned"},
    {"far", "异地提交", "Sent from far away"}, END};
const struct export_word export_rating_kinds[] = {
    {"once", "现场一次一评", "At the window"}, {"matter", "网上一事一评", "Online matter"}, {"open", "扫码自愿评价", "By scanning"}, END};
const struct export_word export_changes[] = {
    {"new", "新增", "New"}, {"same", "没有变化", "Unchanged"}, {"moved", "有进展", "Moved on"}, {"back", "退了一步", "Moved back"}, {"reopened", "重新办理", "Reopened"},
    {"closed", "办结", "Closed"}, {"left", "转出", "Left"}, END};
const struct export_word export_visit_kinds[] = {{"inspection", "入企检查", "Inspection"}, {"service", "上门服务", "Service"}, END};
const struct export_word export_visit_states[] = {
    {"asked", "企业预约", "Asked by the enterprise"}, {"planned", "已约定", "Planned"}, {"arrived", "已到场", "Arrived"}, {"done", "已完成", "Done"}, {"cancelled", "已取消", "Cancelled"}, END};
const struct export_word export_targets[] = {
    {"all", "全部", "All"}, {"large", "规模以上企业", "Large"}, {"small", "小微企业", "Small"}, {"individual", "个体工商户", "Individual"}, {"start_up", "初创企业", "Start-up"},
    {"farm", "农业经营主体", "Farm"}, END};
const struct export_word export_policy_states[] = {
    {"written", "等待发布", "Waiting"}, {"published", "已发布", "Published"}, {"refused", "未发布", "Not published"}, {"withdrawn", "已撤下", "Withdrawn"}, END};
const struct export_word export_publish_states[] = {
    {"proposed", "单位报送", "Proposed"}, {"written", "等待审核", "Waiting"}, {"published", "已公布", "Public"}, {"refused", "未采用", "Not taken"}, {"withdrawn", "已撤回", "Withdrawn"}, END};
const struct export_word export_outbox_states[] = {
    {"due", "等待", "Due"}, {"claimed", "发送中", "Being sent"}, {"sent", "已交服务商", "Handed over"}, {"delivered", "已送达", "Delivered"}, {"failed", "未送达", "Not delivered"}, {"unknown", "结果不明", "Unknown"}, {"dead", "未发出", "Not sent"}, {"held", "不发", "Held"}, {"dropped", "已放弃", "Dropped"}, END};
const struct export_word export_meeting_kinds[] = {
    {"theme_day", "主题日", "Theme day"}, {"morning_tea", "早茶会", "Morning tea"}, {"evening_talk", "园区夜话", "Evening talk"}, {"joint", "联席会议", "Joint meeting"}, {"other", "其他", "Other"}, END};
const struct export_word export_inspection_kinds[] = {
    {"inspect", "督查", "Inspection"}, {"stationed", "驻点", "Stationed"}, {"covert", "暗访", "Covert"}, {"joint", "联合", "Joint"}, END};
const struct export_word export_roles[] = {
    {"coordinator", "统筹协调组", "Coordination"}, {"supervisor", "督查督办组", "Supervision"}, {"accountability", "追责问责组", "Accountability"}, {"registry", "综合办公室", "Registry"}, {"handler", "承办人", "Handler"},
    {"unit_leader", "单位负责人", "Unit leader"}, {"callback", "回访中心", "Callback centre"}, {"leader", "领导", "Leader"}, {"monitor", "监测员", "Monitor"}, {"admin", "系统管理员", "System administrator"},
    {"security", "安全管理员", "Security administrator"}, {"auditor", "审计员", "Auditor"}, END};
const struct export_word export_account_kinds[] = {
    {"open", "开通账号", "Open the account"}, {"password", "重置密码", "New password"}, {"factor", "重置动态验证码", "Set back the second factor"}, {"oidc", "对应统一身份", "Identity at the provider"}, END};
const struct export_word export_account_states[] = {
    {"asked", "待确认", "Waits"}, {"done", "已办", "Done"}, {"refused", "不同意", "Refused"}, {"withdrawn", "已撤回", "Withdrawn"}, {"objected", "本人否认", "The person objected"}, {"expired", "已过期", "Over"}, END};
const struct export_word export_cause_states[] = {
    {"proposed", "待采纳", "To be decided"}, {"refused", "不采纳", "Refused"}, {"accepted", "待整改", "Accepted"}, {"rectifying", "整改中", "Being put right"}, {"rectified", "待复查", "To be checked"},
    {"closed", "已销号", "Closed"}, END};
const struct export_word export_publish_kinds[] = {
    {"party", "党务", "Party"}, {"government", "政务", "Government"}, {"affairs", "事务", "Affairs"}, {"service", "服务", "Service"}, {"answer", "答复选登", "Answers"}, {"figures", "数据", "Figures"}, END};
const struct export_word export_exchange_kinds[] = {
    {"mo", "收到短信", "Message in"}, {"dlr", "收到回执", "Delivery receipt"}, {"send", "发送", "Sending"}, {"balance", "查询余额", "Balance"}, END};
const struct export_word export_exchange_outcomes[] = {
    {"ok", "成功", "OK"}, {"refused", "被拒", "Refused"}, {"malformed", "无法识别", "Unreadable"}, {"too_big", "太大", "Too big"}, {"unavailable", "暂不可用", "Unavailable"}, {"retry", "稍后再试", "Try later"}, {"unknown", "结果不明", "Unknown"}, END};
const struct export_word export_draft_states[] = {
    {"writing", "起草中", "Being written"}, {"proposed", "等待确认", "Waiting"}, {"in_force", "已生效", "In force"}, {"refused", "未同意", "Refused"}, {"withdrawn", "已撤回", "Withdrawn"}, END};
const struct export_word export_model_states[] = {
    {"proposed", "等待启用", "Waiting"}, {"live", "现行", "In force"}, {"retired", "已停用", "Retired"}, {"refused", "未同意", "Refused"}, {"withdrawn", "已撤回", "Withdrawn"}, END};
const struct export_word export_example_kinds[] = {
    {"assigned", "分办", "Given out"}, {"released", "解除暂缓", "Let go"}, {"returned", "退回后改派", "Returned, then elsewhere"}, {"recategorised", "改类别", "Category moved"}, {"split", "拆分", "Split"},
    {"closed", "群众同意办结", "Closed with consent"}, END};
const struct export_word export_day_kinds[] = {{"holiday", "放假", "Day off"}, {"workday", "调休上班", "Make-up day"}, END};
const struct export_word export_change_kinds[] = {{"rename", "更名", "Rename"}, {"merge", "合并", "Merge"}, {"split", "拆分", "Split"}, END};
const struct export_word export_change_states[] = {
    {"proposed", "待确认", "To be confirmed"}, {"confirmed", "已确认，待生效", "Confirmed, waits for its day"}, {"in_force", "已生效", "In force"}, {"refused", "不同意", "Refused"}, {"withdrawn", "已撤回", "Withdrawn"}, {"cancelled", "已撤销", "Cancelled"}, END};
const struct export_word export_purposes[] = {{"answer", "即时回复", "Answer"}, {"notice", "办理告知", "Notice"}, {"survey", "满意度调查", "Survey"}, END};
const struct export_word export_channel_uses[] = {{"sms", "短信", "SMS"}, {"notice", "群通知", "Group notice"}, {"webhook", "订阅推送", "Web hook"}, {"mail", "邮件", "Mail"}, END};
/* clang-format on */
#undef END
