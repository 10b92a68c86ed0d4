import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BodyKeeper } from './body-keeper.ts'
import { withoutFiles } from './without-files.ts'

function keeper(maxBytes = 1024): BodyKeeper {
  return new BodyKeeper({ maxBytes, redact: [] })
}

describe('what was said', () => {
  test('is kept as it was', () => {
    const said = keeper().begin(Buffer.from('{"a":"é"}'))
    said.answer('{"b":1}')
    expect(said.kept()).toEqual({
      request: '{"a":"é"}',
      response: '{"b":1}',
      isRequestCut: false,
      isResponseCut: false,
    })
  })

  test('is null where nothing was', () => {
    expect(keeper().begin(undefined).kept()).toMatchObject({ request: null, response: null })
  })

  test('of a stream is put together, also from pieces of characters', () => {
    const whole = Buffer.from('data: {"é":"€😀"}\n\ndata: [DONE]\n\n')
    fc.assert(
      fc.property(fc.array(fc.nat({ max: whole.length }), { maxLength: 6 }), (cuts) => {
        const said = keeper().begin(undefined)
        const places = [0, ...cuts.toSorted((a, b) => a - b), whole.length]
        for (const [index, end] of places.slice(1).entries()) said.add(whole.subarray(places[index], end))
        expect(said.kept()).toMatchObject({ response: whole.toString(), isResponseCut: false })
      }),
    )
  })

  test('is cut at its largest size, at a whole character, and marked', () => {
    const said = keeper(1024).begin(Buffer.from(`${'x'.repeat(1023)}é and more`))
    for (let count = 0; count < 100; count += 1) said.add('y'.repeat(1000))
    const { request, response, isRequestCut, isResponseCut } = said.kept()
    expect(request).toBe('x'.repeat(1023))
    expect(response).toBe('y'.repeat(1024))
    expect([isRequestCut, isResponseCut]).toEqual([true, true])
  })

  test('has no half of a credential where it is cut', () => {
    const key = `sk-${'canary'.repeat(10)}`
    for (let at = 960; at < 1030; at += 1) {
      const said = keeper(1024).begin(Buffer.from(`${'x '.repeat(at / 2)}${key} and more`))
      expect(said.kept().request).not.toContain('canary')
    }
  })
})

describe('files', () => {
  test('are left out of JSON, with their length in their place', () => {
    const image = 'A'.repeat(100_000)
    const json = `{"text":"look: ${'at this '.repeat(500)}","url":"data:image/png;base64,${image}","b":"${image}"}`
    const bare = withoutFiles(Buffer.from(json)).toString()
    expect(bare).toContain('at this at this')
    expect(bare).toContain('"url":"[100022 bytes left out]","b":"[100000 bytes left out]"}')
    expect(JSON.parse(bare)).toBeDefined()
  })

  test('that are cut off are left out too', () => {
    expect(withoutFiles(Buffer.from(`{"b":"${'A'.repeat(5000)}`)).toString()).toBe(
      '{"b":"[5000 bytes left out]',
    )
  })

  test('and other JSON stays as it is', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        expect(withoutFiles(Buffer.from(json)).toString()).toBe(json)
      }),
    )
  })
})
