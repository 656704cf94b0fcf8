import { waiver } from '../../governance/authorization/index.ts'
import { reviewCase } from '../../governance/committee/index.ts'
import {
  AppError,
  type CaseId,
  type ConditionId,
  type DeploymentId,
  type Digest,
  type Environment,
  type EpochMs,
  type Fn,
  type StopId,
  type SystemId,
  type Tier,
  type UseCaseId,
  type WaiverId,
} from '../../kernel/index.ts'
import { functionsHeld } from '../access.ts'
import { waivers } from '../aggregates/authorization.ts'
import { cases, conditions } from '../aggregates/committee.ts'
import { deployments, stops, systems } from '../aggregates/registry.ts'
import { approvalOf, revokeOnCase } from '../authorization/waivers.ts'
import { personOf, runCommand, type CommandPorts, type Issuer, type Work } from '../command.ts'
import { isBootstrap } from '../identity/bootstrap.ts'
import { boundIssuer } from '../identity/bound-proof.ts'
import type { IdentityPorts } from '../identity/ports.ts'
import { holdPolicies } from '../policies/in-force.ts'
import { releaseIn } from '../reviews.ts'
import { requireLedger } from '../ledger-health.ts'
import { readUseCase, useCaseFor, type UseCaseFacts } from '../use-case-facts.ts'
import { caseContext, engineActor, openingContext, votingContext, type OpeningSubject } from './context.ts'
import { reevaluateCase } from './engine.ts'

export type CasePorts = Pick<IdentityPorts, keyof CommandPorts | 'query' | 'passkeys'>

export type NewCase = {
  readonly kind: Exclude<reviewCase.Subject['kind'], 'waiver'>
  readonly release: Digest
  readonly environment: Environment
  /** For a resume: the deployment, when one is quarantined, and the stops that shall be lifted. */
  readonly deploymentId?: DeploymentId
  readonly stops?: readonly StopId[]
}

/** Opens a case on a release in an environment and evaluates its evidence at once. Roster and rule are frozen here. */
export function openCase(ports: CasePorts, issuer: Issuer, input: NewCase): Promise<{ readonly id: CaseId }> {
  return runCommand(ports, issuer, async (work) => {
    const { kind, release, environment, deploymentId } = input
    const { id: useCaseId, systemId } = await releaseIn(work, release)
    const permission = kind === 'resume' ? 'resume.request' : 'case.open'
    const useCase = await useCaseFor(work, useCaseId, permission)
    await assertResumable(work, input, systemId, useCase.tier)
    const about = { useCase, systemId, release, environment, kind }
    return openOn(work, useCase.tier, about, { deploymentId, stops: input.stops })
  })
}

/**
 * Opens a case on a waiver as it is asked for now. Its approval lets nothing run: it is what the acceptance of the highest
 * residual risk, and of every renewal after the first, waits for.
 */
export function openWaiverCase(
  ports: CasePorts,
  issuer: Issuer,
  id: WaiverId,
): Promise<{ readonly id: CaseId }> {
  return runCommand(ports, issuer, async (work) => {
    const peeked = await work.peek(waivers, id)
    if (peeked.s === 'absent') throw new AppError('NOT_FOUND')
    const useCase = await useCaseFor(work, peeked.terms.scope.useCaseId, 'case.open')
    const { state } = await work.load(waivers, id)
    if (state.s !== 'requested' || !waiver.needsCase(state)) throw refusal('WAIVER_NEEDS_NO_CASE')
    if ((await approvalOf(work, id)) !== null) throw refusal('WAIVER_ALREADY_APPROVED')
    const { release, environment } = state.terms.scope
    if (release === null) throw refusal('RELEASE_UNKNOWN')
    const { systemId } = await releaseIn(work, release)
    const document = waiver.waiverDocument(id, state)
    const about = { useCase, systemId, release, environment, kind: 'waiver' } as const
    return openOn(work, waiver.caseTier(state.terms), {
      ...about,
      waiver: { id, document, by: state.by },
    })
  })
}

