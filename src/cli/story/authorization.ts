import { override, stop, waiver } from '../../governance/authorization/index.ts'
import { parseManifest, releaseDigest, type system } from '../../governance/registry/index.ts'
import { addDays, functions, isId } from '../../kernel/index.ts'
import type { SeriesOpened } from './facts.ts'
import { checkProof } from './proofs.ts'
import { isExecutive, isIncidentCommander, standsFor, type Entry, type World } from './world.ts'

/** Follows systems, their releases, and approvals that were extended to a later one. */
export function readSystem(world: World, entry: Entry, event: system.Event): void {
  entry.must(entry.streamId === event.systemId, 'STREAM', event.systemId, entry.streamId)
  if (event.e === 'system.registered') world.systems.set(event.systemId, { vendorRef: event.vendorRef })
  if (event.e === 'release.created') {
    const parsed = parseManifest(event.manifest)
    const made = parsed.ok ? releaseDigest(parsed.manifest) : 'a manifest that can be read'
    entry.mustEqual('RELEASE_DIGEST', made, event.digest)
    world.releases.set(event.digest, { author: event.by, systemId: event.systemId })
  }
  if (event.e !== 'release.decision_extended') return
  const { decisionId, from, to, tier } = event
  const basis = approvalAt(world, entry, decisionId)
  const subject = basis?.decision.subject
  const letsRun = subject?.kind !== 'resume' && subject?.kind !== 'waiver'
  const isOfThis = letsRun && subject?.release === from && world.releases.has(to) && tier !== 3
  const expected = 'an approval in force of the release before, below tier 3'
  if (!entry.must(isOfThis, 'EXTENSION', expected, `${decisionId} to ${to} in tier ${tier}`)) return
  const before = world.extensions.get(decisionId) ?? []
  world.extensions.set(decisionId, [...before, { index: entry.index, to }])
}

/** An override starts with two people of two functions, each with a passkey over exactly its terms. */
export function readOverride(world: World, entry: Entry, event: override.Event): void {
  const record = world.overrides.get(entry.streamId) ?? { state: override.initial, index: entry.index }
  world.overrides.set(entry.streamId, record)
  const { state: before } = record
  if (event.e === 'override.requested') {
    const { terms, requested } = event
    entry.must(entry.streamId === terms.overrideId, 'STREAM', terms.overrideId, entry.streamId)
    entry.mustEqual('OVERRIDE_ACTOR', `p:${requested.person}`, entry.leaf.actor)
    checkSigner(world, entry, requested)
    checkProof(world, entry, requested.person, override.overrideDocument(terms, 'request'), requested.proof)
  }
  if (event.e === 'override.activated' || event.e === 'override.renewed') {
    const { seconded } = event
    if (before.s !== 'requested' && before.s !== 'active')
      return void entry.must(false, 'OVERRIDE_STATE', 'a request before', before.s)
    const { terms, requested } = before
    const isTwo = requested.person !== seconded.person && requested.fn !== seconded.fn
    const found = `${requested.person} for ${requested.fn}, ${seconded.person} for ${seconded.fn}`
    entry.must(isTwo, 'OVERRIDE_ONE_PERSON', 'two people of two functions', found)
    entry.mustEqual('OVERRIDE_ACTOR', `p:${seconded.person}`, entry.leaf.actor)
    checkSigner(world, entry, seconded)
    const isLed = [requested, seconded].some(({ person }) => isIncidentCommander(world, entry, person))
    entry.must(isLed, 'OVERRIDE_COMMANDER', 'an incident commander among the two', found)
    const last = entry.at + override.maxLifetimeHours[terms.tier] * 3_600_000
    entry.must(event.expiresAt <= last, 'OVERRIDE_TOO_LONG', `at most ${last}`, `${event.expiresAt}`)
    const act = event.e === 'override.activated' ? 'second' : 'renew'
    checkProof(world, entry, seconded.person, override.overrideDocument(terms, act), seconded.proof)
    if (event.e === 'override.activated') record.index = entry.index
  }
  if (event.e === 'override.reviewed' && (before.s === 'active' || before.s === 'revoked')) {
    const took = [before.requested.person, before.seconded.person, before.renewedBy].includes(event.by)
    entry.must(!took, 'REVIEWER_TOOK_PART', 'somebody who took no part', event.by)
  }
  record.state = override.evolve(before, event)
}

