/* What staff read, in Chinese. en.ts must have the same keys: the type below makes the compiler check it.
 * `labels` are empty here because the gateway sends the Chinese names of acts, states and roles itself. */
import { accountZh } from './account.zh';
import { channelsZh } from './channels.zh';
import { findZh } from './find.zh';
import { ratingsZh } from './ratings.zh';
import { plaquesZh } from './plaques.zh';
import { scriptZh } from './script.zh';
import { loopZh } from './loop.zh';
import { enterprisesZh } from './enterprises.zh';
import { filesZh } from './files.zh';
import { publishZh } from './publish.zh';
import { modelsZh } from './models.zh';
import { rulesZh } from './rules.zh';
import { sealZh } from './seal.zh';
import { exportsZh } from './exports.zh';
import { entryZh } from './entry.zh';
import { seeZh } from './see.zh';
import { desksZh } from './desks.zh';
import { peopleZh } from './people.zh';
import { causesZh } from './causes.zh';

export const zh = {
  ...loopZh,
  script: scriptZh,
  ...accountZh,
  ...findZh,
  ...channelsZh,
  ...ratingsZh,
  ...plaquesZh,
  ...enterprisesZh,
  ...filesZh,
  ...publishZh,
  ...modelsZh,
  ...rulesZh,
  ...sealZh,
  ...exportsZh,
  ...entryZh,
  ...seeZh,
  ...desksZh,
  ...peopleZh,
  ...causesZh,
  product: '码上督',
  desk: '监督反馈工作台',
  tagline: '发现 · 督办 · 反馈，件件有着落',
  skip: '跳到正文',
  nav: { cases: '办件', back: '返回列表', keys: '快捷键', print: '打印', printedBy: (who: string, unit: string, at: string) => `${who}${unit ? `（${unit}）` : ''}打印，${at} · 内部资料`, logout: '退出', post: '切换岗位', password: '修改密码', language: 'English' },
  common: { cancel: '取消', close: '关闭', retry: '重试', clear: '清除条件', more: '显示更多', loading: '正在载入…', yes: '是', none: '无', all: '全部', choose: '请选择', save: '保存', kind: '类型', from: '从', to: '到', parts: '分页', paper: '打印（PDF）', newWindow: '（在新窗口打开）', tooMany: (n: number) => `只显示前 ${n} 条，请缩小范围。` },
  door: {
    offline: '连不上服务器，请检查网络；您填写的内容仍保留在页面上。',
    timeout: '服务器长时间没有应答，请稍后重试；您填写的内容仍保留在页面上。',
    unreadable: (status: number) => `服务器的应答无法识别（${status}），请稍后重试。`,
  },
  login: {
    title: '登录', name: '账号', password: '密码', submit: '登录', busy: '正在登录…',
    caps: '大写锁定已打开',
    over: '登录已过期，请重新登录。未提交的文字仍保留。',
    lockedUntil: (time: string) => `${time} 之后可以再试。`,
    help: '忘记密码请联系本单位系统管理员重置。',
    missing: '请填写账号和密码。',
  },
  password: {
    title: '修改密码', forced: '这是一次性密码，请先设置您自己的密码，再开始工作。',
    old: '现在的密码', next: '新密码', repeat: '再输一遍新密码', submit: '保存新密码', hint: '建议用几个不相干的词连成一句，便于记忆，不易猜中。',
    differ: '两次输入的新密码不一致。', same: '新密码不能与现在的相同。', done: '密码已修改。', missing: '请把三栏都填上。',
  },
  live: {
    live: '实时', stale: '已断开', polling: '定时刷新', late: '未更新',
    lateBanner: (time: string) => `有新变化还没有取到，画面停留在 ${time}，系统正在重试…`,
    staleBanner: (time: string) => `连接已断开，数据停留在 ${time}，正在重新连接…`,
    pollingBanner: (time: string) => `实时连接暂不可用，改为每 10 秒刷新，数据截至 ${time}。`,
    connecting: '正在连接…',
    arrived: (n: number) => `新到 ${n} 件办件`,
    up: (n: number) => `上方有 ${n} 件新办件`,
    upMany: '上方有新办件',
  },
  presence: {
    person: (name: string, unit: string) => `${name}（${unit}）`,
    list: (names: string[]) => names.join('、'),
    write: (names: string, n: number) => `${names}${n > 3 ? `等 ${n} 人` : ''}正在答复本件`,
    look: (names: string, n: number) => `${names}${n > 3 ? `等 ${n} 人` : ''}正在查看本件`,
    alsoWriting: (names: string) => `${names}也正在填写本件的办理内容。请先联系，避免重复办理；提交时如办件已变化，会请您再看一遍。`,
  },
  counts: { today: '今日收件', triage: '待派单', held: '暂缓', overdue: '超期', alarms: (n: number) => `${n} 个渠道告警`, accounts: (n: number) => `${n} 项账号申请` },
  list: {
    title: '办件', filters: '筛选', search: '搜索内容或编号', nature: '性质', unit: '承办单位', category: '类别', level: '等级',
    mine: '我经办的', triage: '只看待派单', held: '只看暂缓', overdue: '只看超期', objected: '只看异议待复核',
    number: '编号', deadline: '时限', unitShort: '单位', urgency: '紧急', summary: '群众原话（脱敏）', channel: '渠道', opened: '收件', state: '状态',
    emptyTitle: '还没有办件', emptyHint: '群众扫码、发短信或在现场说的话，收到后会自动出现在这里，不用刷新页面。',
    outsideTitle: '您的岗位不查看办件', outsideHint: '系统管理员维护系统，审计员查阅日志，都不接触群众反映的内容。',
    emptyFilterTitle: '没有符合条件的办件', emptyFilterHint: '可以放宽或清除筛选条件。',
    end: '已显示全部', shown: (n: number) => `已显示 ${n} 件`,
    noSummary: '（没有文字，只有评价）', feedbacks: (n: number) => `并案 ${n} 条`,
    left: '已不符合筛选条件，刷新后不再显示',
    new: '新',
  },
  flags: {
    triage: '待派单', held: '暂缓', confidential: '保密', paused: '挂起', supervised: '督办', return_asked: '申请退回', extension_asked: '申请延期', objected: '异议待复核',
    round: (n: number) => `第 ${n} 轮`,
  },
  tone: { green: '正常', yellow: '临期', red: '超期', none: '无时限', paused: '挂起中' },
  span: {
    left: (days: number, hours: number, minutes: number) => `剩 ${days ? `${days} 天 ${hours} 小时` : hours ? `${hours} 小时 ${minutes} 分` : `${minutes} 分`}`,
    plain: (days: number, hours: number, minutes: number) => (days ? `${days} 天 ${hours} 小时` : hours ? `${hours} 小时 ${minutes} 分` : `${minutes} 分`),
    over: (days: number, hours: number, minutes: number) => `超 ${days ? `${days} 天 ${hours} 小时` : hours ? `${hours} 小时 ${minutes} 分` : `${minutes} 分`}`,
  },
  channels: {
    plaque: '扫码', live: '现场', sms: '短信', web: '网页', phone: '电话', window: '窗口', meeting: '座谈', monitor: '监测员', open311: 'Open311',
    email: '邮件', import: '导入', wechat: '微信公众号',
  } as Record<string, string>,
  natures: {
    rate: '评价', supervise: '监督', report: '举报', complain: '投诉', appeal: '诉求', ask: '询问', suggest: '建议',
  } as Record<string, string>,
  states: {
    discovered: '待受理', assigned: '已交办', handling: '办理中', replied: '已反馈', verifying: '待回访', closed: '销号', declined: '不予受理', merged: '并案',
  } as Record<string, string>,
  levels: {} as Record<string, string>,
  urgencies: {} as Record<string, string>,
  acts: {} as Record<string, string>,
  roles: {} as Record<string, string>,
  actors: { gateway: '系统', router: '自动分派', clock: '时钟', staff: '工作人员', citizen: '群众' } as Record<string, string>,
  case: {
    title: (id: number) => `办件 ${id}`,
    words: '群众原话', wordsHint: '已隐去电话、证件号等个人信息，其余一字未改',
    marks: { burst: '同牌集中', number: '同号多次', same_words: '内容重复', device: '同设备多次', urgent: '超限放行的急件' },
    marksHint: '来件时的流量标记，只供参考，不影响受理。',
    noWords: '没有留下文字。', place: '地点：', point: (at: string, m: number | null) => `坐标 ${at}${m ? `（误差约 ${m} 米）` : ''}`, rating: (n: number) => `评价 ${n} 星`, plaque: (n: string) => `监督牌 ${n}`,
    said: (nature: string) => `群众选择的入口：${nature}`,
    facts: '基本情况', firstUnit: '首接单位', story: '全程回溯', aboutUnit: '被反映单位', plaqueUnit: '挂牌单位', opened: '收件时间', assigned: '交办时间', signed: '签收时间', replied: '反馈时间',
    closed: '销号时间', due: '办理时限', dueLines: '时限怎么算的', round: '轮次', version: '版本',
    because: (unit: string) => `为什么派给${unit}`, wayDraft: '草稿，待人工确认', wayUse: '据此告知群众', becauseNobody: '为什么要人工派单', rulesVersion: (n: number) => `按第 ${n} 版规则分派`, modelVersion: (n: number) => `参考第 ${n} 版模型`, becauseNone: '没有记录分派依据。', confidence: (percent: number) => `把握 ${percent}%`,
    candidates: '备选单位', choose: '选这个', chosen: '当前承办',
    timeline: '办理过程', public: '群众可见', from: (a: string, b: string) => `${a} → ${b}`,
    acts: '可以办理', noActs: '目前没有需要您办理的步骤。', noActsHint: '轮到别人办理时，这里会自动更新。',
    changedTitle: '刚刚被他人更新', changedHint: '您填写的内容还在。请看过变化后再决定是否提交。',
    changedSubmit: '看过了，仍然提交', changedNothing: '内容没有变化，只是版本更新。', changedNotAllowed: '现在已经不能办理这一步了，您填写的文字可以复制后另行使用。',
    changedFact: '事项', changedBefore: '您打开时', changedNow: '现在', changedMine: '您也改了',
    changedImpossible: (field: string) => `“${field}”里原来选的已经不能用，请重新选择。`,
    done: (label: string) => `已办理：${label}`,
    gone: '这个办件已不在您的可见范围内。',
    shortcut: '返回列表可以继续按 j / k 选择。',
  },
  fact: {
    state: '状态', unit: '承办单位', category: '类别', nature: '性质', level: '等级', due_at: '时限', paused: '挂起', rung: '督办', return_asked: '申请退回',
    extension_asked: '申请延期', round: '轮次', triage: '待派单', held: '暂缓', feedbacks: '反馈条数',
  },
  gate: {
    title: '这是保密件', hint: '查看会写入审计日志。请说明为什么要看，例如“核查举报线索”。', reason: '查看理由', submit: '查看', short: '请至少写两个字。',
  },
  form: {
    submit: '确认办理', busy: '正在提交…', required: '必填', optional: '选填', missing: (names: string) => `还缺少：${names}`,
    nothing: '这一步不需要填写内容，确认即可。', danger: '这一步不能撤销，请再看一遍。',
    becomes: (state: string) => `办理后状态：${state}`,
    search: '输入名称、简称或拼写中的一段', noMatch: '没有匹配的项目', more: '自己填写标题、正文、主送等（不填由系统按办件拟好）', wipe: '清空', takeAway: (name: string) => `去掉${name}`,
  },
  fields: {
    unit: '承办单位', category: '类别', nature: '性质应为', urgency: '紧急程度应为', reason: '理由', words: '文字内容', legal_ground: '法律法规依据', evidence: '佐证材料', rung: '督办等级', rating: '群众评价', way: '应当通过的法定途径', receiver: '接收机关',
    charged_minutes: '争议耗时计入', clock: '超时的时限', letter: '函件编号', higher: '上级承办机关', feedback: '回访的是哪一位', target: '主办件编号', person: '知悉人员编号', amount: '延长多少', pause_cause: '挂起事由', until: '截止日期',
  } as Record<string, string>,
  fieldHints: {
    reason: '写给办理各方看的，会记入办理过程。', words: '群众凭回执码可能看到这段文字，请用平实的话，不写他人姓名、电话。',
    nature: '系统判断错了才选；留作学习，办件上仍记群众来时的性质。', urgency: '系统判断错了才选；改成特急按一级时限。', way: '告诉群众该找谁、怎么找，写得让人看得懂。', amount: '特急、紧急件按分钟，其余按工作日；最多与原时限相同。',
    higher: '由上级机关办理的填写机关名称，本单位负责跟踪', legal_ground: '例如：《条例》名称和条款号。', evidence: '写明材料名称、文号或存放处，一行一件。',
  } as Record<string, string>,
  pauseCauses: { supplement: '补正材料', appraisal: '鉴定检测', hearing: '听证' } as Record<string, string>,
  deadlineLine: (line: string) => line,
  becauseLine: (line: string) => line,
  clocks: { accept: '受理时限', sign: '签收时限', handling: '办理时限', review: '审核时限', callback: '回访时限' } as Record<string, string>,
  rungs: { '1': '提醒', '2': '催办', '3': '督办函（黄）', '4': '督办函（红）', '5': '通报', '6': '约谈', '7': '移送' } as Record<string, string>,
  keys: {
    title: '快捷键', help: '显示这张表', back: '返回列表', fold: '收起表单、离开输入框', next: '下一件 / 上一件', open: '打开', search: '搜索', select: '选中 / 取消选中', all: '选中本页全部 / 全部取消', bulk: '批量办理所选',
    accept: '采纳备选单位', undo: '撤回', merge: '并入最相似的一件', apart: '不是同一事项', splitProposed: '按建议拆分', check: '核对一项', column: '左右一栏',
    rate: '满意程度', answer: '回答当前这一问', askBack: '退回上一问', phone: '看电话', solved: '已解决', unsolved: '未解决', attempt: '未接通', refused: '拒绝回访',
  },
  notFound: { title: '没有这个页面', hint: '地址可能写错了。' },
};

export type Words = typeof zh;
