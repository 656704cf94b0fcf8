import {
  digestOf,
  refuse,
  unless,
  unreachable,
  type Actor,
  type AuthnContext,
  type BoundProof,
  type Decided,
  type Digest,
  type EpochMs,
  type Fn,
  type JsonObject,
  type Reason,
  type UserId,
} from '../../kernel/index.ts'
import {
  charter,
  signatureFaults,
  signingFunction,
  tallySignatures,
  type SignatureChoice,
  type SignatureFault,
  type Tally,
  type Vote,
} from '../committee/index.ts'
import type { DocumentKind } from './document-set.ts'
import type { DraftFault } from './draft.ts'

/** One version of a document, whole: who holds the ledger recomputes with exactly this. */
export type Publication = {
  readonly kind: DocumentKind
  readonly key: string
  readonly version: number
  readonly digest: Digest
  readonly document: JsonObject
  /** What people read of a questionnaire; no part of what decides, so no part of `document` and its digest. */
  readonly labels?: JsonObject
}

/** `document` as it is published. */
export function publicationOf(
  kind: DocumentKind,
  key: string,
  version: number,
  document: JsonObject,
): Publication {
  const { labels, ...logic } = document
  if (kind !== 'questionnaire' || labels === undefined)
    return { kind, key, version, digest: digestOf(document), document }
  return { kind, key, version, digest: digestOf(logic), document: logic, labels: labels as JsonObject } // parsed before
}

/** An organisation's own next version, while it is signed and after. */
export type Proposal = {
  readonly s: 'open' | 'published' | 'rejected' | 'withdrawn' | 'superseded'
  readonly digest: Digest
  readonly version: number
  readonly by: UserId
  readonly at: EpochMs
  readonly votes: readonly Vote[]
  /** Kept while it is open; after that the ledger has it. */
  readonly document: JsonObject | null
}

/** Every version of one document. One that was proposed is the organisation's own, the others came with the product. */
export type State = {
  readonly versions: readonly {
    readonly version: number
    readonly digest: Digest
    readonly proposal?: Digest
  }[]
  readonly proposals: readonly Proposal[]
}
export const initial: State = { versions: [], proposals: [] }

export type Command =
  | { readonly c: 'publish'; readonly publication: Publication }
  | { readonly c: 'propose'; readonly document: JsonObject }
  | { readonly c: 'sign'; readonly digest: Digest }
  | { readonly c: 'object'; readonly digest: Digest; readonly reason: string }
  | { readonly c: 'withdraw'; readonly digest: Digest }

type About = { readonly kind: DocumentKind; readonly key: string; readonly at: EpochMs }
type Signed = About & {
  readonly digest: Digest
  readonly by: UserId
  readonly fn: Fn
  readonly proof: BoundProof
}
export type Event =
  | {
      readonly e: `${DocumentKind}.published`
      readonly key: string
      readonly version: number
      readonly digest: Digest
      readonly previousDigest: Digest | null
      readonly document: JsonObject
      readonly labels?: JsonObject
      /** The proposal that was ratified; absent from what came with the product. */
      readonly proposal?: Digest
      readonly by: Actor
      readonly at: EpochMs
    }
  | (About & {
      readonly e: 'policy.proposed'
      readonly digest: Digest
      readonly version: number
      readonly document: JsonObject
      readonly by: UserId
    })
  | (Signed & { readonly e: 'policy.signed' })
  | (Signed & { readonly e: 'policy.objected'; readonly sealed?: JsonObject })
  | (About & { readonly e: 'policy.rejected'; readonly digest: Digest; readonly vetoes: readonly Fn[] })
  | (About & { readonly e: 'policy.withdrawn'; readonly digest: Digest; readonly by: UserId })

export type Context = {
  readonly now: EpochMs
  readonly actor: Actor
  readonly authn: AuthnContext
  readonly kind: DocumentKind
  readonly key: string
  readonly charters: charter.State
  /** What speaks against a document at this moment. */
  readonly faultsIn: (document: JsonObject) => readonly DraftFault[]
}
export type Refusal =
  | DraftFault
  | SignatureFault
  | Reason<'VERSION_PUBLISHED', { version: number; digest: Digest }>
  | Reason<'VERSION_NOT_NEXT', { newest: number }>
  | Reason<'KEY_DIFFERS', { key: string }>
  | Reason<'PROPOSAL_CLOSED', { state: Proposal['s'] }>
  | Reason<'TOO_MANY_PROPOSALS', { most: number }>
  | Reason<
      | 'PERSON_REQUIRED'
      | 'NO_CHARTER'
      | 'NOTHING_TO_REPLACE'
      | 'PROPOSAL_UNKNOWN'
      | 'NOT_THE_PROPOSER'
      | 'REASON_REQUIRED'
    >

/** So many proposals of one document are open at a time: each stands whole in the state. */
export const mostOpen = 5
const leastReason = 20

/** Names one proposal: what, by whom and when, so that no signature holds for the same text proposed again. */
export function proposalDigest({
  kind,
  key,
  document,
  by,
  at,
}: About & { readonly document: JsonObject; readonly by: UserId }): Digest {
  return digestOf({ schema: 'countersign.policy-proposal/1', kind, key, document, by, at })
}

