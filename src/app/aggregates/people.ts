import { disclosure, person } from '../../governance/people/index.ts'
import type { CredentialId } from '../../kernel/index.ts'
import type { Aggregate } from '../command.ts'
import type { Tx } from '../ports/unit-of-work.ts'
import { instant } from '../sql.ts'

const endsCredentials: readonly person.Event['e'][] = [
  'person.erased',
  'credential.recovered',
  'installation.recovered',
]
const endsSessions: readonly person.Event['e'][] = ['person.suspended', ...endsCredentials]

/** Stream `disclosure/<person or service>`: who opened or exported what. The ledger holds it; nothing is projected. */
export const disclosures: Aggregate<
  disclosure.State,
  disclosure.Command,
  disclosure.Event,
  disclosure.Context
> = {
  name: 'disclosure',
  initial: disclosure.initial,
  decide: disclosure.decide,
  evolve: disclosure.evolve,
  project: async () => undefined,
}

/** Stream `person/<id>`. Name and address are written from the sealed half of the enrolment and nulled by erasure. */
export const people: Aggregate<person.State, person.Command, person.Event, person.Context> = {
  name: 'person',
  initial: person.initial,
  decide: person.decide,
  evolve: person.evolve,
  project: async ({ tx, id, before, after, events, now }) => {
    if (after.s === 'absent') return
    for (const event of events) {
      if (event.e === 'person.enrolled')
        await tx.query(
          `insert into people (id, unit_id, state, name, email, created_at) values ($1, $2, 'active', $3, $4, ${instant(5)})`,
          [id, event.unit, event.sealed.name, event.sealed.email, now],
        )
      if (event.e === 'credential.removed') await forgetCredential(tx, before, event.credentialId)
      if (endsSessions.includes(event.e))
        await tx.query('update sessions set ended_at = now() where person_id = $1 and ended_at is null', [id])
      if (endsCredentials.includes(event.e)) {
        await tx.query('delete from credentials where person_id = $1', [id])
        await tx.query('delete from recovery_codes where person_id = $1', [id])
        await tx.query('delete from challenges where person_id = $1', [id])
        await tx.query(
          'update enrolment_tokens set used_at = now() where person_id = $1 and used_at is null',
          [id],
        )
      }
      if (event.e === 'person.erased') {
        await tx.query(
          `delete from login_failures where subject in (
             select 'account:' || lower(email) from people where id = $1 union select 'account:' || $1)`,
          [id],
        )
        await tx.query(
          `update ledger.payload set personal = null, personal_key = null
           where event_id in (select id from ledger.entry where stream = $1) and personal is not null`,
          [`person/${id}`],
        )
      }
    }
    await tx.query(
      `update people set unit_id = $2, state = $3, is_admin = $4,
         name = case when $3 = 'erased' then null else name end,
         email = case when $3 = 'erased' then null else email end
       where id = $1`,
      [id, after.unit, after.s, after.grants.some(({ role }) => role === 'admin')],
    )
  },
}

async function forgetCredential(tx: Tx, before: person.State, id: CredentialId): Promise<void> {
  if (before.s === 'absent') return
  const kind = before.credentials.find((credential) => credential.id === id)?.kind
  if (kind === 'recovery_codes')
    await tx.query('delete from recovery_codes where person_id = $1', [before.id])
  else await tx.query('delete from credentials where id = $1 and person_id = $2', [id, before.id])
}
