import { appendFileSync } from 'node:fs'

/** What one row of the fault table came to. */
export interface RowResult {
  /** `10`, or `pairs`. */
  readonly row: string
  readonly fault: string
  readonly expected: string
  readonly seed: number
  readonly requests: number
  /** How often each end was met. */
  readonly ends: Readonly<Record<string, number>>
  readonly attempts: number
  readonly violations: readonly string[]
  /** What else was measured, in a few words. */
  readonly note?: string
}

/** Whether the whole table is wanted, at its full load; else only as much as a build can wait for. */
export const IS_WHOLE: boolean = process.env['GATEWAY_FAULTS'] === 'all'

/** Add a result to the file that the table is made of, when there is one. */
export function report(result: RowResult): void {
  const path = process.env['GATEWAY_FAULTS_REPORT']
  if (path) appendFileSync(path, `${JSON.stringify(result)}\n`)
}
