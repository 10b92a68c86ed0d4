import type { ObjectTable, StoredObject } from '../core/database.ts'

const PAGE = 200

/** Every row of a table, by id. */
export async function listAll<Row extends StoredObject>(table: ObjectTable<Row>): Promise<Row[]> {
  const rows: Row[] = []
  for (let after: string | undefined; ;) {
    const page = await table.list({ limit: PAGE, ...(after !== undefined && { after }) })
    rows.push(...page.rows)
    if (page.next === undefined) return rows
    after = page.next
  }
}
