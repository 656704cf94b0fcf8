import { randomBytes } from 'node:crypto'
import { castBallot, openCase, readCase, startVote } from '../../contracts/routes/cases.ts'
import { configureRoute, issueGatewayKey } from '../../contracts/routes/gateway.ts'
import { startUseCase, submitUseCase, triageUseCase, readUseCase } from '../../contracts/routes/intake.ts'
import {
  commandDeployment,
  createDeployment,
  createRelease,
  registerSystem,
} from '../../contracts/routes/registry.ts'
import {
  assignReview,
  listReviews,
  signOffReview,
  startReview,
  recordCheck,
} from '../../contracts/routes/reviews.ts'
import { readRequirements } from '../../contracts/routes/requirements.ts'
import {
  digestOf,
  type CaseId,
  type DeploymentId,
  type Digest,
  type Fn,
  type Json,
  type JsonObject,
  type RouteId,
  type StopId,
  type SystemId,
  type UseCaseId,
} from '../../kernel/index.ts'
import { loadToolPolicies } from '../../adapters/files/tool-policies.ts'
import { catalogueFolder } from '../catalogue-folder.ts'
import type { Organisation } from './organisation.ts'
import { definitionDigestOf } from './tool-definitions.ts'

type Answers = { readonly [key: string]: Json }
const environment = 'prod'

/** A use case on its way, with what its next command needs to know. */
export type Intake = { readonly id: UseCaseId; readonly revision: number; readonly tier: 1 | 2 | 3 | null }

export async function draftUseCase(org: Organisation, answers: Answers): Promise<Intake> {
  const { id, revision } = await org.requester.call(startUseCase, {
    body: {
      answers,
      owners: {
        business: org.businessOwner.id,
        technical: org.technicalOwner.id,
        backup: org.backupOwner.id,
      },
    },
  })
  return { id, revision, tier: null }
}

export async function submitted(org: Organisation, answers: Answers): Promise<Intake> {
  const { id, revision } = await draftUseCase(org, answers)
  const params = { id }
  const done = await org.requester.call(submitUseCase, { params, body: {}, ifMatch: revision })
  return { id, revision: done.revision, tier: null }
}

export async function triaged(org: Organisation, answers: Answers): Promise<Intake> {
  const { id, revision } = await submitted(org, answers)
  const done = await org.analyst.call(triageUseCase, { params: { id }, body: {}, ifMatch: revision })
  const { tier } = await org.analyst.call(readUseCase, { params: { id } })
  return { id, revision: done.revision, tier }
}

/** A built system with one release and a place in production. */
export type Built = {
  readonly useCaseId: UseCaseId
  readonly systemId: SystemId
  readonly release: Digest
  readonly manifest: JsonObject
  readonly deploymentId: DeploymentId
  readonly routeId: RouteId
  readonly tier: 1 | 2 | 3
}

export const modelAlias = 'demo/demo-1'

export async function build(org: Organisation, useCase: Intake, answers: Answers): Promise<Built> {
  const maker = org.technicalOwner
  const { id: systemId } = await maker.call(registerSystem, {
    body: { useCaseId: useCase.id, kind: 'built' },
  })
  const manifest = manifestOf(systemId, org.region, answers)
  const { digest: release } = await maker.call(createRelease, {
    params: { id: systemId },
    body: { manifest },
  })
  const place = { systemId, environment, owner: org.technicalOwner.id } as const
  const { id: deploymentId, routeId } = await maker.call(createDeployment, { body: place })
  await maker.call(configureRoute, {
    params: { id: routeId },
    body: { models: { [modelAlias]: { upstreamId: org.upstream, model: 'demo' } } },
    ifMatch: 0,
  })
  const { id: useCaseId, tier } = useCase
  return { useCaseId, systemId, release, manifest, deploymentId, routeId, tier: tier ?? 3 }
}

/** Signs off every open review that the use case needs, each by the seat of its function. */
export async function signOffReviews(org: Organisation, { useCaseId }: Built): Promise<number> {
  const { items } = await org.analyst.call(listReviews, { query: { useCaseId, limit: 50 } })
  for (const { id, kind, subject } of items) {
    const reviewer = org.seats[functionOf[kind]]
    const at = { params: { id } }
    await reviewer.call(assignReview, { ...at, body: { lead: reviewer.id }, ifMatch: 1 })
    await reviewer.call(startReview, { ...at, ifMatch: 2 })
    await reviewer.call(signOffReview, {
      ...at,
      ifMatch: 3,
      body: { subject, summary: `The ${kind} review found nothing that speaks against it.`, conditions: [] },
    })
  }
  return items.length
}

