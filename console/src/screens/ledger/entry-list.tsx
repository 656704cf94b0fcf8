import { Link } from '@tanstack/react-router'
import { eventKindList } from '../../../../src/contracts/events.ts'
import { ledgerEntries } from '../../../../src/contracts/routes/ledger.ts'
import type { ItemOf } from '../../api/reading.ts'
import { targetOf } from '../../frame/id-target.ts'
import { t, tCode } from '../../messages/ledger.ts'
import { Id } from '../../ui/copy.tsx'
import { Actor } from '../../ui/person.tsx'
import type { Column } from '../../ui/list-columns.ts'
import { RecordList } from '../../ui/record-list.tsx'
import { Time } from '../../ui/time.tsx'
import { Kind } from './kind.tsx'
import { streamChoice } from './stream-choice.tsx'

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
    cell: ({ kind }) => <Kind kind={kind} />,
    text: ({ kind }) => `${tCode('event', kind)} ${kind}`,
  },
  {
    id: 'stream',
    header: t('ledger.column.stream'),
    cell: ({ stream }) => <Stream stream={stream} />,
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

/** A stream is a kind of record and its id; the record has a page, and the page is where one wants to go. */
function Stream({ stream }: { readonly stream: string }) {
  const id = stream.slice(stream.indexOf('/') + 1)
  const path = targetOf(id)
  return path === null ? (
    <code>{stream}</code>
  ) : (
    <Link to={path} title={stream}>
      <code>{stream}</code>
    </Link>
  )
}

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
          options: offered.map((kind) => ({ value: kind, label: tCode('event', kind) })),
        },
        { name: 'stream', label: t('ledger.column.stream'), choice: streamChoice },
        { name: 'from', label: t('ledger.from') },
      ]}
      {...(kinds === undefined ? {} : { usual: { kind: kinds.join(',') } })}
      hrefOf={(row) => `/ledger/entries/${row.id}`}
      keyOf={(row) => row.id}
      empty={empty}
    />
  )
}
