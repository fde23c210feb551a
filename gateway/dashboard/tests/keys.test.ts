import { expect, it } from 'vitest';
import { keysShown, pressKey, showKeys } from '../src/parts/keys';

const done: string[] = [];
const hide = showKeys([
  { keys: ['j'], shown: 'j / k', does: () => 'next', repeats: true, run: () => { done.push('j'); } },
  { keys: ['1'], does: () => 'accept', run: () => { done.push('1'); } },
]);

function press(key: string, repeat = false): boolean {
  let taken = false;
  pressKey({ key, repeat, target: null, preventDefault: () => { taken = true; } } as unknown as KeyboardEvent);
  return taken;
}

it('a key that is held down walks on, but acts once', () => {
  for (const repeat of [false, true, true]) for (const key of ['j', '1']) expect(press(key, repeat)).toBe(true);
  expect(done).toEqual(['j', '1', 'j', 'j']);
});
it('what a page has stands in the table while it is shown', () => {
  expect(keysShown().map((k) => [k.shown ?? k.keys.join(), k.does()])).toEqual([['j / k', 'next'], ['1', 'accept']]);
  hide();
  expect([keysShown(), press('1')]).toEqual([[], false]);
});
