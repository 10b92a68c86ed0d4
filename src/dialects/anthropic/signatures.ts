import type { PartHead } from '../../core/events.ts'
import { isObject, omit, type JsonObject } from '../../core/json.ts'
import { readState, writeState, type ModelState } from '../../core/state.ts'

/** Whose state a thinking without signature has: nobody's. The tag keeps it from providers, which would refuse it. */
const UNSIGNED: ModelState = { dialect: 'none', data: '' }

/** The signature of thinking; undefined when there is none. */
export function readSignature(signature: unknown): ModelState | undefined {
  if (typeof signature !== 'string' || signature === '') return undefined
  const { state } = readState(signature, 'anthropic')
  return state.dialect === UNSIGNED.dialect ? undefined : state
}

/** The signature of thinking that a provider has just made: its own, or nobody's where another gateway says so. */
export function readOwnSignature(signature: string): ModelState | undefined {
  return readSignature(signature) && { dialect: 'anthropic', data: signature }
}

export function writeSignature(state: ModelState | undefined): string {
  return writeState(state ?? UNSIGNED, 'anthropic')
}

const CALL_FIELDS: ReadonlySet<string> = new Set(['type', 'id', 'name', 'input', 'cache_control'])

/**
 * What a tool call says beyond its name and input (which program made it, to which toolset it belongs) must come back
 * with it, so it is the call's state. That the model made the call itself goes without saying.
 */
export function readCallState(block: JsonObject): ModelState | undefined {
  const more = omit(block, CALL_FIELDS)
  const { caller } = more
  if (caller === null || (isObject(caller) && caller['type'] === 'direct')) delete more['caller']
  return Object.keys(more).length === 0 ? undefined : { dialect: 'anthropic', data: JSON.stringify(more) }
}

/** The other way: members of the call's block. Empty for other dialects' state. */
export function writeCallState(state: ModelState | undefined): JsonObject {
  if (state?.dialect !== 'anthropic') return {}
  try {
    const members: unknown = JSON.parse(state.data)
    return isObject(members) ? omit(members, CALL_FIELDS) : {}
  } catch {
    return {}
  }
}

/** A block whose data clients send back unread: how state travels that has no other place here. */
export function carrier(state: ModelState, place: 'own' | 'next' | 'previous'): JsonObject {
  return { type: 'redacted_thinking', data: writeState(state, 'anthropic', place) }
}

/** A tool call's head, from its block. */
export function readCallHead(block: JsonObject): Extract<PartHead, { kind: 'tool-call' }> {
  const { id, name } = block
  const state = readCallState(block)
  return {
    kind: 'tool-call',
    id: typeof id === 'string' ? id : '',
    name: typeof name === 'string' ? name : '',
    ...(state ? { state } : {}),
  }
}
