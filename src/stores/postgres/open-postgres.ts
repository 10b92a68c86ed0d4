import { Kysely, PostgresDialect } from 'kysely'
import { Socket } from 'node:net'
import { DatabaseError } from '../../core/database.ts'
import type { Secret } from '../../core/secret.ts'
import type { Engine } from '../sql/sql.ts'
import type { Tables } from '../sql/tables.ts'

const CONNECTIONS = 10
const CONNECT_TIMEOUT_MS = 5_000
const STATEMENT_TIMEOUT_MS = 20_000
/** Longer than any statement: the server, or the way to it, is stalled. */
const SILENCE_TIMEOUT_MS = 25_000

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
    idle_in_transaction_session_timeout: STATEMENT_TIMEOUT_MS,
    application_name: 'mlflow-gateway',
    stream: impatientSocket,
    // `bigint` is given as text unless somebody says that it fits a number.
    types: {
      getTypeParser: (type, format) =>
        type === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(type, format),
    },
  })
  // A connection that breaks off, idle or between two statements, is replaced; without a listener it ends the process.
  pool.on('error', () => undefined)
  pool.on('connect', (client) => client.on('error', () => undefined))
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
  return { name: 'postgres', writer: db, reader: db, explain, mayRetry }
}

/** Breaks off when nothing comes for too long, so that a connection without an answer is not held for ever. */
function impatientSocket(): Socket {
  const socket = new Socket()
  socket.setTimeout(SILENCE_TIMEOUT_MS, () =>
    socket.destroy(new Error(`no answer within ${SILENCE_TIMEOUT_MS / 1000} s`)),
  )
  return socket
}

const UNIQUE_VIOLATION = '23505'
const DEADLOCK = '40P01'
const NOT_SERIALIZABLE = '40001'
const IS_THERE = new Set(['42P07', '42710', '42723'])
/** Of the server: a name or password it does not know, or a database that is not there. */
const REFUSED = new Set(['28000', '28P01', '3D000'])
/** Values, or what is asked of them, are not of the kind that the table has. */
const DATA = /^22|^23/

function explain(error: unknown): DatabaseError {
  const message = messageOf(error)
  const code = codeOf(error)
  const options = { cause: error }
  if (code === UNIQUE_VIOLATION) {
    return new DatabaseError('taken', `it is there already (${message})`, options)
  }
  if (IS_THERE.has(code)) return new DatabaseError('invalid', notOurs(message), options)
  if (DATA.test(code) || REFUSED.has(code)) {
    return new DatabaseError('invalid', `Postgres refuses it: ${message}`, options)
  }
  return new DatabaseError('unavailable', `Postgres could not do it: ${message || code}`, options)
}

function notOurs(message: string): string {
  return `the database has tables that are not the gateway's (${message}); give it a database of its own`
}

/** Two transactions waited for each other, and this one gave way: the same again goes through. */
function mayRetry(error: unknown): boolean {
  return [DEADLOCK, NOT_SERIALIZABLE].includes(codeOf(error))
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''
}

/** Where a name has several addresses, each of them has its error. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return [...new Set(error.errors.map(messageOf))].join('; ')
  return error instanceof Error ? error.message : String(error)
}
