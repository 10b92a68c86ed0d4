import { type Claim, mostOf } from '../../core/limits.ts'
import type { RedisClient } from './connect.ts'
import { LEDGER_DIGEST, LEDGER_PREFIX, LEDGER_TEXT } from './ledger-script.ts'

/** One step of the script. */
export interface Asking {
  readonly step: 'reserve' | 'settle' | 'look' | 'live'
  /** Of the request; of a sign of life the gateway. */
  readonly n: string
  readonly claims: readonly Claim[]
  readonly amounts: readonly number[]
  /** Two for each claim. */
  readonly words: readonly (readonly string[])[]
  readonly isAgain?: boolean
}

/** One call of the script. */
export interface LedgerCall {
  readonly keyCount: number
  readonly words: string[]
}

/** What a holder has under way, and its lease. */
export function keysOf(holder: string): string[] {
  return [`${LEDGER_PREFIX}holds:${holder}`, `${LEDGER_PREFIX}lease:${holder}`]
}

/** Several steps as the words of one call. */
export function callOf(holder: string, steps: readonly Asking[]): LedgerCall {
  const keys = keysOf(holder)
  const places = new Map<string, string>()
  const given = [holder, String(LEASE_MS)]
  for (const { step, n, claims, amounts, words, isAgain } of steps) {
    given.push(step, n, isAgain ? 'again' : '', String(claims.length))
    for (const [index, claim] of claims.entries()) {
      let place = places.get(claim.bucket)
      if (place === undefined) {
        place = String(keys.push(`${LEDGER_PREFIX}bucket:${claim.bucket}`))
        places.set(claim.bucket, place)
      }
      const amount = String(Math.max(Math.round(amounts[index] ?? 0), 0))
      given.push(place, ...windowOf(claim), String(mostOf(claim.rule)), amount, ...(words[index] ?? ['', '']))
    }
  }
  return { keyCount: keys.length, words: [...keys, ...given] }
}

/** Without a sign of life for so long, a process is dead. */
const LEASE_MS = 30_000

function windowOf({ rule: { window } }: Claim): [name: string, ms: string] {
  if (!window) return ['none', '0']
  return window.kind === 'rolling' ? ['rolling', String(window.ms)] : [window.per, '0']
}

/** The server's answer; it is told the script when it does not know it. */
export async function run(client: RedisClient, { keyCount, words }: LedgerCall): Promise<unknown> {
  try {
    return await client.evalsha(LEDGER_DIGEST, keyCount, ...words)
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error
    return client.eval(LEDGER_TEXT, keyCount, ...words)
  }
}