/** What a passkey signs to approve a proposal or to object to it. */
export function policyDocument(proposal: Digest, choice: SignatureChoice): Digest {
  return digestOf({ schema: 'countersign.policy/1', proposal, choice })
}

/** Applies one command to the versions of one document. */
export function decide(state: State, command: Command, ctx: Context): Decided<Event, Refusal> {
  if (command.c === 'publish') return publish(state, command.publication, ctx)
  const person = ctx.actor.k === 'person' ? ctx.actor.ref : null
  if (person === null) return refuse({ code: 'PERSON_REQUIRED', params: {} })
  if (command.c === 'propose') return propose(state, command.document, person, ctx)
  const proposal = state.proposals.find(({ digest }) => digest === command.digest)
  if (proposal === undefined) return refuse({ code: 'PROPOSAL_UNKNOWN', params: {} })
  if (proposal.s !== 'open' || proposal.document === null)
    return refuse({ code: 'PROPOSAL_CLOSED', params: { state: proposal.s } })
  const open = { ...proposal, document: proposal.document }
  switch (command.c) {
    case 'sign':
      return sign(state, open, person, ctx)
    case 'object':
      return object(open, command.reason, person, ctx)
    case 'withdraw': {
      const faults: Refusal[] = person === proposal.by ? [] : [{ code: 'NOT_THE_PROPOSER', params: {} }]
      const { digest } = proposal
      return unless<Event, Refusal>(faults, { e: 'policy.withdrawn', ...about(ctx), digest, by: person })
    }
    default:
      return unreachable(command)
  }
}

/** Folds one recorded fact. A fact about a proposal that is not open leaves the state as it was. */
export function evolve(state: State, event: Event): State {
  switch (event.e) {
    case 'policy.proposed': {
      const { digest, version, document, by, at } = event
      const proposal: Proposal = { s: 'open', digest, version, by, at, votes: [], document }
      return { ...state, proposals: [...state.proposals, proposal] }
    }
    case 'policy.signed':
    case 'policy.objected': {
      const { by, fn } = event
      const vote: Vote = { by, fn, choice: event.e === 'policy.signed' ? 'approve' : 'object' }
      return changed(state, event.digest, (proposal) => ({ ...proposal, votes: [...proposal.votes, vote] }))
    }
    case 'policy.rejected':
      return changed(state, event.digest, closed('rejected'))
    case 'policy.withdrawn':
      return changed(state, event.digest, closed('withdrawn'))
    case 'questionnaire.published':
    case 'tier_policy.published':
    case 'trigger_policy.published':
    case 'legal_map.published':
    case 'calendar.published': {
      const { version, digest, proposal } = event
      const published = { version, digest, ...(proposal === undefined ? {} : { proposal }) }
      // Whatever else was proposed was made for the version that this one now is.
      const proposals = state.proposals.map((item) => {
        if (item.s !== 'open') return item
        return closed(item.digest === proposal ? 'published' : 'superseded')(item)
      })
      return { versions: [...state.versions, published], proposals }
    }
    default:
      return unreachable(event)
  }
}

/** Whether the organisation has decided this document: then the one that ships is offered, and never put in its place. */
export function isOwn(state: State): boolean {
  return state.versions.some(({ proposal }) => proposal !== undefined)
}

/** How a proposal stands under the charter in force; null where there is none. */
export function tallyOf(proposal: Proposal, charters: charter.State, now: EpochMs): Tally | null {
  const inForce = charter.charterInForce(charters, now)
  if (inForce === null) return null
  const bench = charter.benchOf(charters, inForce.charter, now)
  return tallySignatures(inForce.charter.rules.policy[3], bench, proposal.by, proposal.votes)
}

/** Publishes what ships with the product. A published version never changes; the same content again records nothing. */
function publish(state: State, publication: Publication, ctx: Context): Decided<Event, Refusal> {
  // INVARIANT: nothing that ships takes the place of what the organisation has decided.
  if (isOwn(state)) return unless<Event, Refusal>([])
  const known = state.versions.find(({ version }) => version === publication.version)
  if (known?.digest === publication.digest) return unless<Event, Refusal>([])
  if (known !== undefined)
    return refuse({ code: 'VERSION_PUBLISHED', params: { version: known.version, digest: known.digest } })
  const newest = state.versions.at(-1)
  if (newest !== undefined && publication.version < newest.version)
    return refuse({ code: 'VERSION_NOT_NEXT', params: { newest: newest.version } })
  return unless<Event, Refusal>([], published(state, publication, ctx))
}

function propose(state: State, document: JsonObject, by: UserId, ctx: Context): Decided<Event, Refusal> {
  const newest = state.versions.at(-1)
  if (newest === undefined) return refuse({ code: 'NOTHING_TO_REPLACE', params: {} })
  const faults: Refusal[] = [...identityFaults(document, newest.version, ctx), ...ctx.faultsIn(document)]
  if (charter.charterInForce(ctx.charters, ctx.now) === null) faults.push({ code: 'NO_CHARTER', params: {} })
  if (state.proposals.filter(({ s }) => s === 'open').length >= mostOpen)
    faults.push({ code: 'TOO_MANY_PROPOSALS', params: { most: mostOpen } })
  if (faults.length > 0) return { ok: false, refused: faults }
  const digest = proposalDigest({ ...about(ctx), document, by })
  const version = newest.version + 1
  return unless<Event, Refusal>([], { e: 'policy.proposed', ...about(ctx), digest, version, document, by })
}

