import type { LookupAddress } from 'node:dns'
import { describe, expect, test } from 'vitest'
import { guardedLookup, mayCall } from './address-guard.ts'

describe('an address', () => {
  test.each(['8.8.8.8', '1.1.1.1', '172.15.0.1', '172.32.0.1', '100.128.0.1', '2606:4700::1111'])(
    '%s of the internet may be called',
    (address) => {
      expect(mayCall(address, false)).toBe(true)
    },
  )

  test.each([
    '127.0.0.1',
    '127.255.1.2',
    '0.0.0.0',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '100.64.0.1',
    '198.18.0.1',
    '192.0.2.1',
    '240.0.0.1',
    '::1',
    '::',
    'fc00::1',
    'fd12:3456::1',
    '::ffff:10.0.0.1',
    '::ffff:127.0.0.1',
    '64:ff9b::a00:1',
    '2002:a00:1::',
    '2001:db8::1',
  ])('%s may be called only where the own network is allowed', (address) => {
    expect(mayCall(address, false)).toBe(false)
    expect(mayCall(address, true)).toBe(true)
  })

  test.each([
    '169.254.169.254',
    '::ffff:169.254.169.254',
    'fe80::1',
    'fd00:ec2::254',
    '224.0.0.1',
    'ff02::1',
  ])('%s is never called', (address) => {
    expect(mayCall(address, false)).toBe(false)
    expect(mayCall(address, true)).toBe(false)
  })

  test.each(['', 'localhost', '1.2.3', '0x7f000001'])('%j is none', (text) => {
    expect(mayCall(text, true)).toBe(false)
  })
})

describe('a name', () => {
  const answers = (...found: string[]): ReturnType<typeof guardedLookup> =>
    guardedLookup(false, (_hostname, _options, callback) => {
      const addresses = found.map((address): LookupAddress => ({ address, family: 4 }))
      callback(null, addresses)
    })
  const look = (lookup: ReturnType<typeof guardedLookup>): Promise<unknown> =>
    new Promise((resolve, reject) => {
      lookup('hooks.example.com', { all: true }, (error, address) =>
        error ? reject(error) : resolve(address),
      )
    })

  test('leads to what was looked at', async () => {
    expect(await look(answers('8.8.8.8'))).toEqual([{ address: '8.8.8.8', family: 4 }])
  })

  test('one bad address among good ones is enough', async () => {
    await expect(look(answers('8.8.8.8', '10.0.0.1'))).rejects.toThrow('not in the internet')
  })

  test('one without an address leads nowhere', async () => {
    await expect(look(answers())).rejects.toThrow('not in the internet')
  })
})
