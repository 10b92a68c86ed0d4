import { describe, expect, test } from 'vitest'
import type { Identity } from '../../core/identity.ts'
import { placed, type LimitRule, type LimitScope } from '../../core/limits.ts'
import { claimsOf } from './claims.ts'

const ANN: Identity = {
  by: 'key',
  id: 'k1',
  name: 'one',
  user: 'ann',
  team: 'search',
  tags: { project: 'x' },
  routes: ['*'],
  limits: [],
}

function rule(by: LimitScope): LimitRule {
  return { id: `limits|requests/${by}`, meter: 'requests', most: 1, by, action: 'reject', alertAt: [] }
}

describe('a rule', () => {
  test.each<[LimitScope, Identity | undefined, string | undefined]>([
    ['all', ANN, ''],
    ['all', undefined, ''],
    ['route', ANN, 'chat'],
    ['key', ANN, 'k1'],
    ['key', undefined, 'anonymous'],
    ['user', ANN, 'ann'],
    ['user', undefined, undefined],
    ['user', { ...ANN, user: null }, undefined],
    ['team', ANN, 'search'],
    ['team', { ...ANN, team: null }, undefined],
    ['tag:project', ANN, 'x'],
    ['tag:other', ANN, undefined],
    ['tag:constructor', ANN, undefined],
    ['tag:project', undefined, undefined],
  ])('by %s, for %o, counts as %s', (by, identity, whose) => {
    const claims = claimsOf([rule(by)], { route: 'chat', identity })
    expect(claims.map(({ bucket }) => bucket)).toEqual(
      whose === undefined ? [] : [`limits|requests/${by}=${whose}`],
    )
  })

  test('counts at its own place, and every rule that applies makes a claim', () => {
    const team = placed([rule('all')], { kind: 'team', name: 'search' })
    const claims = claimsOf([rule('key'), ...team], { route: 'chat', identity: ANN })
    expect(claims).toMatchObject([
      { bucket: 'limits|requests/key=k1', of: { keyId: 'k1' } },
      { bucket: 'team search|requests/all=', of: { team: 'search' } },
    ])
  })
})
