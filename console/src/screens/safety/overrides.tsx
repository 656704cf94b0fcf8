import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { listOverrides } from '../../../../src/contracts/routes/overrides.ts'
import { useRead, type ItemOf } from '../../api/reading.ts'
import { t, tCode } from '../../messages/safety.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Note } from '../../ui/note.tsx'
import { Person } from '../../ui/person.tsx'
import { PlaceName } from '../../ui/place-name.tsx'
import type { Column } from '../../ui/list-columns.ts'
import { placeChoice } from '../../ui/record-choices.tsx'
import { RecordList } from '../../ui/record-list.tsx'
import { Screen } from '../../ui/screen.tsx'
import { Status } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import { OverrideRequest } from './override-request.tsx'

type Row = ItemOf<typeof listOverrides>
const states = ['requested', 'active', 'expired', 'revoked', 'reviewed', 'withdrawn'] as const

const columns: readonly Column<Row>[] = [
  {
    id: 'id',
    header: t('override.title'),
    cell: ({ id, terms }) => (
      <Link to={`/overrides/${id}`}>
        {terms === null ? <code>{id}</code> : <Untrusted text={terms.incidentId} />}
      </Link>
    ),
    text: ({ id }) => id,
  },
  {
    id: 'state',
    leaves: 'last',
    header: t('override.state'),
    cell: ({ state }) => <Status state={state} tone={state === 'active' ? 'attention' : toneOf(state)} />,
    text: ({ state }) => state,
  },
  {
    id: 'deployment',
    header: t('case.deployment'),
    cell: ({ deploymentId }) => <PlaceName id={deploymentId} />,
    text: ({ deploymentId }) => deploymentId,
  },
  {
    id: 'by',
    header: t('override.requestedBy'),
    cell: ({ requestedBy }) => <Person id={requestedBy} />,
    text: ({ requestedBy }) => requestedBy,
  },
  {
    id: 'expiresAt',
    leaves: 'last',
    header: t('override.expiresAt'),
    cell: ({ expiresAt }) =>
      expiresAt === null ? (
        <span className="muted">{t('override.notActive')}</span>
      ) : (
        <Time at={expiresAt} both />
      ),
    text: ({ expiresAt }) => expiresAt ?? '',
  },
  {
    id: 'review',
    header: t('override.review'),
    cell: ({ isReviewOverdue, reviewDue, outcome }) =>
      outcome !== null ? (
        tCode('overrideOutcome', outcome)
      ) : isReviewOverdue ? (
        <Status state="overdue" tone="breach" word={t('override.reviewOverdue')} />
      ) : reviewDue === null ? (
        <span className="muted">{t('common.none')}</span>
      ) : (
        <Time at={reviewDue} both />
      ),
    text: ({ outcome, reviewDue }) => outcome ?? reviewDue ?? '',
  },
]

function toneOf(state: Row['state']) {
  return state === 'expired' || state === 'revoked'
    ? 'pending'
    : state === 'requested'
      ? 'pending'
      : 'neutral'
}

/** Which emergency overrides are in force, and which still need a review. */
export function Overrides() {
  const [isAsking, setAsking] = useState(false)
  return (
    <Screen
      title={t('rail.overrides')}
      answer={<Answer />}
      actions={
        <Button kind="danger" onClick={() => setAsking(true)}>
          {t('override.ask')}
        </Button>
      }
    >
      <Alarms />
      <RecordList
        id="overrides"
        route={listOverrides}
        columns={columns}
        filters={[
          {
            name: 'state',
            label: t('override.state'),
            options: states.map((state) => ({ value: state, label: tCode('state', state) })),
          },
          {
            name: 'unreviewed',
            label: t('override.review'),
            options: [{ value: 'true', label: t('override.unreviewed') }],
          },
          { name: 'deploymentId', label: t('case.deployment'), choice: placeChoice },
        ]}
        hrefOf={({ id }) => `/overrides/${id}`}
        keyOf={({ id }) => id}
        empty={t('override.none')}
        everyMs={15_000}
      />
      <Dialog open={isAsking} onClose={() => setAsking(false)} title={t('override.ask')}>
        <OverrideRequest onClose={() => setAsking(false)} />
      </Dialog>
    </Screen>
  )
}

function Answer() {
  const active = useRead(listOverrides, { query: { state: 'active', limit: 200 } }, { everyMs: 15_000 })
  const unreviewed = useRead(listOverrides, { query: { unreviewed: 'true', limit: 200 } })
  if (active.data === undefined || unreviewed.data === undefined) return null
  return t('override.answer', {
    active: active.data.items.length,
    unreviewed: unreviewed.data.items.length,
    overdue: unreviewed.data.items.filter(({ isReviewOverdue }) => isReviewOverdue).length,
  })
}

/** What must not be overlooked: overrides in force, and overdue reviews, which switch the facility off. */
function Alarms() {
  const active = useRead(listOverrides, { query: { state: 'active', limit: 200 } }, { everyMs: 15_000 })
  const unreviewed = useRead(listOverrides, { query: { unreviewed: 'true', limit: 200 } })
  const overdue = (unreviewed.data?.items ?? []).filter(({ isReviewOverdue }) => isReviewOverdue)
  return (
    <>
      {(active.data?.items ?? []).map(({ id, deploymentId, expiresAt, terms }) => (
        <div key={id} className="alarm tone-attention">
          <div className="row">
            <Status state="active" tone="attention" word={t('override.inForce')} />
            <span>
              {t('override.inForceUntil')} <Time at={expiresAt} both />
            </span>
            <PlaceName id={deploymentId} />
            {terms !== null && (
              <span>{t('override.capabilityCount', { count: terms.capabilities.length })}</span>
            )}
            <Link to={`/overrides/${id}`}>{t('override.open')}</Link>
          </div>
        </div>
      ))}
      {overdue.length > 0 && (
        <Note tone="breach">{t('override.facilityOff', { count: overdue.length })}</Note>
      )}
    </>
  )
}
