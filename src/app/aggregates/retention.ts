import { hold, redaction } from '../../governance/retention/index.ts'
import type { Aggregate } from '../command.ts'
import { instant } from '../sql.ts'

/** Stream `hold/<id>`. */
export const holds: Aggregate<hold.State, hold.Command, hold.Event, hold.Context> = {
  name: 'hold',
  initial: hold.initial,
  decide: hold.decide,
  evolve: hold.evolve,
  project: async ({ tx, id, after }) => {
    if (after.s === 'absent') return
    const { subject, placedBy, placedAt } = after
    const released = after.s === 'released' ? after : null
    await tx.query(
      `insert into holds (id, subject, person_id, use_case_id, placed_by, placed_at, released_by, released_at)
       values ($1, $2, $3, $4, $5, ${instant(6)}, $7, ${instant(8)})
       on conflict (id) do update set released_by = excluded.released_by, released_at = excluded.released_at`,
      [
        id,
        subject.k,
        subject.k === 'person' ? subject.id : null,
        subject.k === 'use_case' ? subject.id : null,
        placedBy,
        placedAt,
        released?.releasedBy ?? null,
        released?.releasedAt ?? null,
      ],
    )
  },
}

/** Stream `redaction/<id of the entry>`. The text itself is removed by the use case, where the ledger is. */
export const redactions: Aggregate<redaction.State, redaction.Command, redaction.Event, redaction.Context> = {
  name: 'redaction',
  initial: redaction.initial,
  decide: redaction.decide,
  evolve: redaction.evolve,
  project: async ({ tx, id, events }) => {
    for (const event of events)
      if (event.e === 'sealed.redaction_requested')
        await tx.query(
          `insert into redactions (entry_id, stream, kind, basis, state, requested_by, requested_at)
           values ($1, $2, $3, $4, 'requested', $5, ${instant(6)})`,
          [id, event.subject, event.kind, event.basis, event.by, event.at],
        )
      else
        await tx.query(
          `update redactions set state = 'redacted', redacted_by = $2, redacted_at = ${instant(3)} where entry_id = $1`,
          [id, event.by, event.at],
        )
  },
}
