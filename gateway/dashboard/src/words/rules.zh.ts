/* Words of the desks of rules, calendars and the log. */
type Named = Record<string, string>;

export const rulesZh = {
  rules: {
    version: (n: number) => `第 ${n} 版`, inForce: (n: number) => `现行第 ${n} 版`, counts: (words: number, units: number, cats: number) => `${words} 个词 · ${units} 个单位 · ${cats} 个类别`,
    threshold: (n: number) => `把握达到 ${n}% 时自动派单（设置 auto_assign_percent，由系统管理员修改）`, thresholdNever: '从不自动派单（设置 auto_assign_percent，由系统管理员修改）',
    tryTitle: '试一试', tryHint: '写一段群众可能说的话，看会派给谁、为什么。这段话不保存、不进日志。', text: '内容', nature: '性质（群众选择的入口）', natureNone: '没有选', plaque: '监督牌编号', run: '试派', runCases: '用最近 500 件试', running: '正在试…',
    now: '现行规则', withDraft: '加上草案', noDraft: '没有打开的草案，只按现行规则试派。', same: '加上草案后结果一样。', differs: '加上草案后结果不同。', masked: '单位看到的样子', because: '依据', noBecause: '没有命中任何词。',
    unit: '承办单位', category: '类别', level: '等级', urgency: '紧急程度', confidence: '把握', auto: '自动派单', confidential: '保密', opens: '立件', about: '被反映单位', way: '法定途径', no: '否', none: '无',
    casesNone: '最近没有您能看到的非保密办件。', casesDone: (looked: number, n: number) => `看了 ${looked} 件（共 ${n} 件），`, casesDifferent: (n: number) => (n ? `其中 ${n} 件会分得不一样。` : '结果都一样。'), casesTriage: (more: number, less: number) => `改为人工派单 ${more} 件，改为自动派单 ${less} 件。`,
    casesUnfinished: '时间到了，余下的没有看。', caseNumber: '编号', listed: (n: number) => `列出前 ${n} 件。`,
    drafts: '草案', noDrafts: '没有草案。在下面的词、别名、类别里点“改”，就开始一份新的草案。', begin: '新草案', working: '正在编辑的草案', unsaved: '未保存', note: '为什么改', noteHint: '写给确认的人看，也留在历史里。', save: '保存草案', saved: '已保存', noteShort: '请写明为什么改（至少两个字）。',
    empty: '还没有改动。', changes: (n: number) => `${n} 处改动`, discard: '放弃编辑', by: (who: string, when: string) => `${who} · ${when}`, over: (n: number) => `对照第 ${n} 版`, outdated: (n: number) => `写草案以后已有第 ${n} 版。请打开，对照新版看过，保存后再提交。`,
    states: { writing: '起草中', proposed: '等待确认', in_force: '已生效', refused: '未同意', withdrawn: '已撤回' } as Named,
    steps: { write: '打开编辑', propose: '提交确认', confirm: '确认生效', refuse: '不同意', take_back: '收回修改', withdraw: '撤回' } as Named,
    done: { propose: '已提交，等另一人确认', confirm: '已生效', refuse: '已退回', take_back: '已收回', withdraw: '已撤回' } as Named,
    second: '起草的人不能自己确认，请另一位同事（统筹协调组、综合办公室或领导）确认。', why: '不同意的理由', look: '看改动', tryThis: '用它试', tryingThis: '试派时已带上它', settled: (who: string, when: string) => `${who} · ${when}`,
    of: '改什么', was: '原来', becomes: '改成', remove: '去掉', gone: '删除', fresh: '（新增）', undo: (what: string) => `去掉：${what}`,
    browse: '现行规则', tabs: { words: '词', aliases: '单位别名', categories: '类别' } as Named, search: '搜索', kind: '种类', allKinds: '全部种类', value: '指向', word: '词', weight: '权重', total: (n: number) => `共 ${n} 条`, change: '改', takeAway: '删', inDraft: '已在草案里', addWord: '加一个词', add: '加入草案', noRows: '没有符合的条目。', aliases: '别名', aliasesHint: '用顿号或换行隔开', code: '编码', name: '名称',
    wordHint: '多个词同时出现才算时用 & 连接，例如：路灯&不亮。', fit: '请把词、指向和权重（-100 到 100）填好。',
    kinds: { category: '类别', nature: '性质', urgency: '紧急程度', unit: '单位', place: '地名', misconduct: '作风问题', conduct: '作风', negation: '否定', gripe: '不满', praise: '表扬', request: '请求', weak: '常用词（别名）', legalpath: '法定途径', mood: '语气', class: '词组', handler: '由谁办', blank: '空话归类', about: '涉及本单位', desk: '派单台' } as Named,
    history: '历次版本', back: '恢复到这一版', backNote: (n: number) => `恢复到第 ${n} 版`, backDone: '已生成草案，请看过后提交', tool: (who: string) => `导入：${who}`, two: (a: string, b: string) => `${a} 提出，${b} 确认`, first: '最早的一版', noChanges: '不是在这里改的，没有逐条记录。', tryOther: '收起',
  },
  calendar: {
    lead: '哪天上班、哪天放假，时限就按这里数。', hours: (noon: string, close: string, end: string) => `中午 ${noon} 分上下午，${close} 下班，按天的时限到最后一天 ${end === '24:00' ? '24:00' : end}（由系统管理员在设置里修改）`,
    late: (year: number) => `已经是十月以后，${year} 年的日历还没有录入。到期日落在 ${year} 年的时限无法计算，请在国务院公布放假安排后尽快录入。`, years: '年份', next: (year: number) => `录入 ${year} 年`, edit: '修改这一年', version: (n: number) => `第 ${n} 版`, versions: '历次版本',
    working: (n: number) => `${n} 个工作日`, off: (n: number) => `放假 ${n} 天`, makeup: (n: number) => `调休上班 ${n} 天`, source: '文号', sourceHint: '例如：国办发明电〔2026〕8号', note: '说明', none: '未写', entered: (who: string, when: string) => `${who} · ${when}`, two: (a: string, b: string) => `${a} 提出，${b} 确认`,
    marks: { holiday: '休', workday: '班' } as Named, legend: { work: '上班', weekend: '周末', holiday: '放假', workday: '调休上班' } as Named, months: ['一月', '二月', '三月', '四月', '五月', '六月', '七月', '八月', '九月', '十月', '十一月', '十二月'], week: ['一', '二', '三', '四', '五', '六', '日'],
    editing: (year: number) => `正在录入 ${year} 年`, editHint: '点日期切换：平常 → 放假 →（周末）调休上班 → 平常。先写节日名称，再点日期。', dayName: '节日名称', csv: '导入 CSV', csvHint: '列：date,kind,name；kind 是 holiday 或 workday。', csvWrong: (lines: string) => `第 ${lines} 行看不懂，没有导入。`, csvNone: '文件里没有这一年的日子。', csvDone: (n: number) => `已读入 ${n} 天，请核对。`,
    preview: '看会影响哪些时限', previewing: '正在计算…', propose: '提交确认', proposed: '已提交，等另一人确认', discard: '放弃', needPreview: '提交前请先看影响。', sourceShort: '请写明文号或来源（至少两个字）。',
    effect: '影响', differs: '与现行日历没有不同。', gets: (n: number) => `${n} 件因为没有日历还没有时限，生效后会自动补上。`, stays: (n: number) => `${n} 件正在走的时限不动；按新日历重新数会是另一天。`, stayHint: '已在走的时限按当时的日历算，不因修改日历而变动。需要时可对单件办理延期。', nothing: '没有受影响的时限。', looked: (n: number) => `看了 ${n} 件在办件。`, notWhole: '在办件太多，只看了最先到期的一部分。', first: '先列 50 件。',
    caseNumber: '编号', old: '现在', would: '按新日历', moves: '变动', movesYes: '补上时限', movesNo: '不动', days: (now: number | null, then: number) => (now === null ? `这一年将有 ${then} 个工作日。` : `工作日 ${now} → ${then}。`),
    drafts: '等待确认和近期的草案', noDrafts: '没有草案。', look: '看这份草案', confirm: '确认生效', refuse: '不同意', withdraw: '撤回', why: '不同意的理由', second: '录入的人不能自己确认，请另一位同事确认。',
    states: { proposed: '等待确认', in_force: '已生效', refused: '未同意', withdrawn: '已撤回' } as Named, done: { confirm: '已生效', refuse: '已退回', withdraw: '已撤回' } as Named, changedDay: '与现行不同', showing: (year: number) => `下面显示的是草案里的 ${year} 年`,
  },
  log: {
    tabs: { log: '日志', settings: '设置' } as Named, lead: '谁在什么时候做了什么。只能看，不能改；写下的理由里如有电话、证件号会自动遮住。', looksLead: '您看到的是查看保密件的记录和理由。',
    who: '谁（账号或姓名）', action: '做了什么', allActions: '全部操作', caseNumber: '办件编号', looks: '只看查看保密件', search: '查', none: '没有符合条件的记录。', when: '时间', detail: '详情', nobody: '系统', id: (n: number) => `记录 ${n}`, caseOf: (n: number) => `办件 ${n}`,
    counts: '最近 30 天', countsRange: '所选时段', chain: '记录的完整性', head: (n: number) => `公开总账已签到第 ${n} 条`, noHead: '公开总账还没有签过名。', behind: (n: number) => (n ? `之后还有 ${n} 个事件等待写入。` : '没有等待写入的。'), root: '树根', verifiedYes: (n: number, when: string) => `${when} 核对全部 ${n} 条，没有断裂。`, verifiedNo: (when: string) => `${when} 核对时发现断裂，请立即通知系统管理员。`,
    verifiedNever: '还没有核对过，请系统管理员运行 mashangdu verify。', fields: { way: '方式', kind: '种类', plan: '方案', change: '变更', document: '文件', roles: '岗位角色', on: '生效日', reason: '理由', case: '办件', draft: '草案', version: '版本', year: '年份', channel: '渠道', event: '事件', lang: '语言', login: '账号', message: '消息', ids: '编号', why: '原因', tool: '命令行', publication: '公开内容', plaque: '监督牌', letter: '函件', rows: '行数', person: '人员', post: '岗位', role: '角色', unit: '单位', before: '原来', after: '改成', unbroken: '完整', acts: '动作', cases: '办件数', name: '名称', list: '列表', request: '申请', asked_by: '申请人', given: '给予', staff: '人员', had: '原有', one_time: '一次性' } as Named,
  },
  settings: {
    lead: '正在生效的设置，只读。修改在服务器的配置文件、环境变量或启动参数里。', name: '名称', value: '值', origin: '来自', unit: '单位', fallback: '默认', search: '搜索名称或说明', changed: '只看改过的', secret: '（密，不显示）', unset: '（空）', reloads: '改后发 SIGHUP 即生效', none: '没有符合的设置。',
    origins: { default: '默认', file: '配置文件', environment: '环境变量', 'command line': '启动参数' } as Named,
    units: { text: '文字', number: '数', 'ms|s|m|h|d': '时长', 'bytes|k|m': '大小', 'yes|no': '是否', 'HH:MM': '时刻' } as Named, range: (min: string, max: string) => `${min} 至 ${max}`,
  },
};
export type RulesWords = typeof rulesZh;
