/* The door of a screen in a hall: it knows no session and no person. Its secret lies in a cookie that this page cannot read. */
export type Slide = 'today' | 'rates' | 'units' | 'words' | 'open' | 'speak';
/* null: not told, because it is small or could be worked out. */
export type Told = number | null;
export interface Shown {
  screen: number; name: string; seconds: number; slides: Slide[]; at: string; from: string; to: string;
  today: Record<'received_today' | 'closed_today' | 'open_all' | 'late_all', Told>;
  days: { day: string; n: Told }[]; channels: { channel: string; n: Told }[]; categories: { name: string; n: number }[];
  units: { unit: string; class: string; received: Told; open: Told; tone: 'red' | 'yellow' | 'green' }[];
  rates: { rate: string; label: string; numerator: number; n: number; text: string; percent: number | null; formula: string }[];
  words: { word: string; n: number }[]; answers: { unit: string; title: string; day: string }[];
  ranking: { unit: string; satisfied: number; rated: number; from: string; to: string }[];
  sample_min: number; office: string; phone: string; link: string; qr: { side: number; path: string } | null;
}
export type Asked<T> = { is: 'good'; shown: T } | { is: 'unpaired' } | { is: 'away' };

const TIMEOUT_MS = 15_000;

async function ask(path: string, init: RequestInit): Promise<Response | null> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), TIMEOUT_MS);
  try {
    return await fetch(path, { ...init, credentials: 'same-origin', cache: 'no-store', signal: stop.signal });
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}

export const screenApi = {
  async figures(): Promise<Asked<Shown>> {
    const a = await ask('/screen/figures', {});
    if (a?.status === 401) return { is: 'unpaired' };
    const shown = a?.ok ? ((await a.json().catch(() => null)) as Shown | null) : null;
    return shown ? { is: 'good', shown } : { is: 'away' };
  },
  /* '' when it is paired now, else the sentence that says why not. */
  async pair(code: string, language: string, offline: string): Promise<string> {
    const a = await ask('/screen/pair', { method: 'POST', headers: { 'Content-Type': 'application/json', 'Accept-Language': language }, body: JSON.stringify({ code }) });
    if (a?.ok) return '';
    const problem = a ? ((await a.json().catch(() => null)) as { detail?: string } | null) : null;
    return problem?.detail ?? offline;
  },
  /* The name of the build that the gateway serves now, or '' when it is away. */
  async build(): Promise<string> {
    const a = await ask('/staff/', {});
    return a?.ok ? entryOf(await a.text().catch(() => '')) : '';
  },
};

export const entryOf = (html: string): string => /assets\/index-[\w-]+\.js/.exec(html)?.[0] ?? '';
