import { describe, expect, it } from 'vitest';
import { deadlineLine } from '../src/words/deadline.en';

describe('how a deadline came about, in English', () => {
  it.each([
    ['计时自 2026-11-23 00:58 受理交办 起', 'Counted from 2026-11-23 00:58: it was assigned'],
    ['规则：L4级，办理时限15个工作日', 'Rule: level L4, to handle: 15 working days'],
    ['规则：L3级，签收时限半个工作日', 'Rule: level L3, to sign for: half a working day'],
    ['规则：L1级，办理时限2小时（第2轮办理，时限减半）', 'Rule: level L1, to handle: 2 h (round 2: half the time)'],
    ['起算：2026-11-23 00:58，当日不计，从下一个工作日起算', 'From 2026-11-23 00:58; that day does not count, the next working day is the first'],
    ['第1个工作日 2026-11-24（周二）', 'Working day 1: 2026-11-24 (Tue)'],
    ['第4个工作日 2026-02-14（周六）调休上班', 'Working day 4: 2026-02-14 (Sat), make-up day'],
    ['跳过 2026-11-28（周六）周末休息', 'Not counted: 2026-11-28 (Sat), weekend'],
    ['到期：2026-12-14 24:00', 'Due 2026-12-14 24:00'],
    ['按2026年工作日历第1版、2027年工作日历第2版', 'By the calendar of 2026, version 1; 2027, version 2'],
    ['时限用去四分之三：2026-12-09 06:00，此后显示黄色', 'Three quarters are gone at 2026-12-09 06:00: yellow from then on'],
    ['下一步：2026-12-14 24:00 催办，由时钟发出', '2026-12-14 24:00: urging, sent by the clock'],
    ['2026-12-14 24:00 督办函（黄），由时钟拟办，由督查督办组签发', '2026-12-14 24:00: supervision letter (yellow), prepared by the clock, signed by the supervision group'],
  ])('%s', (zh, en) => expect(deadlineLine(zh)).toBe(en));
  it('leaves a sentence that it does not know as it is', () => expect(deadlineLine('别的话')).toBe('别的话'));
});