async function openOn(
  work: Work,
  tier: Tier,
  about: OpeningSubject,
  resumed: {
    readonly deploymentId?: DeploymentId | undefined
    readonly stops?: readonly StopId[] | undefined
  } = {},
): Promise<{ readonly id: CaseId }> {
  // Until two administrators and a charter exist, nothing but the first charter can be decided.
  if (await isBootstrap((sql, params) => work.tx.query(sql, params))) throw refusal('BOOTSTRAP_MODE')
  const id = work.ids.next('case')
  const context = await openingContext(work, await holdPolicies(work), id, about)
  const { useCase, waiver: asked } = about
  if (useCase.revisionInForce === null || useCase.record.assessment === null)
    throw refusal('USE_CASE_NOT_TRIAGED')
  const subject = {
    kind: about.kind,
    useCaseId: useCase.id,
    useCaseRevision: useCase.revisionInForce,
    systemId: about.systemId,
    release: about.release,
    environment: about.environment,
    deploymentId: resumed.deploymentId ?? null,
    tierAssessment: useCase.record.assessment.inputsDigest,
    stops: [...(resumed.stops ?? [])].sort(),
    waiver: asked === undefined ? null : { id: asked.id, document: asked.document },
  }
  await work.apply(cases, id, { c: 'open', subject, tier }, context)
  await reevaluateCase(work, id)
  await startBySystem(work, id, useCase)
  return { id }
}

function refusal(code: string): AppError {
  return new AppError('REFUSED', undefined, { reasons: [{ code, params: {} }] })
}

export type CaseCommand =
  | { readonly c: 'start_vote' }
  | { readonly c: 'recuse'; readonly rationale: string }
  | { readonly c: 'close' }
  | { readonly c: 'cancel'; readonly reasonCode: string }
  | { readonly c: 'revoke'; readonly reasonCode: string; readonly text: string }

const permissionFor = {
  start_vote: 'case.vote',
  recuse: 'case.vote',
  close: 'case.vote',
  cancel: 'case.open',
  revoke: 'stop.order',
} as const

/** Starts or closes a vote, recuses, cancels, revokes. Evidence is looked at afresh before anything is decided. */
export function commandCase(
  ports: CasePorts,
  issuer: Issuer,
  id: CaseId,
  command: CaseCommand,
): Promise<{ readonly state: reviewCase.Case }> {
  return runCommand(ports, issuer, async (work) => {
    const useCase = await caseUseCase(work, id, permissionFor[command.c])
    if (command.c === 'start_vote' || command.c === 'close') await reevaluateCase(work, id)
    if (command.c === 'close') await requireLedger(work)
    const isVote = command.c !== 'cancel' && command.c !== 'revoke'
    const context = isVote
      ? await votingContext(work, await present(work, id), useCase)
      : caseContext(work, id)
    await work.apply(cases, id, command, context)
    if (command.c === 'revoke') await revokeOnCase(work, useCase, await present(work, id))
    await afterVote(work, id, useCase)
    return { state: await present(work, id) }
  })
}

export type NewBallot = {
  readonly choice: 'approve' | 'approve_with_conditions' | 'object' | 'abstain'
  readonly subjectDigest: Digest
  readonly conditions: readonly reviewCase.ConditionDraft[]
  /** For an approval that shall end before the rule's lifetime is over. */
  readonly until: EpochMs | null
  readonly rationale: string
  /** Chosen by the voter; it makes the signed document one of its kind. */
  readonly nonce: string
  /** WebAuthn assertion over the ballot's document, where the case demands one. */
  readonly assertion?: unknown
}

/**
 * Casts the caller's ballot, or supersedes it. When the case demands a bound proof and there is none, the problem says
 * exactly what to sign. With the last ballot the case closes by itself.
 */
export function castBallot(
  ports: CasePorts,
  issuer: Issuer,
  id: CaseId,
  { assertion, ...ballot }: NewBallot,
): Promise<{ readonly state: reviewCase.Case }> {
  return withBallotProof(ports, issuer, id, ballot, assertion).then((proven) =>
    runCommand(ports, proven, async (work) => {
      const useCase = await caseUseCase(work, id, 'case.vote')
      await reevaluateCase(work, id)
      await requireLedger(work)
      const context = await votingContext(work, await present(work, id), useCase)
      await work.apply(cases, id, { c: 'cast', ...ballot }, context)
      await afterVote(work, id, useCase)
      return { state: await present(work, id) }
    }),
  )
}

