import type { Route } from '../../../src/contracts/route.ts'
import { readPage, type ItemOf } from '../api/reading.ts'
import type { Column } from './list-columns.ts'
import { csvText } from './list-query.ts'
import { save } from './save-file.ts'

export type ExportForm = 'csv' | 'json'

/** Reads every page of the filtered list and hands it over as a file. Returns how many rows it has. */
export async function exportAll<R extends Route>(
  route: R,
  query: Readonly<Record<string, string>>,
  needle: string,
  {
    columns,
    all,
    form,
    id,
    told,
    params,
  }: {
    readonly columns: readonly Column<ItemOf<R>>[]
    readonly all: readonly Column<ItemOf<R>>[]
    readonly form: ExportForm
    readonly id: string
    readonly told: (rows: number) => void
    readonly params: Readonly<Record<string, string>> | undefined
  },
): Promise<number> {
  const rows: ItemOf<R>[] = []
  for (let cursor: string | null = null; ; ) {
    const page: Awaited<ReturnType<typeof readPage<R>>> = await readPage(route, query, cursor, params)
    rows.push(
      ...page.items.filter(
        (row) => needle === '' || all.some((column) => column.text(row).toLowerCase().includes(needle)),
      ),
    )
    told(rows.length)
    if (page.next === undefined) break
    cursor = page.next
  }
  const at = new Date().toISOString().replaceAll(/[:.]/g, '-')
  const body =
    form === 'csv'
      ? csvText(
          columns.map(({ header }) => header),
          rows.map((row) => columns.map((column) => column.text(row))),
        )
      : JSON.stringify({ query, exportedAt: new Date().toISOString(), count: rows.length, rows }, null, 1)
  save(
    new Blob([body], { type: form === 'csv' ? 'text/csv' : 'application/json' }),
    `${id}-${at}-${rows.length}.${form}`,
  )
  return rows.length
}
