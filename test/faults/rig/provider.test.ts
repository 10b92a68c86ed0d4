import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RawConnection } from '../../support/ask.ts'
import { waitFor } from '../../support/wait.ts'
import type { Behaviour } from './behaviour.ts'
import { askOnce } from './clients.ts'
import { fingerprint } from './ledger.ts'
import type { Outcome, Shot } from './outcome.ts'
import { ANY_MODEL, MockProvider } from './provider.ts'
import {
  ANSWERS,
  claims,
  cutsAfter,
  EMPTY,
  ERROR_WITH_STATUS_200,
  failsAfter,
  GZIPPED,
  HTML,
  NEVER_ANSWERS,
  refuses,
  refusesFor,
  says,
  stallsAfter,
  WRONG_TYPE,
} from './provider-faults.ts'
import { MANNERS, shotOf } from './shots.ts'

let provider: MockProvider

beforeEach(async () => {
  provider = await MockProvider.start('one')
})

afterEach(() => provider.close())

function ask(shot: Partial<Shot> = {}, deadlineMs = 5000): Promise<Outcome> {
  return askOnce(shotOf(shot), { url: provider.url, deadlineMs })
}

/** What became of a request that is answered like this. */
function askWhen(behaviour: Behaviour, shot: Partial<Shot> = {}, deadlineMs = 5000): Promise<Outcome> {
  provider.plays(ANY_MODEL, behaviour)
  return ask(shot, deadlineMs)
}

describe.each(MANNERS)('a provider of $dialect, streaming: $stream', (manner) => {
  it('answers with the marker and a number in each piece', async () => {
    const { verdict } = await askWhen({ events: 3 }, manner)
    expect(verdict).toEqual({ kind: 'answer', text: '[T1R1:0/3] ü [T1R1:1/3] ü [T1R1:2/3] ü ' })
    expect(provider.ledger).toEqual([
      expect.objectContaining({
        provider: 'one',
        number: 1,
        dialect: manner.dialect,
        isStream: manner.stream,
        model: 'model',
        markers: ['T1R1'],
        isReused: false,
        end: 'answered',
      }),
    ])
  })

  it('refuses in its own words', async () => {
    const { status, headers, verdict } = await askWhen(refuses(429, { 'retry-after': '3' }), manner)
    expect({ status, wait: headers['retry-after'], kind: verdict.kind }).toEqual({
      status: 429,
      wait: '3',
      kind: 'error',
    })
    expect(provider.ledger[0]?.end).toBe('failed')
  })

  it.each(
    Object.entries({ ERROR_WITH_STATUS_200, HTML, EMPTY, WRONG_TYPE, 'no HTTP': says('220 ESMTP\r\n') }),
  )('gives what is no answer: %s', async (_name, behaviour) => {
    const { verdict } = await askWhen(behaviour, manner)
    expect(verdict.kind).toBe('malformed')
    expect(provider.ledger[0]?.end).toBe('failed')
  })

  it('is noted as aborted when the client leaves before its end', async () => {
    const outcome = await askWhen(NEVER_ANSWERS, { ...manner, leaveAfterMs: 400 })
    expect(outcome.end).toBe('left')
    const entry = await waitFor('the abortion', () => provider.ledger.find(({ end }) => end === 'aborted'))
    expect(entry.endedAt).toBeGreaterThan(entry.at)
    expect(provider.busySockets).toBe(0)
  })

  it('packs its answer without being asked', async () => {
    const { headers, body } = await askWhen(GZIPPED, manner)
    expect(headers['content-encoding']).toBe('gzip')
    expect(body.subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]))
  })
})

describe.each(MANNERS.filter(({ stream }) => stream))('a stream of $dialect', (manner) => {
  it.each([0, 2])('fails in its own words after %d pieces', async (pieces) => {
    const { verdict, body } = await askWhen(failsAfter(pieces), manner)
    expect(verdict).toMatchObject({ kind: 'broken', message: 'The model fell over.' })
    expect(body.toString().includes('[T1R1:1/5]')).toBe(pieces === 2)
    expect(body.toString()).not.toContain('[T1R1:2/5]')
  })

  it.each([
    ['end', undefined, 'whole'],
    ['fin', undefined, 'broken'],
    ['rst', undefined, 'broken'],
    ['end', 'event', 'whole'],
    ['rst', 'chunk', 'broken'],
    ['fin', 'character', 'broken'],
  ] as const)('breaks off by %s, within: %s', async (how, within, end) => {
    const outcome = await askWhen(cutsAfter(2, how, within), manner)
    expect(outcome.end).toBe(end)
    expect(outcome.verdict.kind).toBe('malformed')
    expect(outcome.body.toString()).toContain('[T1R1:1/5]')
    expect(outcome.body.toString().includes('\ufffd')).toBe(within === 'character')
    expect(provider.ledger[0]?.end).toBe('failed')
  })

  it('falls silent', async () => {
    const outcome = await askWhen(stallsAfter(1), manner, 100)
    expect(outcome).toMatchObject({ end: 'late', status: 200 })
    expect(outcome.body.toString()).toContain('[T1R1:0/5]')
    expect(outcome.body.toString()).not.toContain('[T1R1:1/5]')
  })
})

