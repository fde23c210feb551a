import { describe, expect, it } from 'vitest';
import { homeOf } from '../src/desks';
import { nextOf, stepOf } from '../src/live/queue';
import { desksEn } from '../src/words/desks.en';
import { desksZh } from '../src/words/desks.zh';

const rows = (...ids: number[]) => ids.map((id) => ({ id }));

describe('a queue that is worked down', () => {
  it('goes on to the one below, at the end to the one above, and knows when it is empty', () => {
    expect(nextOf(rows(1, 2, 3), 2)).toBe(3);
    expect(nextOf(rows(1, 2, 3), 3)).toBe(2);
    expect(nextOf(rows(7), 7)).toBe(0);
    expect(nextOf(rows(4, 5), 9)).toBe(4); /* somebody else took it meanwhile */
    expect(nextOf([], 1)).toBe(0);
  });
  it('steps and stays at the ends', () => {
    expect(stepOf(rows(1, 2, 3), 1, 1)).toBe(2);
    expect(stepOf(rows(1, 2, 3), 3, 1)).toBe(3);
    expect(stepOf(rows(1, 2, 3), 1, -1)).toBe(1);
    expect(stepOf(rows(1, 2, 3), 0, 1)).toBe(1);
    expect(stepOf([], 0, 1)).toBe(0);
  });
});

describe('where a day begins', () => {
  const home = (...roles: string[]) => homeOf({ roles, reports: false });
  it('is the desk of the post', () => {
    expect(home('coordinator')).toBe('triage');
    expect(home('handler')).toBe('inbox');
    expect(home('unit_leader')).toBe('inbox');
    expect(home('supervisor')).toBe('supervision');
    expect(home('callback')).toBe('callbacks');
    expect(home('admin')).toBe('channels');
    expect(home('registry')).toBe('cases');
    expect(home()).toBe('lost');
  });
  it('has the usual reasons of the same acts in both languages', () => {
    expect(Object.keys(desksEn.ready.reasons)).toEqual(Object.keys(desksZh.ready.reasons));
    expect(desksEn.review.checks.length).toBe(desksZh.review.checks.length);
  });
});
