/* The one door to the gateway: JSON in and out, the CSRF word on every change, and every refusal turned into a
 * Refusal whose `detail` is the sentence a person should read. It never retries and never shows anything. */

export interface RefusalFacts {
  code: string;
  status: number;
  title: string;
  detail: string;
  missing?: string[];
  retryAfter?: number;
  body?: unknown;
}

export class Refusal extends Error {
  readonly code: string;
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly missing: string[];
  readonly retryAfter: number;
  readonly body: unknown;
  constructor(facts: RefusalFacts) {
    super(facts.detail);
    this.code = facts.code;
    this.status = facts.status;
    this.title = facts.title;
    this.detail = facts.detail;
    this.missing = facts.missing ?? [];
    this.retryAfter = facts.retryAfter ?? 0;
    this.body = facts.body;
  }
}

/* Sentences for what happens before the gateway could answer; set with the language. */
export interface DoorWords { offline: string; timeout: string; unreadable: (status: number) => string }

const ROOT = '/staff/api/v1';
const TIMEOUT_MS = 20_000;
/* Files from a slow line. */
const UPLOAD_MS = 300_000;

let csrf = '';
let language = 'zh-CN';
let words: DoorWords = { offline: '', timeout: '', unreadable: () => '' };
let sessionOver: () => void = () => undefined;

export function doorCsrf(value: string): void { csrf = value; }
export function doorLanguage(lang: string, sentences: DoorWords): void { language = lang; words = sentences; }
/* Called when any answer but the sign-in's says that the session is over. */
export function doorSessionOver(then: () => void): void { sessionOver = then; }

export type Query = Record<string, string | number | boolean | null | undefined>;

function queryString(query: Query | undefined): string {
  const q = new URLSearchParams();
  for (const [key, value] of Object.entries(query ?? {})) {
    if (value != null && value !== '' && value !== false) q.set(key, value === true ? '1' : String(value));
  }
  const text = q.toString();
  return text ? `?${text}` : '';
}

function refusalOf(response: Response, body: unknown): Refusal {
  const p = (body && typeof body === 'object' ? body : {}) as Record<string, unknown>;
  const text = (v: unknown) => (typeof v === 'string' ? v : '');
  return new Refusal({
    code: text(p.code) || `http_${response.status}`,
    status: response.status,
    title: text(p.title),
    detail: text(p.detail) || text(p.title) || words.unreadable(response.status),
    missing: Array.isArray(p.missing) ? p.missing.filter((m): m is string => typeof m === 'string') : [],
    retryAfter: Number(response.headers.get('Retry-After')) || 0,
    body,
  });
}

/* `key`: the same request sent again with the same key is stored once. `csv`: a list as it is, not JSON. */
interface Sending { json?: unknown; csv?: string; form?: FormData; key?: string }

async function call<T>(method: string, path: string, query?: Query, send: Sending = {}, isBytes = false): Promise<T> {
  const headers: Record<string, string> = { Accept: isBytes ? 'application/octet-stream, application/problem+json' : 'application/json', 'Accept-Language': language };
  if (method !== 'GET' && csrf) headers['X-CSRF-Token'] = csrf;
  if (send.json !== undefined) headers['Content-Type'] = 'application/json';
  if (send.csv !== undefined) headers['Content-Type'] = 'text/csv; charset=utf-8';
  if (send.key) headers['Idempotency-Key'] = send.key;
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), send.form ? UPLOAD_MS : TIMEOUT_MS);
  try {
    const response = await fetch(ROOT + path + queryString(query), {
      method,
      headers,
      body: send.form ?? send.csv ?? (send.json === undefined ? undefined : JSON.stringify(send.json)),
      credentials: 'same-origin',
      cache: 'no-store',
      signal: stop.signal,
    });
    if (response.status === 204) return undefined as T;
    if (isBytes && response.ok) return new Uint8Array(await response.arrayBuffer()) as T;
    const body: unknown = await response.json().catch(() => null);
    if (!response.ok) {
      const refusal = refusalOf(response, body);
      if (refusal.status === 401 && refusal.code !== 'login_wrong') sessionOver();
      throw refusal;
    }
    if (body === null) throw refusalOf(response, null);
    return body as T;
  } catch (e) {
    if (e instanceof Refusal) throw e;
    const late = stop.signal.aborted;
    throw new Refusal({ code: late ? 'timeout' : 'offline', status: 0, title: '', detail: late ? words.timeout : words.offline });
  } finally {
    clearTimeout(timer);
  }
}

export const http = {
  get: <T>(path: string, query?: Query) => call<T>('GET', path, query),
  post: <T>(path: string, json: unknown, key?: string) => call<T>('POST', path, undefined, { json, key }),
  put: <T>(path: string, json: unknown) => call<T>('PUT', path, undefined, { json }),
  postBytes: (path: string, json: unknown) => call<Uint8Array>('POST', path, undefined, { json }, true),
  bytes: (path: string) => call<Uint8Array>('GET', path, undefined, {}, true),
  csv: <T>(path: string, csv: string, query: Query) => call<T>('POST', path, query, { csv }),
  form: <T>(path: string, form: FormData) => call<T>('POST', path, undefined, { form }),
  del: (path: string) => call<void>('DELETE', path),
};

/* Where the browser itself fetches a page to print: the session's cookie goes along, nothing else is needed. */
export function paperAddress(path: string, query?: Query): string {
  return ROOT + path + queryString(query);
}

/* The sentence for a person, whatever was thrown. */
export function sentenceOf(e: unknown): string {
  return e instanceof Refusal ? e.detail : e instanceof Error ? e.message : String(e);
}
