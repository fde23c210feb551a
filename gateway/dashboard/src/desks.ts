/* The desks and who can work at them. The gateway judges every request itself; this keeps people from doors that would
 * not open. One line per desk, in the order and the group in which the
 * rail shows it; `to` is the route it opens with. */
const OFFICE = ['coordinator', 'supervisor', 'accountability', 'registry', 'callback', 'leader'];
const UNITS = ['handler', 'unit_leader'];

export type Desk = 'triage' | 'inbox' | 'review' | 'supervision' | 'cases' | 'entry' | 'callbacks' | 'letters' | 'finders' | 'weekly' | 'causes' | 'overview' | 'figures' | 'story' | 'reports' | 'publish' | 'enterprises' | 'plaques' | 'ratings' | 'people' | 'channels' | 'rules' | 'calendar' | 'log';
/* What belongs together in a day's work. */
export const GROUPS = ['work', 'supervise', 'open', 'see', 'run'] as const;
export type Group = (typeof GROUPS)[number];
export const DESKS: readonly { desk: Desk; group: Group; to: string; roles: readonly string[] }[] = [
  { desk: 'triage', group: 'work', to: 'triage', roles: ['coordinator', 'accountability'] },
  { desk: 'inbox', group: 'work', to: 'inbox', roles: UNITS },
  { desk: 'review', group: 'work', to: 'review', roles: ['supervisor', 'accountability'] },
  { desk: 'cases', group: 'work', to: 'cases', roles: [...OFFICE, ...UNITS, 'monitor'] },
  { desk: 'entry', group: 'work', to: 'entry', roles: ['coordinator', 'registry', 'callback', 'handler'] },
  { desk: 'callbacks', group: 'work', to: 'callbacks', roles: ['callback'] },
  { desk: 'reports', group: 'work', to: 'reports', roles: ['accountability', ...UNITS] },
  { desk: 'supervision', group: 'supervise', to: 'supervision', roles: ['supervisor', 'coordinator', 'accountability', 'leader'] },
  { desk: 'letters', group: 'supervise', to: 'letters', roles: [...OFFICE, ...UNITS] },
  { desk: 'finders', group: 'supervise', to: 'meetings', roles: [...OFFICE, ...UNITS, 'monitor'] },
  { desk: 'weekly', group: 'supervise', to: 'weekly', roles: [...OFFICE, ...UNITS] },
  { desk: 'causes', group: 'supervise', to: 'causes', roles: ['coordinator', 'supervisor', 'accountability', 'registry', 'leader', ...UNITS] },
  { desk: 'story', group: 'supervise', to: 'story', roles: [...OFFICE, ...UNITS] },
  { desk: 'publish', group: 'open', to: 'publish', roles: ['registry', 'supervisor', 'leader', ...UNITS] },
  { desk: 'enterprises', group: 'open', to: 'enterprises', roles: ['registry', 'coordinator', 'supervisor', 'accountability', 'leader', ...UNITS] },
  { desk: 'plaques', group: 'open', to: 'plaques', roles: ['registry', 'admin', 'leader', 'supervisor', 'coordinator', 'accountability', 'auditor', ...UNITS] },
  { desk: 'ratings', group: 'open', to: 'ratings', roles: [...OFFICE, ...UNITS] },
  { desk: 'overview', group: 'see', to: 'overview', roles: [...OFFICE, ...UNITS, 'admin'] },
  { desk: 'figures', group: 'see', to: 'figures', roles: [...OFFICE, ...UNITS] },
  { desk: 'rules', group: 'run', to: 'rules', roles: ['coordinator', 'registry', 'supervisor', 'accountability', 'callback', 'leader', 'admin', 'auditor'] },
  { desk: 'calendar', group: 'run', to: 'calendar', roles: ['coordinator', 'registry', 'supervisor', 'accountability', 'callback', 'leader', 'admin', 'auditor'] },
  { desk: 'log', group: 'run', to: 'log', roles: ['auditor', 'accountability', 'admin'] },
  { desk: 'people', group: 'run', to: 'people', roles: ['security', 'auditor', 'admin', 'registry'] },
  { desk: 'channels', group: 'run', to: 'channels', roles: ['admin', 'registry', 'auditor'] },
];

