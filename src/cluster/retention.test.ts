import { expect, test } from 'vitest'
import { Retention } from './retention.ts'

function rig(retentionMs: number | undefined, left = 0): { retention: Retention; asked: unknown[] } {
  const asked: unknown[] = []
  const prune =
    (table: string) =>
    (before: number, atMost: number): Promise<number> => {
      asked.push([table, before])
      return Promise.resolve(Math.min(left, atMost))
    }
  const retention = new Retention({
    usage: { prune: prune('usage') },
    bodies: { prune: prune('bodies') },
    retentionMs: () => retentionMs,
    warn: () => undefined,
    now: () => 1000,
  })
  return { retention, asked }
}

test('what was said goes at its own time, also where records are kept for ever', async () => {
  const { retention, asked } = rig(undefined)
  expect(await retention.pruneOnce()).toBe(false)
  expect(asked).toEqual([['bodies', 1000]])
})

test('records go when they are old enough, and a full slice is followed by another', async () => {
  const { retention, asked } = rig(300, 5000)
  expect(await retention.pruneOnce()).toBe(true)
  expect(asked).toEqual([
    ['bodies', 1000],
    ['usage', 700],
  ])
})
