/* The roles that a post may have, in the order in which people look for them. */
export const ROLES = ['coordinator', 'supervisor', 'accountability', 'registry', 'handler', 'unit_leader', 'callback', 'leader', 'monitor', 'admin', 'security', 'auditor'];
