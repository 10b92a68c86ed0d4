import { expect, test } from 'vitest'
import type { Audit, Database } from '../../../src/core/database.ts'
import { KEY } from './keys.ts'

/** Who changed what; after the keys' tests, which leave the user ada in the team search. */
export function auditBehaves(open: () => Database): void {
  test('the audit log gives the newest first, a page at a time', async () => {
    const { audit } = open()
    for (const object of ['one', 'two', 'three']) {
      await audit.append({ actor: 'admin', action: 'config.reload', object, before: null, after: { object } })
    }
    const page = await audit.list({ limit: 2, action: 'config.reload' })
    expect(page.rows.map(({ object }) => object)).toEqual(['three', 'two'])
    const rest = await audit.list({ limit: 2, action: 'config.reload', after: page.next ?? '' })
    expect(rest.rows.map(({ object }) => object)).toEqual(['one'])
    expect(rest.next).toBeUndefined()
  })

  test('a change and its row are one, and no secret is in it', async () => {
    const { keys, secrets, audit } = open()
    const made = await keys.create({ ...KEY, digest: 'CANARY1', metadata: { a: 1 } }, by('key.create'))
    await keys.update(made, { isEnabled: false, digest: 'CANARY2', metadata: { a: 1 } }, by('key.update'))
    await expect(keys.update(made, { name: 'x' }, by('key.update'))).rejects.toMatchObject({ kind: 'stale' })
    await keys.delete({ id: 'k1' }, by('key.delete'))
    const sealed = await secrets.create({ id: 'openai', keyId: 'e1', sealed: 'CANARY3' }, by('secret.create'))
    await secrets.update(sealed, { sealed: 'CANARY4' }, by('secret.update'))
    const { rows } = await audit.list({ limit: 9, actor: 'ada' })
    expect(rows.map(({ action, object, before, after }) => ({ action, object, before, after }))).toEqual([
      { action: 'secret.update', object: 'secret/openai', before: {}, after: {} },
      { action: 'secret.create', object: 'secret/openai', before: null, after: { keyId: 'e1' } },
      {
        action: 'key.delete',
        object: 'key/k1',
        before: expect.objectContaining({ isEnabled: false }),
        after: null,
      },
      { action: 'key.update', object: 'key/k1', before: { isEnabled: true }, after: { isEnabled: false } },
      {
        action: 'key.create',
        object: 'key/k1',
        before: null,
        after: expect.objectContaining({ name: 'Search' }),
      },
    ])
    expect(JSON.stringify(rows)).not.toContain('CANARY')
    expect((await audit.list({ limit: 9, object: 'secret/openai' })).rows).toHaveLength(2)
  })

  test('a team sees what was done to its objects, also to one that it lost', async () => {
    const { keys, audit } = open()
    const by = { actor: 'eve', action: 'key.update' }
    const made = await keys.create(KEY, by)
    await keys.update(made, { team: 'sales' }, by)
    await keys.delete({ id: 'k1' }, by)
    const { rows } = await audit.list({ limit: 9, actor: 'eve' })
    expect(rows.map(({ teams }) => teams)).toEqual([['sales'], ['search', 'sales'], ['search']])
    expect((await audit.list({ limit: 9, actor: 'eve', team: 'search' })).rows).toHaveLength(2)
    expect((await audit.list({ limit: 9, actor: 'eve', team: 'other' })).rows).toHaveLength(0)
  })
}

function by(action: string): Audit {
  return { actor: 'ada', action }
}
