import type { EventId } from '../kernel/index.ts'
import type { Query } from './ports/query.ts'
import { millis } from './sql.ts'

/** The kind of streams in which each part of the installation records its changes. */
const streamKinds = {
  organisation: 'organisation',
  people: 'person',
  units: 'unit',
  serviceAccounts: 'service',
  charter: 'charter',
  providers: 'upstream',
  grantKeys: 'grantKeys',
  webhooks: 'webhook',
} as const
export type SettingArea = keyof typeof streamKinds

export type SettingChange = {
  readonly area: SettingArea
  readonly kind: string
  readonly actor: string
  readonly at: number
  readonly entry: EventId
}

/** The newest ledger entry of each part; a part that nobody has changed is left out. */
export async function lastChanges(query: Query): Promise<readonly SettingChange[]> {
  const rows = await query<Omit<SettingChange, 'area'> & { streamKind: string }>(
    `select k.kind as "streamKind", e.kind, c.actor, ${millis('c.at')} as at, e.id as entry
     from unnest($1::text[]) as k (kind)
       cross join lateral (
         select stream, rev from streams where kind = k.kind order by updated_at desc, stream desc limit 1
       ) s
       join ledger.entry e on e.stream = s.stream and e.rev = s.rev join ledger.command c on c.seq = e.seq`,
    [Object.values(streamKinds)],
  )
  const areas = Object.keys(streamKinds) as SettingArea[] // the keys of the table above
  return areas.flatMap((area) =>
    rows
      .filter(({ streamKind }) => streamKind === streamKinds[area])
      .map(({ kind, actor, at, entry }) => ({ area, kind, actor, at, entry })),
  )
}
