import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readState, writeState } from './state.ts'

test('a dialect carries its own state as it is', () => {
  expect(writeState({ dialect: 'anthropic', data: 'abc.def==' }, 'anthropic')).toBe('abc.def==')
})

test('foreign state says where it came from and comes back whole', () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.constantFrom('own' as const, 'next' as const, 'previous' as const),
      (data, place) => {
        const text = writeState({ dialect: 'gemini', data }, 'anthropic', place)
        expect(readState(text, 'anthropic')).toEqual({ state: { dialect: 'gemini', data }, place })
      },
    ),
  )
})

test('text that only looks tagged is kept whole', () => {
  expect(readState('gw1.sideways.x.y', 'anthropic').state).toEqual({
    dialect: 'anthropic',
    data: 'gw1.sideways.x.y',
  })
})
