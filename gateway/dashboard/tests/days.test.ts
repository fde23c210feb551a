import { describe, expect, it } from 'vitest';
import { rolled } from '../src/live/days';

describe('a range that ended today', () => {
  it('goes on with the days at its length', () => {
    expect(rolled('2026-02-01', '2026-03-02', '2026-03-02', '2026-03-03')).toEqual({ from: '2026-02-02', to: '2026-03-03' });
    expect(rolled('2025-12-31', '2025-12-31', '2025-12-31', '2026-01-02')).toEqual({ from: '2026-01-02', to: '2026-01-02' });
  });
  it('from the first of the month stays there, and begins anew with a month', () => {
    expect(rolled('2026-03-01', '2026-03-30', '2026-03-30', '2026-03-31')).toEqual({ from: '2026-03-01', to: '2026-03-31' });
    expect(rolled('2026-03-01', '2026-03-31', '2026-03-31', '2026-04-01')).toEqual({ from: '2026-04-01', to: '2026-04-01' });
  });
  it('is left alone when it ended before, and while the day lasts', () => {
    expect(rolled('2026-02-01', '2026-02-28', '2026-03-02', '2026-03-03')).toBeNull();
    expect(rolled('2026-02-01', '2026-03-02', '2026-03-02', '2026-03-02')).toBeNull();
  });
});
