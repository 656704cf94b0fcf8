import { Link, useNavigate } from '@tanstack/react-router'
import { useEffect, useRef, type KeyboardEvent } from 'react'
import { listConditions } from '../../../../src/contracts/routes/conditions.ts'
import { useRead, type ItemOf } from '../../api/reading.ts'
import { useMe } from '../../api/session.ts'
import { useSearchMembers } from '../../frame/location.ts'
import { t } from '../../messages/committee.ts'
import { Button } from '../../ui/button.tsx'
import { inZone, useAppearance } from '../../ui/clock.ts'
import { addDays, addMonths, dayOf, startOfDay, weeksOf, type Zone } from '../../ui/days.ts'
import { SelectField } from '../../ui/field.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { Note } from '../../ui/note.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Person } from '../../ui/person.tsx'
import { Shape, Status, toneFor } from '../../ui/status.tsx'
import { Time, useNow } from '../../ui/time.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'

type Row = ItemOf<typeof listConditions>
type Act = (k: 'attest' | 'withdraw', row: Row) => void
type Month = {
  /** `2026-12` */
  readonly month: string
  readonly day: string
  readonly today: string
  readonly byDay: ReadonlyMap<string, readonly Row[]>
  readonly onDay: (day: string) => void
}

const mostRows = 200
const shownInDay = 3
const everyMs = 60_000

/** The same conditions by the day on which they are due: a month at a time, the chosen day beside it, and what is overdue. */
export function ConditionCalendar({ onAct }: { readonly onAct: Act }) {
  const { zone } = useAppearance()
  const days = inZone(zone)
  const today = dayOf(useNow(), days)
  const search = useSearchMembers()
  const navigate = useNavigate()
  const day = isDay(search['day']) ? search['day'] : today
  const month = day.slice(0, 7)
  const weeks = weeksOf(month)
  const first = weeks[0]?.[0] ?? day
  const owner = search['owner'] ?? ''
  const owned = owner === '' ? {} : { owner }
  const read = useRead(
    listConditions,
    {
      query: {
        ...owned,
        dueFrom: new Date(startOfDay(first, days)).toISOString(),
        dueUntil: new Date(startOfDay(addDays(first, 7 * weeks.length), days)).toISOString(),
        limit: mostRows,
      },
    },
    { everyMs, keepsLast: true },
  )
  const put = (members: Readonly<Record<string, string>>) =>
    void navigate({ to: '/conditions', search: { ...search, ...members }, replace: true })
  const onDay = (chosen: string) => put({ day: chosen })
  return (
    <>
      <div className="calendar-bar">
        <Button onClick={() => onDay(addMonths(day, -1))}>{t('calendar.previous')}</Button>
        <h2 aria-live="polite">{monthName(month)}</h2>
        <Button onClick={() => onDay(addMonths(day, 1))}>{t('calendar.next')}</Button>
        <Button onClick={() => onDay(today)}>{t('calendar.today')}</Button>
        <span className="grow" />
        <OwnerFilter owner={owner} onOwner={(chosen) => put({ owner: chosen })} />
        <span className="muted">{t('calendar.zone', { zone: zoneName(days) })}</span>
      </div>
      <Overdue owned={owned} onAct={onAct} />
      <Loaded read={read} rows={10}>
        {({ items, next }) => {
          const byDay = Map.groupBy(items, ({ due }) => dayOf(Date.parse(due), days))
          const shown: Month = { month, day, today, byDay, onDay }
          return (
            <>
              {next !== undefined && <Note tone="unknown">{t('calendar.tooMany', { count: mostRows })}</Note>}
              <div className="calendar-wide">
                <Grid shown={shown} weeks={weeks} />
                <DayPanel day={day} rows={byDay.get(day) ?? []} onAct={onAct} />
              </div>
              <Agenda shown={shown} onAct={onAct} />
            </>
          )
        }}
      </Loaded>
    </>
  )
}

function OwnerFilter({
  owner,
  onOwner,
}: {
  readonly owner: string
  readonly onOwner: (owner: string) => void
}) {
  const me = useMe().data
  const options = me === undefined ? [] : [{ value: me.person, label: t('condition.ownerMe') }]
  return (
    <SelectField
      label={t('condition.owner')}
      value={owner}
      onChange={onOwner}
      options={options}
      empty={t('condition.ownerAll')}
    />
  )
}

/** Whatever month is open: what is overdue is never out of sight. */
function Overdue({ owned, onAct }: { readonly owned: { readonly owner?: string }; readonly onAct: Act }) {
  const query = { ...owned, overdue: 'true', limit: mostRows } as const
  const read = useRead(listConditions, { query }, { everyMs })
  const items = read.data?.items ?? []
  if (items.length === 0) return null
  return (
    <Panel title={t('calendar.overdue', { count: items.length })}>
      <Entries rows={items} onAct={onAct} withDay />
    </Panel>
  )
}

const moves: Readonly<Record<string, (day: string) => string>> = {
  ArrowLeft: (day) => addDays(day, -1),
  ArrowRight: (day) => addDays(day, 1),
  ArrowUp: (day) => addDays(day, -7),
  ArrowDown: (day) => addDays(day, 7),
  PageUp: (day) => addMonths(day, -1),
  PageDown: (day) => addMonths(day, 1),
  Home: (day) => addDays(day, -weekday(day)),
  End: (day) => addDays(day, 6 - weekday(day)),
}

