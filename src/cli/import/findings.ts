/** What became of a configuration of another gateway. */
export interface Imported {
  /** The same for this gateway. */
  readonly config: Readonly<Record<string, unknown>>
  /** What was not carried over, or not quite, by the place in the other file. */
  readonly findings: readonly Finding[]
}

export interface Finding {
  /** Such as `model_list[0].litellm_params.rpm`. */
  readonly path: string
  readonly message: string
}

/** Collects what is to be told, and knows which members of an object were looked at. */
export class Findings {
  readonly list: Finding[] = []

  add(path: string, message: string): void {
    this.list.push({ path, message })
  }

  /** Tell of each member that is none of `known`: what to do is in `hints`, where there is something. */
  leftOver(
    object: Readonly<Record<string, unknown>>,
    known: readonly string[],
    { path, hints = {} }: { path: string; hints?: Readonly<Record<string, string>> },
  ): void {
    for (const name of Object.keys(object)) {
      if (known.includes(name)) continue
      this.add(
        path === '' ? name : `${path}.${name}`,
        (Object.hasOwn(hints, name) && hints[name]) || 'has nothing like it here, and was left out',
      )
    }
  }
}
