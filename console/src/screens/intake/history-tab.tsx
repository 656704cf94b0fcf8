import { Link } from '@tanstack/react-router'
import { ledgerEntries } from '../../../../src/contracts/routes/ledger.ts'
import { usePages } from '../../api/reading.ts'
import { t, tCode } from '../../messages/intake.ts'
import { Button } from '../../ui/button.tsx'
import { Bones, Empty, Failure } from '../../ui/loaded.tsx'
import { Actor } from '../../ui/person.tsx'
import { Timeline } from '../../ui/timeline.tsx'

/** The ledger entries of the record, in their order. */
export function HistoryTab({ id }: { readonly id: string }) {
  const read = usePages(ledgerEntries, { stream: `useCase/${id}` })
  if (read.data === undefined)
    return read.error === null ? (
      <Bones rows={6} />
    ) : (
      <Failure error={read.error} onRetry={() => void read.refetch()} />
    )
  const entries = read.data.pages.flatMap(({ items }) => items)
  if (entries.length === 0) return <Empty>{t('intake.historyNone')}</Empty>
  return (
    <div className="stack">
      <Timeline
        moments={entries.map((entry) => ({
          id: entry.id,
          at: entry.at,
          text: (
            <div className="row">
              <span>{tCode('entry', entry.kind)}</span>
              <Actor id={entry.actor} />
              <Link to={`/ledger/entries/${entry.id}`}>
                {entry.index === null
                  ? t('intake.entryWaits')
                  : t('intake.entryIndex', { index: entry.index })}
              </Link>
            </div>
          ),
        }))}
      />
      {read.hasNextPage && (
        <div>
          <Button onClick={() => void read.fetchNextPage()}>{t('common.more')}</Button>
        </div>
      )}
    </div>
  )
}
