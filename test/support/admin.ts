import type { FastifyInstance } from 'fastify'
import { Agent } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Principal } from '../../src/admin/access.ts'
import { Gate } from '../../src/admin/gate.ts'
import type { ControlPlane } from '../../src/admin/resource.ts'
import { Sessions } from '../../src/admin/sessions.ts'
import { createAdminServer } from '../../src/admin/server.ts'
import type { Database } from '../../src/core/database.ts'
import { Secret } from '../../src/core/secret.ts'
import { openDatabase } from '../../src/stores/index.ts'
import { noDesks, noFile, openDesks } from './admin-desks.ts'
import { ask, type Answer } from './ask.ts'

const ADMIN_SECRET = 'CANARY-admin-secret-0123456789'

/** Who asks, by the credential that is sent. */
export const PRINCIPALS = {
  viewer: { name: 'vera', role: 'viewer' },
  blue: { name: 'bob', role: 'team_admin', team: 'blue' },
  teamless: { name: 'tess', role: 'team_admin' },
  red: { name: 'rita', role: 'team_admin', team: 'red' },
} as const satisfies Readonly<Record<string, Principal>>
export type Who = 'admin' | keyof typeof PRINCIPALS

/** What somebody proves who they are with. */
export function credentialOf(who: Who): string {
  return who === 'admin' ? ADMIN_SECRET : tokenOf(who)
}

/** A token as an identity provider would give it to somebody. */
export function tokenOf(who: string): string {
  return `e30.${who}.x`
}

function verify(token: string): Promise<Principal | undefined> {
  const known = Object.entries<Principal>(PRINCIPALS).find(([who]) => token === tokenOf(who))
  return token === tokenOf('away') ? Promise.reject(new Error('away')) : Promise.resolve(known?.[1])
}

/** A control plane of which nothing is known but what is given. */
export function idlePlane(known: Partial<ControlPlane> & Pick<ControlPlane, 'database'>): ControlPlane {
  return {
    explain: () => Promise.reject(new Error('not asked')),
    targets: () => Promise.resolve([]),
    config: () => ({ generation: 1, loadedAt: '2026-01-01T00:00:00.000Z', error: null }),
    content: () => ({}),
    about: () => ({
      version: '0.0.0',
      node: process.version,
      startedAt: '2026-01-01T00:00:00.000Z',
      host: '127.0.0.1',
      port: 5000,
      workers: 1,
      auth: 'none',
      database: 'sqlite',
      secretsProblem: null,
    }),
    ...noDesks,
    file: noFile,
    rules: () => [],
    standings: () => [],
    testAlerts: () => Promise.resolve([]),
    metrics: () => Promise.resolve({ contentType: 'text/plain', text: '' }),
    areMetricsPublic: () => false,
    changed: () => Promise.resolve(),
    ask: () => Promise.reject(new Error('not asked')),
    sessions: new Sessions(),
    ...known,
  }
}

export interface Call {
  readonly as?: Who
  readonly body?: unknown
  /** The version that a change is based on. */
  readonly version?: number
}

/** The JSON of an answer. */
export interface Told extends Answer {
  // oxlint-disable-next-line typescript/no-explicit-any -- an answer is looked at in assertions, which check it
  readonly json: any
}

/** The admin API over a database in memory, in this process. */
export class AdminHarness {
  readonly database: Database
  readonly port: number
  readonly #app: FastifyInstance
  readonly #agent = new Agent({ keepAlive: true })

  private constructor(database: Database, app: FastifyInstance) {
    this.database = database
    this.#app = app
    const address: AddressInfo | string | null = app.server.address()
    this.port = typeof address === 'object' && address ? address.port : 0
  }

  /** `text` is the configuration file. */
  static async start(plane: Partial<ControlPlane> = {}, text = 'routes: []'): Promise<AdminHarness> {
    const database = plane.database ?? (await openDatabase({ sqlite: ':memory:' }))
    const desks = await openDesks(database, text)
    const attempts = { most: Number.POSITIVE_INFINITY, perMs: 1 }
    const whole = idlePlane({ ...desks, ...plane, database })
    const { sessions } = whole
    const gate = new Gate({ host: '127.0.0.1', secret: new Secret(ADMIN_SECRET), verify, attempts, sessions })
    const app = createAdminServer(whole, gate)
    await app.listen({ host: '127.0.0.1', port: 0 })
    return new AdminHarness(database, app)
  }

  async close(): Promise<void> {
    this.#agent.destroy()
    await this.#app.close()
    await this.database.close()
  }

  async call(method: string, path: string, { as = 'admin', body, version }: Call = {}): Promise<Told> {
    const headers = {
      authorization: `Bearer ${credentialOf(as)}`,
      ...(version !== undefined && { 'if-match': `"${version}"` }),
    }
    const answer = await ask(`http://127.0.0.1:${this.port}${path}`, {
      method,
      headers,
      body,
      agent: this.#agent,
    })
    const isJson = answer.headers['content-type'] === 'application/json'
    return { ...answer, json: isJson ? JSON.parse(answer.text) : undefined }
  }
}
