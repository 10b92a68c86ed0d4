import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, expect, it, vi } from 'vitest'
import { deleteSecret } from './delete.ts'
import { listSecrets } from './list.ts'
import { rotateSecrets } from './rotate.ts'
import { setSecret } from './set.ts'

const OLD = randomBytes(32).toString('hex')
const NEW = randomBytes(32).toString('base64')

const folder = mkdtempSync(join(tmpdir(), 'secrets-command-'))
afterAll(() => rmSync(folder, { recursive: true }))
writeFileSync(join(folder, 'openai.key'), 'sk-canary-one\n')
writeFileSync(join(folder, 'gateway.yaml'), `server: {data_dir: ${folder}/by-file}\nroutes: []\n`)
const options = { dataDir: join(folder, 'data') }

let out = ''
beforeEach(() => {
  out = ''
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, 'write').mockImplementation((text) => {
      out += String(text)
      return true
    })
  }
})
afterEach(() => {
  if (out.includes('canary')) throw new Error('a value was printed')
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
})

function use(present: string, previous = ''): void {
  vi.stubEnv('MLFLOW_GATEWAY_ENCRYPTION_KEY', present)
  vi.stubEnv('MLFLOW_GATEWAY_ENCRYPTION_KEY_PREVIOUS', previous)
}

it('keeps, lists and deletes secrets, in a database of its owner alone', async () => {
  use(OLD)
  vi.stubEnv('ANTHROPIC_API_KEY', 'sk-canary-two')
  expect(await setSecret('openai', { ...options, from: join(folder, 'openai.key') })).toBe(0)
  use(OLD)
  expect(await setSecret('anthropic', { ...options, from: '$ANTHROPIC_API_KEY' })).toBe(0)
  expect(statSync(join(options.dataDir, 'gateway.sqlite')).mode & 0o777).toBe(0o600)
  out = ''
  use(OLD)
  expect(await listSecrets(options)).toBe(0)
  expect(out).toMatch(/^NAME +KEY +VERSION +UPDATED\nanthropic +\w{12} +1 .*\nopenai +\w{12} +1 .*\n$/)
  expect(await deleteSecret('anthropic', options)).toBe(0)
  expect(await deleteSecret('anthropic', options)).toBe(1)
})

it('seals them with the present key', async () => {
  use(NEW, OLD)
  expect(await rotateSecrets(options)).toBe(0)
  expect(out).toBe('sealed anew: 1, already with the present key: 0\n')
})

it('says which cannot be opened', async () => {
  use(OLD)
  expect(await listSecrets({ ...options, json: true })).toBe(1)
  expect(JSON.parse(out)).toEqual([
    {
      name: 'openai',
      keyId: expect.stringMatching(/^\w{12}$/),
      version: 2,
      updatedAt: expect.stringMatching(/^\d{4}-.*Z$/),
      problem: expect.stringMatching(/^cannot be opened: it is sealed with the key/),
    },
  ])
})

it.each([
  [
    'a value that is an argument',
    NEW,
    'x',
    'sk-canary-one',
    /^error: the value of --from leads to no file; write \$NAME/,
  ],
  [
    'a variable that is not set',
    NEW,
    'x',
    '$NOT_SET',
    /^error: the value of --from environment variable "NOT_SET" is not/,
  ],
  ['a name for no configuration', NEW, 'a b', '$VALUE', /^error: the name of a secret is of letters/],
  ['anything with a password', 'hunter2', 'x', '$VALUE', /^error: MLFLOW_GATEWAY_ENCRYPTION_KEY is no key/],
])('does not take %s', async (_what, key, name, from, message) => {
  use(key)
  vi.stubEnv('VALUE', 'sk-canary-one')
  expect(await setSecret(name, { ...options, from })).toBe(2)
  expect(out).toMatch(message)
  expect(out).not.toContain('hunter2')
})

it('makes a key where nobody gave one, which is of the directory, and of its owner alone', async () => {
  const own = { dataDir: join(folder, 'own-key') }
  use('')
  expect(await setSecret('x', { ...own, from: join(folder, 'openai.key') })).toBe(0)
  expect(statSync(join(own.dataDir, 'encryption.key')).mode & 0o777).toBe(0o600)
  use('')
  expect(await listSecrets(own)).toBe(0)
  use(NEW)
  expect(await listSecrets(own)).toBe(1)
})

it('works where the configuration says that the store is, or says what is wrong with it', async () => {
  use(NEW)
  vi.stubEnv('MLFLOW_GATEWAY_DATA_DIR', undefined)
  expect(
    await setSecret('x', { configPath: join(folder, 'gateway.yaml'), from: join(folder, 'openai.key') }),
  ).toBe(0)
  expect(statSync(join(folder, 'by-file', 'gateway.sqlite')).isFile()).toBe(true)
  out = ''
  expect(await listSecrets({ configPath: join(folder, 'none.yaml') })).toBe(2)
  expect(out).toMatch(/none\.yaml: does not exist; check the path\n$/)
  out = ''
  expect(await listSecrets({ dataDir: 'none' })).toBe(2)
  expect(out).toBe('nothing is kept on disk; name the data directory of the gateway with --data-dir\n')
})
