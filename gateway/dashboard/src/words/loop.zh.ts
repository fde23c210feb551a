/* Words of the desks of the loop: callbacks, letters, meetings, inspections, sheets, figures, story. */
type Named = Record<string, string>;

export const loopZh = {
  groups: { work: '办理', supervise: '督办', open: '公开与评价', see: '统计', run: '管理' },
  desks: { triage: '分办', inbox: '单位收件', review: '审核', supervision: '督办看板', cases: '办件', entry: '登记', callbacks: '回访', letters: '函件', finders: '会议与巡查', weekly: '周报', causes: '共性问题', overview: '态势', figures: '指标', story: '全程回溯', reports: '举报', publish: '公开（晒）', enterprises: '企业', plaques: '监督牌', ratings: '评价', people: '单位与人员', channels: '渠道与待发箱', wording: '短信用语', rules: '规则', calendar: '日历', log: '日志' },
  finderTabs: { meetings: '政企交流', board: '问题台账', inspections: '督查巡查', monitors: '两员监督', imports: '批量导入' },
  callbacks: {
    asking: (id: number) => `回访办件 ${id}`, waiting: (n: number, more: boolean) => `待回访 ${n} 人${more ? '以上' : ''}`, gone: '这一位已由他人记录或不再需要回访。请从名单另选一位。', mine: '我拨过的', queue: '待回访名单', none: '目前没有需要回访的人。',
    said: '群众原话（脱敏）', answered: '给群众的答复', noAnswer: '没有公开的答复文字。', hidden: '保密件，内容不在名单中显示', tries: '已拨', tried: (n: number) => `已拨 ${n} 次`,
    triesLeft: (n: number, left: number) => `${n} 次，还可拨 ${left} 次`, triedToday: '今天已拨', reveal: '显示联系电话', why: '查看理由', whyUsual: '拨打回访电话', show: '显示（记入日志）', noContact: '没有留下联系方式',
    rating: '满意程度', levels: ['非常不满意', '不满意', '基本满意', '满意', '非常满意'], words: '群众说了什么',
    outcomes: { solved: '已解决', unsolved: '未解决', attempt: '未接通', refused: '拒绝回访' } as Named, keys: { solved: 'A', unsolved: 'S', attempt: 'D', refused: 'F' } as Named,
    needWords: '请先回答左边的问题，或写一句群众说了什么。', changed: '这个办件刚刚有变化，名单已更新，请看过再记录。', recorded: (what: string) => `已记录：${what}`,
    lowIsUnsolved: '评价不满意的，应记为“未解决”，发回重办。', more: '还有更多，办完这些会自动出现。', keysHint: '快捷键：J / K 选人，C 看电话，Q W E R T 回答当前这一问，B 退回，1–5 满意程度，A 已解决，S 未解决，D 未接通，F 拒绝回访。',
    reporters: '反映人回访', reporter: (n: number) => `第 ${n} 位`,
  },
  room: { stored: '已登记', repeated: '这条已经登记过，编号如下', number: '办件编号', receipt: '回执码', printSlip: '打印回执单', openCase: '打开办件', next: '继续登记下一条' },
  meetings: {
    add: '新建会议', enter: '登记会议', held: '时间', theme: '主题', place: '地点', host: '主办', matters: '问题', measures: '有措施', solved: '已解决', unsolved: '未解决', sessions: '场次',
    participants: '参会单位', participantsHint: '一行一个，只写单位和职务', none: '还没有登记会议。', numbered: (n: number) => `第 ${n} 号会议`, meeting: '会议', ordinal: '序号', problem: '问题',
    raisedBy: '提出单位', raisedByHint: '企业或岗位名称，不写个人姓名', measure: '措施', measureUnit: '责任单位', dueOn: '承诺日期', promised: (d: string) => `${d} 前`, noMeasure: '未定措施', promise: '定措施',
    promiseFor: (n: number) => `第 ${n} 个问题的责任清单`, promiseKept: '责任清单已更新', assignTo: '当场交办给', assignHint: '不填则由值班派单', newProblem: '当场登记问题', number: '登记并取号',
    problems: (n: number) => `本次问题 ${n} 个`, noProblems: '还没有登记问题。', minutes: '会议记录', writeMinutes: '写会议记录', listWithout: '没有措施的问题', listUnsolved: '没有解决的问题',
    kinds: { theme_day: '主题日', morning_tea: '早茶会', evening_talk: '园区夜话', joint: '联席会议', other: '其他' } as Named,
  },
  inspections: {
    add: '新建巡查', enter: '登记巡查', unit: '被查单位', jointWith: '联合单位', jointHint: '联合检查时必填', basis: '依据', steps: '方案步骤', stepsHint: '联合检查的计划或督查的步骤', problems: '发现问题', persons: '处理人次',
    personTimes: '人次', count: '巡查次数', none: '还没有登记巡查。', title: (unit: string) => `巡查${unit}`, finding: '发现的问题', findingHint: '登记后成为办件，与群众反映的问题一样办理', addFinding: '登记问题', noFindings: '没有发现问题。',
    addOutcome: '登记处理结果', outcome: '处理结果', decidedOn: '决定日期', document: '文号', ofProblem: '对应问题', personsHint: '只填人次，不写姓名',
    kinds: { inspect: '督查', stationed: '驻点', covert: '暗访', joint: '联合' } as Named, outcomes: { announce: '通报批评', hand_over: '移送', talk: '约谈' } as Named,
  },
  monitors: {
    add: '增加监测员', track: '名册', enterprise: '企业或单位', from: '任期起', to: '任期止', term: '任期', outOfTerm: '不在任期', loginHint: '已有的账号，须有监测员岗位', own: '报送本月监测情况', period: '月份', finding: '发现的问题',
    findingHint: '没有发现问题就写“无”。', file: '报送', filed: '已报送', missing: '未报送', filedAt: '报送时间', findings: '问题数', returns: '每月报送', roster: '监测员名册', nobody: '这个月没有在任的监测员。', thanks: '已收到，谢谢。',
    tracks: { business: '营商环境监测员', integrity: '清廉监测员' } as Named,
  },
  imports: {
    title: '从表格导入', hint: '先试导入，逐行检查；再正式导入。表头：外部编号、来源、内容必须有，其余可以没有。最多 2000 行，UTF-8 或国标编码都可以。', file: '选择 CSV 文件', text: '表格内容', tryIt: '试导入（不入库）', store: '正式导入',
    ready: (n: number) => `可以导入 ${n} 行`, tryFirst: '先试导入，内容改动后要重新试', tried: '试导入结果', done: '导入完成', rows: '总行数', good: '可用', onlyBad: '只看有问题的行', line: '行', number: '外部编号', result: '结果', reason: '原因',
    results: { ok: '可以导入', refused: '不能导入', stored: '已入库', repeated: '以前导入过' } as Named,
  },
  weekly: {
    date: '截止日期', scope: '范围', scopes: { meetings: '政企交流问题', all: '全部办件' } as Named, change: '比上周', source: '来源', none: '没有未办结的事项。', nobody: '未交办', higher: (who: string) => `上级承办：${who}`,
    between: (a: string, b: string) => `与 ${a} 相比，截至 ${b}。保密件不在其中。`,
    sums: { open_before: '上周末', new: '新增', reopened: '重新办理', closed: '办结', left: '转出', open: '未办结', due_this_week: '本周到期', overdue: '超期', higher: '上级承办' },
    sumLine: (a: number, n: number, r: number, c: number, l: number, o: number) => `上周 ${a} + 新增 ${n} + 重办 ${r} − 办结 ${c} − 转出 ${l} = 未办结 ${o}`,
    changes: { new: '新增', same: '没有变化', moved: '有进展', back: '退了一步', reopened: '重新办理', closed: '办结', left: '转出' } as Named,
  },
  figures: {
    period: (a: string, b: string, unit: string) => `${a} 至 ${b}${unit ? ` · ${unit}` : ' · 全部单位'}。保密件只由追责问责组统计。`,
    of: (a: number, n: number) => `${a} / n = ${n}`, least: (n: number) => `少于 ${n} 件不算比率`, formula: '算法：', tooFew: '样本不足', noData: '无数据',
    rates: {} as Named, formulas: {} as Named, casesTitle: '办件', reworked: '重办', validTitle: '回访有效答复', apartTitle: '不计入比率', apartHint: '拒访和未接通单独列出，不当作满意', levels: '满意程度', rated: (n: number) => `${n} 人评价`,
    askedTitle: '延期和挂起', what: '事项', asked: '申请', granted: '同意', notGranted: '不同意', extensions: '延期', pauses: '挂起', returns: '退回裁定', returnsLine: (g: number, r: number) => `同意 ${g} 件，不同意 ${r} 件（耗时计入退回单位）`,
    rulings: '裁定', charged: '计入时间',
    cases: { received: '收件', closed: '销号', declined: '不予受理', merged: '并案', open: '在办', overdue: '超期' },
    callbacks: { due: '待回访', reached: '接通', solved: '已解决', partly: '部分解决', unsolved: '未解决', satisfied: '满意', refused: '拒绝回访', silence: '三次未接通', overtaken: '不再单独回访' },
  },
  story: {
    of: (id: number) => `办件 ${id} 全程回溯`, number: '办件编号', find: '查询', hint: '输入办件编号，一页看完它的全部经过。', whole: (n: number) => `链完整：${n} 步办理记录逐一核对，没有被改动`, broken: (n: number) => `链在第 ${n} 步断开，记录可能被改动`, hashes: '每一步的校验值',
  },
  letters: {
    list: '函件', book: '收发文登记簿', draft: '拟函', draftFor: '拟函', todo: '待我办理', kind: '种类', year: '年份', search: '搜索标题或文号', searchBook: '搜索标题、文号、单位', none: '没有符合条件的函件。', nothingToDo: '没有等您办理的函件。',
    kinds: { assign: '交办函', urge: '催办通知书', supervise: '督办函', announce: '通报', transfer: '移送函' } as Named,
    states: { draft: '拟稿', checked: '已核稿', signed: '已签发', delivered: '已送达', received: '已签收', answered: '已反馈', finished: '办结', void: '作废' } as Named,
    acts: { draft: '拟稿', edit: '修改', check: '核稿', send_back: '退改', sign: '签发', deliver: '送达', receive: '签收', answer: '反馈', finish: '办结', void: '作废' } as Named,
    actHints: { check: '核稿人不能是拟稿人。核稿后由有权签发的人取号。', sign: '签发时取号；带督办等级的，所列办件同时升级督办。号码给出后不再收回。', void: '作废后不能恢复；已取的号码永远作废。', deliver: '送达后主送单位才看得到本函。' } as Named,
    title: '标题', serial: '发文字号', to: '主送', cases: '办件数', drafter: '拟稿', last: '最近办理', untitled: '（无标题）', receiver: '主送其他机关', receiverHint: '不在本系统内的机关名称', caseNumbers: '涉及办件编号', caseNumbersHint: '可以写几个，用空格隔开',
    basis: '依据', body: '正文', practice: '规范做法', due: '反馈期限', copiesTo: '抄送', issuers: '发文机关', attachments: '附件', note: '附注', onePerLine: '一行一个', rung: '督办等级', rungHint: '签发时所列办件升到这一级；一般交办不选',
    draftHint: '只填种类和办件编号即可：标题、正文、主送单位由系统按办件拟好，下一页再修改。', saveDraft: '生成草稿', numbered: (n: number) => `函件 ${n}`, noActs: '目前没有需要您办理的步骤。', text: '文字', version: (n: number) => `第 ${n} 稿`, versions: '历次文稿', steps: '办理过程',
    gotAt: (t: string) => `签收 ${t}`, notGot: '未签收', answeredAt: (t: string) => `反馈 ${t}`, notAnswered: '未反馈', outside: '系统外，由综合办公室登记', nobody: '还没有主送单位', listed: (n: number) => `所列办件 ${n} 件`,
    drafted: (who: string, when: string) => `拟稿：${who} · ${when}`, signedAt: '签发时间', signer: '签发人', outgoing: '发文', incoming: '收文', inSerial: '收文号', inAt: '收文时间', from: '来文单位', fromHint: '系统外的单位写名称，系统内的选下一栏', fromUnit: '来文单位（系统内）', theirSerial: '来文字号',
    answers: '对应发文', answersId: '对应函件编号', enteredBy: '登记人', enter: '登记来文', number: '登记取号', entered: (s: string) => `已登记：${s}`, bookEmpty: '登记簿里还没有内容。', inKinds: { answer: '单位反馈', outside: '外来文件' } as Named, ofCase: '本件函件', noneOfCase: '还没有发过函。',
  },
  ladder: { title: '督办进度', none: '未督办', now: '现在', next: '下一步', warn: (t: string) => `${t} 起显示黄色`, still: '目前没有自动的下一步。', byClock: '时钟', byPerson: '须签发' },
};

export type LoopWords = typeof loopZh;
