import { gateRecord, grantKeys, grantRenewals, grantSeries } from '../../governance/authorization/index.ts'
import { actorText } from '../../kernel/index.ts'
import type { Aggregate } from '../command.ts'
import { instant } from '../sql.ts'

/** Stream `grantSeries/<deployment id>`. Tokens are no facts: they stand in a table of the issuer. */
export const series: Aggregate<
  grantSeries.State,
  grantSeries.Command,
  grantSeries.Event,
  grantSeries.Context
> = {
  name: 'grantSeries',
  initial: grantSeries.initial,
  decide: grantSeries.decide,
  evolve: grantSeries.evolve,
  project: async () => undefined,
}

/** Stream `grantRenewals/main`. */
export const renewals: Aggregate<
  grantRenewals.State,
  grantRenewals.Command,
  grantRenewals.Event,
  grantRenewals.Context
> = {
  name: 'grantRenewals',
  initial: grantRenewals.initial,
  decide: grantRenewals.decide,
  evolve: grantRenewals.evolve,
  project: async () => undefined,
}

/** Stream `gate/<deployment id>`. */
export const gateRecords: Aggregate<
  gateRecord.State,
  gateRecord.Command,
  gateRecord.Event,
  gateRecord.Context
> = {
  name: 'gate',
  initial: gateRecord.initial,
  decide: gateRecord.decide,
  evolve: gateRecord.evolve,
  project: async ({ tx, id, before, events }) => {
    for (const [i, event] of events.entries()) {
      const { releaseDigest, environment, verdict, reasonCodes, receiptDigest, commit, by, at } = event
      await tx.query(
        `insert into gate_evaluations (id, at, deployment_id, release, environment, verdict, codes, commit_ref, actor, receipt_digest)
         values ($1, ${instant(2)}, $3, $4, $5, $6, $7, $8, $9, $10)`,
        [
          `${id}/${before.evaluations + i + 1}`,
          at,
          id,
          releaseDigest,
          environment,
          verdict,
          reasonCodes,
          commit,
          actorText(by),
          receiptDigest,
        ],
      )
    }
  },
}

/** Stream `grantKeys/main`. */
export const keys: Aggregate<grantKeys.State, grantKeys.Command, grantKeys.Event, grantKeys.Context> = {
  name: 'grantKeys',
  initial: grantKeys.initial,
  decide: grantKeys.decide,
  evolve: grantKeys.evolve,
  project: async () => undefined,
}
