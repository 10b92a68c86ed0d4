import { numberJson, quoted } from '../core/json-members.ts'

type Scalar = string | number | boolean | null

/** Writes flat objects without the members that have their usual value, much faster than `JSON.stringify` the whole. */
export class SparseJson<Shape extends { readonly [Name in keyof Shape]: Scalar }> {
  readonly #members: readonly (readonly [name: keyof Shape, start: string, usual: Scalar])[]

  constructor(usual: Shape) {
    const names = Object.keys(usual) as (keyof Shape)[]
    this.#members = names.map((name) => [name, `${JSON.stringify(name)}:`, usual[name]])
  }

  /** The unusual members of `value`, each with a comma before it. */
  members(value: Shape): string {
    let text = ''
    for (const [name, start, usual] of this.#members) {
      const member = value[name]
      if (member !== usual) text += `,${start}${scalar(member)}`
    }
    return text
  }
}

function scalar(value: Scalar): string {
  if (typeof value === 'string') return quoted(value)
  return typeof value === 'number' ? numberJson(value) : String(value)
}
