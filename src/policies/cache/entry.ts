import { asArray, asNumber, asObject, asString } from '../../core/json.ts'

/** A kept answer. */
export interface Entry {
  /** Unix time in milliseconds. */
  readonly storedAt: number
  readonly isStream: boolean
  /** As in a reply: absent where it is the usual one. */
  readonly contentType?: string
  readonly dropped: readonly string[]
  /** The body: as many writes as it came in. */
  readonly chunks: readonly Buffer[]
}

/** How the length of the head is written. */
const LENGTH_BYTES = 4

/** An entry as bytes: the length of the head, the head as JSON, the body. */
export function encodeEntry({ storedAt, isStream, contentType, dropped, chunks }: Entry): Buffer {
  const cuts = chunks.map(({ length }) => length)
  const head = Buffer.from(JSON.stringify({ storedAt, isStream, contentType, dropped, cuts }))
  let at = LENGTH_BYTES + head.length
  // Not from Node's pool: a small entry would keep the whole of its block alive.
  const bytes = Buffer.allocUnsafeSlow(cuts.reduce((sum, length) => sum + length, at))
  bytes.writeUInt32BE(head.length)
  head.copy(bytes, LENGTH_BYTES)
  for (const chunk of chunks) at += chunk.copy(bytes, at)
  return bytes
}

/** The entry in these bytes; undefined when there is none, for a shared store may hold anything. */
export function decodeEntry(bytes: Buffer): Entry | undefined {
  const head = readHead(bytes)
  const { isStream, contentType } = head
  const storedAt = asNumber(head['storedAt'])
  if (storedAt === undefined) return undefined
  const chunks: Buffer[] = []
  let at = LENGTH_BYTES + bytes.readUInt32BE()
  for (const cut of asArray(head['cuts'])) {
    const length = asNumber(cut) ?? 0
    if (length < 0) return undefined
    chunks.push(bytes.subarray(at, at + length))
    at += length
  }
  if (at !== bytes.length) return undefined
  const dropped = asArray(head['dropped']).filter((name) => typeof name === 'string')
  const type = asString(contentType)
  return {
    storedAt,
    isStream: isStream === true,
    ...(type === undefined ? {} : { contentType: type }),
    dropped,
    chunks,
  }
}

function readHead(bytes: Buffer): ReturnType<typeof asObject> {
  if (bytes.length < LENGTH_BYTES) return {}
  try {
    return asObject(JSON.parse(bytes.toString('utf8', LENGTH_BYTES, LENGTH_BYTES + bytes.readUInt32BE())))
  } catch {
    return {}
  }
}
