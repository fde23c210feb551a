/* The signs between words, in the reader's language: an English sentence has no full-width colon, comma or bracket. Read where something is drawn, so that it follows the switch. */
import { language } from './index';

const isChinese = () => language.value === 'zh';
export const colon = () => (isChinese() ? '：' : ': ');
export const comma = () => (isChinese() ? '、' : ', ');
export const semicolon = () => (isChinese() ? '；' : '; ');
export const bracketed = (text: string | number) => (isChinese() ? `（${text}）` : ` (${text})`);
