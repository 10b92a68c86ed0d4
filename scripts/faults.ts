/**
 * Plays the whole fault table against the built gateway and writes `docs/reference/resilience.md`; exits 1 when a row
 * fails. With `--quick` it plays what the builds play, and writes nothing.
 */
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { asArray, asNumber, asObject, asString } from '../src/core/json.ts'
import type { RowResult } from '../test/faults/rig/report.ts'
import { resiliencePage } from './faults/resilience-page.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const PAGE = 'docs/reference/resilience.md'
/** A row may play for half a minute, and its clients have a deadline after it. */
const ROW_TIMEOUT_MS = 180_000

const isQuick = process.argv.includes('--quick')
const folder = await mkdtemp(join(tmpdir(), 'gateway-faults-'))
try {
  const [rowsPath, testsPath] = [join(folder, 'rows.jsonl'), join(folder, 'tests.json')]
  const startedAt = performance.now()
  const code = await run(
    'vitest',
    [
      'run',
      'test/faults/rows',
      '--no-file-parallelism',
      `--testTimeout=${ROW_TIMEOUT_MS}`,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${testsPath}`,
    ],
    { GATEWAY_FAULTS: isQuick ? 'quick' : 'all', GATEWAY_FAULTS_REPORT: rowsPath },
  )
  process.exitCode = code
  if (!isQuick) {
    const rows = (await readFile(rowsPath, 'utf8')).split('\n').filter(Boolean)
    const text = resiliencePage({
      results: rows.map((line): RowResult => JSON.parse(line)),
      command: 'npm run faults',
      machine: `Node.js ${process.versions.node}, ${cpus().length} cores of ${cpus()[0]?.model ?? 'an unknown machine'}`,
      date: new Date().toISOString().slice(0, 10),
      seconds: (performance.now() - startedAt) / 1000,
      ...countTests(JSON.parse(await readFile(testsPath, 'utf8'))),
    })
    await writeFile(join(ROOT, PAGE), text)
    await run('oxfmt', [PAGE])
    console.log(`${PAGE} written`)
  }
} finally {
  await rm(folder, { recursive: true })
}

function run(command: string, given: readonly string[], env: Record<string, string> = {}): Promise<number> {
  const child = spawn(join(ROOT, 'node_modules/.bin', command), given, {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: 'inherit',
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? 1))
  })
}

/** From what vitest's JSON reporter writes. */
function countTests(report: unknown): { passedTests: number; failedTests: string[] } {
  const { numPassedTests, testResults } = asObject(report)
  const tests = asArray(testResults).flatMap((file) =>
    asArray(asObject(file)['assertionResults']).map(asObject),
  )
  const failed = tests.filter(({ status }) => status === 'failed')
  return {
    passedTests: asNumber(numPassedTests) ?? 0,
    failedTests: failed.map(({ fullName }) => asString(fullName) ?? ''),
  }
}
