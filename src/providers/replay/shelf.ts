import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { requestBodyOf, type Cassette } from '../../cassettes/cassette.ts'
import { differences, fingerprintOf, requestKey, type Fingerprint } from '../../cassettes/fingerprint.ts'
import { listCassettes } from '../../cassettes/list-cassettes.ts'
import { readCassette } from '../../cassettes/read-cassette.ts'

/** One cassette that can be served. Its answer stays in the file. */
export interface ShelfItem {
  readonly file: string
  readonly format: string
  readonly model: string | null
  readonly stream: boolean
  readonly fingerprint: Fingerprint
  readonly isCanceled: boolean
}

/** What is asked for. */
export interface Wanted {
  readonly format: string
  readonly stream: boolean
  readonly body: Buffer | string
}

export interface NearestItem {
  readonly item: ShelfItem
  /** The places at which its request differs; empty when only the streaming does. */
  readonly differs: readonly string[]
}

/** The cassettes of a directory, by what they answer. */
export class Shelf {
  readonly items: readonly ShelfItem[]
  readonly #byKey = new Map<string, ShelfItem[]>()
  readonly #turns = new Map<string, number>()

  /** Reads the directory. Throws a `TypeError` that names the file at fault. */
  constructor(directory: string) {
    this.items = readItems(directory)
    for (const item of this.items) {
      const key = requestKey(item, item.fingerprint)
      this.#byKey.set(key, [...(this.#byKey.get(key) ?? []), item])
    }
    for (const [key, items] of this.#byKey) {
      // Half an answer is better than none, but not than a whole one.
      const whole = items.filter(({ isCanceled }) => !isCanceled)
      if (whole.length > 0) this.#byKey.set(key, whole)
    }
  }

  /** A cassette for the request; several take turns, the oldest first. */
  find(wanted: Wanted): ShelfItem | undefined {
    const key = requestKey(wanted, fingerprintOf(wanted.body))
    const items = this.#byKey.get(key) ?? []
    const turn = this.#turns.get(key) ?? 0
    this.#turns.set(key, turn + 1)
    return items[turn % items.length]
  }

  /** The cassette of the same format that differs in the fewest places. */
  nearest({ format, stream, body }: Wanted): NearestItem | undefined {
    const fingerprint = fingerprintOf(body)
    let nearest: NearestItem | undefined
    let least = Infinity
    for (const item of this.items) {
      if (item.format !== format) continue
      const differs = differences(fingerprint, item.fingerprint)
      const distance = differs.length + (item.stream === stream ? 0 : 1)
      if (distance >= least) continue
      least = distance
      nearest = { item, differs }
    }
    return nearest
  }
}

function readItems(directory: string): ShelfItem[] {
  const items = listCassettes(directory).flatMap((file) => toItem(file, readFile(directory, file)) ?? [])
  if (items.length > 0) return items
  throw new TypeError('all exchanges in it were too large to be kept; record with a larger "max_bytes"')
}

function readFile(directory: string, file: string): Cassette {
  try {
    return readCassette(readFileSync(join(directory, file), 'utf8'))
  } catch (error) {
    const reason = error instanceof TypeError ? error.message : 'it cannot be read'
    throw new TypeError(`${file} is no cassette: ${reason}`, { cause: error })
  }
}

/** Undefined for an exchange that was too large to be kept whole. */
function toItem(file: string, cassette: Cassette): ShelfItem | undefined {
  const { format, model, stream, request, ended, truncated } = cassette
  const body = requestBodyOf(request)
  if (truncated || !body) return undefined
  return {
    file,
    format,
    model,
    stream,
    fingerprint: fingerprintOf(body),
    isCanceled: ended.how === 'canceled',
  }
}
