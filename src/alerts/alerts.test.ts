import type { ServerResponse } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { waitFor } from '../../test/support/wait.ts'
import { WebhookReceiver } from '../../test/support/webhook-receiver.ts'
import type { LimitAlert } from '../core/limits.ts'
import { Secret } from '../core/secret.ts'
import { Alerts, type AlertOutcome } from './alerts.ts'
import { sign } from './sign.ts'
import type { Webhook } from './webhook.ts'

const SIGNING = 'canary-signing-secret-of-the-webhook'

const receivers: WebhookReceiver[] = []
afterEach(() => {
  for (const receiver of receivers.splice(0)) receiver.stop()
})

async function rig(isPrivate = true): Promise<{
  receiver: WebhookReceiver
  alerts: Alerts
  warnings: string[]
  outcomes: AlertOutcome[]
}> {
  const receiver = await WebhookReceiver.start()
  receivers.push(receiver)
  const warnings: string[] = []
  const outcomes: AlertOutcome[] = []
  const alerts = new Alerts({
    warn: (message) => warnings.push(message),
    count: (outcome) => outcomes.push(outcome),
    firstWaitMs: 1,
  })
  const webhook: Webhook = { url: new Secret(receiver.url), secret: new Secret(SIGNING), isPrivate }
  alerts.use([webhook])
  return { receiver, alerts, warnings, outcomes }
}

function limitAlert(changes: Partial<LimitAlert> = {}): LimitAlert {
  return {
    bucket: 'limits|cost/month/team=search',
    rule: {
      id: 'limits|cost/month/team',
      meter: 'cost',
      most: 500,
      window: { kind: 'calendar', per: 'month' },
      by: 'team',
      action: 'reject',
      alertAt: [0.8],
    },
    of: { team: 'search' },
    what: 'threshold',
    share: 0.8,
    standing: { bucket: '', most: 500e9, used: 401.5e9, reserved: 1e9, resetMs: 86_400_000 },
    ...changes,
  }
}

test('an alert says whose limit it is and how much is used, and is signed', async () => {
  const { receiver, alerts, outcomes } = await rig()
  alerts.tell(limitAlert())
  await waitFor('the alert', () => outcomes.length > 0)
  const [{ headers, body } = { headers: {}, body: '' }] = receiver.got
  expect(JSON.parse(body)).toMatchObject({
    type: 'limit.threshold',
    data: {
      limit: { meter: 'cost', most: 500, per: 'month', by: 'team', action: 'reject' },
      of: { team: 'search' },
      share: 0.8,
      used: 401.5,
      reserved: 1,
    },
  })
  const id = String(headers['webhook-id'])
  const timestamp = Number(headers['webhook-timestamp'])
  expect(id).toBe(JSON.parse(body).id)
  expect(Math.abs(timestamp - Date.now() / 1000)).toBeLessThan(5)
  expect(headers['webhook-signature']).toBe(sign({ id, timestamp, body }, SIGNING))
  expect(outcomes).toEqual(['delivered'])
})

test('the same event has the same id, another share another', async () => {
  const { receiver, alerts, outcomes } = await rig()
  for (const alert of [limitAlert(), limitAlert(), limitAlert({ share: 1 })]) alerts.tell(alert)
  await waitFor('the alerts', () => outcomes.length === 3)
  expect(new Set(receiver.got.map(({ headers }) => headers['webhook-id'])).size).toBe(2)
})

test('a receiver that has trouble is asked again, with the same id', async () => {
  const { receiver, alerts, outcomes } = await rig()
  receiver.answer = (response, count) => {
    response.statusCode = [429, 503, 500, 204][count - 1] ?? 200
    response.end()
  }
  alerts.tell(limitAlert())
  await waitFor('the alert', () => outcomes.length > 0)
  expect(outcomes).toEqual(['delivered'])
  expect(receiver.got).toHaveLength(4)
  expect(new Set(receiver.got.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
})

test.each([400, 404, 302])('%d is final, and no redirect is followed', async (status) => {
  const { receiver, alerts, outcomes, warnings } = await rig()
  receiver.answer = (response) => response.writeHead(status, { location: receiver.url }).end()
  alerts.tell(limitAlert())
  await waitFor('an end', () => outcomes.length > 0)
  expect(outcomes).toEqual(['failed'])
  expect(receiver.got).toHaveLength(1)
  expect(warnings.join()).toContain(`it answered ${status}`)
})

test('after six tries it is given up, with a warning that names the host and no secret', async () => {
  const { receiver, alerts, outcomes, warnings } = await rig()
  receiver.answer = (response) => response.destroy()
  alerts.tell(limitAlert())
  await waitFor('an end', () => outcomes.length > 0)
  expect(outcomes).toEqual(['failed'])
  expect(receiver.got).toHaveLength(6)
  expect(warnings.join()).toContain('127.0.0.1')
  expect(warnings.join()).not.toContain('canary')
})

test('no more than four are sent at one time to one webhook, and a thousand wait', async () => {
  const { receiver, alerts, outcomes } = await rig()
  const held: ServerResponse[] = []
  receiver.answer = (response) => held.push(response)
  for (let count = 0; count < 1010; count += 1) alerts.tell(limitAlert({ bucket: String(count) }))
  expect(outcomes).toEqual(Array.from({ length: 10 }, () => 'dropped'))
  await waitFor('four', () => held.length === 4)
  receiver.answer = (response) => response.end()
  for (const response of held) response.end()
  await waitFor('the others', () => outcomes.length === 1010)
  expect(outcomes.filter((one) => one === 'delivered')).toHaveLength(1000)
})

test('the end waits for one that hangs no longer than it is told to', async () => {
  const { receiver, alerts, outcomes } = await rig()
  receiver.answer = () => undefined
  for (let count = 0; count < 20; count += 1) alerts.tell(limitAlert({ bucket: String(count) }))
  await waitFor('the first', () => receiver.got.length === 4)
  const before = performance.now()
  await alerts.close(100)
  expect(performance.now() - before).toBeLessThan(2000)
  expect(outcomes.filter((one) => one === 'failed')).toHaveLength(20)
})

test('an address of the own network is not called without leave', async () => {
  const { receiver, alerts, outcomes, warnings } = await rig(false)
  alerts.tell(limitAlert())
  await waitFor('an end', () => outcomes.length > 0)
  expect(outcomes).toEqual(['failed'])
  expect(receiver.got).toEqual([])
  expect(warnings.join()).toContain('https://')
})

test('a name that leads to the own network is not called without leave', async () => {
  const { receiver, alerts } = await rig()
  const url = new Secret(receiver.url.replace('http://127.0.0.1', 'https://localhost'))
  alerts.use([{ url, isPrivate: false }])
  const [result] = await alerts.test()
  expect(result).toMatchObject({ ok: false, problem: expect.stringContaining('not in the internet') })
})

test('a test tells each webhook, once, and how that went', async () => {
  const { receiver, alerts } = await rig()
  receiver.answer = (response, count) => response.writeHead(count === 1 ? 200 : 500).end()
  expect(await alerts.test()).toEqual([{ host: new URL(receiver.url).host, ok: true, problem: null }])
  expect(await alerts.test()).toMatchObject([{ ok: false, problem: 'it answered 500' }])
  expect(receiver.got).toHaveLength(2)
})
