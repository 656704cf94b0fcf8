import { canary } from '../../governance/registry/index.ts'
import { actorText } from '../../kernel/index.ts'
import type { Aggregate } from '../command.ts'
import { instant } from '../sql.ts'

/** Stream `canary/<id>`. Where one was seen, the gateway's records say; here stands that the ledger knows. */
export const canaries: Aggregate<canary.State, canary.Command, canary.Event, canary.Context> = {
  name: 'canary',
  initial: canary.initial,
  decide: canary.decide,
  evolve: canary.evolve,
  project: async ({ tx, id, events }) => {
    for (const event of events) {
      if (event.e === 'guard.canary.issued') {
        const { deploymentId, place, label, digest, by, at } = event
        await tx.query(
          `insert into canaries (id, deployment_id, place, label, digest, issued_by, issued_at)
           values ($1, $2, $3, $4, $5, $6, ${instant(7)})`,
          [id, deploymentId, place, label, digest, actorText(by), at],
        )
      }
      if (event.e === 'guard.canary.retired')
        await tx.query(`update canaries set retired_at = ${instant(2)} where id = $1`, [id, event.at])
      if (event.e === 'guard.canary.leaked')
        await tx.query(
          'update canary_sightings set is_recorded = true where canary_id = $1 and deployment_id = $2',
          [id, event.seenIn],
        )
    }
  },
}
