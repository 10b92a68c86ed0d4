import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { execFile } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  anthropicAnswer,
  anthropicEvent,
  anthropicStart,
  anthropicText,
} from '../support/anthropic-upstream.ts'
import { type Answer, ask, type Ask, chatBody } from '../support/ask.ts'
import { configText } from '../support/config-text.ts'
import { Gateway } from '../support/gateway.ts'
import { chunk, completion, event } from '../support/openai-upstream.ts'
import { signal } from '../support/processes.ts'
import { type Script, type Turn, Upstream } from '../support/upstream.ts'
import { waitFor, within } from '../support/wait.ts'

const COMMAND = fileURLToPath(new URL('../../dist/main.js', import.meta.url))
const JSON_TYPE = { 'content-type': 'application/json' }

/** A unique key for each way to write one in the file. */
const KEYS = {
  openai: newCanary('openai-env'),
  azure: newCanary('azure-env'),
  anthropic: newCanary('anthropic-file'),
  compatible: newCanary('compatible-literal'),
  bad: newCanary('bad-config'),
}

function newCanary(role: string): string {
  return `CANARY-${role}-${randomBytes(15).toString('hex')}`
}

/** Everything that came out of the gateway, by where it came out. */
const sinks: { where: string; text: string }[] = []

let upstream: Upstream
let gateway: Gateway

/** Everything the gateway sent with the request, its key included. */
function allHeaders({ entry }: Turn): string {
  return JSON.stringify(entry.headers)
}

/** The key alone, as an API would quote it. */
function keyOf({ entry: { headers } }: Turn): string {
  const key = headers['x-api-key'] ?? headers['api-key'] ?? headers.authorization ?? ''
  return String(key).replace('Bearer ', '')
}

function echoes(
  status: number,
  write: (turn: Turn) => unknown = (turn) => ({
    error: { message: `Bad key ${keyOf(turn)}, ${allHeaders(turn)}` },
  }),
): Script {
  return (turn) => turn.send(status, JSON_TYPE, JSON.stringify(write(turn)))
}

const SCRIPTS: Record<string, Script> = {
  hello: (turn) => {
    const isAnthropic = turn.entry.path.includes('/messages')
    turn.send(200, JSON_TYPE, isAnthropic ? anthropicAnswer('hello') : completion('hello'))
  },
  'echo 400': echoes(400),
  'echo 401': echoes(401),
  'echo 403': echoes(403),
  'echo 429': echoes(429),
  'echo 500': echoes(500),
  'echo type': echoes(400, (turn) => ({
    type: 'error',
    error: { type: keyOf(turn), message: `key ${keyOf(turn)}`, code: keyOf(turn) },
  })),
  'echo string': echoes(400, (turn) => ({ error: keyOf(turn) })),
  'echo detail': echoes(422, (turn) => ({ detail: [{ msg: `no ${keyOf(turn)}`, [keyOf(turn)]: 1 }] })),
  'echo list': echoes(422, (turn) => [keyOf(turn)]),
  'echo plain': (turn) => turn.send(500, { 'content-type': 'text/plain' }, allHeaders(turn)),
  'echo html': (turn) => turn.send(500, { 'content-type': 'text/html' }, allHeaders(turn)),
  'echo type header': (turn) => turn.send(200, { 'content-type': `text/${keyOf(turn)}` }, 'hello'),
  'echo headers': (turn) =>
    turn.send(400, { ...JSON_TYPE, 'retry-after': keyOf(turn), 'x-request-id': keyOf(turn) }, '{}'),
  'echo reason': (turn) => void turn.socket.end(`HTTP/1.1 500 ${keyOf(turn)}\r\ncontent-length: 0\r\n\r\n`),
  'echo no http': (turn) => void turn.socket.end(keyOf(turn)),
  'echo first event': (turn) => {
    turn.startStream()
    turn.response.end(event({ error: { message: `Bad key ${keyOf(turn)}`, type: keyOf(turn) } }))
  },
  'echo later event': (turn) => {
    const isAnthropic = turn.entry.path.includes('/messages')
    turn.startStream()
    turn.write(isAnthropic ? anthropicStart() + anthropicText('Hi') : chunk('Hi'))
    setTimeout(() => {
      const error = { message: `Bad key ${keyOf(turn)}`, type: keyOf(turn) }
      turn.response.end(isAnthropic ? anthropicEvent('error', { error }) : event({ error }))
    }, 30)
  },
  'echo broken event': (turn) => {
    turn.startStream()
    turn.response.end(`data: {"choices": [${keyOf(turn)}\n\n`)
  },
  'echo broken answer': (turn) => turn.send(200, JSON_TYPE, `{"choices": ${keyOf(turn)}`),
}

