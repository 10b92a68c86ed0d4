import { execFileSync } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { FileSink } from './log-sink.ts'

function written(sink: FileSink, text: string): Promise<Error | undefined> {
  return new Promise((resolve) => sink.write(text, resolve))
}

test('an output that is full, as a terminal held with Ctrl-S, is waited for without a thread', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sink-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'pipe')
  execFileSync('mkfifo', [path])
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK)
  onTestFinished(() => {
    closeSync(fd)
    closeSync(reader)
  })
  const sink = new FileSink(fd)
  while (sink.writeNow('x'.repeat(4096)));
  let isDone = false
  const late = written(sink, 'late\n').then((error) => {
    isDone = true
    return error
  })
  await written(new FileSink(openSync('/dev/null', 'w')), 'others go on\n')
  expect(isDone).toBe(false)
  const buffer = Buffer.alloc(1024 * 1024)
  readSync(reader, buffer)
  expect(await late).toBeUndefined()
  expect(buffer.toString('utf8', 0, readSync(reader, buffer))).toBe('late\n')
})

test('a full disk is an error that is told, and no exception', async () => {
  const sink = new FileSink(openSync('/dev/full', 'w'))
  expect(await written(sink, 'line\n')).toMatchObject({ code: 'ENOSPC' })
  expect(sink.writeNow('line\n')).toBe(false)
})
