import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, getJson } from '../support/ask.ts'
import { runCommand } from '../support/command.ts'
import { Gateway } from '../support/gateway.ts'
import { listen } from '../support/listen.ts'
import { waitFor } from '../support/wait.ts'

const COMMAND = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

const CONFIG = `auth: { keys: [{ name: one, key: $GATEWAY }] }
routes:
  - name: chat
    type: llm/v1/chat
    model: { provider: mock, name: m, config: { reply: "Hello from the mock." } }
`
const KEY = 'a-key-of-the-gateway-for-this-test'

describe('commands that talk with a running gateway', () => {
  let gateway: Gateway
  let env: Record<string, string>

  beforeAll(async () => {
    gateway = await Gateway.start(CONFIG, { workers: 1, env: { GATEWAY: KEY } })
    env = { HOME: gateway.folder }
  })

  afterAll(() => gateway?.stop())

  it('chat answers what is piped into it', async () => {
    const words = ['chat', '--url', gateway.url]
    const { code, stdout } = await runCommand(words, {
      env: { ...env, GATEWAY_KEY: KEY },
      input: 'Say hello\n',
    })
    expect([code, stdout]).toEqual([0, 'Hello from the mock.\n'])
  })

  it.each([
    ['without a key', 'chat', {}, 1, /key is missing or not valid/],
    ['with a route that there is not', 'nope', { GATEWAY_KEY: KEY }, 1, /nope/],
  ])('chat says why it got no answer, %s', async (_name, route, more, code, message) => {
    const outcome = await runCommand(['chat', route, '--url', gateway.url], {
      env: { ...env, ...more },
      input: 'x',
    })
    expect(outcome.code).toBe(code)
    expect(outcome.stderr).toMatch(message)
  })

  it('tail shows what there was', async () => {
    const body = { model: 'chat', messages: [{ role: 'user', content: 'x' }] }
    await ask(`${gateway.url}/v1/chat/completions`, { body, headers: { authorization: `Bearer ${KEY}` } })
    const admin = ['--admin-url', `http://127.0.0.1:${gateway.port + 1}`]
    const child = spawn(process.execPath, [COMMAND, 'tail', '--json', '-n', '1', ...admin], { env })
    let [stdout, stderr] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    const code = new Promise((resolve) => child.once('close', resolve))
    const line = await waitFor('a line', () => /^.*\n/.exec(stdout)?.[0])
    const first: unknown = JSON.parse(line)
    expect(first).toMatchObject({ route: 'chat', keyName: 'one', status: 200 })
    await gateway.stop()
    expect([await code, stderr]).toEqual([2, expect.stringMatching(/^error: /)])
  })
})

describe('without a configuration', () => {
  it('what is found in the environment is served, and its keys stay there', async () => {
    const gateway = await Gateway.start('unused: true', {
      arguments: ['--host', '127.0.0.1', '--port', '0', '--workers', '1'],
      env: { ANTHROPIC_API_KEY: 'sk-CANARY-0123456789' },
    })
    try {
      const { endpoints } = await getJson<{ endpoints: { name: string }[] }>(
        `${gateway.url}/api/2.0/endpoints/`,
      )
      expect(endpoints.map(({ name }) => name)).toEqual(expect.arrayContaining(['chat', 'claude-sonnet-4-5']))
      expect(gateway.stderr).toContain('claude-sonnet-4-5')
      const written = await readFile(join(gateway.folder, '.mlflow-gateway', 'found.yaml'), 'utf8')
      expect(written + gateway.stderr).not.toContain('CANARY')
    } finally {
      await gateway.stop()
    }
  })
})

describe('commands that help to begin', () => {
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'begin-'))
  })

  afterAll(() => rm(folder, { recursive: true }))

  it('init writes a file that is valid, and does not overwrite one', async () => {
    const file = join(folder, 'gateway.yaml')
    expect((await runCommand(['init', file, '--provider', 'mock', '--auth'])).code).toBe(0)
    expect(await runCommand(['validate', file])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('1 route'),
    })
    expect(await runCommand(['init', file])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--force'),
    })
    expect((await runCommand(['init', file, '--force', '--provider', 'gemini'])).code).toBe(0)
    expect((await runCommand(['validate', file], { env: { GEMINI_API_KEY: 'x' } })).code).toBe(0)
    expect((await runCommand(['init', join(folder, 'x.yaml'), '--provider', 'nobody'])).code).toBe(2)
  })

  it('doctor asks providers whether they take their keys, and says what to do', async () => {
    const provider = createServer((request, response) => {
      response.writeHead(request.headers.authorization === 'Bearer sk-good-CANARY' ? 200 : 401).end('{}')
    })
    const port = await listen(provider)
    const file = join(folder, 'doctor.yaml')
    const config = `{ openai_api_key: $A, openai_api_base: "http://127.0.0.1:${port}/v1" }`
    await writeFile(
      file,
      `routes: [{ name: a, type: llm/v1/chat, model: { provider: openai, name: m, config: ${config} } }]\n`,
    )
    const words = ['doctor', '-c', file, '--data-dir', join(folder, 'data'), '--port', String(port), '--json']
    const bad = await runCommand(words, { env: { A: 'sk-bad-CANARY' } })
    const good = await runCommand(words, { env: { A: 'sk-good-CANARY' } })
    provider.close()
    expect(bad.code).toBe(1)
    expect(bad.stdout + good.stdout).not.toContain('CANARY')
    const checks = (text: string): Record<string, unknown>[] => JSON.parse(text)
    expect(checks(bad.stdout)).toEqual(
      expect.arrayContaining([
        { name: 'Node.js', state: 'ok', seen: expect.any(String) },
        {
          name: `port ${port}`,
          state: 'failed',
          seen: expect.stringContaining('EADDRINUSE'),
          fix: expect.any(String),
        },
        {
          name: 'key for openai',
          state: 'failed',
          seen: expect.stringContaining('401'),
          fix: expect.any(String),
        },
      ]),
    )
    expect(checks(good.stdout)).toEqual(
      expect.arrayContaining([{ name: 'key for openai', state: 'ok', seen: expect.any(String) }]),
    )
  })

  it.each(['bash', 'zsh', 'fish'])('completion for %s names every command', async (shell) => {
    const { code, stdout } = await runCommand(['completion', shell])
    expect(code).toBe(0)
    for (const name of ['start', 'doctor', 'import', 'rotate']) expect(stdout).toContain(name)
  })
})
