import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import type { Behaviour } from '../rig/behaviour.ts'
import type { LedgerEntry } from '../rig/ledger.ts'
import { piecesOf } from '../rig/marker.ts'
import type { Outcome, Shot } from '../rig/outcome.ts'
import { claims, EMPTY, GZIPPED, HTML, says, WRONG_TYPE } from '../rig/provider-faults.ts'
import { IS_WHOLE } from '../rig/report.ts'
import { MANNERS, shotOf } from '../rig/shots.ts'
import { FaultStage, type Performance, type Score } from '../rig/stage.ts'
import { BODIES } from '../rig/wire-bodies.ts'

const MEBIBYTE = 1024 * 1024
const JSON_TYPE = { 'content-type': 'application/json' }

/** One way to answer badly, and the ends that it may have for a client. */
interface Case {
  readonly name: string
  readonly plays: Behaviour | ((entry: LedgerEntry) => Behaviour)
  readonly ends: readonly string[]
  /** All manners of asking unless given. */
  readonly asks?: (shot: Pick<Shot, 'dialect' | 'stream'>) => boolean
}

const REFUSED = ['502 error']
const GOOD = ['200 answer']

/** A proper whole answer, whatever was asked for. */
function properBody({ markers, model, dialect }: LedgerEntry): string {
  return BODIES[dialect].whole(piecesOf(markers[0] ?? 'T0R0', 5).join(''), model)
}

/** Bytes of HTTP around a proper answer. */
function around(head: string, tail = ''): (entry: LedgerEntry) => Behaviour {
  return (entry) => says(`${head}\r\ncontent-type: application/json\r\n\r\n${properBody(entry)}${tail}`)
}

