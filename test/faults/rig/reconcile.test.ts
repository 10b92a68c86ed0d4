import { expect, it } from 'vitest'
import { Canaries } from './canaries.ts'
import { fingerprint, type LedgerEntry } from './ledger.ts'
import { reconcile, type RunFacts, type RunLimits } from './reconcile.ts'
import { outcomeOf, shotOf } from './shots.ts'

const MEBIBYTE = 1024 * 1024
const HEALTH = { workerRestarts: 0, peakResidentBytes: 100 * MEBIBYTE, busySockets: 0 }
const canaries = new Canaries()
const secret = canaries.make('provider key')

function entryOf(fields: Partial<LedgerEntry> = {}): LedgerEntry {
  return {
    provider: 'one',
    number: 1,
    path: '/v1/chat/completions',
    at: 1,
    key: fingerprint('k-2'),
    socket: 1,
    isReused: false,
    acceptEncoding: 'identity',
    dialect: 'openai',
    model: 'm',
    isStream: false,
    markers: ['T1R1'],
    bytesReceived: 1,
    bytesSent: 1,
    end: 'answered',
    endedAt: 2,
    ...fields,
  }
}

/** What the reconciler says of one good request, with some facts and limits replaced. */
function violations(facts: Partial<RunFacts> = {}, limits: Partial<RunLimits> = {}): string[] {
  const outcomes = [outcomeOf()]
  const loggedAttempts = new Map([['id-1', 1]])
  const quiet = { stdout: '{"msg":"request"}\n', stderr: '', canaries, health: HEALTH }
  return reconcile(
    { outcomes, ledger: [entryOf()], loggedAttempts, ...quiet, ...facts },
    { maxResidentBytes: 200 * MEBIBYTE, keys: { one: ['k-1', 'k-2'] }, ...limits },
  )
}

function headed(headers: Record<string, string>, stream = false): Partial<RunFacts> {
  return { outcomes: [outcomeOf({ headers, shot: shotOf({ stream }) })] }
}

it('a good run has no violations', () => {
  expect(violations()).toEqual([])
})

it.each<[string, Partial<RunFacts>]>([
  ['no end within its deadline', { outcomes: [outcomeOf({ end: 'late' })] }],
  ['lost its connection', { outcomes: [outcomeOf({ end: 'broken' })] }],
  [
    'no proper answer: no [DONE]',
    {
      outcomes: [outcomeOf({ verdict: { kind: 'malformed', text: '', message: 'no [DONE]' } })],
    },
  ],
  ['T1R1 got something of T2R9', { outcomes: [outcomeOf({ body: Buffer.from('[T1R1:0/1] [T2R9:0/1]') })] }],
  ['T1R1 got something of T2R9', headed({ 'x-request-id': 'id-1', 'x-odd': 'T2R9' })],
  ['says nowhere how many attempts', { ...headed({}), loggedAttempts: new Map() }],
  ['tells of 1 attempts, the providers of 2', { ledger: [entryOf(), entryOf()] }],
  ['1 attempts are told of that no provider saw', { ledger: [] }],
  ['tells of 2 attempts in its head and of 1', headed({ 'x-request-id': 'id-1', 'x-gateway-attempts': '2' })],
  [
    'tells of 2 attempts in its head and of 1',
    headed({ 'x-request-id': 'id-1', 'x-gateway-attempts': '2' }, true),
  ],
  ['request 1 at one is still under way', { ledger: [entryOfOpen()] }],
  ['request 1 at one came with a key that is not for it', { ledger: [entryOf({ key: fingerprint('k-3') })] }],
  ['request 1 at one came with a key that is not for it', { ledger: [entryOf({ key: '' })] }],
  ['has no marker', { ledger: [entryOf(), entryOf({ markers: [] })] }],
  ['mixes T1R1 and T2R2', { ledger: [entryOf({ markers: ['T1R1', 'T2R2'] })] }],
  ['is for T5R5, for which nobody asked', { ledger: [entryOf(), entryOf({ markers: ['T5R5'] })] }],
  ['secret provider key is in the answer of T1R1', { outcomes: [outcomeOf({ body: Buffer.from(secret) })] }],
  ['secret provider key is in the answer of T1R1', headed({ 'x-request-id': 'id-1', 'x-odd': secret })],
  ['secret provider key is in stdout', { stdout: btoa(secret) }],
  ['secret provider key is in stderr', { stderr: encodeURIComponent(secret) }],
  ['the gateway said: Uncaught', { stderr: 'x\nUncaught TypeError: no\n' }],
  ['the gateway said: {"msg":"unhandledRejection"}', { stdout: '{"msg":"unhandledRejection"}\n' }],
  ['1 workers died, 0 of them were killed', { health: { ...HEALTH, workerRestarts: 1 } }],
  ['2 connections to providers are still in use', { health: { ...HEALTH, busySockets: 2 } }],
  ['the workers took 201 MiB, at most 200 MiB', { health: { ...HEALTH, peakResidentBytes: 201 * MEBIBYTE } }],
])('"%s" is noticed', (words, facts) => {
  expect(violations(facts)).toEqual([expect.stringContaining(words)])
})

function entryOfOpen(): LedgerEntry {
  const { end: _end, endedAt: _endedAt, ...open } = entryOf()
  return open
}

it.each<[string, Partial<RunFacts>, Partial<RunLimits>]>([
  ['who leaves has no answer', { outcomes: [outcomeOf({ end: 'left', status: 0, headers: {} })] }, {}],
  ['an attempt that a fault kept from the provider is not seen', { ledger: [] }, { maxUnseenAttempts: 1 }],
  ['a killed worker is replaced', { health: { ...HEALTH, workerRestarts: 1 } }, { killedWorkers: 1 }],
  [
    'a mirrored request is no attempt',
    { ledger: [entryOf(), entryOf({ model: 'mirror' })] },
    { isNoAttempt: ({ model }) => model === 'mirror' },
  ],
  [
    'a request that broke off has no marker',
    { ledger: [entryOf(), entryOf({ markers: [], end: 'aborted' })] },
    {},
  ],
  ['the log alone tells of attempts', headed({ 'x-request-id': 'id-1' }), {}],
  [
    'the head of a stream knows of fewer',
    {
      ...headed({ 'x-request-id': 'id-1', 'x-gateway-attempts': '1' }, true),
      ledger: [entryOf(), entryOf()],
      loggedAttempts: new Map([['id-1', 2]]),
    },
    {},
  ],
])('no violation: %s', (_what, facts, limits) => {
  expect(violations(facts, limits)).toEqual([])
})
