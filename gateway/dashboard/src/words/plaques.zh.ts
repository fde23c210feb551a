/* What the desk of plaques says, in Chinese. */
type Named = Record<string, string>;
export const plaquesZh = {
  plaques: {
    title: (n: string) => `监督牌 ${n}`, tabs: { list: '登记册', coverage: '覆盖与告警' }, number: '编号', unit: '单位', window: '窗口', state: '状态', place: '位置', due: '下次巡检', lastScan: '最近扫码', never: '从未', marks: '提醒',
    states: { issued: '制发', active: '在用', retired: '停用', void: '作废' } as Named,
    shows: { never: '从未扫码', due: '到期巡检', trouble: '有问题', alarm: '有告警' } as Named, show: '只看',
    results: { present: '完好', damaged: '损坏', missing: '缺失', covered: '被其他码遮盖', wrong_place: '位置不对' } as Named,
    acts: { issue: '制发', activate: '启用', place: '上墙', inspect: '巡检', report: '单位报损', replace: '换牌', retire: '停用', void: '作废', revoke: '旧码作废' } as Named,
    kinds: { forged: '伪造码', revoked: '已作废的旧码', void: '作废牌被扫', retired: '停用牌仍被扫', far: '异地提交' } as Named,
    isDue: '该巡检了', reported: (what: string) => `单位报告：${what}`, reprint: '要重印', alarm: (n: number) => `告警 ${n}`, found: (what: string) => `巡检：${what}`,
    none: '没有符合条件的监督牌。', issueNew: '制发', issueAll: '补齐所有单位', issueHint: '补齐：为每个还没有牌的单位制发一块。', windows: '窗口', windowsHint: '一行一个窗口，每个窗口一块牌；不填为单位本身制发一块。', why: '原因', whyHint: '记入这块牌的记录。', issuedN: (n: number) => `已制发 ${n} 块`,
    print: '打印', layout: '版式', layouts: { 'a4-1': 'A4 一块', 'a4-2': 'A4 两块', 'a4-4': 'A4 四块', 'a4-6': 'A4 六块', 'a4-9': 'A4 九块', a5: 'A5 单块' } as Named, printAll: '打印本表', plate: '金属牌（SVG 矢量）',
    placeHint: '楼层、墙面、柜台旁，写到别人能找到。', lat: '纬度', lon: '经度', pointWrong: '纬度和经度要一起填，写成小数度，例如 31.2304 和 121.4737；不清楚就都留空。', pointHint: '可选，WGS 84 小数度；用来发现异地提交。', result: '结果', successor: '新牌编号', successorHint: '不填则自动制发一块。', whyNeeded: '理由',
    history: '记录', console: '命令行', by: '办理人', when: '时间', step: '事项', photo: '照片', point: '坐标', key: '编码密钥版本', hung: '上墙', inspected: '最近巡检',
    chart: '每天扫码、进入、提交', scans: '扫码', typed: '输入编号', entries: '进入表单', sent: '提交', day: '日期', week: '周（周一起）', few: '少于 5', weeksHint: '只显示已结束、且不少于 5 次的周，避免认出个人。举报不计数。', noDays: '还没有扫码记录。', daysHint: '只有次数，没有人：不记地址、不用标识。举报不计数。',
    coverage: '覆盖', covered: '已设牌单位', class: '类别', active: '在用的牌', missing: '还没有监督牌的单位', allCovered: '每个应设牌的单位都有监督牌。', funnel: '近 30 天', alarms: '告警', noAlarms: '没有待处理的告警。', count: '次数', since: '首次', seen: '最近', settle: '办结', note: '核查情况', unknown: '无此编号', keys: '编码密钥', withdrawn: '已作废', version: '版本', publicPage: '公开页面',
  },
};
export type PlaqueWords = typeof plaquesZh;
