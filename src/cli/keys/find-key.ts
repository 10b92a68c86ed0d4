import type { Database, KeyRow } from '../../core/database.ts'
import { listAll } from '../../stores/index.ts'

/** The key of an id, or of a name that no other has. Rejects with what is to be done, in a sentence. */
export async function findKey({ keys }: Pick<Database, 'keys'>, which: string): Promise<KeyRow> {
  const byId = await keys.get(which)
  if (byId) return byId
  const named = (await listAll(keys)).filter(({ name }) => name === which)
  const [only, ...others] = named
  if (!only) throw new Error(`error: there is no key of the id or name "${which}"`)
  if (others.length === 0) return only
  const ids = named.map(({ id }) => id).join(', ')
  throw new Error(`error: ${named.length} keys have the name "${which}"; write the id of one: ${ids}`)
}
