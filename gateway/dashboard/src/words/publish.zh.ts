/* Words of the desk of what units publish. */
type Named = Record<string, string>;

export const publishZh = {
  publish: {
    desk: '公开（晒）', lead: '监督牌页面上的公开内容。写的人和审核的人是两个人；公开的内容不能有个人电话、证件号码和反映人的信息。',
    kinds: { party: '党务', government: '政务', affairs: '事务', service: '服务', answer: '答复选登', figures: '数据' } as Named,
    states: { proposed: '单位报送', written: '等待审核', published: '已公布', refused: '未采用', withdrawn: '已撤回' } as Named,
    steps: { take: '采用并送审', publish: '审核通过并公布', refuse: '不采用', withdraw: '撤回' } as Named,
    done: { take: '已送审', publish: '已公布', refuse: '已标为不采用', withdraw: '已撤回' } as Named,
    waiting: '等待处理', published: '已公布', ended: '未采用和已撤回', none: '还没有公开的内容。', noneWrite: '点右上角“写一条”写好送审，由督查督办组或分管领导审核后公布。', nonePropose: '点右上角“报送一条”，由综合办公室采用并送审。', noneApprove: '综合办公室送审以后，会自动出现在这里等您审核。', allUnits: '全部单位',
    write: '写一条', propose: '报送一条', figuresNew: '统计一个时段', kind: '类别', unit: '单位', title: '标题', words: '内容', answerHint: '答复选登：写清问题和答复，去掉姓名、电话、住址和能认出反映人的情况。', from: '起', to: '止',
    period: (from: string, to: string) => `${from} 至 ${to}`, figuresTitle: (from: string, to: string) => `${from} 至 ${to} 的数据`, figuresWords: '由系统按记录统计；不足 10 件的不保留；举报和保密件不计。', figuresHint: '整段已经结束、至少 28 天、不与已有的重叠。',
    by: (post: string, when: string) => `${post} · ${when}`, approved: (post: string, when: string) => `${post}审核，${when} 公布`, added: '已送审', proposed: '已报送综合办公室',
    seeFigures: '查看各单位数据', figures: '各单位数据', satisfied: '满意', onTime: '按时答复', answered: '已答复', few: '不足 10', of: (n: number, of: number) => `${n} / ${of}`,
  },
};
export type PublishWords = typeof publishZh;
