import { isObject, type JsonObject } from '../core/json.ts'

/** Checked values by name: of a body or a query. What is asked for under another type than it has is absent. */
export class Fields {
  readonly #values: Readonly<Record<string, unknown>>

  constructor(values: Readonly<Record<string, unknown>>) {
    this.#values = values
  }

  /** Whether it was sent, be it null. */
  has(name: string): boolean {
    return Object.hasOwn(this.#values, name)
  }

  value(name: string): unknown {
    return this.has(name) ? this.#values[name] : undefined
  }

  text(name: string): string | undefined {
    const value = this.value(name)
    return typeof value === 'string' ? value : undefined
  }

  /** Those of the texts that were sent, by name. */
  texts<Name extends string>(...names: readonly Name[]): Partial<Record<Name, string>> {
    const found: Partial<Record<Name, string>> = {}
    for (const name of names) {
      const text = this.text(name)
      if (text !== undefined) found[name] = text
    }
    return found
  }

  number(name: string): number | undefined {
    const value = this.value(name)
    return typeof value === 'number' ? value : undefined
  }

  flag(name: string): boolean | undefined {
    const value = this.value(name)
    return typeof value === 'boolean' ? value : undefined
  }

  textList(name: string): string[] | undefined {
    const value = this.value(name)
    return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : undefined
  }

  object(name: string): JsonObject | undefined {
    const value = this.value(name)
    return isObject(value) ? value : undefined
  }

  /** A mapping whose values are texts. */
  textMap(name: string): Record<string, string> | undefined {
    const value = this.object(name)
    if (!value) return undefined
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, text]) =>
        typeof text === 'string' ? [[key, text] as const] : [],
      ),
    )
  }
}
