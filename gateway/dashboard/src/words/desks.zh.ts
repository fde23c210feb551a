/* Words of the desks that the loop is worked at: triage, inbox, review, board; and of 拆分. */
type Named = Record<string, string>;

export const desksZh = {
  queue: {
    groups: '按事项筛选', whole: '打开整页',
    names: {
      waiting: '待派单', urgent: '特急跟进', held: '暂缓', returns: '申请退回', extensions: '申请延期', pauses: '申请挂起', objections: '异议', sign: '待签收', hand: '办理中', back: '退回重办',
      endorse: '待审签', asked: '已申请', sent: '已上报', paused: '挂起', review: '待审核', red: '超期', yellow: '临期', green: '正常',
    } as Named,
  },
  triage: {
    hint: '最急的在最前；采纳后五秒内可以撤回', queue: '待分办', empty: '没有等待分办的事项', emptyHint: '新的反映、单位的申请和异议会自动出现在这里。',
    accept: '采纳', similar: '可能是同一件事', noSimilar: '没有找到同一事项或相似的件。', alike: (n: number) => `相似 ${n}%`, merge: '并入这件', mergeReason: '与该件反映同一事项，并案办理',
    given: (unit: string) => `派给${unit}`, merged: (id: number) => `并入办件 ${id}`, pending: (id: number, what: string) => `办件 ${id}：${what}`, left: (n: number) => `${n} 秒后提交`, undo: '撤回',
    failed: (id: number) => `办件 ${id} 没有提交成功，已放回队列。`, look: '去看看', keys: '快捷键：J / K 上下，1 2 3 采纳备选单位，Z 撤回，M 并入最相似的一件，N 不是同一事项，S 按建议拆分，X 拆分。',
  },
  proposal: {
    title: '建议拆成两件', hint: '拆分前只有统筹协调组和追责问责组可见；原话一字不改', rest: '留下的事项', report: '拆出的举报（只有追责问责组能看到）', accept: '按此拆分', change: '修改后再拆', given: '按建议拆成两件',
  },
  split: {
    title: '拆分成两件', hint: '原话一字不改；两件各有自己的摘录、单位和时限', source: '原话（脱敏）', mark: '用鼠标或 Shift+方向键选中属于另一件事的文字，再按下面的按钮；两份摘录都可以再改。',
    take: '选中的文字拆出去', markFirst: '请先在原话里选中要拆出去的文字。', byRouter: '不填由系统按摘录判断', submit: '确认拆分',
    fields: { nature: '拆出部分的性质', words: '拆出部分摘录', rest: '留下部分摘录', reason: '拆分理由' } as Named,
    report: '举报部分只有追责问责组能看到，您拆分后也看不到；承办其余部分的单位看不到举报的任何一个字。请确认“留下部分摘录”里没有举报内容。',
    extract: '本件内容（摘录）', extractHint: '由分办人员从群众原话中摘出，已脱敏', extractWhole: '群众原话在下面，一字未改', other: '同一来件的另一件：', why: '拆分理由：',
  },
  inbox: {
    hint: '先签收，再办理；快到期的在最前', queue: '本单位收件', empty: '目前没有需要办理的事项', emptyHint: '交办给本单位的事项会自动出现在这里，不用刷新。', sign: '签收', signHint: '签收后开始办理，办理时限从交办时算起。',
    told: '最近的申请和答复', keys: '快捷键：J / K 上下，S 签收，R 反馈，C 询问群众，Y 申请延期，B 申请退回，P 申请挂起，E 审签，N 记录。',
  },
  review: {
    hint: '逐项核对后通过，或写明理由退回', queue: '待审核', empty: '没有等待审核的答复', emptyHint: '单位负责人审签后的答复会自动出现在这里。', answer: '单位的答复', before: '以前的答复', evidence: (n: number) => `佐证材料 ${n} 件`,
    checklist: '审核要点', checks: ['逐条回应了群众反映的问题', '有佐证材料，能证明已经办理', '没有透露他人信息和内部信息', '语言平实，群众看得懂', '承诺的事项写明了期限'], tickFirst: '请先逐项核对；有一项不符合的，请退回。',
    keys: '快捷键：J / K 上下，1–5 核对，A 通过，B 退回。',
  },
  supervision: {
    unit: '全部单位', byColour: '按颜色', byRung: '按等级', none: '没有', more: (n: number) => `还有 ${n} 件未列出`, letters: (n: number) => `待拟、待核、待签的函件 ${n} 件`, owed: (rung: string) => `应发${rung}`,
    next: { overdue: '超时提醒', resume: '恢复计时' } as Named, keys: '快捷键：J / K 上下一件，H / L 左右一栏，Enter 打开。',
  },
  ready: {
    title: '常用理由',
    reasons: {
      return_ask: ['不属于本单位职责。', '属于其他单位职责，建议改派。', '与本单位正在办理的事项重复。'],
      extend_ask: ['情况复杂，需现场核实。', '需与其他单位会商。', '需采购材料或安排施工。'],
      pause_ask: ['等待群众补正材料。', '等待鉴定、检测结果。', '需依法组织听证。'],
      extend_grant: ['情况属实，同意延期。'], extend_refuse: ['理由不充分，请按期办结。'],
      return_grant: ['不属该单位职责，同意退回。'], return_refuse: ['属该单位职责，请继续办理。'],
      pause_grant: ['情况属实，同意挂起。'], pause_refuse: ['不符合挂起条件。'],
      send_back: ['没有逐条回应群众反映的问题。', '缺少佐证材料。', '只有计划，没有办理结果。', '语言生硬，群众难以看懂。', '含有不宜公开的信息。'],
      decline: ['不属于受理范围。'],
    } as Record<string, readonly string[]>,
  },
};

export type DesksWords = typeof desksZh;
