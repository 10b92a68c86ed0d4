import fc from 'fast-check'
import { expect, test } from 'vitest'
import { JsonMembers, quoted } from './json-members.ts'

test('members read back as what was written, without what is undefined', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.stringMatching(/^[a-z_]{1,8}$/), fc.oneof(fc.jsonValue(), fc.constant(undefined))),
      (object) => {
        const members = new JsonMembers()
        for (const [name, value] of Object.entries(object)) members.add(name, value)
        expect(JSON.parse(`{${members.text.slice(1)}}`)).toEqual(JSON.parse(JSON.stringify(object)))
      },
    ),
  )
})

test('numbers that JSON does not have are null', () => {
  const members = new JsonMembers()
  members.add('ms', Number.NaN)
  members.add('most', Infinity)
  expect(members.text).toBe(',"ms":null,"most":null')
})

test('any text is quoted as JSON does it, the first time and again, however many there were', () => {
  for (let index = 0; index < 3_000; index++) quoted(`name-${index}`)
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      expect(quoted(text)).toBe(JSON.stringify(text))
      expect(quoted(text)).toBe(JSON.stringify(text))
    }),
  )
})
