/* The desk of people and units, in Chinese. */
export const peopleZh = {
  people: {
    tabs: { people: '人员与岗位', accounts: '账号申请', units: '单位', changes: '单位变更' }, q: '账号或姓名', state: '状态', states: { active: '在用', off: '已停用', locked: '已锁定', one_time: '未改初始密码' } as Record<string, string>,
    add: '新增人员', addHint: '一人一个账号，可任多个岗位。系统、安全、审计三类管理员须分设，不兼其他岗位。提交后须由另一位安全管理员或系统管理员确认，账号才启用。', login: '账号', loginHint: '小写字母开头，可用字母、数字、点和短横。', name: '姓名', unit: '单位', home: '来自单位',
    homeHint: '借调人员填原单位，用于回避；不填同上。', homeMore: '借调人员：来自哪个单位', title: '岗位名称', titleHint: '如“窗口科科员”；不填按角色起名。', role: '角色', role2: '再一个角色', posts: '岗位', lastSignIn: '最近登录', never: '未登录过', me: '本人',
    open: '办理', close: '收起', postAdd: '增加岗位', postEnd: '撤岗', postRoles: '改角色', ended: (t: string) => `${t} 止`, unlock: '解锁', off: '停用账号', on: '启用账号',
    sure: (what: string, who: string) => `${what}：${who}，确定吗？`, done: '已办理', nobody: '没有符合条件的人员。', own: '不能更改本人的账号和权限，请由另一位安全管理员办理。',
    tool: '工具或导入', unitQ: '名称、简称或编码', withGone: '含已撤销', code: '编码', short: '简称', phone: '电话', hours: '办公时间', address: '地址', successor: '承接单位', since: '设立', gone: (d: string, to: string) => `${d} 撤销${to ? `，由${to}承接` : ''}`,
    change: '更名、改联系方式', retire: '撤销并指定承接单位', retireHint: '撤销后不再交办，新来的件转给承接单位；下设窗口和站所须先撤销。', noUnits: '没有符合条件的单位。', parent: '上级', aliases: (a: string) => `又名 ${a}`,
  },
  accounts: {
    lead: '开通账号、重置密码、重置动态验证码、对应统一身份，都能让人登录，所以由两位管理员办理：一位申请，另一位安全管理员或系统管理员七天内确认。一次性密码分成两段，两人各知一段，各自告知本人。本人会收到提醒，可以声明不是其要求；审计员也会收到。',
    kinds: { open: '开通账号', password: '重置密码', factor: '重置动态验证码', oidc: '对应统一身份' } as Record<string, string>, states: { asked: '待确认', done: '已办', refused: '不同意', withdrawn: '已撤回', objected: '本人否认', expired: '已过期' } as Record<string, string>,
    hints: { open: '确认后账号启用，用新的一次性密码登录。', password: '确认后原密码失效、全部登录结束；用一次性密码登录，须先改密码。', factor: '确认后全部登录结束；用密码登录后须先重新设置动态验证码，才能办别的。', oidc: '填身份平台对此人的标识（设置项 oidc_claim），一个标识只对应一人；确认后可用统一身份登录。' } as Record<string, string>,
    ask: '申请', askFor: (what: string) => `申请${what}`, askTitle: (who: string) => `为${who}申请`, kind: '事项', reason: '理由', reasonHint: '如“本人来电，已回拨办公电话核实”；申请前务必核实是本人。', subject: '统一身份标识', asked: '已申请，等待另一位管理员确认', waiting: (what: string) => `待确认：${what}`,
    first: (login: string) => `账号 ${login} 一次性密码的前半段`, second: (login: string) => `账号 ${login} 一次性密码的后半段`, firstHint: '只显示这一次，请当面或电话告知本人。后半段由确认的管理员告知；登录时输入“前半段-后半段”，中间一个短横。', secondHint: '只显示这一次，请当面或电话告知本人，不要告诉申请的管理员。登录时输入“前半段-后半段”，中间一个短横。',
    show: '显示', open: '待确认', all: '全部', what: '事项', who: '申请 / 办理', state: '状态', tool: '命令行', expires: (t: string) => `${t} 前有效`, knows: (t: string) => `本人已知 ${t}`, unknown: '本人还未看到', objected: (t: string) => `本人声明不是其要求 ${t}`, read: '已阅', unread: '审计员未阅',
    steps: { confirm: '确认', refuse: '不同意', withdraw: '撤回', read: '已阅' } as Record<string, string>, sure: (step: string) => `${step}，确定`, sureConfirm: '请先向本人或其单位核实，再确认。', why: '理由（必填）', empty: '没有等待确认的申请。', emptyAll: '还没有账号申请。', noOne: '没有第二位管理员在岗时，由运维人员用命令行 mashangdu user 办理，同样告知本人和审计员。',
    oidc: '统一身份', none: '未对应', oidcOff: '取消对应', factor: '动态验证码', on: '已启用', offState: '未启用',
    told: { asked: (what: string, by: string, t: string) => `${by} 于 ${t} 为您的账号申请“${what}”，等待另一位管理员确认。`, done: (what: string, by: string, t: string) => `您的账号已于 ${t} 办理“${what}”（${by}）。` }, notMe: '不是我要求的', known: '我知道了', notMeSure: '声明不是您要求的？还没确认的会立即作废，已办的会告知审计员。', notMeDone: '已记录，并告知审计员', pair: (a: string, b: string) => `${a} 申请，${b} 确认`,
  },
  postRoles: { title: (post: string) => `调整角色：${post}`, hint: '保存后立即生效：在这个岗位上打开的页面会按新的角色重新载入。', roles: '角色', reason: '理由', reasonHint: '如会议纪要、任免文号。', submit: '保存角色', needRole: '请至少选择一个角色。', needReason: '请写明理由。', more: '起止时间（临时岗位、以后开始的）', begins: '开始', beginsHint: '不填为现在；不能是过去。', ends: '结束', endsHint: '临时顶岗的填；不填则一直有效。' },
  unitChanges: {
    plan: '拟定单位变更', hint: '按北京时间，到生效日自动生效；此前什么都不变，可以撤回、撤销。须由另一人确认。', kind: '变更类型', kinds: { rename: '更名', merge: '合并', split: '拆分' },
    unit: '单位', units: '被撤销的单位', into: '承接单位', intoHint: '已有的单位；新设的在下面“承接单位是新设的”里填写，这里留空。', intoMain: '主要承接单位', intoMainHint: '规则没有列明的都归它。新设的在下面填写，这里留空。',
    name: '新全称', short: '新简称', fresh: '承接单位是新设的', newCode: '新设单位编码', newCodeHint: '如 U150，未用过的。', newName: '新设单位全称', newShort: '新设单位简称',
    on: '生效日', document: '文号', reason: '理由', posts: '人员岗位', postsHint: '看影响时可逐人调整。', postsHow: { move: '随转到承接单位', end: '终止' },
    rules: '拆分规则', rulesHint: '从上到下，先符合的先算；都不符合的归主要承接单位。', by: '按', byHow: { category: '事项分类', place: '地名', plaque: '监督牌', unit: '下属机构' }, value: '编码、地名或编号', to: '归', theNew: (n: string) => `${n}（新设）`,
    valueHow: { category: '如 0302 或 03', place: '如 东湖市场', plaque: '监督牌编号', unit: '下属机构编码' }, ruleAdd: '再加一条', ruleDrop: (n: number) => `去掉第 ${n} 条`,
    look: '查看影响', effect: '生效后的影响', effectCases: (n: number) => `在办件 ${n} 件随转，时限不变`, effectCasesUnseen: '在办件数：您的岗位不看办件', effectPlaques: (n: number) => `在用监督牌 ${n} 块指向承接单位`, effectNames: '名称、别名仍可识别', effectBelow: '下属机构随转', effectCategories: '默认承办的事项改由承接单位', effectWords: (n: number) => `分派规则中指向它的词 ${n} 条随之指向承接单位`, effectPosts: '人员岗位',
    asPlanned: '按上面的选择', submit: '提交，由另一人确认', back: '返回修改', sent: '已提交，等待另一人确认', list: '变更记录', empty: '还没有单位变更。合并、拆分、更名时在这里拟定。', state: '状态',
    states: { proposed: '待确认', confirmed: '已确认，待生效', in_force: '已生效', refused: '不同意', withdrawn: '已撤回', cancelled: '已撤销' }, who: '拟定 / 确认', what: '内容', do: '办理', confirm: '确认', refuse: '不同意', withdraw: '撤回', cancel: '撤销', why: '理由（必填）', sure: '确定', done: '已办理',
    told: { rename: (a: string, b: string) => `${a} 更名为 ${b}`, merge: (a: string, b: string) => `${a} 并入 ${b}`, split: (a: string, b: string, n: number) => `${a} 拆分：${n} 条规则，其余归 ${b}` }, fault: (w: string) => `到期未能生效（${w}），请撤销后重新拟定`, own: '等待另一人确认', needNew: '新设单位的编码、全称、简称都要填写。', needInto: '请选择承接单位，或填写新设单位。', needRules: '请至少填写一条完整的规则。',
  },
};
export type PeopleWords = typeof peopleZh;
