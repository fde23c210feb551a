/* Words of the desk of models. */
type Named = Record<string, string>;

export const modelsZh = {
  models: {
    tab: '模型', lead: '规则之外，分派参考一个学习模型。它只向本办公室自己的处置学习，由另一人看过对比后才启用，随时可以停用。举报和保密件从不用来学习。',
    deciding: (n: number) => (n ? `现行第 ${n} 版模型` : '只按规则分派'), fault: (n: number) => `第 ${n} 版模型读不出来，现在只按规则分派。请恢复从前的一版，或者重新训练。`, notYet: '正在换用，几秒后生效。',
    alone: '自动派出的', hand: '人工派出的', worse: (which: string, wrong: number, judged: number, promised: number) => `${which}：最近 ${judged} 件里有 ${wrong} 件改了单位或类别，明显多于训练时的 ${promised}%。请看下面的偏差，重新训练，或先停用。`,
    fine: (judged: number, wrong: number) => `最近 ${judged} 件已判定，其中 ${wrong} 件改了单位或类别。`, tooFew: '判定的件数还少，不作提醒。',
    list: '模型', none: '还没有模型，只按规则分派。', train: '也可以在服务器上训练：', trainNote: '训练好的模型会列入“模型”，写明由谁提交；提交的人不能自己启用。',
    training: '训练新模型', trainingHint: '在后台进行，不影响收件；一次只能训练一个。完成后作为待启用的模型列入“模型”，与现行的做对比，由另一人启用。', trainingNone: '统筹协调组和综合办公室可以发起训练。', startNote: '说明（给启用的人看，可不填）', start: '开始训练', again: '重新训练', stop: '停止训练', started: '已开始训练', stoppedNow: '已停止',
    phases: { waiting: '正在启动', reading: '正在读取样例', comparing: '正在与现行的对比', learning: '正在学习全部样例', storing: '正在保存' } as Named, running: (who: string, when: string) => `${who} 于 ${when} 发起`, stepOf: (n: number) => `第 ${n} 步，共 4 步`,
    ended: { done: '训练完成', failed: '训练没有完成', stopped: '训练已停止' } as Named, made: (n: number) => `得到第 ${n} 版模型，等待另一人启用。`, stoppedBy: (who: string) => `由 ${who} 停止。`,
    faults: { too_few: '可以留作对比的样例太少，没有保存模型。请等统筹协调组多分办一些，或在设置 training_examples 里配上标注文件。', too_little: '样例太少，学不出模型。请等统筹协调组多分办一些，或在设置 training_examples 里配上标注文件。', examples: '标注文件读不出来，请管理员检查设置 training_examples 和网关日志。', database: '训练时数据库出错，请管理员看网关日志后重试。', unreadable: '新模型写出后读不回来，没有保存。请把网关日志交给维护人员。', not_started: '训练进程没有启动，请管理员看网关日志。', late: '超过设置 training_deadline 的时间，已停止。', died: '训练进程意外结束，可能是内存不够（设置 training_memory），请管理员看网关日志。', lost: '负责训练的网关停了或重启了，训练没有完成，可以重新发起。', rights: '发起的人已不再担任可以提交模型的岗位，没有保存。' } as Named, faultHeld: (n: number) => `能留作对比的只有 ${n} 条。`,
    comma: '、', gone: (n: number, all: number, why: string) => `这一版学过的 ${all} 条样例里，有 ${n} 条后来已不在（${why}）。`, goneWhy: { erased: '依法删除', confidential: '转为保密', split: '已拆分', other: '其他' } as Named, goneSo: '它们的片段仍留在模型里，要到重新训练并启用新模型后才会消失。建议重新训练。', goneNone: (all: number) => `学过的 ${all} 条样例都还在。`,
    version: (n: number) => `第 ${n} 版`, states: { proposed: '等待启用', live: '现行', retired: '已停用', refused: '未同意', withdrawn: '已撤回' } as Named,
    by: (who: string, when: string) => `${who} 提交 · ${when}`, installer: '安装程序', confirmed: (who: string, when: string) => `${who} 启用 · ${when}`, settled: (who: string, when: string) => `${who} · ${when}`, why: '理由', rules: (n: number) => `训练时规则第 ${n} 版`,
    learned: (corrected: number, confirmed: number, closed: number, file: number) => `样例：更正 ${corrected}、照派 ${confirmed}、群众同意办结 ${closed}${file ? `、标注文件 ${file}` : ''}`,
    look: '看对比', hide: '收起对比', matters: (n: number) => `（${n} 件事）`, report: (n: number, matters: string) => `同样的 ${n} 件${matters}，两个都没有学过。`, unfresh: (n: number, matters: string) => `同样的 ${n} 件${matters}，其中一些旧模型学过，所以旧的占便宜。`,
    what: '看什么', old: (n: number) => (n ? `第 ${n} 版` : '只按规则'), fresh: '新模型', change: '差', figures: { category: '类别对', category_top3: '前三个里有对的类别', unit: '单位对', nature: '性质对', urgency: '紧急程度对', both: '类别和单位都对', auto: '自动派出的：派对', hand: '留给人工的：首选对', coverage: '自动派出的占' } as Named,
    share: (right: number, all: number, percent: string) => `${percent}%（${right}/${all}）`, noShare: '—',
    steps: { confirm: '启用', refuse: '不同意', withdraw: '撤回', back: '恢复这一版', off: '停用' } as Named, done: { confirm: '已启用，各网关正在换用', refuse: '已退回', withdraw: '已撤回', back: '已恢复，各网关正在换用', off: '已停用，只按规则分派' } as Named,
    reasonFor: { refuse: '不同意的理由', back: '为什么恢复', off: '为什么停用' } as Named, cancel: '取消', second: '提交的人不能自己启用，请另一位同事（统筹协调组、综合办公室或领导）看过对比后启用。',
    drift: '偏差', byWeek: '按周', byDay: '按日', driftTitle: '系统说的和人决定的', driftPeriod: '最近半年最新的两万件', triage: '留给人工', changed: '改了单位或类别', unit: '改了单位', category: '改了类别', nature: '改了性质', returned: '自动派出又退回', decisions: '件数', judged: '已判定', from: '起', model: '模型', meanSure: '平均把握',
    driftFormula: '“改了”占已判定的件（人工派出、改派、退回、群众同意办结）；“留给人工”占全部件。', driftSays: '数值见表格。', sureTitle: '把握和实际', sureSays: '横轴是当时的把握，纵轴是实际没有改动的占比；越接近越好。', sureSaid: '当时的把握', sureRight: '实际对', sureFormula: '只看已判定的件；少于五件的一档不画。', step: (n: number) => `${n * 10}–${n * 10 + 10}%`,
    totals: '累计', totalNames: { confirmed: '照系统所说', unit: '改了单位', category: '改了类别', nature: '改了性质', urgency: '改了紧急程度', level: '改了等级', returned: '退回后改派' } as Named,
    examples: '最近的更正', examplesHint: '单位看到的脱敏文字；只列您能看到的办件。', onlyChanged: '只看更正', all: '全部', noExamples: '还没有更正。统筹协调组分办、同意退回、改类别以后，这里会有记录。', when: '时间', case: '办件', words: '内容', said: '系统说', decided: '人决定', who: '谁', finder: '群众', more: '再看一些', sure: (n: number) => `把握 ${n}%`,
    kinds: { assigned: '分办', released: '解除暂缓', returned: '退回后改派', recategorised: '改类别', split: '拆分', closed: '群众同意办结' } as Named,
    turns: '换用记录', turn: (was: string, now: string) => `${was} → ${now}`, rulesAlone: '只按规则', noTurns: '还没有换用过。',
  },
};
export type ModelsWords = typeof modelsZh;
