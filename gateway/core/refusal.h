/* Every reason to refuse something, once: code, HTTP status, sentence in Chinese and English.
 * The metric mashangdu_refusals_total{code}, the problem+json body, the page and the frame `refused` come
 * from the same line (promise P12). Codes never change their meaning. */
#pragma once
#include "base/str.h"

#define REFUSALS(X)                                                                                                         \
    X(NONE, "none", 200, "", "")                                                                                            \
    X(MALFORMED, "malformed", 400, "请求格式有误，请检查后重试。", "The request could not be read.")                        \
    X(BAD_ENCODING, "bad_encoding", 400, "内容不是有效的 UTF-8 文字，请检查输入法或编码后重试。",                           \
      "The text is not valid UTF-8.")                                                                                       \
    X(BAD_JSON, "bad_json", 400, "JSON 格式有误，请检查后重试。", "The body is not valid JSON.")                            \
    X(UNKNOWN_FIELD, "unknown_field", 422, "含有无法识别的字段或取值。", "A field or value is not known.")                  \
    X(TEXT_MISSING, "text_missing", 422, "请写下您要反映的内容。", "Please write what you want to tell.")                   \
    X(TEXT_TOO_LONG, "text_too_long", 413, "内容太长，请控制在 5000 字以内。",                                              \
      "The text is over 5000 characters.")                                                                                  \
    X(RATING_MISSING, "rating_missing", 422, "请选择一个评价等级。", "Please choose a rating.")                             \
    X(RATING_RANGE, "rating_range", 422, "评价等级应为 1 到 5。", "The rating must be 1 to 5.")                             \
    X(CONTACT_BAD, "contact_bad", 422, "联系电话格式有误，请检查；也可以不留电话。",                                        \
      "The telephone number is not readable; it may be left out.")                                                          \
    X(POSITION_BAD, "position_bad", 422, "位置填得不对：文字最多 200 字，也可以不填。",                                     \
      "The place is not right: at most 200 characters; it may be left out.")                                                \
    X(TOO_BIG, "too_big", 413, "内容超过允许的大小。", "The body is over the limit.")                                       \
    X(FILES_TOO_MANY, "files_too_many", 422, "附件太多了，请少选几个。",                                                    \
      "Too many files; please choose fewer.")                                                                               \
    X(SERVICE_BAD, "service_bad", 422, "办件编号应为 6 到 40 位字母和数字，请核对；也可以不填。",                           \
      "The matter's number has 6 to 40 letters and digits; it may be left out.")                                            \
    X(SERVICE_OVER, "service_over", 410, "这个评价链接不正确或已过期，您仍可以从监督牌页面评价。",                          \
      "This link for a rating is wrong or over; you can still rate from the page of the plaque.")                           \
    X(RATED_BEFORE, "rated_before", 409, "这件事已经评价过了，一事一评，以第一次为准。",                                    \
      "This matter has been rated; the first rating counts.")                                                               \
    X(KIOSK_CODE, "kiosk_code_wrong", 403, "编号或配对码不正确，或配对码已失效，请重新生成。",                              \
      "Number or pairing code is wrong, or the code is over; ask for a new one.")                                           \
    X(KIOSK_REVOKED, "kiosk_revoked", 403, "这台评价器已解除配对，请重新配对。",                                            \
      "This tablet is no longer paired; pair it again.")                                                                    \
    X(SCREEN_CODE, "screen_code_wrong", 403, "配对码不正确或已失效，请在工作台重新生成。",                                  \
      "The pairing code is wrong or over; ask for a new one at the desk.")                                                  \
    X(SCREEN_UNPAIRED, "screen_unpaired", 401, "这块大屏尚未配对，或已解除配对，请重新配对。",                              \
      "This screen is not paired, or no longer; pair it again.")                                                            \
    X(FILE_TYPE, "file_type", 415,                                                                                          \
      "这个文件的格式打不开。请选照片（JPG、PNG、WebP、GIF、HEIC）或短视频（MP4、WebM）。",                                 \
      "This file cannot be opened here. Please choose a picture (JPG, PNG, WebP, GIF, HEIC) or a short video (MP4, WebM).") \
    X(FILE_TOO_BIG, "file_too_big", 413, "这个文件太大了，请选小一点的照片或短一点的视频。",                                \
      "This file is too large; please choose a smaller picture or a shorter video.")                                        \
    X(FILE_PIXELS, "file_pixels", 413, "这张照片的尺寸太大了，请换一张小一点的，或者用截图代替。",                          \
      "This picture has too many pixels; please choose a smaller one, or a screenshot of it.")                              \
    X(FILE_BROKEN, "file_broken", 422,                                                                                      \
      "这个文件没有读出来，可能没传完整。请换一个，或者不带附件也可以提交。",                                               \
      "This file could not be read; it may not have arrived whole. Please try another, or send without it.")                \
    X(PLAQUE_UNKNOWN, "plaque_unknown", 404, "没有这个监督牌编号，请核对牌上的数字。",                                      \
      "There is no plaque with this number.")                                                                               \
    X(PLAQUE_FORGED, "plaque_forged", 404, "这个二维码与登记不符，可能是伪造或污损的。",                                    \
      "This code does not match the register; it may be forged or damaged.")                                                \
    X(PLAQUE_RETIRED, "plaque_retired", 410, "这块监督牌已停用。", "This plaque is no longer in use.")                      \
    X(FORM_EXPIRED, "form_expired", 403,                                                                                    \
      "页面停留太久或来源不明，请重新打开后提交。您填写的内容仍保留在页面上。",                                             \
      "The form has expired or did not come from this site; please open it again.")                                         \
    X(KEY_BAD, "idempotency_key_bad", 400, "Idempotency-Key 应为 8 到 128 个可见字符。",                                    \
      "Idempotency-Key must be 8 to 128 visible characters.")                                                               \
    X(KEY_REUSED, "idempotency_key_reused", 422, "同一个 Idempotency-Key 用于了不同的内容。",                               \
      "This Idempotency-Key was used with other content.")                                                                  \
    X(RECEIPT_WRONG, "receipt_wrong", 404, "回执码不正确，请核对 16 位数字。",                                              \
      "The receipt code is not right.")                                                                                     \
    X(BULK_RUNNING, "bulk_running", 409, "这次批量办理正在进行，请稍候再看结果。",                                          \
      "These acts are being taken just now; please look again in a moment.")                                                \
    X(BULK_SINGLE, "bulk_single", 409, "保密件请逐件打开办理，不能批量办理。",                                              \
      "Confidential cases are opened and acted on one by one.")                                                             \
    X(VIEWS_TOO_MANY, "views_too_many", 409, "保存的视图最多 40 个，请先删除不用的。",                                      \
      "There may be 40 saved views; please remove one first.")                                                              \
    X(TOO_MANY, "too_many", 429, "操作太频繁，请稍后再试。", "Too many requests; please wait a little.")                    \
    X(PROVE, "prove_first", 429, "这会儿提交的人很多。您写的都还在，请稍等片刻再按一次提交。",                              \
      "Many are sending just now. Your words are kept; please wait a moment and press once more.")                          \
    X(UNAVAILABLE, "unavailable", 503, "系统暂时无法保存，您的内容还没有提交成功，请稍后重试。",                            \
      "The gateway cannot store anything just now; nothing was submitted. Please try again soon.")                          \
    X(NOT_FOUND, "not_found", 404, "没有找到这个页面。", "There is nothing at this address.")                               \
    X(METHOD, "method_not_allowed", 405, "不支持这种请求方式。", "This method is not allowed here.")                        \
    X(UNSUPPORTED_TYPE, "unsupported_type", 415, "不支持这种内容类型。",                                                    \
      "This content type is not supported.")                                                                                \
    X(HOOK_REFUSED, "hook_refused", 403, "推送来源未通过校验。", "The push did not pass its check.")                        \
    X(LOGIN_WRONG, "login_wrong", 401, "账号或密码不正确。", "Name or password is not right.")                              \
    X(LOGIN_LOCKED, "login_locked", 429, "连续输错次数过多，账号已暂时锁定，请稍后再试。",                                  \
      "Too many wrong passwords; the account is locked for a while.")                                                       \
    X(CODE_WRONG, "code_wrong", 401, "验证码不正确、已用过或已过期，请输入手机上最新的一组。",                              \
      "The code is not right, was used before or is over; enter the newest one.")                                           \
    X(SIGN_IN_OVER, "sign_in_over", 401, "登录已超时，请重新输入账号和密码。",                                              \
      "This sign-in is over; enter name and password again.")                                                               \
    X(FACTOR_NEEDED, "factor_needed", 403, "须先启用动态验证码，再进行其他操作。",                                          \
      "Your post needs a second factor: set it up before anything else.")                                                   \
    X(FACTOR_STATE, "factor_state", 409, "动态验证码的状态已变，请刷新页面后重试。",                                        \
      "The second factor is in another state by now; reload the page.")                                                     \
    X(OIDC_UNKNOWN, "oidc_unknown", 403, "您的统一身份没有对应的本系统账号，请联系系统管理员。",                            \
      "Your identity has no account here; ask the administrator.")                                                          \
    X(OIDC_FAILED, "oidc_failed", 403, "统一身份认证没有完成，请重新登录。",                                                \
      "The sign-in at the identity provider was not completed; try again.")                                                 \
    X(SESSION_NEEDED, "session_needed", 401, "请先登录。", "Please sign in.")                                               \
    X(CSRF, "csrf", 403, "请求来源校验未通过，请刷新页面后重试。",                                                          \
      "The request did not come from this page.")                                                                           \
    X(FORBIDDEN, "forbidden", 403, "您的岗位没有这项权限。", "Your post may not do this.")                                  \
    X(POST_UNKNOWN, "post_unknown", 404, "您没有这个岗位，或者任期已经结束。",                                              \
      "You hold no such post, or it has ended.")                                                                            \
    X(POST_CHANGED, "post_changed", 409, "您已在别的窗口切换岗位，请刷新本页后再办理。",                                    \
      "You act in another post since, in another window; please reload this page.")                                         \
    X(NO_POST, "no_post", 403, "您的账号目前没有在任的岗位，请联系安全管理员。",                                            \
      "Your account has no post at present; please ask the security administrator.")                                        \
    X(RIGHTS_APART, "rights_apart", 409, "系统、安全、审计三类管理员须分设，且不得兼任办件岗位。",                          \
      "The three administrators are three persons, and none of them works on cases.")                                       \
    X(RIGHTS_OWN, "rights_own", 403, "不能更改本人的账号、岗位和权限，请由另一位安全管理员办理。",                          \
      "Nobody changes their own account, posts or rights; another security administrator does.")                            \
    X(RIGHTS_LAST, "rights_last", 409, "这是最后一位安全管理员，不能停用或撤岗；请先增设一位。",                            \
      "This is the last security administrator; add another one first.")                                                    \
    X(RIGHTS_CHANGED, "rights_changed", 409, "这个岗位刚刚有人改过，请核对后再改。",                                        \
      "Somebody changed this post meanwhile; please look at it again.")                                                     \
    X(UNIT_CHANGED, "unit_changed", 409, "这个单位刚刚有人改过，请核对后再保存。",                                          \
      "Somebody changed this unit meanwhile; please look at it again.")                                                     \
    X(RIGHTS_PAST, "rights_past", 422,                                                                                      \
      "岗位不能从过去的时间开始或结束，那会改写当时谁能办理；请填现在或以后。",                                             \
      "A post neither begins nor ends in the past: that would rewrite who could act then.")                                 \
    X(OIDC_TAKEN, "oidc_taken", 409, "这个统一身份标识已经对应另一个人，一个标识只对应一人。",                              \
      "This identity is another person's here; one identity, one person.")                                                  \
    X(REQUEST_OPEN, "request_open", 409, "此人已有一项同样的申请等待确认。",                                                \
      "The same was asked for this person and waits for confirmation.")                                                     \
    X(REQUEST_OVER, "request_over", 409, "这项申请已经办结、撤回或过期，请刷新后再看。",                                    \
      "This request is decided, withdrawn or over; please reload.")                                                         \
    X(LOGIN_TAKEN, "login_taken", 409, "这个账号名已有人使用。", "This login is taken.")                                    \
    X(CASE_UNKNOWN, "case_unknown", 404, "没有这个办件，或您无权查看。",                                                    \
      "There is no such case, or you may not see it.")                                                                      \
    X(ACT_ILLEGAL, "act_illegal", 409, "办件当前状态不允许这一步。",                                                        \
      "The case's state does not allow this act.")                                                                          \
    X(ACT_NEEDS, "act_needs", 422, "这一步还缺少必填内容。", "This act needs something that is missing.")                   \
    X(RECUSED, "recused", 403, "按回避规定，您不能办理本单位的办件。",                                                      \
      "You must step aside from this case.")                                                                                \
    X(SECOND_PERSON, "second_person", 403, "这一步须由另一人办理。", "This act needs another person.")                      \
    X(CASE_CHANGED, "case_changed", 409, "办件刚刚被其他人更新，请刷新后再办理。",                                          \
      "Somebody changed the case meanwhile; please reload.")                                                                \
    X(CALENDAR_MISSING, "calendar_missing", 409,                                                                            \
      "时限落入尚未载入工作日历的年份，请系统管理员导入该年日历后再办理。",                                                 \
      "The deadline falls into a year whose calendar must be imported first.")                                              \
    X(LETTER_UNKNOWN, "letter_unknown", 404, "没有这份函件，或您无权查看。",                                                \
      "There is no such letter, or you may not see it.")                                                                    \
    X(LETTER_CHANGED, "letter_changed", 409, "函件刚刚被其他人更新，请刷新后再办理。",                                      \
      "Somebody changed the letter meanwhile; please reload.")                                                              \
    X(LETTER_STEP, "letter_step", 409, "函件当前状态不允许这一步。",                                                        \
      "The letter's state does not allow this step.")                                                                       \
    X(TEMPLATE_FAULT, "template_fault", 422, "这段文字不能采用，请按提示修改。",                                            \
      "This wording cannot be taken; the preview says why.")                                                                \
    X(TEMPLATE_CHANGED, "template_changed", 409, "这段文字刚刚被其他人改过，请刷新后再改。",                                \
      "Somebody changed this wording meanwhile; please reload.")                                                            \
    X(RULES_FAULT, "rules_fault", 422, "这组规则不能采用，请按提示修改。",                                                  \
      "This set of rules cannot be taken; the sentence says why.")                                                          \
    X(CALENDAR_FAULT, "calendar_fault", 422, "这一年的日历不能采用，请按提示修改。",                                        \
      "This year's calendar cannot be taken; the sentence says why.")                                                       \
    X(DRAFT_STEP, "draft_step", 409, "这份草案刚刚有变化，或还没到这一步，请刷新后再看。",                                  \
      "The draft has just changed, or is not there yet; please reload.")                                                    \
    X(DRAFT_CHANGED, "draft_changed", 409, "在这份草案之后已有新的版本，请对照新版本重新核对后再提交。",                    \
      "Another version came into force meanwhile; please look at the draft over it again.")                                 \
    X(CHANNEL_UNKNOWN, "channel_unknown", 404, "没有这个渠道。", "There is no such channel.")                               \
    X(CHANNEL_OFF, "channel_off", 409, "这个渠道不存在、已停用或不能这样使用。",                                            \
      "This channel does not exist, is switched off or cannot do that.")                                                    \
    X(OUTBOX_CHANGED, "outbox_changed", 409, "待发箱刚刚有变化，数量与预览时不同，请重新预览。",                            \
      "The outbox changed meanwhile; please look at the preview again.")                                                    \
    X(REPLAY_RUNS, "replay_runs", 409, "这个订阅方的上一次重放还没有结束。",                                                \
      "A replay for this subscriber is still running.")                                                                     \
    X(REPLAY_EMPTY, "replay_empty", 422, "这段时间里没有可重放的事件。", "Nothing happened in that time.")                  \
    X(PUBLISH_PERSONAL, "publish_personal", 422, "这里好像有个人信息，公开前请去掉。",                                      \
      "This seems to hold something personal; please take it out before it is published.")                                  \
    X(VISIT_STEP, "visit_step", 409, "这次上门刚刚有变化，或还没到这一步，请刷新后再看。",                                  \
      "The visit has just changed, or is not there yet; please reload.")                                                    \
    X(VISIT_CODE, "visit_code", 422, "这不是该企业的码，请现场扫企业码或输入牌上的编号。",                                  \
      "This is not the code of that enterprise; scan it on the spot or type its number.")                                   \
    X(VISIT_NUMBER, "visit_number", 404, "没有找到这个检查编号，请核对检查人员留下的编号。",                                \
      "There is no visit with this number; please check what the visitors left.")                                           \
    X(BOOKING_DAY, "booking_day", 422, "请选一个日期：明天起三个月以内。",                                                  \
      "Please choose a day, from tomorrow and within three months.")                                                        \
    X(PUBLISH_STEP, "publish_step", 409, "这条内容刚刚有变化，请刷新后再看。",                                              \
      "This has changed meanwhile; please reload.")                                                                         \
    X(PUBLISH_PERIOD, "publish_period", 422,                                                                                \
      "统计期应是已经结束、至少 28 天的一段时间，并且不与已有的重叠。",                                                     \
      "The period is over, at least 28 days long, and overlaps no other.")                                                  \
    X(CAUSE_CHANGED, "cause_changed", 409, "这条整改建议刚刚有变化，请刷新后再办理。",                                      \
      "The proposal was changed just now; please reload.")                                                                  \
    X(CAUSE_STEP, "cause_step", 409, "整改建议当前状态不允许这一步，或这一步不归您的岗位。",                                \
      "The proposal is not at this step, or it is not for your post.")                                                      \
    X(CAUSE_EARLY, "cause_early", 409, "整改满三个月后才能复查销号；发现没有改好，可以随时退回重改。",                      \
      "It is checked three months after; if it is not put right it can be reopened at any time.")                           \
    X(LOG_EMPTY, "log_empty", 404, "公开总账还没有签过名。", "The public log has not been signed yet.")                     \
    X(LOG_LEAF, "log_leaf_unknown", 404, "这一版公开总账里没有这条记录。",                                                  \
      "The log of that size has no such leaf.")                                                                             \
    X(LOG_SIZE, "log_size", 422, "条数应为整数，从小到大，且不超过最近一次签名的条数。",                                    \
      "Sizes are whole numbers, the smaller one first, within the newest signed head.")                                     \
    X(PROOF_NOT_YET, "proof_not_yet", 409, "您的办件记录还没有写入签过名的公开总账，请稍后再下载。",                        \
      "Your case does not stand in the signed log yet; please download the proof a little later.")                          \
    X(IMPORT_UNREADABLE, "import_unreadable", 422, "导入文件无法读取，没有导入任何一行。",                                  \
      "The file to import cannot be read; no row was taken.")                                                               \
    X(EXPORT_TOO_MANY, "export_too_many", 422, "结果太多，请先缩小筛选条件再导出。",                                        \
      "Too many rows; narrow the filters and export again.")                                                                \
    X(REPORT_NAME, "report_name_missing", 422, "实名举报请留下姓名和联系电话；也可以选择匿名。",                            \
      "A report under your name needs your name and telephone; you may also stay anonymous.")                               \
    X(REPORT_NOT_READY, "report_not_ready", 503,                                                                            \
      "加密举报还没有启用，这里暂时不能受理举报。您可以打电话、写信或当面举报。",                                           \
      "Sealed reports are not set up yet, so a report cannot be taken here. Please telephone or write.")                    \
    X(INTERNAL, "internal", 500, "系统出错，已记录，请稍后重试。",                                                          \
      "An internal error was recorded; please try again.")

enum refusal {
#define X(id, code, status, zh, en) REFUSE_##id,
    REFUSALS(X)
#undef X
        REFUSALS_N
};

struct refusal_facts {
    const char *code;
    int status;
    const char *zh, *en;
};
const struct refusal_facts *refusal_facts(enum refusal r);
