import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { ask, chatBody, type Answer } from '../support/ask.ts'
import { Gateway } from '../support/gateway.ts'
import { ADMIN_KEY } from '../support/metrics.ts'
import { waitFor } from '../support/wait.ts'
import { WebhookReceiver } from '../support/webhook-receiver.ts'

const SIGNING = 'canary-signing-secret-of-the-webhook'

const ends: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

async function start(): Promise<{ gateway: Gateway; receiver: WebhookReceiver }> {
  const receiver = await WebhookReceiver.start()
  ends.push(() => receiver.stop())
  const data = await mkdtemp(join(tmpdir(), 'alerts-'))
  ends.push(() => rm(data, { recursive: true, force: true }))
  const gateway = await Gateway.start(YAML, {
    workers: 2,
    env: {
      MLFLOW_GATEWAY_DATA_DIR: data,
      MLFLOW_GATEWAY_ADMIN_KEY: ADMIN_KEY,
      ALERT_URL: receiver.url,
      ALERT_SECRET: SIGNING,
    },
  })
  ends.push(() => gateway.stop())
  return { gateway, receiver }
}

const YAML = `
alerts:
  webhooks:
    - { url: $ALERT_URL, secret: $ALERT_SECRET, allow_private: true }
limits:
  - { requests: 20, per: year, alert_at: [0.5, 0.8, 1] }
routes:
  - name: chat
    type: llm/v1/chat
    model: { provider: mock, name: m }
`

function chat({ url }: Gateway): Promise<Answer> {
  return ask(`${url}/v1/chat/completions`, { body: chatBody('Hello', { model: 'chat', max_tokens: 16 }) })
}

async function expectNoCanary({ stdout, stderr }: Gateway): Promise<void> {
  expect(stdout + stderr).not.toContain('canary')
}

test('each threshold of a limit is told once, however many workers there are, and then the first refusal', async () => {
  const { gateway, receiver } = await start()
  const answers = await Promise.all(Array.from({ length: 40 }, () => chat(gateway)))
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(20)
  const told = (): unknown[] =>
    receiver.got.map(({ body }) => {
      const { type, data } = JSON.parse(body)
      return [type, data.share]
    })
  // Of several thresholds that are passed at once only the highest is told.
  await waitFor('the last threshold', () => told().some((one) => String(one) === 'limit.threshold,1'))
  await waitFor('the refusal', () => told().some((one) => String(one) === 'limit.refused,1'))
  await Promise.all(Array.from({ length: 10 }, () => chat(gateway)))
  expect(new Set(told().map(String)).size).toBe(told().length)
  await expectNoCanary(gateway)
})

test('a webhook that hangs delays neither requests nor the end', async () => {
  const { gateway, receiver } = await start()
  receiver.answer = () => undefined
  await Promise.all(Array.from({ length: 12 }, () => chat(gateway)))
  await waitFor('an alert', () => receiver.got.length > 0)
  const before = performance.now()
  expect((await chat(gateway)).status).toBe(200)
  expect(performance.now() - before).toBeLessThan(1000)
  process.kill(gateway.pid, 'SIGTERM')
  const { code } = await gateway.exited
  expect(code).toBe(0)
  expect(performance.now() - before).toBeLessThan(6000)
  await expectNoCanary(gateway)
})

test('the administrator can send a test, whose answer shows the host alone', async () => {
  const { gateway, receiver } = await start()
  const url = `http://127.0.0.1:${gateway.port + 1}/admin/alerts/test`
  const { status, text } = await ask(url, { body: '', headers: { authorization: `Bearer ${ADMIN_KEY}` } })
  expect(status).toBe(200)
  expect(JSON.parse(text)).toEqual({
    items: [{ host: new URL(receiver.url).host, ok: true, problem: null }],
  })
  expect(JSON.parse(receiver.got[0]?.body ?? '')).toMatchObject({ type: 'test' })
  await expectNoCanary(gateway)
})