beforeAll(async () => {
  upstream = await Upstream.start(SCRIPTS)
  keyFolder = await mkdtemp(join(tmpdir(), 'gateway-keys-'))
  await writeFile(join(keyFolder, 'anthropic'), `${KEYS.anthropic}\n`)
  gateway = await Gateway.start(config(), {
    env: { OPENAI: KEYS.openai, AZURE: KEYS.azure, LOG_LEVEL: 'trace' },
  })
})

afterAll(async () => {
  await gateway?.stop()
  await upstream?.close()
  await rm(keyFolder, { recursive: true, force: true })
})

let keyFolder: string

const ROUTES = ['openai', 'azure', 'anthropic', 'compatible'] as const

function config(): string {
  const azure = {
    openai_api_type: 'azure',
    openai_api_key: '${AZURE}',
    openai_api_base: upstream.url,
    openai_deployment_name: 'd',
    openai_api_version: '2024-10-21',
  }
  return `${configText([
    { name: 'openai', base: upstream.url, key: '$OPENAI' },
    { name: 'anthropic', provider: 'anthropic', base: upstream.url, key: join(keyFolder, 'anthropic') },
    { name: 'compatible', provider: 'openai-compatible', base: upstream.url, key: KEYS.compatible },
    { name: 'legacy', type: 'completions', base: upstream.url, key: '$OPENAI' },
  ])}
  - name: azure
    type: llm/v1/chat
    model: { provider: openai, name: gpt, config: ${JSON.stringify(azure)} }
`
}

/** Ask, and keep the answer with its headers for the search. */
async function watched(path: string, options: Ask = {}): Promise<Answer> {
  const answer = await ask(gateway.url + path, options)
  const { status, headers, text } = answer
  sinks.push({
    where: `${path} ${JSON.stringify(options.body)}: ${status}`,
    text: JSON.stringify(headers) + text,
  })
  return answer
}

/** Keep what a process printed. */
function watchOutput(where: string, { stdout, stderr }: { stdout: string; stderr: string }): void {
  sinks.push({ where: `${where}, stdout`, text: stdout }, { where: `${where}, stderr`, text: stderr })
}

/** Every spelling in which a key would still be known, down to a part of its random end. */
function spellings(key: string): string[] {
  const inBase64 = [0, 1, 2].map((shift) =>
    Buffer.from('x'.repeat(shift) + key)
      .toString('base64')
      .slice(shift + 2, -4),
  )
  const hex = Buffer.from(key).toString('hex')
  const percent = hex.replaceAll(/../g, '%$&')
  return [key, key.slice(-10), ...inBase64, hex, hex.toUpperCase(), percent]
}

/** What was found in all that came out since the last search. */
function findLeaks(): string[] {
  const recent = sinks.splice(0)
  return Object.entries(KEYS).flatMap(([role, key]) =>
    recent.flatMap(({ where, text }) =>
      spellings(key)
        .filter((spelling) => text.includes(spelling))
        .map((spelling) => `${role} key as ${spelling} in ${where}`),
    ),
  )
}

it('each provider gets its own key, and only in its header', async () => {
  for (const route of ROUTES) {
    const answer = await watched(`/endpoints/${route}/invocations`, { body: chatBody(`hello ${route}`) })
    expect(answer.status).toBe(200)
    const entry = await upstream.arrival(`hello ${route}`)
    expect(JSON.stringify(entry.headers)).toContain(KEYS[route])
    for (const other of ROUTES.filter((name) => name !== route)) {
      expect(JSON.stringify(entry.headers)).not.toContain(KEYS[other])
    }
    expect(entry.path + entry.body).not.toContain('CANARY')
  }
})

describe.each([...ROUTES, 'legacy'])('no key is to be seen when the provider of "%s"', (route) => {
  it.each(Object.keys(SCRIPTS).filter((name) => name.startsWith('echo')))('does %s', async (prompt) => {
    for (const stream of [false, true]) {
      const body = route === 'legacy' ? JSON.stringify({ prompt, stream }) : chatBody(prompt, { stream })
      const answer = await watched(`/endpoints/${route}/invocations`, { body })
      expect(upstream.of(prompt).length).toBeGreaterThan(0)
      const isError = answer.status >= 400 || answer.text.includes('"error"')
      expect(isError || !stream || prompt.includes('broken')).toBe(true)
    }
    await watched(`/gateway/${route}/invocations`, {
      body: route === 'legacy' ? JSON.stringify({ prompt }) : chatBody(prompt),
    })
    expect(findLeaks()).toEqual([])
  })
})

