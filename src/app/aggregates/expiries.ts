import { expiry } from '../../governance/authorization/index.ts'
import type { Aggregate } from '../command.ts'
import { instant } from '../sql.ts'

const kindOf = {
  'decision.reminder_due': 'decision',
  'decision.expired': 'decision',
  'waiver.expired': 'waiver',
  'condition.breached': 'condition',
  'tier.override_expired': 'tier_override',
} as const satisfies Record<expiry.Event['e'], expiry.Subject['k']>

/** Stream `expiry/<id of what ends>`, beside the stream of the thing itself, which these facts do not change. */
export const expiries: Aggregate<expiry.State, expiry.Command, expiry.Event, expiry.Context> = {
  name: 'expiry',
  initial: expiry.initial,
  decide: expiry.decide,
  evolve: expiry.evolve,
  project: async ({ tx, id, after, events }) => {
    const last = events.at(-1)
    if (after.s === 'absent' || last === undefined) return
    await tx.query(
      `insert into expiries (id, kind, ends_at, days_left, is_over) values ($1, $2, ${instant(3)}, $4, $5)
       on conflict (id) do update set ends_at = excluded.ends_at, days_left = excluded.days_left, is_over = excluded.is_over`,
      [id, kindOf[last.e], after.endsAt, after.s === 'reminded' ? after.daysLeft : null, after.s === 'ended'],
    )
  },
}
