/* How a deadline came about, in English. The gateway says it in Chinese, line by line, from a fixed set of sentences (core/workdays.c, core/deadline.c, core/clockrun.c,
 * staff_deadline.c); what is none of them stays as it is. */
const CLOCKS: Record<string, string> = { 受理: 'to accept', 签收: 'to sign for', 办理: 'to handle', 审核: 'to review', 回访: 'to call back' };
const KINDS: Record<string, string> = { 工作日: 'a working day', 调休上班: 'make-up day', 周末休息: 'weekend', 法定节假日放假: 'public holiday' };
const ACTS: Record<string, string> = {
  登记: 'it was received', 受理交办: 'it was assigned', 签收: 'it was signed for', 反馈: 'the answer', 负责人审签: 'the unit leader endorsed', 审核通过: 'it was approved', 退回重报: 'it was sent back', 同意退回: 'the return was granted', 重新办理: 'it was reopened', 回访未解决: 'a callback: not solved', 群众反映未解决: 'the citizen said: not solved', 提醒: 'reminder', 催办: 'urging',
  超时提醒: 'overdue reminder', 通报: 'bulletin', 约谈: 'talk', 移送: 'handing over', '督办函（黄）': 'supervision letter (yellow)', '督办函（红）': 'supervision letter (red)',
};
const DAYS: Record<string, string> = { 一: 'Mon', 二: 'Tue', 三: 'Wed', 四: 'Thu', 五: 'Fri', 六: 'Sat', 日: 'Sun' };
const SIGNERS: Record<string, string> = { 督查督办组: 'the supervision group', 追责问责组: 'the accountability group', 统筹协调组: 'the coordinating group' };

const act = (zh: string) => ACTS[zh] ?? zh;
const limit = (zh: string) => zh.replace(/^半个工作日/, 'half a working day').replace(/^(\d+)个?工作日/, (_, n: string) => (n === '1' ? '1 working day' : `${n} working days`)).replace(/^(\d+)小时/, '$1 h').replace(/^(\d+)分钟/, '$1 min').replace(/^(\d+)[个]?(自然日|日|天)/, '$1 days');
const days = (t: string) => t.replace(/（周(.)）/g, (_, d: string) => ` (${DAYS[d] ?? d})`);

type Rule = readonly [RegExp, (...m: string[]) => string];
const RULES: readonly Rule[] = [
  [/^计时自 (.+?) (\S+) 起$/, (at, a) => `Counted from ${at}: ${act(a)}`],
  [/^规则：L(\d)级，(.+?)时限(.+?)(?:（第(\d+)轮办理，时限减半）)?$/, (l, c, n, round) => `Rule: level L${l}, ${CLOCKS[c] ?? c}: ${limit(n)}${round ? ` (round ${round}: half the time)` : ''}`],
  [/^起算：(.+?)，当日不计，从下一个工作日起算$/, (at) => `From ${at}; that day does not count, the next working day is the first`],
  [/^起算：(.+?)，工作日上午，当日下班前到期$/, (at) => `From ${at}, the morning of a working day: due at the close of that day`],
  [/^起算：(.+?)，工作日下午，下一个工作日中午到期$/, (at) => `From ${at}, the afternoon of a working day: due at noon of the next one`],
  [/^起算：(.+?)，非工作时间，视同下一个工作日上班时，当日下班前到期$/, (at) => `From ${at}, out of hours: as at the opening of the next working day, due at its close`],
  [/^起算：(.+?)，当日不计，从次日起算（民法典第二百零一条）$/, (at) => `From ${at}; that day does not count (Civil Code, art. 201)`],
  [/^起算：(.+?)，按钟点连续计算，夜间和休息日不停$/, (at) => `From ${at}, by the hour, nights and days off included`],
  [/^第(\d+)个工作日 (.+?（周.）)(.*)$/, (n, d, kind) => `Working day ${n}: ${days(d)}${kind.trim() ? `, ${KINDS[kind.trim()] ?? kind.trim()}` : ''}`],
  [/^跳过 (.+?（周.）)\s*(.*)$/, (d, kind) => `Not counted: ${days(d)}, ${KINDS[kind] ?? kind}`],
  [/^期间最后一日 (.+)$/, (d) => `Last day of the term: ${days(d)}`],
  [/^到期：(.+?)，休假日顺延（民法典第二百零三条）$/, (at) => `Due ${at}, moved past days off (Civil Code, art. 203)`],
  [/^到期：(.+)$/, (at) => `Due ${at}`],
  [/^按((?:\d+年工作日历第\d+版、?)+)$/, (all) => `By the calendar of ${all.split('、').map((v) => v.replace(/^(\d+)年工作日历第(\d+)版$/, '$1, version $2')).join('; ')}`],
  [/^无法计算：(\d+)年的工作日历尚未载入$/, (y) => `Cannot be counted: the calendar of ${y} is not there yet`],
  [/^请系统管理员导入(\d+)年工作日历（(.+?)），导入后自动补算$/, (y, cmd) => `Please have the calendar of ${y} imported (${cmd}); it is counted by itself then`],
  [/^登记在案的到期时间为 (.+?)（按当时的设置和日历计算；按现在的推算为 (.+?)）$/, (a, b) => `On record it is due ${a} (by the settings and calendar of its time; by those of today ${b})`],
  [/^时限用去四分之三：(.+?)，此后显示黄色$/, (at) => `Three quarters are gone at ${at}: yellow from then on`],
  [/^停计：自 (.+?) 起暂停计时$/, (at) => `Stopped since ${at}`],
  [/^(?:下一步：)?(\S+ \S+) 挂起期满，由时钟恢复办理$/, (at) => `${at}: the pause ends and the clock resumes it`],
  [/^(?:下一步：)?(\S+ \S+) (.+?)，由时钟拟办，由(.+?)签发$/, (at, a, who) => `${at}: ${act(a)}, prepared by the clock, signed by ${SIGNERS[who] ?? who}`],
  [/^(?:下一步：)?(\S+ \S+) (.+?)，由时钟发出$/, (at, a) => `${at}: ${act(a)}, sent by the clock`],
];

export function deadlineLine(line: string): string {
  for (const [form, say] of RULES) {
    const m = form.exec(line);
    if (m) return say(...m.slice(1).map((x) => x ?? ''));
  }
  return line;
}
