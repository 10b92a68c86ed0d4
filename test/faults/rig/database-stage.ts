import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Database } from '../../../src/core/database.ts'
import { type DatabasePlace, openDatabase } from '../../../src/stores/index.ts'
import { Gateway } from '../../support/gateway.ts'
import type { PostgresServer } from '../../support/postgres.ts'
import { waitFor } from '../../support/wait.ts'
import { FaultProxy, type ProxyFaults } from './fault-proxy.ts'
import { report } from './report.ts'

const CONFIG = `routes:
  - name: chat
    type: llm/v1/chat
    model: {provider: mock, name: m}
`
const AT_ONE_TIME = 8
const ROUNDS = 5
const DRAINED_WITHIN_MS = 40_000

/** A gateway whose database fails, and those who ask it. */
export class DatabaseStage {
  readonly gateway: Gateway
  readonly directory: string
  /** Of the requests whose whole answer came. */
  readonly ids: string[] = []
  slowestMs = 0

  private constructor(gateway: Gateway, directory: string) {
    this.gateway = gateway
    this.directory = directory
  }

  /** With SQLite in `directory`, or with what `env` names. Ends with the test. */
  static async start(
    env: Readonly<Record<string, string>> = {},
    directory = newFolder(),
  ): Promise<DatabaseStage> {
    const gateway = await Gateway.start(CONFIG, { env: { ...env, MLFLOW_GATEWAY_DATA_DIR: directory } })
    onTestFinished(() => gateway.stop())
    return new DatabaseStage(gateway, directory)
  }

  /** Every request is answered, whatever the database does. */
  async ask(count: number): Promise<void> {
    for (let asked = 0; asked < count; asked += AT_ONE_TIME) {
      const asks = Array.from({ length: Math.min(AT_ONE_TIME, count - asked) }, () => this.#askOnce())
      this.ids.push(...(await Promise.all(asks)))
    }
  }

  /** Asks until a request is refused; its status. */
  async askUntilRefused(): Promise<number> {
    for (;;) {
      const { status, id } = await this.#send()
      if (status !== 200) return status
      this.ids.push(id)
    }
  }

  /** Whether requests on many new connections are answered: each worker finds out for itself, and each gets some of them. */
  async isServed(): Promise<boolean> {
    for (let round = 0; round < ROUNDS; round++) {
      const headers = { connection: 'close' }
      const answers = await Promise.all(Array.from({ length: AT_ONE_TIME }, () => this.#send(headers)))
      const served = answers.filter(({ status }) => status === 200)
      this.ids.push(...served.map(({ id }) => id))
      if (served.length < AT_ONE_TIME) return false
    }
    return true
  }

  /** In the end `database` has one record of each request, and the sums say the same. Gives what is wrong. */
  async reconcile(database: Database): Promise<string[]> {
    const rowsOf = async () => (await database.usage.list({ limit: 100_000 })).rows
    const isThere = async (): Promise<boolean> => (await rowsOf()).length >= this.ids.length
    await waitFor('the records of all requests', isThere, DRAINED_WITHIN_MS)
    const recorded = new Set((await rowsOf()).map(({ id }) => id))
    const asked = new Set(this.ids)
    const [sum] = await database.usage.totals({}, { dimensions: [] })
    return [
      ...this.ids.filter((id) => !recorded.has(id)).map((id) => `no record of ${id}`),
      ...[...recorded].filter((id) => !asked.has(id)).map((id) => `nobody asked ${id}`),
      ...(sum?.requests === this.ids.length ? [] : [`sums of ${sum?.requests} requests`]),
      ...(this.gateway.workers().length === 2 ? [] : ['a worker is gone']),
    ]
  }

  /** What came of it, for the table. */
  report(row: string, fault: string): void {
    report({
      row,
      fault,
      expected: 'every request is answered; one record of each in the end',
      seed: 0,
      requests: this.ids.length,
      ends: { '200 answer': this.ids.length },
      attempts: this.ids.length,
      violations: [],
      note: `the slowest in ${Math.round(this.slowestMs)} ms`,
    })
  }

  async #askOnce(): Promise<string> {
    const startedAt = performance.now()
    const { status, id } = await this.#send()
    if (status !== 200) throw new Error(`a request was answered with ${status}`)
    this.slowestMs = Math.max(this.slowestMs, performance.now() - startedAt)
    return id
  }

  async #send(headers: Readonly<Record<string, string>> = {}): Promise<{ status: number; id: string }> {
    const answer = await fetch(`${this.gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ model: 'chat', messages: [{ role: 'user', content: 'hi' }] }),
    })
    await answer.text()
    return { status: answer.status, id: answer.headers.get('x-request-id') ?? '' }
  }
}

/** A new database, a proxy before it, and a gateway behind that. */
export async function startOnPostgres(
  postgres: PostgresServer,
  name: string,
  faults: ProxyFaults = {},
): Promise<{ stage: DatabaseStage; proxy: FaultProxy; open: () => Promise<Database> }> {
  const url = await postgres.create(name)
  const proxy = await FaultProxy.start(postgres.port, faults)
  onTestFinished(() => proxy.close())
  const stage = await DatabaseStage.start({
    DATABASE_URL: url.reveal().replace(`:${postgres.port}/`, `:${proxy.port}/`),
  })
  return { stage, proxy, open: () => openForTest({ postgres: url }) }
}

/** Closed when the test is over. */
export async function openForTest(place: DatabasePlace): Promise<Database> {
  const database = await openDatabase(place)
  onTestFinished(() => database.close())
  return database
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'database-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