type OpenProposal = Proposal & { readonly document: JsonObject }

/** Signs for a proposal; the signature with which the rule is satisfied publishes it. */
function sign(state: State, proposal: OpenProposal, by: UserId, ctx: Context): Decided<Event, Refusal> {
  const { digest, document, version } = proposal
  const newest = state.versions.at(-1)?.version ?? 0
  const inDocument = [...identityFaults(document, newest, ctx), ...ctx.faultsIn(document)] // again: others may have changed
  const given = signature(proposal, 'approve', by, ctx)
  const faults: readonly Refusal[] = [...inDocument, ...given.faults]
  if (faults.length > 0 || given.ok === null) return { ok: false, refused: faults }
  const signed: Event = { e: 'policy.signed', ...about(ctx), digest, by, ...given.ok }
  const votes: Vote[] = [...proposal.votes, { by, fn: given.ok.fn, choice: 'approve' }]
  const tally = tallyOf({ ...proposal, votes }, ctx.charters, ctx.now)
  if (tally?.status !== 'satisfied') return unless<Event, Refusal>([], signed)
  const publication = publicationOf(ctx.kind, ctx.key, version, document)
  return unless<Event, Refusal>([], signed, { ...published(state, publication, ctx), proposal: digest })
}

/** Objects with a reason. The objection of a function with a veto ends the proposal; any other counts against it. */
function object(proposal: OpenProposal, reason: string, by: UserId, ctx: Context): Decided<Event, Refusal> {
  const { digest } = proposal
  const given = signature(proposal, 'object', by, ctx)
  const faults: Refusal[] = [...given.faults]
  if (reason.trim().length < leastReason) faults.push({ code: 'REASON_REQUIRED', params: {} })
  if (faults.length > 0 || given.ok === null) return { ok: false, refused: faults }
  const sealed = { reason }
  const objected: Event = { e: 'policy.objected', ...about(ctx), digest, by, ...given.ok, sealed }
  const votes: Vote[] = [...proposal.votes, { by, fn: given.ok.fn, choice: 'object' }]
  const vetoes = tallyOf({ ...proposal, votes }, ctx.charters, ctx.now)?.vetoes ?? []
  if (vetoes.length === 0) return unless<Event, Refusal>([], objected)
  return unless<Event, Refusal>([], objected, { e: 'policy.rejected', ...about(ctx), digest, vetoes })
}

type Given = {
  readonly faults: readonly Refusal[]
  readonly ok: { readonly fn: Fn; readonly proof: BoundProof } | null
}

/** The signature of `by` under the charter in force, or every reason against it. */
function signature(proposal: Proposal, choice: SignatureChoice, by: UserId, ctx: Context): Given {
  const inForce = charter.charterInForce(ctx.charters, ctx.now)
  if (inForce === null) return { faults: [{ code: 'NO_CHARTER', params: {} }], ok: null }
  const bench = charter.benchOf(ctx.charters, inForce.charter, ctx.now)
  const fn = signingFunction(bench, by)
  const document = policyDocument(proposal.digest, choice)
  const faults = signatureFaults(
    { by: proposal.by, signatures: proposal.votes },
    bench,
    { person: by, authn: ctx.authn, now: ctx.now },
    document,
  )
  const { bound: proof } = ctx.authn
  return { faults, ok: faults.length > 0 || fn === null || proof === undefined ? null : { fn, proof } }
}

/** Whether the document says of itself what it is to become. */
function identityFaults(document: JsonObject, newest: number, { key }: Context): readonly Refusal[] {
  const faults: Refusal[] = []
  if (document['key'] !== key) faults.push({ code: 'KEY_DIFFERS', params: { key }, path: '/key' })
  if (document['version'] !== newest + 1)
    faults.push({ code: 'VERSION_NOT_NEXT', params: { newest }, path: '/version' })
  return faults
}

function published(
  state: State,
  { kind, ...publication }: Publication,
  ctx: Context,
): Event & { readonly e: `${DocumentKind}.published` } {
  const previousDigest = state.versions.at(-1)?.digest ?? null
  return { e: `${kind}.published`, ...publication, previousDigest, by: ctx.actor, at: ctx.now }
}

function about({ kind, key, now }: Context): About {
  return { kind, key, at: now }
}

function changed(state: State, digest: Digest, change: (proposal: Proposal) => Proposal): State {
  const proposals = state.proposals.map((item) =>
    item.digest === digest && item.s === 'open' ? change(item) : item,
  )
  return { ...state, proposals }
}

function closed(s: Exclude<Proposal['s'], 'open'>): (proposal: Proposal) => Proposal {
  return (proposal) => ({ ...proposal, s, document: null })
}
