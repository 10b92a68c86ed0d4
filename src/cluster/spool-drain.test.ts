import { appendFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { UsageShelf, usageRecord } from '../../test/support/usage.ts'
import { SpoolDrain } from './spool-drain.ts'
import { CLOSED_LINE } from './spool.ts'

class Stage {
  readonly directory: string = mkdtempSync(join(tmpdir(), 'drain-'))
  readonly shelf = new UsageShelf()
  readonly warnings: string[] = []
  readonly rooms: boolean[] = []
  readonly alive = new Set<number>()
  maxBytes = 1_000_000

  constructor() {
    onTestFinished(() => rmSync(this.directory, { recursive: true }))
  }

  /** As a primary that has just started. */
  drain(): SpoolDrain {
    return new SpoolDrain({
      directory: this.directory,
      usage: this.shelf,
      bodies: this.shelf.bodies,
      maxBytes: () => this.maxBytes,
      room: (isFull) => this.rooms.push(isFull),
      warn: (message) => this.warnings.push(message),
      isAlive: (pid) => this.alive.has(pid),
    })
  }

  write(name: string, text: string): void {
    appendFileSync(join(this.directory, name), text)
  }

  files(): string[] {
    return readdirSync(this.directory)
  }

  ids(): string[] {
    return [...this.shelf.records.keys()]
  }
}

function line(id: string): string {
  return `${JSON.stringify(usageRecord(id))}\n`
}

function begun(id: string): string {
  return `${JSON.stringify({ open: usageRecord(id, { outcome: 'aborted' }) })}\n`
}

test('what a running worker writes comes bit by bit, each record once, and half a line is waited for', async () => {
  const stage = new Stage()
  stage.alive.add(7)
  const drain = stage.drain()
  const text = line('b')
  stage.write('n-7-1-1.jsonl', line('a') + text.slice(0, 20))
  await drain.drain()
  expect(stage.ids()).toEqual(['a'])
  stage.write('n-7-1-1.jsonl', text.slice(20))
  await drain.drain()
  await stage.drain().drain()
  expect(stage.ids()).toEqual(['a', 'b'])
  expect(stage.shelf.repeated).toBe(0)
  expect(stage.files()).toHaveLength(1)
})

test("a dead worker's file is read to its end and deleted; its torn last line is told", async () => {
  const stage = new Stage()
  stage.write('n-7-1-1.jsonl', line('a') + line('b').slice(0, 30))
  await stage.drain().drain()
  expect(stage.ids()).toEqual(['a'])
  expect(stage.files()).toEqual([])
  expect(stage.warnings.join()).toContain('torn last line')
})

test('streams that a dead worker had begun are aborted ones; those of a closed file went on elsewhere', async () => {
  const stage = new Stage()
  stage.write('n-7-1-1.jsonl', `${begun('moved')}${CLOSED_LINE}\n`)
  stage.write('n-7-1-2.jsonl', begun('done') + begun('lost') + line('done'))
  await stage.drain().drain()
  expect(stage.ids()).toEqual(['done', 'lost'])
  expect(stage.shelf.records.get('lost')?.outcome).toBe('aborted')
  expect(stage.files()).toEqual([])
})

test('while the database is away everything stays, and is there once afterwards', async () => {
  const stage = new Stage()
  const drain = stage.drain()
  stage.shelf.isAway = true
  stage.maxBytes = 100
  stage.write('n-7-1-1.jsonl', line('a') + line('b'))
  await expect(drain.drain()).rejects.toThrow('away')
  expect(stage.files()).toHaveLength(1)
  expect(stage.rooms).toEqual([true])
  stage.shelf.isAway = false
  await drain.drain()
  expect(stage.ids()).toEqual(['a', 'b'])
  expect(stage.rooms).toEqual([true, false])
})

test('thousands of records come in slices', async () => {
  const stage = new Stage()
  const ids = Array.from({ length: 2_300 }, (_, index) => `r${index}`)
  stage.write('n-7-1-1.jsonl', ids.map(line).join(''))
  await stage.drain().drain()
  expect(stage.ids()).toEqual(ids)
})

/** The same numbers for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

test.each(Array.from({ length: 40 }, (_, seed) => seed))(
  'spools that are torn, doubled and joined at random give exactly what was written: seed %i',
  async (seed) => {
    const random = randomFrom(seed)
    const stage = new Stage()
    const expected = new Set<string>()
    for (let pid = 1; pid <= 4; pid++) {
      let text = ''
      for (let count = Math.floor(random() * 30); count > 0; count--) {
        const id = `${pid}-${count}`
        expected.add(id)
        text += line(id)
        if (random() < 0.2) text += line(id)
        if (random() < 0.1) text += '{"id":"half\n'
      }
      if (random() < 0.3) text += text
      if (random() < 0.5) text += line('torn').slice(0, Math.floor(random() * 100))
      if (random() < 0.3) stage.alive.add(pid)
      writeFileSync(join(stage.directory, `n-${pid}-1-1.jsonl`), text)
      if (random() < 0.5) await stage.drain().drain()
    }
    stage.alive.clear()
    await stage.drain().drain()
    expect(new Set(stage.ids())).toEqual(expected)
    expect(stage.files()).toEqual([])
  },
)

test('what was said comes with its record, however long the line is', async () => {
  const stage = new Stage()
  stage.maxBytes = 100_000_000
  const request = '\u0001'.repeat(1_000_000)
  const body = { request, response: 'Hello', isRequestCut: true, isResponseCut: false, retentionMs: 1000 }
  const { at } = usageRecord('said')
  stage.write('n-7-1-1.jsonl', line('a'))
  stage.write('n-7-1-1.jsonl', `${JSON.stringify({ ...usageRecord('said'), body })}\n`)
  stage.write('n-7-1-1.jsonl', line('b') + `${CLOSED_LINE}\n`)
  await stage.drain().drain()
  expect(stage.ids()).toEqual(['a', 'said', 'b'])
  expect([...stage.shelf.said.values()]).toEqual([
    {
      id: 'said',
      at,
      expiresAt: at + 1000,
      request,
      response: 'Hello',
      isRequestCut: true,
      isResponseCut: false,
    },
  ])
  expect(stage.files()).toEqual([])
})
