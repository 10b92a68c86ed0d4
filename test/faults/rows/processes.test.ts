import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { accepts, chatBody, EventStream } from '../../support/ask.ts'
import { Gateway } from '../../support/gateway.ts'
import { isRunning, signal } from '../../support/processes.ts'
import { waitFor, within } from '../../support/wait.ts'
import { keptRecords } from '../../usage/kept-records.ts'
import { Crowd } from '../rig/crowd.ts'
import { IS_WHOLE } from '../rig/report.ts'

const YAML = `routes: [{ name: chat, type: llm/v1/chat, model: { provider: mock, name: m } }]\n`

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'processes-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

async function start(yaml: string, env: Record<string, string> = {}): Promise<Gateway> {
  const gateway = await Gateway.start(yaml, { workers: 2, env })
  onTestFinished(() => gateway.stop())
  return gateway
}

async function twoWorkers(gateway: Gateway, gone: number, withinMs: number): Promise<void> {
  await waitFor(
    'another worker in its place',
    async () =>
      !gateway.workers().includes(gone) &&
      gateway.workers().length === 2 &&
      (await gateway.healthOfAll()).length === 2,
    withinMs,
  )
}

it('37: workers are killed again and again under load', async () => {
  const data = newFolder()
  const gateway = await start(YAML, { MLFLOW_GATEWAY_DATA_DIR: data })
  const crowd = new Crowd(gateway)
  await crowd.during(async () => {
    for (let count = 0; count < 4; count += 1) {
      await sleep(700)
      const [killed = 0] = gateway.workers()
      signal(killed, 'SIGKILL')
      await twoWorkers(gateway, killed, 8_000)
    }
  })
  gateway.signal('SIGTERM')
  await gateway.exited
  const rows = await keptRecords(data)
  const ids = new Set(rows.map(({ id }) => id))
  expect(ids.size).toBe(rows.length)
  expect([...crowd.answered].filter((id) => !ids.has(id))).toEqual([])
  expect(Object.keys(crowd.ends).toSorted()).toEqual(['200', 'broken'])
  crowd.report({
    row: 37,
    fault: 'workers are killed again and again under load',
    expected: 'only what they had under way breaks off; one record of each answer',
  })
})

// Ten seconds of silence, for each of these.
it.runIf(IS_WHOLE)('39: a worker that does nothing any more is replaced', async () => {
  const gateway = await start(YAML)
  const [stuck = 0] = gateway.workers()
  const crowd = new Crowd(gateway)
  await crowd.during(
    async () => {
      signal(stuck, 'SIGSTOP')
      await waitFor('it to be killed', () => !isRunning(stuck), 15_000)
      await twoWorkers(gateway, stuck, 8_000)
    },
    { clients: 16 },
  )
  expect(crowd.answered.size).toBeGreaterThan(100)
  expect(gateway.log()).toContainEqual(expect.objectContaining({ msg: 'worker is stuck and is replaced' }))
  crowd.report({
    row: 39,
    fault: 'a worker does nothing any more',
    expected: 'killed and replaced within 15 s; the other serves on',
  })
})

/** A provider of one's own that does what it should not. */
function ownProvider(send: string): string {
  const path = join(newFolder(), 'bad.mjs')
  writeFileSync(
    path,
    `import { createHttpProvider, openAiChat, option } from '${new URL('../../../dist/provider.js', import.meta.url).href}'
export default {
  name: 'bad', routeTypes: ['llm/v1/chat'], options: option.object({}),
  create: ({ model }) => ({
    ...createHttpProvider({ name: 'bad', model, baseUrl: 'http://127.0.0.1:1', headers: {}, formats: [{ format: openAiChat, path: '/x' }], secrets: [] }),
    async send() { ${send} },
  }),
}
`,
  )
  return `routes:\n  - {name: chat, type: llm/v1/chat, model: {provider: mock, name: m}}\n  - {name: bad, type: llm/v1/chat, model: {provider: ${path}, name: m}}\n`
}

const WAYS = [
  ['loops without end', 'for (;;) {}', {}],
  [
    'takes all of its memory',
    'const all = []; for (;;) all.push(new Array(1e5).fill(all.length))',
    { NODE_OPTIONS: '--max-old-space-size=64' },
  ],
] as const

// The first takes ten seconds of silence.
it.each(IS_WHOLE ? WAYS : WAYS.slice(1))('39: a worker %s', async (what, send, env) => {
  const gateway = await start(ownProvider(send), env)
  const before = gateway.workers()
  const crowd = new Crowd(gateway)
  await crowd.during(
    async () => {
      void EventStream.open(`${gateway.url}/v1/chat/completions`, chatBody('hi', { model: 'bad' })).catch(
        () => undefined,
      )
      const dead = await waitFor('its end', () => before.find((pid) => !isRunning(pid)), 20_000)
      await twoWorkers(gateway, dead, 10_000)
    },
    { clients: 4 },
  )
  expect(crowd.answered.size).toBeGreaterThan(50)
  crowd.report({
    row: 39,
    fault: `a worker ${what}`,
    expected: 'replaced; the other serves on',
  })
})

const STREAMS = 200

it('40: SIGTERM with 200 streams under way', async () => {
  const data = newFolder()
  const yaml = `server: { drain_timeout: 3s }
routes: [{ name: chat, type: llm/v1/chat, model: { provider: mock, name: m, config: { tokens_per_second: 3 } } }]
`
  const gateway = await start(yaml, { MLFLOW_GATEWAY_DATA_DIR: data })
  const body = chatBody('hi', { model: 'chat', stream: true })
  const streams = await Promise.all(
    Array.from({ length: STREAMS }, () => EventStream.open(`${gateway.url}/v1/chat/completions`, body)),
  )
  const startedAt = performance.now()
  gateway.signal('SIGTERM')
  const { code } = await within('the gateway to end', gateway.exited, 13_000)
  const tookMs = performance.now() - startedAt
  await Promise.all(streams.map(({ done }) => done))
  expect(code).toBe(0)
  for (const stream of streams) {
    expect(stream.status).toBe(200)
    expect(stream.text).toMatch(/data: \[DONE\]\s*$|"error":/)
  }
  const rows = await keptRecords(data)
  expect(new Set(rows.map(({ id }) => id))).toEqual(
    new Set(streams.map(({ headers }) => headers['x-request-id'])),
  )
  const crowd = new Crowd(gateway)
  crowd.slowestMs = tookMs
  crowd.report({
    row: 40,
    fault: `SIGTERM with ${STREAMS} streams under way`,
    expected: 'each ends whole or with an error event and has a record; exit 0 in time',
  })
})

it('41: signals that are no business of a server do nothing', async () => {
  const gateway = await start(YAML)
  const crowd = new Crowd(gateway)
  const pids = [gateway.pid, ...gateway.workers()]
  await crowd.during(async () => {
    for (const name of ['SIGUSR1', 'SIGUSR2', 'SIGPIPE', 'SIGHUP', 'SIGWINCH'] as const) {
      for (const pid of pids) signal(pid, name)
      await sleep(200)
    }
  })
  expect(Object.keys(crowd.ends)).toEqual(['200'])
  expect([gateway.pid, ...gateway.workers()]).toEqual(pids)
  // Where Node's inspector would listen.
  expect(await accepts(9229)).toBe(false)
  crowd.report({
    row: 41,
    fault: 'SIGUSR1, SIGUSR2, SIGPIPE, SIGHUP to every process',
    expected: 'nothing happens, and nobody can debug it',
  })
})
