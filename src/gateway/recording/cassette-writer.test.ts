import { readdirSync } from 'node:fs'
import { expect, test, vi } from 'vitest'
import { temporaryDirectory, textsIn } from '../../../test/support/scripted-provider.ts'
import { CassetteWriter, type PendingCassette } from './cassette-writer.ts'

function pending(text: string, more: Partial<PendingCassette> = {}): PendingCassette {
  return { recordedAt: new Date(0), target: 't', heldBytes: 0, write: () => text, ...more }
}

function setUp(limits: { maxPending?: number; maxHeldBytes?: number } = {}) {
  const directory = temporaryDirectory()
  const warn = vi.fn<(message: string) => void>()
  return { directory, warn, writer: new CassetteWriter({ directory, warn, ...limits }) }
}

test('what does not fit into the queue is dropped, counted and told once', async () => {
  const { writer, directory, warn } = setUp({ maxPending: 2 })
  for (const text of ['a', 'b', 'c', 'd']) writer.add(pending(text))
  await writer.idle()
  expect(writer.counts).toEqual({ written: 2, dropped: 2, failed: 0 })
  expect(textsIn(directory).toSorted()).toEqual(['a', 'b'])
  expect(warn).toHaveBeenCalledTimes(1)
})

test('bytes are held up to the limit, and given back when they are written or dropped', async () => {
  const { writer } = setUp({ maxHeldBytes: 10, maxPending: 1 })
  expect([writer.hold(6), writer.hold(4), writer.hold(1)]).toEqual([true, true, false])
  writer.add(pending('a', { heldBytes: 6 }))
  writer.add(pending('b', { heldBytes: 4 }))
  await writer.idle()
  expect([writer.hold(10), writer.hold(1)]).toEqual([true, false])
})

test('a cassette is made when it is its turn, not when it is added', async () => {
  const { writer } = setUp()
  const write = vi.fn<() => string>(() => '')
  writer.add(pending('', { write }))
  expect(write).not.toHaveBeenCalled()
  await writer.idle()
  expect(write).toHaveBeenCalledTimes(1)
})

test('one that cannot be made keeps none from being written', async () => {
  const { writer, directory } = setUp()
  writer.add(
    pending('', {
      write() {
        throw new RangeError('nested too deeply')
      },
    }),
  )
  writer.add(pending('b'))
  await writer.idle()
  expect(writer.counts).toEqual({ written: 1, dropped: 0, failed: 1 })
  expect(textsIn(directory)).toEqual(['b'])
})

test('no name leads out of the directory, and no half-written file is left', async () => {
  const { writer, directory } = setUp()
  writer.add(pending('a', { target: '../../etc/passwd' }))
  await writer.idle()
  expect(readdirSync(directory)).toEqual([
    expect.stringMatching(/^19700101T000000\.000Z-[0-9a-f]{8}-_etc_passwd\.json$/),
  ])
})
