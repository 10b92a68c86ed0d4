import { openData } from '../../src/cluster/data.ts'
import type { UsageRecord } from '../../src/core/usage-record.ts'

/** All records in the database of a data directory that no gateway holds, the newest first. */
export async function keptRecords(directory: string): Promise<UsageRecord[]> {
  const data = await openData({ directory, server: {}, environment: {}, warn: () => undefined })
  const { usage } = data.database
  const records: UsageRecord[] = []
  let after: string | undefined
  do {
    const page = await usage.list({ limit: 500, ...(after !== undefined && { after }) })
    for (const { id } of page.rows) {
      const record = await usage.get(id)
      if (record) records.push(record)
    }
    after = page.next
  } while (after !== undefined)
  await data.close()
  return records
}
