import { PassThrough } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { sendOn } from './send-on.ts'

test('gives the bytes in front, then those that arrive', async () => {
  const source = new PassThrough()
  const body = sendOn(source, Buffer.from('a'))
  source.end('b')
  expect(Buffer.concat(await body.toArray()).toString()).toBe('ab')
})

test('breaks off when the client does, whether or not somebody reads', async () => {
  const source = new PassThrough()
  const body = sendOn(source)
  source.write('a')
  source.destroy()
  await turn()
  expect(body.destroyed).toBe(true)
  expect(body.readableEnded).toBe(false)
})

test('leaves the client its connection when the provider wants no more, and reads the rest for nobody', async () => {
  const source = new PassThrough()
  const body = sendOn(source)
  source.write('a')
  body.destroy(new Error('the provider has answered'))
  await turn()
  expect(source.destroyed).toBe(false)
  const ended = new Promise((resolve) => source.once('end', resolve))
  source.end(Buffer.alloc(1024 * 1024))
  await ended
})
