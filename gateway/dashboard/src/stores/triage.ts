import { defineStore } from 'pinia';
import { ref } from 'vue';
import { casesApi } from '../api/cases';
import { desksApi } from '../api/desks';
import { sentenceOf } from '../api/http';
import { beforeLeaving } from '../live/leaving';
import { useQueue } from '../live/queue';
import { useWords } from '../words';
import { useNotices } from './notices';

/* How long an acceptance may be taken back before it is sent: an act is for ever. */
export const UNDO_MS = 5000;

export interface Pending { id: number; label: string; until: number }
interface Sending extends Pending { act: string; version: number; input: Record<string, string | number>; timer: ReturnType<typeof setTimeout> }

/* The triage desk: the queue, and what was just decided and can still be taken back. */
export const useTriage = defineStore('triage', () => {
  const queue = useQueue(() => desksApi.triage());
  const words = useWords();
  const notices = useNotices();
  const pending = ref<Sending[]>([]);
  /* The desk is on the screen, so a refusal is read there. */
  let isShown = false;
  /* The last refusal of something that was sent after its window: the case is back in the queue. */
  const failed = ref<{ id: number; sentence: string } | null>(null);

  function later(id: number, act: string, version: number, input: Record<string, string | number>, label: string): void {
    if (pending.value.some((p) => p.id === id)) return;
    failed.value = null;
    const timer = setTimeout(() => void send(id), UNDO_MS);
    pending.value = [...pending.value, { id, act, version, input, label, until: Date.now() + UNDO_MS, timer }];
    queue.leave(id);
  }

  async function open(): Promise<void> {
    isShown = true;
    await queue.open();
  }

  async function send(id: number, isLeaving = false): Promise<void> {
    const one = pending.value.find((p) => p.id === id);
    if (!one) return;
    clearTimeout(one.timer);
    pending.value = pending.value.filter((p) => p !== one);
    try {
      await casesApi.act(id, { act: one.act, version: one.version, ...one.input });
    } catch (e) {
      failed.value = { id, sentence: sentenceOf(e) };
      if (!isShown || isLeaving) notices.say(`${words.value.triage.failed(id)} ${failed.value.sentence}`);
    }
    if (!isLeaving) await queue.load().catch(() => undefined);
    queue.back(id);
  }

  /* The newest first; its case is open again. */
  function undo(): boolean {
    const one = pending.value[pending.value.length - 1];
    if (!one) return false;
    clearTimeout(one.timer);
    pending.value = pending.value.filter((p) => p !== one);
    queue.back(one.id);
    queue.choose(one.id);
    return true;
  }

  /* Whoever leaves has decided: nothing is taken back any more. */
  function sendAll(): Promise<void[]> { return Promise.all(pending.value.map((p) => send(p.id, true))); }
  beforeLeaving(sendAll);

  function close(): void {
    isShown = false;
    void sendAll();
    queue.close();
    failed.value = null;
  }

  return { ...queue, open, pending, failed, later, send, undo, close };
});
