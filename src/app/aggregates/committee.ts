import { charter, condition, reviewCase } from '../../governance/committee/index.ts'
import type { UserId } from '../../kernel/index.ts'
import type { Aggregate } from '../command.ts'
import type { Tx } from '../ports/unit-of-work.ts'
import { instant } from '../sql.ts'

/** Stream `charter/main`: all charters of the installation, their delegations and declared interests. */
export const charters: Aggregate<charter.State, charter.Command, charter.Event, charter.Context> = {
  name: 'charter',
  initial: charter.initial,
  decide: charter.decide,
  evolve: charter.evolve,
  project: async () => undefined,
}
export const charterId = 'main'

/** Stream `case/<id>`. */
export const cases: Aggregate<reviewCase.State, reviewCase.Command, reviewCase.Event, reviewCase.Context> = {
  name: 'case',
  initial: reviewCase.initial,
  decide: reviewCase.decide,
  evolve: reviewCase.evolve,
  project: async ({ tx, id, after, events }) => {
    if (after.s === 'absent') return
    const { subject } = after
    await tx.query(
      `insert into cases (id, use_case_id, system_id, deployment_id, release, environment, kind, tier, state,
         subject_digest, deadline_at, opened_at, waiver_id)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, ${instant(11)}, ${instant(12)}, $13)
       on conflict (id) do update set state = excluded.state, subject_digest = excluded.subject_digest`,
      [
        id,
        subject.useCaseId,
        subject.systemId,
        subject.deploymentId,
        subject.release,
        subject.environment,
        subject.kind,
        after.tier,
        after.s,
        after.subjectDigest,
        after.deadline,
        after.openedAt,
        subject.kind === 'waiver' ? (subject.waiver?.id ?? null) : null,
      ],
    )
    for (const event of events) {
      switch (event.e) {
        case 'case.opened':
          for (const candidate of event.roster.flatMap((entry) => entry.candidates))
            await keepConflicts(tx, id, candidate)
          break
        case 'candidate.disqualified':
          await keepConflicts(tx, id, event)
          break
        case 'ballot.voided':
          await tx.query('update ballots set is_live = false where id = $1', [event.ballotId])
          break
        case 'ballot.cast': {
          const { ballot, supersedes } = event
          if (supersedes !== null)
            await tx.query('update ballots set is_live = false where id = $1', [supersedes])
          await tx.query(
            `insert into ballots (id, case_id, fn, person_id, choice, subject_digest, supersedes, is_live, cast_at)
             values ($1, $2, $3, $4, $5, $6, $7, true, ${instant(8)})`,
            [
              ballot.id,
              id,
              ballot.fn,
              ballot.by,
              ballot.choice,
              ballot.subjectDigest,
              supersedes,
              ballot.castAt,
            ],
          )
          break
        }
        case 'decision.recorded': {
          const { decision } = event
          await tx.query(
            `insert into decisions (id, case_id, outcome, use_case_id, system_id, environment, release, not_before_at,
               expires_at, decided_at)
             values ($1, $2, $3, $4, $5, $6, $7, ${instant(8)}, ${instant(9)}, ${instant(10)})`,
            [
              decision.id,
              id,
              decision.outcome,
              subject.useCaseId,
              subject.systemId,
              subject.environment,
              subject.release,
              decision.notBefore,
              decision.expiresAt,
              decision.decidedAt,
            ],
          )
          break
        }
        case 'decision.revoked':
          await tx.query(
            `insert into decision_revocations (decision_id, revoked_at) values ($1, ${instant(2)})`,
            [event.decisionId, event.at],
          )
          break
        default:
          break // the row of the case says the rest
      }
    }
  },
}

async function keepConflicts(
  tx: Tx,
  caseId: string,
  { person, conflicts }: { readonly person: UserId; readonly conflicts: readonly string[] },
): Promise<void> {
  for (const code of conflicts)
    await tx.query('insert into case_conflicts (case_id, person_id, code) values ($1, $2, $3)', [
      caseId,
      person,
      code,
    ])
}

/** Stream `condition/<id>`. */
export const conditions: Aggregate<condition.State, condition.Command, condition.Event, condition.Context> = {
  name: 'condition',
  initial: condition.initial,
  decide: condition.decide,
  evolve: condition.evolve,
  project: async ({ tx, id, after }) => {
    if (after.s === 'absent') return
    const { terms } = after
    await tx.query(
      `insert into conditions (id, decision_id, use_case_id, phase, state, owner_id, due_at, attested_by)
       select $1, $2, c.use_case_id, $3, $4, $5, ${instant(6)}, $7 from cases c where c.id = $8
       on conflict (id) do update set state = excluded.state, attested_by = excluded.attested_by`,
      [
        id,
        terms.decisionId,
        terms.phase,
        after.s,
        terms.owner,
        terms.due,
        after.s === 'met' ? after.by : null,
        terms.caseId,
      ],
    )
  },
}