it.each([
  '/health?verbose',
  '/readyz',
  '/openapi.json',
  '/docs',
  '/gateway/routes/',
  '/gateway/routes/openai',
  '/api/2.0/gateway/routes/',
  '/api/2.0/gateway/routes/compatible',
  '/api/2.0/endpoints/',
  '/api/2.0/endpoints/anthropic',
  '/nothing',
  '/gateway/routes/nothing',
])('no key is to be seen in %s', async (path) => {
  await watched(path)
  expect(findLeaks()).toEqual([])
})

/** Configurations with a key in a place where it makes a mistake. */
const BAD_CONFIGS: Record<string, (key: string) => string> = {
  'an unknown provider': (key) => configText([{ name: 'a', base: 'x' }]).replace('openai,', `${key},`),
  'an unknown key': (key) => configText([{ name: 'a', base: 'http://x', more: `api: ${key}` }]),
  'a base URL': (key) => configText([{ name: 'a', base: key, key }]),
  'a base URL with a user': (key) => configText([{ name: 'a', base: `http://u:${key}@x/`, key }]),
  'a variable': (key) => configText([{ name: 'a', base: 'http://x', key: `$${key}` }]),
  'broken YAML': (key) => `routes: [{ key: ${key} ]`,
  'broken YAML of many lines': (key) => `routes:\n  - openai_api_key: ${key}\n bad: [${key}\n`,
  'a route name': (key) => configText([{ name: `"${key} "`, base: 'http://x', key }]),
  'a route type': (key) => configText([{ name: 'a', base: 'http://x', key }]).replace('llm/v1/chat', key),
  'a duration': (key) =>
    configText([{ name: 'a', base: 'http://x', key, more: `timeout: { total: ${key} }` }]),
  'a header with a line end': (key) => configText([{ name: 'a', base: 'http://x', key: `${key}\n${key}` }]),
}

describe('no key is to be seen', () => {
  it.each(Object.entries(BAD_CONFIGS))(
    'in the report of a configuration with it as %s',
    async (_name, write) => {
      const text = write(KEYS.bad)
      const path = join(gateway.folder, 'bad.yaml')
      await writeFile(path, text)
      watchOutput(`validate ${text}`, await run('validate', path))
      watchOutput(`start ${text}`, await run('start', '--config-path', path, '--port', '70000'))
      await writeFile(gateway.configPath, text)
      gateway.signal('SIGHUP')
      // Some of these are no mistakes to the gateway; then they are in use.
      await waitFor('the file to be judged', async () => {
        const { config } = await gateway.health()
        return config.error !== null || config.generation > 1
      })
      await watched('/health?verbose')
      await watched('/api/2.0/endpoints/')
      expect(findLeaks()).toEqual([])
      const [before = 0] = (await gateway.healthOfAll()).map(({ config }) => config.generation)
      await writeFile(gateway.configPath, config())
      gateway.signal('SIGHUP')
      await waitFor('the good file to be back', async () => {
        const healths = await gateway.healthOfAll()
        return healths.every(({ config }) => config.error === null && config.generation > before)
      })
    },
  )

  it('when the good configuration is checked', async () => {
    const outcome = await run('validate', gateway.configPath)
    expect(outcome.stdout).toContain('openai')
    watchOutput('validate', outcome)
    expect(findLeaks()).toEqual([])
  })

  it('when a worker dies, and when the gateway ends', async () => {
    const [first = 0] = gateway.workers()
    signal(first, 'SIGABRT')
    await waitFor('the death in the log', () => gateway.log().some(({ msg }) => msg === 'worker died'))
    gateway.signal('SIGTERM')
    await within('the gateway to exit', gateway.exited, 10_000)
    watchOutput('the gateway', gateway)
    expect(gateway.stdout).toContain('"msg":"request"')
    expect(findLeaks()).toEqual([])
  })

  it('in this file unless the search works', () => {
    for (const spelling of spellings(KEYS.openai)) expect(spelling.length).toBeGreaterThanOrEqual(8)
    sinks.push({ where: 'a planted place', text: `x${Buffer.from(`a ${KEYS.azure}`).toString('base64')}` })
    expect(findLeaks()).toEqual([expect.stringContaining('azure key')])
  })
})

function run(...words: string[]): Promise<{ stdout: string; stderr: string }> {
  const env = { PATH: process.env['PATH'], OPENAI: KEYS.openai, AZURE: KEYS.azure }
  return new Promise((resolve) => {
    execFile(process.execPath, [COMMAND, ...words], { env, timeout: 20_000 }, (_error, stdout, stderr) => {
      resolve({ stdout, stderr })
    })
  })
}
