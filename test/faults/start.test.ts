import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask } from '../support/ask.ts'
import { configText } from '../support/config-text.ts'
import { Gateway } from '../support/gateway.ts'

const COMMAND = fileURLToPath(new URL('../../dist/main.js', import.meta.url))
const CONFIG = configText([{ name: 'chat', provider: 'mock', base: '' }])

let folder: string
let configPath: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gateway-start-'))
  configPath = join(folder, 'good.yaml')
  await writeFile(configPath, CONFIG)
})

afterAll(() => rm(folder, { recursive: true, force: true }))

interface Outcome {
  code: unknown
  stdout: string
  stderr: string
}

/** Run the command to its end. */
function run(...words: string[]): Promise<Outcome> {
  return runWith({}, ...words)
}

function runWith(variables: Readonly<Record<string, string>>, ...words: string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    const environment = { PATH: process.env['PATH'], HOME: folder, ...variables }
    execFile(
      process.execPath,
      [COMMAND, ...words],
      { env: environment, timeout: 20_000 },
      (error, stdout, stderr) => {
        resolve({ code: error ? error.code : 0, stdout, stderr })
      },
    )
  })
}

function lines({ stderr }: Outcome): string[] {
  return stderr.split('\n').filter((line) => line !== '')
}

describe('a start that cannot be', () => {
  it('because the port is busy is one line and exit code 1', async () => {
    const holder = createServer()
    await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve))
    const address: AddressInfo | string | null = holder.address()
    const port = String(typeof address === 'object' ? address?.port : 0)
    const outcome = await run('start', '--config-path', configPath, '--port', port)
    holder.close()
    expect(outcome.code).toBe(1)
    expect(lines(outcome)).toEqual([expect.stringContaining(`port ${port} on 127.0.0.1 is in use`)])
    expect(lines(outcome)[0]).toContain('--port')
  })

  it.each(['192.0.2.1', '999.1.2.3'])(
    'because %s is no address of this machine is one line',
    async (host) => {
      const path = join(folder, 'closed.yaml')
      await writeFile(path, `auth: required\n${CONFIG}`)
      const outcome = await run('start', '--config-path', path, '--host', host, '--port', '0')
      expect(outcome.code).toBe(1)
      expect(lines(outcome)).toEqual([expect.stringContaining(`"${host}" is not an address of this machine`)])
    },
  )

  it('because others could reach it and nobody is asked who they are is one line and exit code 2', async () => {
    const open = await run('start', '--config-path', configPath, '--host', '0.0.0.0', '--port', '0')
    expect(open.code).toBe(2)
    expect(lines(open)).toEqual([expect.stringContaining('write "auth: required"')])
    const path = join(folder, 'open.yaml')
    await writeFile(path, `auth: none\n${CONFIG}`)
    const none = await run('start', '--config-path', path, '--host', '0.0.0.0', '--port', '0')
    expect(none.code).toBe(2)
    expect(lines(none)).toEqual([expect.stringContaining('--allow-unauthenticated')])
  })

  it('because the file is not there is one line and exit code 2', async () => {
    const outcome = await run('start', '--config-path', join(folder, 'nowhere.yaml'), '--port', '0')
    expect(outcome.code).toBe(2)
    expect(lines(outcome)).toEqual([expect.stringContaining('nowhere.yaml')])
  })

  it('because the file is a folder is one line and exit code 2', async () => {
    const outcome = await run('start', '--config-path', folder, '--port', '0')
    expect(outcome.code).toBe(2)
    expect(lines(outcome)).toEqual([expect.stringContaining(folder)])
  })

  it('because the file is wrong names every mistake with its place, exit code 2', async () => {
    const path = join(folder, 'wrong.yaml')
    await writeFile(path, 'routes:\n  - name: a b\n    type: llm/v1/chat\n    model: { provider: opnai }\n')
    const outcome = await run('start', '--config-path', path, '--port', '0')
    expect(outcome.code).toBe(2)
    expect(lines(outcome).length).toBeGreaterThanOrEqual(2)
    for (const line of lines(outcome)) expect(line).toMatch(/wrong\.yaml:\d+:\d+: routes\[0\]\S*: .+/)
  })

  it.each(['loud', 'INFO', ''])('because LOG_LEVEL is %j is one line and exit code 2', async (level) => {
    const outcome = await runWith({ LOG_LEVEL: level }, 'start', '--config-path', configPath, '--port', '0')
    expect(outcome.code).toBe(2)
    expect(lines(outcome)).toEqual([
      `error: LOG_LEVEL is "${level}", which is no level; set it to one of trace, debug, info, warn, error, fatal, silent`,
    ])
  })

  it.each([
    ['start', '--port', 'many'],
    ['start', '--port', '65536'],
    ['start', '--workers', '0'],
    ['start', '--nonsense'],
    ['sing'],
    ['validate'],
  ])('because the command is wrong is exit code 2: %s %s', async (...words) => {
    const outcome = await run(...words)
    expect(outcome.code).toBe(2)
    expect(outcome.stderr).toMatch(/^error: /)
    expect(outcome.stderr).not.toContain('    at ')
  })
})

describe('a start', () => {
  it('takes a free port for port 0 and says which', async () => {
    const gateway = await Gateway.start(CONFIG)
    try {
      expect(gateway.port).toBeGreaterThan(0)
      expect(await ask(`${gateway.url}/health`)).toMatchObject({ status: 200, text: '{"status":"OK"}' })
      expect(gateway.workers()).toHaveLength(2)
    } finally {
      await gateway.stop()
    }
  })

  it('takes the file that MLFLOW_GATEWAY_CONFIG names', async () => {
    const gateway = await Gateway.start('', {
      arguments: ['--port', '0', '--workers', '1'],
      env: { MLFLOW_GATEWAY_CONFIG: configPath },
    })
    try {
      const { text } = await ask(`${gateway.url}/gateway/routes/chat`)
      expect(JSON.parse(text)).toMatchObject({ route: { name: 'chat' } })
    } finally {
      await gateway.stop()
    }
  })
})
