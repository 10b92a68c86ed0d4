import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RawConnection } from '../../support/ask.ts'
import { waitFor } from '../../support/wait.ts'
import { askOnce } from './clients.ts'
import { FaultProxy } from './fault-proxy.ts'
import type { Outcome, Shot } from './outcome.ts'
import { ANY_MODEL, MockProvider } from './provider.ts'
import { shotOf } from './shots.ts'

const REQUEST = 'POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\ncontent-length: 13\r\n\r\n{"x":"T1R1!"}'

let provider: MockProvider
let proxy: FaultProxy

beforeEach(async () => {
  provider = await MockProvider.start()
  proxy = await FaultProxy.start(provider.port)
})

afterEach(async () => {
  await proxy.close()
  await provider.close()
})

function ask(shot: Partial<Shot> = {}, deadlineMs = 5000): Promise<Outcome> {
  return askOnce(shotOf(shot), { url: proxy.url, deadlineMs })
}

/** A connection on which one answer has come already. */
async function openKept(): Promise<RawConnection> {
  const connection = await RawConnection.open(proxy.port)
  connection.socket.write(REQUEST)
  await waitFor('an answer', () => connection.received.includes('chat.completion'))
  return connection
}

describe('a proxy', () => {
  it('without faults changes nothing, and lets go of what has ended', async () => {
    const [whole, streamed] = await Promise.all([ask(), ask({ stream: true })])
    expect([whole.verdict.kind, streamed.verdict.kind]).toEqual(['answer', 'answer'])
    await waitFor('all connections to end', () => proxy.open === 0 && provider.openSockets === 0)
  })

  it('makes bytes late, in both directions', async () => {
    await proxy.set({ latencyMs: 40 })
    const { totalMs, verdict } = await ask()
    expect(verdict.kind).toBe('answer')
    expect(totalMs).toBeGreaterThan(75)
  })

  it('makes them slow', async () => {
    provider.plays(ANY_MODEL, { body: `{"pad":"${'x'.repeat(2000)}"}` })
    await proxy.set({ bytesPerSecond: 20_000 })
    const { body, totalMs } = await ask()
    expect(body.length).toBeGreaterThan(2000)
    expect(totalMs).toBeGreaterThan(90)
  })

  it('slices them', async () => {
    await proxy.set({ sliceBytes: 1 })
    const connection = await RawConnection.open(proxy.port)
    const lengths: number[] = []
    connection.socket.on('data', (text: string) => lengths.push(text.length))
    connection.socket.write(REQUEST)
    await waitFor('the answer', () => /chat\.completion[^]*\}\}$/.test(connection.received))
    expect(lengths.length).toBeGreaterThan(20)
    expect((await ask({ stream: true })).verdict.kind).toBe('answer')
    connection.socket.destroy()
  })

  it.each(['fin', 'rst'] as const)('cuts an answer by %s after so many bytes', async (how) => {
    await proxy.set({ cut: { afterBytes: 250, how }, latencyMs: 5 })
    const outcome = await ask({ stream: true })
    expect(outcome).toMatchObject({ end: 'broken', status: 200 })
    expect(proxy.cutOff).toBe(1)
  })

  it('refuses connections, and takes them again', async () => {
    await proxy.set({ connect: 'refuse' })
    expect(await ask()).toMatchObject({ end: 'broken', status: 0 })
    await proxy.set({})
    expect((await ask()).verdict.kind).toBe('answer')
  })

  it('takes connections and hands nothing on', async () => {
    await proxy.set({ connect: 'blackhole' })
    expect(await ask({}, 80)).toMatchObject({ end: 'late', status: 0 })
    expect({ taken: proxy.accepted, forwarded: provider.accepted }).toEqual({ taken: 1, forwarded: 0 })
    await waitFor('the connection to end', () => proxy.open === 0)
  })

  it('falls silent under open connections without telling anyone', async () => {
    const kept = await openKept()
    const before = kept.received.length
    await proxy.set({ isHalfOpen: true })
    kept.socket.write(REQUEST)
    provider.toIdle((socket) => socket.end('bye'))
    expect(await ask({}, 50)).toMatchObject({ end: 'late' })
    expect({ received: kept.received.length, readable: kept.socket.readable }).toEqual({
      received: before,
      readable: true,
    })
    expect(provider.ledger).toHaveLength(1)
    kept.socket.destroy()
  })

  it.each(['fin', 'rst'] as const)(
    'ends a kept connection by %s when its next request comes',
    async (how) => {
      await proxy.set({ idleRace: { how } })
      const kept = await openKept()
      const errors: string[] = []
      kept.socket.on('error', ({ message }) => errors.push(message))
      kept.socket.write(REQUEST)
      await kept.closed
      expect(errors.length).toBe(how === 'rst' ? 1 : 0)
      expect({ seen: provider.ledger.length, raced: proxy.raced }).toEqual({ seen: 1, raced: 1 })
      // A fresh connection is not touched.
      expect((await ask()).verdict.kind).toBe('answer')
    },
  )

  it('may let the request of such a race through', async () => {
    await proxy.set({ idleRace: { how: 'rst', isDelivered: true } })
    const kept = await openKept()
    kept.socket.write(REQUEST)
    await kept.closed
    await waitFor('the answer that nobody gets', () => provider.ledger[1]?.end === 'answered')
    expect(provider.ledger[1]).toMatchObject({ markers: ['T1R1'], isReused: true })
  })

  it('ends what is open when it is told to', async () => {
    const kept = await openKept()
    proxy.endAll('rst')
    await kept.closed
    await waitFor('the provider to notice', () => provider.openSockets === 0)
    expect(proxy.open).toBe(0)
  })
})
