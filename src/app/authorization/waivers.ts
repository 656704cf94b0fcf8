import { waiver } from '../../governance/authorization/index.ts'
import { charter, type reviewCase } from '../../governance/committee/index.ts'
import {
  AppError,
  digestOf,
  type ConditionId,
  type Digest,
  type Environment,
  type UseCaseId,
  type WaiverId,
} from '../../kernel/index.ts'
import { functionsHeld } from '../access.ts'
import { waivers } from '../aggregates/authorization.ts'
import { charterId, charters } from '../aggregates/committee.ts'
import { personOf, runCommand, type CommandPorts, type Issuer, type Work } from '../command.ts'
import { reevaluateCases } from '../committee/engine.ts'
import { gapNow, noGap } from '../gaps.ts'
import { boundIssuer } from '../identity/bound-proof.ts'
import type { IdentityPorts } from '../identity/ports.ts'
import { requireLedger } from '../ledger-health.ts'
import { useCaseFor, type UseCaseFacts } from '../use-case-facts.ts'

export type WaiverPorts = Pick<IdentityPorts, keyof CommandPorts | 'query' | 'passkeys'>

export type NewWaiver = {
  readonly useCaseId: UseCaseId
  readonly subject: waiver.Terms['subject']
  readonly release: Digest
  readonly environment: Environment
  readonly residual: waiver.Residual
  readonly lifetimeDays: number
  readonly justification: string
  readonly compensating: readonly ConditionId[]
}

/** Asks for a waiver of one gap in the state in which it is now. */
export function requestWaiver(
  ports: WaiverPorts,
  issuer: Issuer,
  input: NewWaiver,
): Promise<{ readonly id: WaiverId }> {
  const { useCaseId, release, environment, justification, subject, residual, lifetimeDays, compensating } =
    input
  return runCommand(ports, issuer, async (work) => {
    const facts = await useCaseFor(work, useCaseId, 'waiver.request')
    const id = work.ids.next('waiver')
    const scope = { useCaseId, release, environment }
    const stateDigest = await gapNow(work, facts, { subject, scope })
    if (stateDigest === noGap && !waiver.notWaivable.includes(subject.id))
      throw new AppError('REFUSED', undefined, {
        reasons: [{ code: 'NO_SUCH_GAP', params: { id: subject.id } }],
      })
    const terms = { subject, scope, tier: facts.tier, residual, lifetimeDays, compensating, stateDigest }
    const context = await contextOf(work, facts, { id, terms })
    await work.apply(waivers, id, { c: 'request', terms, sealed: { justification } }, context)
    return { id }
  })
}

export type WaiverCommand =
  | { readonly c: 'accept'; readonly assertion?: unknown }
  | { readonly c: 'refuse' | 'renew'; readonly text: string }
  | { readonly c: 'revoke' }

const permissionFor = {
  accept: 'waiver.accept',
  refuse: 'waiver.accept',
  renew: 'waiver.request',
  revoke: 'stop.order',
} as const

/** Accepts, refuses, renews or revokes a waiver. The cases and grants that rest on it follow at once. */
export async function commandWaiver(
  ports: WaiverPorts,
  issuer: Issuer,
  id: WaiverId,
  command: WaiverCommand,
): Promise<void> {
  const [row] = await ports.query<{ state: waiver.State }>('select state from streams where stream = $1', [
    `waiver/${id}`,
  ])
  if (row === undefined || row.state.s === 'absent') throw new AppError('NOT_FOUND')
  const { state } = row
  const { terms } = state
  const proven =
    command.c === 'accept' && state.s === 'requested' && terms.tier === 3
      ? await boundIssuer(ports, issuer, waiver.waiverDocument(id, state), command.assertion)
      : issuer
  return runCommand(ports, proven, async (work) => {
    const facts = await useCaseFor(work, terms.scope.useCaseId, permissionFor[command.c])
    await work.load(waivers, id)
    if (command.c === 'accept') await requireLedger(work)
    const context = await contextOf(work, facts, { id, terms })
    await work.apply(waivers, id, decidable(command, context), context)
    await reevaluateCases(work, terms.scope.useCaseId)
  })
}

function decidable(command: WaiverCommand, { stateDigest }: waiver.Context): waiver.Command {
  switch (command.c) {
    case 'refuse':
      return { c: 'refuse', sealed: { reason: command.text } }
    case 'renew':
      return { c: 'renew', stateDigest, sealed: { justification: command.text } }
    default:
      return { c: command.c }
  }
}

async function contextOf(
  work: Work,
  facts: UseCaseFacts,
  { id, terms }: { readonly id: WaiverId; readonly terms: waiver.Terms },
): Promise<waiver.Context> {
  const who = personOf(work.issuer)
  if (who === null) throw new AppError('FORBIDDEN', 'only people accept risks')
  const { authority } = work.issuer
  const held = functionsHeld(authority, work.now)
  const isExecutive = authority.k === 'person' && authority.seat === 'business_executive'
  const inForce = charter.charterInForce(await work.peek(charters, charterId), work.now)
  return {
    now: work.now,
    person: who,
    standsFor: [
      ...held.filter((fn) => fn !== 'it' && fn !== 'data_science'),
      ...(isExecutive ? (['business_executive'] as const) : []),
    ],
    authn: work.issuer.authn,
    id,
    owners: facts.interested,
    stateDigest: await gapNow(work, facts, terms),
    authority: {
      charter: inForce?.digest ?? digestOf({ none: true }),
      maxDays: inForce?.charter.waiver.maxDays ?? { 1: 1, 2: 1, 3: 1 },
    },
    approved: await approvalOf(work, id),
  }
}

/** The approval in force by the committee of exactly what is asked for now. */
export async function approvalOf(work: Work, id: WaiverId): Promise<waiver.Context['approved']> {
  const asked = await work.peek(waivers, id)
  if (asked.s !== 'requested') return null
  const rows = await work.tx.query<{ state: reviewCase.Case }>(
    `select s.state from cases c join streams s on s.stream = 'case/' || c.id
     where c.waiver_id = $1 and c.state = 'decided' order by c.opened_at desc`,
    [id],
  )
  const document = waiver.waiverDocument(id, asked)
  for (const { state } of rows) {
    const { decision } = state
    if (decision === null || decision.subject.waiver?.document !== document) continue
    if (decision.outcome === 'rejected' || decision.revoked || work.now >= decision.expiresAt) continue
    return { caseId: state.id, expiresAt: decision.expiresAt }
  }
  return null
}

/** Ends the waiver that was accepted on the approval by this case. */
export async function revokeOnCase(
  work: Work,
  facts: UseCaseFacts,
  { id: caseId, subject }: reviewCase.Case,
): Promise<void> {
  if (subject.kind !== 'waiver' || subject.waiver === null) return
  const { id } = subject.waiver
  const { state } = await work.load(waivers, id)
  const standing = waiver.standingOf(state)
  if (standing?.caseId !== caseId) return
  const context = await contextOf(work, facts, { id, terms: standing.terms })
  await work.apply(waivers, id, { c: 'revoke' }, context)
  await reevaluateCases(work, facts.id)
}