/** Lets a case whose deadline has passed end as its ballots say. Returns whether there was something to do. */
export function tickCase(ports: CasePorts, issuer: Issuer, id: CaseId): Promise<boolean> {
  return runCommand(ports, issuer, async (work) => {
    const peeked = await work.peek(cases, id)
    if (peeked.s === 'absent') return false
    const useCase = await readUseCase(work, peeked.subject.useCaseId)
    const state = await present(work, id)
    if (!reviewCase.isLapsed(state, work.now)) return false
    await work.apply(cases, id, { c: 'tick' }, await votingContext(work, state, useCase, engineActor))
    await afterDecision(work, id)
    return true
  })
}

/** The case that a case command is about, with the use case under its lock. */
async function caseUseCase(work: Work, id: CaseId, permission: 'case.vote' | 'case.open' | 'stop.order') {
  const peeked = await work.peek(cases, id)
  if (peeked.s === 'absent') throw new AppError('NOT_FOUND')
  const facts = await useCaseFor(work, peeked.subject.useCaseId, permission)
  await work.load(cases, id)
  return facts
}

async function withBallotProof(
  ports: CasePorts,
  issuer: Issuer,
  id: CaseId,
  { nonce, subjectDigest, choice, conditions: drafts, until }: Omit<NewBallot, 'assertion'>,
  assertion: unknown,
): Promise<Issuer> {
  const [row] = await ports.query<{ state: reviewCase.State }>(
    'select state from streams where stream = $1',
    [`case/${id}`],
  )
  if (row === undefined || row.state.s === 'absent') throw new AppError('NOT_FOUND')
  if (row.state.proof !== 'passkey_bound') return issuer
  const conditionsDigest = reviewCase.conditionsDigest(drafts)
  const ballot = { nonce, caseId: id, subjectDigest, choice, conditionsDigest, until }
  const document = reviewCase.ballotDocument(ballot)
  return boundIssuer(ports, issuer, document, assertion)
}

/** Tier 1 has no chair to wait for: the engine starts its vote as soon as everything is met. */
async function startBySystem(work: Work, id: CaseId, useCase: UseCaseFacts): Promise<void> {
  const state = await present(work, id)
  if (state.s !== 'open' || state.tier !== 1) return
  await work.apply(cases, id, { c: 'start_vote' }, await votingContext(work, state, useCase, engineActor))
}

/** Closes at once when everybody who may vote has voted; records what follows from a decision. */
async function afterVote(work: Work, id: CaseId, useCase: UseCaseFacts): Promise<void> {
  const state = await present(work, id)
  if (state.s === 'voting' && reviewCase.everybodyVoted(state))
    await work.apply(cases, id, { c: 'close' }, await votingContext(work, state, useCase, engineActor))
  await afterDecision(work, id)
}

/** Imposes the conditions of a fresh approval; an approved resume lifts the stops that it was about. */
async function afterDecision(work: Work, id: CaseId): Promise<void> {
  const { state } = await work.load(cases, id)
  if (state.s !== 'decided' || state.decision === null || state.decision.outcome === 'rejected') return
  const { decision } = state
  if (decision.revoked || decision.decidedAt !== work.now) return
  for (const { textDigest: _, ...condition } of decision.conditions) {
    const terms = { ...condition, caseId: id, decisionId: decision.id }
    const context = { now: work.now, person: null, functions: [] }
    await work.apply(conditions, condition.id, { c: 'impose', terms }, context)
  }
  if (state.subject.kind === 'resume') await resume(work, state, decision)
}

async function resume(work: Work, state: reviewCase.Case, decision: reviewCase.Decision): Promise<void> {
  const { outcome, decidedAt, expiresAt, revoked, id: decisionId } = decision
  const fact = { caseId: state.id, decisionId, outcome, decidedAt, expiresAt, revoked }
  const useCase = await readUseCase(work, state.subject.useCaseId)
  for (const { scope, target, ids } of await stopsNamed(work, state.subject.stops))
    for (const stopId of ids)
      await work.apply(
        stops,
        `${scope}:${target}`,
        { c: 'lift', stopId, cause: decisionId },
        {
          now: work.now,
          actor: { k: 'system', role: 'timer' },
          ids: work.ids,
          resume: { ...fact, stopIds: state.subject.stops },
          prohibitedCleared: useCase.legal.class !== 'prohibited',
        },
      )
  const { deploymentId } = state.subject
  if (deploymentId === null) return
  const place = await work.load(deployments, deploymentId)
  if (place.state.s === 'absent' || place.state.op !== 'quarantined') return
  const system = await work.peek(systems, place.state.systemId)
  await work.apply(
    deployments,
    deploymentId,
    { c: 'resume' },
    {
      now: work.now,
      actor: { k: 'system', role: 'timer' },
      ids: work.ids,
      releases: new Set<Digest>(),
      systemRetired: system.s !== 'registered',
      authorization: null,
      resume: { ...fact, deploymentId },
    },
  )
}

