import { describe, expect, it } from 'vitest'
import { newRequestId } from './request-id.ts'

describe('the id of a request', () => {
  it('is a UUID of version 7', () => {
    expect(newRequestId()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  })

  it('begins with the milliseconds, so that later ones sort behind', () => {
    expect(newRequestId(0x0190_0000_0000)).toMatch(/^01900000-0000-7/)
    expect(newRequestId(1_790_000_000_000) < newRequestId(1_790_000_000_001)).toBe(true)
  })

  it('is another one within the same millisecond', () => {
    expect(new Set(Array.from({ length: 1000 }, () => newRequestId(1))).size).toBe(1000)
  })
})
