/* Which acts may be taken on several cases by these posts, and what each asks for. Pure; whether a case admits it is the gateway's word. */
import type { ActRule } from '../api/types';

const TOGETHER = ['assign', 'sign', 'co_assign', 'merge', 'unmerge', 'supervise'];
const WELCOME: Record<string, string[]> = { assign: ['category', 'reason'] };

export function bulkActs(rules: readonly ActRule[], roles: readonly string[]): string[] {
  return TOGETHER.filter((act) => rules.some((r) => r.act === act && r.roles.some((w) => roles.includes(w))));
}

export function bulkFields(act: string, needs: readonly string[]): { name: string; needed: boolean }[] {
  if (!act) return [];
  const fields = needs.map((name) => ({ name, needed: true }));
  return [...fields, ...(WELCOME[act] ?? []).filter((n) => !needs.includes(n)).map((name) => ({ name, needed: false }))];
}
