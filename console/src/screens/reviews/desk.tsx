import { Link, useRouterState } from '@tanstack/react-router'
import { listReviews } from '../../../../src/contracts/routes/reviews.ts'
import { useRead, type ItemOf } from '../../api/reading.ts'
import { useMe } from '../../api/session.ts'
import { t, tCode } from '../../messages/committee.ts'
import { Id } from '../../ui/copy.tsx'
import { Person } from '../../ui/person.tsx'
import type { Column } from '../../ui/list-columns.ts'
import { RecordList } from '../../ui/record-list.tsx'
import { Screen } from '../../ui/screen.tsx'
import { Status, Tier } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import { reviewFunction, reviewKinds } from './kinds.ts'

type Row = ItemOf<typeof listReviews>

const states = [
  'required',
  'assigned',
  'in_progress',
  'info_requested',
  'signed_off',
  'signed_off_with_conditions',
  'objected',
  'not_needed',
  'stale',
] as const
const unfinished: readonly string[] = ['required', 'assigned', 'in_progress', 'info_requested', 'stale']

const columns: readonly Column<Row>[] = [
  {
    id: 'title',
    header: t('case.useCase'),
    cell: ({ id, title, kind }) => (
      <Link to={`/reviews/${id}`}>
        {tCode('review', kind)}: <Untrusted text={title} />
      </Link>
    ),
    text: ({ title, kind }) => `${tCode('review', kind)}: ${title}`,
  },
  {
    id: 'state',
    leaves: 'last',
    header: t('review.state'),
    cell: ({ state }) => <Status state={state} />,
    text: ({ state }) => state,
  },
  {
    id: 'tier',
    header: t('case.tier'),
    cell: ({ tier }) => <Tier tier={tier} />,
    text: ({ tier }) => String(tier),
  },
  {
    id: 'due',
    leaves: 'last',
    header: t('review.due'),
    cell: ({ due, isOverdue, state }) =>
      isOverdue ? (
        <span className="row nowrap">
          <Status state="overdue" tone="breach" word={t('review.overdue')} /> <Time at={due} />
        </span>
      ) : unfinished.includes(state) ? (
        <Time at={due} both />
      ) : (
        <span className="muted">{t('review.done')}</span>
      ),
    text: ({ due }) => due,
    sort: ['due'],
  },
  {
    id: 'lead',
    header: t('review.lead'),
    cell: ({ lead, kind }) =>
      lead === null ? (
        <span className="muted">{t('review.noLead', { fn: tCode('fn', reviewFunction(kind)) })}</span>
      ) : (
        <Person id={lead} />
      ),
    text: ({ lead }) => lead ?? '',
  },
  {
    id: 'createdAt',
    header: t('review.created'),
    cell: ({ createdAt }) => <Time at={createdAt} />,
    text: ({ createdAt }) => createdAt,
    sort: ['-createdAt'],
    isHidden: true,
  },
  { id: 'id', header: t('case.id'), cell: ({ id }) => <Id id={id} />, text: ({ id }) => id, isHidden: true },
]

/** Which reviews are required, whose they are and when they are due. */
export function ReviewDesk() {
  const me = useMe().data
  const search = useRouterState({
    select: ({ location }) => location.search as Readonly<Record<string, string>>, // plain text by name, by `router.tsx`
  })
  return (
    <Screen title={t('rail.reviews')} answer={<Answer />}>
      <RecordList
        id="reviews"
        route={listReviews}
        columns={columns}
        filters={[
          {
            name: 'state',
            label: t('review.state'),
            options: states.map((state) => ({ value: state, label: tCode('state', state) })),
          },
          {
            name: 'kind',
            label: t('review.kind'),
            options: reviewKinds.map((kind) => ({ value: kind, label: tCode('review', kind) })),
          },
          {
            name: 'lead',
            label: t('review.lead'),
            none: t('review.leadAll'),
            options: me === undefined ? [] : [{ value: me.person, label: t('review.leadMe') }],
          },
          {
            name: 'overdue',
            label: t('condition.overdue'),
            none: t('condition.overdueAll'),
            options: [{ value: 'true', label: t('condition.overdueOnly') }],
          },
        ]}
        fixed={search['sort'] === undefined ? { sort: 'due' } : {}}
        hrefOf={({ id }) => `/reviews/${id}`}
        keyOf={({ id }) => id}
        empty={t('review.none')}
        everyMs={60_000}
      />
    </Screen>
  )
}

function Answer() {
  const me = useMe().data
  const read = useRead(listReviews, { query: { sort: 'due', limit: 200 } })
  if (read.data === undefined || me === undefined) return null
  const open = read.data.items.filter(({ state }) => unfinished.includes(state))
  const overdue = open.filter(({ isOverdue }) => isOverdue).length
  const own = open.filter(({ kind, lead }) => lead === me.person || reviewFunction(kind) === me.seat).length
  return t('review.answer', { open: open.length, own, overdue })
}
