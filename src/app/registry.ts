import { charter, type reviewCase } from '../governance/committee/index.ts'
import {
  type ReleaseManifest,
  answersUnchanged,
  deployment,
  parseManifest,
  releaseDigest,
  type ChangeClass,
  type ChangeLine,
  type system,
} from '../governance/registry/index.ts'
import {
  AppError,
  type DecisionId,
  type DeploymentId,
  type Digest,
  type Environment,
  type Fn,
  type IdSource,
  type RouteId,
  type SystemId,
  type UseCaseId,
  type UserId,
} from '../kernel/index.ts'
import { charterId, charters } from './aggregates/committee.ts'
import { deployments, systems } from './aggregates/registry.ts'
import { runCommand, type Issuer, type Work } from './command.ts'
import { authorizationFor, onceIndexed, type GrantPorts } from './authorization/grants.ts'
import { strictnessByDigest } from './guard/policy-subject.ts'
import type { Query } from './ports/query.ts'
import { requirementsFor } from './requirements.ts'
import { reevaluateCases } from './committee/engine.ts'
import { requireLedger } from './ledger-health.ts'
import { holdPolicies } from './policies/in-force.ts'
import { requireReviews } from './reviews.ts'
import { useCaseFor, type UseCaseFacts } from './use-case-facts.ts'

export type RegistryPorts = GrantPorts

/** Registers the system that implements a use case. */
export function registerSystem(
  ports: RegistryPorts,
  issuer: Issuer,
  input: { readonly useCaseId: UseCaseId; readonly kind: system.SystemKind; readonly vendorRef?: string },
): Promise<{ readonly id: SystemId }> {
  return runCommand(ports, issuer, async (work) => {
    const useCase = await useCaseFor(work, input.useCaseId, 'release.create')
    const id = work.ids.next('system')
    await work.apply(systems, id, { c: 'register', ...input }, systemContext(work, useCase, id))
    return { id }
  })
}

export type CreatedRelease = {
  readonly digest: Digest
  readonly change: { readonly class: ChangeClass; readonly lines: readonly ChangeLine[] } | null
}

/**
 * Records a release and, when it names its parent, what changed against it. The manifest is UNTRUSTED: every fault of
 * its form is an `INVALID_INPUT` with its path.
 */
export function createRelease(
  ports: RegistryPorts,
  issuer: Issuer,
  systemId: SystemId,
  input: { readonly manifest: unknown; readonly parent?: Digest },
): Promise<CreatedRelease> {
  const parsed = parseManifest(input.manifest)
  if (!parsed.ok)
    throw new AppError('INVALID_INPUT', 'the manifest does not have the documented form', {
      reasons: parsed.faults,
    })
  const { manifest } = parsed
  return runCommand(ports, issuer, async (work) => {
    const useCase = await useCaseFor(work, await useCaseOf(work, systemId), 'release.create')
    const context = systemContext(work, useCase)
    const { parent } = input
    await work.apply(systems, systemId, { c: 'create_release', manifest, ...(parent && { parent }) }, context)
    const digest = releaseDigest(manifest)
    if (parent === undefined) return { digest, change: null }
    const { events } = await work.apply(
      systems,
      systemId,
      { c: 'classify_change', from: parent, to: digest },
      {
        ...context,
        strictness: { ...context.strictness, guardPolicy: await guardStrictness(work, parent, manifest) },
      },
    )
    const classified = events.find((event) => event.e === 'release.change_classified')
    if (classified?.class === 'material')
      await requireReviews(work, await holdPolicies(work), useCase.id, digest)
    await reevaluateCases(work, useCase.id)
    return {
      digest,
      change: classified === undefined ? null : { class: classified.class, lines: classified.lines },
    }
  })
}

/** Retires a system: one person is enough. */
export function retireSystem(
  ports: RegistryPorts,
  issuer: Issuer,
  systemId: SystemId,
  input: { readonly reasonCode: string; readonly revision?: number },
): Promise<void> {
  return runCommand(ports, issuer, async (work) => {
    const useCase = await useCaseFor(work, await useCaseOf(work, systemId), 'stop.order')
    work.expect((await work.load(systems, systemId)).rev, input.revision)
    const command = { c: 'retire', reasonCode: input.reasonCode } as const
    await work.apply(systems, systemId, command, systemContext(work, useCase))
  })
}

/** Creates a place where releases of a system will run. Nothing runs there until a grant exists. */
export function createDeployment(
  ports: RegistryPorts,
  issuer: Issuer,
  input: { readonly systemId: SystemId; readonly environment: Environment; readonly owner: UserId },
): Promise<{ readonly id: DeploymentId; readonly routeId: RouteId }> {
  return runCommand(ports, issuer, async (work) => {
    const { id: useCaseId } = await useCaseFor(
      work,
      await useCaseOf(work, input.systemId),
      'deployment.manage',
    )
    const [id, routeId] = [work.ids.next('deployment'), work.ids.next('route')]
    const context = await deploymentContext(work, input.systemId, { ids: work.only('deployment', id) })
    await work.apply(deployments, id, { c: 'create', useCaseId, routes: [routeId], ...input }, context)
    return { id, routeId }
  })
}

export type DeploymentCommand = Exclude<deployment.Command, { c: 'create' | 'resume' }>

