import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ConfigAnswer, Explanation, TargetsAnswer } from '../../src/admin/contract.ts'
import { accepts, ask, type Answer, type Ask, chatBody } from '../support/ask.ts'
import { freePort, Gateway } from '../support/gateway.ts'
import { completion } from '../support/openai-upstream.ts'
import { Upstream } from '../support/upstream.ts'
import { waitFor } from '../support/wait.ts'

const COMMAND = fileURLToPath(new URL('../../dist/main.js', import.meta.url))
const JSON_TYPE = { 'content-type': 'application/json' }

const TOKEN = 'CANARY-admin-token-0123456789abcdef'
const NEXT_TOKEN = 'CANARY-next-token-0123456789abcdef'
const KEYS = {
  CANARY_BROKEN: 'CANARY-broken-provider-key',
  CANARY_GOOD: 'CANARY-good-provider-key',
  CANARY_CALLER: 'CANARY-caller-key',
}

/** Everything that came out, by where it came out. */
const sinks: { where: string; text: string }[] = []

let upstream: Upstream
let gateway: Gateway
let adminPort: number

function config({ token = '$ADMIN_TOKEN', port = adminPort, model = 'm' } = {}): string {
  const provider = (key: string): string =>
    `model: {provider: openai-compatible, name: ${model}, config: {api_base: '${upstream.url}', api_key: $${key}}}`
  return `
server: {admin_token: ${token}, admin_port: ${port}}
routes:
  - name: smart
    type: llm/v1/chat
    strategy: priority
    targets:
      - {name: broken, ${provider('CANARY_BROKEN')}}
    fallbacks: [{route: spare}]
    retries: {max: 0}
    circuit_breaker: {failures: 3, window: 10m, cooldown: 10m}
  - name: spare
    type: llm/v1/chat
    targets: [{name: good, ${provider('CANARY_GOOD')}}]
`
}

beforeAll(async () => {
  upstream = await Upstream.start({
    '': (turn) => {
      const isBroken = JSON.stringify(turn.entry.headers).includes(KEYS.CANARY_BROKEN)
      // As some providers do, it repeats the key that it was sent.
      if (isBroken) turn.send(500, JSON_TYPE, `{"error":{"message":"broken ${KEYS.CANARY_BROKEN}"}}`)
      else turn.send(200, JSON_TYPE, completion('fine'))
    },
  })
  adminPort = await freePort()
  gateway = await Gateway.start(config(), { env: { ADMIN_TOKEN: TOKEN, ...KEYS } })
})

afterAll(async () => {
  await gateway?.stop()
  await upstream?.close()
})

async function admin(path: string, options: Ask & { token?: string; port?: number } = {}): Promise<Answer> {
  const { token = TOKEN, port = adminPort, headers, ...rest } = options
  const answer = await ask(`http://127.0.0.1:${port}${path}`, {
    ...rest,
    headers: { authorization: `Bearer ${token}`, ...headers },
  })
  sinks.push({ where: `${path} ${answer.status}`, text: JSON.stringify(answer) })
  return answer
}

async function targets(): Promise<TargetsAnswer> {
  const answer: TargetsAnswer = JSON.parse((await admin('/admin/targets')).text)
  return answer
}

async function explain(body: object, port = adminPort): Promise<Explanation> {
  const answer: Explanation = JSON.parse((await admin('/admin/explain', { body, port })).text)
  return answer
}

const QUESTION = {
  route: 'smart',
  request: { model: 'smart', messages: [{ role: 'user', content: 'hello' }] },
  headers: { 'x-session-id': 'CANARY-header', 'x-other': 'CANARY-header' },
  key: KEYS.CANARY_CALLER,
}

/** A client's request; the gateway tells its trail in a header. */
async function call(): Promise<Answer> {
  const answer = await ask(`${gateway.url}/gateway/smart/invocations`, {
    body: chatBody('hello'),
    headers: {
      'x-gateway-explain': '1',
      authorization: `Bearer ${KEYS.CANARY_CALLER}`,
      'x-other': 'CANARY-header',
    },
  })
  sinks.push({ where: 'a live request', text: JSON.stringify(answer) })
  return answer
}

