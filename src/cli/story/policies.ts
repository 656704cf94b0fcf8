import { charter, parseCalendar, signingFunction } from '../../governance/committee/index.ts'
import { publication, wasShipped, type DocumentKind } from '../../governance/policies/index.ts'
import { parseLegalMap, parseTierPolicy } from '../../governance/tiering/index.ts'
import { canonicalJson, digestOf, unreachable, type Digest, type DocumentFault } from '../../kernel/index.ts'
import { checkProof } from './proofs.ts'
import type { Entry, World } from './world.ts'

type Of<E extends publication.Event['e']> = Extract<publication.Event, { readonly e: E }>
type Published = Of<`${DocumentKind}.published`>

/**
 * Follows what decisions are made by: what shipped, and what the organisation has proposed, signed and so published. What
 * does not hold is left out, so that nothing rests on it.
 */
export function readPolicy(world: World, entry: Entry, event: publication.Event): void {
  const before = world.publications.get(entry.streamId) ?? publication.initial
  if (!holds(world, entry, before, event)) return
  world.publications.set(entry.streamId, publication.evolve(before, event))
  if (isPublished(event)) keep(world, entry, event)
}

/** Only the newest document of a kind decides. That there is none at all, whoever computes with it finds. */
export function mustBeInForce(world: World, entry: Entry, kind: DocumentKind, digest: Digest): void {
  const newest = [...world.publications]
    .filter(([stream]) => stream.startsWith(`${kind}:`))
    .flatMap(([, { versions }]) => versions.slice(-1))
    .toSorted((a, b) => a.version - b.version)
    .at(-1)
  if (newest !== undefined) entry.must(newest.digest === digest, 'POLICY_NOT_IN_FORCE', newest.digest, digest)
}

function holds(world: World, entry: Entry, state: publication.State, event: publication.Event): boolean {
  if (isPublished(event)) return isPublication(world, entry, state, event)
  if (!entry.must(entry.streamId === `${event.kind}:${event.key}`, 'STREAM', event.key, entry.streamId))
    return false
  if (event.e === 'policy.proposed') return isProposal(world, entry, state, event)
  const proposal = openProposal(state, event.digest)
  if (proposal === null) return entry.must(false, 'PROPOSAL_UNKNOWN', 'an open proposal', event.digest)
  switch (event.e) {
    case 'policy.signed':
    case 'policy.objected':
      return isSignature(world, entry, proposal, event)
    case 'policy.rejected': {
      const vetoes = publication.tallyOf(proposal, world.charters, entry.at)?.vetoes ?? []
      return (
        entry.mustEqual('VETOES', vetoes, event.vetoes) &&
        entry.must(vetoes.length > 0, 'NOT_VETOED', 'an objection with a veto', 'none')
      )
    }
    case 'policy.withdrawn':
      return entry.must(event.by === proposal.by, 'NOT_THE_PROPOSER', proposal.by, event.by)
    default:
      return unreachable(event)
  }
}

function isPublication(world: World, entry: Entry, state: publication.State, event: Published): boolean {
  const { key, version, digest, document, labels, proposal: ratified } = event
  const kind = kindOf(event)
  const newest = state.versions.at(-1)
  const isNext = newest === undefined || version > newest.version
  const isSound = [
    entry.mustEqual('STREAM', `${kind}:${key}`, entry.streamId),
    entry.mustEqual('PUBLICATION_DIGEST', digestOf(document), digest),
    entry.mustEqual(
      'PUBLICATION_NAME',
      { key, version },
      { key: document['key'], version: document['version'] },
    ),
    entry.mustEqual('PREVIOUS_VERSION', newest?.digest ?? null, event.previousDigest),
    entry.must(isNext, 'VERSION_NOT_NEXT', `after ${newest?.version ?? 0}`, `${version}`),
  ].every(Boolean)
  if (!isSound) return false
  if (ratified === undefined) {
    if (!wasShipped(kind, digest))
      entry.lacks('SHIPPED_UNKNOWN', `a ${kind} that this product has shipped`, `${key} ${version}`)
    return (
      entry.must(event.by.k === 'system', 'PUBLISHER', 'the installation', event.by.k) &&
      entry.must(!publication.isOwn(state), 'SHIPPED_OVER_OWN', 'the version of the organisation', digest)
    )
  }
  const proposal = openProposal(state, ratified)
  if (proposal === null || proposal.document === null)
    return entry.must(false, 'PROPOSAL_UNKNOWN', 'an open proposal', ratified)
  const { document: wanted, labels: wantedLabels } = publication.publicationOf(
    kind,
    key,
    proposal.version,
    proposal.document,
  )
  const tally = publication.tallyOf(proposal, world.charters, entry.at)
  const found = `${proposal.votes.length} valid signatures`
  return [
    entry.mustEqual(
      'PUBLICATION_DOCUMENT',
      { wanted, wantedLabels },
      { wanted: document, wantedLabels: labels },
    ),
    entry.must(
      tally?.status === 'satisfied',
      'POLICY_NOT_RATIFIED',
      'the rule for policies satisfied',
      found,
    ),
  ].every(Boolean)
}

