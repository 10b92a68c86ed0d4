import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { Caller } from '../core/caller.ts'
import { Trail } from '../core/trail.ts'
import type { CallRecord } from '../gateway/record.ts'
import type { InProgress } from '../http/client-connection.ts'
import { UsageWriter } from './usage-writer.ts'

const nobody = new Caller({ headers: {}, search: new URLSearchParams() })

function callRecord(id: string): CallRecord {
  return {
    id,
    path: '/v1/chat/completions',
    route: undefined,
    dialect: 'openai',
    caller: undefined,
    status: 200,
    stream: true,
    durationMs: 1,
    firstByteMs: 1,
    usage: undefined,
    isEstimated: false,
    requestBytes: 0,
    responseBytes: 0,
    dropped: [],
    error: undefined,
    trail: new Trail(),
  }
}

function inProgress(id: string, ageMs: number): InProgress {
  return { startedAt: performance.now() - ageMs, notedIn: undefined, soFar: () => callRecord(id) }
}

function startWriter(isKept = true): { writer: UsageWriter; lines: () => string[] } {
  const directory = mkdtempSync(join(tmpdir(), 'writer-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const writer = new UsageWriter({ send: () => undefined, warn: () => undefined })
  writer.start({ directory, isKept, whenFull: 'refuse', isFull: false })
  const lines = (): string[] =>
    readdirSync(directory)
      .toSorted()
      .flatMap((name) => readFileSync(join(directory, name), 'utf8').trimEnd().split('\n'))
  return { writer, lines }
}

test('a request that takes longer than a second is noted once in each file, a short one never', () => {
  const { writer, lines } = startWriter()
  const underWay = [inProgress('long', 1_500), inProgress('short', 500)]
  writer.noteLong(underWay)
  writer.noteLong(underWay)
  expect(lines()).toEqual([expect.stringMatching(/^\{"open":\{"id":"long".*"outcome":"aborted"/)])
  writer.rotate()
  writer.noteLong(underWay)
  expect(lines().slice(1)).toEqual(['{"closed":true}', expect.stringContaining('"open":{"id":"long"')])
})

test('nothing is kept and nothing refused while records are off, until a reload turns them on', () => {
  const { writer, lines } = startWriter(false)
  writer.receive({ type: 'spool-room', isKept: false, isFull: true, whenFull: 'refuse' })
  writer.record({ ...callRecord('off'), caller: nobody })
  writer.noteLong([inProgress('long', 1_500)])
  expect(writer.refusal()).toBeUndefined()
  expect(lines()).toEqual([])
  writer.receive({ type: 'spool-room', isKept: true, isFull: false, whenFull: 'refuse' })
  writer.record({ ...callRecord('on'), caller: nobody })
  expect(lines()).toEqual([expect.stringContaining('"id":"on"')])
})