/** Whoever commands incidents may act for security; everybody else for a function that is theirs. */
function checkSigner(world: World, entry: Entry, { person, fn }: override.Signature): void {
  const mayAct =
    standsFor(world, entry, person, fn) || (fn === 'security' && isIncidentCommander(world, entry, person))
  entry.must(mayAct, 'OVERRIDE_FUNCTION', `a function of ${person}`, fn)
}

/** A gap is accepted by others than who asked; in tier 3 with a passkey over exactly its terms. */
export function readWaiver(world: World, entry: Entry, event: waiver.Event): void {
  const before = world.waivers.get(entry.streamId) ?? waiver.initial
  if (event.e === 'waiver.accepted' || event.e === 'waiver.endorsed') {
    if (before.s !== 'requested') return void entry.must(false, 'WAIVER_STATE', 'a request before', before.s)
    entry.mustEqual('WAIVER_ACTOR', `p:${event.by}`, entry.leaf.actor)
    const isOther = event.by !== before.by && !before.acceptances.some(({ by }) => by === event.by)
    entry.must(isOther, 'WAIVER_SELF', 'somebody who neither asked nor accepted before', event.by)
    const fn = functions.find((name) => name === event.as)
    const mayAccept =
      fn === undefined ? isExecutive(world, entry, event.by) : standsFor(world, entry, event.by, fn)
    entry.must(mayAccept, 'WAIVER_AUTHORITY', `a function of ${event.by}`, event.as)
    entry.mustEqual('WAIVER_AUTHORITY', waiver.acceptorsOf(before.terms.residual), event.authority)
    const accepted = [...before.acceptances.map((acceptance) => acceptance.as), event.as]
    const missing = event.authority.filter((acceptor) => !accepted.includes(acceptor))
    const isComplete = event.e === 'waiver.endorsed' || missing.length === 0
    entry.must(isComplete, 'WAIVER_AUTHORITY', event.authority.join(' and '), accepted.join(' and '))
    if (before.terms.tier === 3 && isId('waiver', entry.streamId))
      checkProof(world, entry, event.by, waiver.waiverDocument(entry.streamId, before), event.proof)
    if (event.e === 'waiver.accepted') checkApproved(world, entry, before, event)
  }
  world.waivers.set(entry.streamId, waiver.evolve(before, event))
}

/** The highest residual risk, and every renewal after the first, rest on an approval by the committee of that request. */
function checkApproved(
  world: World,
  entry: Entry,
  asked: waiver.State & { readonly s: 'requested' },
  { caseId, expiresAt }: waiver.Event & { readonly e: 'waiver.accepted' },
): void {
  const last = addDays(entry.at, asked.terms.lifetimeDays)
  entry.must(expiresAt <= last, 'WAIVER_TOO_LONG', `at most ${last}`, `${expiresAt}`)
  if (!waiver.needsCase(asked) && caseId === null) return
  const basis = [...world.decisions.values()].find((recorded) => recorded.caseId === caseId)
  const approval = basis === undefined ? null : approvalAt(world, entry, basis.decision.id)
  const about = approval?.decision.subject.waiver ?? null
  const isOfIt =
    isId('waiver', entry.streamId) &&
    about?.id === entry.streamId &&
    about.document === waiver.waiverDocument(entry.streamId, asked)
  entry.must(isOfIt, 'WAIVER_CASE', 'an approval in force of exactly this request', caseId ?? 'none')
}

/** Anybody may stop; a stop ends only by a decision about exactly this stop. */
export function readStop(world: World, entry: Entry, event: stop.Event): void {
  const { scope, targetId } = event
  const id = stop.stopStreamId({ scope, targetId })
  entry.must(entry.streamId === id, 'STREAM', id, entry.streamId)
  const before = world.stops.get(id) ?? stop.initial
  entry.mustEqual('EPOCH', before.epoch + 1, event.epoch)
  if (event.e === 'stop.lifted') {
    const ordered = before.s === 'clear' ? undefined : before.stops.find((item) => item.id === event.stopId)
    const found = `decision ${event.decisionId} of case ${event.caseId}`
    entry.must(ordered !== undefined, 'STOP_UNKNOWN', 'a stop in force', event.stopId)
    const basis = approvalAt(world, entry, event.decisionId)
    const isResume =
      basis !== null &&
      basis.caseId === event.caseId &&
      basis.decision.subject.kind === 'resume' &&
      basis.decision.subject.stops.includes(event.stopId) &&
      basis.decision.decidedAt >= (ordered?.since ?? 0)
    entry.must(
      isResume,
      'STOP_LIFTED',
      `an approval in force to lift ${event.stopId}, recorded before`,
      found,
    )
  }
  world.stops.set(id, stop.evolve(before, event))
}

