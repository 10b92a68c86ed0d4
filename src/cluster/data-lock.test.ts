import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startOf, takeLock } from './data-lock.ts'

let directory = ''
let path = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lock-'))
  path = join(directory, 'gateway.lock')
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const NOW = 1_800_000_000_000

/** The lock of another process whose last beat was then. */
function lockOf(lines: readonly (string | number)[], beatAt = NOW): void {
  writeFileSync(path, lines.map((line) => `${line}\n`).join(''))
  utimesSync(path, beatAt / 1000, beatAt / 1000)
}

async function take(wait: () => void = () => undefined): Promise<string | undefined> {
  let waits = 0
  const clock = {
    now: () => NOW + waits * 500,
    wait: (): Promise<void> => {
      waits++
      wait()
      return Promise.resolve()
    },
  }
  const lock = await takeLock(path, clock)
  if (typeof lock === 'string') return lock
  expect(readFileSync(path, 'utf8')).toMatch(new RegExp(`^${process.pid}\n`))
  lock.release()
  expect(existsSync(path)).toBe(false)
}

test('a lock is there while it is held, and alone', async () => {
  expect(await take()).toBeUndefined()
  expect(readdirSync(directory)).toEqual([])
})

test('a living process keeps its lock', async () => {
  lockOf([process.ppid, startOf(process.ppid), hostname()], 0)
  expect(await take()).toBe(`process ${process.ppid}`)
})

test.each([
  ['a process that is gone', [2 ** 30, '1', hostname()]],
  ['one whose number another process has now', [process.ppid, '1', hostname()]],
  ['an earlier process of this number, as in a container that starts again', [process.pid, '1', hostname()]],
  ['nobody', []],
  ['something else', ['hello']],
  ['a container whose lock has not been touched for long', [1, '1', 'other']],
])('what is left of %s is taken over', async (_whose, lines) => {
  lockOf(lines, NOW - 60_000)
  expect(await take()).toBeUndefined()
  expect(readdirSync(directory)).toEqual([])
})

test('another container keeps its lock while it touches it', async () => {
  lockOf([process.pid, startOf(process.pid), 'other'])
  expect(await take(() => utimesSync(path, NOW / 1000, NOW / 1000 + 1))).toBe(
    `process ${process.pid} on other`,
  )
})

test('another container that has died is waited for no longer than its lock is believed', async () => {
  let waits = 0
  lockOf([1, '1', 'other'], NOW - 5_000)
  expect(await take(() => waits++)).toBeUndefined()
  expect(waits).toBe(20)
})

test('of many who find a dead lock at one time, one gets it', async () => {
  lockOf([2 ** 30, '1', hostname()])
  const first = await takeLock(path)
  expect(typeof first).toBe('object')
  expect(readFileSync(path, 'utf8')).toContain(hostname())
  if (typeof first !== 'string') first.release()
})

test('without /proc a process has a beginning too', () => {
  expect(startOf(process.pid, '/nowhere')).toMatch(/\d\d:\d\d:\d\d/)
  expect(startOf(2 ** 30, '/nowhere')).toBe('')
})