/** Records a passed result of every required check that is not met, as an independent validator. */
export async function passChecks(org: Organisation, { release }: Built): Promise<number> {
  const { items } = await org.validator.call(readRequirements, { query: { release, environment } })
  const open = items.filter(({ id, status }) => id.startsWith('check/') && status !== 'met')
  for (const { id } of open)
    await org.validator.call(recordCheck, {
      body: {
        checkId: id.slice('check/'.length),
        release,
        environment,
        result: 'pass',
        artefactDigest: digestOf({ report: id, release }),
        validUntil: inDays(60),
      },
    })
  return open.length
}

export type CaseWish = {
  readonly kind?: 'initial' | 'resume'
  readonly stops?: readonly StopId[]
}

/** Opens a case and starts its vote. Tier 1 starts by itself. */
export async function openVote(org: Organisation, built: Built, wish: CaseWish = {}): Promise<CaseId> {
  const { kind = 'initial', stops = [] } = wish
  // In tier 1 the technical owner consents to a resume by asking for it.
  const opener = kind === 'resume' ? org.technicalOwner : org.analyst
  const { id } = await opener.call(openCase, {
    body: { kind, release: built.release, environment, ...(stops.length === 0 ? {} : { stops: [...stops] }) },
  })
  if (built.tier > 1) await org.seats.security.call(startVote, { params: { id }, body: {} })
  return id
}

/** Casts the ballot of one function. In tier 3 its holder's passkey signs exactly this ballot. */
export async function vote(
  org: Organisation,
  id: CaseId,
  fn: Fn,
  ballot: { readonly choice?: 'approve' | 'object'; readonly until?: string } = {},
): Promise<{ readonly state: string; readonly tally: string }> {
  const { choice = 'approve', until } = ballot
  const params = { id }
  const { subjectDigest } = await org.seats[fn].call(readCase, { params })
  const { state, tally } = await org.seats[fn].sign(castBallot, {
    params,
    body: {
      choice,
      subjectDigest,
      conditions: [],
      rationale: choice === 'object' ? 'The risk to the people concerned was not weighed at all.' : '',
      nonce: randomBytes(16).toString('hex'),
      ...(until === undefined ? {} : { until }),
    },
  })
  return { state, tally: tally.status }
}

/** Everybody who is seated on the case approves; with the last ballot it is decided. */
export async function approveByAll(
  org: Organisation,
  id: CaseId,
  ballot: { readonly until?: string } = {},
): Promise<void> {
  const { roster } = await org.analyst.call(readCase, { params: { id } })
  for (const { fn } of roster) await vote(org, id, fn, ballot)
}

/** Rolls the approved release out and tells that it runs. */
export async function deploy(org: Organisation, { deploymentId: id, release }: Built): Promise<void> {
  const operator = org.technicalOwner
  await operator.call(commandDeployment, { params: { id }, body: { c: 'deploy', release, op: 'live' } })
  await operator.call(commandDeployment, {
    params: { id },
    body: { c: 'observe', observed: release, source: 'demo' },
  })
}

/** From nothing to a running, approved system. */
export async function approved(org: Organisation, answers: Answers, until?: string): Promise<Built> {
  const built = await build(org, await triaged(org, answers), answers)
  await signOffReviews(org, built)
  await passChecks(org, built)
  const id = await openVote(org, built)
  await approveByAll(org, id, until === undefined ? {} : { until })
  await deploy(org, built)
  return built
}

export async function issueKey(org: Organisation, { routeId }: Built): Promise<string> {
  const { token } = await org.technicalOwner.call(issueGatewayKey, {
    params: { id: routeId },
    body: { agent: 'demo-agent', expiresAt: inDays(30), sources: ['127.0.0.0/8'] },
  })
  return token
}

export function inDays(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString()
}

const functionOf = {
  legal: 'legal',
  privacy: 'privacy',
  security: 'security',
  vendor: 'security',
  dpia: 'privacy',
  fria: 'legal',
} as const satisfies { readonly [kind: string]: Fn }

function manifestOf(systemId: SystemId, region: string, answers: Answers): JsonObject {
  const [toolPolicy = digestOf({ policy: 'none' })] = loadToolPolicies(catalogueFolder).keys()
  const actions = (answers['actions'] ?? []) as readonly { readonly [column: string]: string }[] // of answers.ts
  return {
    schema: 1,
    systemId,
    models: [{ provider: 'demo', model: 'demo-1', pin: '2026-10-01', region }],
    prompts: [{ id: 'system', sha256: digestOf({ prompt: answers['title'] ?? '' }) }],
    tools: actions.map(({ toolId = '', effect = '', autonomy = '' }) => ({
      toolId,
      server: toolId.split('/')[0] ?? '',
      effect,
      autonomy,
      definitionSha256: definitionDigestOf(toolId),
    })),
    dataSets: [],
    capabilities: [],
    guardPolicy: digestOf({ policy: 'shipped default' }),
    toolPolicy,
    artefacts: [
      { kind: 'image', ref: `registry.example/soc/${systemId}`, digest: digestOf({ image: systemId }) },
    ],
    regions: [region],
    externalSend: false,
    params: { temperature: 0 },
  }
}
