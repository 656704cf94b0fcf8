import type { EpochMs } from '../kernel/index.ts'
import { visibleSql, type Visibility } from './access.ts'
import { databaseNow } from './clock.ts'
import type { RuntimeRecord } from './ports/gateway.ts'
import type { Query } from './ports/query.ts'
import { instant } from './sql.ts'

/** Counts of the calls of one span of time; of a call with several kinds of findings each kind counts. */
export type TrafficTally = {
  readonly calls: Readonly<Record<RuntimeRecord['action'], number>>
  readonly withFindings: number
  /** The most frequent first. */
  readonly kinds: readonly { readonly kind: string; readonly calls: number }[]
}

/** What went through the gateway in the last 60 minutes and 24 hours, of what the reader may see, by the minute. */
export async function tallyTraffic(
  query: Query,
  visibility: Visibility,
): Promise<{ readonly at: EpochMs; readonly hour: TrafficTally; readonly day: TrafficTally }> {
  const at = await databaseNow(query)
  const rows = await query<{ mark: string; hour: number; day: number }>(
    `select t.mark, coalesce(sum(t.n) filter (where t.minute > ${instant(2)} - interval '1 hour'), 0)::bigint as hour,
       sum(t.n)::bigint as day
     from traffic_tallies t left join deployments d on d.id = t.deployment_id left join use_cases u on u.id = d.use_case_id
     where ${visibleSql('u', 1)} and t.minute > ${instant(2)} - interval '24 hours'
     group by t.mark order by t.mark`,
    [JSON.stringify(visibility), at],
  )
  return { at, hour: tallyOf(rows, 'hour'), day: tallyOf(rows, 'day') }
}

function tallyOf(
  rows: readonly { readonly mark: string; readonly hour: number; readonly day: number }[],
  span: 'hour' | 'day',
): TrafficTally {
  const countOf = (mark: string) => rows.find((row) => row.mark === mark)?.[span] ?? 0
  const kinds = rows.flatMap((row) =>
    row.mark.startsWith('kind:') && row[span] > 0
      ? [{ kind: row.mark.slice('kind:'.length), calls: row[span] }]
      : [],
  )
  return {
    calls: {
      allow: countOf('action:allow'),
      redact: countOf('action:redact'),
      block: countOf('action:block'),
      held: countOf('action:held'),
      fault: countOf('action:fault'),
    },
    withFindings: countOf('findings:some'),
    kinds: kinds.toSorted((a, b) => b.calls - a.calls),
  }
}
