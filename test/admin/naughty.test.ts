import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AdminHarness, credentialOf, type Told } from '../support/admin.ts'
import { usageRecord } from '../support/usage.ts'
import { JSON_TEXTS, NAUGHTY_STRINGS } from './naughty-strings.ts'
import { RawAnswers } from './raw-answers.ts'

let api: AdminHarness
let raw: RawAnswers

beforeAll(async () => {
  api = await AdminHarness.start()
  raw = new RawAnswers(api.port)
})

afterAll(() => api.close())

/** Kept, or refused: nothing between. */
function wasKept({ status, text }: Told): boolean {
  if (status === 201) return true
  expect([status, text]).toEqual([400, expect.stringContaining('"error"')])
  return false
}

/** What no database keeps, or what would not come back. */
function isUnkeepable(text: string): boolean {
  return /\0|\p{Surrogate}/u.test(text)
}

describe.each(NAUGHTY_STRINGS.map((text) => [JSON.stringify(text.slice(0, 40)), text] as const))(
  'the text %s',
  (_name, text) => {
    it('comes back equal, or is refused, wherever a key has texts', async () => {
      const bodies = [
        { name: text },
        { name: 'x', tags: { project: text } },
        { name: 'x', tags: JSON.parse(`{${JSON.stringify(text)}:"x"}`) },
        { name: 'x', user: text, team: text },
        { name: 'x', routes: [text] },
        { name: 'x', metadata: { a: [text], b: JSON.parse(`{${JSON.stringify(text)}:null}`) } },
        { name: 'x', limits: [{ requests: 1, per: 'day', by: `tag:${text}` }] },
      ]
      // All at once where that is taken, else one by one.
      const whole: object = Object.assign({}, ...bodies, { name: text })
      const first = await api.call('POST', '/admin/keys', { body: whole })
      for (const body of wasKept(first) ? [whole] : bodies) {
        const made = body === whole ? first : await api.call('POST', '/admin/keys', { body })
        const isKept = wasKept(made)
        if (isUnkeepable(text)) expect([body, isKept]).toEqual([body, false])
        if (!isKept) continue
        const { json } = await api.call('GET', `/admin/keys/${made.json.id}`)
        expect(json).toMatchObject(body)
        expect((await api.call('DELETE', `/admin/keys/${made.json.id}`, { version: 1 })).status).toBe(200)
        const { json: log } = await api.call('GET', `/admin/audit?object=key/${made.json.id}`)
        // Limits are kept as the rules that they mean.
        expect({ ...log.items[1].after, limits: undefined }).toMatchObject({ ...body, limits: undefined })
      }
    })

    it('is the name of an object that is found by it, or of none', async () => {
      const made = await api.call('POST', '/admin/users', { body: { id: text } })
      const path = `/admin/users/${toPathPart(text)}`
      const found = await api.call('GET', path)
      if (wasKept(made)) {
        expect(found.json).toMatchObject({ id: text })
        expect((await api.call('DELETE', path, { version: 1 })).status).toBe(200)
      } else expect([400, 401, 404]).toContain(found.status)
    })

    it('may be looked for anywhere', async () => {
      const id = toPathPart(text)
      for (const query of [
        `/admin/keys?text=${id}&user=${id}&team=${id}`,
        `/admin/keys?after=${id}`,
        `/admin/requests?model=${id}&route=${id}&tag=${id}`,
        `/admin/usage?user=${id}&by=${id}`,
        `/admin/usage?since=${id}`,
        `/admin/audit?object=${id}&actor=${id}&after=${id}`,
        `/admin/requests/${id}`,
        `/admin/keys?${id}=${id}`,
      ]) {
        const { status } = await api.call('GET', query)
        expect([query, [200, 400, 401, 404].includes(status)]).toEqual([query, true])
      }
    })

    it('may be a value of any header', async () => {
      const value = Buffer.from(text.replaceAll(/[\r\n]/g, ' '), 'utf8').toString('latin1')
      for (const headers of [
        { 'if-match': value },
        { 'content-type': value },
        { authorization: value },
        { 'content-encoding': value },
        { 'x-request-id': value },
        { accept: value },
        { host: value },
      ]) {
        const target = '/admin/keys/none'
        const { status } = await raw.ask({
          method: 'PATCH',
          target,
          credential: credentialOf('admin'),
          headers,
        })
        expect([headers, status >= 400 && status < 500]).toEqual([headers, true])
      }
    })
  },
)

/** Half of a surrogate pair has no encoding. */
function toPathPart(text: string): string {
  return encodeURIComponent(text.replaceAll(/\p{Surrogate}/gu, 'x'))
}

describe('what was asked of the gateway', () => {
  it('is found by its model, tags and all, and comes back equal', async () => {
    const kept = NAUGHTY_STRINGS.filter((text) => text.length <= 200 && !isUnkeepable(text))
    const at = Date.now()
    await api.database.usage.append(
      kept.map((text, index) =>
        usageRecord(`n${index}`, { at, model: text, route: text, tags: { t: text } }),
      ),
    )
    for (const [index, text] of kept.entries()) {
      const value = encodeURIComponent(text)
      const { json } = await api.call('GET', `/admin/requests?model=${value}&route=${value}&tag=t:${value}`)
      expect(json.items.map(({ id }: { id: string }) => id)).toEqual([`n${index}`])
      expect(json.items[0]).toMatchObject({ model: text, route: text, tags: { t: text } })
    }
  })
})

describe('a body of JSON', () => {
  it.each(JSON_TEXTS)('with the value %j is taken: %s', async (text, isValid) => {
    const ask = (body: string): Promise<Told> => api.call('POST', '/admin/keys', { body })
    const made = await ask(`{"name":"x","metadata":{"value":${text}}}`)
    expect(made.status).toBe(isValid ? 201 : 400)
    if (isValid) {
      const { json } = await api.call('GET', `/admin/keys/${made.json.id}`)
      expect(json.metadata).toEqual({ value: JSON.parse(text) })
    }
    // As the whole body it is no object, or says nothing of a name.
    expect((await ask(text)).status).toBe(400)
  })
})
