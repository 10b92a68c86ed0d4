import { asArray, asNumber, asObject, asString, type JsonObject } from '../core/json.ts'
import { askAdmin, type AdminOptions } from './ask-admin.ts'
import { EXIT_USAGE } from './program.ts'

export interface TailArguments extends AdminOptions {
  readonly route?: string
  readonly json?: boolean
  /** How many requests of before are printed first. */
  readonly lines: number
}

const EVERY_MS = 500
const MOST = 200

/** `mlflow-gateway tail`: requests as they end, until it is stopped. */
export async function tail({ route, json = false, lines, ...options }: TailArguments): Promise<number> {
  const seen = new Set<string>()
  const read = async (limit: number): Promise<JsonObject[]> => {
    const query = new URLSearchParams({ limit: String(limit), ...(route !== undefined && { route }) })
    const answer = asObject(await askAdmin(`/admin/requests?${query.toString()}`, options))
    return asArray(answer['items']).map(asObject).toReversed()
  }
  try {
    for (let rows = await read(MOST), isFirst = true; ; rows = await read(MOST)) {
      const fresh = rows.filter(({ id }) => !seen.has(asString(id) ?? ''))
      seen.clear()
      for (const { id } of rows) seen.add(asString(id) ?? '')
      const shown = isFirst ? fresh.slice(Math.max(0, fresh.length - lines)) : fresh
      for (const row of shown) process.stdout.write(json ? `${JSON.stringify(row)}\n` : lineOf(row))
      isFirst = false
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS))
    }
  } catch (error) {
    process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`)
    return EXIT_USAGE
  }
}

function lineOf(row: JsonObject): string {
  const cost = asNumber(row['costUsd'])
  const words = [
    (asString(row['at']) ?? '').slice(11, 19),
    String(asNumber(row['status']) ?? '-'),
    (asString(row['error']) ?? asString(row['outcome']) ?? '-').padEnd(12),
    (asString(row['route']) ?? '-').padEnd(16),
    (asString(row['target']) ?? '-').padEnd(28),
    (asString(row['keyName']) ?? '-').padEnd(16),
    `${Math.round(asNumber(row['durationMs']) ?? 0)} ms`.padStart(9),
    cost === undefined ? 'no price' : `$${cost.toFixed(6)}`,
  ]
  // Names are anybody's words, and are not to command the terminal.
  return `${words.join('  ').replaceAll(/\p{C}/gu, '?')}\n`
}
