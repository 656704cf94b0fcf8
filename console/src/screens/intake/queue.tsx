import { Link, useNavigate } from '@tanstack/react-router'
import { useEffect } from 'react'
import { listUnits } from '../../../../src/contracts/routes/people.ts'
import { listUseCases } from '../../../../src/contracts/routes/intake.ts'
import { useRead, type ItemOf } from '../../api/reading.ts'
import { useMe } from '../../api/session.ts'
import { useSearchMembers } from '../../frame/location.ts'
import { t, tCode, type MessageKey } from '../../messages/intake.ts'
import { Bones } from '../../ui/loaded.tsx'
import { Person } from '../../ui/person.tsx'
import { PlaceLink } from '../../ui/place-link.tsx'
import type { Column, Filter } from '../../ui/list-columns.ts'
import { RecordList } from '../../ui/record-list.tsx'
import { Screen } from '../../ui/screen.tsx'
import { Tier } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'
import { ImportActions } from '../import/import-actions.tsx'
import { Unit } from '../../ui/unit.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import { Legal, RequestState } from './assessment.tsx'
import { TriageClock } from './triage-clock.tsx'
import { StartButton } from './start-button.tsx'

type Row = ItemOf<typeof listUseCases>

const states = ['draft', 'submitted', 'needs_info', 'triaged', 'duplicate', 'withdrawn', 'retired'] as const
const views = ['triage', 'asked', 'mine', 'all'] as const
type View = (typeof views)[number]
const fixedOf: { readonly [V in View]: Readonly<Record<string, string>> } = {
  triage: { state: 'submitted' },
  asked: { state: 'needs_info' },
  mine: {},
  all: {},
}
const names: { readonly [V in View]: MessageKey } = {
  triage: 'intake.viewTriage',
  asked: 'intake.viewAsked',
  mine: 'intake.viewMine',
  all: 'intake.viewAll',
}

const columns: readonly Column<Row>[] = [
  {
    id: 'title',
    header: t('intake.title'),
    cell: ({ id, title }) => (
      <Link to={`/intake/${id}`}>
        <Untrusted text={title === '' ? t('intake.unnamed') : title} />
      </Link>
    ),
    text: ({ title }) => title,
  },
  {
    id: 'state',
    leaves: 'last',
    header: t('intake.state'),
    cell: (row) => <RequestState state={row.state} legalClass={row.legalClass} />,
    text: ({ state }) => state,
  },
  {
    id: 'due',
    leaves: 'last',
    header: t('intake.due'),
    cell: (row) => <TriageClock {...row} />,
    text: ({ triageDue }) => triageDue ?? '',
    sort: ['triageDue'],
  },
  {
    id: 'tier',
    leaves: 'last',
    header: t('intake.tier'),
    cell: ({ tier }) => <Tier tier={tier} />,
    text: ({ tier }) => String(tier ?? ''),
  },
  {
    id: 'legal',
    header: t('intake.legalClass'),
    cell: ({ legalClass }) => <Legal name={legalClass} />,
    text: ({ legalClass }) => legalClass ?? '',
    isHidden: true,
  },
  {
    id: 'requester',
    header: t('intake.requester'),
    cell: ({ requester }) => <Person id={requester} />,
    text: ({ requester }) => requester,
  },
  {
    id: 'owner',
    header: tCode('owner', 'business'),
    cell: ({ businessOwner }) => <Owner id={businessOwner} />,
    text: ({ businessOwner }) => businessOwner ?? '',
    isHidden: true,
  },
  {
    id: 'technical',
    header: tCode('owner', 'technical'),
    cell: ({ technicalOwner }) => <Owner id={technicalOwner} />,
    text: ({ technicalOwner }) => technicalOwner ?? '',
    isHidden: true,
  },
  {
    id: 'unit',
    header: t('intake.unit'),
    cell: ({ unit }) => <Unit id={unit} />,
    text: ({ unit }) => unit ?? '',
  },
  {
    id: 'updated',
    header: t('intake.updated'),
    cell: ({ updatedAt }) => <Time at={updatedAt} />,
    text: ({ updatedAt }) => updatedAt,
    sort: ['-updatedAt'],
  },
  {
    id: 'id',
    header: t('intake.id'),
    cell: ({ id }) => <code>{id}</code>,
    text: ({ id }) => id,
    isHidden: true,
  },
]

