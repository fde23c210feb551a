/* Words of pairs, bursts and proposals to put a cause right, in Chinese. */
type Named = Record<string, string>;
export const causesZh = {
  twins: {
    found: '同一事项', likely: '可能同一事项', likelyHint: '换了说法，地点和事项相近，请对照看', place: (s: string) => `同一地点“${s}”`, matter: (s: string) => `同类事项“${s}”`, repeat: '重复来件', repeatHint: '同一人再次反映，不是另一个人', alikeOnly: '文字相近', shared: (s: string) => `都说到“${s}”`, apart: '不是同一事项', apartDone: (id: number) => `已记下：与办件 ${id} 不是同一事项，以后不再提示`, again: '撤销',
  },
  bursts: {
    title: '突发集中反映', none: '目前没有突发集中反映。', about: (n: number) => (n < 1 ? '不到 1' : `约 ${Math.round(n)}`), says: (hours: number, n: number, usual: string) => `${hours} 小时内 ${n} 件，平常${usual} 件`, urgent: (n: number) => `其中紧急 ${n} 件`, most: (n: number) => `最多时 ${n} 件`, mostPeople: (n: number) => `最多时 ${n} 人`, urgentPeople: (n: number) => `其中紧急 ${n} 人`, began: (t: string) => `${t} 开始`, ended: (t: string) => `${t} 平息`,
    window: (name: string) => `“${name}”窗口`, plaque: (n: string) => `监督牌 ${n}`, saysPeople: (hours: number, n: number, usual: string) => `${hours} 小时内 ${n} 人反映，平常${usual} 人`, concerned: (units: string, categories: string) => `涉及单位：${units}；涉及事项：${categories}`, take: '我来处置', note: '处置情况（可不填）', noteHint: '例如：已电话通知该单位值班负责人', taken: (who: string, t: string) => `${who} ${t} 已处置`, all: '全部', look: '查看办件', goingOn: '进行中', earlier: '近 30 天',
  },
  causes: {
    title: '由案到因：整改建议', hint: '同一单位、同一类别或同一窗口反复出现的问题，找到根子一起改', none: '没有符合条件的整改建议。', noneHint: '同类办件达到提示线后，系统会自动提出建议，由统筹协调组决定是否采纳。',
    state: '状态', open: '未办结', what: '问题', unit: '责任单位', cases: '办件', due: '整改期限', check: '复查', found: '提出时间', noDue: '待日历', late: '超期', round: (n: number) => `第 ${n} 轮`, checkFrom: (t: string) => `${t} 起可复查`, matter: '同类事项', window: '同一窗口',
    states: { proposed: '待采纳', refused: '不采纳', accepted: '待整改', rectifying: '整改中', rectified: '待复查', closed: '已销号' } as Named,
    acts: { propose: '系统提出', accept: '采纳', refuse: '不采纳', begin: '开始整改', finish: '整改完成', close: '复查通过，销号', reopen: '退回重改' } as Named,
    ask: {
      accept: '采纳的理由和整改要求', refuse: '不采纳的理由', begin: '整改措施和责任人岗位', finish: '做了什么、怎样防止再发生', close: '复查情况和结论', reopen: '哪里没有改好',
    } as Named,
    evidence: '佐证', evidenceHint: '文件名称和文号、照片编号、验收单等，写明从哪里可以查到', by: (who: string) => who || '系统', evidenceIs: (e: string) => `佐证：${e}`,
    group: (n: number) => `同一事项 ${n} 件`, alone: '其他同类', casesTitle: '涉及办件', casesSay: '只列您有权查看的办件；保密件不在其中，也不计数。', history: '办理经过', since: (n: number) => (n ? `整改完成后又有 ${n} 件同类反映` : '整改完成后没有新的同类反映'), back: '共性问题', done: '已记录', steps: '可以办理', name: (u: string, c: string) => `${u}：${c}`, from: (t: string) => `自 ${t} 起统计`, noCases: '这里没有您可以查看的办件。',
  },
};
export type CausesWords = typeof causesZh;
