import { isScalar, parseDocument, visit, type Pair, type Scalar } from 'yaml'
import { STORED_PREFIX } from '../core/stored-secret.ts'
import { looksSecret } from './show.ts'

/** A configuration's text with its literal credentials taken out. */
export interface MaskedText {
  readonly text: string
  /** What stood in the place of each, as it was written. */
  readonly originals: readonly string[]
}

/** What stands for the credential of that number. */
const MARK = /\[kept (\d+)\]/g

/**
 * Take out every credential that stands in the text itself: those in use (`known`), what keys with the name of a credential
 * have, and what looks like one. References (`$NAME`, `secret:NAME`) stay. Undefined: the text is no YAML, so that nobody
 * can tell.
 */
export function maskSecrets(text: string, known: ReadonlySet<string>): MaskedText | undefined {
  const document = parseDocument(text, { keepSourceTokens: true, logLevel: 'silent', prettyErrors: false })
  if (document.errors.length > 0) return undefined
  const places: [start: number, end: number][] = []
  visit(document, {
    Scalar(_key, node, path) {
      const { range, value } = node
      if (!range || typeof value !== 'string' || value.trim() === '') return
      const parent = path.at(-1)
      const name = isPair(parent) && parent.value === node ? nameOf(parent) : ''
      if (isCredential(value, name, known)) places.push([range[0], range[1]])
    },
  })
  return cutOut(text, places)
}

function isCredential(value: string, name: string, known: ReadonlySet<string>): boolean {
  if (value.startsWith('$') || value.startsWith(STORED_PREFIX)) return false
  return (
    known.has(value) || CREDENTIAL_NAME.test(name) || (OPEN_NAME.test(name) ? false : looksLikeKey(value))
  )
}

/** Names of options that hold credentials. */
const CREDENTIAL_NAME = /(?:api_?key|secret|token|password|authorization|credentials?|webhook_url)$/i
/** Names of options whose texts may look like keys, and are none. */
const OPEN_NAME = /^(?:name|model|route|type|provider|api_version|digest)$/

function looksLikeKey(value: string): boolean {
  return !/\s/.test(value) && value.length >= 20 && looksSecret(value)
}

function isPair(node: unknown): node is Pair<Scalar> {
  return typeof node === 'object' && node !== null && 'key' in node && isScalar(node.key)
}

function nameOf({ key }: Pair<Scalar>): string {
  return typeof key.value === 'string' ? key.value : ''
}

function cutOut(text: string, places: readonly (readonly [number, number])[]): MaskedText {
  const sorted = places.toSorted(([a], [b]) => a - b)
  const originals: string[] = []
  let masked = ''
  let from = 0
  for (const [start, end] of sorted) {
    originals.push(text.slice(start, end))
    masked += `${text.slice(from, start)}"[kept ${originals.length}]"`
    from = end
  }
  return { text: masked + text.slice(from), originals }
}

/** The text with the credentials back in their places. A mark of none stays, and is a wrong credential. */
export function unmaskSecrets(text: string, originals: readonly string[]): string {
  return text.replaceAll(
    new RegExp(`(["']?)${MARK.source}\\1`, 'g'),
    (mark, _quote, number: string) => originals[Number(number) - 1] ?? mark,
  )
}
