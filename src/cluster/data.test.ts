import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startOf } from './data-lock.ts'
import { openData } from './data.ts'

let parent = ''
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'data-'))
})
afterEach(() => rmSync(parent, { recursive: true, force: true }))

function open(directory: string) {
  return openData({ directory, server: {}, environment: {}, warn: () => undefined })
}

test('what was kept is there at the next start, for its owner only', async () => {
  const directory = join(parent, 'a')
  const first = await open(directory)
  await first.database.settings.set('name', 'value')
  await first.close()
  expect(statSync(directory).mode & 0o777).toBe(0o700)
  expect(existsSync(join(directory, 'gateway.lock'))).toBe(false)
  const second = await open(directory)
  expect(await second.database.settings.get('name')).toBe('value')
  await second.close()
})

test('a directory of a living gateway is refused, and the default one only warned of', async () => {
  writeFileSync(join(parent, 'gateway.lock'), `${process.ppid}\n${startOf(process.ppid)}\n${hostname()}\n`)
  await expect(open(parent)).rejects.toThrow(`in use by another gateway (process ${process.ppid})`)
  expect(existsSync(join(parent, 'gateway.sqlite'))).toBe(false)
})

test('a directory that is a file refuses the start', async () => {
  const path = join(parent, 'file')
  writeFileSync(path, '')
  await expect(open(path)).rejects.toThrow(/cannot be written .* name another with --data-dir/)
})

test('a file that was cut short refuses the start and stays as it is', async () => {
  const first = await open(parent)
  await first.database.settings.set('name', 'v'.repeat(100_000))
  await first.close()
  const file = join(parent, 'gateway.sqlite')
  const cut = readFileSync(file).subarray(0, 8_192)
  writeFileSync(file, cut)
  await expect(open(parent)).rejects.toThrow('is damaged')
  expect(readFileSync(file)).toEqual(cut)
  expect(existsSync(join(parent, 'gateway.lock'))).toBe(false)
})

test('a damaged file refuses the start and stays as it is', async () => {
  const file = join(parent, 'gateway.sqlite')
  writeFileSync(file, 'no database '.repeat(1000))
  await expect(open(parent)).rejects.toThrow('is damaged, or not a SQLite database')
  expect(readFileSync(file, 'utf8')).toMatch(/^no database /)
})

test('"none" keeps nothing on disk', async () => {
  const data = await open('none')
  expect(data.directory).toBeUndefined()
  await data.close()
})
