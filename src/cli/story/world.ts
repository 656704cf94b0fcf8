import type { expiry, override, stop, waiver } from '../../governance/authorization/index.ts'
import {
  charter,
  type Calendar,
  type condition,
  type ConflictCode,
  type reviewCase,
} from '../../governance/committee/index.ts'
import type { useCase } from '../../governance/intake/index.ts'
import { functionsOf, hasRole, type person } from '../../governance/people/index.ts'
import type { hold, redaction } from '../../governance/retention/index.ts'
import type { publication } from '../../governance/policies/index.ts'
import type { CompiledPolicy, LegalMap } from '../../governance/tiering/index.ts'
import {
  canonicalJson,
  type Actor,
  type CaseId,
  type Digest,
  type EpochMs,
  type Fn,
  type UseCaseId,
  type UserId,
} from '../../kernel/index.ts'
import type { Finding, LeafV1 } from '../../ledger/index.ts'
import type { GuardStory } from './guard.ts'

/** A decision as it stands in the log. */
export type Recorded = {
  readonly index: number
  readonly caseId: CaseId
  readonly decision: reviewCase.Decision
  revoked: boolean
}

/** Everything that the entries read so far have said; each check asks it as it was at that entry. */
export type World = {
  readonly people: Map<string, person.State>
  charters: charter.State
  readonly useCases: Map<string, useCase.State>
  readonly systems: Map<string, { readonly vendorRef: string | null }>
  readonly releases: Map<Digest, { readonly author: Actor; readonly systemId: string }>
  readonly deployments: Map<string, { readonly useCaseId: string; readonly systemId: string }>
  /** Who recorded the newest result of each check, by stream. */
  readonly checks: Map<string, { readonly release: Digest; readonly by: Actor }>
  /** Versions and proposals of each document, by the id of its stream. */
  readonly publications: Map<string, publication.State>
  readonly policies: Map<Digest, CompiledPolicy>
  readonly legalMaps: Map<Digest, LegalMap>
  /** The newest one: deadlines count its business days. */
  calendar: Calendar | null
  readonly cases: Map<string, { state: reviewCase.State; readonly events: reviewCase.Event[] }>
  readonly decisions: Map<string, Recorded>
  readonly extensions: Map<string, { readonly index: number; readonly to: Digest }[]>
  readonly overrides: Map<string, { state: override.State; index: number }>
  readonly waivers: Map<string, waiver.State>
  readonly stops: Map<string, stop.State>
  readonly conditions: Map<string, condition.State>
  readonly expiries: Map<string, expiry.State>
  readonly guardPolicies: Map<string, GuardStory>
  readonly holds: Map<string, hold.State>
  readonly redactions: Map<string, redaction.State>
  /** Use case of each stream that belongs to one. */
  readonly homes: Map<string, UseCaseId>
  /** Who wrote the sealed text of each entry, and in which stream; redacted ones are left out. */
  readonly texts: Map<string, { readonly author: string; readonly stream: string }>
  /** Whose passkey each credential is. */
  readonly passkeys: Map<Digest, UserId>
  rpIdHash: Digest | null
  readonly findings: Finding[]
  readonly counts: Counts
}
export type Counts = {
  cases: number
  decisions: number
  recomputed: number
  signed: number
  verified: number
  grants: number
  wellFounded: number
}

export function newWorld(): World {
  return {
    people: new Map(),
    charters: charter.initial,
    useCases: new Map(),
    systems: new Map(),
    releases: new Map(),
    deployments: new Map(),
    checks: new Map(),
    publications: new Map(),
    policies: new Map(),
    legalMaps: new Map(),
    calendar: null,
    cases: new Map(),
    decisions: new Map(),
    extensions: new Map(),
    overrides: new Map(),
    waivers: new Map(),
    stops: new Map(),
    conditions: new Map(),
    expiries: new Map(),
    guardPolicies: new Map(),
    holds: new Map(),
    redactions: new Map(),
    homes: new Map(),
    texts: new Map(),
    passkeys: new Map(),
    rpIdHash: null,
    findings: [],
    counts: { cases: 0, decisions: 0, recomputed: 0, signed: 0, verified: 0, grants: 0, wellFounded: 0 },
  }
}

/** The entry that is being read, and what its checks find. */
export class Entry {
  readonly index: number
  readonly leaf: LeafV1
  readonly at: EpochMs
  /** The id of the stream, without the name of the aggregate. */
  readonly streamId: string
  readonly #world: World

