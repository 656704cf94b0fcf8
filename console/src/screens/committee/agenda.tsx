import { Link, useRouterState } from '@tanstack/react-router'
import { listCases } from '../../../../src/contracts/routes/cases.ts'
import { useRead, type ItemOf } from '../../api/reading.ts'
import { t, tCode } from '../../messages/committee.ts'
import { absolute, useAppearance } from '../../ui/clock.ts'
import { Id } from '../../ui/copy.tsx'
import type { Column } from '../../ui/list-columns.ts'
import { RecordList } from '../../ui/record-list.tsx'
import { Screen } from '../../ui/screen.tsx'
import { Shape, Status, Tier } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import { functionNames } from './words.ts'

type Row = ItemOf<typeof listCases>

const kinds = ['initial', 'renewal', 'change', 'resume', 'veto_override', 'waiver'] as const
const states = ['waiting_evidence', 'open', 'voting', 'decided', 'lapsed', 'cancelled'] as const

const columns: readonly Column<Row>[] = [
  {
    id: 'title',
    header: t('case.useCase'),
    cell: ({ id, title }) => (
      <Link to={`/cases/${id}`}>
        <Untrusted text={title} />
      </Link>
    ),
    text: ({ title }) => title,
  },
  {
    id: 'kind',
    header: t('case.kind'),
    cell: ({ kind, environment }) =>
      environment === 'prod'
        ? tCode('caseKind', kind)
        : t('case.kindIn', { kind: tCode('caseKind', kind), environment: tCode('environment', environment) }),
    text: ({ kind, environment }) => `${kind} ${environment}`,
  },
  {
    id: 'tier',
    header: t('case.tier'),
    cell: ({ tier }) => <Tier tier={tier} />,
    text: ({ tier }) => String(tier),
  },
  {
    id: 'state',
    leaves: 'last',
    header: t('case.state'),
    cell: ({ state }) => <Status state={state} />,
    text: ({ state }) => state,
  },
  {
    id: 'own',
    header: t('case.own'),
    cell: ({ own }) =>
      own === null ? (
        <span className="muted">{t('case.ownNothing')}</span>
      ) : (
        <span className="status tone-attention">
          <Shape tone="attention" />
          {tCode('caseOwn', own)}
        </span>
      ),
    text: ({ own }) => own ?? '',
  },
  {
    id: 'waits',
    header: t('case.waitsFor'),
    cell: (row) => waitsFor(row),
    text: (row) => waitsFor(row),
  },
  {
    id: 'deadline',
    leaves: 'last',
    header: t('case.deadline'),
    cell: ({ state, deadline }) => (isOpen(state) ? <Time at={deadline} both /> : <Ended />),
    text: ({ deadline }) => deadline,
    sort: ['deadline'],
  },
  {
    id: 'openedAt',
    header: t('case.openedAt'),
    cell: ({ openedAt }) => <Time at={openedAt} />,
    text: ({ openedAt }) => openedAt,
    sort: ['-openedAt'],
    isHidden: true,
  },
  {
    id: 'release',
    header: t('case.release'),
    cell: ({ release }) => <Id id={release} />,
    text: ({ release }) => release,
    isHidden: true,
  },
  { id: 'id', header: t('case.id'), cell: ({ id }) => <Id id={id} />, text: ({ id }) => id, isHidden: true },
]

function Ended() {
  return <span className="muted">{t('case.ended')}</span>
}

function isOpen(state: Row['state']): boolean {
  return state === 'waiting_evidence' || state === 'open' || state === 'voting'
}

/** What is missing for a decision, in few words. */
function waitsFor({ state, unmet, missing, counted, seated }: Row): string {
  if (!isOpen(state)) return t('case.waitsNothing')
  if (state === 'waiting_evidence') return t('case.waitsEvidence', { unmet })
  if (state === 'open') return t('case.waitsStart')
  const ballots = t('case.waitsBallots', { counted, seated })
  return missing.length === 0
    ? ballots
    : t('case.waitsFunctions', { ballots, fns: functionNames(missing), unmet })
}

/** What the committee decides next: open cases, the next deadline first. */
export function CaseAgenda() {
  const search = useRouterState({
    select: ({ location }) => location.search as Readonly<Record<string, string>>, // plain text by name, by `router.tsx`
  })
  const isNarrowed = ['open', 'state', 'mine'].some((name) => search[name] !== undefined)
  return (
    <Screen
      title={t('rail.cases')}
      answer={<Answer />}
      actions={
        <>
          <Link className="button" to="/charter">
            {t('case.charter')}
          </Link>
          <Link className="button primary" to="/cases/new">
            {t('case.open')}
          </Link>
        </>
      }
    >
      <RecordList
        id="cases"
        route={listCases}
        columns={columns}
        filters={[
          {
            name: 'open',
            label: t('case.show'),
            none: t('case.showOpen'),
            options: [{ value: 'false', label: t('case.showEnded') }],
          },
          {
            name: 'mine',
            label: t('case.whose'),
            none: t('case.whoseAll'),
            options: [{ value: 'true', label: t('case.whoseMine') }],
          },
          {
            name: 'kind',
            label: t('case.kind'),
            options: kinds.map((kind) => ({ value: kind, label: tCode('caseKind', kind) })),
          },
          {
            name: 'state',
            label: t('case.state'),
            options: states.map((state) => ({ value: state, label: tCode('state', state) })),
          },
          {
            name: 'tier',
            label: t('case.tier'),
            options: ['1', '2', '3'].map((tier) => ({ value: tier, label: t('tier.label', { tier }) })),
          },
        ]}
        fixed={{
          ...(isNarrowed ? {} : { open: 'true' }),
          ...(search['sort'] === undefined
            ? { sort: search['open'] === 'false' ? '-openedAt' : 'deadline' }
            : {}),
        }}
        hrefOf={({ id }) => `/cases/${id}`}
        keyOf={({ id }) => id}
        empty={t('case.none')}
        everyMs={30_000}
      />
    </Screen>
  )
}

function Answer() {
  const { zone } = useAppearance()
  const read = useRead(listCases, { query: { open: 'true', sort: 'deadline', limit: 200 } })
  if (read.data === undefined) return null
  const { items, next } = read.data
  const mine = items.filter(({ own }) => own !== null).length
  const first = items[0]
  if (first === undefined) return t('case.answerNone')
  return t('case.answer', {
    open: items.length,
    more: next === undefined ? 'no' : 'yes',
    mine,
    deadline: absolute(new Date(first.deadline), zone),
  })
}
