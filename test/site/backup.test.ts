import { execFile, execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Gateway } from '../support/gateway.ts'
import { blocksOf } from '../support/markdown.ts'
import { playGuide } from '../support/play-guide.ts'
import { waitFor } from '../support/wait.ts'

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url))
const YAML = `
auth: required
routes:
  - { name: chat, type: llm/v1/chat, model: { provider: mock, name: mock-1 } }
`
const run = promisify(execFile)
const text = await readFile(new URL('../../docs/guide/backup.md', import.meta.url), 'utf8')
const blocks = blocksOf(text, 'sh').filter((block) => !block.includes('pg_'))

let folder: string
let environment: { MLFLOW_GATEWAY_DATA_DIR: string }
let gateway: Gateway

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backup-'))
  environment = { MLFLOW_GATEWAY_DATA_DIR: join(folder, '.mlflow-gateway') }
  gateway = await Gateway.start(YAML, { env: environment })
})

afterAll(async () => {
  await gateway?.stop()
  await rm(folder, { recursive: true, force: true })
})

test.skipIf(!hasSqlite())(
  'a backup of a running gateway is whole, and a gateway from it knows keys and usage',
  async () => {
    const key = (await command('keys', 'create', 'indexer', '--team', 'search')).trim()
    await waitFor('the gateway to know the key', async () => (await ask(key)) === 200)
    await waitFor('the record of the request', async () => (await teams()).includes('search'))
    const restore = blocks.at(-1) ?? ''

    expect(await playGuide(blocks.slice(0, -1), gateway, folder)).toEqual([])
    await gateway.stop()
    expect(await playGuide([restore], gateway, folder)).toEqual([])
    gateway = await Gateway.start(YAML, { env: environment })

    expect(restore).toContain('mv ~/.mlflow-gateway ')
    expect(await ask(key)).toBe(200)
    expect(await ask('mgw_unknown')).toBe(401)
    expect(await teams()).toContain('search')
  },
  60_000,
)

function hasSqlite(): boolean {
  try {
    execFileSync('sqlite3', ['--version'])
    return true
  } catch {
    return false
  }
}

const teams = (): Promise<string> => command('usage', '--since', '1d', '--by', 'team')

async function command(...words: string[]): Promise<string> {
  const { stdout } = await run(process.execPath, [MAIN, ...words], {
    env: { PATH: process.env['PATH'], HOME: folder, ...environment },
  })
  return stdout
}

async function ask(key: string): Promise<number> {
  const reply = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'chat', messages: [{ role: 'user', content: 'Hello' }] }),
  })
  await reply.arrayBuffer()
  return reply.status
}
