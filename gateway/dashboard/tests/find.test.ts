import { describe, expect, it } from 'vitest';
import { bulkActs, bulkFields } from '../src/parts/bulk';
import { hits, termsOf } from '../src/live/hits';
import type { ActRule } from '../src/api/types';

describe('found words', () => {
  it('are read in half width and small letters', () => {
    expect(termsOf('  ＡＢＣ公司　电梯 ')).toEqual(['abc公司', '电梯']);
  });
  it('are marked where they stand, the first of two that overlap', () => {
    expect(hits('门口路灯坏了路灯', ['路灯'])).toEqual([{ text: '门口', isHit: false }, { text: '路灯', isHit: true }, { text: '坏了', isHit: false }, { text: '路灯', isHit: true }]);
    expect(hits('路灯坏了', ['灯坏', '路灯坏']).map((p) => p.text)).toEqual(['路灯坏', '了']);
    expect(hits('没有', ['路灯', ''])).toEqual([{ text: '没有', isHit: false }]);
    expect(hits('', ['路灯'])).toEqual([]);
  });
});

describe('acts on several cases', () => {
  const rules = [{ act: 'assign', roles: ['coordinator'] }, { act: 'merge', roles: ['coordinator'] }, { act: 'reply', roles: ['handler'] }, { act: 'sign', roles: ['handler'] }] as ActRule[];
  it('are those of the own posts that make sense together', () => {
    expect(bulkActs(rules, ['coordinator'])).toEqual(['assign', 'merge']);
    expect(bulkActs(rules, ['handler'])).toEqual(['sign']);
    expect(bulkActs(rules, ['leader'])).toEqual([]);
  });
  it('ask for what they need, and take what is welcome', () => {
    expect(bulkFields('assign', ['unit'])).toEqual([{ name: 'unit', needed: true }, { name: 'category', needed: false }, { name: 'reason', needed: false }]);
    expect(bulkFields('sign', [])).toEqual([]);
  });
});
