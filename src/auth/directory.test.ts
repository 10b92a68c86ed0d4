import { describe, expect, test } from 'vitest'
import { GatewayError } from '../core/error.ts'
import type { Identity } from '../core/identity.ts'
import { Directory } from './directory.ts'
import type { People } from './key-news.ts'

const ANN: Identity = {
  by: 'jwt',
  id: 'https://id.example ann',
  name: 'ann',
  user: 'ann',
  team: null,
  tags: {},
  routes: ['*'],
  limits: [],
}

function directoryOf(
  user: Partial<People['users'][number]>,
  team: Partial<People['teams'][number]>,
): Directory {
  const directory = new Directory()
  directory.receive({
    isWhole: true,
    forget: [],
    learn: [],
    isCurrent: true,
    people: {
      users: [{ id: 'ann', team: 'search', limits: [], isEnabled: true, ...user }],
      teams: [{ id: 'search', limits: [], tags: { project: 'x' }, isEnabled: true, ...team }],
    },
  })
  return directory
}

describe('who is let in', () => {
  test('gets team and tags of the user', () => {
    expect(directoryOf({}, {}).complete(ANN)).toMatchObject({ team: 'search', tags: { project: 'x' } })
  })

  test.each([
    ['the user', { isEnabled: false }, {}],
    ["the user's team", {}, { isEnabled: false }],
  ])('is nobody while %s is switched off, by token too', (_who, user, team) => {
    const directory = directoryOf(user, team)
    for (let time = 0; time < 2; time += 1) {
      expect(() => directory.complete(ANN)).toThrow(GatewayError)
    }
  })

  test('and a user of whom the database knows nothing is as the credential says', () => {
    const stranger = { ...ANN, user: 'bob' }
    expect(directoryOf({ isEnabled: false }, {}).complete(stranger)).toMatchObject({
      user: 'bob',
      team: null,
    })
  })
})
