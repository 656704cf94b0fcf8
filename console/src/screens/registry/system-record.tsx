import { Link } from '@tanstack/react-router'
import { useQueries } from '@tanstack/react-query'
import { ledgerEntries } from '../../../../src/contracts/routes/ledger.ts'
import { listDeployments } from '../../../../src/contracts/routes/registry.ts'
import { api } from '../../api/client.ts'
import { useRead, type ItemOf } from '../../api/reading.ts'
import { t, tCode } from '../../messages/registry.ts'
import { Bones, Empty, Failure } from '../../ui/loaded.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Actor } from '../../ui/person.tsx'
import { Status } from '../../ui/status.tsx'
import { Timeline } from '../../ui/timeline.tsx'
import type { SystemView } from './system.tsx'

type Entry = ItemOf<typeof ledgerEntries>

/** What was recorded about the system, its use case and its places, newest first; each entry leads to its proof. */
export function SystemRecord({ system }: { readonly system: SystemView }) {
  const places = useRead(listDeployments, { query: { systemId: system.id, limit: 100 } })
  const streams = [
    `system/${system.id}`,
    `useCase/${system.useCaseId}`,
    `stop/system:${system.id}`,
    `stop/use_case:${system.useCaseId}`,
    ...(places.data?.items ?? []).flatMap(({ id, routes }) => [
      `deployment/${id}`,
      `stop/deployment:${id}`,
      ...routes.map((route) => `route/${route}`),
    ]),
  ]
  const reads = useQueries({
    queries: streams.map((stream) => ({
      queryKey: [ledgerEntries.id, stream],
      queryFn: () => api.call(ledgerEntries, { query: { stream, limit: 200 } }),
    })),
  })
  const failed = reads.find(({ error }) => error !== null)
  const isPending = places.data === undefined || reads.some(({ data }) => data === undefined)
  return (
    <Panel title={t('system.tab.record')}>
      {failed !== undefined ? (
        <Failure error={failed.error} onRetry={() => void failed.refetch()} />
      ) : isPending ? (
        <Bones />
      ) : (
        <History
          entries={reads.flatMap(({ data }) => data?.items ?? [])}
          isCut={reads.some(({ data }) => data?.next !== undefined)}
        />
      )}
    </Panel>
  )
}

function History({ entries, isCut }: { readonly entries: readonly Entry[]; readonly isCut: boolean }) {
  if (entries.length === 0) return <Empty>{t('record.none')}</Empty>
  const ordered = entries.toSorted((a, b) => (b.index ?? 0) - (a.index ?? 0))
  return (
    <>
      {isCut && <p className="muted">{t('record.cut')}</p>}
      <Timeline
        moments={ordered.map(({ id, at, kind, actor, index }) => ({
          id,
          at,
          text: (
            <>
              {tCode('event', kind)}, <Actor id={actorIn(actor)} />{' '}
              <Link to={`/ledger/entries/${id}`}>
                {index === null ? (
                  <Status state="unverifiable" word={t('record.waiting')} />
                ) : (
                  t('record.entry', { index })
                )}
              </Link>
            </>
          ),
        }))}
      />
    </>
  )
}

/** The id of whoever acted, out of the form that the ledger writes. */
function actorIn(ref: string): string {
  return ref.replace(/^(p|svc):/, '')
}
