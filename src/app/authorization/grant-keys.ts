import { grantKeys, issueTrustBundle, type TrustBundle } from '../../governance/authorization/index.ts'
import { AppError, epochMs } from '../../kernel/index.ts'
import type { JwsSigner } from '../../kernel/jws.ts'
import { keys } from '../aggregates/grants.ts'
import { runCommand, systemIssuer, type CommandPorts, type Issuer, type Work } from '../command.ts'
import type { Query } from '../ports/query.ts'
import { readState } from '../registry-views.ts'

/** The private halves: one for each published key, by its place in the row of keys. */
export type GrantKeyStore = {
  /** The signer and raw public key of the n-th key, made when it does not exist. */
  readonly open: (n: number) => { readonly signer: JwsSigner; readonly publicKey: string }
}

export type KeyPorts = CommandPorts & {
  readonly keyStore: GrantKeyStore
  readonly root: JwsSigner
  readonly grantIssuer: string
}

export type KeyRing = {
  /** The signer of now; throws `FAIL_CLOSED` when there is none. */
  readonly signer: JwsSigner
  readonly bundle: TrustBundle
  /** The bundle as the root key signed it. */
  readonly signedBundle: string
}

/**
 * Publishes the next grant key when it is due, and writes the trust bundle for the gateways. Run at start and from time
 * to time; doing it twice changes nothing.
 */
export function turnKeys(ports: KeyPorts): Promise<KeyRing> {
  return runCommand(ports, systemIssuer('timer', epochMs(0)), (work) => turn(ports, work))
}

/**
 * Ends the belief in a grant key at once: every grant that it has signed is refused from the next look at the trust
 * bundle on, the next key signs, and every running deployment gets a fresh grant of it.
 */
export function compromiseKey(ports: KeyPorts, issuer: Issuer, kid: string): Promise<KeyRing> {
  return runCommand(ports, issuer, async (work) => {
    await work.apply(keys, 'main', { c: 'compromise', kid }, contextOf(work))
    await work.tx.query('delete from grants')
    await work.tx.query(
      `insert into grant_due (deployment_id, due_at)
       select id, clock_timestamp() from deployments where op in ('shadow', 'canary', 'live')
       on conflict (deployment_id) do update set due_at = excluded.due_at`,
    )
    return turn(ports, work)
  })
}

/** Every grant key that there ever was, oldest first. */
export async function listKeys(query: Query): Promise<readonly grantKeys.Key[]> {
  const found = await readState<grantKeys.State>(query, 'grantKeys/main')
  return found?.state.keys ?? []
}

async function turn(ports: KeyPorts, work: Work): Promise<KeyRing> {
  const { now } = work
  const before = await work.load(keys, 'main')
  if (grantKeys.isDue(before.state, now)) {
    const { signer, publicKey } = ports.keyStore.open(before.state.keys.length)
    const command = { c: 'publish', kid: signer.kid, publicKey, custody: 'file' } as const
    await work.apply(keys, 'main', command, contextOf(work))
  }
  const { state } = await work.load(keys, 'main')
  const current = grantKeys.signingKey(state, now)
  const place = state.keys.findIndex(({ kid }) => kid === current?.kid)
  const opened = place < 0 ? null : ports.keyStore.open(place)
  if (opened === null || opened.publicKey !== current?.publicKey)
    throw new AppError('FAIL_CLOSED', 'the private half of the published grant key is not here')
  const bundle: TrustBundle = { v: 1, iss: ports.grantIssuer, keys: grantKeys.trustedKeys(state, now) }
  const signedBundle = issueTrustBundle(bundle, ports.root)
  await work.tx.query(
    `insert into settings (name, value) values ('trust_bundle', $1) on conflict (name) do update set value = excluded.value`,
    [signedBundle],
  )
  return { signer: opened.signer, bundle, signedBundle }
}

function contextOf({ now, issuer }: Work): grantKeys.Context {
  return { now, actor: issuer.actor }
}
