import { removeMember, scanMembers } from '../wire/json-scan.ts'
import { spliceMembers } from '../wire/json-splice.ts'
import type { RequestParams } from './target.ts'

/** A request's body with a route's `params`. What is not touched keeps its bytes; a body that is no object keeps all. */
export function writeParams(body: Buffer | string, params: RequestParams): Buffer | string {
  const { default: defaults = {}, override = {}, drop = [] } = params
  let bytes = typeof body === 'string' ? Buffer.from(body) : body
  const members = scanMembers(bytes)
  if (!members) return body
  const present = new Set(members.map(({ name }) => name))
  const removed = new Set([...drop, ...Object.keys(override)])
  // From the end, so that the places of the members before stay true.
  for (const member of members.toReversed()) {
    if (removed.has(member.name)) bytes = removeMember(bytes, member)
  }
  const added = Object.entries(defaults).filter(([name]) => !present.has(name) && !removed.has(name))
  return spliceMembers(bytes, { ...Object.fromEntries(added), ...override })
}
