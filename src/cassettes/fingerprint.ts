import { createHash } from 'node:crypto'
import { isObject } from '../core/json.ts'

/**
 * What a request says, as digests of its parts: one for each member, and for each item of a list (`messages[1]`). It
 * tells where two requests differ without keeping what they say.
 */
export type Fingerprint = ReadonlyMap<string, string>

/**
 * Members that say who asks for what model, and how the answer is delivered. The same request may have others on another
 * day, and the answer is as good.
 */
const IGNORED: ReadonlySet<string> = new Set([
  'model',
  'stream',
  'stream_options',
  'user',
  'metadata',
  'safety_identifier',
  'prompt_cache_key',
])

/** The fingerprint of a request's body. A body that is no JSON object is one part. */
export function fingerprintOf(body: Buffer | string): Fingerprint {
  const parts = new Map<string, string>()
  const value = parse(body)
  if (!isObject(value)) return parts.set('body', digest(body))
  for (const name of Object.keys(value).toSorted()) {
    if (IGNORED.has(name)) continue
    const member = value[name]
    if (Array.isArray(member) && member.length > 0) {
      for (const [index, item] of member.entries())
        parts.set(`${shown(name)}[${index}]`, digest(canonical(item)))
    } else parts.set(shown(name), digest(canonical(member)))
  }
  return parts
}

/** One text that is the same for requests that are answered by the same cassettes. */
export function requestKey(
  { format, stream }: { format: string; stream: boolean },
  fingerprint: Fingerprint,
): string {
  const parts = Array.from(fingerprint, ([place, value]) => `${place} ${value}`)
  return digest([format, String(stream), ...parts].join('\n'))
}

/** The places at which two requests differ, in order. */
export function differences(one: Fingerprint, other: Fingerprint): string[] {
  const places = new Set([...one.keys(), ...other.keys()])
  return [...places].filter((place) => one.get(place) !== other.get(place)).toSorted()
}

/** JSON with its members in order. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) => {
    if (!isObject(member)) return member
    // As entries, so that a member named `__proto__` stays one.
    return Object.fromEntries(Object.entries(member).toSorted(([one], [other]) => (one < other ? -1 : 1)))
  })
}

function parse(body: Buffer | string): unknown {
  try {
    return JSON.parse(body.toString())
  } catch {
    return undefined
  }
}

/** A member's name comes from a request, and may be any text. */
function shown(name: string): string {
  return /^[\w.-]{1,40}$/.test(name) ? name : `member ${digest(name).slice(0, 8)}`
}

function digest(text: Buffer | string): string {
  return createHash('sha256').update(text).digest('base64url')
}
