import { fingerprint, type LedgerEntry } from './ledger.ts'

/** The keys that each provider may be sent, by its name; of a provider without a row nothing is said. */
export type KeysByProvider = Readonly<Record<string, readonly string[]>>

/** No provider is sent another's key, or a client's. */
export function checkKeys(ledger: readonly LedgerEntry[], keys: KeysByProvider): string[] {
  const known = new Map(Object.entries(keys).map(([name, own]) => [name, new Set(own.map(fingerprint))]))
  return ledger
    .filter(({ provider, key }) => known.get(provider)?.has(key) === false)
    .map(({ provider, number }) => `request ${number} at ${provider} came with a key that is not for it`)
}
