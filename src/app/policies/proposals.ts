import {
  faultsInDraft,
  publication,
  type DocumentKind,
  type QuestionLogic,
  type Standing,
} from '../../governance/policies/index.ts'
import { AppError, type Digest, type JsonObject } from '../../kernel/index.ts'
import { charterId, charters } from '../aggregates/committee.ts'
import { publicationId, publications } from '../aggregates/policies.ts'
import { runCommand, type CommandPorts, type Issuer, type Work } from '../command.ts'
import { boundIssuer } from '../identity/bound-proof.ts'
import { isBootstrap } from '../identity/bootstrap.ts'
import type { IdentityPorts } from '../identity/ports.ts'
import { requireLedger } from '../ledger-health.ts'
import type { Catalogue } from '../ports/catalogue.ts'
import type { Query } from '../ports/query.ts'
import { documentsOf, headsInForce, policiesLock } from './in-force.ts'
import { proposalPlace } from './views.ts'

export type PolicyPorts = Pick<IdentityPorts, keyof CommandPorts | 'query' | 'passkeys'> & {
  readonly catalogue: Catalogue
}

export type PolicyPlace = { readonly kind: DocumentKind; readonly key: string }

/** Proposes the organisation's own next version of a document. `NOT_FOUND` where no document has this key. */
export function proposePolicy(
  ports: PolicyPorts,
  issuer: Issuer,
  place: PolicyPlace,
  document: JsonObject,
): Promise<{ readonly digest: Digest; readonly version: number }> {
  return runCommand(ports, issuer, async (work) => {
    const context = await contextOf(ports, work, place)
    const id = publicationId(place.kind, place.key)
    if ((await work.load(publications, id)).state.versions.length === 0) throw new AppError('NOT_FOUND')
    if (await isBootstrap((sql, params) => work.tx.query(sql, params)))
      throw new AppError('REFUSED', undefined, { reasons: [{ code: 'BOOTSTRAP_MODE', params: {} }] })
    const { state } = await work.apply(publications, id, { c: 'propose', document }, context)
    const proposal = state.proposals.at(-1)
    if (proposal === undefined) throw new Error('a proposal was recorded')
    return { digest: proposal.digest, version: proposal.version }
  })
}

export type SignatureOf = { readonly assertion?: unknown } & (
  | { readonly c: 'sign' }
  | { readonly c: 'object'; readonly reason: string }
)

/**
 * Signs for a proposal, or objects to it, with the caller's passkey. Without an assertion the problem says what to sign.
 * The last needed signature publishes; the objection of a function with a veto ends the proposal.
 */
export async function signPolicy(
  ports: PolicyPorts,
  issuer: Issuer,
  digest: Digest,
  { assertion, ...command }: SignatureOf,
): Promise<publication.Proposal> {
  const place = await proposalPlace(ports.query, digest)
  const choice = command.c === 'sign' ? 'approve' : 'object'
  const proven = await boundIssuer(ports, issuer, publication.policyDocument(digest, choice), assertion)
  return commandProposal(ports, proven, place, { ...command, digest })
}

/** Takes a proposal back: its proposer. */
export async function withdrawPolicy(
  ports: PolicyPorts,
  issuer: Issuer,
  digest: Digest,
): Promise<publication.Proposal> {
  const place = await proposalPlace(ports.query, digest)
  return commandProposal(ports, issuer, place, { c: 'withdraw', digest })
}

function commandProposal(
  ports: PolicyPorts,
  issuer: Issuer,
  place: PolicyPlace,
  command: Exclude<publication.Command, { readonly c: 'publish' | 'propose' }>,
): Promise<publication.Proposal> {
  return runCommand(ports, issuer, async (work) => {
    const context = await contextOf(ports, work, place)
    if (command.c === 'sign') await requireLedger(work)
    const id = publicationId(place.kind, place.key)
    const { state } = await work.apply(publications, id, command, context)
    const proposal = state.proposals.find((item) => item.digest === command.digest)
    if (proposal === undefined) throw new AppError('NOT_FOUND')
    return proposal
  })
}

/** INVARIANT: the lock comes first. Whoever decides by policies holds it shared, and may then ask for the charter. */
async function contextOf(ports: PolicyPorts, work: Work, place: PolicyPlace): Promise<publication.Context> {
  await work.tx.lockStreams([policiesLock])
  const { state } = await work.load(charters, charterId)
  const standing = await standingOf(ports, work)
  return {
    now: work.now,
    actor: work.issuer.actor,
    authn: work.issuer.authn,
    ...place,
    charters: state,
    faultsIn: (document) => faultsInDraft(place.kind, document, standing),
  }
}

async function standingOf({ catalogue }: PolicyPorts, work: Work): Promise<Standing> {
  const query: Query = (sql, params) => work.tx.query(sql, params)
  const inForce = await documentsOf(query, await headsInForce(query))
  if (inForce === null) throw new AppError('FAIL_CLOSED', 'the policies in force cannot be read')
  const asked = await query<{ document: QuestionLogic }>(
    `select document from policies where kind = 'questionnaire' order by version`,
  )
  return { inForce, shipped: catalogue, questionnaires: asked.map(({ document }) => document) }
}
