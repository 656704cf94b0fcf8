import type { ReactNode } from 'react'

export type GridColumn<T> = {
  readonly id: string
  readonly header: string
  readonly cell: (row: T) => ReactNode
  readonly align?: 'end'
}

/** A table of the few rows that belong to one record. Lists that page or filter are a `RecordList`. */
export function Grid<T>({
  label,
  columns,
  rows,
  keyOf,
}: {
  readonly label: string
  readonly columns: readonly GridColumn<T>[]
  readonly rows: readonly T[]
  readonly keyOf: (row: T) => string
}) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls must be reachable by key
    <div className="table-scroll" tabIndex={0} role="group" aria-label={label}>
      <table className="grid wrap">
        <thead>
          <tr>
            {columns.map(({ id, header, align }) => (
              <th key={id} scope="col" className={align}>
                {header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map(({ id, cell, align }) => (
                <td key={id} className={align}>
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
