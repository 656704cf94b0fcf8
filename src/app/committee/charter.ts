import { charter, rulesFor } from '../../governance/committee/index.ts'
import type { person } from '../../governance/people/index.ts'
import {
  AppError,
  functions,
  type Digest,
  type EpochMs,
  type Fn,
  type SeatId,
  type UserId,
} from '../../kernel/index.ts'
import { charterId, charters } from '../aggregates/committee.ts'
import { personOf, runCommand, type CommandPorts, type Issuer, type Work } from '../command.ts'
import { boundIssuer } from '../identity/bound-proof.ts'
import type { IdentityPorts } from '../identity/ports.ts'
import type { Catalogue } from '../ports/catalogue.ts'
import type { Query } from '../ports/query.ts'

export type CharterPorts = Pick<IdentityPorts, keyof CommandPorts | 'query' | 'passkeys'> & {
  readonly catalogue: Catalogue
}

/** Seats, with rules of one's own where the shipped ones do not fit. Version and ids of seats are given here. */
export type CharterDraft = {
  readonly seats: readonly {
    readonly fn: charter.Seat['fn']
    readonly holder: UserId
    readonly alternates: readonly UserId[]
    readonly chair: boolean
  }[]
  readonly businessExecutives?: readonly UserId[]
  readonly rules?: charter.Charter['rules']
}

/** What a charter starts from, its rules fitted to the functions that have a seat; to all when none are named. */
export function templateFor(
  { charterTemplate: template }: Catalogue,
  seated: readonly Fn[] = functions,
): charter.CharterTemplate {
  return { ...template, rules: rulesFor(template, seated) }
}

/** The whole charter that a draft stands for. */
export function proposalOf(
  { charterTemplate: template }: Catalogue,
  { seats, rules, businessExecutives: executives = [] }: CharterDraft,
  version: number,
  newSeat: () => SeatId,
): charter.Charter {
  return {
    ...template,
    rules: rules ?? template.rules,
    version,
    seats: seats.map(({ alternates, ...seat }) => ({ ...seat, alternates: [...alternates], id: newSeat() })),
    ...(executives.length === 0 ? {} : { businessExecutives: [...executives] }),
  }
}

/** Proposes the next version of the charter. */
export function proposeCharter(
  ports: CharterPorts,
  issuer: Issuer,
  draft: CharterDraft,
): Promise<{ readonly digest: Digest; readonly charter: charter.Charter }> {
  return runCommand(ports, issuer, async (work) => {
    const { state } = await work.load(charters, charterId)
    const version = state.versions.length + 1
    const proposed = proposalOf(ports.catalogue, draft, version, () => work.ids.next('seat'))
    await work.apply(
      charters,
      charterId,
      { c: 'propose', charter: proposed },
      await contextOf(work, proposed),
    )
    return { digest: charter.charterDigest(proposed), charter: proposed }
  })
}

/** Signs a proposal with the caller's passkey. Without an assertion the problem says what to sign. */
export async function ratifyCharter(
  ports: CharterPorts,
  issuer: Issuer,
  digest: Digest,
  assertion?: unknown,
): Promise<{ readonly isRatified: boolean; readonly effectiveFrom: EpochMs | null }> {
  const proven = await boundIssuer(ports, issuer, charter.charterDocument(digest), assertion)
  return runCommand(ports, proven, async (work) => {
    const { state } = await work.load(charters, charterId)
    const proposal = state.proposals.find((item) => item.digest === digest)
    const context = await contextOf(work, proposal?.charter ?? null)
    const { events } = await work.apply(charters, charterId, { c: 'ratify', digest }, context)
    const ratified = events.find((event) => event.e === 'charter.ratified')
    return { isRatified: ratified !== undefined, effectiveFrom: ratified?.effectiveFrom ?? null }
  })
}

export type SeatCommand =
  | { readonly c: 'delegate'; readonly seat: SeatId; readonly to: UserId; readonly until: EpochMs }
  | { readonly c: 'end_delegation'; readonly seat: SeatId }
  | { readonly c: 'declare_interest' | 'withdraw_interest'; readonly subject: string }

/** Hands a seat to an alternate for a time, takes it back, or declares an interest. */
export function commandSeat(ports: CharterPorts, issuer: Issuer, command: SeatCommand): Promise<void> {
  return runCommand(ports, issuer, async (work) => {
    await work.apply(charters, charterId, command, await contextOf(work, null))
  })
}

async function contextOf(work: Work, proposed: charter.Charter | null): Promise<charter.Context> {
  const who = personOf(work.issuer)
  if (who === null) throw new AppError('FORBIDDEN', 'only people decide about the charter')
  const people = await activePeople((sql, params) => work.tx.query(sql, params), proposed)
  return {
    now: work.now,
    person: who,
    authn: work.issuer.authn,
    ...people,
  }
}

/** What is known of the people whom a charter names. */
export async function activePeople(
  query: Query,
  proposed: charter.Charter | null,
): Promise<Pick<charter.Context, 'isActive' | 'isAdministrator'>> {
  const seated = proposed?.seats.flatMap(({ holder, alternates }) => [holder, ...alternates]) ?? []
  const named = [...seated, ...(proposed?.businessExecutives ?? [])]
  const rows = await query<{ state: person.State }>('select state from streams where stream = any($1)', [
    named.map((id) => `person/${id}`),
  ])
  const known = new Map<UserId, person.Person>()
  for (const { state } of rows) if (state.s !== 'absent') known.set(state.id, state)
  return {
    isActive: (id) => known.get(id)?.s === 'active',
    isAdministrator: (id) => known.get(id)?.grants.some(({ role }) => role === 'admin') ?? false,
  }
}
