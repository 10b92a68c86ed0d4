import { describe, expect, test } from 'vitest'
import { FairQueue } from './fair-queue.ts'

/** Each item's first letter is its tenant. */
function queueOf(...items: string[]): FairQueue<string> {
  const queue = new FairQueue<string>()
  for (const item of items) queue.add(item.charAt(0), item)
  return queue
}

function drain(queue: FairQueue<string>): string[] {
  const items: string[] = []
  for (let item = queue.next(); item !== undefined; item = queue.next()) items.push(item)
  return items
}

describe('a fair queue', () => {
  test("gives the tenants turns, and each tenant's items in their order", () => {
    expect(drain(queueOf('a1', 'a2', 'a3', 'a4', 'b1', 'c1', 'c2'))).toEqual([
      'a1',
      'b1',
      'c1',
      'a2',
      'c2',
      'a3',
      'a4',
    ])
  })

  test('puts a tenant that comes back behind those that wait', () => {
    const queue = queueOf('a1', 'b1', 'b2')
    expect(queue.next()).toBe('a1')
    queue.add('a', 'a2')
    expect(drain(queue)).toEqual(['b1', 'a2', 'b2'])
  })

  test('counts what waits, in all and of one tenant', () => {
    const queue = queueOf('a1', 'a2', 'b1')
    queue.remove('a', 'a1')
    queue.remove('a', 'a1')
    queue.remove('x', 'a2')
    expect([queue.size, queue.sizeOf('a'), queue.sizeOf('b'), queue.sizeOf('x')]).toEqual([2, 1, 1, 0])
    expect(drain(queue)).toEqual(['a2', 'b1'])
    expect(queue.size).toBe(0)
  })

  test('names the newest of the longest line, when that is longer than asked', () => {
    const queue = queueOf('a1', 'b1', 'b2', 'b3', 'a2')
    expect(queue.newestOfLongerThan(2)).toBe('b3')
    expect(queue.newestOfLongerThan(3)).toBeUndefined()
    expect(queue.size).toBe(5)
  })

  test('serves one of a quiet tenant second, however many of another wait', () => {
    const many = Array.from({ length: 1000 }, (_, index) => `a${index}`)
    expect(drain(queueOf(...many, 'b')).indexOf('b')).toBe(1)
  })
})
