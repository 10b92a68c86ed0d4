import type { Gateway } from './gateway.ts'
import type { LoadResult } from './load-job.ts'
import type { Rig } from './rig.ts'

/** One measured quantity: of the upstream alone, of the bare proxy, of the gateway, and gateway to bare. */
export interface Figure {
  readonly name: string
  readonly direct?: number
  readonly bare?: number
  readonly gateway?: number
  readonly ratio?: number
  readonly target?: Target
}

/** The most, or the least, that is wanted of the ratio, or of the gateway's own figure. */
export type Target = { readonly of: 'ratio' | 'gateway' } & (
  | { readonly atMost: number }
  | { readonly atLeast: number }
)

/** What a row measured. */
export interface RowResult {
  readonly figures: readonly Figure[]
  /** Remarks for the reader of the table. */
  readonly notes: readonly string[]
  readonly errors: number
  readonly firstError?: string
}

/** One kind of work; the shared gateway is started when first asked for. */
export interface Row {
  /** For `--only`. */
  readonly key: string
  readonly title: string
  /** Takes long, and is left out of a quick run that does not name it. */
  readonly isLong?: boolean
  run(rig: Rig, gateway: () => Promise<Gateway>): Promise<RowResult>
}

/** Counts the answers that were wrong or missing over all jobs of a row. */
export class Errors {
  private errors = 0
  private firstError: string | undefined

  /** Counts the errors of one job, and returns the job's result; throws when the job has no good answer at all. */
  check(result: LoadResult, whose: string): LoadResult {
    this.errors += result.errors
    if (result.firstError !== undefined) this.firstError ??= `${whose}: ${result.firstError}`
    if (result.requests === 0)
      throw new Error(`no answer was right. ${whose}: ${result.firstError ?? 'none came'}`)
    return result
  }

  get summary(): Pick<RowResult, 'errors' | 'firstError'> {
    return this.firstError === undefined
      ? { errors: this.errors }
      : { errors: this.errors, firstError: this.firstError }
  }
}

/** Whether a figure meets its target; undefined when it has none. */
export function verdictOf(figure: Figure): 'ok' | 'MISSED' | undefined {
  const { target } = figure
  if (target === undefined) return undefined
  const value = (target.of === 'ratio' ? figure.ratio : figure.gateway) ?? Number.NaN
  const isMet = 'atMost' in target ? value <= target.atMost : value >= target.atLeast
  return isMet ? 'ok' : 'MISSED'
}
