import { check, review } from '../../governance/reviews/index.ts'
import type { Aggregate } from '../command.ts'
import { instant } from '../sql.ts'

/** Stream `review/<id>`. */
export const reviews: Aggregate<review.State, review.Command, review.Event, review.Context> = {
  name: 'review',
  initial: review.initial,
  decide: review.decide,
  evolve: review.evolve,
  project: async ({ tx, id, after, now }) => {
    if (after.s === 'absent') return
    await tx.query(
      `insert into reviews (id, use_case_revision, release, kind, state, lead_id, due_at, created_at, use_case_id, signed_by)
       values ($1, $2, $3, $4, $5, $6, ${instant(7)}, ${instant(8)}, $9, $10)
       on conflict (id) do update set use_case_revision = excluded.use_case_revision, release = excluded.release,
         state = excluded.state, lead_id = excluded.lead_id, due_at = excluded.due_at,
         signed_by = excluded.signed_by`,
      [
        id,
        after.subject.useCaseRevision,
        after.subject.release,
        after.kind,
        after.s,
        after.lead,
        after.due,
        now,
        after.useCaseId,
        review.signerOf(after),
      ],
    )
  },
}

/** Stream `check/<check id>:<environment>:<release>`: one record a check, replaced by each later result. */
export const checks: Aggregate<check.State, check.Command, check.Event, check.Context> = {
  name: 'check',
  initial: check.initial,
  decide: check.decide,
  evolve: check.evolve,
  project: async ({ tx, id, after, now }) => {
    if (after.s === 'absent') return
    await tx.query(
      `insert into checks (id, check_id, release, environment, result, valid_until_at, recorded_at)
       values ($1, $2, $3, $4, $5, ${instant(6)}, ${instant(7)})
       on conflict (id) do update set result = excluded.result, valid_until_at = excluded.valid_until_at,
         recorded_at = excluded.recorded_at`,
      [id, after.checkId, after.release, after.environment, after.result, after.validUntil, now],
    )
  },
}

/** Id of the stream of one check. */
export function checkStreamId(key: Pick<check.CheckResult, 'checkId' | 'release' | 'environment'>): string {
  return `${key.checkId}:${key.environment}:${key.release}`
}
