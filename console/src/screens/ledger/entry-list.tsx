import { Link } from '@tanstack/react-router'
import { eventKindList } from '../../../../src/contracts/events.ts'
import { ledgerEntries } from '../../../../src/contracts/routes/ledger.ts'
import type { ItemOf } from '../../api/reading.ts'
import { t } from '../../messages/ledger.ts'
import { Id } from '../../ui/copy.tsx'
import { Actor } from '../../ui/person.tsx'
import type { Column } from '../../ui/list-columns.ts'
import { RecordList } from '../../ui/record-list.tsx'
import { Time } from '../../ui/time.tsx'

export type EntryRow = ItemOf<typeof ledgerEntries>

const columns: readonly Column<EntryRow>[] = [
  {
    id: 'index',
    header: t('ledger.column.index'),
    cell: ({ id, index }) => <Link to={`/ledger/entries/${id}`}>{index}</Link>,
    text: ({ index }) => String(index ?? ''),
    sort: ['-index', 'index'],
  },
  {
    id: 'kind',
    header: t('ledger.column.kind'),
    cell: ({ kind }) => <code>{kind}</code>,
    text: ({ kind }) => kind,
  },
  {
    id: 'stream',
    header: t('ledger.column.stream'),
    cell: ({ stream }) => <code title={stream}>{stream}</code>,
    text: ({ stream }) => stream,
  },
  {
    id: 'actor',
    header: t('ledger.column.actor'),
    cell: ({ actor }) => <Actor id={actor} />,
    text: ({ actor }) => actor,
  },
  {
    id: 'at',
    header: t('ledger.column.at'),
    cell: ({ at }) => <Time at={at} />,
    text: ({ at }) => at,
  },
  {
    id: 'sealed',
    header: t('ledger.column.sealed'),
    cell: ({ hasSealed }) => (hasSealed ? t('ledger.sealedYes') : ''),
    text: ({ hasSealed }) => (hasSealed ? t('ledger.sealedYes') : t('ledger.sealedNo')),
  },
  {
    id: 'entry',
    header: t('ledger.column.id'),
    cell: ({ id }) => <Id id={id} />,
    text: ({ id }) => id,
    isHidden: true,
  },
]

/** Entries of the log, the newest first; of some kinds only, where the screen says so. */
export function EntryList({
  id,
  kinds,
  empty = t('ledger.none'),
}: {
  readonly id: string
  readonly kinds?: readonly string[]
  readonly empty?: string
}) {
  const offered = kinds ?? eventKindList
  return (
    <RecordList
      id={id}
      route={ledgerEntries}
      columns={columns}
      usualSort="-index"
      filters={[
        {
          name: 'kind',
          label: t('ledger.column.kind'),
          options: offered.map((kind) => ({ value: kind, label: kind })),
        },
        { name: 'stream', label: t('ledger.column.stream') },
        { name: 'from', label: t('ledger.from') },
      ]}
      {...(kinds === undefined ? {} : { usual: { kind: kinds.join(',') } })}
      hrefOf={(row) => `/ledger/entries/${row.id}`}
      keyOf={(row) => row.id}
      empty={empty}
    />
  )
}
