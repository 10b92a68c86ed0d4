import { readState, STATE_MARK, writeState, type ModelState, type StatePlace } from '../../core/state.ts'

/** How the base64 of tagged state begins: the mark's first bits, which the text after it cannot change. */
const MARK = Buffer.from(STATE_MARK).toString('base64').slice(0, 5)

/**
 * State as a `thoughtSignature`. The field is base64, and clients in typed languages decode it, so that the tagged text
 * of foreign state is encoded once more.
 */
export function writeSignature(state: ModelState): string {
  const text = writeState(state, 'gemini')
  return state.dialect === 'gemini' ? text : Buffer.from(text).toString('base64')
}

export function readSignature(signature: string): { state: ModelState; place: StatePlace } {
  const isTagged = signature.startsWith(MARK)
  return readState(isTagged ? Buffer.from(signature, 'base64').toString('utf8') : signature, 'gemini')
}

/** Whether a body carries state of other dialects' models: some string in it begins with the mark. */
export function holdsForeignState(body: Buffer): boolean {
  return body.includes(`"${MARK}`)
}