describe('an admin API beside two workers', () => {
  it('explains a request before anything was sent', async () => {
    const explanation = await explain(QUESTION)
    expect(explanation).toMatchObject({
      order: { tries: [{ target: 'broken', why: 'strategy' }] },
      upstream: { target: 'broken', http: { url: `${upstream.url}/chat/completions` } },
    })
    expect(upstream.ledger).toEqual([])
  })

  it('sees a breaker that failures opened, from both workers, and so does an explanation', async () => {
    for (let sent = 0; sent < 12; sent++) expect((await call()).status).toBe(200)
    const workers = await gateway.healthOfAll()
    expect(workers).toHaveLength(2)
    const { targets: found } = await targets()
    const [broken, good] = found
    expect(broken).toMatchObject({ route: 'smart', target: 'broken', breaker: 'open', cacheReadRatio: null })
    const failed = upstream.ledger.filter(({ headers }) =>
      headers.authorization?.includes(KEYS.CANARY_BROKEN),
    )
    // Each of the workers may have sent some, and what they sent adds up.
    expect(broken?.requests).toBe(failed.length)
    expect(good?.requests).toBe(12)
    expect(good?.breaker).toBe('closed')
    const explanation = await explain(QUESTION)
    expect(explanation.targets[0]).toMatchObject({
      isEligible: false,
      reasons: [expect.stringMatching(/^its breaker is open for another \d+\.\d s$/)],
    })
    expect(explanation.order.tries.map(({ target }) => target)).toEqual(['good', 'broken'])
    expect(explanation.upstream).toMatchObject({ target: 'good', http: { method: 'POST' } })
    const before = upstream.ledger.length
    await call()
    expect(upstream.ledger.slice(before).map(({ headers }) => headers.authorization)).toEqual([
      `Bearer ${KEYS.CANARY_GOOD}`,
    ])
  })

  it('sends exactly what it explains', async () => {
    const { upstream: explained } = await explain({
      ...QUESTION,
      dialect: 'mlflow',
      request: JSON.parse(chatBody('hello')),
    })
    const entry = upstream.ledger.at(-1)
    expect(explained?.body).toBe(entry?.body)
    expect(explained?.http?.url).toBe(upstream.url + (entry?.path ?? ''))
    for (const [name, value] of explained?.http?.headers ?? []) {
      expect([name, value]).toEqual([name, name === 'authorization' ? '[redacted]' : entry?.headers[name]])
    }
  })

  it('keeps the breaker open over a reload, and explains the new configuration', async () => {
    await writeFile(gateway.configPath, config({ model: 'other' }))
    await waitFor('the new configuration', async () => {
      const answer: ConfigAnswer = JSON.parse((await admin('/admin/config')).text)
      return answer.generation === 2 && answer.error === null
    })
    const explanation = await explain(QUESTION)
    expect(explanation.targets[0]?.state.breaker).toBe('open')
    expect(JSON.parse(explanation.upstream?.body ?? '')).toMatchObject({ model: 'other' })
    const { targets: found } = await targets()
    expect(found.map(({ target, breaker }) => [target, breaker])).toEqual([
      ['broken', 'open'],
      ['good', 'closed'],
    ])
  })

  it('says why a file is not in use', async () => {
    await writeFile(gateway.configPath, 'routes: [{name: x, typ: y}]')
    const refused = await waitFor('the refusal', async () => {
      const answer: ConfigAnswer = JSON.parse((await admin('/admin/config')).text)
      return answer.error === null ? undefined : answer
    })
    expect(refused).toMatchObject({ generation: 2, error: expect.stringContaining('unknown key "typ"') })
  })

  it('takes a new token and moves to a new port on a reload, without new workers', async () => {
    const workers = gateway.workers()
    const port = await freePort()
    await writeFile(gateway.configPath, config({ token: NEXT_TOKEN, port }))
    await waitFor('the new port', () => accepts(port))
    await waitFor('the old port to be closed', async () => !(await accepts(adminPort)))
    expect((await admin('/admin/config', { port })).status).toBe(401)
    expect((await admin('/admin/config', { port, token: NEXT_TOKEN })).status).toBe(200)
    expect(gateway.workers()).toEqual(workers)
  })

  it('stays where it is, and says so in the log, when the new port is taken', async () => {
    const taken = createServer()
    const blocked = await freePort()
    await new Promise<void>((resolve) => taken.listen(blocked, '127.0.0.1', resolve))
    await writeFile(gateway.configPath, config({ token: NEXT_TOKEN, port: blocked }))
    const line = await waitFor('the log line', () =>
      gateway.log().find(({ msg }) => msg === 'the admin API stays where it was'),
    )
    expect(line).toMatchObject({ level: 50, reason: expect.stringContaining('set server.admin_port') })
    await new Promise((resolve) => taken.close(resolve))
  })
})

describe('a gateway whose admin port is taken', () => {
  it('does not start, and says what to change', async () => {
    const taken = createServer()
    const blocked = await freePort()
    await new Promise<void>((resolve) => taken.listen(blocked, '127.0.0.1', resolve))
    const env = { ADMIN_TOKEN: TOKEN, ...KEYS }
    const doomed = await Gateway.start(config({ port: blocked }), { env, isDoomed: true })
    expect((await doomed.exited).code).toBe(1)
    expect(doomed.stderr).toContain(
      `the port ${blocked} on 127.0.0.1 for the admin API is in use; set server.admin_port`,
    )
    sinks.push({ where: 'a gateway that did not start', text: doomed.stderr + doomed.stdout })
    await doomed.stop()
    await new Promise((resolve) => taken.close(resolve))
  })
})

describe('the command explain', () => {
  it('tells the same from the file alone', async () => {
    const request = join(gateway.folder, 'body.json')
    const file = join(gateway.folder, 'explain.yaml')
    await writeFile(request, JSON.stringify(QUESTION.request))
    await writeFile(file, config())
    const given = [
      '--config-path',
      file,
      '--route',
      'smart',
      '--request',
      request,
      '--header',
      'x-other: CANARY-header',
    ]
    const env = { PATH: process.env['PATH'], ADMIN_TOKEN: TOKEN, ...KEYS }
    const before = upstream.ledger.length
    for (const more of [[], ['--json'], ['--key', '$CANARY_CALLER']]) {
      const { stdout, stderr } = await promisify(execFile)(
        process.execPath,
        [COMMAND, 'explain', ...given, ...more],
        { env },
      )
      expect(stdout).toContain('broken')
      sinks.push({ where: `explain ${more.join(' ')}`, text: stdout + stderr })
    }
    expect(upstream.ledger).toHaveLength(before)
  })
})

describe('whatever came out', () => {
  it('holds no credential and no header of a caller', () => {
    sinks.push({ where: 'the log', text: gateway.stdout + gateway.stderr })
    expect(sinks.length).toBeGreaterThan(20)
    for (const { where, text } of sinks) {
      // What names a variable of the environment is no secret.
      const found = /CANARY-[\w-]*/.exec(text)?.[0]
      expect([where, found]).toEqual([where, undefined])
    }
  })
})
