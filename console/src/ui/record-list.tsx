import { useNavigate, useRouterState } from '@tanstack/react-router'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react'
import type { Route } from '../../../src/contracts/route.ts'
import { readPage, usePages, type ItemOf } from '../api/reading.ts'
import { t } from '../messages/text.ts'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { CheckField, TextField, type Option } from './field.tsx'
import { csvText, readListQuery, writeListQuery, type ListQuery } from './list-query.ts'
import { Bones, Empty, Failure } from './loaded.tsx'
import { Menu } from './menu.tsx'
import { deleteView, saveView, useViews } from './views.ts'

export type Column<T> = {
  readonly id: string
  readonly header: string
  readonly cell: (row: T) => ReactNode
  /** The same as text: for the export and the filter of loaded rows. */
  readonly text: (row: T) => string
  readonly isHidden?: boolean
  readonly align?: 'end'
  /** How the route names an order by this column, ascending and descending, as far as it has one. */
  readonly sort?: readonly string[]
}
export type Filter = {
  /** The member of the route's query. */
  readonly name: string
  readonly label: string
  /** Choices; without them it is free text. */
  readonly options?: readonly Option[]
  /** Free text is an instant, chosen in local time and written in UTC. */
  readonly type?: 'instant'
  /** What is shown while nothing is chosen. */
  readonly none?: string
}

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

type ExportForm = 'csv' | 'json'

function Toolbar<T>({
  id,
  filters,
  columns,
  shown,
  query,
  onQuery,
  text,
  onText,
  inputRef,
  onExport,
}: {
  readonly id: string
  readonly filters: readonly Filter[]
  readonly columns: readonly Column<T>[]
  readonly shown: readonly Column<T>[]
  readonly query: ListQuery
  readonly onQuery: (change: Partial<ListQuery>) => void
  readonly text: string
  readonly onText: (text: string) => void
  readonly inputRef: React.RefObject<HTMLInputElement | null>
  readonly onExport: (form: ExportForm, told: (rows: number) => void) => Promise<number>
}) {
  const [exporting, setExporting] = useState<string | null>(null)
  const [isChoosing, setChoosing] = useState(false)
  const run = (form: ExportForm) => {
    setExporting(t('table.exporting', { count: 0 }))
    onExport(form, (count) => setExporting(t('table.exporting', { count }))).then(
      (count) => setExporting(t('table.exported', { count })),
      () => setExporting(t('common.loadFailed')),
    )
  }
  const setFilter = (name: string, value: string) => {
    const { [name]: _, ...others } = query.where
    onQuery({ where: value === '' ? others : { ...others, [name]: value } })
  }
  return (
    <div className="row no-print">
      <input
        ref={inputRef}
        type="search"
        className="input"
        style={{ width: '14rem' }}
        placeholder={t('table.search')}
        aria-label={t('table.search')}
        value={text}
        onChange={(event) => onText(event.target.value)}
      />
      {filters.map(({ name, label, options, type, none = '' }) =>
        type === 'instant' ? (
          <InstantFilter
            key={name}
            label={label}
            value={query.where[name] ?? ''}
            onChange={(value) => setFilter(name, value)}
          />
        ) : options === undefined ? (
          <FreeFilter
            key={name}
            label={label}
            value={query.where[name] ?? ''}
            onChange={(value) => setFilter(name, value)}
          />
        ) : (
          <label key={name} className="row">
            <span className="muted">{label}</span>
            <select
              className="input"
              style={{ width: 'auto' }}
              value={query.where[name] ?? ''}
              onChange={(event) => setFilter(name, event.target.value)}
            >
              <option value="">{none}</option>
              {options.map((option) => (
                <option key={option.value} value={option.value}>
                  {option.label}
                </option>
              ))}
            </select>
          </label>
        ),
      )}
      {Object.keys(query.where).length > 0 && (
        <Button kind="quiet" onClick={() => onQuery({ where: {} })}>
          {t('common.clearFilters')}
        </Button>
      )}
      <span className="grow" />
      {exporting !== null && (
        <span className="muted" role="status">
          {exporting}
        </span>
      )}
      <Views id={id} query={query} onQuery={onQuery} />
      <Button onClick={() => setChoosing(true)}>{t('table.columns')}</Button>
      <Menu
        label={t('table.export')}
        entries={[
          { label: t('table.exportCsv'), onSelect: () => run('csv') },
          { label: t('table.exportJson'), onSelect: () => run('json') },
        ]}
      />
      <Dialog open={isChoosing} onClose={() => setChoosing(false)} title={t('table.columns')}>
        {columns.map((column) => (
          <CheckField
            key={column.id}
            label={column.header}
            checked={shown.some((item) => item.id === column.id)}
            onChange={(isOn) => {
              const next = columns.filter((item) =>
                item.id === column.id ? isOn : shown.some((one) => one.id === item.id),
              )
              if (next.length > 0) onQuery({ cols: next.map((item) => item.id) })
            }}
          />
        ))}
      </Dialog>
    </div>
  )
}

