import { asString, isObject, omit, type JsonObject } from '../../core/json.ts'
import type { RedactedThinkingPart, ThinkingPart } from '../../core/request.ts'
import { readState, writeState, type ModelState } from '../../core/state.ts'
import { DIALECT } from './dialect-name.ts'

/**
 * `reasoning_details`: OpenRouter's list of what a model thought, with the state that must come back unchanged.
 * Source: https://openrouter.ai/docs/use-cases/reasoning-tokens#preserving-reasoning
 */
export type DetailType = 'reasoning.text' | 'reasoning.summary' | 'reasoning.encrypted'

const TEXT_MEMBERS: Readonly<Record<DetailType, string>> = {
  'reasoning.text': 'text',
  'reasoning.summary': 'summary',
  'reasoning.encrypted': 'data',
}

export function detailType({ type }: JsonObject): DetailType | undefined {
  return type === 'reasoning.text' || type === 'reasoning.summary' || type === 'reasoning.encrypted'
    ? type
    : undefined
}

/** The readable text of an entry, which may be a piece of one; empty when it has none. */
export function detailText(detail: JsonObject): string {
  const type = detailType(detail)
  return type === undefined || type === 'reasoning.encrypted'
    ? ''
    : (asString(detail[TEXT_MEMBERS[type]]) ?? '')
}

const POSITION: ReadonlySet<string> = new Set(['index', 'text', 'summary'])

/**
 * The state of an entry: whole but for its text and its place in the list, as JSON; or the bare signature, when the entry
 * holds nothing else. Undefined when there is nothing that the provider would want back.
 */
export function detailState(detail: JsonObject): ModelState | undefined {
  const isEncrypted = detailType(detail) === 'reasoning.encrypted'
  const opaque = asString(detail[isEncrypted ? 'data' : 'signature'])
  if (opaque !== undefined) {
    const { state } = readState(opaque, DIALECT)
    if (state.dialect !== DIALECT) return state
  }
  if (opaque === undefined && asString(detail['id']) === undefined) return undefined
  const rest = withoutNulls(omit(detail, POSITION))
  const isBare = Object.keys(rest).length === 2 && detailType(detail) !== 'reasoning.summary'
  return { dialect: DIALECT, data: isBare && opaque !== undefined ? opaque : JSON.stringify(rest) }
}

function withoutNulls(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null))
}

/** An entry of an assistant message that a client sends back; undefined for one of an unknown kind. */
export function readDetail(detail: JsonObject): ThinkingPart | RedactedThinkingPart | undefined {
  const type = detailType(detail)
  const state = detailState(detail)
  if (type === 'reasoning.encrypted') return state && { type: 'redacted-thinking', state }
  return type && { type: 'thinking', text: detailText(detail), ...(state && { state }) }
}

/** What an entry is made from. Without `text` the entry signs text that stands elsewhere. */
export interface Detail {
  text?: string
  state?: ModelState
  isRedacted?: boolean
}

/** An entry for thinking of any model; other models' state is tagged. */
export function writeDetail({ text, state, isRedacted = false }: Detail, index: number): JsonObject {
  const own = state?.dialect === DIALECT ? parseObject(state.data) : undefined
  const type = detailType(own ?? {}) ?? (isRedacted ? 'reasoning.encrypted' : 'reasoning.text')
  const opaque = state && !own ? { [isRedacted ? 'data' : 'signature']: writeState(state, DIALECT) } : {}
  return { ...own, ...opaque, type, ...(text !== undefined && { [TEXT_MEMBERS[type]]: text }), index }
}

function parseObject(json: string): JsonObject | undefined {
  if (!json.startsWith('{')) return undefined
  try {
    const value: unknown = JSON.parse(json)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
