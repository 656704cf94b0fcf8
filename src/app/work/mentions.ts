import type { NoticeId, Tier, UserId } from '../../kernel/index.ts'
import type { EpochMs } from '../../kernel/index.ts'
import { visibilityOf, visibleSql } from '../access.ts'
import { millis } from '../sql.ts'
import { perSource, type Asking, type WorkItem } from './item.ts'

/** Comments that name one and that one has not read. Whether it is read is one's own matter, and no fact. */
export async function mentionWork({ query, reader, now }: Asking): Promise<readonly WorkItem[]> {
  const rows = await query<{
    id: NoticeId
    about: string
    title: string
    tier: Tier | null
    since: EpochMs
    by: UserId
  }>(
    `select n.id, n.about, u.title, u.tier, ${millis('n.created_at')} as since, n.actor as by
     from notices n join use_cases u on u.id = n.use_case_id
     where n.person_id = $2 and n.kind = 'mention' and n.read_at is null and ${visibleSql('u', 1)}
     order by n.id limit $3`,
    [JSON.stringify(visibilityOf(reader, 'useCase.read', now)), reader.person, perSource],
  )
  return rows.map(({ by, ...row }) => ({
    kind: 'mention',
    ...row,
    due: null,
    why: { code: 'MENTIONED', params: { by } },
  }))
}
