import { serviceAccount } from '../../governance/people/index.ts'
import type { Aggregate } from '../command.ts'
import { instant } from '../sql.ts'

/** Stream `service/<id>`, with the keys of the account. */
export const serviceAccounts: Aggregate<
  serviceAccount.State,
  serviceAccount.Command,
  serviceAccount.Event,
  serviceAccount.Context
> = {
  name: 'service',
  initial: serviceAccount.initial,
  decide: serviceAccount.decide,
  evolve: serviceAccount.evolve,
  project: async ({ tx, id, events, now }) => {
    for (const event of events) {
      if (event.e === 'service_account.created')
        await tx.query(
          `insert into service_accounts (id, name, state, permissions, use_case_id, cidrs, created_by, created_at)
           values ($1, $2, 'active', $3, $4, $5::text[]::cidr[], $6, ${instant(7)})`,
          [id, event.sealed.name, event.permissions, event.useCaseId, event.cidrs, event.by, now],
        )
      if (event.e === 'api_key.issued')
        await tx.query(
          `insert into api_keys (id, service_id, secret_digest, issued_by, issued_at, expires_at)
           values ($1, $2, $3, $4, ${instant(5)}, ${instant(6)})`,
          [event.keyId, id, event.secretDigest, event.by, event.at, event.expiresAt],
        )
      if (event.e === 'service_account.disabled')
        await tx.query(`update service_accounts set state = 'disabled' where id = $1`, [id])
      if (event.e === 'api_key.revoked')
        await tx.query(`update api_keys set revoked_at = ${instant(3)} where id = $1 and service_id = $2`, [
          event.keyId,
          id,
          now,
        ])
    }
  },
}
