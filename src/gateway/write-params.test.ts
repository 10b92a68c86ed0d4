import { expect, test } from 'vitest'
import { writeParams } from './write-params.ts'

const BODY = Buffer.from('{"model":"m", "temperature":1e0,"big":12345678901234567890, "user":"u"}')

function write(params: Parameters<typeof writeParams>[1], body: Buffer | string = BODY): string {
  return writeParams(body, params).toString()
}

test('a default is added only where the client sent none', () => {
  expect(write({ default: { temperature: 0, seed: 7 } })).toBe(
    '{"seed":7,"model":"m", "temperature":1e0,"big":12345678901234567890, "user":"u"}',
  )
})

test('an override replaces, and every other byte stays', () => {
  expect(write({ override: { temperature: 0.5 } })).toBe(
    '{"temperature":0.5,"model":"m", "big":12345678901234567890, "user":"u"}',
  )
})

test('what is dropped is gone, first or last', () => {
  expect(write({ drop: ['model', 'user', 'none'] })).toBe('{"temperature":1e0,"big":12345678901234567890}')
})

test('a member that stands twice is dropped twice', () => {
  expect(write({ drop: ['a'] }, '{"a":1,"b":2,"a":3}')).toBe('{"b":2}')
})

test('a dropped member is not brought back by a default', () => {
  expect(write({ drop: ['user'], default: { user: 'x' } }, '{}')).toBe('{}')
})

test('a body that is no object is left alone', () => {
  expect(write({ drop: ['a'] }, '[1]')).toBe('[1]')
})
