import type { Secret } from '../../core/secret.ts'

const REDACTED = Buffer.from('[redacted]')

/** Shorter ones are words that local servers ask for; they are left in errors too. */
const SHORTEST_SECRET = 8

/** Secrets as they may stand in a body: as they are, inside JSON's quotes, and in a URL. The longest first. */
export function writtenSecrets(secrets: readonly Secret[]): string[] {
  const written = secrets.flatMap((secret) => {
    const text = secret.reveal()
    if (text.length < SHORTEST_SECRET) return []
    // By way of bytes, because half a surrogate pair cannot be encoded.
    const encoded = encodeURIComponent(Buffer.from(text).toString())
    return [text, JSON.stringify(text).slice(1, -1), encoded]
  })
  return [...new Set(written)].toSorted((one, other) => other.length - one.length)
}

export function scrubText(text: string, written: readonly string[]): string {
  return written.reduce((scrubbed, secret) => scrubbed.replaceAll(secret, REDACTED.toString()), text)
}

/** The same chunks without the secrets, also where one is cut by the end of a chunk. */
export function scrubChunks(chunks: readonly Buffer[], written: readonly string[]): readonly Buffer[] {
  const found = findAll(Buffer.concat(chunks), written)
  if (found.length === 0) return chunks
  let start = 0
  return chunks.map((chunk) => {
    const scrubbed = without(chunk, start, found)
    start += chunk.length
    return scrubbed
  })
}

interface Range {
  start: number
  end: number
}

/** Where secrets stand, in order; those that overlap are one. */
function findAll(bytes: Buffer, written: readonly string[]): Range[] {
  const ranges: Range[] = []
  for (const secret of written) {
    const needle = Buffer.from(secret)
    for (let start = bytes.indexOf(needle); start !== -1; start = bytes.indexOf(needle, start + 1))
      ranges.push({ start, end: start + needle.length })
  }
  const merged: Range[] = []
  for (const range of ranges.toSorted((one, other) => one.start - other.start)) {
    const last = merged.at(-1)
    if (last && range.start < last.end) last.end = Math.max(last.end, range.end)
    else merged.push(range)
  }
  return merged
}

/** The mark stands where a secret begins; chunks that it goes on in only lose their part. */
function without(chunk: Buffer, offset: number, ranges: readonly Range[]): Buffer {
  const pieces: Buffer[] = []
  let at = 0
  for (const { start, end } of ranges) {
    if (end <= offset || start >= offset + chunk.length) continue
    pieces.push(chunk.subarray(at, Math.max(start - offset, 0)))
    if (start >= offset) pieces.push(REDACTED)
    at = Math.min(end - offset, chunk.length)
  }
  return Buffer.concat([...pieces, chunk.subarray(at)])
}