/** The head of a proper answer with its length, after some bytes. */
function after(bytes: string): (entry: LedgerEntry) => Behaviour {
  return (entry) => {
    const body = properBody(entry)
    const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}`
    return { raw: `${bytes}${head}\r\n\r\n${body}` }
  }
}

function withBody(body: string | Buffer, headers: Record<string, string> = {}): Behaviour {
  return { body, headers: { ...JSON_TYPE, ...headers }, isFault: true }
}

const isTranslated = ({ dialect }: { dialect: string }): boolean => dialect !== 'openai'
const isWhole = ({ stream }: { stream: boolean }): boolean => !stream

const EMPTIES: readonly Case[] = [
  { name: 'html', plays: HTML, ends: REFUSED },
  { name: 'empty', plays: EMPTY, ends: REFUSED },
  { name: 'wrong-type', plays: WRONG_TYPE, ends: REFUSED },
]

const DEPTH = 1_000_000
const UNREADABLE: readonly Case[] = [
  { name: 'invalid', plays: withBody('{"choices": [}'), ends: REFUSED, asks: isTranslated },
  { name: 'nan', plays: withBody('{"choices": [{"index": NaN}]}'), ends: REFUSED, asks: isTranslated },
  {
    name: 'deep',
    plays: withBody(`{"choices":${'['.repeat(DEPTH)}${']'.repeat(DEPTH)}}`),
    ends: REFUSED,
    // A second each: JSON so deep takes V8 that long.
    asks: ({ dialect, stream }) => dialect === 'anthropic' && !stream,
  },
  { name: 'cut', plays: withBody('{"choices": [{"index": 0, "mess'), ends: REFUSED },
  {
    name: 'huge',
    plays: {
      headers: JSON_TYPE,
      isFault: true,
      *writes() {
        const part = Buffer.alloc(MEBIBYTE, ' ')
        yield '{"choices":'
        for (let count = 0; count < 200; count++) yield part
      },
    },
    ends: REFUSED,
    asks: ({ dialect, stream }) => dialect === 'openai' && !stream,
  },
]

const BOMB = gzipSync(Buffer.alloc(200 * MEBIBYTE, ' '))
const PACKED: readonly Case[] = [
  { name: 'packed', plays: GZIPPED, ends: GOOD },
  {
    name: 'bomb',
    plays: withBody(BOMB, { 'content-encoding': 'gzip' }),
    ends: REFUSED,
    asks: ({ dialect }) => dialect === 'openai',
  },
  {
    name: 'bomb-twice',
    plays: withBody(gzipSync(BOMB), { 'content-encoding': 'gzip, gzip' }),
    ends: REFUSED,
  },
  { name: 'unknown-coding', plays: withBody('{}', { 'content-encoding': 'wonder' }), ends: REFUSED },
  { name: 'no-gzip', plays: withBody('{"a":1}', { 'content-encoding': 'gzip' }), ends: REFUSED },
]

const FRAMED: readonly Case[] = [
  {
    name: 'both-framings',
    plays: around('HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked'),
    ends: REFUSED,
  },
  {
    name: 'two-lengths',
    plays: around('HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 50'),
    ends: REFUSED,
  },
  { name: 'too-long', plays: claims(20), ends: REFUSED, asks: isWhole },
  { name: 'too-short', plays: claims(99_999), ends: REFUSED, asks: isWhole },
  { name: 'negative-length', plays: around('HTTP/1.1 200 OK\r\ncontent-length: -5'), ends: REFUSED },
]

const ODD: readonly Case[] = [
  {
    name: 'flood',
    plays: after('HTTP/1.1 100 Continue\r\n\r\n'.repeat(10_000)),
    ends: [...GOOD, ...REFUSED],
  },
  { name: 'hints', plays: after('HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n'.repeat(100)), ends: GOOD },
  {
    name: 'upgrade',
    plays: says('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\nhello'),
    ends: REFUSED,
  },
  {
    name: 'no-content',
    plays: says('HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\nhello'),
    ends: REFUSED,
  },
  { name: 'status-099', plays: around('HTTP/1.1 099 Odd\r\nconnection: close'), ends: REFUSED },
  { name: 'status-999', plays: around('HTTP/1.1 999 Odd\r\nconnection: close'), ends: REFUSED },
  { name: 'no-http', plays: says('SSH-2.0-OpenSSH_9.2\r\n\r\n'), ends: REFUSED },
]

const MANY = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`x-many-${index}`, 'a']))
const HEADED: readonly Case[] = [
  { name: 'large-header', plays: { headers: { 'x-large': 'a'.repeat(100 * 1024) } }, ends: REFUSED },
  { name: 'many-headers', plays: { headers: MANY }, ends: [...REFUSED, ...GOOD] },
  {
    name: 'foreign-headers',
    plays: {
      headers: {
        'set-cookie': 'session=theirs',
        'proxy-authenticate': 'Basic',
        'x-internal': 'theirs',
        'strict-transport-security': 'max-age=1',
        'access-control-allow-origin': '*',
        ['__proto__']: 'theirs',
      },
    },
    ends: GOOD,
  },
]

const REDIRECTS = [301, 302, 307, 308] as const

const ALL = [EMPTIES, UNREADABLE, PACKED, FRAMED, ODD, HEADED].flat()

let stage: FaultStage

beforeAll(async () => {
  const names = [
    ...ALL.map(({ name }) => name),
    ...REDIRECTS.map((status) => `redirect-${status}`),
    'usage',
    'plain',
  ]
  stage = await FaultStage.start(
    names.map((name) => ({ name, targets: [{ at: 'one' }], more: { retries: { max: 0 } } })),
  )
})

afterAll(() => stage?.close())

beforeEach(() => stage.mend())

/** Each case in each manner that it is for; so many rounds. */
function shotsFor(cases: readonly Case[], rounds: number): Shot[] {
  const shots = Array.from({ length: rounds }, () => cases)
    .flat()
    .flatMap(({ name, asks = () => true }) =>
      MANNERS.filter(asks).map(({ dialect, stream }) => ({ dialect, stream, route: name })),
    )
  const first = stage.takeNumbers(shots.length)
  return shots.map((shot, index) =>
    shotOf({ ...shot, marker: `T${1 + (index % 4)}R${first + index}`, dueMs: index * 10 }),
  )
}

/** Play all cases of a row at once; `wrong` are the requests that had none of their case's ends. */
async function playCases(
  cases: readonly Case[],
  performance: Performance & { rounds?: number },
): Promise<Score & { wrong: string[] }> {
  for (const { name, plays } of cases) stage.one.provider.plays(name, plays)
  const { rounds = IS_WHOLE ? 12 : 1, ...others } = performance
  const score = await stage.play({ ...others, shots: shotsFor(cases, rounds) })
  const wrong = score.outcomes.filter((outcome) => {
    const { ends = [] } = cases.find(({ name }) => name === outcome.shot.route) ?? {}
    return !ends.includes(`${outcome.status} ${outcome.verdict.kind}`)
  })
  return { ...score, wrong: wrong.map(describeOutcome) }
}

function describeOutcome({ shot, status, verdict }: Outcome): string {
  return `${shot.route}, ${shot.dialect}${shot.stream ? ' streamed' : ''}: ${status} ${verdict.kind} ${verdict.message ?? ''}`
}

it('F17: HTML, nothing, or another content type is a 502 (a retry is allowed by design: here there is none)', async () => {
  const { attempts, outcomes, wrong } = await playCases(EMPTIES, {
    row: 17,
    fault: 'status 200 with HTML, with nothing, with text/plain',
    expected: '502, without the page',
  })
  expect(wrong).toEqual([])
  expect(attempts).toBe(outcomes.length)
  for (const { body } of outcomes) expect(body.toString()).not.toContain('<html>')
})

it('F24: an answer whose length is not certain is a 502, and its connection is not used again', async () => {
  const { ledger, wrong } = await playCases(FRAMED, {
    row: 24,
    fault: 'both framings, two lengths, a length that is too short, too long, negative',
    expected: '502; the connection is never used again',
  })
  expect(wrong).toEqual([])
  const sockets = ledger.map(({ socket }) => socket)
  expect(new Set(sockets).size).toBe(sockets.length)
})

it('F25: an answer that nobody asked for reaches nobody', async () => {
  const body = BODIES.openai.whole(piecesOf('T9R999999', 5).join(''), 'plain')
  const unsolicited = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
  stage.one.provider.plays('plain', ({ number }) => (number % 3 === 0 ? { trailing: unsolicited } : {}))
  const { outcomes } = await stage.play({
    row: 25,
    fault: 'an answer that nobody asked for, on a connection that is kept',
    expected: 'the next tenant never gets it',
    routes: ['plain'],
    streamShare: 0,
    requests: IS_WHOLE ? 300 : 40,
    maxUnseenAttempts: Infinity,
  })
  // Where it comes together with the next request, that one's connection ends with it.
  for (const outcome of outcomes)
    expect(['200 answer', '502 error']).toContain(`${outcome.status} ${outcome.verdict.kind}`)
  stage.one.provider.plays('plain', {})
  stage.one.provider.toIdle((socket) => socket.write(unsolicited))
  const later = await stage.play({
    row: 25,
    fault: 'the same on all idle connections at once',
    expected: 'all answered, each with its own',
    routes: ['plain'],
    maxUnseenAttempts: Infinity,
  })
  expect(later.ends).toEqual({ '200 answer': later.outcomes.length })
})

it('F26: odd statuses and floods of interim answers are bounded', async () => {
  const { wrong } = await playCases(ODD, {
    row: 26,
    fault: '10 000 x 100, 100 x 103, 101, 204 with a body, 099, 999, no HTTP',
    expected: '502, or the answer after the interim ones; no crash',
  })
  expect(wrong).toEqual([])
})

it('F27: too large heads are a 502, and no foreign header comes through', async () => {
  const { outcomes, wrong } = await playCases(HEADED, {
    row: 27,
    fault: 'a header of 100 KB, 10 000 headers, Set-Cookie and other foreign ones',
    expected: '502 or without the headers',
  })
  expect(wrong).toEqual([])
  for (const { headers } of outcomes) {
    const names = Object.keys(headers).filter((name) => !OWN_HEADER.test(name))
    expect(names).toEqual([])
  }
})

/** What an answer of the gateway may have. */
const OWN_HEADER =
  /^(?:content-type|content-length|transfer-encoding|cache-control|connection|keep-alive|date|retry-after|x-accel-buffering|x-content-type-options|x-request-id|x-should-retry|x-gateway-[a-z-]+)$/

it('F28: redirects are not followed', async () => {
  const targets = [
    `${stage.two.provider.url}/v1/chat/completions`,
    'http://169.254.169.254/latest/meta-data/',
    'http://localhost:1/',
    '//two.invalid/',
  ]
  const cases = REDIRECTS.map((status): Case => {
    const plays = ({ number }: LedgerEntry): Behaviour => ({
      ...withBody('{}', { location: targets[number % targets.length] ?? '' }),
      status,
    })
    return { name: `redirect-${status}`, plays, ends: REFUSED }
  })
  const accepted = stage.two.provider.accepted
  const { wrong } = await playCases(cases, {
    row: 28,
    fault: '301, 302, 307, 308 to another host, to loopback, to the metadata address',
    expected: '502; the other host is not asked',
  })
  expect(wrong).toEqual([])
  expect(stage.two.provider.accepted).toBe(accepted)
  expect(stage.two.provider.ledger).toEqual([])
})

const USAGES = [
  { what: 'missing', usages: [], logged: 'our estimate' },
  { what: 'negative', usages: [{ prompt_tokens: -5, completion_tokens: -3 }], logged: 'our estimate' },
  { what: 'a text', usages: [{ prompt_tokens: '5', completion_tokens: '3' }], logged: 'our estimate' },
  {
    what: 'twice, growing',
    usages: [
      { prompt_tokens: 5, completion_tokens: 1 },
      { prompt_tokens: 5, completion_tokens: 3 },
    ],
    logged: [5, 3],
  },
] as const

it.each(USAGES)('F22: a usage that is $what', async ({ what, usages, logged }) => {
  stage.one.provider.plays('usage', (entry) => {
    const { markers, model, isStream } = entry
    const whole: Record<string, unknown> = JSON.parse(properBody(entry))
    if (!isStream) return { body: JSON.stringify({ ...whole, usage: usages.at(-1) }) }
    const { start, piece, end } = BODIES.openai
    const pieces = piecesOf(markers[0] ?? '', 5).map((text) => piece(text, model))
    const [finish = '', , done = ''] = end(model).split(/(?<=\n\n)/)
    const told = usages.map((usage) => `data: ${JSON.stringify({ ...CHUNK, model, usage })}\n\n`)
    return { writes: () => [start(model), ...pieces, finish, ...told, done] }
  })
  const { outcomes, ends, facts } = await stage.play({
    row: 22,
    fault: `usage: ${what}`,
    expected: `answered; in the log: ${String(logged)}`,
    routes: ['usage'],
  })
  expect(ends).toEqual({ '200 answer': outcomes.length })
  const ids = new Set(outcomes.map(({ headers }) => headers['x-gateway-request-id']))
  const lines = stage.gateway.logLines().filter(({ id }) => typeof id === 'string' && ids.has(id))
  expect(lines.length).toBe(outcomes.length)
  expect(facts.stdout).not.toContain('"input_tokens":-')
  for (const { input_tokens: input, output_tokens: output, is_estimated: isEstimated } of lines) {
    if (logged === 'our estimate') expect([input, output, isEstimated]).toEqual([POSITIVE, POSITIVE, true])
    else expect([input, output, isEstimated]).toEqual([...logged, undefined])
  }
})

const POSITIVE: unknown = expect.toSatisfy((count: number) => count > 0)
const CHUNK = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1_700_000_000, choices: [] }

// Last, because a process keeps the memory that these take.
it('F18: what cannot be read is a 502, however large or deep', async () => {
  const { wrong } = await playCases(UNREADABLE, {
    row: 18,
    fault: 'invalid JSON, NaN, 200 MB, a depth of 1 million, half an object',
    expected: '502, in bounded memory',
    rounds: IS_WHOLE ? 2 : 1,
    maxResidentMiB: 900,
  })
  expect(wrong).toEqual([])
})

it('F23: packed answers are unpacked within bounds, and nobody asks for them', async () => {
  const { ledger, wrong } = await playCases(PACKED, {
    row: 23,
    fault: 'gzip, a gzip bomb of 200 MB, one packed twice, an unknown coding, no gzip at all',
    expected: 'answered; else 502, in bounded memory; accept-encoding: identity',
    rounds: IS_WHOLE ? 2 : 1,
    maxResidentMiB: 900,
  })
  expect(wrong).toEqual([])
  expect(new Set(ledger.map(({ acceptEncoding }) => acceptEncoding))).toEqual(new Set(['identity']))
})
