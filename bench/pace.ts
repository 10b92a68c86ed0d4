/** How a model of the bench's upstream answers; its name says so, since that is all that passes every proxy. */
export interface Pace {
  /** Events of a stream. */
  readonly events?: number
  /** Between the events of a stream; before a whole answer. */
  readonly ms: number
}

const PACED_MODEL = /"model":\s*"bench-(stream|whole)-(\d+)-(\d+)"/

/** The name of a model that streams so many events, one each `everyMs`. */
export function streamingModel(events: number, everyMs: number): string {
  return `bench-stream-${events}-${everyMs}`
}

/** The name of a model that gives a whole answer after a time. */
export function slowModel(ms: number): string {
  return `bench-whole-0-${ms}`
}

/** The pace that a request's model asks for; undefined of models without one. */
export function paceOf(request: string): Pace | undefined {
  const [, kind, events, ms] = PACED_MODEL.exec(request) ?? []
  if (kind === undefined) return undefined
  return kind === 'stream' ? { events: Number(events), ms: Number(ms) } : { ms: Number(ms) }
}
