import type { KeyAnswer } from '../../src/admin/contract.ts'
import { useList } from './lists.ts'

/** Names of the database's keys by id: of the first two hundred, which is all that a page shows. */
export function useKeyNames(): ReadonlyMap<string, string> {
  const { data = [] } = useList<KeyAnswer>('/admin/keys', { limit: 200 })
  return new Map(data.map(({ id, name }) => [id, name]))
}

/** What people call a key: those of the file have their name in their id. */
export function nameOfKey(id: string, names: ReadonlyMap<string, string>): string {
  return names.get(id) ?? id.replace(/^file:/, '')
}
