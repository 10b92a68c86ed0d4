import { sql, type Transaction } from 'kysely'
import type { KeyChanges, KeyRow } from '../../core/database.ts'
import { type Change, ofTeam } from './object-table.ts'
import type { Sql } from './sql.ts'
import type { Tables } from './tables.ts'

const LOCK = 5_108_302_015
/** Whoever keeps copies asks every few seconds; what is older than this, nobody waits for. */
const KEEP_MS = 7 * 86_400_000

/**
 * Tell those who keep copies. Times only grow, and become visible in their order: on Postgres the lock lasts until the
 * transaction is over.
 */
export async function tellChanged(
  trx: Transaction<Tables>,
  store: Sql,
  digests: readonly string[],
): Promise<void> {
  if (digests.length === 0) return
  if (store.engine === 'postgres') await sql`select pg_advisory_xact_lock(${LOCK})`.execute(trx)
  const last = await trx
    .selectFrom('key_changes')
    .select('at')
    .orderBy('at', 'desc')
    .limit(1)
    .executeTakeFirst()
  const at = Math.max(Date.now(), (last?.at ?? 0) + 1)
  const rows = [...new Set(digests)].map((digest) => ({ at, digest }))
  for (let start = 0; start < rows.length; start += 1000) {
    await trx
      .insertInto('key_changes')
      .values(rows.slice(start, start + 1000))
      .execute()
  }
  await trx
    .deleteFrom('key_changes')
    .where('at', '<', at - KEEP_MS)
    .execute()
}

/** What was told after `since`. */
export async function changesSince(store: Sql, since: number): Promise<KeyChanges> {
  return await store.read(async (db) => {
    const rows = await db
      .selectFrom('key_changes')
      .selectAll()
      .where('at', '>', since)
      .orderBy('at')
      .execute()
    return { until: rows.at(-1)?.at ?? since, digests: [...new Set(rows.map(({ digest }) => digest))] }
  })
}

/** Keeps the index of keys, and tells that one has changed. */
export async function keyChanged(
  trx: Transaction<Tables>,
  store: Sql,
  { before, after }: Change<KeyRow>,
): Promise<void> {
  const id = before?.id ?? after?.id ?? ''
  await trx.deleteFrom('key_index').where('id', '=', id).execute()
  if (after) {
    const { digest, previousDigest: previous_digest } = after
    const search = `${after.name}\n${after.hint}`.toLowerCase()
    await trx.insertInto('key_index').values({ id, digest, previous_digest, search }).execute()
  }
  const digests = [before, after].flatMap((key) => [key?.digest, key?.previousDigest])
  await tellChanged(
    trx,
    store,
    digests.filter((digest) => typeof digest === 'string'),
  )
}

/** All keys of a user, or of a team and its users, have changed with it. */
export async function ownerChanged(
  trx: Transaction<Tables>,
  store: Sql,
  owner: { user: string } | { team: string },
): Promise<void> {
  const keys = trx
    .selectFrom('key_index')
    .innerJoin('objects', 'objects.id', 'key_index.id')
    .select(['digest', 'previous_digest'])
    .where('objects.kind', '=', 'key')
  const found =
    'user' in owner
      ? await keys.where('objects.user_id', '=', owner.user).execute()
      : await keys.where(ofTeam(owner.team)).execute()
  const digests = found.flatMap(({ digest, previous_digest }) => [digest, previous_digest])
  await tellChanged(
    trx,
    store,
    digests.filter((digest) => digest !== null),
  )
}
