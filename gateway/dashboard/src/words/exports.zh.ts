/* Words of taking lists out as files. */
type Named = Record<string, string>;
export const exportsZh = {
  exports: {
    button: '导出', hint: '内容与当前筛选的列表相同；文件里写有您的姓名、岗位、时间和导出编号，并记入日志。', hintWhole: '导出整份列表，不受页面上搜索的影响；文件里写有您的姓名、岗位、时间和导出编号，并记入日志。', csv: 'CSV', xlsx: 'Excel', busy: '正在生成文件…',
    as: (list: string, form: string) => `${list}，${form} 文件`, done: (name: string) => `已导出 ${name}，已记入日志`,
    names: { cases: '办件', callbacks: '回访', figures: '指标', overview: '总览', 'overview-rates': '比率', 'overview-words': '高频词', ratings: '评价', 'rating-figures': '评价统计', letters: '函件', 'letter-register': '收发文登记簿', meetings: '政企交流', meeting: '会议问题', board: '问题台账', inspections: '督查巡查', inspection: '巡查问题', 'inspection-totals': '巡查统计', monitors: '监测员名册', 'monitor-returns': '监测员报送', weekly: '周报', causes: '整改建议', bursts: '突发集中反映', plaques: '监督牌', 'plaque-coverage': '监督牌覆盖', 'plaque-alarms': '监督牌告警', enterprises: '企业', visits: '入企上门', policies: '惠企政策', publications: '公开内容', outbox: '待发箱', 'channel-log': '渠道日志', audit: '审计日志', people: '人员与岗位', 'account-requests': '账号申请', 'desk-triage': '派单台', 'desk-inbox': '待办', 'desk-review': '审核', 'desk-board': '督办看板', units: '单位名录', 'unit-changes': '单位变更', wordings: '短信用语', channels: '渠道', settings: '系统配置', windows: '窗口', screens: '大屏', rules: '规则版本', 'rule-words': '规则词表', 'rule-aliases': '单位别名', 'rule-categories': '类别', models: '学习模型', 'model-drift': '偏差', 'model-examples': '更正', calendar: '工作日历', 'calendar-year': '日历的一年', 'audit-counts': '日志统计' } as Named,
  },
};
export type ExportsWords = typeof exportsZh;
