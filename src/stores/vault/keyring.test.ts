import { randomBytes } from 'node:crypto'
import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { readKeyring, takeKeyring } from './keyring.ts'

const bytes = randomBytes(32)
const hex = bytes.toString('hex')
const base64 = bytes.toString('base64')

describe('a key', () => {
  test('is 32 bytes, in hex or in base64 of both alphabets, and is the same in each', () => {
    const spellings = [
      hex,
      hex.toUpperCase(),
      base64,
      base64.slice(0, -1),
      bytes.toString('base64url'),
      ` ${hex}\n`,
    ]
    const ids = spellings.map((text) => readKeyring(text).present?.id)
    expect(new Set(ids)).toEqual(new Set([expect.stringMatching(/^[0-9a-f]{12}$/)]))
    expect(readKeyring(randomBytes(32).toString('hex')).present?.id).not.toBe(ids[0])
  })

  test.each([
    ['a password', 'correct horse battery staple'],
    ['a password of 43 letters', 'aaaabbbbccccddddeeeeffffgggghhhhiiiijjjjkkk'],
    ['16 bytes', randomBytes(16).toString('hex')],
    ['33 bytes', randomBytes(33).toString('base64')],
    ['zeros', '0'.repeat(64)],
    ['one byte again and again', 'ab'.repeat(32)],
    ['base64 with a space', `${base64.slice(0, 20)} ${base64.slice(20)}`],
  ])('is not made of %s', (_what, text) => {
    const { present, problem } = readKeyring(text)
    expect(present).toBeUndefined()
    expect(problem).toMatch(
      /^MLFLOW_GATEWAY_ENCRYPTION_KEY is no key: it must be 32 random bytes, .*openssl rand/,
    )
    expect(problem).not.toContain(text)
  })

  test('that is not there is a problem that says what to do', () => {
    for (const absent of [undefined, '', ' ']) {
      expect(readKeyring(absent)).toMatchObject({
        present: undefined,
        problem: expect.stringMatching(
          /^MLFLOW_GATEWAY_ENCRYPTION_KEY is not set; make one with "openssl rand/,
        ),
      })
    }
  })

  test('prints as nothing', () => {
    const ring = readKeyring(hex)
    const printed = `${inspect(ring, { depth: 9, showHidden: true })}${JSON.stringify(ring)}`
    for (const text of [hex, base64, bytes.toString('latin1')]) expect(printed).not.toContain(text)
  })
})

describe('a keyring', () => {
  test('has the present key and those before it', () => {
    const older = [randomBytes(32).toString('hex'), randomBytes(32).toString('base64')]
    const ring = readKeyring(hex, `${older.join(' , ')},`)
    expect(ring.problem).toBeUndefined()
    expect(ring.byId.size).toBe(3)
    expect(ring.byId.get(ring.present?.id ?? '')).toBe(ring.present)
  })

  test('goes by its good keys when one of the older is none, and says so', () => {
    const ring = readKeyring(hex, `${randomBytes(32).toString('hex')},hunter2`)
    expect([...ring.byId.keys()]).toHaveLength(2)
    expect(ring.problem).toMatch(/^MLFLOW_GATEWAY_ENCRYPTION_KEY_PREVIOUS holds what is no key/)
    expect(ring.problem).not.toContain('hunter2')
  })

  test('is taken out of the environment, so that no child inherits it', () => {
    const environment = {
      PATH: '/bin',
      MLFLOW_GATEWAY_ENCRYPTION_KEY: hex,
      MLFLOW_GATEWAY_ENCRYPTION_KEY_PREVIOUS: randomBytes(32).toString('hex'),
    }
    expect(takeKeyring(environment).byId.size).toBe(2)
    expect(environment).toEqual({ PATH: '/bin' })
  })
})
