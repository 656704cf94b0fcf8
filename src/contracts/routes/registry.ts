import { z } from 'zod'
import { environments, legalClasses } from '../../kernel/index.ts'
import { pageOf, pageQuery } from '../paging.ts'
import { route } from '../route.ts'
import { authorizationStates, digest, empty, idOf, instant, revision, shortText } from '../schemas.ts'

const tag = 'registry'
const environment = z.enum(environments)
const reasonCode = z.string().regex(/^[a-z][a-z0-9_]{1,63}$/, 'a reason code such as `end_of_life`')

/** `unknown` is what lists say as long as nothing current is derived: it never stands for a permission. */
const standing = z.enum([...authorizationStates, 'unknown'])
const observed = z.union([digest, z.literal('unknown')])

const systemSummary = z.strictObject({
  id: idOf('system'),
  useCaseId: idOf('useCase'),
  /** Title of the use case. */
  name: z.string(),
  kind: z.enum(['built', 'bought', 'embedded']),
  state: z.enum(['registered', 'retired']),
  createdAt: instant,
  tier: z.int().nullable(),
  legalClass: z.enum(legalClasses).nullable(),
  owner: idOf('user').nullable(),
  /** Places that are not retired, the worst authorization first. */
  places: z.array(
    z.strictObject({
      id: idOf('deployment'),
      environment,
      op: z.string(),
      desired: digest.nullable(),
      observed: observed.nullable(),
      state: standing,
      until: instant.nullable(),
      /** When it was derived. */
      asOf: instant.nullable(),
    }),
  ),
  /** The release that was approved last, while that approval holds. */
  approved: digest.nullable(),
  next: z.strictObject({ at: instant, what: z.enum(['authorization_ends', 'condition_due']) }).nullable(),
})

const releaseView = z.strictObject({
  digest,
  systemId: idOf('system'),
  parent: digest.nullable(),
  author: z.string(),
  createdAt: instant,
  manifest: z.record(z.string(), z.unknown()),
})

const changeView = z.strictObject({
  class: z.enum(['none', 'minor', 'material']),
  lines: z.array(z.looseObject({ field: z.string(), class: z.string() })),
})

const deploymentView = z.strictObject({
  id: idOf('deployment'),
  revision,
  useCaseId: idOf('useCase'),
  /** Title of the use case. */
  title: z.string(),
  systemId: idOf('system'),
  environment,
  routes: z.array(idOf('route')),
  owner: idOf('user'),
  op: z.enum(['not_deployed', 'shadow', 'canary', 'live', 'quarantined', 'retired']),
  desired: digest.nullable(),
  observed,
  observedUnknownSince: instant.nullable(),
  epoch: z.int(),
})

export const registerSystem = route({
  id: 'systems.register',
  method: 'POST',
  path: '/api/v1/systems',
  tag,
  summary: 'Register the system that implements a use case',
  access: { permission: 'release.create' },
  body: z.strictObject({
    useCaseId: idOf('useCase'),
    kind: z.enum(['built', 'bought', 'embedded']),
    vendorRef: shortText.optional(),
  }),
  reply: z.strictObject({ id: idOf('system') }),
  refuses: ['WRONG_STATE'],
  status: 201,
})

export const listSystems = route({
  id: 'systems.list',
  method: 'GET',
  path: '/api/v1/systems',
  tag,
  summary: 'Systems with the authorization of their places, as of when it was derived',
  access: { permission: 'useCase.read' },
  query: pageQuery(
    [
      '-createdAt',
      'createdAt',
      'name',
      '-name',
      'tier',
      '-tier',
      'authorization',
      '-authorization',
      'next',
      '-next',
    ],
    {
      useCaseId: idOf('useCase').optional(),
      state: z.enum(['registered', 'retired']).optional(),
      tier: z.coerce.number().int().min(1).max(3).optional(),
      legalClass: z.enum(legalClasses).optional(),
      /** A place with this authorization, in `environment` when that is given too. */
      authorization: standing.optional(),
      environment: environment.optional(),
      /** One of the owners of the use case. */
      owner: idOf('user').optional(),
      /** Words of the name, or the id of a system or use case. */
      q: shortText.optional(),
    },
  ),
  reply: pageOf(systemSummary),
})

