import type { Worker } from 'node:cluster'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { ConfigStatus } from '../http/health.ts'
import type { ToPrimary, ToWorker } from './messages.ts'
import { Reloader } from './reloader.ts'
import { Supervisor } from './supervisor.ts'

const FIRST = { generation: 1, snapshot: 'first' }
const STATUS: ConfigStatus = { generation: 1, loadedAt: '2023-06-16T00:00:00.000Z', error: null }

/** A supervisor without processes: only who is there and what each was told. */
class FakeSupervisor extends Supervisor {
  present: Worker[] = []
  readonly killed: Worker[] = []
  readonly told: [worker: number, message: ToWorker][] = []

  add(id: number): Worker {
    const worker = { id } as Worker
    this.present.push(worker)
    return worker
  }

  constructor() {
    super({
      startMessage: () => ({ type: 'drain', timeoutMs: 0 }),
      listening: () => undefined,
      failed: () => undefined,
      silent: () => undefined,
      died: () => undefined,
      gone: () => undefined,
      message: () => undefined,
    })
  }

  override workers(): Worker[] {
    return [...this.present]
  }

  override send(worker: Worker, message: ToWorker): void {
    this.told.push([worker.id, message])
  }

  override kill(worker: Worker): void {
    this.killed.push(worker)
  }

  override broadcast(message: ToWorker): void {
    for (const worker of this.present) this.send(worker, message)
  }

  /** What this worker was told, in short. */
  toldTo(id: number): string[] {
    return this.told.filter(([worker]) => worker === id).map(([, message]) => short(message))
  }
}

function short(message: ToWorker): string {
  if (message.type === 'config') return `config ${message.config.generation} ${message.config.error ?? 'ok'}`
  if (message.type === 'prepare') return `prepare ${message.generation} ${message.snapshot}`
  if (message.type === 'commit' || message.type === 'discard') return `${message.type} ${message.generation}`
  return message.type
}

function setUp(count: number): { supervisor: FakeSupervisor; reloader: Reloader; workers: Worker[] } {
  const supervisor = new FakeSupervisor()
  const workers = Array.from({ length: count }, (_, index) => supervisor.add(index + 1))
  const reloader = new Reloader(supervisor, FIRST, STATUS)
  return { supervisor, reloader, workers }
}

async function settle(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0)
}

