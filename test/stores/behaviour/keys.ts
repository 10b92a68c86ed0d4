import { expect, test } from 'vitest'
import type { Database } from '../../../src/core/database.ts'

export const KEY = {
  id: 'k1',
  digest: 'd1',
  previousDigest: null,
  previousUntil: null,
  hint: 'mgw_…abcd',
  name: 'Search',
  user: 'ada',
  team: null,
  tags: {},
  routes: ['*'],
  limits: [],
  expiresAt: null,
  isEnabled: true,
  metadata: {},
  lastUsedAt: null,
}

/** Virtual keys. */
export function keysBehave(open: () => Database): void {
  test('keys are found by digest and part of the name, and changes reach those who keep copies', async () => {
    const db = open()
    const team = await db.teams.create({ id: 'search', limits: [], tags: {}, isEnabled: true })
    await db.users.create({ id: 'ada', email: null, team: 'search', limits: [], isEnabled: true })
    const { until } = await db.keys.changes(0)
    await db.keys.create(KEY)
    expect(await db.keys.findByDigest('d1')).toMatchObject({ id: 'k1', version: 1 })
    expect((await db.keys.search({ limit: 10, text: 'EAR' })).rows).toHaveLength(1)
    expect((await db.keys.search({ limit: 10, text: '%' })).rows).toHaveLength(0)
    const first = await db.keys.changes(until)
    expect(first.digests).toEqual(['d1'])
    await db.teams.update(team, { tags: { cost: 'center' } })
    const second = await db.keys.changes(first.until)
    expect(second.digests).toEqual(['d1'])
    await db.keys.delete({ id: 'k1' })
    expect((await db.keys.changes(second.until)).digests).toEqual(['d1'])
    expect(await db.keys.findByDigest('d1')).toBeUndefined()
  })

  test('a digest is one key only, and after a rotation both find it', async () => {
    const { keys } = open()
    const made = await keys.create(KEY)
    await expect(keys.create({ ...KEY, id: 'k2' })).rejects.toMatchObject({ kind: 'taken' })
    expect(await keys.get('k2')).toBeUndefined()
    await keys.update(made, { digest: 'd2', previousDigest: 'd1', previousUntil: 5 })
    expect(await keys.findByDigest('d1')).toMatchObject({ id: 'k1', digest: 'd2' })
    expect(await keys.findByDigest('d2')).toMatchObject({ id: 'k1' })
    await keys.delete({ id: 'k1' })
  })

  test('use changes nothing but the time of it, which only grows', async () => {
    const { keys, changes } = open()
    const made = await keys.create(KEY)
    const [count, { until }] = [await changes.current(), await keys.changes(0)]
    await keys.touch(
      new Map([
        ['k1', 9],
        ['gone', 9],
      ]),
    )
    await keys.touch(new Map([['k1', 7]]))
    expect(await keys.get('k1')).toEqual({ ...made, lastUsedAt: 9 })
    expect(await changes.current()).toBe(count)
    expect((await keys.changes(until)).digests).toEqual([])
    await keys.delete({ id: 'k1' })
  })

  test('a key without a team is its user’s team’s, to search and to change', async () => {
    const { keys, users } = open()
    const ada = await users.get('ada')
    const made = await keys.create(KEY)
    await keys.create({ ...KEY, id: 'k2', digest: 'd2', team: 'sales' })
    await keys.create({ ...KEY, id: 'k3', digest: 'd3', user: null })
    const idsOf = async (team: string) => (await keys.search({ limit: 9, team })).rows.map(({ id }) => id)
    expect(await idsOf('search')).toEqual(['k1'])
    expect(await idsOf('sales')).toEqual(['k2'])
    expect((await keys.list({ limit: 9, team: 'sales' })).rows).toHaveLength(1)
    expect(await keys.get('k2', { team: 'search' })).toBeUndefined()
    expect(await keys.update({ ...made, scope: { team: 'sales' } }, { isEnabled: false })).toBeUndefined()
    expect(await keys.update({ ...made, scope: { team: 'search' } }, { isEnabled: false })).toMatchObject({
      version: 2,
    })
    await users.update({ id: 'ada', version: ada?.version ?? 0 }, { team: 'sales' })
    expect(await idsOf('sales')).toEqual(['k1', 'k2'])
    for (const id of ['k1', 'k2', 'k3']) await keys.delete({ id })
    await users.update({ id: 'ada', version: (ada?.version ?? 0) + 1 }, { team: 'search' })
  })
}