  constructor(world: World, index: number, leaf: LeafV1) {
    this.#world = world
    this.index = index
    this.leaf = leaf
    this.at = leaf.at
    this.streamId = leaf.stream.slice(leaf.stream.indexOf('/') + 1)
  }

  /** Records a contradiction unless `holds`; returns `holds`. */
  must(holds: boolean, code: string, expected: string, found: string): boolean {
    if (!holds) this.#add(code, 'mismatch', expected, found)
    return holds
  }

  /** Records a contradiction unless both have the same canonical form. */
  mustEqual(code: string, expected: unknown, found: unknown): boolean {
    const [wanted, given] = [canonicalJson(expected), canonicalJson(found)]
    return this.must(wanted === given, code, shortened(wanted), shortened(given))
  }

  /** Records that something is absent without which nothing can be said. */
  lacks(code: string, expected: string, found: string): void {
    this.#add(code, 'unverifiable', expected, found)
  }

  #add(code: string, weight: Finding['weight'], expected: string, found: string): void {
    const subject = `entry ${this.index} ${this.leaf.stream} ${this.leaf.id}`
    this.#world.findings.push({ code, weight, subject, expected, found })
  }
}

/** What speaks against a person as a voter on this release, as far as the log knows at this moment. */
export function conflictsOf(
  world: World,
  {
    useCaseId,
    release,
    kind,
    waiver: about,
  }: Pick<reviewCase.Subject, 'useCaseId' | 'release' | 'kind' | 'waiver'>,
  who: UserId,
): readonly ConflictCode[] {
  const found: ConflictCode[] = []
  const wish = kind === 'waiver' ? world.waivers.get(about?.id ?? '') : undefined
  const asked = wish === undefined || wish.s === 'absent' ? null : wish.by
  const owned = world.useCases.get(useCaseId)
  if (owned !== undefined && owned.s !== 'absent') {
    const { business, technical, backup } = owned.owners
    if (owned.requester === who || asked === who) found.push('requester')
    if ([business, technical, backup].includes(who)) found.push('owner')
  }
  const made = world.releases.get(release)
  if (isPerson(made?.author, who)) found.push('release_author')
  if ([...world.checks.values()].some((result) => result.release === release && isPerson(result.by, who)))
    found.push('validator')
  const vendor = world.systems.get(made?.systemId ?? '')?.vendorRef ?? null
  const subjects: readonly (string | null)[] = [useCaseId, vendor]
  if (world.charters.interests.some((item) => item.person === who && subjects.includes(item.subject)))
    found.push('interest')
  if (isAdministrator(world, who)) found.push('administrator')
  if (!isActive(world, who)) found.push('inactive')
  return found
}

export function isActive({ people }: World, who: UserId): boolean {
  return people.get(who)?.s === 'active'
}

export function isAdministrator({ people }: World, who: UserId): boolean {
  const known = people.get(who)
  return known !== undefined && known.s !== 'absent' && known.grants.some(({ role }) => role === 'admin')
}

/** Whether the charter in force at this entry names `who` as an executive who accepts risks for the business. */
export function isExecutive({ charters }: World, { at }: Entry, who: UserId): boolean {
  return charter.charterInForce(charters, at)?.charter.businessExecutives?.includes(who) === true
}

/** Whether the log gives `who` the function `fn` at this entry: by a seat, a delegation, or as its reviewer. */
export function standsFor({ people, charters }: World, { at }: Entry, who: UserId, fn: Fn): boolean {
  const seats = charter.charterInForce(charters, at)?.charter.seats ?? []
  const isSeated = seats.some(
    ({ id, fn: seated, holder, alternates }) =>
      seated === fn && [holder, ...alternates, charter.delegateOf(charters, id, at)].includes(who),
  )
  const known = people.get(who)
  return (
    isSeated || (known !== undefined && known.s !== 'absent' && functionsOf(known.grants, at).includes(fn))
  )
}

export function isIncidentCommander({ people }: World, { at }: Entry, who: UserId): boolean {
  const known = people.get(who)
  return known !== undefined && known.s !== 'absent' && hasRole(known.grants, 'incident_commander', at)
}

function isPerson(actor: Actor | undefined, who: UserId): boolean {
  return actor?.k === 'person' && actor.ref === who
}

function shortened(text: string): string {
  return text.length <= 400 ? text : `${text.slice(0, 400)}… (${text.length} characters)`
}
