/* What the overview and the screens of halls say, in Chinese. */
type Named = Record<string, string>;
export const seeZh = {
  see: {
    tabs: { overview: '态势', screens: '大屏' }, table: '表格', nothing: '这段时间没有数据。', sum: '合计', yours: '只统计您有权查看的办件，点开数字即是清单',
    period: (a: string, b: string, unit: string) => `${a === b ? a : `${a} 至 ${b}`}${unit ? ` · ${unit}` : ''}`, now: (unit: string) => `此刻在办${unit ? ` · ${unit}` : ''}`,
    last: (n: number) => (n === 1 ? '今天' : n === 365 ? '近一年' : `近 ${n} 天`), steps: { hour: '时', day: '日', week: '周（周一起）', month: '月' } as Named, by: { day: '按日', week: '按周', month: '按月' } as Named, course: '走势间隔',
    received: '收件', closed: '已销号', closedOf: '其中已销号', notClosed: '未销号', openNow: '此刻在办', median: '办理用时中位数', p90: '九成不超过', medianFormula: '办理用时＝最近一次反馈时间 − 首次交办时间，按反馈时间归入期间；自然时间，含夜间、节假日和挂起。',
    inflow: '收件量（按渠道）', inflowSays: '各渠道逐段堆叠，详见表格。', natures: '按性质', units: '按承办单位', categories: '按类别', rowSays: '条形分为已销号和未销号，点条形打开清单。', others: (n: number) => `其他 ${n} 项`,
    words: '事项词云', word: '词', category: '类别', people: '人数', times: '次数', wordSays: '字越大人越多，词表见表格。', peopleN: (n: number) => `${n} 人`, wordHint: (n: number) => `词来自路由词表，不是群众原话；每个词至少 ${n} 个不同的人反映过，保密件和举报不计。`, noWords: (n: number) => `还没有哪个词有 ${n} 个以上的人反映过。`,
    rates: '各率走势', rateSays: (n: number) => `每条线一个率，样本少于 ${n} 的点不画。`, few: (a: number, n: number) => `样本不足（${a}/${n}）`,
    clocks: '时限', byAge: '在办件按件龄', byLevel: '在办件按等级', byUnit: '在办件按单位', standSays: '条形分为超期、临期、期内、未计时。', stands: { over: '超期', near: '临期（已过四分之三）', within: '期内', none: '未计时' } as Named,
    ages: ['1 天内', '1 至 3 天', '3 至 7 天', '7 至 15 天', '15 至 30 天', '30 天以上'], handling: '办理用时',
    places: '单位与乡镇', placesHint: '颜色看在办件时限，点开是该单位的在办件', otherUnits: '其他', unitsN: (n: number) => `${n} 个`, tile: (a: number, n: number) => `收 ${a} · 在办 ${n}`, overN: (n: number) => `超期 ${n}`, nearN: (n: number) => `临期 ${n}`, allWithin: '都在期内', idleN: (n: number) => `另有 ${n} 个单位没有在办件（数字是期间收件）`,
    picture: '时间轴', pictureSays: (a: string, b: string) => `从 ${a} 到 ${b}，每个动作一个点；粗条是办理，斜纹是挂起，竖线是时限。`, due: '时限', nowMark: '现在', pausedSpan: '挂起', waitSpan: '等待签收', workSpan: '办理', reviewSpan: '审核和回访',
    screenName: '名称', screenNameHint: '挂在哪里，如“政务大厅一楼”', pair: '生成配对码', code: '配对码', codeHint: (at: string, until: string) => `在大屏的浏览器打开 ${at} 并输入这 8 位数字，${until} 前有效，只能用一次。`, slides: '轮播内容', seconds: '每页秒数', seen: '最近在线', pairedAt: '配对于', away: '离线', revoke: '解除配对', revoked: '已解除', openScreen: '打开大屏页面', noScreens: '还没有大屏。填写名称生成配对码，在大屏上输入即可。',
    slideNames: { today: '今日与收件', rates: '各率', units: '单位榜', words: '词云', open: '公开与排行', speak: '怎样反映' } as Named,
    hall: {
      pairTitle: '配对这块大屏', pairHint: '请分管领导、综合办公室或系统管理员在工作台“态势 → 大屏”生成 8 位配对码。', pairLabel: '配对码', pairButton: '配对', connecting: '正在连接…', stale: (t: string) => `数据截至 ${t}`, offline: '连不上服务器，会自动重试。',
      days30: '近 30 天', todayTitle: '今日', received_today: '今日收件', closed_today: '今日销号', open_all: '在办', late_all: '超期', daily: '每日收件', channels: '渠道', categories: '反映集中的领域', rates: '办理质量', unitsTitle: '各单位办理', received: '收件', open: '在办', few: '少于 5', hidden: '数字小于 5 或可推算出的不显示', noRate: '样本不足', tones: { red: '有较多超期', yellow: '有临期', green: '正常' } as Named,
      words: '大家在说什么', wordHint: '每个词至少 5 个人反映过', noWords: '近 30 天还没有集中的话题', open_: '公开答复', ranking: '群众满意率（公开数据）', nothingOpen: '还没有公开的答复', speak: '有话请扫码说', steps: ['扫监督牌上的码，或扫右边的码', '写下您遇到的事，可匿名，可附照片', '记下 16 位回执码，随时查进度', '办结后您说了算：没解决就重办'], phone: '电话', noApp: '不用下载，不用注册', today: '今天', to: '至', satisfied: '满意', rated: '评价',
    },
  },
};
export type SeeWords = typeof seeZh;