export const summariseSystems = route({
  id: 'systems.summary',
  method: 'GET',
  path: '/api/v1/systems/summary',
  tag,
  summary: 'How many places have which authorization, among the systems that the caller may read',
  access: { permission: 'useCase.read' },
  query: empty,
  reply: z.strictObject({
    systems: z.int(),
    /** Places that are not retired. */
    places: z.int(),
    byState: z.array(z.strictObject({ state: standing, places: z.int() })),
    at: instant,
  }),
})

export const readSystem = route({
  id: 'systems.read',
  method: 'GET',
  path: '/api/v1/systems/:id',
  tag,
  summary: 'A system with its releases and how each differs from its parent',
  access: { permission: 'useCase.read' },
  params: z.strictObject({ id: idOf('system') }),
  reply: z.strictObject({
    ...systemSummary.shape,
    revision,
    releases: z.array(releaseView),
    changes: z.array(
      z.strictObject({
        from: digest,
        to: digest,
        class: z.enum(['none', 'minor', 'material']),
        tier: z.int(),
      }),
    ),
  }),
})

export const retireSystem = route({
  id: 'systems.retire',
  method: 'POST',
  path: '/api/v1/systems/:id/retire',
  tag,
  summary: 'Retire a system; its deployments are blocked from then on',
  access: { permission: 'stop.order' },
  params: z.strictObject({ id: idOf('system') }),
  body: z.strictObject({ reasonCode }),
  reply: empty,
  revision: 'required',
  refuses: ['WRONG_STATE'],
})

export const createRelease = route({
  id: 'releases.create',
  method: 'POST',
  path: '/api/v1/systems/:id/releases',
  tag,
  summary: 'Record a release by its manifest; its name is the digest of the manifest',
  access: { permission: 'release.create' },
  params: z.strictObject({ id: idOf('system') }),
  body: z.strictObject({ manifest: z.record(z.string(), z.unknown()), parent: digest.optional() }),
  reply: z.strictObject({ digest, change: changeView.nullable() }),
  refuses: [
    'MANIFEST_OF_OTHER_SYSTEM',
    'RELEASE_EXISTS',
    'RELEASE_UNKNOWN',
    'TOOL_NOT_DECLARED',
    'USE_CASE_NOT_TRIAGED',
  ],
  status: 201,
})

export const readRelease = route({
  id: 'releases.read',
  method: 'GET',
  path: '/api/v1/releases/:digest',
  tag,
  summary: 'A release: its manifest, who made it, what was decided on it, and where it runs',
  access: { permission: 'useCase.read' },
  params: z.strictObject({ digest }),
  reply: z.strictObject({
    ...releaseView.shape,
    useCaseId: idOf('useCase'),
    /** Title of the use case. */
    title: z.string(),
    tier: z.int().nullable(),
    decisions: z.array(
      z.strictObject({
        caseId: idOf('case'),
        environment,
        outcome: z.string(),
        decidedAt: instant,
        expiresAt: instant,
        revokedAt: instant.nullable(),
      }),
    ),
    places: z.array(
      z.strictObject({
        id: idOf('deployment'),
        environment,
        op: z.string(),
        isDesired: z.boolean(),
        isObserved: z.boolean(),
      }),
    ),
  }),
})

export const diffReleases = route({
  id: 'releases.diff',
  method: 'GET',
  path: '/api/v1/releases/:a/diff/:b',
  tag,
  summary: 'What differs between two releases, each field with its class in the tier of the use case',
  access: { permission: 'useCase.read' },
  params: z.strictObject({ a: digest, b: digest }),
  reply: changeView,
})

