import { expect, test } from 'vitest'
import type { Database, StoredBody } from '../../../src/core/database.ts'
import { record } from './usage.ts'

/** What was said in requests. */
export function bodiesBehave(open: () => Database): void {
  test('a body comes back as it was, once, and only to its team', async () => {
    const { bodies, usage } = open()
    const large = 'é'.repeat(200_000)
    const body = bodyOf('said', { request: large, response: null, isRequestCut: true })
    expect(await bodies.append([body], { spool: 'bodies', offset: 3 })).toBe(1)
    expect(await bodies.append([body, { ...body, id: 'other', request: 'a\0' }])).toBe(1)
    expect(await usage.progress('bodies')).toBe(3)
    expect(await bodies.get('said')).toEqual(body)
    expect(await bodies.get('other')).toMatchObject({ request: 'a\ufffd' })
    expect(await bodies.get('said', { team: 'search' })).toBeUndefined()
    await usage.append([{ ...record(0), id: 'said' }])
    expect(await bodies.get('said', { team: 'search' })).toEqual(body)
    expect(await bodies.get('said', { team: 'sales' })).toBeUndefined()
  })

  test('bodies go when their time is over, a slice at a time, or with their record', async () => {
    const { bodies, usage } = open()
    await bodies.append(Array.from({ length: 30 }, (_, at) => bodyOf(`b${at}`, { expiresAt: at })))
    expect(await bodies.prune(19, 15)).toBe(15)
    expect(await bodies.prune(19, 15)).toBe(5)
    expect(await bodies.get('b19')).toBeUndefined()
    expect(await bodies.get('b20')).toBeDefined()
    await usage.append([{ ...record(0), id: 'b20' }])
    expect(await usage.prune(1, 1_000)).toBeGreaterThan(0)
    expect(await bodies.get('b20')).toBeUndefined()
    expect(await bodies.prune(Date.now(), 100)).toBe(9)
  })
}

function bodyOf(id: string, fields: Partial<StoredBody>): StoredBody {
  return {
    id,
    at: 0,
    expiresAt: null,
    request: 'asked',
    response: 'said',
    isRequestCut: false,
    isResponseCut: false,
    ...fields,
  }
}
