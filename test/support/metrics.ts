import { ask } from './ask.ts'
import type { Gateway } from './gateway.ts'
import { readExposition, type ReadFamily, type Sample } from './read-exposition.ts'

/** The environment of a gateway whose metrics a test reads. */
export const ADMIN_KEY = 'CANARY-admin-key-of-metrics-tests'

/** What a gateway's `/metrics` says at present. */
export class Metrics {
  readonly #families: ReadonlyMap<string, ReadFamily>

  private constructor(families: ReadonlyMap<string, ReadFamily>) {
    this.#families = families
  }

  static async of(gateway: Gateway): Promise<Metrics> {
    const { status, text } = await askMetrics(gateway, { authorization: `Bearer ${ADMIN_KEY}` })
    if (status !== 200) throw new Error(`/metrics answered ${status}: ${text}`)
    return new Metrics(readExposition(text))
  }

  get names(): string[] {
    return [...this.#families.keys()]
  }

  /** The samples whose labels are these, and maybe others. The name is without the prefix. */
  samples(name: string, labels: Readonly<Record<string, string>> = {}): Sample[] {
    const full = `mlflow_gateway_${name}`
    const family = this.#families.get(full) ?? this.#families.get(full.replace(/_(?:bucket|sum|count)$/, ''))
    return (family?.samples ?? []).filter(
      (sample) =>
        sample.name === full && Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
    )
  }

  /** The sum of those samples. */
  sum(name: string, labels?: Readonly<Record<string, string>>): number {
    return this.samples(name, labels).reduce((sum, { value }) => sum + value, 0)
  }
}

/** The admin listener is one port above that of clients. */
export function askMetrics(
  gateway: Gateway,
  headers: Readonly<Record<string, string>>,
): ReturnType<typeof ask> {
  return ask(`http://127.0.0.1:${gateway.port + 1}/metrics`, { headers })
}
