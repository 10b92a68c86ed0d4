import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { Gateway } from '../support/gateway.ts'
import { signal } from '../support/processes.ts'
import { keptRecords } from './kept-records.ts'

const CONFIG = `routes:
  - name: chat
    type: llm/v1/chat
    model: {provider: mock, name: m}
`

/** Asks until the gateway is gone. Gives the ids of the requests whose whole answer came. */
async function askUntilGone(url: string, answered: Set<string>): Promise<void> {
  for (let count = 0; ; count++) {
    const body = { model: 'chat', stream: count % 3 === 0, messages: [{ role: 'user', content: 'hi' }] }
    try {
      const answer = await fetch(`${url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
      await answer.text()
      answered.add(answer.headers.get('x-request-id') ?? '')
    } catch {
      if (!(await isThere(url))) return
    }
  }
}

async function isThere(url: string): Promise<boolean> {
  return fetch(`${url}/livez`).then(
    () => true,
    () => false,
  )
}

test('after a worker and then the primary were killed, every answered request has one record', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'usage-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  const options = { workers: 2, env: { MLFLOW_GATEWAY_DATA_DIR: directory, LOG_LEVEL: 'error' } }
  const first = await Gateway.start(CONFIG, options)
  onTestFinished(() => first.stop())
  const answered = new Set<string>()
  const clients = Array.from({ length: 8 }, () => askUntilGone(first.url, answered))
  await expect.poll(() => answered.size, { timeout: 10_000 }).toBeGreaterThan(200)
  signal(first.workers()[0] ?? 0, 'SIGKILL')
  await expect.poll(() => answered.size, { timeout: 10_000 }).toBeGreaterThan(500)
  signal(first.pid, 'SIGKILL')
  await Promise.all(clients)

  const second = await Gateway.start(CONFIG, options)
  second.signal('SIGTERM')
  await second.exited
  await second.stop()
  const rows = await keptRecords(directory)
  const ids = new Set(rows.map(({ id }) => id))
  expect(ids.size).toBe(rows.length)
  expect([...answered].filter((id) => !ids.has(id))).toEqual([])
}, 60_000)
