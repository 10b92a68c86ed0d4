import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { SpoolDrain } from '../../src/cluster/spool-drain.ts'
import { UsageShelf } from '../support/usage.ts'

const WRITER = fileURLToPath(new URL('./write-until-killed.ts', import.meta.url))
const KILLED_AFTER = 2_000

test('of a process that is killed in the middle every record it told of is there, once', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'killed-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const writer = spawn(process.execPath, ['--import', 'tsx', WRITER, directory])
  let told = ''
  writer.stdout.setEncoding('utf8').on('data', (text: string) => {
    told += text
    if (told.length > KILLED_AFTER * 5) writer.kill('SIGKILL')
  })
  await once(writer, 'close')
  const shelf = new UsageShelf()
  const drain = new SpoolDrain({
    directory,
    usage: shelf,
    bodies: shelf.bodies,
    maxBytes: () => 1e9,
    room: () => undefined,
    warn: () => undefined,
  })
  await drain.drain()
  const ids = told.split('\n').slice(0, -1)
  expect(ids.length).toBeGreaterThan(KILLED_AFTER / 2)
  expect(ids.filter((id) => !shelf.records.has(id))).toEqual([])
  expect(shelf.repeated).toBe(0)
  expect(readdirSync(directory)).toEqual([])
})