describe('a whole answer', () => {
  it.each([
    ['in the middle, in order', cutsAfter(0, 'end'), 'whole', 'malformed'],
    ['in the middle', cutsAfter(0, 'fin'), 'broken', 'malformed'],
    ['in the middle, by a reset', cutsAfter(0, 'rst'), 'broken', 'malformed'],
    ['short of the length it told', claims(5000), 'broken', 'answer'],
    ['at the length it told, which is too short', claims(60), 'broken', 'malformed'],
  ] as const)('breaks off %s', async (_how, behaviour, end, kind) => {
    const outcome = await askWhen(behaviour)
    expect({ end: outcome.end, kind: outcome.verdict.kind }).toEqual({ end, kind })
  })

  it.each([
    ['its head', 0, 0],
    ['half its body', 1, 1],
  ])('falls silent after %s', async (_what, after, least) => {
    const outcome = await askWhen(stallsAfter(after), {}, 100)
    expect(outcome).toMatchObject({ end: 'late', status: 200 })
    expect(Math.min(outcome.body.length, 1)).toBe(least)
  })

  it('is refused with the wait that Google tells', async () => {
    const { verdict, body } = await askWhen(refusesFor('3s'), { dialect: 'gemini' })
    expect(verdict.kind).toBe('error')
    expect(body.toString()).toContain('"retryDelay":"3s"')
  })
})

describe('a script', () => {
  it('plays its queue in turn, the last one again and again', async () => {
    provider.plays('model', [refuses(500), refuses(429), ANSWERS])
    const statuses = []
    for (let number = 0; number < 4; number++) statuses.push((await ask()).status)
    expect(statuses).toEqual([500, 429, 200, 200])
  })

  it('is for a model, or chosen for each request', async () => {
    provider.plays('bad', refuses(503))
    provider.plays(ANY_MODEL, ({ markers }) => (markers[0] === 'T2R2' ? refuses(400) : ANSWERS))
    const shots = [{ route: 'bad' }, { marker: 'T2R2' }, {}]
    const outcomes = await Promise.all(shots.map((shot) => ask(shot)))
    expect(outcomes.map(({ status }) => status)).toEqual([503, 400, 200])
  })

  it('is forgotten with all requests when a new run begins', async () => {
    await askWhen(refuses(500))
    provider.reset()
    expect(provider.ledger).toEqual([])
    expect(await ask()).toMatchObject({ status: 200 })
    expect(provider.ledger[0]?.number).toBe(1)
  })

  it('takes its time where it is told to', async () => {
    const slow = { headDelayMs: 30, firstEventDelayMs: 30, cadenceMs: 10, events: 4 }
    const { totalMs, verdict } = await askWhen(slow, { stream: true })
    expect(verdict.kind).toBe('answer')
    // 30 + 30 + 3 x 10, and timers may fire a little early.
    expect(totalMs).toBeGreaterThan(80)
  })

  it('may write its body to the byte', async () => {
    const writes = (): string[] => ['data: {"one":', '1}\n\n', ': the rest']
    const { body } = await askWhen({ writes, isFault: true }, { stream: true })
    expect(body.toString()).toBe('data: {"one":1}\n\n: the rest')
  })
})

describe('connections', () => {
  const REQUEST =
    'POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\nauthorization: Bearer k-1\r\ncontent-length: 13\r\n\r\n{"x":"T1R1!"}'

  it('that are reused are told from fresh ones, and a key leaves only its fingerprint', async () => {
    const connection = await RawConnection.open(provider.port)
    connection.socket.write(REQUEST)
    await waitFor('the first answer', () => provider.ledger[0]?.end === 'answered' && !provider.busySockets)
    connection.socket.write(REQUEST)
    await waitFor('the second answer', () => provider.ledger[1]?.end === 'answered')
    const [first, second] = provider.ledger
    expect(second).toMatchObject({ socket: first?.socket, isReused: true, key: fingerprint('k-1') })
    expect(JSON.stringify(provider.ledger)).not.toContain('k-1')
    connection.socket.destroy()
  })

  it('can be told things while they are idle, and ended', async () => {
    const connection = await RawConnection.open(provider.port)
    await waitFor('the connection', () => provider.openSockets === 1)
    provider.toIdle((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nunasked'))
    await connection.closed
    expect(connection.received).toContain('unasked')
    expect(provider.ledger).toEqual([])
  })

  it('get what comes behind an answer', async () => {
    provider.plays(ANY_MODEL, { trailing: 'HTTP/1.1 200 OK\r\n\r\nunasked' })
    const connection = await RawConnection.open(provider.port)
    connection.socket.write(REQUEST)
    const answers = await waitFor('both', () => /chat\.completion[^]*(unasked)/.exec(connection.received))
    expect(answers[1]).toBe('unasked')
    connection.socket.destroy()
  })

  it('are taken and never read when it is told so', async () => {
    provider.isReading = false
    expect((await ask({}, 100)).end).toBe('late')
    expect(provider.accepted).toBe(1)
    expect(provider.ledger).toEqual([])
  })
})
