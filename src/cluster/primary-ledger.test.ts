import { describe, expect, test } from 'vitest'
import type { Claim, LimitRule, Verdict } from '../core/limits.ts'
import { MemoryLedger } from '../stores/index.ts'
import { LedgerDesk } from './ledger-desk.ts'
import type { LedgerAnswers, LedgerBatch } from './ledger-messages.ts'
import { PrimaryLedger } from './primary-ledger.ts'

interface Client {
  id: number
  ledger: PrimaryLedger
}

/** A primary, and workers that talk with it in JSON as over their pipes. */
class Cluster {
  readonly sums = new MemoryLedger({ now: () => 0 })
  readonly batches: LedgerBatch[] = []
  isSilent = false
  readonly desk = new LedgerDesk<Client>({
    ledger: this.sums,
    isLocal: true,
    send: ({ ledger }, answers) => {
      const copy: LedgerAnswers = JSON.parse(JSON.stringify(answers))
      ledger.receive(copy)
    },
  })

  worker(id: number): PrimaryLedger {
    const client: Client = {
      id,
      ledger: new PrimaryLedger({
        fallback: new MemoryLedger({ now: () => 0 }),
        send: (batch) => {
          this.batches.push(batch)
          const copy: LedgerBatch = JSON.parse(JSON.stringify(batch))
          if (!this.isSilent) this.desk.receive(client, copy)
          return true
        },
      }),
    }
    return client.ledger
  }
}

function claim(most: number, whose = ''): Claim {
  const rule: LimitRule = {
    id: 'server|requests',
    meter: 'requests',
    most,
    window: { kind: 'calendar', per: 'year' },
    by: 'all',
    action: 'reject',
    alertAt: [],
  }
  return { rule, bucket: `${rule.id}=${whose}`, amount: 1, of: {} }
}

async function isLetThrough(verdict: Verdict | Promise<Verdict>): Promise<boolean> {
  return (await verdict).ok
}

describe('the ledger of the workers', () => {
  test('holds across them', async () => {
    const cluster = new Cluster()
    const workers = [cluster.worker(1), cluster.worker(2)]
    const asked = Array.from({ length: 3200 }, (_, index) => {
      const ledger = workers[index % 2] ?? cluster.worker(3)
      return isLetThrough(ledger.reserve(String(index), [claim(10)]))
    })
    expect((await Promise.all(asked)).filter(Boolean)).toHaveLength(10)
    expect(cluster.batches).toHaveLength(2)
  })

  test('sends a bucket once, and again when its rule has changed', async () => {
    const cluster = new Cluster()
    const worker = cluster.worker(1)
    for (const [id, most] of [
      ['a', 2],
      ['b', 2],
      ['c', 3],
    ] as const) {
      expect(await worker.reserve(id, [claim(most)])).toMatchObject({ ok: true, standings: [{ most }] })
    }
    expect(cluster.batches.map(({ known = [] }) => known.length)).toEqual([1, 0, 1])
  })

  test('gives back what a dead worker had under way', async () => {
    const cluster = new Cluster()
    const worker = cluster.worker(1)
    await worker.reserve('a', [claim(1)])
    const other = cluster.worker(2)
    expect(await isLetThrough(other.reserve('b', [claim(1)]))).toBe(false)
    cluster.desk.gone({ id: 1 })
    expect(await isLetThrough(other.reserve('c', [claim(1)]))).toBe(true)
  })

  test('settles, and tells how a refused request stands', async () => {
    const cluster = new Cluster()
    const worker = cluster.worker(1)
    await worker.reserve('a', [claim(1)])
    worker.settle('a', [1])
    const verdict = await worker.reserve('b', [claim(1)])
    expect(verdict).toMatchObject({ ok: false, refused: { most: 1, used: 1, reserved: 0 } })
    expect(await worker.standings([claim(1)])).toMatchObject([{ used: 1, reserved: 0 }])
    expect(cluster.sums.openCount).toBe(0)
  })

  test('goes by its own count while the primary is silent', async () => {
    const cluster = new Cluster()
    cluster.isSilent = true
    const worker = cluster.worker(1)
    const startedAt = performance.now()
    expect(await isLetThrough(worker.reserve('a', [claim(1)]))).toBe(true)
    expect(performance.now() - startedAt).toBeLessThan(3000)
    expect(worker.reserve('b', [claim(1)])).toMatchObject({ ok: false })
    worker.settle('a', [0])
    expect(worker.reserve('c', [claim(1)])).toMatchObject({ ok: true })
  })
})
