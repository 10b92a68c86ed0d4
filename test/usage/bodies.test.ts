import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ask, chatBody, EventStream } from '../support/ask.ts'
import { Gateway } from '../support/gateway.ts'
import { ADMIN_KEY } from '../support/metrics.ts'
import { waitFor } from '../support/wait.ts'

const YAML = `
routes:
  - { name: silent, type: llm/v1/chat, model: { provider: mock, name: m } }
  - name: kept
    type: llm/v1/chat
    model: { provider: mock, name: m }
    store_bodies: { max_bytes: 1024, redact: ['canary-\\d+'] }
  - name: brief
    type: llm/v1/chat
    model: { provider: mock, name: m }
    store_bodies: { retention: 100ms }
`

let gateway: Gateway
let data: string

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'bodies-'))
  gateway = await Gateway.start(YAML, {
    workers: 2,
    env: { MLFLOW_GATEWAY_DATA_DIR: data, MLFLOW_GATEWAY_ADMIN_KEY: ADMIN_KEY },
  })
})
afterAll(async () => {
  await gateway.stop()
  await rm(data, { recursive: true, force: true })
})

/** Gives back the request's id. */
async function chat(model: string, text: string): Promise<string> {
  const answer = await ask(`${gateway.url}/v1/chat/completions`, { body: chatBody(text, { model }) })
  expect(answer.status).toBe(200)
  return String(answer.headers['x-request-id'])
}

async function admin(path: string): Promise<{ status: number; body: Record<string, unknown> }> {
  const url = `http://127.0.0.1:${gateway.port + 1}/admin/${path}`
  const { status, text } = await ask(url, { headers: { authorization: `Bearer ${ADMIN_KEY}` } })
  return { status, body: JSON.parse(text) }
}

async function bodyOf(id: string): Promise<Record<string, unknown>> {
  return await waitFor('the body', async () => {
    const { status, body } = await admin(`requests/${id}/body`)
    return status === 200 && body
  })
}

test('what is said is kept where the route says so, without what it leaves out', async () => {
  const id = await chat('kept', 'Hello canary-123, my key is sk-canarycanarycanary.')
  const { request, response, isRequestCut, isResponseCut } = await bodyOf(id)
  expect(JSON.parse(String(request))).toMatchObject({
    model: 'kept',
    messages: [{ content: 'Hello [redacted], my key is [redacted].' }],
  })
  expect(JSON.parse(String(response))).toMatchObject({ choices: [{ message: { role: 'assistant' } }] })
  expect([isRequestCut, isResponseCut]).toEqual([false, false])
  const { body } = await admin('audit?action=body.read')
  expect(body['items']).toMatchObject([{ object: `request/${id}`, action: 'body.read' }])
})

test('a stream is kept as it was sent, up to its largest size', async () => {
  const body = chatBody('Hello', { model: 'kept', stream: true })
  const stream = await EventStream.open(`${gateway.url}/v1/chat/completions`, body)
  const id = String(stream.headers['x-request-id'])
  await stream.done
  const { response, isResponseCut } = await bodyOf(id)
  expect(String(response)).toMatch(/^data: \{/)
  expect(Buffer.byteLength(String(response))).toBeLessThanOrEqual(1024)
  expect(isResponseCut).toBe(true)
})

test('nothing of what is said on other routes is on the disk', async () => {
  const id = await chat('silent', 'canary-of-the-silent-route')
  await waitFor('its record', async () => (await admin(`requests/${id}`)).status === 200)
  expect((await admin(`requests/${id}/body`)).status).toBe(404)
  const found: string[] = []
  for (const file of await readdir(data, { recursive: true, withFileTypes: true })) {
    if (!file.isFile()) continue
    const bytes = await readFile(join(file.parentPath, file.name))
    if (bytes.includes('canary-of-the-silent-route')) found.push(file.name)
  }
  expect(found).toEqual([])
})

test('what has had its time says when that is over', async () => {
  const id = await chat('brief', 'Hello')
  const { expiresAt } = await bodyOf(id)
  const { body } = await admin(`requests/${id}`)
  expect(Date.parse(String(expiresAt)) - Date.parse(String(body['at']))).toBe(100)
})
