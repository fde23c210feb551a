/* Words of the desk of enterprises: visits to them, and policies for them. */
type Named = Record<string, string>;

export const enterprisesZh = {
  enterprises: {
    desk: '企业', tabs: { enterprises: '入企上门', policies: '惠企政策' } as Named,
    lead: '进企业先登记、到场扫企业码、走时登记结果；检查编号留给企业，由企业评一次。全区每家企业当月被上门几次，这里一起算。',
    month: '月份', name: '企业', class: '类型', plaque: '企业码', inspections: '检查', services: '服务', units: '来过的单位', planned: '已约', none: '还没有登记企业。',
    enter: '登记上门', kind: '性质', kinds: { inspection: '入企检查', service: '上门服务' } as Named, subject: '事项', basis: '法律依据', basisHint: '入企检查必须写明依据的法律条文。', day: '日期',
    visits: '上门记录', noVisits: '还没有上门记录。', states: { asked: '企业预约', planned: '已约定', arrived: '已到场', done: '已完成', cancelled: '已取消' } as Named,
    steps: { planned: '约定日期', arrived: '到场扫码', done: '登记结果', cancelled: '取消上门' } as Named,
    code: '企业码上的编号', codeHint: '到场后扫企业码，或照着输入编号。', result: '结果', reason: '原因', unit: '单位', unknown: '待交办', booking: '企业预约的办件', times: (a: string, b: string) => `到场 ${a}${b ? `，完成 ${b}` : ''}`,
    rated: (n: number) => `企业评价：${n} 星`, unrated: '企业还没有评价', entered: '已登记', taken: '已登记这一步',
    number: '请把检查编号留给企业（只显示这一次）', link: '也可以让企业直接打开这个链接评价', noWindow: '本单位没有在用的监督牌，这次不能评价。', close: '已交给企业', understood: '知道了',
  },
  policies: {
    lead: '写清给谁、给什么、到哪天、找谁。写的人不能自己发布；过期的自动不再显示。', write: '写一条政策', title: '名称', source: '发布单位', serial: '文号', words: '能享受什么、怎么办', target: '适用对象', targetHint: '给哪些企业',
    from: '生效日', to: '失效日', toHint: '不填就是长期有效。', unit: '咨询单位', none: '还没有政策。', noneWrite: '点右上角“写一条政策”；写好后由另一位同事发布。', over: '已过期',
    targets: { all: '全部', large: '规模以上企业', small: '小微企业', individual: '个体工商户', start_up: '初创企业', farm: '农业经营主体' } as Named,
    states: { written: '等待发布', published: '已发布', refused: '未发布', withdrawn: '已撤下' } as Named, steps: { published: '发布', refused: '不发布', withdrawn: '撤下' } as Named,
    added: '已保存，等另一位同事发布', done: '已处理', valid: (a: string, b: string) => (b ? `${a} 至 ${b}` : `${a} 起`),
  },
};
export type EnterpriseWords = typeof enterprisesZh;
