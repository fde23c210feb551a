/* Words of the desk of channels, outbox, exchanges and wording. */
type Named = Record<string, string>;

export const channelsZh = {
  channelTabs: { channels: '渠道', outbox: '待发箱', exchanges: '交换日志', wording: '短信用语' },
  doors: {
    none: '还没有配置渠道。', use: { sms: '短信', notice: '群通知', webhook: '订阅推送', mail: '邮件' } as Named,
    state: { good: '正常', off: '已停用', alarm: '需要处理', pause: '暂停中', unread: '无法读取', only: '只收不发' } as Named,
    unread: '这个渠道的设置是用另一把主密钥封存的，或者本程序不认识它的类型。请检查 key_file，或重新添加渠道。',
    since: (t: string) => `${t} 起`, seen: (t: string) => `最近一次 ${t}`, about: (e: string) => `涉及用语“${e}”`, said: '系统记录：',
    alarms: { settings: '账号、签名、模板或地址有误', money: '账户余额不足', balance: '余额低于警戒线', errors: '连续发送失败', rate: '服务商反映发送过快', gone: '接收方不再接收，渠道已停用', decide: '有结果不明的消息等待判断' } as Named,
    todo: {
      settings: '在交换日志里看服务商的答复，用命令行 channel set 改正设置，发一条测试消息，再到待发箱重发。',
      money: '给服务商账户充值，发一条测试消息，再到待发箱重发。有备用渠道的已自动改走备用渠道。',
      balance: '请尽快充值，余额用完后消息将发不出去。',
      errors: '在交换日志里看最近几次的答复，检查网络和服务商公告。系统会定时试发一条，恢复后自动继续。',
      rate: '系统已自动放慢。经常出现时，用命令行把设置 rate 调低到服务商允许的速度。',
      gone: '与接收方核对后，再点“启用”。',
      decide: '到待发箱查看“结果不明”的消息：向服务商核实后重发或放弃。',
    } as Named,
    sent: '最近发出', came: '最近收到', never: '日志中没有', failures: '连续失败', paused: '暂停至', balance: '余额', balanceAt: (t: string) => `${t} 查询`, keys: '两把钥匙并用至', times: (n: number) => `${n} 次`,
    counts: { due: '等待', claimed: '发送中', unknown: '结果不明', dead: '未发出', failed: '未送达' } as Named, waiting: '待发箱', oldest: (t: string) => `最早 ${t}`,
    settings: '设置', setting: '名称', value: '值', isSet: '已设置（保密）', notSet: '未设置', more: '查看设置',
    enable: '启用', disable: '停用', sure: '停用后，服务商推送进不来，待发的消息改走备用渠道或留在待发箱。', sureYes: '确认停用', switched: (name: string, on: boolean) => `${on ? '已启用' : '已停用'}：${name}`,
    test: '测试', testTitle: (name: string) => `通过 ${name} 发一条测试消息`, testTo: '接收手机号', testMail: '接收邮箱', testMailHint: '不填则发到渠道设置的收件人', testGroup: '将发到这个渠道配置的接收方，内容为一句测试文字。', testSend: '发送测试',
    testWait: '已交待发箱，正在等待结果…', testEnd: (state: string) => `测试结果：${state}`, then: '；', testLate: '还没有结果，请稍后在待发箱或交换日志中查看。',
    log: '交换日志', replay: '重放', replayTitle: (name: string) => `向 ${name} 重放一段时间的事件`, replayHint: '接收方按事件编号去重，重复推送没有害处。', from: '从', to: '到（不含）', replaySend: '开始重放', replayBegun: (a: number, b: number) => `开始重放第 ${a} 到第 ${b} 号事件`,
    replays: '最近的重放', replayLine: (upto: number, owed: number) => `到第 ${upto} 号事件，已生成 ${owed} 条`, running: '进行中', ended: (t: string) => `${t} 完成`,
    console: '在服务器上办理', consoleHint: '添加渠道、填写和更换密钥只在命令行进行：密钥不经过浏览器。', commands: [
      ['mashangdu channel list', '列出渠道、可用类型和各类型的设置名'], ['mashangdu channel add 名称 --type 类型 --set-file 设置=文件', '添加渠道，打印一次推送地址；密钥写在文件里，不留在命令历史'],
      ['mashangdu channel set 名称 --set 设置=值', '修改设置；值为空就是去掉'], ['mashangdu channel rotate-key 名称 --keep 24', '更换推送地址或密钥，旧的再用 24 小时'],
    ] as [string, string][],
  },
  outbox: {
    groups: { attention: '需要处理', waiting: '等待发送', settled: '已有结果', all: '全部' } as Named, group: '状态', channel: '渠道', purpose: '用途', event: '用语或事件', age: '多久没有变化', ages: { '1': '1 小时以上', '24': '1 天以上', '72': '3 天以上', '720': '30 天以上' } as Named, all: '全部',
    states: { due: '等待', claimed: '发送中', sent: '已交服务商', delivered: '已送达', failed: '未送达', unknown: '结果不明', dead: '未发出', held: '不发（已退订、已答复或已转保密）', dropped: '已放弃' } as Named,
    purposes: { answer: '即时回复', notice: '办理告知', survey: '满意度调查', staff: '内部通知', event: '订阅事件' } as Named, decide: '待判断', urgent: '紧急', test: '测试消息',
    state: '状态', what: '内容', way: '渠道', tries: '次数', times: (n: number) => `${n} 次`, again: (n: number) => `重发过 ${n} 次`, why: '原因与办法', at: '时间', number: '编号', created: '产生', changed: '变化', due: '下次', insteadOf: (name: string) => `原渠道 ${name}`, code: '服务商代码', theirs: '服务商编号', emptied: '内容已清空',
    explain: '这里只有消息的去向，没有号码，也没有内容。', unknownHint: '“结果不明”的消息可能已经送达：再发一遍会打扰群众。请先向服务商核实，确认没有送达再重发。',
    none: '没有符合条件的消息。', noneBad: '没有需要处理的消息。', pick: '选', select: (id: number) => `选择消息 ${id}`, selectAll: '全选本页', selected: (n: number) => `已选 ${n} 条`, redrive: '重发', drop: '放弃', redriveAll: '按条件重发', dropAll: '按条件放弃', log: '看交换',
    redriveTitle: (n: number) => `重发 ${n} 条消息`, dropTitle: (n: number) => `放弃 ${n} 条消息`, counting: '正在清点…', matched: (n: number, most: number) => `符合条件 ${n} 条${n >= most ? `（一次最多办理 ${most} 条）` : ''}`, would: (n: number) => `将办理 ${n} 条`,
    not: { gone: (n: number) => `${n} 条已不存在`, unknown: (n: number) => `${n} 条结果不明，未包括`, empty: (n: number) => `${n} 条内容已清空，不能重发`, state: (n: number) => `${n} 条现在的状态不能办理` },
    evenUnknown: '包括结果不明的：我已向服务商核实没有送达', reason: '理由', reasonHint: '记入审计日志；不要写电话号码或群众的话。', through: '改走渠道', sameWay: '原渠道', dropHint: '放弃后不能恢复，内容立即清空。', confirmRedrive: '确认重发', confirmDrop: '确认放弃',
    redriven: (n: number) => `已重发 ${n} 条`, dropped: (n: number) => `已放弃 ${n} 条`, nothing: '没有可以办理的消息。',
  },
  exchanges: {
    channel: '渠道', what: '方向', outcome: '结果', whats: { mo: '收到短信', dlr: '收到回执', send: '发送', balance: '查询余额' } as Named,
    outcomes: { ok: '成功', refused: '被拒', malformed: '无法识别', too_big: '太大', unavailable: '暂不可用', retry: '稍后再试', unknown: '结果不明' } as Named,
    none: '没有符合条件的交换。', hint: '密钥、号码和文字在记录前已去掉，只留结构和长度。', request: '请求', reply: '答复', noReply: '没有答复', took: (ms: number) => `${ms} 毫秒`, items: (n: number) => `${n} 条`, message: (id: number) => `消息 ${id}`, ofMessage: (id: number) => `只看消息 ${id}`, failures: '只看不成功的', number: (id: number) => `第 ${id} 次`,
  },
  wording: {
    titles: {
      received: '收到反馈', received_nowhere: '收到反馈，没有监督牌编号', received_report: '收到举报，提示短信不保密', rated: '收到评价', added: '补充内容已并入办件', status: '办理进度', status_answered: '办理进度，已有答复', receipt_wrong: '回执码不正确',
      receipt_missing: '没有写回执码', confirmed_solved: '确认已解决', confirmed_unsolved: '确认未解决', confirm_not: '现在不能确认', plaque_only: '只发来监督牌编号', nothing_open: '没有可评价的办件', help: '帮助', opted_out: '已退订', opted_in: '已恢复',
      receipt_copy: '把回执码发到一个不登记的号码', receipts_lost: '找回回执码', survey_thanks: '感谢评价', asked: '承办单位提问', answered: '已有答复', extended: '延期', paused: '挂起', resumed: '恢复办理', survey: '满意度调查',
      call_greeting: '问候', call_suits: '问是否方便', call_matter: '说明是哪一件', call_contacted: '问单位是否联系', call_done: '问是否做到', call_solved: '问是否解决', call_rating: '问满意程度', call_demand: '问其他要求', call_thanks: '致谢与异议途径', call_farewell: '道别',
      call_nobody: '遇到：无人接听', call_wrong: '遇到：号码不对', call_refuses: '遇到：不愿回访', call_beyond: '遇到：要求超出政策', call_angry: '遇到：情绪激动', call_danger: '遇到：讲到危险', call_misconduct: '遇到：讲到作风问题',
    } as Record<string, string>,
    events: '短信用语', purposes: { answer: '即时回复', notice: '办理告知', survey: '满意度调查', call: '回访话术（电话里念）' } as Named, lang: '语言', langs: { zh: '中文', en: '英文' } as Named, text: '文字', params: '可以插入', noParams: '这里没有可插入的内容。', spoken: '由回访员在电话里念，不发短信', insert: (title: string) => `插入${title}`, preview: '预览', sign: '签名由渠道自动加在前面',
    fault: '不能采用：', parts: (n: number) => `${n} 条短信`, units: (n: number, per: number) => `${n} 字 / 每条 ${per}`, septets: (n: number, per: number) => `${n} 位 / 每条 ${per}`, domestic: '国内计费', gsm: '国际计费', version: (n: number) => `第 ${n} 版`, delivered: '随系统提供', by: (who: string, when: string) => `${who} · ${when}`,
    save: '保存为新版本', saved: (n: number) => `已保存为第 ${n} 版，下一条短信起使用`, same: '文字没有改动', changed: '这段文字刚刚被别人改过。下面是现在的版本；您写的还在框里，看过后可以再保存。', now: '现在的版本', useNow: '放弃我的修改', history: '历次版本', restore: '填入这一版', readOnly: '您的岗位可以查看，不能修改。', badNow: '最新一版不能采用，正在使用的是前一版：',
    approved: '下列渠道发送服务商审核过的模板，不使用这里的文字：', code: (c: string) => `模板 ${c}`, noCode: '没有这种模板，发不出去',
  },
};

export type ChannelWords = typeof channelsZh;
