/* Who is asked about the open case, in all rounds. One fetch for the panel and for the forms of the callback acts. */
import { computed, shallowRef } from 'vue';
import { callbacksApi, type Callback } from '../api/callbacks';
import { fullTime } from '../live/time';
import { useWords } from '../words';
import { bracketed } from '../words/signs';

const tasks = shallowRef<Callback[]>([]);
let asked = 0;
let generation = 0;

export async function loadReporters(id: number): Promise<void> {
  const mine = ++generation;
  if (asked !== id) tasks.value = [];
  asked = id;
  const got = await callbacksApi.list({ case: id });
  if (mine === generation) tasks.value = got.callbacks;
}
export function forgetReporters(): void {
  generation++;
  tasks.value = [];
}

export function useReporters() {
  const words = useWords();
  const due = computed(() => tasks.value.filter((t) => t.state === 'due'));
  /* Reporters have no names here: the order of their words, the channel and the time tell them apart. */
  const order = computed(() => [...new Set(tasks.value.map((t) => t.feedback))].sort((a, b) => a - b));
  const name = (t: Callback) => `${words.value.callbacks.reporter(order.value.indexOf(t.feedback) + 1)}${bracketed(`${words.value.channels[t.channel] ?? t.channel} ${fullTime(t.received_at)}`)}`;
  return { tasks, due, name };
}