function Grid({ shown, weeks }: { readonly shown: Month; readonly weeks: readonly (readonly string[])[] }) {
  const { month, day, onDay } = shown
  const place = useRef<HTMLTableElement>(null)
  const isMoving = useRef(false)
  useEffect(() => {
    if (!isMoving.current) return
    isMoving.current = false
    place.current?.querySelector<HTMLButtonElement>('button[tabindex="0"]')?.focus()
  }, [day])
  const move = (event: KeyboardEvent) => {
    const to = moves[event.key]
    if (to === undefined || event.altKey || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    isMoving.current = true
    onDay(to(day))
  }
  return (
    <table
      ref={place}
      role="grid"
      className="calendar"
      aria-label={t('calendar.grid', { month: monthName(month) })}
      onKeyDown={move}
    >
      <thead>
        <tr>
          {(weeks[0] ?? []).map((one) => (
            <th key={one} scope="col" abbr={weekdayName(one, 'long')}>
              {weekdayName(one, 'short')}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {weeks.map((week) => (
          <tr key={week[0]}>
            {week.map((one) => (
              <Day key={one} day={one} shown={shown} />
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Day({ day, shown }: { readonly day: string; readonly shown: Month }) {
  const rows = shown.byDay.get(day) ?? []
  const overdue = rows.filter(({ isBreached }) => isBreached).length
  const isChosen = day === shown.day
  const isToday = day === shown.today
  const more = rows.length - shownInDay
  return (
    <td role="gridcell" aria-selected={isChosen} className={day.startsWith(shown.month) ? '' : 'outside'}>
      <button
        type="button"
        tabIndex={isChosen ? 0 : -1}
        aria-current={isToday ? 'date' : undefined}
        onClick={() => shown.onDay(day)}
      >
        <span className="sr-only">
          {t('calendar.day', { day: dayName(day), count: rows.length, overdue })}
        </span>
        <span className="entries" aria-hidden="true">
          <span className="date num">
            {Number(day.slice(8))}
            {isToday && <span> {t('calendar.today')}</span>}
          </span>
          {rows.slice(0, shownInDay).map((row) => (
            <span key={row.id} className={`entry tone-${toneFor(stateOf(row))}`}>
              <Shape tone={toneFor(stateOf(row))} />
              <span className="title">
                <Untrusted text={row.title} />
              </span>
              <span className="muted">
                <Person id={row.owner} />
              </span>
            </span>
          ))}
          {more > 0 && <span className="muted">{t('calendar.more', { count: more })}</span>}
        </span>
      </button>
    </td>
  )
}

function DayPanel({
  day,
  rows,
  onAct,
}: {
  readonly day: string
  readonly rows: readonly Row[]
  readonly onAct: Act
}) {
  return (
    <Panel title={dayName(day)}>
      {rows.length === 0 ? (
        <p className="muted">{t('calendar.noneOnDay')}</p>
      ) : (
        <Entries rows={rows} onAct={onAct} />
      )}
    </Panel>
  )
}

/** The month on a narrow screen: the days on which something is due. */
function Agenda({ shown: { month, byDay, today }, onAct }: { readonly shown: Month; readonly onAct: Act }) {
  const days = [...byDay.keys()].filter((day) => day.startsWith(month))
  return (
    <div className="calendar-narrow">
      {days.length === 0 && <p className="muted">{t('calendar.noneInMonth', { month: monthName(month) })}</p>}
      {days.map((day) => (
        <Panel key={day} title={day === today ? `${dayName(day)}, ${t('calendar.today')}` : dayName(day)}>
          <Entries rows={byDay.get(day) ?? []} onAct={onAct} />
        </Panel>
      ))}
    </div>
  )
}

function Entries({
  rows,
  onAct,
  withDay = false,
}: {
  readonly rows: readonly Row[]
  readonly onAct: Act
  readonly withDay?: boolean
}) {
  return (
    <ul className="calendar-entries">
      {rows.map((row) => (
        <li key={row.id}>
          <div className="row">
            <Status state={stateOf(row)} />
            <Time at={row.due} both={withDay} />
            <Person id={row.owner} />
          </div>
          <Link to={`/cases/${row.caseId}`}>
            {row.text === null ? t('condition.masked') : <Untrusted text={row.text} />}
          </Link>
          <div className="muted">
            <Untrusted text={row.title} />
          </div>
          {row.state === 'open' && (
            <div className="row">
              <Button onClick={() => onAct('attest', row)}>{t('condition.attest')}</Button>
              <Button kind="quiet" onClick={() => onAct('withdraw', row)}>
                {t('condition.withdraw')}
              </Button>
            </div>
          )}
        </li>
      ))}
    </ul>
  )
}

function stateOf({ state, isBreached }: Row): string {
  return isBreached ? 'breached' : state
}

/** UNTRUSTED: the address names the day. */
function isDay(text: string | undefined): text is string {
  return (
    text !== undefined && /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(`${text}T00:00:00Z`))
  )
}

/** Monday is 0. */
function weekday(day: string): number {
  return (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7
}

function inWords(day: string, form: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', ...form }).format(Date.parse(`${day}T00:00:00Z`))
}

function monthName(month: string): string {
  return inWords(`${month}-01`, { month: 'long', year: 'numeric' })
}

function dayName(day: string): string {
  return inWords(day, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' })
}

function weekdayName(day: string, weekdayForm: 'long' | 'short'): string {
  return inWords(day, { weekday: weekdayForm })
}

function zoneName(zone: Zone): string {
  return new Intl.DateTimeFormat('en-GB', zone).resolvedOptions().timeZone
}
