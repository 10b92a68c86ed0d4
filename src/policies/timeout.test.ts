import { expect, test } from 'vitest'
import { timeout } from './timeout.ts'

test.each([
  ['nothing is said', undefined, { totalMs: 300_000 }],
  ['the whole is limited', { total: 1000 }, { totalMs: 1000 }],
  [
    'each part is',
    { connect: 1, first_token: 2, idle: 3, total: 4 },
    { connectMs: 1, firstTokenMs: 2, idleMs: 3, totalMs: 4 },
  ],
])(
  'a request may take five minutes, and its parts what they take, unless told: %s',
  (_what, options, expected) => {
    expect(timeout.read(options)).toEqual({ timeout: expected })
  },
)
