/* Every action that the log of who did what may hold, once, with its name in both languages. For the desk of the log (staff_audit.c).
 * tests/check-audit compares the table with what schema/ and gateway/ write; an action without a line here is shown by its own word. */
#pragma once

/* clang-format off */
#define AUDIT_ACTIONS(X) \
    X("sign_in", "登录", "Signed in") \
    X("sign_in_failed", "登录失败", "Sign-in failed") \
    X("sign_out", "退出", "Signed out") \
    X("password_changed", "修改密码", "Changed the password") \
    X("factor_on", "开启二次验证", "Switched the second factor on") \
    X("factor_off", "关闭二次验证", "Switched the second factor off") \
    X("factor_codes", "重新生成恢复码", "Made new recovery codes") \
    X("factor_reset", "重置二次验证", "Reset the second factor") \
    X("session_revoked", "结束一个登录", "Ended a session") \
    X("find_phone", "按电话尾号查找", "Searched by the end of a telephone number") \
    X("export", "导出列表", "Exported a list") \
    X("screen_code", "生成大屏配对码", "Made a code for a screen") \
    X("screen_revoke", "解除大屏配对", "Revoked a screen") \
    X("person_added", "新建账号", "Added a person") \
    X("person_changed", "修改账号", "Changed a person") \
    X("person_password", "重置密码", "Reset a password") \
    X("person_unlocked", "解除锁定", "Unlocked a person") \
    X("person_oidc", "对应或取消统一身份", "Gave or took the identity at the provider") \
    X("account_asked", "申请账号事项", "Asked for an account, a password, a factor or an identity") \
    X("account_confirmed", "确认账号事项", "Confirmed what was asked for an account") \
    X("account_refused", "不同意账号事项", "Refused what was asked for an account") \
    X("account_withdrawn", "撤回账号事项", "Withdrew what was asked for an account") \
    X("account_objected", "本人声明不是其要求", "The person said: it was not me") \
    X("post_added", "新设岗位", "Added a post") \
    X("post_changed", "切换或修改岗位", "Changed post, or a post") \
    X("role_added", "授予角色", "Gave a role") \
    X("role_taken", "收回角色", "Took a role") \
    X("role_taken_by_separation", "因三员分立收回角色", "A role was taken by the separation of administrators") \
    X("unit_changed", "修改单位", "Changed a unit") \
    X("unit_retired", "撤并单位", "Retired a unit") \
    X("unit_change_proposed", "拟定单位变更", "Planned a change of units") \
    X("unit_change_confirmed", "确认单位变更", "Confirmed a change of units") \
    X("unit_change_refused", "不同意单位变更", "Refused a change of units") \
    X("unit_change_withdrawn", "撤回单位变更", "Withdrew a change of units") \
    X("unit_change_cancelled", "撤销单位变更", "Cancelled a change of units") \
    X("unit_change_in_force", "单位变更生效", "A change of units took force") \
    X("unit_change_failed", "单位变更未能生效", "A change of units could not take force") \
    X("look", "查看保密件", "Looked at a confidential case") \
    X("contact", "查看联系方式", "Looked at a contact") \
    X("original", "调取原始文件", "Fetched an original file") \
    X("look_letter", "查看保密函件", "Looked at a confidential letter") \
    X("sealed_open", "打开密封举报", "Opened a sealed report") \
    X("sealed_say", "在密封举报中回复", "Answered in a sealed report") \
    X("seal_enrol", "设立举报密钥", "Made a key for reports") \
    X("seal_give", "授予举报密钥", "Gave a key for reports") \
    X("seal_group", "更换举报组密钥", "Changed a group's key for reports") \
    X("seal_passphrase", "修改举报口令", "Changed the passphrase for reports") \
    X("seal_recover", "用托管份额恢复密钥", "Recovered a key by the escrow shares") \
    X("seal_rewrap", "重新加封举报", "Sealed reports anew") \
    X("template_changed", "修改短信用语", "Changed a wording") \
    X("twins_apart", "标记两件不是同一事项", "Said that two cases are two matters") \
    X("twins_again", "撤销“不是同一事项”", "Took back that two cases are two matters") \
    X("burst_seen", "处置突发集中反映", "Took up a burst") \
    X("cause_step", "办理整改建议", "Took a step with a proposal to put a cause right") \
    X("publication_proposed", "报送公开内容", "Proposed a publication") \
    X("publication_written", "写公开内容", "Wrote a publication") \
    X("publication_published", "审核并公布", "Published") \
    X("publication_refused", "不予公开", "Refused a publication") \
    X("publication_withdrawn", "撤下公开内容", "Withdrew a publication") \
    X("channel_on", "启用渠道", "Switched a channel on") \
    X("channel_off", "停用渠道", "Switched a channel off") \
    X("channel_test", "渠道试发", "Sent a test through a channel") \
    X("outbox_redrive", "重发消息", "Sent messages again") \
    X("outbox_drop", "作废消息", "Dropped messages") \
    X("notices_replay", "重放通知", "Replayed notices") \
    X("kiosk_code", "生成评价器配对码", "Made a pairing code") \
    X("kiosk_revoke", "解除评价器配对", "Revoked a tablet") \
    X("rules_saved", "起草规则", "Wrote a draft of rules") \
    X("rules_proposed", "提交规则", "Proposed rules") \
    X("rules_writing", "收回规则草案", "Took a draft of rules back") \
    X("rules_withdrawn", "撤回规则草案", "Withdrew a draft of rules") \
    X("rules_refused", "不同意规则草案", "Refused a draft of rules") \
    X("rules_in_force", "规则生效", "Put rules into force") \
    X("model_confirm", "启用模型", "Put a learned model into force") \
    X("model_refuse", "不同意启用模型", "Refused a learned model") \
    X("model_withdraw", "撤回模型", "Withdrew a learned model") \
    X("model_back", "恢复从前的模型", "Put a former model back into force") \
    X("model_off", "停用模型", "Switched the learned model off") \
    X("model_train_asked", "发起模型训练", "Started a training") \
    X("model_train_done", "模型训练完成", "A training was done") \
    X("model_train_failed", "模型训练失败", "A training failed") \
    X("model_train_stopped", "停止模型训练", "Stopped a training") \
    X("tool.train", "训练模型（命令行）", "Trained a model (command line)") \
    X("calendar_proposed", "提交日历", "Proposed a calendar") \
    X("calendar_withdrawn", "撤回日历", "Withdrew a calendar") \
    X("calendar_refused", "不同意日历", "Refused a calendar") \
    X("calendar_in_force", "日历生效", "Put a calendar into force") \
    X("tool.user_add", "命令行：新建账号", "Tool: added an account") \
    X("tool.user_disable", "命令行：停用账号", "Tool: disabled an account") \
    X("tool.user_enable", "命令行：启用账号", "Tool: enabled an account") \
    X("tool.user_password", "命令行：重置密码", "Tool: reset a password") \
    X("tool.user_role", "命令行：调整岗位", "Tool: changed posts") \
    X("tool.user_factor_reset", "命令行：重置二次验证", "Tool: reset a second factor") \
    X("tool.user_oidc", "命令行：绑定统一身份认证", "Tool: bound an account to single sign-on") \
    X("tool.verify", "命令行：核对全部记录", "Tool: verified the record")
/* clang-format on */
