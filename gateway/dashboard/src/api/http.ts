/* The one door to the gateway: JSON in and out, the CSRF word on every change, and every refusal turned into a
 * Refusal whose `detail` is the sentence a person should read. It never retries and never shows anything. */

import type { Answer, Body, Known } from './described';

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
/* 401 that are about what was just typed, not about the session. */
const NOT_OVER = ['login_wrong', 'code_wrong', 'sign_in_over'];
const TIMEOUT_MS = 20_000;
/* Files from a slow line. */
const UPLOAD_MS = 300_000;

let csrf = '';
let post = 0;
let language = 'zh-CN';
let words: DoorWords = { offline: '', timeout: '', unreadable: () => '' };
let sessionOver: () => void = () => undefined;

let attended: () => number = () => 0;
/* What the gateway knows of the person: when it was told last, and as of when somebody was there then. ms since 1970. */
export interface Told { at: number; touchedAt: number }
let told: Told = { at: Date.now(), touchedAt: Date.now() };
export function doorTold(): Told { return told; }
/* Seconds since a person touched the application, asked for each request: only a person makes the session last. */
export function doorAttended(ago: () => number): void { attended = ago; }
export function doorCsrf(value: string): void { csrf = value; }
/* For which post the page was drawn: a change meant in one post is not made in another (post_changed). */
export function doorPost(id: number): void { post = id; }
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

/* `key`: the same request sent again with the same key is stored once. `csv`: a list as it is, not JSON.
 * `seen`: looks at the answer's head when it went well. */
interface Sending { json?: unknown; csv?: string; form?: FormData; key?: string; seen?: (answer: Response) => void }

async function call<T>(method: string, path: string, query?: Query, send: Sending = {}, isBytes = false): Promise<T> {
  const headers: Record<string, string> = { Accept: isBytes ? 'application/octet-stream, application/problem+json' : 'application/json', 'Accept-Language': language };
  const ago = attended();
  const telling: Told = { at: Date.now(), touchedAt: Date.now() - ago * 1000 };
  headers['Msd-Attended'] = String(ago);
  if (method !== 'GET' && csrf) headers['X-CSRF-Token'] = csrf;
  if (method !== 'GET' && post) headers['X-Post'] = String(post);
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
    if (response.ok && telling.at >= told.at) told = telling;
    if (response.status === 204) return undefined as T;
    if (response.ok) send.seen?.(response);
    if (isBytes && response.ok) return new Uint8Array(await response.arrayBuffer()) as T;
    const body: unknown = await response.json().catch(() => null);
    if (!response.ok) {
      const refusal = refusalOf(response, body);
      if (refusal.status === 401 && !NOT_OVER.includes(refusal.code)) sessionOver();
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

/* Paths, bodies and answers are those of the OpenAPI document. */
export const http = {
  get: <T extends string>(path: Known<T, 'get'>, query?: Query) => call<Answer<T, 'get'>>('GET', path, query),
  post: <T extends string>(path: Known<T, 'post'>, json: Body<T, 'post'>, key?: string) => call<Answer<T, 'post'>>('POST', path, undefined, { json, key }),
  put: <T extends string>(path: Known<T, 'put'>, json: Body<T, 'put'>) => call<Answer<T, 'put'>>('PUT', path, undefined, { json }),
  postBytes: <T extends string>(path: Known<T, 'post'>, json: Body<T, 'post'>) => call<Uint8Array>('POST', path, undefined, { json }, true),
  /* A file to keep, under the name that the gateway gives it. */
  file: async <T extends string>(path: Known<T, 'post'>, json: Body<T, 'post'>) => {
    let name = '';
    let type = '';
    const seen = (answer: Response): void => {
      name = /filename="([\w.-]+)"/.exec(answer.headers.get('Content-Disposition') ?? '')?.[1] ?? 'file';
      type = answer.headers.get('Content-Type') ?? '';
    };
    const bytes = await call<Uint8Array<ArrayBuffer>>('POST', path, undefined, { json, seen }, true);
    return { name, type, bytes };
  },
  bytes: <T extends string>(path: Known<T, 'get'>) => call<Uint8Array>('GET', path, undefined, {}, true),
  csv: <T extends string>(path: Known<T, 'post'>, csv: string, query: Query) => call<Answer<T, 'post'>>('POST', path, query, { csv }),
  form: <T extends string>(path: Known<T, 'post'>, form: FormData, key?: string) => call<Answer<T, 'post'>>('POST', path, undefined, { form, key }),
  del: <T extends string>(path: Known<T, 'delete'>) => call<void>('DELETE', path),
};

/* Where the browser itself fetches a page to print: the session's cookie goes along, nothing else is needed. */
export function paperAddress(path: string, query?: Query): string {
  return ROOT + path + queryString(query);
}

/* The sentence for a person, whatever was thrown. */
export function sentenceOf(e: unknown): string {
  return e instanceof Refusal ? e.detail : e instanceof Error ? e.message : String(e);
}
