import { Kysely } from 'kysely'
import { DatabaseError } from '../../core/database.ts'
import type { Engine } from '../sql/sql.ts'
import type { Tables } from '../sql/tables.ts'
import { SqliteChannelDialect } from './dialect.ts'
import { SqliteThread } from './thread.ts'

/** SQLite in threads of this process: one that writes, and for files another that reads what was committed. */
export async function openSqlite(path: string): Promise<Engine> {
  const writer = new SqliteThread({ path })
  try {
    await writer.execute('select count(*) from sqlite_master', [])
    const first = new Kysely<Tables>({ dialect: new SqliteChannelDialect(writer) })
    if (path === ':memory:') return { name: 'sqlite', writer: first, reader: first, explain }
    await mustBeWhole(writer, path)
    const reader = new SqliteThread({ path, isReadOnly: true })
    const second = new Kysely<Tables>({ dialect: new SqliteChannelDialect(reader) })
    return { name: 'sqlite', writer: first, reader: second, explain }
  } catch (error) {
    await writer.close()
    throw isDamage(error) ? damaged(path, error) : error
  }
}

/** Looking through a large file takes too long at every start; there it shows when it is read. */
const MAX_PAGES = 16_384

async function mustBeWhole(channel: SqliteThread, path: string): Promise<void> {
  const { rows: sizes } = await channel.execute('select page_count as pages from pragma_page_count', [])
  if (Number(valueOf(sizes, 'pages')) > MAX_PAGES) return
  const { rows } = await channel.execute('pragma quick_check(1)', [])
  const said = valueOf(rows, 'quick_check')
  if (said !== 'ok') throw damaged(path, new Error(String(said)))
}

function valueOf(rows: readonly unknown[], name: string): unknown {
  const row = rows[0]
  return typeof row === 'object' && row !== null
    ? Object.entries(row).find(([key]) => key === name)?.[1]
    : undefined
}

function damaged(path: string, cause: unknown): DatabaseError {
  const message = `${path} is damaged, or not a SQLite database; it was left as it is: put back a backup, or move it away to begin anew`
  return new DatabaseError('invalid', message, { cause })
}

function isDamage(error: unknown): boolean {
  return error instanceof Error && /malformed|not a database/.test(error.message)
}

function explain(error: unknown): DatabaseError {
  const message = error instanceof Error ? error.message : String(error)
  if (/unique constraint/i.test(message)) {
    return new DatabaseError('taken', `it is there already (${message})`, { cause: error })
  }
  if (/^(table|index|trigger) \S+ already exists/.test(message)) {
    const reason = `the file has tables that are not the gateway's (${message}); name another data directory`
    return new DatabaseError('invalid', reason, { cause: error })
  }
  if (/malformed|not a database|constraint failed|datatype mismatch/i.test(message)) {
    return new DatabaseError('invalid', `SQLite refuses it: ${message}`, { cause: error })
  }
  return new DatabaseError('unavailable', `SQLite could not do it: ${message}`, { cause: error })
}
