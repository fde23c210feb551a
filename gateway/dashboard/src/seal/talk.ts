/* One case's sealed messages, opened: what a page shows, and the keys of the messages for their files, which it wipes. */
import { onScopeDispose, shallowRef } from 'vue';
import { sealApi, type SealedMessage, type SealedTalk } from '../api/seal';
import { openEnvelope, openMessage, SealFault, wipe, type Bytes, type Message, type Pair } from './crypto';

/* One message as it is shown: opened, or the fault that kept it shut ('none': no envelope for a key that is held). */
export interface Line { id: string; feedback: string; at: string; author: SealedMessage['author']; staff: string | null; message: Message | null; fault: 'none' | SealFault['fault'] | '' }

export function openLine(m: SealedMessage, pairOfKey: (id: number) => Pair | null): { line: Line; key: Bytes | null } {
  const line: Line = { id: m.id, feedback: m.feedback, at: m.at, author: m.author, staff: m.staff, message: null, fault: 'none' };
  for (const e of m.envelopes) {
    const pair = pairOfKey(e.key_id);
    if (!pair) continue;
    let key: Bytes | null = null;
    try {
      key = openEnvelope(e.sealed, pair);
      line.message = openMessage(m.body, key);
      line.fault = '';
      return { line, key };
    } catch (fault) {
      wipe(key);
      if (!(fault instanceof SealFault)) throw fault;
      line.fault = fault.fault;
    }
  }
  return { line, key: null };
}

export function useTalk(pairOfKey: (id: number) => Pair | null) {
  const talk = shallowRef<SealedTalk | null>(null);
  const lines = shallowRef<Line[]>([]);
  const keys = new Map<string, Bytes>();
  let generation = 0;

  function shut(): void {
    generation++;
    for (const key of keys.values()) wipe(key);
    keys.clear();
    lines.value = [];
    talk.value = null;
  }
  async function open(id: number, reason: string): Promise<void> {
    const mine = ++generation;
    const got = await sealApi.open(id, reason);
    if (mine !== generation) return;
    show(got);
  }
  /* Also when a key came in meanwhile: what did not open may open now. */
  function show(got: SealedTalk): void {
    const opened = got.messages.map((m) => openLine(m, pairOfKey));
    for (const key of keys.values()) wipe(key);
    keys.clear();
    for (const o of opened) if (o.key) keys.set(o.line.id, o.key);
    talk.value = got;
    lines.value = opened.map((o) => o.line);
  }
  onScopeDispose(shut);
  return { talk, lines, open, show, shut, keyOf: (id: string): Bytes | null => keys.get(id) ?? null };
}
