import { useNavigate, useRouterState } from '@tanstack/react-router'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react'
import type { Route } from '../../../src/contracts/route.ts'
import type { Topic } from '../api/stream.ts'
import { usePages, type ItemOf } from '../api/reading.ts'
import { t } from '../messages/text.ts'
import { Button } from './button.tsx'
import { shownColumns, type Column, type Filter } from './list-columns.ts'
import { exportAll } from './list-export.ts'
import { readListQuery, writeListQuery, type ListQuery } from './list-query.ts'
import { Toolbar } from './list-toolbar.tsx'
import { Bones, Empty, Failure } from './loaded.tsx'

/**
 * A list of one route: filters, order and columns in the URL, saved views, export of exactly what is filtered, rows drawn
 * as far as they are in sight, more read as one scrolls. `j` and `k` move, Enter opens, `/` goes to the filter.
 */
export function RecordList<R extends Route>({
  id,
  route,
  columns,
  filters = [],
  fixed = {},
  params,
  usual = {},
  usualSort,
  hrefOf,
  keyOf,
  empty,
  everyMs,
  live,
}: {
  /** Names the list among saved views. */
  readonly id: string
  readonly route: R
  readonly columns: readonly Column<ItemOf<R>>[]
  readonly filters?: readonly Filter[]
  /** Members of the query that the screen sets. */
  readonly fixed?: Readonly<Record<string, string>>
  /** Segments of the path, for a list within a record. */
  readonly params?: Readonly<Record<string, string>>
  /** Members that hold as long as no filter says otherwise. */
  readonly usual?: Readonly<Record<string, string>>
  /** The order as long as none is chosen, where it is not the route's own. */
  readonly usualSort?: string
  readonly hrefOf?: (row: ItemOf<R>) => string
  readonly keyOf: (row: ItemOf<R>) => string
  readonly empty: ReactNode
  readonly everyMs?: number
  /** Of what the server tells that the list has changed. */
  readonly live?: Topic
}) {
  type Row = ItemOf<R>
  const navigate = useNavigate()
  const search = useRouterState({
    select: ({ location }) => location.search as Readonly<Record<string, string>>,
  })
  const query = readListQuery(
    search,
    filters.map(({ name }) => name),
  )
  const sort = query.sort ?? usualSort
  const asked = { ...usual, ...query.where, ...(sort === undefined ? {} : { sort }), ...fixed }
  const read = usePages(route, asked, {
    ...(everyMs === undefined ? {} : { everyMs }),
    ...(live === undefined ? {} : { live }),
    ...(params === undefined ? {} : { params }),
  })
  const [text, setText] = useState('')
  const [active, setActive] = useState(-1)
  const input = useRef<HTMLInputElement>(null)
  const scroll = useRef<HTMLDivElement>(null)

  const all: readonly Row[] = read.data?.pages.flatMap(({ items }) => items) ?? []
  const shown = shownColumns(columns, query.cols)
  const needle = text.trim().toLowerCase()
  const rows =
    needle === ''
      ? all
      : all.filter((row) => columns.some((column) => column.text(row).toLowerCase().includes(needle)))
  const setQuery = (change: Partial<ListQuery>) => {
    const known = new Set([...filters.map(({ name }) => name), 'sort', 'cols'])
    const kept = Object.fromEntries(Object.entries(search).filter(([name]) => !known.has(name)))
    void navigate({
      to: '.',
      search: { ...kept, ...writeListQuery({ ...query, ...change }) },
      replace: true,
    })
  }
  const open = (row: Row | undefined) => {
    if (row !== undefined && hrefOf !== undefined) void navigate({ to: hrefOf(row) })
  }
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = read
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => (document.documentElement.dataset['density'] === 'comfortable' ? 41 : 33),
    overscan: 12,
  })
  const items = virtual.getVirtualItems()
  const last = items.at(-1)?.index ?? -1
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && last >= rows.length - 20) void fetchNextPage()
  }, [last, rows.length, hasNextPage, isFetchingNextPage, fetchNextPage])
  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent) => {
      const inText =
        event.target instanceof HTMLElement &&
        event.target.matches('input, textarea, select, [contenteditable]')
      if (event.key === '/' && !inText && !event.ctrlKey && !event.metaKey) {
        event.preventDefault()
        input.current?.focus()
      }
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [])
  const move = (by: number) => {
    const next = Math.min(rows.length - 1, Math.max(0, active + by))
    setActive(next)
    virtual.scrollToIndex(next)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'j' || event.key === 'ArrowDown') move(1)
    else if (event.key === 'k' || event.key === 'ArrowUp') move(-1)
    else if (event.key === 'Home') move(-rows.length)
    else if (event.key === 'Enter' && event.target === scroll.current) open(rows[active])
    else return
    event.preventDefault()
  }

  if (read.error !== null && read.data === undefined)
    return <Failure error={read.error} onRetry={() => void read.refetch()} />
  const hasFilter = Object.keys(query.where).length > 0 || needle !== ''
  return (
    <div className="stack">
      <Toolbar
        id={id}
        filters={filters}
        columns={columns}
        shown={shown}
        query={query}
        onQuery={setQuery}
        text={text}
        onText={setText}
        inputRef={input}
        onExport={(form, told) =>
          exportAll(route, asked, needle, { columns: shown, all: columns, form, id, told, params })
        }
      />
      {read.error !== null && <Failure error={read.error} onRetry={() => void read.refetch()} />}
      {read.data === undefined ? (
        <Bones rows={8} />
      ) : rows.length === 0 ? (
        <Empty
          action={
            hasFilter ? (
              <Button
                onClick={() => {
                  setText('')
                  setQuery({ where: {} })
                }}
              >
                {t('common.clearFilters')}
              </Button>
            ) : undefined
          }
        >
          {hasFilter ? t('common.emptyNoneMatch') : empty}
        </Empty>
      ) : (
        <>
          <div
            ref={scroll}
            className={rows.length > 18 ? 'table-scroll tall' : 'table-scroll'}
            // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls must be reachable by key
            tabIndex={0}
            role="region"
            aria-label={t('table.rows', { count: rows.length })}
            onKeyDown={onKeyDown}
          >
            <table className="grid" aria-rowcount={hasNextPage ? -1 : rows.length + 1}>
              <thead>
                <tr aria-rowindex={1}>
                  {shown.map((column) => (
                    <Header
                      key={column.id}
                      column={column}
                      sort={sort ?? null}
                      onSort={(sort) => setQuery({ sort })}
                    />
                  ))}
                </tr>
              </thead>
              <tbody>
                <Spacer height={items[0]?.start ?? 0} columns={shown.length} />
                {items.map(({ index, key }) => {
                  const row = rows[index]
                  if (row === undefined) return null
                  return (
                    <tr
                      key={keyOf(row) || key}
                      aria-rowindex={index + 2}
                      className={index === active ? 'open' : ''}
                      onClick={() => setActive(index)}
                      onDoubleClick={() => open(row)}
                    >
                      {shown.map((column) => (
                        <td key={column.id} className={column.align === 'end' ? 'end' : undefined}>
                          {column.cell(row)}
                        </td>
                      ))}
                    </tr>
                  )
                })}
                <Spacer height={virtual.getTotalSize() - (items.at(-1)?.end ?? 0)} columns={shown.length} />
              </tbody>
            </table>
          </div>
          <p className="muted num" role="status">
            {hasNextPage
              ? t('table.rowsMore', { count: rows.length })
              : t('table.rows', { count: rows.length })}
          </p>
        </>
      )}
    </div>
  )
}

function Spacer({ height, columns }: { readonly height: number; readonly columns: number }) {
  if (height <= 0) return null
  return (
    <tr aria-hidden="true">
      <td colSpan={columns} style={{ height, padding: 0, border: 0 }} />
    </tr>
  )
}

function Header<T>({
  column,
  sort,
  onSort,
}: {
  readonly column: Column<T>
  readonly sort: string | null
  readonly onSort: (sort: string) => void
}) {
  const orders = column.sort ?? []
  const used = orders.indexOf(sort ?? '')
  const order = orders[used]
  const direction = order === undefined ? undefined : order.startsWith('-') ? 'descending' : 'ascending'
  return (
    <th scope="col" aria-sort={direction} className={column.align === 'end' ? 'end' : undefined}>
      {orders.length === 0 ? (
        column.header
      ) : (
        <button
          type="button"
          className="button quiet"
          onClick={() => onSort(orders[(used + 1) % orders.length] ?? '')}
        >
          {column.header} {direction === 'descending' ? '↓' : direction === 'ascending' ? '↑' : ''}
        </button>
      )}
    </th>
  )
}
