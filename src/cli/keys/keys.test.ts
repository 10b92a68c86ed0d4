import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { looksLikeKey } from '../../auth/new-key.ts'
import { digestOf, pepperOf } from '../../auth/digest.ts'
import type { Database } from '../../core/database.ts'
import { openDatabase } from '../../stores/index.ts'
import { createKey } from './create.ts'
import { listKeys } from './list.ts'
import { revokeKey } from './revoke.ts'
import { replaceKey } from './rotate.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'keys-command-'))
let database: Database
// Each command opens it anew, which takes a second here.
vi.mock('../open-store.ts', () => ({
  openStore: () =>
    Promise.resolve({ database: { ...database, close: () => Promise.resolve() }, directory: undefined }),
}))
beforeAll(async () => {
  database = await openDatabase({ sqlite: join(dataDir, 'gateway.sqlite') })
})
afterAll(async () => {
  await database.close()
  rmSync(dataDir, { recursive: true })
})
const nothing = { dataDir, tag: [], route: [], limit: [] }

let out = ''
let told = ''
beforeEach(() => {
  out = told = ''
  const write = (keep: (text: string) => void) => (text: string | Uint8Array) => {
    keep(String(text))
    return true
  }
  vi.spyOn(process.stdout, 'write').mockImplementation(write((text) => (out += text)))
  vi.spyOn(process.stderr, 'write').mockImplementation(write((text) => (told += text)))
})
afterEach(() => vi.restoreAllMocks())

/** What a command prints on stdout. */
async function printed(command: Promise<number>): Promise<string> {
  out = ''
  expect(await command).toBe(0)
  return out
}

/** How the database has the key: undefined when it has none like it. */
async function found(key: string): Promise<{ id: string; isEnabled: boolean } | undefined> {
  return database.keys.findByDigest(digestOf(key, await pepperOf(database.settings)))
}

describe('keys', () => {
  it('are printed once, alone on stdout, and are nowhere on disk', async () => {
    const key = (await printed(createKey('ci', { ...nothing, user: 'ann', tag: ['project=x=y'] }))).trimEnd()
    expect(looksLikeKey(key)).toBe(true)
    expect(told).toContain('"ci"')
    expect(told).not.toContain(key)
    expect(await printed(listKeys({ dataDir }))).not.toContain(key)
    expect(out).toMatch(
      /^ID +NAME +KEY +USER +TEAM +ROUTES +LAST USED +STATE\nkey_\w{16} +ci +mgw_\.{3}.{4} +ann +- +\* +- +good\n$/,
    )
    for (const file of readdirSync(dataDir))
      expect(readFileSync(join(dataDir, file)).includes(key)).toBe(false)
  })

  it('are told to programs as JSON', async () => {
    const options = {
      ...nothing,
      route: ['chat', 'embed-*'],
      limit: ['600 requests per minute', '20 usd per month'],
      team: 'search',
      expires: '90d',
      json: true,
    }
    const made = JSON.parse(await printed(createKey('json', options)))
    expect(made).toMatchObject({ name: 'json', team: 'search', routes: ['chat', 'embed-*'], enabled: true })
    expect(made.limits).toMatchObject([
      { requests: 600, per: 'minute' },
      { cost: 20, per: 'month' },
    ])
    expect(Date.parse(made.expiresAt)).toBeGreaterThan(Date.now() + 89 * 86_400_000)
    const [listed] = JSON.parse(await printed(listKeys({ dataDir, team: 'search', json: true })))
    expect(listed).not.toHaveProperty('key')
    expect(listed).not.toHaveProperty('digest')
    expect(listed.id).toBe(made.id)
  })

  it('have a new form after a rotation, the old one for as long as it was said', async () => {
    const first = (await printed(createKey('turns', nothing))).trimEnd()
    const second = (await printed(replaceKey('turns', { dataDir, grace: '1h' }))).trimEnd()
    expect(await found(first)).toEqual(await found(second))
    const third = (await printed(replaceKey('turns', { dataDir, grace: '0' }))).trimEnd()
    expect(await found(third)).toBeDefined()
    expect([await found(first), await found(second)]).toEqual([undefined, undefined])
  })

  it('are revoked by id or name, and deleted if that is asked', async () => {
    const key = (await printed(createKey('gone', nothing))).trimEnd()
    expect(await printed(revokeKey('gone', { dataDir }))).toMatch(/^key "gone" \(key_\w+\) is revoked\n$/)
    const { id = '', isEnabled } = (await found(key)) ?? {}
    expect(isEnabled).toBe(false)
    expect(await printed(listKeys({ dataDir }))).toMatch(/ gone .* revoked\n/)
    expect(await printed(revokeKey(id, { dataDir, delete: true }))).toContain('is deleted')
    expect(await found(key)).toBeUndefined()
  })

  it('of one name are not guessed between', async () => {
    await printed(createKey('twin', nothing))
    await printed(createKey('twin', nothing))
    expect(await revokeKey('twin', { dataDir })).toBe(2)
    expect(told).toMatch(/2 keys have the name "twin"; write the id of one: key_\w+, key_\w+\n$/)
    expect(await revokeKey('nobody', { dataDir })).toBe(2)
    expect(told).toMatch(/there is no key of the id or name "nobody"\n$/)
  })

  it.each([
    [{ expires: '2020-01-01' }, '--expires'],
    [{ expires: 'soon' }, '--expires'],
    [{ expires: '0s' }, '--expires'],
    [{ tag: ['project'] }, '--tag'],
    [{ limit: ['much'] }, '--limit "much" is no limit'],
  ])('are not made with %j', async (options, word) => {
    expect(await createKey('bad', { ...nothing, ...options })).toBe(2)
    expect(told).toMatch(new RegExp(`^error: ${word}`))
  })
})
