import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { ask, chatBody } from '../../support/ask.ts'
import { Gateway } from '../../support/gateway.ts'
import { ADMIN_KEY } from '../../support/metrics.ts'
import { waitFor } from '../../support/wait.ts'
import { report } from '../rig/report.ts'

const SHIFTED_CLOCK = fileURLToPath(new URL('../rig/shifted-clock.mjs', import.meta.url))
const HOUR = 3_600_000
const DAY = 24 * HOUR
const YEAR_2039 = Date.UTC(2039, 0, 2) - Date.now()

/** A gateway whose clock can be moved. */
async function start(): Promise<{ gateway: Gateway; shift: (ms: number) => Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'clock-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'offset')
  writeFileSync(file, '0')
  const gateway = await Gateway.start(
    `
auth: required
routes:
  - { name: chat, type: llm/v1/chat, model: { provider: mock, name: m } }
  - { name: few, type: llm/v1/chat, model: { provider: mock, name: m }, limits: [{ requests: 2, per: 1h }] }
`,
    {
      workers: 2,
      env: {
        SHIFTED_CLOCK: file,
        NODE_OPTIONS: `--import ${SHIFTED_CLOCK}`,
        MLFLOW_GATEWAY_DATA_DIR: join(folder, 'data'),
        MLFLOW_GATEWAY_ADMIN_KEY: ADMIN_KEY,
      },
    },
  )
  onTestFinished(() => gateway.stop())
  return {
    gateway,
    shift: async (ms) => {
      writeFileSync(file, String(ms))
      // The file is read again after this at the latest.
      await sleep(100)
    },
  }
}

async function admin({ port }: Gateway, path: string, body?: unknown): Promise<Record<string, unknown>> {
  const headers = { authorization: `Bearer ${ADMIN_KEY}` }
  const url = `http://127.0.0.1:${port + 1}/admin/${path}`
  const { status, text } = await ask(url, { headers, ...(body !== undefined && { body }) })
  if (status >= 300) throw new Error(`${path}: ${status} ${text}`)
  return JSON.parse(text)
}

async function statusOf({ url }: Gateway, key: unknown, model = 'chat'): Promise<number> {
  const headers = { authorization: `Bearer ${String(key)}` }
  const answer = await ask(`${url}/v1/chat/completions`, { headers, body: chatBody('hi', { model }) })
  return answer.status
}

it('47: the wall clock jumps', async () => {
  const { gateway, shift } = await start()
  const expiresAt = new Date(Date.now() + 12 * HOUR).toISOString()
  const { key: lasting } = await admin(gateway, 'keys', { name: 'lasting' })
  const { key: ending } = await admin(gateway, 'keys', { name: 'ending', expiresAt })
  await waitFor('the keys to be known', async () => (await statusOf(gateway, ending)) === 200)
  for (const wanted of [200, 200, 429]) expect(await statusOf(gateway, lasting, 'few')).toBe(wanted)
  for (const jump of [HOUR, -HOUR, DAY, -DAY, YEAR_2039]) {
    await shift(jump)
    // A key ends by the wall clock, and a limit's window by one that does not jump.
    const isOver = jump > 12 * HOUR
    expect(await statusOf(gateway, lasting)).toBe(200)
    expect(await statusOf(gateway, ending)).toBe(isOver ? 401 : 200)
    expect(await statusOf(gateway, lasting, 'few')).toBe(429)
  }
  await shift(0)
  expect(await statusOf(gateway, ending)).toBe(200)
  expect(await statusOf(gateway, lasting, 'few')).toBe(429)
  const rows = await waitFor('the records', async () => {
    const { items } = await admin(gateway, 'requests?limit=100')
    return Array.isArray(items) && items.length >= 15 && items
  })
  for (const row of rows) {
    for (const [name, value] of Object.entries(row)) {
      if (typeof value === 'number')
        expect({ name, isNegative: value < 0 }).toEqual({ name, isNegative: false })
    }
    expect(Date.parse(row.at)).toBeGreaterThan(Date.now() - 2 * DAY)
  }
  expect(gateway.workers()).toHaveLength(2)
  report({
    row: '47',
    fault: 'the wall clock jumps by an hour, a day, to 2039, and back',
    expected: 'no window is longer or shorter, keys end by the wall clock, no number is negative',
    seed: 0,
    requests: rows.length,
    ends: {},
    attempts: 0,
    violations: [],
  })
})
