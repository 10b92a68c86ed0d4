import { execFileSync, spawn } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test, vi } from 'vitest'
import { ask, chatBody } from '../support/ask.ts'
import { Gateway } from '../support/gateway.ts'
import { within } from '../support/wait.ts'

// These start whole gateways at the same time.
vi.setConfig({ testTimeout: 60_000 })

/** The model's name makes each line of the log a long one. */
const CONFIG = `routes:
  - name: chat
    type: llm/v1/chat
    model: {provider: mock, name: ${'m'.repeat(2000)}}
`
const NOTHING_KEPT = { MLFLOW_GATEWAY_DATA_DIR: 'none' }

/** A pipe that is open at both ends, and that nobody reads. */
function pipe(): number {
  const folder = mkdtempSync(join(tmpdir(), 'log-'))
  execFileSync('mkfifo', [join(folder, 'pipe')])
  const fd = openSync(join(folder, 'pipe'), 'r+')
  rmSync(folder, { recursive: true })
  return fd
}

test.concurrent.for([
  ['a pipe that nobody reads', pipe],
  ['a full disk', () => openSync('/dev/full', 'w')],
] as const)(
  'a gateway that logs to %s answers as fast as ever, and ends in time',
  async ([, open], { onTestFinished }) => {
    const stdout = open()
    const gateway = await Gateway.start(CONFIG, { workers: 1, stdout, env: NOTHING_KEPT })
    onTestFinished(async () => {
      await gateway.stop()
      closeSync(stdout)
    })
    const body = chatBody('hi', { model: 'chat' })
    let slowest = 0
    // More than the 64 to 200 KiB that an unread pipe holds.
    for (let round = 0; round < 15; round++) {
      const asked = performance.now()
      const answers = await Promise.all(
        Array.from({ length: 10 }, () => ask(`${gateway.url}/v1/chat/completions`, { body })),
      )
      slowest = Math.max(slowest, performance.now() - asked)
      expect(answers.every(({ status }) => status === 200)).toBe(true)
    }
    expect(slowest).toBeLessThan(5_000)
    const stopped = performance.now()
    gateway.signal('SIGTERM')
    expect(await within('the gateway to end', gateway.exited, 9_000)).toEqual({ code: 0, signal: null })
    expect(performance.now() - stopped).toBeLessThan(8_000)
  },
)

interface Written {
  dropped: number
  grownBytes: number
  slowestMs: number
}

const LOG = fileURLToPath(new URL('../../dist/cluster/log.js', import.meta.url))
const WRITER = `
  import { createLog } from ${JSON.stringify(LOG)}
  const log = createLog()
  const text = 'x'.repeat(1000)
  let slowestMs = 0, written = 0, grownBytes = 0
  global.gc()
  const before = process.memoryUsage().rss
  function step() {
    const began = performance.now()
    for (let count = 0; count < 100; count++) log.info({ text, count: written++ }, 'request')
    slowestMs = Math.max(slowestMs, performance.now() - began)
    if (written < 40_000) setImmediate(step)
    else {
      global.gc()
      grownBytes = process.memoryUsage().rss - before
      process.send({ dropped: log.droppedLines(), slowestMs, grownBytes })
    }
  }
  step()
  process.on('message', () => { log.info('read again'); log.flush(() => process.exit(0)) })
`

test.concurrent('40 MB of lines to a pipe that nobody reads: memory stays bounded, nothing waits, what was dropped is told', async ({
  onTestFinished,
}) => {
  const child = spawn(process.execPath, ['--expose-gc', '--input-type=module', '-e', WRITER], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  const exited = new Promise((resolve) => child.once('close', resolve))
  onTestFinished(() => void child.kill('SIGKILL'))
  const written = new Promise<Written>((resolve) =>
    child.once('message', (message: Written) => resolve(message)),
  )
  const { dropped, grownBytes, slowestMs } = await within('the child to have written', written, 15_000)
  expect(dropped).toBeGreaterThan(30_000)
  expect(slowestMs).toBeLessThan(500)
  expect(grownBytes).toBeLessThan(60 * 1024 * 1024)

  let text = ''
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  child.send('go on')
  expect(await within('the child to end', exited, 5_000)).toBe(0)
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line): { count?: number; dropped?: number; msg: string } => JSON.parse(line))
  const told = lines.find((line) => line.dropped !== undefined)?.dropped ?? 0
  expect(lines.flatMap(({ count }) => count ?? [])).toHaveLength(40_000 - dropped)
  expect(told).toBeGreaterThanOrEqual(dropped)
})

test.concurrent('a reader that goes away does not end the process', async ({ onTestFinished }) => {
  const gateway = await Gateway.start(CONFIG, { workers: 1, env: NOTHING_KEPT })
  onTestFinished(() => gateway.stop())
  gateway.closeStdout()
  const body = chatBody('hi', { model: 'chat' })
  const [pid] = gateway.workers()
  for (let round = 0; round < 20; round++) {
    expect((await ask(`${gateway.url}/v1/chat/completions`, { body })).status).toBe(200)
  }
  // One flush of the log later there was an EPIPE.
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect((await ask(`${gateway.url}/v1/chat/completions`, { body })).status).toBe(200)
  expect(gateway.workers()).toEqual([pid])
  gateway.signal('SIGTERM')
  expect(await gateway.exited).toEqual({ code: 0, signal: null })
})
