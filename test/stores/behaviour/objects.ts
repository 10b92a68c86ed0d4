import { expect, test } from 'vitest'
import type { Database } from '../../../src/core/database.ts'

const TEAM = { limits: [], tags: {}, isEnabled: true }

/** What all kinds of objects have in common; shown with teams and users. */
export function objectsBehave(open: () => Database): void {
  test('an update based on an older version is stale, and a name that is there is taken', async () => {
    const { teams } = open()
    const first = await teams.create({ id: 'v', ...TEAM })
    const second = await teams.update(first, { tags: { a: 'b' } })
    expect(second).toMatchObject({ version: 2, tags: { a: 'b' }, limits: [], createdAt: first.createdAt })
    await expect(teams.update(first, { tags: {} })).rejects.toMatchObject({ kind: 'stale' })
    await expect(teams.delete(first)).rejects.toMatchObject({ kind: 'stale' })
    await expect(teams.create({ id: 'v', ...TEAM })).rejects.toMatchObject({ kind: 'taken' })
    expect(await teams.update({ id: 'nobody', version: 1 }, {})).toBeUndefined()
    expect(await teams.delete({ id: 'v' })).toBe(true)
    expect(await teams.delete({ id: 'v' })).toBe(false)
  })

  test('of many who update one version at the same time, one does', async () => {
    const { teams } = open()
    const first = await teams.create({ id: 'race', ...TEAM })
    const tried = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) => teams.update(first, { tags: { by: String(index) } })),
    )
    expect(tried.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await teams.get('race')).toMatchObject({ version: 2 })
    await teams.delete({ id: 'race' })
  })

  test('names are in the order of their bytes, and pages go on where they ended', async () => {
    const { teams } = open()
    const ids = ['a', 'B', 'ä', 'a b', 'Z', '_', '\uffff', '\u{1f600}', 'ab']
    for (const id of ids) await teams.create({ id, ...TEAM })
    const listed: string[] = []
    let after: string | undefined
    do {
      const page = await teams.list({ limit: 2, ...(after !== undefined && { after }) })
      listed.push(...page.rows.map(({ id }) => id))
      after = page.next
    } while (after !== undefined)
    expect(listed).toEqual(ids.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))))
    for (const id of ids) await teams.delete({ id })
  })

  test('a cursor that no page gave is invalid', async () => {
    const cursors = ['', 'x', ...[[1], ['a', 'b'], ['\0'], {}].map((place) => cursor(place))]
    for (const after of cursors) {
      await expect(open().teams.list({ limit: 1, after })).rejects.toMatchObject({ kind: 'invalid' })
      await expect(open().usage.list({ limit: 1, after })).rejects.toMatchObject({ kind: 'invalid' })
    }
  })

  test.each(['a\0b', 'a\ud800', '\udfffa'])('%j is refused in every text', async (text) => {
    const { teams, users, settings, audit, keys } = open()
    const refused = { kind: 'invalid' }
    await expect(teams.create({ id: text, ...TEAM })).rejects.toMatchObject(refused)
    await expect(
      teams.create({ id: 'x', limits: [], tags: { [text]: 'a' }, isEnabled: true }),
    ).rejects.toMatchObject(refused)
    await expect(
      teams.create({ id: 'x', limits: [], tags: { a: text }, isEnabled: true }),
    ).rejects.toMatchObject(refused)
    await expect(teams.get(text)).rejects.toMatchObject(refused)
    await expect(teams.delete({ id: text })).rejects.toMatchObject(refused)
    await expect(users.list({ limit: 1, team: text })).rejects.toMatchObject(refused)
    await expect(keys.search({ limit: 1, text })).rejects.toMatchObject(refused)
    await expect(keys.findByDigest(text)).rejects.toMatchObject(refused)
    await expect(settings.set('a', text)).rejects.toMatchObject(refused)
    await expect(settings.get(text)).rejects.toMatchObject(refused)
    await expect(audit.list({ limit: 1, actor: text })).rejects.toMatchObject(refused)
    const entry = { actor: text, action: 'a', object: 'o', before: null, after: null }
    await expect(audit.append(entry)).rejects.toMatchObject(refused)
    const by = { actor: text, action: 'team.create' }
    await expect(teams.create({ id: 'x', ...TEAM }, by)).rejects.toMatchObject(refused)
    expect(await teams.get('x')).toBeUndefined()
  })

  test('odd but whole texts come back equal', async () => {
    const texts = [
      '\u{1f600}',
      '\ufffd',
      '\u202e',
      "'; drop table objects; --",
      '\\',
      '"',
      '%',
      '\u0001',
      ' ',
      '',
    ]
    const { teams } = open()
    for (const id of texts) {
      const tags = { [id]: id }
      await teams.create({ id, limits: [], tags, isEnabled: true })
      expect(await teams.get(id)).toMatchObject({ id, tags })
      await teams.delete({ id })
    }
  })

  test('a team sees and changes its own objects only', async () => {
    const { users } = open()
    const ada = await users.create({ id: 'ada', email: null, team: 'search', limits: [], isEnabled: true })
    await users.create({ id: 'bob', email: null, team: 'sales', limits: [], isEnabled: true })
    await users.create({ id: 'cy', email: null, team: null, limits: [], isEnabled: true })
    const idsOf = async (team?: string) => (await users.list({ limit: 9, team })).rows.map(({ id }) => id)
    expect(await idsOf('search')).toEqual(['ada'])
    expect(await idsOf()).toEqual(['ada', 'bob', 'cy'])
    expect(await users.get('ada', { team: 'search' })).toMatchObject({ id: 'ada' })
    expect(await users.get('ada', { team: 'sales' })).toBeUndefined()
    expect(await users.update({ ...ada, scope: { team: 'sales' } }, { email: 'a@b' })).toBeUndefined()
    expect(await users.delete({ id: 'cy', scope: { team: 'sales' } })).toBe(false)
    await users.update({ ...ada, scope: { team: 'search' } }, { team: 'sales' })
    expect(await idsOf('sales')).toEqual(['ada', 'bob'])
    for (const id of ['ada', 'bob', 'cy']) await users.delete({ id })
  })

  test('changes are counted by kind, and those that did not happen are not', async () => {
    const { changes, teams, secrets } = open()
    const [all, team] = [await changes.current(), await changes.current(['team'])]
    const made = await teams.create({ id: 'counted', ...TEAM })
    await expect(teams.create({ id: 'counted', ...TEAM })).rejects.toMatchObject({ kind: 'taken' })
    await teams.update(made, { tags: {} })
    await teams.delete({ id: 'counted' })
    await teams.delete({ id: 'counted' })
    await secrets.create({ id: 's', keyId: 'k', sealed: 'x' })
    expect(await changes.current(['team'])).toBe(team + 3)
    expect(await changes.current(['team', 'secret', 'route'])).toBeGreaterThan(team + 3)
    expect(await changes.current()).toBe(all + 4)
  })
}

function cursor(place: unknown): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url')
}