/* Who may do what beyond looking. */
export const MAY = {
  joinEntries: ['coordinator', 'registry', 'callback'],
  mergeCases: ['coordinator'],
  findByPhone: ['coordinator', 'callback', 'accountability'],
  draftLetters: ['coordinator', 'supervisor', 'accountability'],
  seeBook: OFFICE,
  enterBook: ['registry', 'accountability'],
  enterMeetings: ['coordinator', 'registry'],
  assignInRoom: ['coordinator'],
  seeMeetings: [...OFFICE, ...UNITS],
  seeInspections: ['coordinator', 'supervisor', 'accountability', 'registry', 'leader', ...UNITS],
  enterInspections: ['coordinator', 'supervisor', 'accountability'],
  seeMonitors: ['coordinator', 'supervisor', 'accountability', 'registry', 'leader', 'monitor'],
  addMonitors: ['coordinator', 'registry', 'accountability'],
  fileReturns: ['monitor'],
  import: ['coordinator', 'registry'],
  seeWindows: ['registry', 'coordinator', 'supervisor', 'leader', ...UNITS],
  callBack: ['callback'],
  partCases: ['coordinator', 'accountability'],
  readPlaques: ['registry', 'admin', 'leader', 'supervisor', 'coordinator', 'accountability', 'auditor'],
  keepPlaques: ['registry'],
  inspectPlaques: ['registry', 'supervisor'],
  reportPlaques: UNITS,
  seePeople: ['security', 'auditor'],
  changePeople: ['security'],
  seeAccounts: ['security', 'admin', 'auditor'],
  changeUnits: ['admin'],
  planUnits: ['admin', 'registry'],
  runChannels: ['admin'],
  seeOverview: [...OFFICE, ...UNITS],
  keepScreens: ['leader', 'registry', 'admin'],
  readLog: ['auditor', 'accountability'],
  readSettings: ['admin'],
  seeWording: ['admin', 'registry', 'auditor'],
} as const;

export function hasRole(roles: readonly string[] | undefined, wanted: readonly string[]): boolean {
  return wanted.length === 0 || (roles ?? []).some((r) => wanted.includes(r));
}
/* Where a person's day begins: the desk of the post that has most to do. Who has none of these begins with
 * the first desk that is offered. */
const HOMES: readonly [role: string, desk: Desk][] = [['coordinator', 'triage'], ['handler', 'inbox'], ['unit_leader', 'inbox'], ['supervisor', 'supervision'], ['callback', 'callbacks'],
  ['accountability', 'triage'], ['leader', 'overview'], ['admin', 'channels'], ['auditor', 'log']];
export function homeOf(staff: { roles: readonly string[]; reports: boolean } | null | undefined): string {
  const mine = desksOf(staff);
  for (const [role, name] of HOMES) {
    const desk = mine.find((d) => d.desk === name);
    if (desk && staff?.roles.includes(role)) return desk.to;
  }
  return mine[0]?.to ?? 'lost';
}
/* Where the finders' desk opens: a monitor has no meetings. */
export function finderHome(roles: readonly string[] | undefined): string {
  return hasRole(roles, MAY.seeMeetings) ? 'meetings' : 'monitors';
}
/* Where the channels' desk opens, and what it is called: who does not run them works on the words alone. */
export function channelHome(roles: readonly string[] | undefined): 'channels' | 'wording' {
  return hasRole(roles, MAY.runChannels) ? 'channels' : 'wording';
}

/* The desks of one person. 举报 is for 追责问责组 and the discipline unit; which unit that is, the gateway says with the session. */
export function desksOf(staff: { roles: readonly string[]; reports: boolean } | null | undefined) {
  return DESKS.filter((d) => hasRole(staff?.roles, d.roles) && (d.desk !== 'reports' || staff?.reports === true));
}
