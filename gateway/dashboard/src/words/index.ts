/* The language in force. Chinese is compiled in; English is fetched when somebody asks for it. */
import { computed, shallowRef } from 'vue';
import { doorLanguage } from '../api/http';
import { zh, type Words } from './zh';

export type Language = 'zh' | 'en';
const KEPT = 'msd.language';

const current = shallowRef<Words>(zh);
export const language = shallowRef<Language>('zh');

export function useWords() {
  return computed(() => current.value);
}

export async function setLanguage(to: Language): Promise<void> {
  current.value = to === 'en' ? (await import('./en')).en : zh;
  language.value = to;
  document.documentElement.lang = to === 'en' ? 'en' : 'zh-CN';
  doorLanguage(to === 'en' ? 'en' : 'zh-CN', current.value.door);
  try {
    localStorage.setItem(KEPT, to);
  } catch {
    /* storage may be switched off; the choice then lasts for the visit */
  }
}

export async function startLanguage(): Promise<void> {
  let kept: string | null = null;
  try {
    kept = localStorage.getItem(KEPT);
  } catch {
    kept = null;
  }
  await setLanguage(kept === 'en' ? 'en' : 'zh');
}
