import { thread } from '../../governance/collaboration/index.ts'
import type { Aggregate } from '../command.ts'
import { instant } from '../sql.ts'

/** Stream `thread/<id>`. Texts are in the sealed halves of its entries alone. */
export const threads: Aggregate<thread.State, thread.Command, thread.Event, thread.Context> = {
  name: 'thread',
  initial: thread.initial,
  decide: thread.decide,
  evolve: thread.evolve,
  project: async ({ tx, id, after, events }) => {
    const [begin, last] = [events[0], events.at(-1)]
    if (after.s === 'absent' || begin === undefined || last === undefined) return
    await tx.query(
      `insert into threads (id, use_case_id, subject, subject_id, state, comments, started_by, started_at, changed_at)
       values ($1, $2, $3, $4, $5, $6, $7, ${instant(8)}, ${instant(9)})
       on conflict (id) do update set state = excluded.state, comments = excluded.comments,
         changed_at = excluded.changed_at`,
      [
        id,
        after.useCaseId,
        after.subject.k,
        after.subject.id,
        after.s,
        after.comments.length,
        begin.by,
        begin.at,
        last.at,
      ],
    )
  },
}
