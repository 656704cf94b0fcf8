import type { BoundProof, Digest, UserId } from '../../kernel/index.ts'
import { verifyAssertion } from '../../kernel/passkey.ts'
import type { Entry, World } from './world.ts'

/**
 * Checks that `who` signed exactly `document` with a passkey that was registered for them, and not removed, before this
 * entry. All passkeys of an installation are made for one domain; which one, nobody can know without a server.
 */
export function checkProof(
  world: World,
  entry: Entry,
  who: UserId,
  document: Digest,
  proof: BoundProof | null,
): boolean {
  world.counts.signed += 1
  if (proof === null) return entry.must(false, 'PROOF_MISSING', `a passkey's signature of ${who}`, 'none')
  if (!entry.must(proof.document === document, 'PROOF_OF_OTHER_DOCUMENT', document, proof.document))
    return false
  const known = world.people.get(who)
  const credentials = known === undefined || known.s === 'absent' ? [] : known.credentials
  const passkey = credentials.find(
    (credential) => credential.kind === 'passkey' && credential.credentialDigest === proof.credentialId,
  )
  if (passkey?.kind !== 'passkey')
    return entry.must(false, 'PASSKEY_UNKNOWN', `a registered passkey of ${who}`, proof.credentialId)
  const result = verifyAssertion(proof.assertion, document, passkey.publicKey)
  if (!result.ok) return entry.must(false, 'ASSERTION', `a signature by the passkey of ${who}`, result.fault)
  world.rpIdHash ??= result.rpIdHash
  if (!entry.must(result.rpIdHash === world.rpIdHash, 'RELYING_PARTY', world.rpIdHash, result.rpIdHash))
    return false
  world.counts.verified += 1
  return true
}
