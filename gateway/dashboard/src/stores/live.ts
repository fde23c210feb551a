import { defineStore } from 'pinia';
import { computed, ref, shallowRef } from 'vue';
import { casesApi } from '../api/cases';
import type { LiveEvent } from '../api/types';
import { Again, type AgainHost, type AgainPace, type AgainWork } from '../live/again';
import { leave } from '../live/leaving';
import { LiveLine, type LiveMode, type SocketLike } from '../live/socket';
import type { Someone } from './presence';
import { useSession } from './session';

const TICK_MS = 10_000;
/* After a lost stretch a whole office asks for everything. */
const RELOAD_SPREAD_MS = 1000;

const clock: AgainHost = {
  now: () => Date.now(),
  after: (ms, then) => {
    const timer = setTimeout(then, ms);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
};

export interface LiveReader {
  event(event: LiveEvent): void;
  /* Events were missed: what is shown is fetched anew, and again until it is there. Absent: this reader fetches nothing. */
  reload?(): void;
  /* The line is up (again): what the gateway is to know of this page must be said. */
  hello?(): void;
  presence?(of: number, who: Someone[]): void;
}

function browserSocket(ws: WebSocket): SocketLike {
  const socket: SocketLike = {
    send: (text) => { if (ws.readyState === WebSocket.OPEN) ws.send(text); },
    close: (code) => ws.close(code),
    onmessage: null,
    onclose: null,
  };
  ws.onmessage = (e) => socket.onmessage?.({ data: e.data });
  ws.onclose = (e) => socket.onclose?.({ code: e.code });
  return socket;
}

/* The one live line of the page, shared by whatever desk is open. */
export const useLive = defineStore('live', () => {
  const mode = ref<LiveMode>('stale');
  const isStarted = ref(false);
  /* Has there been any contact yet? Before that the banner would be a false alarm. */
  const hasSettled = ref(false);
  const heardAt = ref(Date.now());
  const readers = new Set<LiveReader>();

  /* Since when something that is known to have changed could not be fetched; null: the screen is as of now. */
  const lates = shallowRef<ReadonlyMap<symbol, number>>(new Map());
  const lateSince = computed(() => (lates.value.size ? Math.min(...lates.value.values()) : null));
  /* What the header may say: a line that is up does not make old numbers new. */
  const shown = computed(() => (mode.value === 'live' && lateSince.value !== null ? 'late' : mode.value));

  /* For whatever shows something that changes: asks as it should, and says here what it still owes. */
  function asks<T>(work: Omit<AgainWork<T>, 'late'>, pace?: AgainPace): Again<T> {
    const who = Symbol();
    return new Again<T>(clock, {
      ...work,
      late: (since) => {
        const now = new Map(lates.value);
        if (since === null) now.delete(who);
        else now.set(who, since);
        lates.value = now;
      },
    }, pace);
  }

  /* The number is taken before anything is fetched: what happens in between comes as an event again, and a reader that gets no answer
   * keeps asking by itself, so none of them holds up the others. */
  const sequence = asks<number>({
    ask: async () => (await casesApi.counts()).seq,
    take: (seq) => {
      line.resubscribe(seq);
      for (const r of readers) r.reload?.();
    },
  }, { every: 0, spread: RELOAD_SPREAD_MS });

  const line = new LiveLine(
    {
      open: (protocol) => {
        const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:';
        return browserSocket(new WebSocket(`${scheme}//${location.host}/ws/dashboard`, protocol));
      },
      ...clock,
    },
    {
      mode: (m) => { mode.value = m; hasSettled.value = true; },
      event: (e) => { for (const r of readers) r.event(e); },
      hello: () => { for (const r of readers) r.hello?.(); },
      presence: (of, who) => { for (const r of readers) r.presence?.(of, who as Someone[]); },
      reload: () => sequence.anew(),
      poll: async () => (await casesApi.counts()).seq,
      over: () => { stop(); useSession().drop(true); },
      moved: () => {
        stop();
        /* What was decided is sent, what was typed is kept (App.vue), then the page begins anew. */
        void leave().finally(() => location.reload());
      },
      heard: (at) => { heardAt.value = at; },
    },
  );

  const hurry = () => line.hurry();
  const seen = () => { if (document.visibilityState === 'visible') line.hurry(); };
  /* A computer that slept: timers stood still, the line may be dead and look open. */
  let ticked = Date.now();
  let ticking: ReturnType<typeof setInterval> | undefined;
  function tick(): void {
    const slept = Date.now() - ticked > 3 * TICK_MS;
    ticked = Date.now();
    if (slept) line.hurry();
  }

  function start(seq: number): void {
    if (isStarted.value) return;
    isStarted.value = true;
    hasSettled.value = false;
    heardAt.value = Date.now();
    window.addEventListener('online', hurry);
    document.addEventListener('visibilitychange', seen);
    window.addEventListener('pageshow', hurry);
    ticked = Date.now();
    ticking = setInterval(tick, TICK_MS);
    line.start(seq);
  }

  function stop(): void {
    isStarted.value = false;
    mode.value = 'stale';
    window.removeEventListener('online', hurry);
    document.removeEventListener('visibilitychange', seen);
    window.removeEventListener('pageshow', hurry);
    clearInterval(ticking);
    line.stop();
    sequence.stop();
  }

  /* The answer ends the reading. */
  function read(reader: LiveReader): () => void {
    readers.add(reader);
    return () => { readers.delete(reader); };
  }

  return { mode, shown, lateSince, isStarted, hasSettled, heardAt, asks, start, stop, read, tell: (frame: object) => line.tell(frame) };
});
