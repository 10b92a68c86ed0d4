import { randomBytes } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Database, DatabaseError } from '../../core/database.ts'
import { Secret } from '../../core/secret.ts'
import { listAll } from '../list-all.ts'
import { openDatabase } from '../open-database.ts'
import { readKeyring } from './keyring.ts'
import { Vault } from './vault.ts'

const OLD = randomBytes(32).toString('hex')
const NEW = randomBytes(32).toString('hex')

let database: Database
beforeAll(async () => {
  database = await openDatabase({ sqlite: ':memory:' })
})
afterAll(() => database.close())
afterEach(async () => {
  for (const row of await listAll(database.secrets)) await database.secrets.delete(row)
})

function vaultWith(present?: string, previous?: string): Vault {
  return new Vault(database.secrets, readKeyring(present, previous))
}

async function find(vault: Vault, name: string): Promise<string> {
  const found = vault.open(await listAll(database.secrets)).find(name)
  return found.ok ? found.secret.reveal() : `refused: ${found.reason}`
}

test('a secret is set, changed and deleted, and each stands in the audit log without its value', async () => {
  const vault = vaultWith(OLD)
  await vault.set('openai', new Secret('canary-one'), 'alice')
  expect(await find(vault, 'openai')).toBe('canary-one')
  expect(await vault.set('openai', new Secret('canary-two'), 'bob')).toMatchObject({ version: 2 })
  expect(await find(vault, 'openai')).toBe('canary-two')
  expect(await vault.delete('openai', 'carol')).toBe(true)
  expect(await vault.delete('openai', 'carol')).toBe(false)
  expect(await find(vault, 'openai')).toMatch(
    /^refused: is not in the store; set it with "mlflow-gateway secrets set"/,
  )
  const { rows } = await database.audit.list({ limit: 10 })
  expect(rows.map(({ actor, action, object }) => [actor, action, object])).toEqual([
    ['carol', 'secret.delete', 'secret/openai'],
    ['bob', 'secret.set', 'secret/openai'],
    ['alice', 'secret.set', 'secret/openai'],
  ])
  expect(JSON.stringify(rows)).not.toMatch(/canary|sealed/)
})

describe('a value', () => {
  test.each([
    ['', /^the value is empty/],
    [' \n', /^the value is empty/],
    ['two\nlines', /^the value holds a line break/],
    ['schlüssel', /^the value holds a line break or a character that HTTP headers do not allow/],
    ['x'.repeat(65_537), /^the value is longer than 64 KB/],
  ])('is refused when no header could hold it: %.10j', async (value, message) => {
    const refused = vaultWith(OLD).set('n', new Secret(value), 'alice')
    await expect(refused).rejects.toThrow(message)
    await expect(refused).rejects.toMatchObject({ kind: 'invalid' })
  })

  test.each(['', '.n', '-n', 'a b', 'a/b', 'ü', 'n'.repeat(101)])('has no name such as %j', async (name) => {
    await expect(vaultWith(OLD).set(name, new Secret('v'), 'alice')).rejects.toThrow(/^the name of a secret/)
  })

  test('is not taken without a key to seal it with', async () => {
    await expect(vaultWith().set('n', new Secret('v'), 'alice')).rejects.toThrow(/_KEY is not set; make one/)
    await expect(vaultWith('hunter2').set('n', new Secret('v'), 'alice')).rejects.toThrow(/_KEY is no key/)
  })

  test('of two who set it at one time stays, and nobody is refused', async () => {
    const vault = vaultWith(OLD)
    const values = ['one', 'two', 'three', 'four']
    const rows = await Promise.all(values.map((value) => vault.set('n', new Secret(value), value)))
    expect(rows.map(({ version }) => version).toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4])
    expect(values).toContain(await find(vault, 'n'))
  })
})

describe('a secret that cannot be opened', () => {
  beforeEach(async () => {
    await vaultWith(OLD).set('openai', new Secret('canary'), 'alice')
  })

  test.each([
    [
      'without a key',
      undefined,
      /^refused: cannot be opened: it is sealed with the key [0-9a-f]{12}, but MLFLOW\w+ is not set/,
    ],
    ['with what is no key', 'hunter2', /^refused: cannot be opened: .*, but MLFLOW\w+ is no key/],
    [
      'with another key',
      NEW,
      /^refused: cannot be opened: .*, and MLFLOW\w+ is [0-9a-f]{12}; give the older one in/,
    ],
  ])('says why %s, and is kept', async (_why, key, message) => {
    expect(await find(vaultWith(key), 'openai')).toMatch(message)
    expect(await find(vaultWith(OLD), 'openai')).toBe('canary')
  })

  test('is that of another name, put in its place', async () => {
    const vault = vaultWith(OLD)
    await vault.set('cheap', new Secret('other'), 'alice')
    const stolen = await database.secrets.get('openai')
    const row = await database.secrets.get('cheap')
    if (!stolen || !row) throw new Error('both are there')
    await database.secrets.update(row, { sealed: stolen.sealed })
    expect(await find(vault, 'cheap')).toMatch(/^refused: is damaged, or was written for another name/)
  })
})

describe('rotation', () => {
  test('seals everything with the present key, once, and leaves the values as they were', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `s${index}`)
    for (const name of names) await vaultWith(OLD).set(name, new Secret(`value of ${name}`), 'alice')
    const vault = vaultWith(NEW, OLD)
    await vault.set('fresh', new Secret('new'), 'alice')
    const first = await vault.rotate('alice')
    expect([first.sealedAnew.length, first.unchanged, first.closed]).toEqual([12, ['fresh'], []])
    const second = await vault.rotate('alice')
    expect([second.sealedAnew, second.unchanged.length]).toEqual([[], 13])
    const alone = vaultWith(NEW)
    expect(await find(alone, 's0')).toBe('value of s0')
    expect(await find(alone, 's11')).toBe('value of s11')
    expect(await find(vaultWith(OLD), 's0')).toMatch(/^refused: cannot be opened/)
  })

  test('that was interrupted is finished by doing it again', async () => {
    for (const name of ['a', 'b', 'c']) await vaultWith(OLD).set(name, new Secret(name), 'alice')
    let updates = 0
    const { secrets } = database
    const update = secrets.update.bind(secrets)
    vi.spyOn(secrets, 'update').mockImplementation((...given) =>
      ++updates === 2 ? Promise.reject(new DatabaseError('unavailable', 'gone')) : update(...given),
    )
    const interrupted = new Vault(secrets, readKeyring(NEW, OLD))
    await expect(interrupted.rotate('alice')).rejects.toThrow('gone')
    vi.restoreAllMocks()
    for (const name of ['a', 'b', 'c']) expect(await find(vaultWith(NEW, OLD), name)).toBe(name)
    expect(await vaultWith(NEW, OLD).rotate('alice')).toMatchObject({
      sealedAnew: ['b', 'c'],
      unchanged: ['a'],
    })
  })

  test('leaves alone what it cannot open, says so, and does the rest', async () => {
    await vaultWith(randomBytes(32).toString('hex')).set('lost', new Secret('x'), 'alice')
    await vaultWith(OLD).set('there', new Secret('y'), 'alice')
    const { sealedAnew, closed } = await vaultWith(NEW, OLD).rotate('alice')
    expect(sealedAnew).toEqual(['there'])
    expect(closed).toEqual([{ name: 'lost', problem: expect.stringMatching(/^cannot be opened/) }])
  })
})
