import type { RowResult } from '../../test/faults/rig/report.ts'

/** A run of the fault table. */
export interface FaultRun {
  readonly results: readonly RowResult[]
  readonly command: string
  readonly machine: string
  /** `2026-11-25`. */
  readonly date: string
  readonly passedTests: number
  readonly failedTests: readonly string[]
  readonly seconds: number
}

const INTRO = `# Resilience

What happens when providers and networks fail, as \`npm run faults\` finds it: a real gateway, a mock provider that keeps a
ledger of every request, and a proxy that does to connections what networks do. While each row is played, 50 clients stream
from a healthy route beside it. After each row the accounts are held against each other, and nothing of this may be:

- a client without an answer or an error in its own dialect within its deadline, or with a piece missing, twice or out of order;
- an attempt in the log that no provider saw, or the other way round (but where the network swallowed it);
- something of one client in the answer of another;
- a secret in an answer, in the log or on the error output, in any spelling;
- a worker that died, an exception that nobody caught, a connection still in use, or memory beyond its bound.`

const ROWS = `Rows are numbered as in the test files, \`test/faults/rows\`. "Answers" are by HTTP status; \`answer\` is a complete one,
\`error\` one in the client's dialect, \`broken\` a stream that ended with an error event after some content. "Attempts" are
requests to providers per request of a client.`

const ELSEWHERE = `## Played in suites of their own

| row   | fault | suite |
| ----- | ----- | ----- |
| 38    | the primary is killed | \`test/faults/workers.test.ts\`, \`test/usage/restart.test.ts\` |
| 42-44 | the configuration is written slowly, is a mistake, is gone, is no file, changes many times | \`test/faults/reload.test.ts\`, \`test/faults/start.test.ts\` |
| 45    | a reload takes away who keeps callers out, or what a stream uses | \`src/cluster/exposure.test.ts\`, \`test/faults/reload-load.test.ts\` |
| 46    | a reload that throws in a worker, or is stuck there | \`test/faults/own-provider.test.ts\`, \`test/faults/reload-stuck-worker.test.ts\` |
| 50    | a webhook, or a receiver of OpenTelemetry, hangs | \`test/limits/alerts.test.ts\`, \`test/observe/traces.test.ts\` |`

const LIMITS = `## Not played

- A resolver that is slow, fails with SERVFAIL or gives another address the second time: names are looked up by the system, and
  there is no place on loopback to put such a resolver. The connect timeout holds for the look-up too, as in row 2. Base URLs
  come from the configuration alone, so there is no guard against names that lead to private addresses.
- An answer of invalid JSON in the client's own dialect: what passes through is not parsed, only looked at from both ends, so a
  mistake in its middle reaches the client. Rows 18 play such answers through a translation, and broken off.`

/** The reference page of the last run. */
export function resiliencePage(run: FaultRun): string {
  const rows = run.results.filter((result) => !isPair(result)).toSorted(byNumber)
  const pairs = run.results.filter(isPair).toSorted(byNumber)
  return [
    INTRO,
    `## Measured on ${run.date}`,
    summaryOf(run),
    '## One fault at a time',
    ROWS,
    table(rows, true),
    '## Two faults at once',
    'Two targets, each with a fault that a seeded generator picked, half of the routes with a healthy fallback. Only the list above is held.',
    table(pairs, false),
    ELSEWHERE,
    `${LIMITS}\n`,
  ].join('\n\n')
}

function isPair({ row }: RowResult): boolean {
  return row.startsWith('pair')
}

function byNumber(one: RowResult, other: RowResult): number {
  return numberOf(one) - numberOf(other)
}

function numberOf({ row }: RowResult): number {
  return Number(/\d+/.exec(row)?.[0] ?? 0)
}

function summaryOf({ results, passedTests, failedTests, command, machine, seconds }: FaultRun): string {
  const requests = results.reduce((sum, result) => sum + result.requests, 0)
  const violations = results.reduce((sum, result) => sum + result.violations.length, 0)
  const failed = failedTests.length === 0 ? 'none failed' : `${failedTests.length} failed`
  return [
    `\`${command}\`, ${machine}, in ${Math.round(seconds / 60)} minutes: ${passedTests} tests passed, ${failed};`,
    `${requests} requests beside the bystanders', ${violations} violations.`,
    ...failedTests.map((name) => `\n- failed: ${name}`),
  ].join('\n')
}

function table(results: readonly RowResult[], tellsExpected: boolean): string {
  const head = tellsExpected
    ? ['row', 'fault', 'expected', 'requests', 'answers', 'attempts', 'violations', 'seed']
    : ['pair', 'faults', 'requests', 'answers', 'attempts', 'violations', 'seed']
  const lines = results.map((result) => {
    const { row, fault, expected, requests, ends, attempts, violations, seed, note } = result
    const seen = Object.entries(ends).map(([end, count]) => `${count} x ${end}`)
    return [
      row.replace('pair ', ''),
      fault,
      ...(tellsExpected ? [expected] : []),
      String(requests),
      [...seen, ...(note === undefined ? [] : [note])].join('; '),
      (attempts / Math.max(requests, 1)).toFixed(2),
      violations.length === 0 ? '0' : violations.slice(0, 3).join('; '),
      String(seed),
    ]
  })
  return [head, head.map(() => '---'), ...lines]
    .map((cells) => `| ${cells.map(escape).join(' | ')} |`)
    .join('\n')
}

function escape(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('\n', ' ')
}
