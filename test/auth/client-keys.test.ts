import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ask, chatBody, type Answer } from '../support/ask.ts'
import { filesOf, findCanaries, newCanary } from '../support/canaries.ts'
import { Gateway } from '../support/gateway.ts'
import { refuses, says, wholeStream, streams } from '../support/openai-upstream.ts'
import { Upstream } from '../support/upstream.ts'

const KEYS = {
  GATEWAY: newCanary('gateway'),
  PROVIDER: newCanary('provider'),
  CLIENT: newCanary('client'),
  OTHER: newCanary('other'),
}
const CANARIES = Object.values(KEYS)

let upstream: Upstream
let gateway: Gateway
const answers: Answer[] = []

beforeAll(async () => {
  upstream = await Upstream.start({
    '': says('Hello'),
    stream: streams(wholeStream('Hel', 'lo')),
    wrong: refuses(401, `Incorrect API key provided: ${KEYS.CLIENT}`),
    often: refuses(429, 'Too often'),
  })
  const model = `{ provider: openai, name: gpt, config: { openai_api_base: ${upstream.url}/v1, openai_api_key: $PROVIDER } }`
  const yaml = `
auth: { keys: [{ name: one, key: $GATEWAY }] }
routes:
  - { name: own, type: llm/v1/chat, client_key: allow, retries: { max: 0 }, model: ${model} }
  - name: budget
    type: llm/v1/chat
    client_key: allow
    targets: [{ model: ${model}, price: { request: 1 } }]
    limits: [{ cost: 1.5, per: year }]
  - { name: ours, type: llm/v1/chat, model: ${model} }
`
  gateway = await Gateway.start(yaml, { workers: 1, env: { ...KEYS } })
})
afterAll(async () => {
  await gateway?.stop()
  await upstream?.close()
})

async function chat(
  prompt: string,
  { model = 'own', key, stream = false }: { model?: string; key?: string; stream?: boolean } = {},
): Promise<Answer> {
  const answer = await ask(`${gateway.url}/v1/chat/completions`, {
    body: chatBody(prompt, { model, stream }),
    headers: {
      authorization: `Bearer ${KEYS.GATEWAY}`,
      ...(key !== undefined && { 'x-gateway-provider-key': key }),
    },
  })
  answers.push(answer)
  return answer
}

function sentWith(prompt: string): unknown[] {
  return upstream.of(prompt).map(({ headers }) => headers.authorization)
}

describe("a client's key for the provider", () => {
  test("takes the place of the route's, whole and streamed, and no header of the gateway goes on", async () => {
    expect((await chat('whole', { key: KEYS.CLIENT })).status).toBe(200)
    expect((await chat('stream', { key: KEYS.OTHER, stream: true })).status).toBe(200)
    expect((await chat('none')).status).toBe(200)
    expect(['whole', 'stream', 'none'].map((prompt) => sentWith(prompt))).toEqual([
      [`Bearer ${KEYS.CLIENT}`],
      [`Bearer ${KEYS.OTHER}`],
      [`Bearer ${KEYS.PROVIDER}`],
    ])
    const names = upstream.ledger.flatMap(({ headers }) => Object.keys(headers))
    expect(names.filter((name) => name.startsWith('x-gateway'))).toEqual([])
  })

  test('is billed to nobody here: budgets do not count it, and records and the log say so', async () => {
    const first = await chat('mine', { model: 'budget', key: KEYS.CLIENT })
    for (let count = 0; count < 3; count += 1) {
      expect((await chat('mine', { model: 'budget', key: KEYS.CLIENT })).status).toBe(200)
    }
    expect((await chat('ours', { model: 'budget' })).status).toBe(200)
    expect((await chat('ours', { model: 'budget' })).status).toBe(429)
    expect((await chat('mine', { model: 'budget', key: KEYS.CLIENT })).status).toBe(200)
    expect(await gateway.requestLine(first.headers['x-request-id'])).toMatchObject({ client_key: true })
  })

  test('is not enough: the key of the gateway is asked for too', async () => {
    const { status } = await ask(`${gateway.url}/v1/chat/completions`, {
      body: chatBody('alone', { model: 'own' }),
      headers: { 'x-gateway-provider-key': KEYS.CLIENT },
    })
    expect(status).toBe(401)
    expect(upstream.of('alone')).toEqual([])
  })

  test('is refused by a route that does not take it, and goes nowhere', async () => {
    const { status, text } = await chat('elsewhere', { model: 'ours', key: KEYS.CLIENT })
    expect(status).toBe(400)
    expect(text).toContain('client_key_not_allowed')
    expect(upstream.of('elsewhere')).toEqual([])
  })

  test('that is wrong or used up is told of, and spoils nothing for others', async () => {
    const wrong = await chat('wrong', { key: KEYS.CLIENT })
    expect([wrong.status, JSON.parse(wrong.text).error.code]).toEqual([401, 'provider_key_refused'])
    expect((await chat('often', { key: KEYS.CLIENT })).status).toBe(429)
    expect((await chat('after')).status).toBe(200)
  })
})

test('no key is in an answer, the log, or any file of the gateway', async () => {
  await gateway.requestLine(answers.at(-1)?.headers['x-request-id'])
  const files = filesOf(gateway.folder)
  expect(files.size).toBeGreaterThan(2)
  const texts = new Map<string, Buffer | string>([
    ...files,
    ['stdout', gateway.stdout],
    ['stderr', gateway.stderr],
    ...answers.map(({ text, headers }, at) => [`answer ${at}`, text + JSON.stringify(headers)] as const),
  ])
  expect(findCanaries(CANARIES, texts)).toEqual([])
})
