import { mkdtempSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { CLOSED_LINE, readSpoolName, Spool } from './spool.ts'

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'spool-'))
  onTestFinished(() => rmSync(path, { recursive: true }))
  return path
}

function contents(directory: string): string[] {
  return readdirSync(directory)
    .toSorted()
    .map((name) => readFileSync(join(directory, name), 'utf8'))
}

test('a line is in the file when append returns, and its name tells the process', () => {
  const directory = folder()
  new Spool({ directory }).append('{"id":"1"}')
  expect(contents(directory)).toEqual(['{"id":"1"}\n'])
  expect(readSpoolName(readdirSync(directory)[0] ?? '')?.pid).toBe(process.pid)
})

test('a large file and a reload begin another, and the one before says that it is closed', () => {
  const directory = folder()
  const spool = new Spool({ directory, maxFileBytes: 17 })
  spool.append('"first line"')
  spool.append('"2"')
  spool.rotate()
  spool.append('"3"')
  expect(contents(directory)).toEqual([`"first line"\n"2"\n${CLOSED_LINE}\n`, '"3"\n'])
})

test('while the disk is full lines wait, and none is torn when it has room again', () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const directory = folder()
  let room = 6
  const spool = new Spool({
    directory,
    write: (fd, data) => {
      const bytes = Buffer.from(data)
      if (room === 0) throw new Error('ENOSPC')
      const written = writeSync(fd, bytes, 0, Math.min(room, bytes.length))
      room -= written
      return written
    },
  })
  spool.append('"one"')
  spool.append('"two"')
  spool.append('"three"')
  expect(spool.isStuck).toBe(true)
  room = 1000
  vi.advanceTimersByTime(300)
  expect(spool.isStuck).toBe(false)
  expect(contents(directory)).toEqual(['"one"\n"two"\n"three"\n'])
})
