/* The desks and who can work at them. The gateway judges every request itself; this keeps people from doors that would
 * not open. One line per desk in the header; `pages` are the names of its routes. */
const OFFICE = ['coordinator', 'supervisor', 'accountability', 'registry', 'callback', 'leader'];
const UNITS = ['handler', 'unit_leader'];

export type Desk = 'cases' | 'callbacks' | 'letters' | 'finders' | 'weekly' | 'figures' | 'story' | 'reports' | 'publish' | 'enterprises' | 'plaques' | 'ratings' | 'channels';
export const DESKS: readonly { desk: Desk; to: string; roles: readonly string[] }[] = [
  { desk: 'cases', to: 'cases', roles: [] },
  { desk: 'callbacks', to: 'callbacks', roles: ['callback'] },
  { desk: 'letters', to: 'letters', roles: [...OFFICE, ...UNITS] },
  { desk: 'finders', to: 'meetings', roles: [...OFFICE, ...UNITS, 'monitor'] },
  { desk: 'weekly', to: 'weekly', roles: [...OFFICE, ...UNITS] },
  { desk: 'figures', to: 'figures', roles: [...OFFICE, ...UNITS] },
  { desk: 'story', to: 'story', roles: [...OFFICE, ...UNITS] },
  { desk: 'reports', to: 'reports', roles: ['accountability', ...UNITS] },
  { desk: 'publish', to: 'publish', roles: ['registry', 'supervisor', 'leader', ...UNITS] },
  { desk: 'enterprises', to: 'enterprises', roles: ['registry', 'coordinator', 'supervisor', 'accountability', 'leader', ...UNITS] },
  { desk: 'plaques', to: 'plaques', roles: ['registry', 'admin', 'leader', 'supervisor', 'coordinator', 'accountability', 'auditor', ...UNITS] },
  { desk: 'ratings', to: 'ratings', roles: [...OFFICE, ...UNITS] },
  { desk: 'channels', to: 'channels', roles: ['admin', 'registry', 'auditor'] },
];

/* Who may do what beyond looking. */
export const MAY = {
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
  readPlaques: ['registry', 'admin', 'leader', 'supervisor', 'coordinator', 'accountability', 'auditor'],
  keepPlaques: ['registry'],
  inspectPlaques: ['registry', 'supervisor'],
  reportPlaques: UNITS,
  runChannels: ['admin'],
  seeWording: ['admin', 'registry', 'auditor'],
} as const;

export function hasRole(roles: readonly string[] | undefined, wanted: readonly string[]): boolean {
  return wanted.length === 0 || (roles ?? []).some((r) => wanted.includes(r));
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
