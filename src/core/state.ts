/**
 * State of a model that only its own kind can read (a thinking signature, redacted thinking, an encrypted item). It must
 * come back unchanged with the next request, even through a client of another dialect, and must never reach a provider of
 * another one.
 */
export interface ModelState {
  /** Whose state it is: the name of the dialect whose providers can read it. */
  readonly dialect: string
  readonly data: string
}

/** Which part a carried state belongs to, for dialects that have no place for it on the part itself. */
export type StatePlace = 'own' | 'next' | 'previous'

/** What marks state of another dialect; a body that holds it is never passed through unread. */
export const STATE_MARK = 'gw1.'

/**
 * State as the text that `dialect` carries in its own field. Its own state is written as it is; foreign state is tagged
 * with where it came from: `gw1.<place>.<dialect>.<data>`.
 */
export function writeState(state: ModelState, dialect: string, place: StatePlace = 'own'): string {
  if (state.dialect === dialect && place === 'own') return state.data
  return `${STATE_MARK}${place}.${state.dialect}.${state.data}`
}

/** The other way: untagged text is `dialect`'s own state. */
export function readState(text: string, dialect: string): { state: ModelState; place: StatePlace } {
  const own = { state: { dialect, data: text }, place: 'own' } as const
  if (!text.startsWith(STATE_MARK)) return own
  const [, place, origin, ...data] = text.split('.')
  if ((place !== 'own' && place !== 'next' && place !== 'previous') || !origin) return own
  return { state: { dialect: origin, data: data.join('.') }, place }
}
