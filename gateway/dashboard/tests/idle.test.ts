import { createPinia, setActivePinia } from 'pinia';
import { describe, expect, it } from 'vitest';
import type { Session } from '../src/api/types';
import { Attended } from '../src/live/attended';
import { idleState, mustKeep, secondsLeft, warnOf } from '../src/live/idle';
import { useSession } from '../src/stores/session';

const MIN = 60_000;
const t = { idle: 30 * MIN, endsAt: 12 * 60 * MIN };

describe('the end of a session, seen from the page', () => {
  it('asks two minutes before the idle end, and is over at it', () => {
    expect(idleState(27 * MIN, 0, t)).toBe('here');
    expect(idleState(28 * MIN, 0, t)).toBe('asked');
    expect(secondsLeft(28 * MIN, 0, t)).toBe(120);
    expect(idleState(30 * MIN - 1, 0, t)).toBe('asked');
    expect(idleState(30 * MIN, 0, t)).toBe('over');
    expect(secondsLeft(31 * MIN, 0, t)).toBe(0);
    expect(idleState(31 * MIN, 5 * MIN, t)).toBe('here');
  });
  it('says five minutes before that it ends in any case', () => {
    expect(idleState(t.endsAt - 6 * MIN, t.endsAt - 7 * MIN, t)).toBe('here');
    expect(idleState(t.endsAt - 5 * MIN, t.endsAt - 7 * MIN, t)).toBe('ending');
    expect(idleState(t.endsAt, t.endsAt - 1, t)).toBe('over');
  });
  it('asks within a short limit for a third of it only', () => {
    expect(warnOf(MIN)).toBe(20_000);
    expect(idleState(39_999, 0, { ...t, idle: MIN })).toBe('here');
    expect(idleState(40_000, 0, { ...t, idle: MIN })).toBe('asked');
  });
  it('keeps the session of who works without asking anything, and not of who is away', () => {
    const told = { at: 0, touchedAt: 0 };
    expect(mustKeep(10 * MIN, 9 * MIN, told, t)).toBe(true);
    expect(mustKeep(10 * MIN, 0, { at: 1, touchedAt: 0 }, t)).toBe(false);
    expect(mustKeep(3 * MIN, 2 * MIN, told, t)).toBe(false);
    expect(mustKeep(20_000, 10_000, told, { ...t, idle: MIN })).toBe(true);
  });
  it('says at once that somebody is back when the gateway would end the session', () => {
    /* Asked at 28, told then of a touch at 0; answered a minute later, and that was not heard. */
    expect(mustKeep(29 * MIN, 29 * MIN, { at: 28 * MIN, touchedAt: 0 }, t)).toBe(true);
    expect(mustKeep(29 * MIN, 29 * MIN, { at: 28 * MIN, touchedAt: 27 * MIN }, t)).toBe(false);
    expect(mustKeep(29 * MIN, 0, { at: 28 * MIN, touchedAt: 0 }, t)).toBe(false);
  });
});

describe('when a person was there last', () => {
  function windows() {
    const browser = { now: 100 * MIN, kept: 0 };
    const open = (isOpened = true) => new Attended({ now: () => browser.now, read: () => browser.kept, write: (at) => { browser.kept = at; } }, isOpened);
    return { browser, open };
  }
  it('is told in whole seconds, whichever window it was', () => {
    const { browser, open } = windows();
    const [here, there] = [open(), open()];
    browser.now += 90_400;
    expect([here.secondsAgo(), there.secondsAgo()]).toEqual([90, 90]);
    there.touch();
    browser.now += 3000;
    expect(here.secondsAgo()).toBe(3);
    expect(here.touchedAt()).toBe(browser.now - 3000);
    browser.now += 30 * 24 * 60 * MIN;
    expect(here.secondsAgo()).toBe(86_400);
  });
  it('is nobody while a question stands unanswered, and whoever answers it', () => {
    const { browser, open } = windows();
    const here = open();
    browser.now += 28 * MIN;
    here.hold();
    here.touch();
    expect(here.secondsAgo()).toBe(28 * 60);
    here.answer();
    expect(here.secondsAgo()).toBe(0);
  });
  it('is not now because a page has loaded itself anew', () => {
    const { browser, open } = windows();
    open();
    browser.now += 5 * MIN;
    expect(open(false).secondsAgo()).toBe(300);
    expect(open(true).secondsAgo()).toBe(0);
    browser.kept = browser.now + MIN; /* a clock that was set back */
    expect(open(false).secondsAgo()).toBe(0);
  });
});

describe('a session that has ended', () => {
  it('is told as ended by itself, however many answers say so', () => {
    setActivePinia(createPinia());
    const session = useSession();
    session.session = {} as Session;
    session.drop(true);
    session.drop(true);
    expect(session.isOver).toBe(true);
    session.drop(false);
    expect(session.isOver).toBe(false);
  });
});
