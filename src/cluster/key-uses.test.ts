import { expect, test } from 'vitest'
import { KeyUses } from './key-uses.ts'

function rig(): { uses: KeyUses; told: [string, number][][]; fail: (isAway: boolean) => void } {
  const told: [string, number][][] = []
  let isAway = false
  const uses = new KeyUses({
    keys: {
      touch: (given) => {
        if (isAway) return Promise.reject(new Error('away'))
        told.push([...given])
        return Promise.resolve()
      },
    },
    warn: () => undefined,
  })
  return { uses, told, fail: (away) => (isAway = away) }
}

test('of several uses of a key the last is told, once', async () => {
  const { uses, told } = rig()
  uses.note([
    { keyId: 'a', at: 5 },
    { keyId: null, at: 9 },
    { keyId: 'a', at: 3 },
    { keyId: 'b', at: 1 },
  ])
  await uses.tell()
  await uses.tell()
  expect(told).toEqual([
    [
      ['a', 5],
      ['b', 1],
    ],
  ])
})

test('what cannot be told is told later, unless the key was used again', async () => {
  const { uses, told, fail } = rig()
  uses.note([
    { keyId: 'a', at: 5 },
    { keyId: 'b', at: 6 },
  ])
  fail(true)
  await uses.tell()
  uses.note([{ keyId: 'a', at: 7 }])
  fail(false)
  await uses.tell()
  expect(new Map(told[0])).toEqual(
    new Map([
      ['a', 7],
      ['b', 6],
    ]),
  )
})

test('many are told in turns', async () => {
  const { uses, told } = rig()
  uses.note(Array.from({ length: 1200 }, (_, index) => ({ keyId: `k${index}`, at: 1 })))
  for (let turn = 0; turn < 3; turn += 1) await uses.tell()
  expect(told.map(({ length }) => length)).toEqual([500, 500, 200])
})
