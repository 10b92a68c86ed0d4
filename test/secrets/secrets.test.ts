import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Answer, ask, chatBody } from '../support/ask.ts'
import { filesOf, findCanaries, newCanary } from '../support/canaries.ts'
import { runCommand, type Outcome } from '../support/command.ts'
import { Gateway } from '../support/gateway.ts'
import { says } from '../support/openai-upstream.ts'
import { signal } from '../support/processes.ts'
import { Upstream } from '../support/upstream.ts'
import { waitFor } from '../support/wait.ts'

const OLD = randomBytes(32).toString('hex')
const NEW = randomBytes(32).toString('base64')
const FIRST = newCanary('first')
const SECOND = newCanary('second')

/** Whatever came out of gateways and commands. */
const sinks = new Map<string, string>()

let data: string
let upstream: Upstream
let gateway: Gateway | undefined

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'secrets-'))
  upstream = await Upstream.start({ '': says('Hello') })
})
afterAll(async () => {
  await gateway?.stop()
  await upstream.close()
  await rm(data, { recursive: true, force: true })
})

function yaml(): string {
  const config = `{ openai_api_key: 'secret:openai', openai_api_base: '${upstream.url}' }`
  return `
routes:
  - { name: needs, type: llm/v1/chat, model: { provider: openai, name: m, config: ${config} } }
  - name: has-other
    type: llm/v1/chat
    strategy: priority
    targets:
      - model: { provider: openai, name: m, config: ${config} }
      - model: { provider: mock, name: m }
  - { name: needs-none, type: llm/v1/chat, model: { provider: mock, name: m } }
`
}

async function start(key?: string): Promise<Gateway> {
  const keys = key === undefined ? {} : { MLFLOW_GATEWAY_ENCRYPTION_KEY: key }
  gateway = await Gateway.start(yaml(), { workers: 2, env: { MLFLOW_GATEWAY_DATA_DIR: data, ...keys } })
  return gateway
}

async function stop(): Promise<void> {
  if (!gateway) return
  signal(gateway.pid, 'SIGTERM')
  await gateway.exited
  sinks.set(`the log of ${gateway.pid}`, gateway.stdout)
  sinks.set(`the terminal of ${gateway.pid}`, gateway.stderr)
  await gateway.stop()
  gateway = undefined
}

async function secrets(words: readonly string[], key: string, input = ''): Promise<Outcome> {
  const [present = '', previous = ''] = key.split(' ')
  const env = {
    MLFLOW_GATEWAY_DATA_DIR: data,
    MLFLOW_GATEWAY_ENCRYPTION_KEY: present,
    MLFLOW_GATEWAY_ENCRYPTION_KEY_PREVIOUS: previous,
  }
  const outcome = await runCommand(['secrets', ...words], { env, input })
  sinks.set(`secrets ${words.join(' ')} with ${key.length}`, outcome.stdout + outcome.stderr)
  return outcome
}

async function chat(route: string, prompt = route): Promise<Answer> {
  const answer = await ask(`${gateway?.url}/v1/chat/completions`, {
    body: chatBody(prompt, { model: route }),
  })
  sinks.set(`the answer ${sinks.size}`, JSON.stringify(answer))
  return answer
}

function sentKey(prompt: string): string | undefined {
  return upstream.of(prompt).at(-1)?.headers.authorization
}

test('a route without its secret says so, and the rest of the gateway serves', async () => {
  const { stderr } = await start(OLD)
  expect(stderr).toMatch(
    /warning: route "needs" \(line 3\): model\.config\.openai_api_key: the secret "openai" is not in the store/,
  )
  const answer = await chat('needs')
  expect(answer.status).toBe(502)
  expect(JSON.parse(answer.text)).toMatchObject({
    error: { message: 'The gateway has no credential for openai now. Whoever runs it can see why.' },
  })
  expect((await chat('has-other')).status).toBe(200)
  expect((await chat('needs-none')).status).toBe(200)
  expect(upstream.ledger).toEqual([])
})

test('a secret that is set is used by the gateway that runs, and so is its next value', async () => {
  const set = await secrets(['set', 'openai'], OLD, `${FIRST}\n`)
  expect(set).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^secret "openai" is kept, version 1,/),
  })
  const begun = performance.now()
  await waitFor('the secret to be used', async () => (await chat('needs')).status === 200, 5000)
  expect(performance.now() - begun).toBeLessThan(2500)
  expect(sentKey('needs')).toBe(`Bearer ${FIRST}`)
  await secrets(['set', 'openai'], OLD, SECOND)
  await waitFor('the next value to be used', async () => {
    await chat('needs', 'again')
    return sentKey('again') === `Bearer ${SECOND}`
  })
  for (const pid of gateway?.workers() ?? []) {
    expect(readFileSync(`/proc/${pid}/environ`, 'utf8')).not.toContain('ENCRYPTION_KEY')
  }
})

test('rotation changes the key and not the secret', async () => {
  await stop()
  expect(await secrets(['rotate'], `${NEW} ${OLD}`)).toMatchObject({
    code: 0,
    stdout: 'sealed anew: 1, already with the present key: 0\n',
  })
  await start(NEW)
  expect((await chat('needs', 'rotated')).status).toBe(200)
  expect(sentKey('rotated')).toBe(`Bearer ${SECOND}`)
  await stop()
})

test('with another key the gateway starts, says what is wrong, serves the rest and loses nothing', async () => {
  const { stderr } = await start(OLD)
  expect(stderr).toMatch(
    /warning: route "needs" \(line 3\): .*the secret "openai" cannot be opened: it is sealed with the key \w{12}, and MLFLOW_GATEWAY_ENCRYPTION_KEY is \w{12}; give the older one in MLFLOW_GATEWAY_ENCRYPTION_KEY_PREVIOUS/,
  )
  expect((await chat('needs', 'closed')).status).toBe(502)
  expect((await chat('has-other', 'closed')).status).toBe(200)
  expect((await chat('needs-none', 'closed')).status).toBe(200)
  expect(upstream.of('closed')).toEqual([])
  await stop()
  expect(await secrets(['list', '--json'], NEW)).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/"name": "openai",\s+"keyId": "\w{12}",\s+"version": 3,/),
  })
})

test('no value of a secret and no key is in a file, a log, an answer or on a terminal', () => {
  const texts = new Map<string, Buffer | string>([...filesOf(data), ...sinks])
  expect(texts.size).toBeGreaterThan(20)
  expect(findCanaries([FIRST, SECOND, OLD, NEW], texts)).toEqual([])
})
