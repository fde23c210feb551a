import { describe, expect, it } from 'vitest';
import { distance, dueTime, fullTime, shortTime } from '../src/live/time';
import { fieldKind, fieldsOf, isFilled, sendable } from '../src/parts/fields';
import { en } from '../src/words/en';
import { zh } from '../src/words/zh';

describe('fields of an act', () => {
  it('are exactly its needs, and what the act takes besides', () => {
    expect(fieldsOf('decline', ['reason', 'legal_ground', 'way'])).toEqual(['reason', 'legal_ground', 'way']);
    expect(fieldsOf('assign', ['unit'])).toEqual(['unit', 'category', 'nature', 'urgency', 'higher']);
    expect(fieldsOf('callback_solved', ['words'])).toEqual(['words', 'rating', 'feedback']);
    expect(fieldsOf('sign', [])).toEqual([]);
  });
  it('exist for a need that this page does not know yet', () => {
    expect(fieldKind('something_new')).toBe('line');
  });
  it('do not take blank text for an answer', () => {
    expect(isFilled('  \n')).toBe(false);
    expect(isFilled(undefined)).toBe(false);
    expect(isFilled('已修好')).toBe(true);
  });
  it('send ids and amounts as numbers and words as they were typed', () => {
    expect(sendable('unit', '12')).toBe(12);
    expect(sendable('amount', ' 5 ')).toBe(5);
    expect(sendable('words', ' 第一行\n第二行 ')).toBe('第一行\n第二行');
    expect(sendable('category', '0501')).toBe('0501');
    expect(sendable('until', '2026-12-20')).toBe('2026-12-20');
  });
  it('have a name in both languages', () => {
    for (const need of ['unit', 'reason', 'words', 'evidence', 'legal_ground', 'way', 'receiver', 'target', 'person', 'amount', 'pause_cause', 'until', 'rung', 'category', 'rating', 'higher', 'feedback']) {
      expect(zh.fields[need], need).toBeTruthy();
      expect(en.fields[need], need).toBeTruthy();
    }
  });
});

describe('time on the screen', () => {
  const now = Date.parse('2026-11-21T22:30:00Z'); /* 06:30 of the 22nd in China */
  it('is China time whatever the computer is set to', () => {
    expect(fullTime('2026-11-21T22:24:00Z')).toBe('2026-11-22 06:24');
    expect(shortTime('2026-11-21T16:00:00Z', now)).toBe('00:00');
    expect(shortTime('2026-11-21T15:59:00Z', now)).toBe('11-21 23:59');
    expect(shortTime('2025-12-31T15:59:00Z', now)).toBe('2025-12-31');
  });
  it('names the day with which a limit ends', () => {
    expect(dueTime('2026-11-27T16:00:00Z')).toBe('2026-11-27 24:00');
    expect(dueTime('2026-11-27T09:30:00Z')).toBe('2026-11-27 17:30');
    expect(dueTime(null)).toBe('');
  });
  it('tells what is left and what is over', () => {
    expect(distance('2026-11-23T00:31:00Z', now)).toEqual({ over: false, days: 1, hours: 2, minutes: 1 });
    expect(distance('2026-11-21T22:30:00Z', now)).toEqual({ over: true, days: 0, hours: 0, minutes: 0 });
    expect(distance('2026-11-21T21:15:00Z', now)).toEqual({ over: true, days: 0, hours: 1, minutes: 15 });
  });
});