function isProposal(
  world: World,
  entry: Entry,
  state: publication.State,
  event: Of<'policy.proposed'>,
): boolean {
  const newest = state.versions.at(-1)?.version ?? 0
  const isChartered = charter.charterInForce(world.charters, entry.at) !== null
  return [
    entry.must(isChartered, 'NO_CHARTER', 'a charter in force', 'none'),
    entry.must(
      newest > 0 && event.version === newest + 1,
      'VERSION_NOT_NEXT',
      `${newest + 1}`,
      `${event.version}`,
    ),
    entry.mustEqual('PROPOSAL_DIGEST', publication.proposalDigest(event), event.digest),
  ].every(Boolean)
}

function isSignature(
  world: World,
  entry: Entry,
  proposal: publication.Proposal,
  { e, digest, by, fn, proof }: Of<'policy.signed' | 'policy.objected'>,
): boolean {
  const inForce = charter.charterInForce(world.charters, entry.at)
  const bench = inForce === null ? [] : charter.benchOf(world.charters, inForce.charter, entry.at)
  const isOthers = by !== proposal.by && !proposal.votes.some((vote) => vote.by === by)
  const maySign = isOthers && signingFunction(bench, by) === fn
  const wanted = 'a seat of the charter in force, not its proposer, and once'
  if (!entry.must(maySign, 'SIGNATORY', wanted, `${by} for ${fn}`)) return false
  const choice = e === 'policy.signed' ? 'approve' : 'object'
  return checkProof(world, entry, by, publication.policyDocument(digest, choice), proof)
}

/** Keeps each published document under its digest, so that what was computed with it can be computed again. */
function keep(world: World, entry: Entry, { e, document, digest }: Published): void {
  switch (e) {
    case 'tier_policy.published': {
      const parsed = parseTierPolicy(document)
      if (parsed.ok) world.policies.set(digest, parsed.compiled)
      else entry.lacks('POLICY_UNREADABLE', 'a tier policy', textOf(parsed.faults))
      return
    }
    case 'calendar.published': {
      const parsed = parseCalendar(document)
      if (parsed.ok) world.calendar = parsed.calendar
      else entry.lacks('CALENDAR_UNREADABLE', 'a calendar', textOf(parsed.faults))
      return
    }
    case 'legal_map.published': {
      const parsed = parseLegalMap(document)
      if (parsed.ok) world.legalMaps.set(digest, parsed.map)
      else entry.lacks('LEGAL_MAP_UNREADABLE', 'a legal map', textOf(parsed.faults))
      return
    }
    default:
      return // what is asked and which reviews fire, no check computes again
  }
}

function isPublished(event: publication.Event): event is Published {
  return event.e.endsWith('.published')
}

function kindOf({ e }: Published): DocumentKind {
  return e.slice(0, e.indexOf('.')) as DocumentKind // as the type of the event says
}

function openProposal({ proposals }: publication.State, digest: Digest): publication.Proposal | null {
  return proposals.find((proposal) => proposal.digest === digest && proposal.s === 'open') ?? null
}

function textOf(faults: readonly DocumentFault[]): string {
  return faults.map((fault) => canonicalJson(fault)).join(', ')
}
