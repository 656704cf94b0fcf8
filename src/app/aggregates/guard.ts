import { allowance, feedback, feedbackExport, guardModel, guardPolicy } from '../../governance/guard/index.ts'
import { actorText } from '../../kernel/index.ts'
import type { Aggregate } from '../command.ts'
import type { Tx } from '../ports/unit-of-work.ts'
import { instant } from '../sql.ts'

/** The id of the one guard policy of an organisation. */
export const guardPolicyId = 'organisation'

/** Stream `guardPolicy/organisation`: all versions of the guard policy. */
export const guardPolicies: Aggregate<
  guardPolicy.State,
  guardPolicy.Command,
  guardPolicy.Event,
  guardPolicy.Context
> = {
  name: 'guardPolicy',
  initial: guardPolicy.initial,
  decide: guardPolicy.decide,
  evolve: guardPolicy.evolve,
  project: async ({ tx, events }) => {
    for (const event of events) await projectPolicy(tx, event)
  },
}

async function projectPolicy(tx: Tx, event: guardPolicy.Event): Promise<void> {
  const { version, at } = event
  const by = actorText(event.by)
  switch (event.e) {
    case 'guard.policy.drafted':
      await tx.query(
        `insert into guard_policies (version, stage, policy, drafted_by, drafted_at)
         values ($1, 'draft', $2::jsonb, $3, ${instant(4)})
         on conflict (version) do update set policy = excluded.policy, drafted_by = excluded.drafted_by,
           drafted_at = excluded.drafted_at`,
        [version, JSON.stringify(event.policy), by, at],
      )
      return
    case 'guard.policy.discarded':
      await tx.query(`delete from guard_policies where version = $1 and stage = 'draft'`, [version])
      return
    case 'guard.policy.shadowed':
      await tx.query(
        `update guard_policies set stage = 'shadow', policy = $2::jsonb, digest = $3, ground = $4, effect = $5::jsonb,
           shadowed_by = $6, shadowed_at = ${instant(7)} where version = $1`,
        [
          version,
          JSON.stringify(event.policy),
          event.digest,
          event.ground,
          JSON.stringify(event.effect),
          by,
          at,
        ],
      )
      return
    case 'guard.policy.activated':
      await tx.query(
        `update guard_policies set stage = 'active', policy = $2::jsonb, digest = $3, strictness = $4, activated_by = $5,
           activated_at = ${instant(6)} where version = $1`,
        [version, JSON.stringify(event.policy), event.digest, event.strictness, by, at],
      )
      return
    case 'guard.policy.retired':
      await tx.query(
        `update guard_policies set stage = 'retired', retired_at = ${instant(2)}, replaced_by = $3 where version = $1`,
        [version, at, event.replacedBy],
      )
  }
}

/** Stream `guardAllowance/<deployment>`: which texts pass there, told to those who answer for it. */
export const guardAllowances: Aggregate<
  allowance.State,
  allowance.Command,
  allowance.Event,
  allowance.Context
> = {
  name: 'guardAllowance',
  initial: allowance.initial,
  decide: allowance.decide,
  evolve: allowance.evolve,
  project: async ({ tx, events }) => {
    for (const event of events) {
      const { deploymentId, channel, rule, window, until } = event
      if (event.e === 'guard.allow_entry.added')
        await tx.query(
          `insert into guard_allowances (deployment_id, channel, rule, "window", until_at, version)
           values ($1, $2, $3, $4, ${instant(5)}, $6)`,
          [deploymentId, channel, rule, window, until, event.version],
        )
      else
        await tx.query(
          'delete from guard_allowances where deployment_id = $1 and channel = $2 and rule = $3 and "window" = $4',
          [deploymentId, channel, rule, window],
        )
    }
  },
}

/** Stream `guardFeedback/<record>`: what analysts say of the findings of one record. */
export const guardFeedback: Aggregate<feedback.State, feedback.Command, feedback.Event, feedback.Context> = {
  name: 'guardFeedback',
  initial: feedback.initial,
  decide: feedback.decide,
  evolve: feedback.evolve,
  project: async ({ tx, events }) => {
    for (const event of events) {
      const { recordId, finding, deploymentId, rule, kind, channel, window, zMilli, mark, reason, at } = event
      await tx.query(
        `insert into guard_feedback (record_id, finding, deployment_id, rule, kind, channel, "window", z_milli, mark, reason,
           marked_by, marked_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, ${instant(12)})
         on conflict (record_id, finding) do update set mark = excluded.mark, reason = excluded.reason,
           marked_by = excluded.marked_by, marked_at = excluded.marked_at`,
        [
          recordId,
          finding,
          deploymentId,
          rule,
          kind,
          channel,
          window,
          zMilli,
          mark,
          reason,
          actorText(event.by),
          at,
        ],
      )
    }
  },
}

/** Stream `guardExport/<deployment>`: who has agreed that marked texts leave it, and who has taken them. */
export const guardExports: Aggregate<
  feedbackExport.State,
  feedbackExport.Command,
  feedbackExport.Event,
  feedbackExport.Context
> = {
  name: 'guardExport',
  initial: feedbackExport.initial,
  decide: feedbackExport.decide,
  evolve: feedbackExport.evolve,
  project: async ({ tx, events }) => {
    for (const event of events) await projectExport(tx, event)
  },
}

async function projectExport(tx: Tx, event: feedbackExport.Event): Promise<void> {
  const { deploymentId, at } = event
  const by = actorText(event.by)
  if (event.e === 'guard.export.consented') {
    await tx.query(
      `insert into guard_export_consents (deployment_id, given_by, given_at, until_at)
       values ($1, $2, ${instant(3)}, ${instant(4)})
       on conflict (deployment_id) do update set given_by = excluded.given_by, given_at = excluded.given_at,
         until_at = excluded.until_at`,
      [deploymentId, by, at, event.until],
    )
    return
  }
  await tx.query('delete from guard_export_consents where deployment_id = $1', [deploymentId])
  if (event.e !== 'guard.feedback.exported') return
  const { consent, sha256, rows, leftOut } = event
  await tx.query(
    `insert into guard_exports (deployment_id, exported_at, exported_by, consent_by, consent_at, sha256, row_count, left_out)
     values ($1, ${instant(2)}, $3, $4, ${instant(5)}, $6, $7, $8::jsonb)`,
    [deploymentId, at, by, consent.by, consent.at, sha256, rows, JSON.stringify(leftOut)],
  )
}

/** Stream `guardModel/<digest>`: weights of the scorer that this installation has read with. */
export const guardModels: Aggregate<
  guardModel.State,
  guardModel.Command,
  guardModel.Event,
  guardModel.Context
> = {
  name: 'guardModel',
  initial: guardModel.initial,
  decide: guardModel.decide,
  evolve: guardModel.evolve,
  project: async ({ tx, events }) => {
    for (const { digest, header, at } of events)
      await tx.query(
        `insert into guard_models (digest, header, registered_at) values ($1, $2::jsonb, ${instant(3)})`,
        [digest, JSON.stringify(header), at],
      )
  },
}
