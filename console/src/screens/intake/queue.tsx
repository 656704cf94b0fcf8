import { Link } from '@tanstack/react-router'
import { listUseCases } from '../../../../src/contracts/routes/intake.ts'
import type { ItemOf } from '../../api/reading.ts'
import { t, tCode } from '../../messages/text.ts'
import { RecordList, type Column } from '../../ui/record-list.tsx'
import { ImportActions } from '../import/import-actions.tsx'
import { Screen } from '../../ui/screen.tsx'
import { Status, Tier } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'

type Row = ItemOf<typeof listUseCases>

const states = ['draft', 'submitted', 'needs_info', 'triaged', 'duplicate', 'withdrawn', 'retired'] as const

const columns: readonly Column<Row>[] = [
  {
    id: 'title',
    header: t('intake.title'),
    cell: ({ id, title }) => (
      <Link to={`/intake/${id}`}>
        <Untrusted text={title} />
      </Link>
    ),
    text: ({ title }) => title,
  },
  {
    id: 'state',
    header: t('intake.state'),
    cell: ({ state }) => <Status state={state} />,
    text: ({ state }) => state,
  },
  {
    id: 'tier',
    header: t('intake.tier'),
    cell: ({ tier }) => <Tier tier={tier} />,
    text: ({ tier }) => String(tier ?? ''),
  },
  {
    id: 'updated',
    header: t('intake.updated'),
    cell: ({ updatedAt }) => <Time at={updatedAt} />,
    text: ({ updatedAt }) => updatedAt,
  },
  {
    id: 'id',
    header: t('intake.id'),
    cell: ({ id }) => <code>{id}</code>,
    text: ({ id }) => id,
    isHidden: true,
  },
]

/** Requests and what became of them, last changed first. */
export function IntakeQueue() {
  return (
    <Screen title={t('rail.intake')} actions={<ImportActions />}>
      <RecordList
        id="intake"
        route={listUseCases}
        columns={columns}
        filters={[
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
          { name: 'q', label: t('intake.words') },
        ]}
        hrefOf={({ id }) => `/intake/${id}`}
        keyOf={({ id }) => id}
        empty={t('intake.none')}
      />
    </Screen>
  )
}