function Owner({ id }: { readonly id: string | null }) {
  return id === null ? <span className="muted">{t('common.none')}</span> : <Person id={id} />
}

/** Requests and what became of them. An analyst starts with what waits for triage, the next due first. */
export function IntakeQueue() {
  const navigate = useNavigate()
  const me = useMe().data
  const members = useSearchMembers()
  const view = views.find((one) => one === members['view'])
  const search = JSON.stringify(members)
  const isAnalyst = me?.roles.some(({ role }) => role === 'analyst') ?? false
  const asksOnly = me !== undefined && me.seat === null && me.roles.every(({ role }) => role === 'requester')
  const usual: View = isAnalyst ? 'triage' : asksOnly ? 'mine' : 'all'
  useEffect(() => {
    if (view === undefined && me !== undefined)
      void navigate({
        to: '.',
        search: { ...(JSON.parse(search) as object), ...membersOf(usual) }, // members are text
        replace: true,
      })
  }, [view, me, usual, search, navigate])
  return (
    <Screen
      title={t('rail.intake')}
      answer={<Answer />}
      actions={
        <>
          <Link to="/portal">{t('portal.open')}</Link>
          {view !== undefined && me !== undefined && <ImportActions fixed={fixedFor(view, me.person)} />}
          <StartButton />
        </>
      }
    >
      <nav className="tabs" aria-label={t('intake.views')}>
        {views.map((one) => (
          <PlaceLink
            key={one}
            href={`/intake?${new URLSearchParams(membersOf(one)).toString()}`}
            current={one === view ? 'page' : undefined}
          >
            {t(names[one])}
          </PlaceLink>
        ))}
      </nav>
      {view === undefined || me === undefined ? <Bones rows={8} /> : <Queue view={view} me={me.person} />}
    </Screen>
  )
}

function membersOf(view: View): Readonly<Record<string, string>> {
  return { view, ...(view === 'triage' ? { sort: 'triageDue' } : {}) }
}

/** What a view shows, whatever is filtered within it. */
function fixedFor(view: View, me: string): Readonly<Record<string, string>> {
  return { ...fixedOf[view], ...(view === 'mine' ? { owner: me } : {}) }
}

function Queue({ view, me }: { readonly view: View; readonly me: string }) {
  const units = useRead(listUnits, {}).data?.items ?? []
  const fixed = fixedFor(view, me)
  const filters: readonly Filter[] = [
    {
      name: 'state',
      label: t('intake.state'),
      options: states.map((state) => ({ value: state, label: tCode('state', state) })),
    },
    {
      name: 'tier',
      label: t('intake.tier'),
      options: ['1', '2', '3'].map((tier) => ({ value: tier, label: t('tier.label', { tier }) })),
    },
    {
      name: 'unit',
      label: t('intake.unit'),
      options: units.map(({ id, name }) => ({ value: id, label: name })),
    },
    { name: 'q', label: t('intake.words') },
  ]
  const empty: { readonly [V in View]: MessageKey } = {
    triage: 'intake.noneTriage',
    asked: 'intake.noneAsked',
    mine: 'intake.noneMine',
    all: 'intake.noneAll',
  }
  return (
    <RecordList
      key={view}
      id="intake"
      route={listUseCases}
      columns={columns}
      filters={filters.filter(({ name }) => !Object.hasOwn(fixed, name))}
      fixed={fixed}
      hrefOf={({ id }) => `/intake/${id}`}
      keyOf={({ id }) => id}
      empty={t(empty[view])}
      everyMs={30_000}
    />
  )
}

const counted = 200

/** How many wait, and how many are late; `or more` where there are more than were counted. */
function Answer() {
  const read = useRead(
    listUseCases,
    { query: { state: 'submitted', sort: 'triageDue', limit: counted } },
    { everyMs: 30_000 },
  )
  if (read.data === undefined) return <>{t('common.loading')}…</>
  const { items, next } = read.data
  const late = items.filter(
    ({ triageDue }) => triageDue !== null && Date.parse(triageDue) < Date.now(),
  ).length
  return <>{t(next === undefined ? 'intake.answer' : 'intake.answerMore', { waiting: items.length, late })}</>
}