function prepared(generation: number): ToPrimary {
  return { type: 'prepared', generation }
}

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('a reload', () => {
  test('switches all workers once all of them are prepared, not before', async () => {
    const { supervisor, reloader, workers } = setUp(2)
    const [first, second] = workers
    if (!first || !second) throw new Error('two were added')
    const result = reloader.apply('second')
    await settle()
    expect(supervisor.toldTo(1)).toEqual(['prepare 2 second'])
    reloader.receive(first, prepared(2))
    await settle()
    expect(supervisor.toldTo(1)).toEqual(['prepare 2 second'])
    expect(reloader.committed).toEqual(FIRST)
    reloader.receive(second, prepared(2))
    await expect(result).resolves.toBeUndefined()
    for (const id of [1, 2])
      expect(supervisor.toldTo(id)).toEqual(['prepare 2 second', 'commit 2', 'config 2 ok'])
    expect(reloader.committed).toEqual({ generation: 2, snapshot: 'second' })
    expect(reloader.status).toMatchObject({ generation: 2, error: null })
    expect(reloader.status.loadedAt).not.toBe(STATUS.loadedAt)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('switches none when one of them refuses', async () => {
    const { supervisor, reloader, workers } = setUp(2)
    const result = reloader.apply('second')
    await settle()
    for (const [index, worker] of workers.entries()) {
      reloader.receive(
        worker,
        index === 0 ? prepared(2) : { type: 'refused', generation: 2, message: 'no such file' },
      )
    }
    await expect(result).resolves.toBe('no such file')
    for (const id of [1, 2]) expect(supervisor.toldTo(id)).toEqual(['prepare 2 second', 'discard 2'])
    expect(reloader.committed).toEqual(FIRST)
    expect(reloader.status).toEqual(STATUS)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('ends a worker that takes longer than ten seconds, and switches the others when it is gone', async () => {
    const { supervisor, reloader, workers } = setUp(2)
    const [first, second] = workers
    if (!first || !second) throw new Error('two were added')
    const result = reloader.apply('second')
    await settle()
    reloader.receive(first, prepared(2))
    await vi.advanceTimersByTimeAsync(9_999)
    expect(supervisor.killed).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(supervisor.killed).toEqual([second])
    expect(supervisor.toldTo(1)).toEqual(['prepare 2 second'])
    supervisor.present = [first]
    reloader.left(second)
    await expect(result).resolves.toBeUndefined()
    expect(supervisor.toldTo(1)).toContain('commit 2')
  })

  test('brings a worker that came meanwhile to the new configuration, too', async () => {
    const { supervisor, reloader, workers } = setUp(2)
    const [first, second] = workers
    if (!first || !second) throw new Error('two were added')
    const result = reloader.apply('second')
    await settle()
    reloader.receive(first, prepared(2))
    reloader.left(first)
    const late = supervisor.add(3)
    reloader.welcome(late, FIRST.generation)
    reloader.receive(second, prepared(2))
    await expect(result).resolves.toBeUndefined()
    expect(supervisor.toldTo(late.id)).toEqual(expect.arrayContaining(['prepare 2 second', 'commit 2']))
  })

  test('a worker that is behind is brought up again', () => {
    const { supervisor, reloader, workers } = setUp(1)
    const [first] = workers
    if (!first) throw new Error('one was added')
    reloader.receive(first, { type: 'behind', generation: 0 })
    expect(supervisor.toldTo(first.id)).toEqual(expect.arrayContaining(['prepare 1 first', 'commit 1']))
  })

  test('waits for nobody that died', async () => {
    const { supervisor, reloader, workers } = setUp(2)
    const [first, second] = workers
    if (!first || !second) throw new Error('two were added')
    const result = reloader.apply('second')
    await settle()
    reloader.receive(first, prepared(2))
    reloader.left(second)
    await expect(result).resolves.toBeUndefined()
    expect(supervisor.toldTo(1)).toContain('commit 2')
  })

  test('does not count an answer to an earlier one', async () => {
    const { supervisor, reloader, workers } = setUp(1)
    const [only] = workers
    if (!only) throw new Error('one was added')
    const first = reloader.apply('bad')
    await settle()
    reloader.receive(only, { type: 'refused', generation: 2, message: 'bad' })
    await expect(first).resolves.toBe('bad')
    const second = reloader.apply('good')
    await settle()
    reloader.receive(only, prepared(2))
    reloader.receive(only, { type: 'refused', generation: 2, message: 'late' })
    await settle()
    expect(supervisor.toldTo(1).at(-1)).toBe('prepare 3 good')
    reloader.receive(only, prepared(3))
    await expect(second).resolves.toBeUndefined()
    expect(reloader.committed).toEqual({ generation: 3, snapshot: 'good' })
  })

  test('takes effect at once where there is no worker', async () => {
    const { reloader } = setUp(0)
    await expect(reloader.apply('second')).resolves.toBeUndefined()
    expect(reloader.committed.snapshot).toBe('second')
  })

  test('waits for the one before it, and each has its own outcome', async () => {
    const { supervisor, reloader, workers } = setUp(1)
    const [only] = workers
    if (!only) throw new Error('one was added')
    const first = reloader.apply('a')
    const second = reloader.apply('b')
    await settle()
    expect(supervisor.toldTo(1)).toEqual(['prepare 2 a'])
    reloader.receive(only, { type: 'refused', generation: 2, message: 'not a' })
    await expect(first).resolves.toBe('not a')
    await settle()
    expect(supervisor.toldTo(1)).toEqual(['prepare 2 a', 'discard 2', 'prepare 3 b'])
    reloader.receive(only, prepared(3))
    await expect(second).resolves.toBeUndefined()
    expect(reloader.committed).toEqual({ generation: 3, snapshot: 'b' })
  })
})

describe('the status', () => {
  test('tells all workers why the file is not in use, until it is again', async () => {
    const { supervisor, reloader } = setUp(2)
    reloader.refuse('line 3: no')
    await settle()
    expect(reloader.status).toEqual({ ...STATUS, error: 'line 3: no' })
    reloader.accept()
    await settle()
    expect(reloader.status).toEqual(STATUS)
    for (const id of [1, 2]) expect(supervisor.toldTo(id)).toEqual(['config 1 line 3: no', 'config 1 ok'])
  })

  test('is not overtaken by a reload that began before', async () => {
    const { reloader, workers } = setUp(1)
    const [only] = workers
    if (!only) throw new Error('one was added')
    const result = reloader.apply('second')
    reloader.refuse('the file is gone')
    await settle()
    reloader.receive(only, prepared(2))
    await result
    await settle()
    expect(reloader.status).toMatchObject({ generation: 2, error: 'the file is gone' })
  })
})

describe('a worker that begins to listen', () => {
  test('on the configuration in use is told the status alone', () => {
    const { supervisor, reloader } = setUp(0)
    reloader.welcome(supervisor.add(7), 1)
    expect(supervisor.toldTo(7)).toEqual(['config 1 ok'])
  })

  test('on an older configuration catches up', async () => {
    const { supervisor, reloader } = setUp(0)
    await reloader.apply('second')
    reloader.welcome(supervisor.add(7), 1)
    expect(supervisor.toldTo(7)).toEqual(['config 2 ok', 'prepare 2 second', 'commit 2'])
  })
})
