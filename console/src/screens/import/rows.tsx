import { Link } from '@tanstack/react-router'
import { listImportRows } from '../../../../src/contracts/routes/imports.ts'
import { useSearchMembers } from '../../frame/location.ts'
import { t, tCode } from '../../messages/import.ts'
import type { Column } from '../../ui/list-columns.ts'
import { RecordList } from '../../ui/record-list.tsx'
import { Tier } from '../../ui/status.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import { shareOf } from './row-detail.tsx'
import { Outcome, RowState, valuesOf, wordsForRow, type Import, type Row } from './words.tsx'

const outcomes = ['create', 'update', 'unchanged', 'error'] as const
const states = ['pending', 'done', 'failed'] as const

const columns: readonly Column<Row>[] = [
  {
    id: 'row',
    header: t('import.row'),
    cell: ({ row }) => <RowLink row={row} />,
    text: ({ row }) => String(row),
  },
  {
    id: 'title',
    header: t('import.rowTitle'),
    cell: ({ title }) =>
      title === null ? <span className="muted">{t('common.none')}</span> : <Untrusted text={title} />,
    text: ({ title }) => title ?? '',
  },
  {
    id: 'externalId',
    header: t('import.externalId'),
    cell: ({ externalId }) => <Untrusted text={externalId} />,
    text: ({ externalId }) => externalId,
  },
  {
    id: 'outcome',
    header: t('import.outcome'),
    cell: ({ outcome }) => <Outcome outcome={outcome} />,
    text: ({ outcome }) => tCode('import.outcome', outcome),
  },
  {
    id: 'tier',
    header: t('import.tier'),
    cell: ({ tier }) => <Tier tier={tier} />,
    text: ({ tier }) => String(tier ?? ''),
  },
  {
    id: 'detail',
    header: t('import.detail'),
    cell: (row) => <Untrusted text={detailOf(row)} />,
    text: detailOf,
  },
]
const applied: Column<Row> = {
  id: 'state',
  header: t('import.state'),
  cell: ({ state }) => <RowState state={state} />,
  text: ({ state }) => tCode('import.state', state),
}

/** What the plan says of each row, and from the commit on what became of it. */
export function ImportRows({ record }: { readonly record: Import }) {
  const isApplied = ['committing', 'done', 'aborted'].includes(record.phase)
  const isMoving = record.phase === 'checking' || record.phase === 'committing'
  return (
    <RecordList
      id="import-rows"
      route={listImportRows}
      params={{ id: record.id }}
      columns={isApplied ? [...columns.slice(0, 4), applied, ...columns.slice(4)] : columns}
      filters={[
        {
          name: 'outcome',
          label: t('import.outcome'),
          options: outcomes.map((value) => ({ value, label: tCode('import.outcome', value) })),
        },
        ...(isApplied
          ? [
              {
                name: 'state',
                label: t('import.state'),
                options: states.map((value) => ({ value, label: tCode('import.state', value) })),
              },
            ]
          : []),
        { name: 'q', label: t('import.words') },
      ]}
      keyOf={({ row }) => String(row)}
      empty={t('import.rowsNone')}
      {...(isMoving ? { everyMs: 2_000 } : {})}
    />
  )
}

/** Opens the row below the list; the URL says which one. */
function RowLink({ row }: { readonly row: number }) {
  const search = useSearchMembers()
  return (
    <Link to="." search={{ ...search, row: String(row) }} className="num">
      {row}
    </Link>
  )
}

/** The first thing to know about a row, in one line. */
function detailOf({ reasons, differences, likely }: Row): string {
  const [first, ...others] = reasons
  if (first !== undefined) {
    const words = wordsForRow(first) ?? tCode('reason', first.code, valuesOf(first.params))
    return others.length === 0 ? words : `${words} ${t('import.more', { count: others.length })}`
  }
  const parts = [
    ...(differences.length === 0 ? [] : [t('import.changes', { count: differences.length })]),
    ...likely.slice(0, 1).map(({ id, scoreBp }) => t('import.alike', { id, share: shareOf(scoreBp) })),
  ]
  return parts.join(' · ')
}