/** A grant rests on an approval or an override that was recorded before it, for the same release, and still in force. */
export function readSeries(world: World, entry: Entry, event: SeriesOpened): void {
  world.counts.grants += 1
  const holds =
    event.basis.k === 'override' ? restsOnOverride(world, entry, event) : restsOnDecision(world, entry, event)
  if (holds) world.counts.wellFounded += 1
}

function restsOnDecision(world: World, entry: Entry, event: SeriesOpened): boolean {
  const { basis, releaseDigest: release, deploymentId } = event
  const found = `${basis.k} ${basis.id} at entry ${basis.seq}`
  const approval = approvalAt(world, entry, basis.id)
  if (approval === null)
    return entry.must(false, 'GRANT_BASIS', 'an approval in force, recorded before', found)
  const extended = (world.extensions.get(basis.id) ?? []).find(({ to }) => to === release)
  const { subject } = approval.decision
  const seqs = extended === undefined ? [approval.index] : [approval.index, extended.index]
  const isSame = entry.must(seqs.includes(basis.seq), 'GRANT_BASIS', `entry ${seqs.join(' or ')}`, found)
  const letsRun = subject.kind !== 'resume' && subject.kind !== 'waiver'
  const isCovered = letsRun && (subject.release === release || extended !== undefined)
  const isForIt = entry.must(isCovered, 'GRANT_RELEASE', subject.release, release)
  const place = world.deployments.get(deploymentId)
  const isHere = place === undefined || place.useCaseId === subject.useCaseId
  const isAtHome = entry.must(isHere, 'GRANT_DEPLOYMENT', subject.useCaseId, place?.useCaseId ?? 'none')
  const stopped = stopsOver(world, deploymentId)
  const isFree = entry.must(
    stopped.length === 0,
    'GRANT_WHILE_STOPPED',
    'no stop in force',
    stopped.join(', '),
  )
  const { expiresAt } = approval.decision
  const isShort = entry.must(event.exp <= expiresAt, 'GRANT_TOO_LONG', `until ${expiresAt}`, `${event.exp}`)
  return isSame && isForIt && isAtHome && isFree && isShort
}

function restsOnOverride(world: World, entry: Entry, event: SeriesOpened): boolean {
  const { basis, releaseDigest: release, deploymentId } = event
  const record = world.overrides.get(basis.id)
  const { state } = record ?? { state: override.initial }
  const isInForce = state.s === 'active' && override.isActive(state, entry.at)
  const fits = isInForce && state.terms.release === release && state.terms.deploymentId === deploymentId
  const found = `override ${basis.id} at entry ${basis.seq}`
  const isKnown = entry.must(fits, 'GRANT_BASIS', 'an override in force, activated before', found)
  return isKnown && entry.must(basis.seq === record?.index, 'GRANT_BASIS', `entry ${record?.index}`, found)
}

/** The approval `id` as far as it is in force when this entry was written; null when there is none. */
function approvalAt(world: World, entry: Entry, id: string) {
  const recorded = world.decisions.get(id)
  if (recorded === undefined || recorded.revoked || recorded.decision.outcome === 'rejected') return null
  const { notBefore, expiresAt } = recorded.decision
  return entry.at >= notBefore && entry.at < expiresAt ? recorded : null
}

/** Stops in force over a deployment, except those of its routes, which an export does not place. */
function stopsOver(world: World, deploymentId: string): readonly string[] {
  const known = world.deployments.get(deploymentId)
  const place = {
    deploymentId,
    routes: [],
    systemId: known?.systemId ?? '',
    useCaseId: known?.useCaseId ?? '',
  }
  return [...world.stops.values()].flatMap((state) =>
    state.s === 'stopped' && stop.covers(state.target, place) ? state.stops.map(({ id }) => id) : [],
  )
}
