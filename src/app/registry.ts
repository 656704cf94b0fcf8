import {
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
  type DeploymentId,
  type Digest,
  type Environment,
  type Id,
  type IdKind,
  type IdSource,
  type RouteId,
  type SystemId,
  type UseCaseId,
  type UserId,
} from '../kernel/index.ts'
import { deployments, systems } from './aggregates/registry.ts'
import { runCommand, type CommandPorts, type Issuer, type Work } from './command.ts'
import { interestedIn, type ReadUseCase, type UseCaseFacts } from './use-case-facts.ts'

export type RegistryPorts = CommandPorts & {
  readonly readUseCase: ReadUseCase
  /** What is derived for `release` on the deployment, with the live grant that the issuer holds. */
  readonly authorizationFor: (
    work: Work,
    deploymentId: DeploymentId,
    release: Digest,
  ) => Promise<deployment.AuthorizationFact | null>
}

/** Registers the system that implements a use case. */
export function registerSystem(
  ports: RegistryPorts,
  issuer: Issuer,
  input: { readonly useCaseId: UseCaseId; readonly kind: system.SystemKind; readonly vendorRef?: string },
): Promise<{ readonly id: SystemId }> {
  return runCommand(ports, issuer, async (work) => {
    const useCase = await ports.readUseCase(work, input.useCaseId)
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
    const useCase = await ports.readUseCase(work, await useCaseOf(work, systemId))
    const context = systemContext(work, useCase)
    const { parent } = input
    await work.apply(systems, systemId, { c: 'create_release', manifest, ...(parent && { parent }) }, context)
    const digest = releaseDigest(manifest)
    if (parent === undefined) return { digest, change: null }
    const { events } = await work.apply(
      systems,
      systemId,
      { c: 'classify_change', from: parent, to: digest },
      context,
    )
    const classified = events.find((event) => event.e === 'release.change_classified')
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
    const useCase = await ports.readUseCase(work, await useCaseOf(work, systemId))
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
    const useCaseId = await useCaseOf(work, input.systemId)
    const [id, routeId] = [work.ids.next('deployment'), work.ids.next('route')]
    const context = await deploymentContext(work, input.systemId, { ids: only(work.ids, 'deployment', id) })
    await work.apply(deployments, id, { c: 'create', useCaseId, routes: [routeId], ...input }, context)
    await work.tx.query('insert into routes (id, deployment_id) values ($1, $2)', [routeId, id])
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
  return runCommand(ports, issuer, async (work) => {
    const { state, rev } = await work.load(deployments, id)
    if (state.s === 'absent') throw new AppError('NOT_FOUND')
    work.expect(rev, revision)
    const release = command.c === 'deploy' ? command.release : command.c === 'promote' ? state.desired : null
    const authorization = release === null ? null : await ports.authorizationFor(work, id, release)
    const context = await deploymentContext(work, state.systemId, { authorization })
    const after = await work.apply(deployments, id, command, context)
    return { state: after.state }
  })
}

async function useCaseOf(work: Work, systemId: SystemId): Promise<UseCaseId> {
  const { state } = await work.load(systems, systemId)
  if (state.s === 'absent') throw new AppError('NOT_FOUND')
  return state.useCaseId
}

function systemContext(work: Work, useCase: UseCaseFacts, fresh?: SystemId): system.Context {
  return {
    now: work.now,
    actor: work.issuer.actor,
    authn: work.issuer.authn,
    ids: fresh === undefined ? work.ids : only(work.ids, 'system', fresh),
    tier: useCase.tier,
    declaredActions: useCase.actions,
    answers: answersUnchanged,
    strictness: { guardPolicy: 'incomparable', toolPolicy: 'incomparable' },
    decision: null,
    checks: { allPass: false, runs: [] },
    seatedSecurity: new Set(),
    interested: interestedIn(useCase),
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

/** The stream of a new aggregate is named before its decider runs: the decider is then given exactly that id. */
function only<K extends IdKind>(ids: IdSource, kind: K, id: Id<K>): IdSource {
  const same = (asked: IdKind) => asked === kind
  return { next: (asked) => (same(asked) ? (id as unknown as Id<typeof asked>) : ids.next(asked)) } // same kind
}