/** Deploys, promotes, observes, quarantines or retires. What starts something needs a live grant. */
export function commandDeployment(
  ports: RegistryPorts,
  issuer: Issuer,
  id: DeploymentId,
  command: DeploymentCommand,
  revision?: number,
): Promise<{ readonly state: deployment.State }> {
  const act = async (work: Work) => {
    const peeked = await work.peek(deployments, id)
    if (peeked.s === 'absent') throw new AppError('NOT_FOUND')
    const isStop = command.c === 'quarantine' || command.c === 'retire'
    await useCaseFor(work, peeked.useCaseId, isStop ? 'stop.order' : 'deployment.manage')
    const { rev } = await work.load(deployments, id)
    work.expect(rev, revision)
    const authorization =
      command.c === 'deploy'
        ? await authorizationFor(ports, work, id, command.release)
        : command.c === 'promote'
          ? await authorizationFor(ports, work, id)
          : null
    const context = await deploymentContext(work, peeked.systemId, { authorization })
    const after = await work.apply(deployments, id, command, context)
    return { state: after.state }
  }
  return onceIndexed(() => runCommand(ports, issuer, act))
}

/**
 * Extends the decision on a release to another that differs in a minor way only, when every required check passes on
 * it. The decision keeps its expiry.
 */
export function extendDecision(
  ports: RegistryPorts,
  issuer: Issuer,
  systemId: SystemId,
  input: { readonly decisionId: DecisionId; readonly to: Digest },
): Promise<void> {
  return runCommand(ports, issuer, async (work) => {
    const useCase = await useCaseFor(work, await useCaseOf(work, systemId), 'release.create')
    await requireLedger(work)
    const decision = await decisionOn(work, systemId, input.decisionId)
    if (decision === null) throw new AppError('NOT_FOUND', 'there is no such decision on this system')
    const { results } = await requirementsFor(work, await holdPolicies(work), useCase, {
      release: input.to,
      environment: decision.environment,
    })
    const checks = results.filter(({ id }) => id.startsWith('check/'))
    const context: system.Context = {
      ...systemContext(work, useCase),
      decision,
      checks: {
        allPass: checks.length > 0 && checks.every(({ status }) => status === 'met'),
        runs: checks.flatMap(({ artefact }) => (artefact === undefined ? [] : [artefact])),
      },
      seatedSecurity: await seatedFor(work, 'security'),
    }
    const from = decision.release
    await work.apply(systems, systemId, { c: 'classify_change', from, to: input.to }, context)
    await work.apply(systems, systemId, { c: 'extend_decision', ...input }, context)
  })
}

async function decisionOn(
  work: Work,
  systemId: SystemId,
  decisionId: DecisionId,
): Promise<(system.DecisionFact & { readonly environment: Environment }) | null> {
  const [row] = await work.tx.query<{ state: reviewCase.Case }>(
    `select s.state from decisions d join streams s on s.stream = 'case/' || d.case_id
     join cases c on c.id = d.case_id
     where d.id = $1 and d.system_id = $2 and c.kind not in ('resume', 'waiver')`,
    [decisionId, systemId],
  )
  const decision = row?.state.decision ?? null
  if (decision === null) return null
  const { id, outcome, subject, decidedAt, notBefore, expiresAt, revoked } = decision
  const { release, environment } = subject
  return { id, outcome, release, environment, decidedAt, notBefore, expiresAt, revoked }
}

async function seatedFor(work: Work, fn: Fn): Promise<ReadonlySet<UserId>> {
  const inForce = charter.charterInForce(await work.peek(charters, charterId), work.now)
  const seats = inForce?.charter.seats.filter((seat) => seat.fn === fn) ?? []
  return new Set(seats.flatMap(({ holder, alternates }) => [holder, ...alternates]))
}

async function useCaseOf(work: Work, systemId: SystemId): Promise<UseCaseId> {
  const { state } = await work.load(systems, systemId)
  if (state.s === 'absent') throw new AppError('NOT_FOUND')
  return state.useCaseId
}

/** How the guard policy that a release names compares with that of its parent. */
async function guardStrictness(work: Work, parent: Digest, { guardPolicy }: ReleaseManifest) {
  const query: Query = (sql, params) => work.tx.query(sql, params)
  const [row] = await query<{ from: string | null }>(
    `select manifest ->> 'guardPolicy' as "from" from releases where digest = $1`,
    [parent],
  )
  return strictnessByDigest(query, row?.from ?? '', guardPolicy)
}

function systemContext(work: Work, useCase: UseCaseFacts, fresh?: SystemId): system.Context {
  return {
    now: work.now,
    actor: work.issuer.actor,
    authn: work.issuer.authn,
    ids: fresh === undefined ? work.ids : work.only('system', fresh),
    tier: useCase.tier,
    declaredActions: useCase.actions,
    answers: answersUnchanged,
    strictness: { guardPolicy: 'incomparable', toolPolicy: 'incomparable' },
    decision: null,
    checks: { allPass: false, runs: [] },
    seatedSecurity: new Set(),
    interested: useCase.interested,
  }
}

async function deploymentContext(
  work: Work,
  systemId: SystemId,
  more: { readonly ids?: IdSource; readonly authorization?: deployment.AuthorizationFact | null },
): Promise<deployment.Context> {
  const { state } = await work.load(systems, systemId)
  if (state.s === 'absent') throw new AppError('NOT_FOUND')
  return {
    now: work.now,
    actor: work.issuer.actor,
    ids: more.ids ?? work.ids,
    releases: new Set(Object.values(state.releases).map(({ digest }) => digest)),
    systemRetired: state.s === 'retired',
    authorization: more.authorization ?? null,
    resume: null,
  }
}
