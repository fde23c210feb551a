import { defineStore } from 'pinia';
import { computed, ref } from 'vue';
import { rulesApi, type RuleChange } from '../api/rules';

const keyOf = (c: RuleChange) => (c.of === 'word' ? `word|${c.kind}|${c.word}|${c.value}` : c.of === 'alias' ? `alias|${c.unit}` : `category|${c.code}`);

/* The set of changes somebody works on: kept while they look elsewhere, gone when it is stored or the person leaves. */
export const useRules = defineStore('rules', () => {
  const isOpen = ref(false);
  /* 0: not stored yet. */
  const id = ref(0);
  const note = ref('');
  const changes = ref<RuleChange[]>([]);
  const isDirty = ref(false);
  /* What the trial took last, so that it can be taken again with another set. */
  const text = ref('');
  const nature = ref('');
  const plaque = ref('');

  function begin(): void {
    isOpen.value = true;
    id.value = 0;
    note.value = '';
    changes.value = [];
    isDirty.value = false;
  }
  async function take(draft: number): Promise<void> {
    const d = await rulesApi.draft(draft);
    isOpen.value = true;
    id.value = d.id;
    note.value = d.note;
    changes.value = d.changes;
    isDirty.value = false;
  }
  function put(c: RuleChange): void {
    if (!isOpen.value) begin();
    const at = changes.value.findIndex((x) => keyOf(x) === keyOf(c));
    changes.value = at < 0 ? [c, ...changes.value] : changes.value.map((x, i) => (i === at ? c : x));
    isDirty.value = true;
  }
  function drop(c: RuleChange): void {
    changes.value = changes.value.filter((x) => keyOf(x) !== keyOf(c));
    isDirty.value = true;
  }
  async function save(): Promise<number> {
    const made = id.value ? await rulesApi.write(id.value, note.value, changes.value) : await rulesApi.add(note.value, changes.value);
    await take(made.id); /* as it was judged and brought into shape */
    return made.id;
  }
  function close(): void {
    isOpen.value = false;
    changes.value = [];
    id.value = 0;
    isDirty.value = false;
  }
  function forget(): void {
    close();
    text.value = '';
    nature.value = '';
    plaque.value = '';
  }
  const has = computed(() => new Set(changes.value.map(keyOf)));
  return { isOpen, id, note, changes, isDirty, text, nature, plaque, has, begin, take, put, drop, save, close, forget };
});
export { keyOf };
