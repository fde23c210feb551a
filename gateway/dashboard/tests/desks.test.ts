import { describe, expect, it } from 'vitest';
import type { LetterText } from '../src/api/letters';
import { DESKS, desksOf as desksOfPerson, finderHome, hasRole } from '../src/desks';
import { given, instantOf, linesOf, localNow, numberOf, numbersOf } from '../src/parts/field';
import { nextLine } from '../src/parts/ladder';
import { draftBody, editBody, valuesOf } from '../src/parts/letterFields';
import { en } from '../src/words/en';
import { zh } from '../src/words/zh';

const desksOf = (...roles: string[]) => DESKS.filter((d) => hasRole(roles, d.roles)).map((d) => d.desk);

describe('desks', () => {
  it('are offered to those who can work at them', () => {
    expect(desksOf('callback')).toEqual(['cases', 'entry', 'callbacks', 'letters', 'finders', 'weekly', 'story', 'ratings', 'overview', 'figures', 'rules', 'calendar']);
    expect(desksOf('coordinator')).not.toContain('callbacks');
    expect(desksOf('monitor')).toEqual(['cases', 'finders']);
    expect(desksOf('admin')).toEqual(['plaques', 'overview', 'rules', 'calendar', 'log', 'people', 'channels']);
    expect(desksOf('auditor')).toEqual(['plaques', 'rules', 'calendar', 'log', 'people', 'channels']);
    expect(finderHome(['monitor'])).toBe('monitors');
    expect(finderHome(['registry'])).toBe('meetings');
  });
  it('of reports is for those alone whom the gateway names', () => {
    const has = (roles: string[], reports: boolean) => desksOfPerson({ roles, reports }).some((d) => d.desk === 'reports');
    expect([has(['accountability'], true), has(['handler'], true), has(['handler'], false), has(['admin'], false)]).toEqual([true, true, false, false]);
  });
  it('have a name in both languages', () => {
    for (const { desk } of DESKS) {
      expect(zh.desks[desk]).toBeTruthy();
      expect(en.desks[desk]).toBeTruthy();
    }
  });
});

/* Every name of every list of the catalogue, by path. */
function paths(value: unknown, at = ''): string[] {
  if (Array.isArray(value) || typeof value !== 'object' || value === null) return [at];
  return Object.entries(value).flatMap(([k, v]) => paths(v, `${at}.${k}`));
}

describe('words', () => {
  it('of the desks stand in both languages, name by name', () => {
    /* Names that the gateway sends in Chinese itself need no Chinese here. */
    const fromGateway = /^\.(levels|urgencies|acts|roles|figures\.rates|figures\.formulas)(\.|$)/;
    const of = (w: unknown) => paths(w).filter((p) => !fromGateway.test(p)).sort();
    expect(of(en)).toEqual(of(zh));
  });
});

describe('a form', () => {
  it('sends what was given, trimmed, and nothing blank', () => {
    expect(given({ a: ' x ', b: '  ', c: 'y' }, ['a', 'b'])).toEqual({ a: 'x' });
    expect([numberOf(' 7 '), numberOf(''), numberOf('x')]).toEqual([7, undefined, undefined]);
    expect(linesOf(' 甲\n\n乙 ')).toEqual(['甲', '乙']);
    expect(numbersOf('12、13 12')).toEqual([12, 13]);
  });
  it('takes what is typed for China time, whatever the computer is set to', () => {
    expect(instantOf('2026-03-18T09:30')).toBe('2026-03-18T09:30:00+08:00');
    expect(localNow(Date.parse('2026-03-18T16:05:00Z'))).toBe('2026-03-19T00:05');
  });
});

describe('a letter', () => {
  const text: LetterText = {
    version: 1, at: '', staff: null, title: '关于交办的函', body: '请办理。', basis: '', practice: '', due: '五个工作日内', receiver: '', copies_to: '', note: '',
    issuers: ['区优化办'], attachments: [], units: [3, 4], cases: [11, 12],
  };
  it('as a draft sends only what was filled in', () => {
    expect(draftBody({ cases: '11 12', title: ' ', units: '' })).toEqual({ cases: [11, 12] });
  });
  it('as an edit sends only what differs, also what was taken away', () => {
    const before = valuesOf(text);
    expect(editBody(before, before)).toEqual({});
    expect(editBody({ ...before, title: '关于交办两件的函', due: '', units: '3' }, before)).toEqual({ title: '关于交办两件的函', due: '', units: [3] });
  });
});

describe('the ladder', () => {
  it('takes its next step from the explanation of the deadline', () => {
    expect(nextLine(['交办之日不计入', '下一步：2026-03-20 18:00 催办，由时钟发出'])).toBe('2026-03-20 18:00 催办，由时钟发出');
    expect(nextLine([])).toBe('');
  });
});
