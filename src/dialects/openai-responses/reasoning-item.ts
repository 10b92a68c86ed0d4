import { asArray, asObject, asString, omit, type JsonObject } from '../../core/json.ts'
import { readState, STATE_MARK, writeState, type ModelState, type StatePlace } from '../../core/state.ts'
import { DIALECT } from './dialect-name.ts'

/**
 * The state of an item of type `reasoning`: what a provider needs to take the item back, beside its text. Undefined when
 * the item has neither encrypted nor raw content. It is the encrypted content alone where that is all, else the item's
 * members as JSON.
 */
export function readItemState(item: JsonObject): ModelState | undefined {
  const encrypted = asString(item['encrypted_content']) ?? ''
  if (encrypted === UNSIGNED || (encrypted === '' && asArray(item['content']).length === 0)) return undefined
  return { dialect: DIALECT, data: writeMembers(item) }
}

/** The same for an item that a client sends back, which may carry the state of another dialect's model. */
export function readCarriedState(item: JsonObject): { state: ModelState; place: StatePlace } | undefined {
  const state = readItemState(item)
  const encrypted = asString(item['encrypted_content']) ?? ''
  if (state && encrypted.startsWith(STATE_MARK)) return readState(encrypted, DIALECT)
  return state && { state, place: 'own' }
}

/** What is shown of the thinking: its summary, else its raw text. */
export function readItemText(item: JsonObject): string {
  return joinTexts(item['summary']) || joinTexts(item['content'])
}

/** Between the parts of a summary, which are one text elsewhere. */
export const BETWEEN_PARTS = '\n\n'

function joinTexts(parts: unknown): string {
  return asArray(parts)
    .map((part) => asString(asObject(part)['text']) ?? '')
    .filter((text) => text !== '')
    .join(BETWEEN_PARTS)
}

/** The item of a thought, as it came when its state is this dialect's. */
export function writeItem(text: string, state?: ModelState, place?: StatePlace): JsonObject {
  const summary = text === '' ? [] : [{ type: 'summary_text', text }]
  if (!state) return { type: 'reasoning', summary, encrypted_content: UNSIGNED }
  if (state.dialect === DIALECT && place === undefined) {
    return { type: 'reasoning', summary, ...readMembers(state.data) }
  }
  return { type: 'reasoning', summary, encrypted_content: writeState(state, DIALECT, place) }
}

/**
 * Marks a thought without any state. Unmarked, a client's next request could pass through to a provider that looks for
 * the item among its own and refuses the request.
 */
const UNSIGNED = writeState({ dialect: 'none', data: '' }, DIALECT)

const NOT_STATE: ReadonlySet<string> = new Set(['type', 'status'])

function writeMembers(item: JsonObject): string {
  const members = omit(item, NOT_STATE)
  if (isOwnId(members['id'])) delete members['id']
  const isRaw = asArray(members['content']).length > 0
  if (!isRaw) delete members['content']
  // Written anew from the text.
  const parts = asArray(members['summary']).length
  if (parts === 1 || (parts === 0 && !isRaw)) delete members['summary']
  for (const name of Object.keys(members)) if (members[name] === null) delete members[name]
  const { encrypted_content: encrypted, ...others } = members
  if (typeof encrypted === 'string' && Object.keys(others).length === 0) return encrypted
  return JSON.stringify(members)
}

function readMembers(data: string): JsonObject {
  if (data.startsWith('{')) {
    try {
      return asObject(JSON.parse(data))
    } catch {
      // A state that a client changed: the provider shall judge it.
    }
  }
  return { encrypted_content: data }
}

/** The id of an item that the gateway wrote; no provider knows it. */
export function writeOwnId(prefix: string, suffix: string): string {
  return `${prefix}${OWN_ID}${suffix}`
}

function isOwnId(id: unknown): boolean {
  return typeof id === 'string' && id.startsWith(`rs${OWN_ID}`)
}

const OWN_ID = '_gw_'
