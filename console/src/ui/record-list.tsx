import { useNavigate, useRouter, useRouterState } from '@tanstack/react-router'
import { useVirtualizer } from '@tanstack/react-virtual'
import { memo, useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react'
import type { Route } from '../../../src/contracts/route.ts'
import type { Topic } from '../api/stream.ts'
import { usePages, type ItemOf } from '../api/reading.ts'
import { t } from '../messages/text.ts'
import { Button } from './button.tsx'
import { leavingOrder, shownColumns, type Column, type Filter } from './list-columns.ts'
import { exportAll } from './list-export.ts'
import { readListQuery, writeListQuery, type ListQuery } from './list-query.ts'
import { Toolbar } from './list-toolbar.tsx'
import { Bones, Empty, Failure } from './loaded.tsx'
import { useRoom } from './use-room.ts'

/**
 * A list of one route: filters, order and columns in the URL, saved views, export of exactly what is filtered, rows drawn
 * as far as they are in sight, more read as one scrolls. Columns that nobody has asked for are left out where they have no
 * room, and the list says which. `j` and `k` move, Enter opens, `/` goes to the filter.
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
  const leaving = query.cols.length > 0 ? [] : leavingOrder(shown)
  const names = shown.map(({ id: name }) => name)
  const withoutRoom = leaving.slice(0, useRoom(scroll, `${names.join()} ${rows.length}`, leaving.length))
  const drawn = shown.filter((column) => !withoutRoom.includes(column))
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
  const first = rows[0] === undefined ? undefined : hrefOf?.(rows[0])
  const router = useRouter()
  useEffect(() => {
    // The screen that a row opens is there before somebody opens one.
    if (first !== undefined) void router.preloadRoute({ to: first })
  }, [first, router])
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
                  {drawn.map((column) => (
                    <Header
                      key={column.id}
                      column={column}
                      sort={sort ?? null}
                      onSort={(sort) => setQuery({ sort })}
                    />
                  ))}
                </tr>
              </thead>
              <tbody
                onClick={(event) => {
                  // Whoever follows a link leaves the list.
                  if (!event.defaultPrevented) setActive(indexAt(event.target))
                }}
                onDoubleClick={(event) => open(rows[indexAt(event.target)])}
              >
                <Spacer height={items[0]?.start ?? 0} columns={drawn.length} />
                {items.map(({ index, key }) => {
                  const row = rows[index]
                  return row === undefined ? null : (
                    <DrawnRow
                      key={keyOf(row) || key}
                      row={row}
                      index={index}
                      isActive={index === active}
                      columns={drawn}
                    />
                  )
                })}
                <Spacer height={virtual.getTotalSize() - (items.at(-1)?.end ?? 0)} columns={drawn.length} />
              </tbody>
            </table>
          </div>
          <div className="row">
            <p className="muted num" role="status">
              {hasNextPage
                ? t('table.rowsMore', { count: rows.length })
                : t('table.rows', { count: rows.length })}
            </p>
            {withoutRoom.length > 0 && (
              <p className="muted no-print">
                {t('table.noRoom', {
                  count: withoutRoom.length,
                  names: shown.flatMap((one) => (withoutRoom.includes(one) ? [one.header] : [])).join(', '),
                })}{' '}
                <Button kind="quiet" onClick={() => setQuery({ cols: names })}>
                  {t('table.showAll')}
                </Button>
              </p>
            )}
          </div>
        </>
      )}
    </div>
  )
}

type RowProps<T> = {
  readonly row: T
  readonly index: number
  readonly isActive: boolean
  readonly columns: readonly Column<T>[]
}

/** Drawn again only when something of its own has changed, so that a move through the list draws two rows. */
const DrawnRow = memo(
  <T,>({ row, index, isActive, columns }: RowProps<T>) => (
    <tr aria-rowindex={index + firstRow} className={isActive ? 'open' : ''}>
      {columns.map((column) => (
        <td key={column.id} className={column.isShort === true ? 'short' : column.align}>
          {column.cell(row)}
        </td>
      ))}
    </tr>
  ),
  (was, is) =>
    was.row === is.row &&
    was.index === is.index &&
    was.isActive === is.isActive &&
    was.columns.length === is.columns.length &&
    was.columns.every((column, at) => column === is.columns[at]),
) as <T>(props: RowProps<T>) => ReactNode

/** The `aria-rowindex` of the first record: rows are counted from 1, and the first one is the head. */
const firstRow = 2

/** The index of the record in whose row an event happened; -1 outside of all. */
function indexAt(target: EventTarget): number {
  const row = target instanceof Element ? target.closest('tr')?.getAttribute('aria-rowindex') : null
  return row === null || row === undefined ? -1 : Number(row) - firstRow
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
