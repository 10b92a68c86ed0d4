import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Secret } from '../core/secret.ts'
import { findAdminSecret } from './admin-secret.ts'

const GIVEN = 'canary-of-twenty-four-chars'

let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'admin-secret-'))
})

afterEach(() => rmSync(directory, { recursive: true, force: true }))

function find(
  environment: Record<string, string> = {},
  configured?: Secret,
): ReturnType<typeof findAdminSecret> {
  return findAdminSecret({ configured, environment, directory })
}

describe('the secret of the admin API', () => {
  it('is made at the first start, and is the same at the next', () => {
    const first = find()
    expect(first).toMatchObject({ ok: true, file: join(directory, 'admin.key') })
    const text = first.ok ? first.secret.reveal() : ''
    expect(text).toMatch(/^[\w-]{43}$/)
    expect(statSync(join(directory, 'admin.key')).mode & 0o777).toBe(0o600)
    const again = find()
    expect(again.ok && again.secret.reveal()).toBe(text)
  })

  it('is that of the environment, and before it that of the configuration', () => {
    const given = find({ MLFLOW_GATEWAY_ADMIN_KEY: GIVEN })
    expect(given.ok && given.secret.reveal()).toBe(GIVEN)
    const configured = find({ MLFLOW_GATEWAY_ADMIN_KEY: GIVEN }, new Secret('other'))
    expect(configured.ok && configured.secret.reveal()).toBe('other')
    expect(() => readFileSync(join(directory, 'admin.key'))).toThrow('ENOENT')
  })

  it.each(['', ' '.repeat(30), 'canary', GIVEN.slice(0, 23)])(
    'is refused when it is %j, and not repeated',
    (text) => {
      const found = find({ MLFLOW_GATEWAY_ADMIN_KEY: text })
      expect(found).toEqual({
        ok: false,
        problem: expect.stringMatching(/^MLFLOW_GATEWAY_ADMIN_KEY is too short.*at least 24 characters/),
      })
      expect(JSON.stringify(found)).not.toContain('canary')
    },
  )

  it('is refused when the file was cut short', () => {
    writeFileSync(join(directory, 'admin.key'), 'canary')
    expect(find()).toMatchObject({ ok: false, problem: expect.stringContaining('admin.key is too short') })
  })

  it('says what it cannot write', () => {
    const missing = join(directory, 'missing')
    expect(findAdminSecret({ configured: undefined, environment: {}, directory: missing })).toMatchObject({
      problem: expect.stringContaining('(ENOENT)'),
    })
  })

  it('is nowhere when nothing is kept on disk', () => {
    const places = { configured: undefined, environment: {}, directory: undefined }
    expect(findAdminSecret(places)).toEqual({ ok: false, problem: undefined })
  })
})
