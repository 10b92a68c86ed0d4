import { type Kysely, sql } from 'kysely'

/** Sums of limits that several gateways share. */
export async function limits(db: Kysely<never>, engine: 'sqlite' | 'postgres'): Promise<void> {
  const text = engine === 'postgres' ? 'text collate "C"' : 'text'
  for (const statement of [
    `create table limit_buckets (name ${text} not null primary key, state ${text} not null,
      expires_at bigint not null)`,
    'create index limit_buckets_expires on limit_buckets (expires_at)',
    `create table limit_holders (id ${text} not null primary key, alive_until bigint not null)`,
  ])
    await sql.raw(statement).execute(db)
}
