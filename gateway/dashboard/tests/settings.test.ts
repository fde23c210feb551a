import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { settingsZh } from '../src/words/settings.zh';

describe('the settings in Chinese', () => {
  it('every setting has its sentence', () => {
    const all = [...readFileSync(new URL('../../../docs/settings.md', import.meta.url), 'utf8').matchAll(/^\| `([a-z0-9_]+)` \|/gm)].map((m) => m[1]);
    expect(all.length).toBeGreaterThan(100);
    expect(all.filter((name) => !settingsZh[name])).toEqual([]);
  });
  it('each is a Chinese sentence', () => {
    for (const [name, text] of Object.entries(settingsZh)) expect(text, name).toMatch(/\p{Script=Han}.*。$/u);
  });
});
