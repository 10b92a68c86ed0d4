import { describe, expect, test } from 'vitest'
import type { ByteSink, ByteSource } from '../core/bytes.ts'
import { GatewayError } from '../core/error.ts'
import { readWhole } from './read-body.ts'

/** A source that plays `script` as soon as it may flow. */
function source(script: (sink: ByteSink) => void): ByteSource & { canceled: number } {
  return {
    canceled: 0,
    flow(sink): void {
      script(sink)
    },
    pause: () => undefined,
    resume: () => undefined,
    cancel(): void {
      this.canceled++
    },
  }
}

describe('readWhole', () => {
  test('joins all chunks', async () => {
    const body = source((sink) => {
      sink.data(Buffer.from('a'))
      sink.data(Buffer.from('b'))
      sink.end()
    })
    await expect(readWhole(body)).resolves.toEqual(Buffer.from('ab'))
  })

  test('hands a single chunk back without copying it', async () => {
    const chunk = Buffer.from('a')
    const body = source((sink) => {
      sink.data(chunk)
      sink.end()
    })
    await expect(readWhole(body)).resolves.toBe(chunk)
  })

  test('may find nothing', async () => {
    await expect(readWhole(source((sink) => sink.end()))).resolves.toHaveLength(0)
  })

  test('fails as the source does', async () => {
    const error = new GatewayError('cut', { kind: 'truncated', status: 502 })
    const body = source((sink) => {
      sink.data(Buffer.from('a'))
      sink.error(error)
    })
    await expect(readWhole(body)).rejects.toBe(error)
  })

  test('takes 64 MiB and stops the source at one byte more', async () => {
    const mebibyte = Buffer.alloc(1024 * 1024)
    const full = (extra: number) => (sink: ByteSink) => {
      for (let i = 0; i < 64; i++) sink.data(mebibyte)
      if (extra > 0) sink.data(Buffer.alloc(extra))
      sink.end()
    }
    const fitting = source(full(0))
    expect((await readWhole(fitting)).length).toBe(64 * 1024 * 1024)
    const tooLarge = source(full(1))
    await expect(readWhole(tooLarge)).rejects.toMatchObject({
      kind: 'bad_response',
      status: 502,
      message: "The provider's answer is larger than 64 MiB.",
    })
    expect([fitting.canceled, tooLarge.canceled]).toEqual([0, 1])
  })
})
