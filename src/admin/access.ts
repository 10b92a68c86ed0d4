/** What somebody may do here. */
export type Role = 'admin' | 'viewer' | 'team_admin'

/** Somebody who was let in. */
export interface Principal {
  /** For the audit log: `admin`, or the subject of a token. */
  readonly name: string
  readonly role: Role
  /** Of a team admin; other teams' objects do not exist for it. */
  readonly team?: string
}

/**
 * Who may use a path. Of `team` and `teamAdmin`, a team admin sees and changes objects of the own team alone; to the latter
 * viewers have no access.
 */
export type Access = 'read' | 'team' | 'teamAdmin' | 'admin'

export const ACCESS: Readonly<Record<Access, readonly Role[]>> = {
  read: ['admin', 'viewer'],
  team: ['admin', 'viewer', 'team_admin'],
  teamAdmin: ['admin', 'team_admin'],
  admin: ['admin'],
}

/** Whether somebody may use it. A team admin of no team may nothing: whatever it made would be nobody's. */
export function mayUse(access: Access, { role, team }: Principal): boolean {
  return ACCESS[access].includes(role) && (role !== 'team_admin' || Boolean(team))
}