function InstantFilter({
  label,
  value,
  onChange,
}: {
  readonly label: string
  readonly value: string
  readonly onChange: (value: string) => void
}) {
  const at = new Date(value)
  const local = Number.isNaN(at.getTime())
    ? ''
    : new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
  return (
    <label className="row">
      <span className="muted">{label}</span>
      <input
        type="datetime-local"
        className="input"
        style={{ width: 'auto' }}
        value={local}
        onChange={(event) => {
          const chosen = new Date(event.target.value)
          onChange(Number.isNaN(chosen.getTime()) ? '' : chosen.toISOString())
        }}
      />
    </label>
  )
}

/** Free text goes into the URL when one is done with typing. */
function FreeFilter({
  label,
  value,
  onChange,
}: {
  readonly label: string
  readonly value: string
  readonly onChange: (value: string) => void
}) {
  const [draft, setDraft] = useState(value)
  useEffect(() => setDraft(value), [value])
  return (
    <label className="row">
      <span className="muted">{label}</span>
      <input
        className="input"
        style={{ width: '12rem' }}
        value={draft}
        onChange={(event) => setDraft(event.target.value)}
        onBlur={() => draft !== value && onChange(draft.trim())}
        onKeyDown={(event) => event.key === 'Enter' && onChange(draft.trim())}
      />
    </label>
  )
}

function Views({
  id,
  query,
  onQuery,
}: {
  readonly id: string
  readonly query: ListQuery
  readonly onQuery: (change: Partial<ListQuery>) => void
}) {
  const views = useViews(id)
  const [isOpen, setOpen] = useState(false)
  const [name, setName] = useState('')
  return (
    <>
      <Button onClick={() => setOpen(true)}>{t('table.views')}</Button>
      <Dialog open={isOpen} onClose={() => setOpen(false)} title={t('table.views')}>
        {views.length === 0 && <p className="muted">{t('table.noViews')}</p>}
        <ul className="stack">
          {views.map((view) => (
            <li key={view.name} className="row">
              <Button
                onClick={() => {
                  const { sort = null, cols = '', ...where } = view.search
                  onQuery({ where, sort, cols: cols === '' ? [] : cols.split(',') })
                  setOpen(false)
                }}
              >
                {view.name}
              </Button>
              <Button
                kind="quiet"
                label={t('table.deleteView', { name: view.name })}
                onClick={() => deleteView(id, view.name)}
              >
                ✕
              </Button>
            </li>
          ))}
        </ul>
        <form
          className="row"
          onSubmit={(event) => {
            event.preventDefault()
            if (name.trim() === '') return
            saveView(id, { name: name.trim(), search: writeListQuery(query) })
            setName('')
          }}
        >
          <TextField label={t('table.viewName')} value={name} onChange={setName} />
          <Button type="submit" whyNot={name.trim() === '' ? t('table.viewName') : null}>
            {t('table.saveView')}
          </Button>
        </form>
      </Dialog>
    </>
  )
}

function shownColumns<T>(columns: readonly Column<T>[], wanted: readonly string[]): readonly Column<T>[] {
  const chosen = wanted.flatMap((name) => columns.filter(({ id }) => id === name))
  return chosen.length > 0 ? chosen : columns.filter(({ isHidden }) => isHidden !== true)
}

/** Reads every page of the filtered list and hands it over as a file. Returns how many rows it has. */
async function exportAll<R extends Route>(
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

/** Hands a file to the person. */
export function save(content: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(content)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
