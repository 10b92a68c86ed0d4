import { Kysely, PostgresDialect } from 'kysely'
import { DatabaseError } from '../../core/database.ts'
import type { Secret } from '../../core/secret.ts'
import type { Engine } from '../sql/sql.ts'
import type { Tables } from '../sql/tables.ts'

const CONNECTIONS = 10
const CONNECT_TIMEOUT_MS = 5000
const STATEMENT_TIMEOUT_MS = 30_000

/** A pool of connections. It connects when it is first asked something, and again when it lost them. */
export async function openPostgres(url: Secret): Promise<Engine> {
  const { default: pg } = await import('pg').catch((cause: unknown) => {
    const message = 'Postgres needs the package "pg", which is not installed; run: npm install pg'
    throw new DatabaseError('invalid', message, { cause })
  })
  const pool = new pg.Pool({
    connectionString: url.reveal(),
    max: CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    application_name: 'mlflow-gateway',
    // `bigint` is given as text unless somebody says that it fits a number.
    types: {
      getTypeParser: (type, format) =>
        type === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(type, format),
    },
  })
  // An idle connection that breaks off is replaced by the next question; without a listener it ends the process.
  pool.on('error', () => undefined)
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
  return { name: 'postgres', writer: db, reader: db, explain }
}

const UNIQUE_VIOLATION = '23505'

function explain(error: unknown): DatabaseError {
  const message = error instanceof Error ? error.message : String(error)
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''
  if (code === UNIQUE_VIOLATION) {
    return new DatabaseError('taken', `it is there already (${message})`, { cause: error })
  }
  return new DatabaseError('unavailable', `Postgres could not do it: ${message || code}`, { cause: error })
}
