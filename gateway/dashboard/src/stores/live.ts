import { defineStore } from 'pinia';
import { ref } from 'vue';
import { casesApi } from '../api/cases';
import type { LiveEvent } from '../api/types';
import { LiveLine, type LiveMode, type SocketLike } from '../live/socket';
import { useSession } from './session';

export interface LiveReader {
  event(event: LiveEvent): void;
  /* Fetch anew; resolves with the sequence number of what was fetched. */
  reload(): Promise<number>;
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

  async function reload(): Promise<void> {
    const seqs = await Promise.allSettled([...readers].map((r) => r.reload()));
    const done = seqs.filter((s): s is PromiseFulfilledResult<number> => s.status === 'fulfilled').map((s) => s.value);
    /* The oldest fetch counts: a repeat is harmless, a gap is not. A failed fetch is left to the next poll or ping. */
    if (done.length && done.length === seqs.length) line.resubscribe(Math.min(...done));
    else if (!seqs.length) line.resubscribe((await casesApi.counts()).seq);
    else setTimeout(() => { if (isStarted.value) void reload(); }, 5000);
  }

  const line = new LiveLine(
    {
      open: (protocol) => {
        const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:';
        return browserSocket(new WebSocket(`${scheme}//${location.host}/ws/dashboard`, protocol));
      },
      now: () => Date.now(),
      after: (ms, then) => {
        const timer = setTimeout(then, ms);
        return () => clearTimeout(timer);
      },
      random: () => Math.random(),
    },
    {
      mode: (m) => { mode.value = m; hasSettled.value = true; },
      event: (e) => { for (const r of readers) r.event(e); },
      reload: () => { void reload().catch(() => undefined); },
      poll: async () => (await casesApi.counts()).seq,
      over: () => { stop(); useSession().drop(true); },
      heard: (at) => { heardAt.value = at; },
    },
  );

  const hurry = () => line.hurry();
  const seen = () => { if (document.visibilityState === 'visible') line.hurry(); };

  function start(seq: number): void {
    if (isStarted.value) return;
    isStarted.value = true;
    hasSettled.value = false;
    heardAt.value = Date.now();
    window.addEventListener('online', hurry);
    document.addEventListener('visibilitychange', seen);
    line.start(seq);
  }

  function stop(): void {
    isStarted.value = false;
    mode.value = 'stale';
    window.removeEventListener('online', hurry);
    document.removeEventListener('visibilitychange', seen);
    line.stop();
  }

  /* The answer ends the reading. */
  function read(reader: LiveReader): () => void {
    readers.add(reader);
    return () => { readers.delete(reader); };
  }

  return { mode, isStarted, hasSettled, heardAt, start, stop, read };
});