export const extendDecision = route({
  id: 'releases.extend',
  method: 'POST',
  path: '/api/v1/systems/:id/extensions',
  tag,
  summary: 'Extend a decision to a release that differs in a minor way; tier 3 never',
  access: { permission: 'release.create' },
  params: z.strictObject({ id: idOf('system') }),
  body: z.strictObject({ decisionId: idOf('decision'), to: digest }),
  reply: empty,
  refuses: [
    'NOT_CLASSIFIED',
    'CHANGE_IS_MATERIAL',
    'TIER_3_NEVER_EXTENDS',
    'DECISION_NOT_IN_FORCE',
    'CHECKS_NOT_PASSED',
    'SECURITY_SEAT_REQUIRED',
    'AUTHOR_CONFLICT',
    'OWNER_CONFLICT',
    'STEP_UP_REQUIRED',
    'ALREADY_EXTENDED',
    'EXTENSIONS_EXHAUSTED',
  ],
})

export const createDeployment = route({
  id: 'deployments.create',
  method: 'POST',
  path: '/api/v1/deployments',
  tag,
  summary: 'Create a place where releases of a system will run',
  access: { permission: 'deployment.manage' },
  body: z.strictObject({ systemId: idOf('system'), environment, owner: idOf('user') }),
  reply: z.strictObject({ id: idOf('deployment'), routeId: idOf('route') }),
  refuses: ['SYSTEM_RETIRED'],
  status: 201,
})

export const listDeployments = route({
  id: 'deployments.list',
  method: 'GET',
  path: '/api/v1/deployments',
  tag,
  summary: 'Deployments, newest first',
  access: { permission: 'useCase.read' },
  query: pageQuery(['-id'], {
    systemId: idOf('system').optional(),
    useCaseId: idOf('useCase').optional(),
    environment: environment.optional(),
    /** Words of the title, or the id of the deployment or its system. */
    q: shortText.optional(),
  }),
  reply: pageOf(deploymentView),
})

export const readDeployment = route({
  id: 'deployments.read',
  method: 'GET',
  path: '/api/v1/deployments/:id',
  tag,
  summary: 'A deployment',
  access: { permission: 'useCase.read' },
  params: z.strictObject({ id: idOf('deployment') }),
  reply: deploymentView,
})

const running = z.enum(['shadow', 'canary', 'live'])

export const commandDeployment = route({
  id: 'deployments.command',
  method: 'POST',
  path: '/api/v1/deployments/:id/commands',
  tag,
  summary: 'Deploy, promote, quarantine, retire, or tell what runs; starting needs a live grant',
  access: { permission: 'deployment.manage' },
  params: z.strictObject({ id: idOf('deployment') }),
  body: z.discriminatedUnion('c', [
    z.strictObject({ c: z.literal('deploy'), release: digest, op: running }),
    z.strictObject({ c: z.literal('promote'), op: running }),
    z.strictObject({ c: z.literal('quarantine'), reasonCode }),
    z.strictObject({ c: z.literal('retire'), reasonCode }),
    z.strictObject({
      c: z.literal('observe'),
      observed: z.union([digest, z.literal('unknown')]),
      source: shortText,
    }),
  ]),
  reply: empty,
  refuses: [
    'WRONG_STATE',
    'RELEASE_UNKNOWN',
    'NOT_AUTHORIZED',
    'GRANT_NOT_LIVE',
    'SYSTEM_RETIRED',
    'NOTHING_DEPLOYED',
    'NOT_A_PROMOTION',
  ],
})

export const registryRoutes = [
  registerSystem,
  listSystems,
  summariseSystems,
  readSystem,
  retireSystem,
  createRelease,
  readRelease,
  diffReleases,
  extendDecision,
  createDeployment,
  listDeployments,
  readDeployment,
  commandDeployment,
] as const
