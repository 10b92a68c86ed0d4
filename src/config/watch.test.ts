import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { appendFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type ConfigWatch, type WatchOptions, watchConfig } from './watch.ts'

/** What Kubernetes does when a ConfigMap changes: a new folder, and `..data` renamed to point at it. */
function swap(folder: string, version: number): void {
  mkdirSync(join(folder, `..v${version}`))
  writeFileSync(join(folder, `..v${version}`, 'gateway.yaml'), `version ${version}`)
  symlinkSync(`..v${version}`, join(folder, '..data_tmp'))
  renameSync(join(folder, '..data_tmp'), join(folder, '..data'))
}

describe('a watched file', () => {
  let folder = ''
  let path = ''
  let seen: string[] = []
  let watch: ConfigWatch | undefined

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'config-watch-'))
    path = join(folder, 'gateway.yaml')
    writeFileSync(path, 'first')
    seen = []
  })
  afterEach(() => {
    watch?.close()
    rmSync(folder, { recursive: true })
  })

  function start(options: Partial<WatchOptions> = {}): void {
    watch = watchConfig({
      path,
      initialText: 'first',
      onChange: (text) => seen.push(text),
      onGone: () => seen.push('(gone)'),
      onBack: () => seen.push('(back)'),
      onUnreadable: (message) => seen.push(`(${message})`),
      pollMs: 10,
      quietMs: 40,
      ...options,
    })
  }

  /** What was reported, as soon as there are so many reports. */
  async function reports(count: number): Promise<string[]> {
    await vi.waitFor(() => expect(seen.length).toBeGreaterThanOrEqual(count), { timeout: 5000, interval: 5 })
    return seen
  }

  it('is reported when it is overwritten, within two seconds at the usual pace', async () => {
    watch = watchConfig({ path, initialText: 'first', onChange: (text) => seen.push(text), onGone: () => {} })
    writeFileSync(path, 'second')
    await vi.waitFor(() => expect(seen).toEqual(['second']), { timeout: 2000, interval: 20 })
  })

  it('is reported when another file is renamed over it', async () => {
    start()
    writeFileSync(join(folder, 'new'), 'other')
    renameSync(join(folder, 'new'), path)
    expect(await reports(1)).toEqual(['other'])
  })

  it('is reported when it changed between being loaded and being watched', async () => {
    start({ initialText: 'older' })
    expect(await reports(1)).toEqual(['first'])
  })

  it('is reported at each swap of a folder behind a symbolic link, as Kubernetes does', async () => {
    swap(folder, 0)
    rmSync(path)
    symlinkSync(join('..data', 'gateway.yaml'), path)
    start({ initialText: 'version 0' })
    for (const version of [1, 2, 3]) {
      swap(folder, version)
      expect(await reports(version)).toEqual(['version 1', 'version 2', 'version 3'].slice(0, version))
      rmSync(join(folder, `..v${version - 1}`), { recursive: true })
    }
  })

  it('is not reported while it is still being written', async () => {
    start({ quietMs: 600 })
    const text = 'routes: [] # a line that is written slowly, byte by byte'
    writeFileSync(path, '')
    for (const letter of text) {
      await appendFile(path, letter)
      await pause(15)
    }
    expect(await reports(1)).toEqual([text])
  })

  it('is not reported when its content is what it was', async () => {
    start()
    writeFileSync(path, 'first')
    // Time enough to report it; a slow machine makes this test weaker, never red.
    await pause(200)
    writeFileSync(join(folder, 'new'), 'first')
    renameSync(join(folder, 'new'), path)
    await pause(200)
    writeFileSync(path, 'second')
    expect(await reports(1)).toEqual(['second'])
  })

  it('is reported once when it is deleted, and again when it is back with another content', async () => {
    start()
    rmSync(path)
    expect(await reports(1)).toEqual(['(gone)'])
    writeFileSync(path, 'second')
    expect(await reports(3)).toEqual(['(gone)', '(back)', 'second'])
  })

  it('that comes back with the same content is back, but not changed', async () => {
    start()
    rmSync(path)
    expect(await reports(1)).toEqual(['(gone)'])
    writeFileSync(path, 'first')
    expect(await reports(2)).toEqual(['(gone)', '(back)'])
  })

  it('that turns into something unreadable says why, once', async () => {
    start()
    writeFileSync(path, Buffer.from([0xff]))
    expect(await reports(1)).toEqual(['(is not UTF-8 text; save it in UTF-8)'])
    writeFileSync(path, 'first')
    expect(await reports(2)).toEqual(['(is not UTF-8 text; save it in UTF-8)', '(back)'])
  })

  it('is looked at when asked, not only at the next turn, and not after the end', async () => {
    start({ pollMs: 60_000, quietMs: 0 })
    writeFileSync(path, 'second')
    await vi.waitFor(
      () => {
        watch?.check()
        expect(seen).toEqual(['second'])
      },
      { timeout: 5000, interval: 5 },
    )
    watch?.close()
    writeFileSync(path, 'third')
    watch?.check()
    await pause(50)
    expect(seen).toEqual(['second'])
  })
})
