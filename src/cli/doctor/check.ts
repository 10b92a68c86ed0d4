/** What one look found. */
export interface Check {
  readonly name: string
  readonly state: 'ok' | 'warning' | 'failed'
  /** What was seen, in a sentence. */
  readonly seen: string
  /** What to do; absent where nothing is to be done. */
  readonly fix?: string
}
