import { execFile } from 'node:child_process'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accepts, ask, type Answer } from '../support/ask.ts'
import { Gateway } from '../support/gateway.ts'
import { waitFor } from '../support/wait.ts'

const CONFIG = `
limits: [{requests: 5, per: day}]
routes:
  - name: chat
    type: llm/v1/chat
    model: {provider: mock, name: m}
`

const COMMAND = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

function run(words: string[], env: Record<string, string>): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, words, { env }, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode, stdout, stderr })
    })
  })
}

let gateway: Gateway
let secret: string

beforeAll(async () => {
  gateway = await Gateway.start(CONFIG)
  secret = (await readFile(keyFile(), 'utf8')).trim()
})

afterAll(() => gateway?.stop())

function keyFile(): string {
  return join(gateway.folder, '.mlflow-gateway', 'admin.key')
}

function admin(path: string, body?: unknown, authorization = `Bearer ${secret}`): Promise<Answer> {
  return ask(`http://127.0.0.1:${gateway.port + 1}${path}`, { body, headers: { authorization } })
}

describe('a gateway that was told nothing of an admin API', () => {
  it('has one beside its own port, with a secret that it made, and says where', async () => {
    expect(secret).toMatch(/^[\w-]{43}$/)
    expect((await stat(keyFile())).mode & 0o777).toBe(0o600)
    expect(gateway.stderr).toContain(`http://127.0.0.1:${gateway.port + 1}/ with the key`)
    expect(gateway.stderr).toContain(keyFile())
    expect((await admin('/admin/config')).status).toBe(200)
    expect((await admin('/admin/config', undefined, 'Bearer wrong')).status).toBe(401)
  })

  it('keeps the two apart: no path of one is at the other', async () => {
    const headers = { authorization: `Bearer ${secret}` }
    for (const path of ['/admin/config', '/admin/docs', '/admin/keys', '/admin/openapi.json']) {
      expect((await ask(gateway.url + path, { headers })).status).toBe(404)
    }
    expect((await admin('/gateway/chat/invocations', { messages: [] })).status).toBe(404)
  })

  it('makes a key, which has no business at the admin API', async () => {
    const made = await admin('/admin/keys', { name: 'first', team: 'search' })
    expect(made.status).toBe(201)
    const { key } = JSON.parse(made.text)
    const refused = await admin('/admin/keys', undefined, `Bearer ${key}`)
    expect([refused.status, JSON.parse(refused.text).error.code]).toEqual([403, 'virtual_key'])
  })

  it('shows a request, what was used, and where a limit stands', async () => {
    const body = { messages: [{ role: 'user', content: 'hi' }] }
    expect((await ask(`${gateway.url}/gateway/chat/invocations`, { body })).status).toBe(200)
    const [request] = await waitFor('the record', async () => {
      const { items } = JSON.parse((await admin('/admin/requests')).text)
      return items.length > 0 && items
    })
    expect(request).toMatchObject({ route: 'chat', status: 200, outcome: 'ok', provider: 'mock' })
    const whole = JSON.parse((await admin(`/admin/requests/${request.id}`)).text)
    expect(whole.attempts).toMatchObject([{ target: request.target, outcome: 'ok' }])
    const { rows } = JSON.parse((await admin('/admin/usage?by=route')).text)
    expect(rows).toMatchObject([{ group: { route: 'chat' }, requests: 1 }])
    const { items } = JSON.parse((await admin('/admin/budgets')).text)
    expect(items).toMatchObject([{ rule: { requests: 5, per: 'day' }, most: 5, used: 1, reserved: 0 }])
  })

  it('shows its routes with the lines of the file, and checks another file', async () => {
    const { items } = JSON.parse((await admin('/admin/routes')).text)
    expect(items).toMatchObject([{ name: 'chat', origin: { kind: 'file', line: 4 }, health: 'ok' }])
    const answer = await admin('/admin/config/validate', { text: CONFIG.replace('mock', 'mok') })
    expect(JSON.parse(answer.text)).toMatchObject({
      valid: false,
      issues: [
        {
          line: 6,
          path: 'routes[0].model.provider',
          message: expect.stringContaining('did you mean "mock"'),
        },
      ],
    })
    // A module would be run by loading it.
    const module = await admin('/admin/config/validate', { text: CONFIG.replace('mock', './own.mjs') })
    expect(JSON.parse(module.text).issues).toMatchObject([
      { message: expect.stringContaining('it was not loaded') },
    ])
    const { text } = await admin('/admin/config/content')
    expect(JSON.parse(text)).toMatchObject({ routes: [{ name: 'chat' }] })
  })

  it('tells the command status how it is, with the secret of the data directory', async () => {
    const status = async (words: string[], env: Record<string, string> = {}): Promise<Ran> =>
      run([COMMAND, 'status', '--admin-url', `http://127.0.0.1:${gateway.port + 1}`, ...words], {
        PATH: process.env['PATH'] ?? '',
        HOME: gateway.folder,
        ...env,
      })
    const told = await status([])
    expect([told.code, told.stderr]).toEqual([0, ''])
    expect(told.stdout).toMatch(
      /^configuration 1, in use since 2.*\n {2}chat {2}line 4 {2}ready {2}ok {2}mock\/m\n$/,
    )
    expect(JSON.parse((await status(['--json'])).stdout)).toMatchObject({ routes: [{ name: 'chat' }] })
    const wrong = await status([], { MLFLOW_GATEWAY_ADMIN_KEY: 'CANARY-wrong' })
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('answers 401')])
    const none = await status([], { MLFLOW_GATEWAY_DATA_DIR: 'none' })
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('there is no admin secret')])
    expect(JSON.stringify([told, wrong, none])).not.toMatch(new RegExp(`CANARY|${secret}`))
  })

  it('names its secret in no log line', () => {
    expect(gateway.stdout + gateway.stderr).not.toContain(secret)
  })
})

describe('a gateway with a secret that is too short', () => {
  it('does not start, and does not repeat it', async () => {
    const env = { MLFLOW_GATEWAY_ADMIN_KEY: 'CANARY-short' }
    const doomed = await Gateway.start(CONFIG, { env, isDoomed: true })
    expect((await doomed.exited).code).toBe(1)
    expect(doomed.stderr).toContain('MLFLOW_GATEWAY_ADMIN_KEY is too short')
    expect(doomed.stderr + doomed.stdout).not.toContain('CANARY')
    await doomed.stop()
  })
})

describe('a gateway that keeps nothing on disk', () => {
  it('has no admin API, and says so', async () => {
    const bare = await Gateway.start(CONFIG, { workers: 1, env: { MLFLOW_GATEWAY_DATA_DIR: 'none' } })
    try {
      expect(await accepts(bare.port + 1)).toBe(false)
      await waitFor('the log line', () =>
        bare.log().find(({ msg }) => String(msg).startsWith('no admin API')),
      )
    } finally {
      await bare.stop()
    }
  })
})
