import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
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

test('a directory of a living gateway is refused, and that of a dead one taken over', async () => {
  const start = readFileSync(`/proc/${process.ppid}/stat`, 'utf8').split(') ')[1]?.split(' ')[19]
  writeFileSync(join(parent, 'gateway.lock'), `${process.ppid} ${start}`)
  await expect(open(parent)).rejects.toThrow(`in use by another gateway (process ${process.ppid})`)
  writeFileSync(join(parent, 'gateway.lock'), `${process.ppid} 1`)
  await (await open(parent)).close()
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
