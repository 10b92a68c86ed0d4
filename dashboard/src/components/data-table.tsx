import type { ReactNode } from 'react'

export interface Column<Row> {
  readonly name: string
  readonly cell: (row: Row) => ReactNode
  /** Numbers stand at the right. */
  readonly isNumber?: boolean
  /** Left out where there is little room. */
  readonly isExtra?: boolean
}

/** Rows of things. */
export function DataTable<Row>({
  label,
  columns,
  rows,
  rowKey,
}: {
  label: string
  columns: readonly Column<Row>[]
  rows: readonly Row[]
  rowKey: (row: Row) => string
}): ReactNode {
  return (
    <div className="overflow-x-auto">
      <table className="w-full border-collapse text-sm" aria-label={label}>
        <thead>
          <tr className="border-b border-line text-left text-xs text-muted">
            {columns.map(({ name, ...look }) => (
              <th key={name} scope="col" className={`px-3 py-2 whitespace-nowrap ${classOf(look)}`}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)} className="border-b border-line last:border-0 hover:bg-sunken">
              {columns.map(({ name, cell, ...look }) => (
                <td key={name} className={`px-3 py-2 align-top ${classOf(look)}`}>
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function classOf({ isNumber, isExtra }: { isNumber?: boolean; isExtra?: boolean }): string {
  return `${isNumber ? 'text-right tabular-nums whitespace-nowrap' : ''} ${isExtra ? 'hidden lg:table-cell' : ''}`
}
