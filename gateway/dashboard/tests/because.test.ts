import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { becauseLine } from '../src/words/because.en';

const source = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');
const chinese = /[\u3400-\u9fff]/;
/* A literal as C joins it. */
const joined = (call: string) => [...call.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((m) => m[1]);

/* Every sentence that the router can make, with letters where words of the tables stand. */
function sentences(): string[] {
  const c = source('core/route_reason.c');
  const forms = [...c.matchAll(/because\(w,([^;]*?)(?:, STR_ARG|, nature_chinese|, how|\);)/g)].flatMap((m) => joined(m[1]));
  const grounds = joined(/why_unit\([\s\S]*?\n\}/.exec(c)![0]);
  const heirs = joined(/const char \*how = [^;]*;/.exec(c)![0]);
  const fixed = [...`${source('proposal.c')}${source('intake_item.c')}`.matchAll(/because\[[^\]]*\] = STR\("([^"]+)"\)|STR\("(按监督牌[^"]+)"\)/g)].map((m) => m[1] ?? m[2]);
  const plain = forms.filter((f) => chinese.test(f) && !f.startsWith('原')).map((f) => f.replace('%.*s(%.*s)', 'K(0503)').replace('从%.*s判断', '从“A”“B”判断').replace(/%(\.\*)?s/g, 'A'));
  return [
    ...plain, ...fixed, ...heirs.flatMap((how) => [`原A已${how}B`, `原A已于2024年3月1日${how}B`]),
    ...grounds.flatMap((why) => [`“A”“B”属于K；${why}`, `用词相近于K；${why}`]),
  ];
}

describe('why it was decided so, in English', () => {
  it('has every sentence that the gateway can make', () => {
    const all = sentences();
    expect(all.length).toBeGreaterThan(38);
    expect(all.filter((line) => chinese.test(becauseLine(line)))).toEqual([]);
  });
  it.each([
    ['监督牌登记在区市场监督管理局名下', 'The plaque belongs to 区市场监督管理局'],
    ['“路灯”“不亮”属于 市政设施(0503)，默认由区城市管理局办理', '“路灯”, “不亮”: 市政设施 (0503), usually handled by 区城市管理局'],
    ['“路灯”属于 市政设施(0503)，默认由区城市管理局办理', '“路灯”: 市政设施 (0503), usually handled by 区城市管理局'],
    ['“路灯”属于市政设施；正文提到该单位', '“路灯”: 市政设施; the unit is mentioned'],
    ['原老城办已于2024年3月1日拆分，这类事项归新城街道办', '老城办 was split; such matters go to 新城街道办 (2024-03-01)'],
    ['提交时选的是询问，内容更像举报', 'Sent in as a question, it reads more like a report'],
    ['正文出现“塌方”，按特急处理', 'The words have “塌方”: treated as critical'],
  ])('%s', (zh, en) => expect(becauseLine(zh)).toBe(en));
  it('leaves a sentence that it does not know as it is', () => expect(becauseLine('别的话')).toBe('别的话'));
});
