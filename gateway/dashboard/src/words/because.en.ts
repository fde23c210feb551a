/* Why the router decided as it did, in English. The gateway says and stores it in Chinese, from a fixed set of sentences (core/route_reason.c,
 * proposal.c, intake_item.c); what is none of them stays as it is. Names of units and matters and the words of the tables stay Chinese,
 * as everywhere on the desk. */
const NATURES: Record<string, string> = { 评价: 'a rating', 监督: 'supervision', 举报: 'a report', 投诉: 'a complaint', 诉求: 'an appeal', 询问: 'a question', 建议: 'a suggestion' };
const HEIRS: Record<string, string> = { 并入: 'was merged into', '拆分，暂按主要承接单位': 'was split; for now it goes to the main successor,', '拆分，这类事项归': 'was split; such matters go to' };
const GROUNDS: Record<string, string> = {
  默认承办: 'its usual handler', 监督牌所在单位: 'the unit of the plaque', 正文提到该单位: 'the unit is mentioned', 正文提到的地方归其管辖: 'the place mentioned is in its charge', 正文事项指向该单位: 'the words point to this unit',
  举报回避后承办: 'handles it in place of the unit reported', 相近事项的承办单位: 'handles similar matters',
};
const day = (zh: string) => zh.replace(/^(\d{4})年(\d{1,2})月(\d{1,2})日$/, (_, y: string, m: string, d: string) => `${y}-${m.padStart(2, '0')}-${d.padStart(2, '0')}`);
const quoted = (zh: string) => zh.replace(/”“/g, '”, “');

type Rule = readonly [RegExp, (...m: string[]) => string];
const RULES: readonly Rule[] = [
  [/^登记时指明的单位是(.+)$/, (u) => `The unit named when it was entered is ${u}`],
  [/^监督牌登记在(.+)名下$/, (u) => `The plaque belongs to ${u}`],
  [/^正文出现“(.+?)”，按特急处理$/, (w) => `The words have “${w}”: treated as critical`],
  [/^正文出现“(.+?)”，疑似反映廉洁问题，须先由追责问责组查看$/, (w) => `The words have “${w}”, which may be about integrity: the accountability group looks first`],
  [/^正文出现“(.+?)”，可能属法定途径：(.+)（待人工确认）$/, (w, way) => `The words have “${w}”; a lawful way may apply: ${way} (for a person to confirm)`],
  [/^正文出现“(.+?)”，即(.+)$/, (w, u) => `The words have “${w}”, which is ${u}`],
  [/^“(.+?)”是(.+)的原名称，(.+)起更名$/, (w, u, d) => `“${w}” is the former name of ${u}, renamed on ${day(d)}`],
  [/^原(.+?)已(?:于(\d.*?日))?(并入|拆分，暂按主要承接单位|拆分，这类事项归)(.+)$/, (u, d, how, heir) => `${u} ${HEIRS[how]} ${heir}${d ? ` (${day(d)})` : ''}`],
  [/^村社区不作为承办单位，归(.+)$/, (u) => `Villages and communities handle no cases themselves; it goes to ${u}`],
  [/^正文提到的地方属(.+)$/, (u) => `The place mentioned is in ${u}`],
  [/^((?:“[^”]+”){1,2})属于 (.+)\((\d+)\)，默认由(.+)办理$/, (w, k, code, u) => `${quoted(w)}: ${k} (${code}), usually handled by ${u}`],
  [/^正文没有可辨认的事项，最接近 (.+)\((\d+)\)$/, (k, code) => `No matter is recognised in the words; nearest is ${k} (${code})`],
  [/^学得的模型从((?:“[^”]+”)+)判断更像 (.+)\((\d+)\)$/, (w, k, code) => `From ${quoted(w)} the learnt model takes it for ${k} (${code})`],
  [/^提交时选的是(.+?)，内容更像(.+)$/, (a, b) => `Sent in as ${NATURES[a] ?? a}, it reads more like ${NATURES[b] ?? b}`],
  [/^((?:“[^”]+”)+)属于(.+)；(.+)$/, (w, k, why) => `${quoted(w)}: ${k}; ${GROUNDS[why] ?? why}`],
  [/^用词相近于(.+)；(.+)$/, (k, why) => `Worded much like ${k}; ${GROUNDS[why] ?? why}`],
  [/^举报不得交被举报单位(.+)办理，由(.+)办理$/, (u, by) => `A report is never given to the unit it is about, ${u}; ${by} handles it`],
  [/^内容涉及(.+)自身的服务或作风$/, (u) => `It is about the service or conduct of ${u} itself`],
  [/^把握不足，先由(.+)人工分办$/, (u) => `Not sure enough: a person at ${u} decides`],
  [/^(.+)按特急处理$/, (k) => `${k}: treated as critical`],
  [/^正文既有反映廉洁问题的内容，又有其他事项，建议拆分为两件；拆分前各承办单位均不可见$/, () => 'The words are about integrity and about something else: to be split in two, and seen by no unit before that'],
  [/^类别由登记人选定$/, () => 'The category was chosen by who entered it'],
  [/^按监督牌和正文自动分派$/, () => 'Assigned by plaque and words'],
];

export function becauseLine(line: string): string {
  for (const [form, say] of RULES) {
    const m = form.exec(line);
    if (m) return say(...m.slice(1).map((x) => x ?? ''));
  }
  return line;
}
