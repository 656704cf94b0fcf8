import { override, waiver } from '../../governance/authorization/index.ts'
import type { Aggregate } from '../command.ts'
import { instant } from '../sql.ts'

/** Stream `override/<id>`. */
export const overrides: Aggregate<override.State, override.Command, override.Event, override.Context> = {
  name: 'override',
  initial: override.initial,
  decide: override.decide,
  evolve: override.evolve,
  project: async ({ tx, id, after }) => {
    if (after.s === 'absent') return
    if (after.s === 'withdrawn') {
      await tx.query('update overrides set state = $2 where id = $1', [id, after.s])
      return
    }
    const active = after.s === 'requested' ? null : after
    await tx.query(
      `insert into overrides (id, deployment_id, state, requested_by, seconded_by, renewed_by, reviewed_by, expires_at, review_due_at)
       values ($1, $2, $3, $4, $5, $6, $7, ${instant(8)}, ${instant(9)})
       on conflict (id) do update set state = excluded.state, seconded_by = excluded.seconded_by,
         renewed_by = excluded.renewed_by, reviewed_by = excluded.reviewed_by, expires_at = excluded.expires_at, review_due_at = excluded.review_due_at`,
      [
        id,
        after.terms.deploymentId,
        after.s,
        after.requested.person,
        active?.seconded.person ?? null,
        active?.renewedBy ?? null,
        after.s === 'reviewed' ? after.reviewedBy : null,
        active?.expiresAt ?? null,
        active?.reviewDue ?? null,
      ],
    )
  },
}

/** Stream `waiver/<id>`. */
export const waivers: Aggregate<waiver.State, waiver.Command, waiver.Event, waiver.Context> = {
  name: 'waiver',
  initial: waiver.initial,
  decide: waiver.decide,
  evolve: waiver.evolve,
  project: async ({ tx, id, after }) => {
    if (after.s === 'absent') return
    if (!('acceptances' in after)) {
      await tx.query('update waivers set state = $2 where id = $1', [id, after.s])
      return
    }
    await tx.query(
      `insert into waivers (id, use_case_id, state, requested_by, accepted_by, expires_at)
       values ($1, $2, $3, $4, $5, ${instant(6)})
       on conflict (id) do update set state = excluded.state, requested_by = excluded.requested_by,
         accepted_by = excluded.accepted_by, expires_at = excluded.expires_at`,
      [
        id,
        after.terms.scope.useCaseId,
        after.s,
        after.by,
        after.acceptances.map(({ by }) => by),
        waiver.standingOf(after)?.expiresAt ?? null,
      ],
    )
  },
}