type NamedStops = { readonly scope: string; readonly target: string; readonly ids: readonly StopId[] }

/** The targets whose stops in force `ids` name. */
function stopsNamed(work: Work, ids: readonly StopId[]): Promise<readonly NamedStops[]> {
  return work.tx.query<NamedStops>(
    `select st.scope, st.target, array_agg(o ->> 'id' order by o ->> 'id') as ids
     from stops st join streams s on s.stream = 'stop/' || st.scope || ':' || st.target,
       jsonb_array_elements(s.state -> 'stops') o
     where st.is_in_force and o ->> 'id' = any($1) group by 1, 2 order by 1, 2`,
    [ids],
  )
}

/**
 * A resume is about stops in force over this system or a quarantined deployment of it; other kinds name neither. A stop
 * of the whole installation is lifted by the full committee only, so by a case of tier 3.
 */
async function assertResumable(work: Work, input: NewCase, systemId: SystemId, tier: Tier): Promise<void> {
  const { kind, stops: named = [], deploymentId } = input
  if (kind !== 'resume') {
    if (named.length > 0 || deploymentId !== undefined) throw refusal('NOT_A_RESUME')
    return
  }
  if (named.length === 0 && deploymentId === undefined) throw refusal('NOTHING_TO_RESUME')
  const targets = await stopsNamed(work, named)
  if (targets.flatMap(({ ids }) => ids).length !== new Set(named).size) throw refusal('STOP_UNKNOWN')
  for (const { scope, target } of targets) {
    if (scope === 'installation') {
      if (tier !== 3) throw refusal('INSTALLATION_STOP_NEEDS_TIER_3')
      continue
    }
    const [row] = await work.tx.query<{ covers: boolean }>(
      `select exists (select 1 from systems y left join deployments d on d.system_id = y.id left join routes r on r.deployment_id = d.id
         where y.id = $1 and $2 in (y.id, y.use_case_id, d.id, r.id)) as covers`,
      [systemId, target],
    )
    if (row?.covers !== true) throw refusal('STOP_OF_OTHER_SYSTEM')
  }
  if (deploymentId === undefined) return
  const state = await work.peek(deployments, deploymentId)
  if (state.s === 'absent' || state.systemId !== systemId) throw refusal('DEPLOYMENT_UNKNOWN')
}

async function present(work: Work, id: CaseId): Promise<reviewCase.Case> {
  const { state } = await work.load(cases, id)
  if (state.s === 'absent') throw new AppError('NOT_FOUND')
  return state
}

/** Attests that a condition is met, or withdraws one that the caller's function has proposed. */
export function commandCondition(
  ports: CasePorts,
  issuer: Issuer,
  id: ConditionId,
  command: { readonly c: 'attest'; readonly evidence: Digest } | { readonly c: 'withdraw' },
): Promise<void> {
  return runCommand(ports, issuer, async (work) => {
    const { state } = await work.load(conditions, id)
    if (state.s === 'absent') throw new AppError('NOT_FOUND')
    const [row] = await work.tx.query<{ useCaseId: UseCaseId }>(
      'select use_case_id as "useCaseId" from conditions where id = $1',
      [id],
    )
    if (row === undefined) throw new AppError('NOT_FOUND')
    await useCaseFor(work, row.useCaseId, 'condition.attest')
    const functions: readonly Fn[] = functionsHeld(issuer.authority, work.now)
    await work.apply(conditions, id, command, { now: work.now, person: personOf(issuer), functions })
  })
}

/** Ends every case whose deadline has passed. Returns how many there were. */
export async function tickDueCases(ports: CasePorts, issuer: Issuer): Promise<number> {
  const rows = await ports.query<{ id: CaseId }>(
    `select id from cases where state in ('open', 'waiting_evidence', 'voting') and deadline_at <= clock_timestamp()
     order by deadline_at limit 200`,
  )
  for (const { id } of rows) await tickCase(ports, issuer, id)
  return rows.length
}
