import { thread, undelivered, webhook } from '../../governance/collaboration/index.ts'
import { actorText } from '../../kernel/index.ts'
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

/** Stream `webhook/<id>`. Its address and sealed secrets are written beside it by the use case: no event carries them. */
export const webhooks: Aggregate<webhook.State, webhook.Command, webhook.Event, webhook.Context> = {
  name: 'webhook',
  initial: webhook.initial,
  decide: webhook.decide,
  evolve: webhook.evolve,
  project: async ({ tx, id, events }) => {
    for (const event of events) {
      if (event.e === 'webhook.registered')
        await tx.query(
          `insert into webhooks (id, kinds, private_cidrs, created_by, created_at)
           values ($1, $2, $3, $4, ${instant(5)})`,
          [id, event.kinds, event.privateCidrs, actorText(event.by), event.at],
        )
      if (event.e === 'webhook.changed')
        await tx.query('update webhooks set kinds = $2 where id = $1', [id, event.kinds])
      if (event.e === 'webhook.moved')
        await tx.query('update webhooks set private_cidrs = $2 where id = $1', [id, event.privateCidrs])
      if (event.e === 'webhook.disabled')
        await tx.query(`update webhooks set disabled_at = ${instant(2)}, disabled_cause = $3 where id = $1`, [
          id,
          event.at,
          event.cause,
        ])
    }
  },
}

/** Stream `delivery/<id>`: only of what failed for good. The delivery itself is working data. */
export const undeliveredNotices: Aggregate<
  undelivered.State,
  undelivered.Command,
  undelivered.Event,
  undelivered.Context
> = {
  name: 'delivery',
  initial: undelivered.initial,
  decide: undelivered.decide,
  evolve: undelivered.evolve,
  project: async () => undefined,
}
