import { grantKeys, issueTrustBundle, type TrustBundle } from '../../governance/authorization/index.ts'
import { AppError, epochMs } from '../../kernel/index.ts'
import type { JwsSigner } from '../../kernel/jws.ts'
import { keys } from '../aggregates/grants.ts'
import { runCommand, systemIssuer, type CommandPorts } from '../command.ts'

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
  return runCommand(ports, systemIssuer('timer', epochMs(0)), async (work) => {
    const { now } = work
    const before = await work.load(keys, 'main')
    if (grantKeys.isDue(before.state, now)) {
      const { signer, publicKey } = ports.keyStore.open(before.state.keys.length)
      const command = { c: 'publish', kid: signer.kid, publicKey, custody: 'file' } as const
      await work.apply(keys, 'main', command, { now })
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
  })
}
