import { useEffect, useState } from 'react'
import { t } from '../messages/text.ts'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { CheckField, TextField } from './field.tsx'
import type { Column, Filter } from './list-columns.ts'
import type { ExportForm } from './list-export.ts'
import { writeListQuery, type ListQuery } from './list-query.ts'
import { Menu } from './menu.tsx'
import { RecordFilter } from './record-filter.tsx'
import { deleteView, saveView, useViews } from './views.ts'

/** Filters, saved views, columns and the export of a list. */
export function Toolbar<T>({
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
  const [hasFurther, setFurther] = useState(false)
  const isInSight = ({ name, isFurther }: Filter) =>
    isFurther !== true || hasFurther || query.where[name] !== undefined
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
        style={{ width: '11rem' }}
        placeholder={t('table.search')}
        aria-label={t('table.search')}
        value={text}
        onChange={(event) => onText(event.target.value)}
      />
      {filters.filter(isInSight).map(({ name, label, options, choice, type, none = t('table.any') }) =>
        choice !== undefined ? (
          <RecordFilter
            key={name}
            label={label}
            choice={choice}
            none={none}
            value={query.where[name] ?? ''}
            onChange={(value) => setFilter(name, value)}
          />
        ) : type === 'instant' ? (
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
              style={{ width: 'auto', maxWidth: '10rem' }}
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
      {filters.some(({ isFurther }) => isFurther) && (
        <Button kind="quiet" onClick={() => setFurther(!hasFurther)}>
          {hasFurther ? t('table.fewerFilters') : t('table.moreFilters')}
        </Button>
      )}
      {Object.keys(query.where).length > 0 && (
        <Button kind="quiet" onClick={() => onQuery({ where: {} })}>
          {t('common.clearFilters')}
        </Button>
      )}
      <span className="tools">
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
      </span>
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
        style={{ width: '9rem' }}
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
