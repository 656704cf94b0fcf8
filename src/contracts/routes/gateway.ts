import { z } from 'zod'
import { dataClasses, environments, upstreamApis } from '../../kernel/index.ts'
import { pageOf, pageQuery } from '../paging.ts'
import { route } from '../route.ts'
import { digest, empty, idOf, instant, revision, shortText } from '../schemas.ts'

const tag = 'gateway'
/** Names of machines' things: no text that a person would have to be asked about. */
const slug = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'a name such as `triage-bot`')
const secret = z.string().regex(/^[\x21-\x7e]{1,4096}$/, 'printable characters without spaces')
const base64url = z.string().regex(/^[A-Za-z0-9_-]*$/)
const cidrs = z.array(z.string().max(64)).max(32)

export const callActions = ['allow', 'redact', 'block', 'held', 'fault'] as const
export const dialects = [
  'openai-chat',
  'openai-responses',
  'openai-embeddings',
  'anthropic-messages',
  'mcp',
  'guard-check',
] as const
export const findingKinds = [
  'injection',
  'structure',
  'hidden',
  'exfiltration',
  'tool_poisoning',
  'output_sink',
  'pii',
  'secret',
  'canary',
  'opaque',
] as const
export const severities = ['info', 'low', 'medium', 'high', 'critical'] as const
const count = z.int().min(0)

const upstreamView = z.strictObject({
  id: idOf('upstream'),
  revision,
  state: z.enum(['active', 'disabled']),
  name: z.string(),
  origin: z.string(),
  basePath: z.string(),
  api: z.enum(upstreamApis),
  region: z.string(),
  ceiling: z.enum(dataClasses),
  apiVersion: z.string().nullable(),
  privateCidrs: z.array(z.string()),
  hasSecret: z.boolean(),
  createdAt: instant,
})

const alias = z.string().max(401)
/** `declaredAs`: the declared model that it is, where it is not the one of its alias. */
const way = z.strictObject({ upstreamId: idOf('upstream'), model: shortText, declaredAs: alias.optional() })
const models = z.record(
  alias,
  way.extend({
    /** Tried in this order when the ones before give no answer. */
    fallbacks: z.array(way).max(4).optional(),
  }),
)

const servers = z.record(z.string().max(40), z.strictObject({ upstreamId: idOf('upstream') }))

const keyView = z.strictObject({
  id: idOf('key'),
  routeId: idOf('route'),
  deploymentId: idOf('deployment'),
  agent: z.string(),
  sources: z.array(z.string()),
  createdBy: z.string(),
  createdAt: instant,
  expiresAt: instant,
  revokedAt: instant.nullable(),
})

/** A record as the gateway wrote it, member by member what its commitment covers. It holds no text of a call. */
const recordView = z.record(z.string(), z.unknown())

export const registerUpstream = route({
  id: 'upstreams.register',
  method: 'POST',
  path: '/api/v1/gateway/upstreams',
  tag,
  summary: 'Make a provider known to the gateway; its secret is sealed at once and never shown again',
  access: { permission: 'gateway.manage', everywhere: true, proof: 'recent_auth' },
  body: z.strictObject({
    name: slug,
    origin: z.string().max(300),
    basePath: z.string().max(200),
    api: z.enum(upstreamApis).default('openai'),
    region: shortText,
    /** Highest class of data that it may be sent. */
    ceiling: z.enum(dataClasses).default('internal'),
    /** Version by which the older paths of Azure are addressed, such as `2024-10-21`. */
    apiVersion: z.string().max(32).optional(),
    privateCidrs: cidrs.default([]),
    secret: secret.optional(),
  }),
  reply: z.strictObject({ id: idOf('upstream') }),
  refuses: [
    'NAME_TAKEN',
    'ORIGIN_INVALID',
    'ORIGIN_NOT_ENCRYPTED',
    'BASE_PATH_INVALID',
    'API_VERSION_INVALID',
    'RANGE_INVALID',
    'RANGE_NOT_PRIVATE',
  ],
  status: 201,
})

export const listUpstreams = route({
  id: 'upstreams.list',
  method: 'GET',
  path: '/api/v1/gateway/upstreams',
  tag,
  summary: 'Providers that the gateway knows, newest first',
  access: { permission: 'gateway.manage' },
  query: pageQuery(['-id']),
  reply: pageOf(upstreamView),
})

export const readUpstream = route({
  id: 'upstreams.read',
  method: 'GET',
  path: '/api/v1/gateway/upstreams/:id',
  tag,
  summary: 'A provider, without its secret',
  access: { permission: 'gateway.manage' },
  params: z.strictObject({ id: idOf('upstream') }),
  reply: upstreamView,
})

export const changeUpstreamSecret = route({
  id: 'upstreams.changeSecret',
  method: 'PUT',
  path: '/api/v1/gateway/upstreams/:id/secret',
  tag,
  summary: 'Replace the secret of a provider',
  access: { permission: 'gateway.manage', everywhere: true, proof: 'recent_auth' },
  params: z.strictObject({ id: idOf('upstream') }),
  body: z.strictObject({ secret }),
  reply: empty,
  revision: 'required',
  refuses: ['WRONG_STATE'],
})

export const setUpstreamCeiling = route({
  id: 'upstreams.setCeiling',
  method: 'PUT',
  path: '/api/v1/gateway/upstreams/:id/ceiling',
  tag,
  summary: 'Set the highest class of data that a provider may be sent',
  access: { permission: 'gateway.manage', everywhere: true, proof: 'recent_auth' },
  params: z.strictObject({ id: idOf('upstream') }),
  body: z.strictObject({ ceiling: z.enum(dataClasses) }),
  reply: empty,
  revision: 'required',
  refuses: ['WRONG_STATE', 'NOTHING_CHANGED'],
})

export const disableUpstream = route({
  id: 'upstreams.disable',
  method: 'POST',
  path: '/api/v1/gateway/upstreams/:id/disable',
  tag,
  summary: 'Take a provider away from every route for good, and forget its secret',
  access: { permission: 'gateway.manage', everywhere: true },
  params: z.strictObject({ id: idOf('upstream') }),
  reply: empty,
  refuses: ['WRONG_STATE'],
})

// What belongs to a deployment is judged where it belongs: the use case decides, not the door.

export const readGateway = route({
  id: 'gateway.read',
  method: 'GET',
  path: '/api/v1/gateway',
  tag,
  summary: 'Where model clients reach the gateway',
  access: { signedIn: true },
  query: empty,
  /** Null where this process runs no gateway and none is configured. */
  reply: z.strictObject({ origin: z.string().nullable() }),
})

export const listRoutes = route({
  id: 'routes.list',
  method: 'GET',
  path: '/api/v1/gateway/routes',
  tag,
  summary: 'Ways of deployments to their models, newest first',
  access: { permission: 'useCase.read' },
  query: pageQuery(['-id'], {
    environment: z.enum(environments).optional(),
    deployment: idOf('deployment').optional(),
  }),
  reply: pageOf(
    z.strictObject({
      id: idOf('route'),
      deploymentId: idOf('deployment'),
      systemId: idOf('system'),
      /** Title of the use case. */
      title: z.string(),
      environment: z.enum(environments),
      op: z.string(),
      /** Alias by alias, in the order in which its targets are tried. */
      models: z.array(
        z.strictObject({
          alias: z.string(),
          position: count,
          model: z.string(),
          upstream: z.string(),
          ceiling: z.enum(dataClasses),
        }),
      ),
      servers: z.array(z.strictObject({ server: z.string(), upstream: z.string() })),
    }),
  ),
})

export const readRoute = route({
  id: 'routes.read',
  method: 'GET',
  path: '/api/v1/gateway/routes/:id',
  tag,
  summary: 'The way of a deployment to its models and tools, and what its releases declare',
  access: { signedIn: true },
  params: z.strictObject({ id: idOf('route') }),
  reply: z.strictObject({
    id: idOf('route'),
    revision,
    deploymentId: idOf('deployment'),
    environment: z.enum(environments),
    models,
    servers,
    /** For how many days the texts of its calls are kept; null: they are not. */
    contentDays: z.int().nullable(),
    aliases: z.array(z.string()),
    /** Servers of the tools that its releases declare. */
    declaredServers: z.array(z.string()),
    /** Providers that a model may go to, and those that models go to now. */
    upstreams: z.array(
      z.strictObject({
        id: idOf('upstream'),
        name: z.string(),
        region: z.string(),
        ceiling: z.enum(dataClasses),
        api: z.enum(upstreamApis),
        state: z.enum(['active', 'disabled']),
      }),
    ),
  }),
})

export const configureRoute = route({
  id: 'routes.configure',
  method: 'PUT',
  path: '/api/v1/gateway/routes/:id/models',
  tag,
  summary: 'Replace the models of a route, and its tool servers; the grant still decides what may be called',
  access: { signedIn: true },
  params: z.strictObject({ id: idOf('route') }),
  body: z.strictObject({
    models: models.refine((all) => Object.keys(all).length <= 100, 'at most 100 models'),
    /** Left out: they stay as they are. */
    servers: servers.refine((all) => Object.keys(all).length <= 50, 'at most 50 servers').optional(),
  }),
  reply: empty,
  revision: 'required',
  refuses: [
    'DEPLOYMENT_RETIRED',
    'ALIAS_UNKNOWN',
    'SERVER_UNKNOWN',
    'UPSTREAM_UNKNOWN',
    'UPSTREAM_DISABLED',
    'UPSTREAM_OF_OTHER_API',
    'FALLBACK_OF_OTHER_API',
    'FALLBACK_TWICE',
    'TOO_MANY_FALLBACKS',
  ],
})

export const issueGatewayKey = route({
  id: 'gatewayKeys.issue',
  method: 'POST',
  path: '/api/v1/gateway/routes/:id/keys',
  tag,
  summary: 'Issue a key for one agent of the deployment; the token is shown this once',
  access: { signedIn: true },
  params: z.strictObject({ id: idOf('route') }),
  body: z.strictObject({ agent: slug, expiresAt: instant, sources: cidrs.default([]) }),
  reply: z.strictObject({ id: idOf('key'), token: z.string() }),
  refuses: ['DEPLOYMENT_RETIRED', 'LIFETIME_OUT_OF_RANGE', 'RANGE_INVALID', 'TOO_MANY_KEYS'],
  idempotent: false, // a kept answer would keep the token
  status: 201,
})

export const listGatewayKeys = route({
  id: 'gatewayKeys.list',
  method: 'GET',
  path: '/api/v1/gateway/keys',
  tag,
  summary: 'Keys of the gateway, newest first, without anything that opens it',
  access: { permission: 'useCase.read' },
  query: pageQuery(['-createdAt'], {
    deployment: idOf('deployment').optional(),
    /** A part of the agent's name or of the title of the use case, or the id of the key. */
    q: shortText.optional(),
  }),
  reply: pageOf(keyView),
})

export const revokeGatewayKey = route({
  id: 'gatewayKeys.revoke',
  method: 'POST',
  path: '/api/v1/gateway/keys/:id/revoke',
  tag,
  summary: 'Revoke a key; the gateway refuses it within a second',
  access: { signedIn: true },
  params: z.strictObject({ id: idOf('key') }),
  reply: empty,
  refuses: ['KEY_UNKNOWN'],
})

export const listGatewayRecords = route({
  id: 'gatewayRecords.list',
  method: 'GET',
  path: '/api/v1/gateway/records',
  tag,
  summary: 'Calls through the gateway, newest first, without the text of any',
  access: { permission: 'useCase.read' },
  query: pageQuery(['-at'], {
    deployment: idOf('deployment').optional(),
    key: idOf('key').optional(),
    action: z.enum(callActions).optional(),
    dialect: z.enum(dialects).optional(),
    inspection: z.enum(['none', 'partial', 'complete']).optional(),
    /** The model as the caller named it. */
    model: shortText.optional(),
    /** A reason code of the gateway among those of the call. */
    code: z
      .string()
      .regex(/^[a-z_]{1,64}$/, 'a reason code such as `guard_blocked`')
      .optional(),
    findings: z.enum(['some', 'none']).optional(),
    kind: z.enum(findingKinds).optional(),
    /** Of the worst finding. */
    severity: z.enum(severities).optional(),
    from: instant.optional(),
    to: instant.optional(),
  }),
  reply: pageOf(recordView),
})

const tally = z.strictObject({
  calls: z.strictObject({ allow: count, redact: count, block: count, held: count, fault: count }),
  /** Calls in which something was found; of one that has several kinds of findings each kind counts. */
  withFindings: count,
  kinds: z.array(z.strictObject({ kind: z.enum(findingKinds), calls: count })),
})

export const tallyGatewayRecords = route({
  id: 'gatewayRecords.tally',
  method: 'GET',
  path: '/api/v1/gateway/tally',
  tag,
  summary:
    'How many calls of the last hour and day were allowed, redacted, refused or failed, and what was found in them',
  access: { permission: 'useCase.read' },
  query: empty,
  reply: z.strictObject({ at: instant, hour: tally, day: tally }),
})

export const setRouteContent = route({
  id: 'routes.setContent',
  method: 'PUT',
  path: '/api/v1/gateway/routes/:id/content',
  tag,
  summary: 'Say whether the texts of the calls of a route are kept from now on, and for how many days',
  access: { permission: 'gateway.manage', proof: 'recent_auth' },
  params: z.strictObject({ id: idOf('route') }),
  /** Null: nothing is kept. What was kept before goes on its own day. */
  body: z.strictObject({ days: z.int().min(1).max(365).nullable() }),
  reply: empty,
  refuses: ['WRONG_STATE', 'DEPLOYMENT_RETIRED', 'DAYS_OUT_OF_RANGE'],
})

const contentText = z.strictObject({ text: z.string(), omittedBytes: count })

export const openGatewayContent = route({
  id: 'gatewayRecords.openContent',
  method: 'POST',
  path: '/api/v1/gateway/records/:id/content',
  tag,
  summary: 'Open what was kept of a call, for a stated reason; the opening is an entry of the ledger',
  access: { permission: 'content.read', proof: 'recent_auth' },
  params: z.strictObject({ id: idOf('record') }),
  body: z.strictObject({ reason: z.string().trim().min(1).max(2_000) }),
  /** Null when nothing was kept, or it is gone. A side alone is null when nothing of it may be kept. */
  reply: z.strictObject({
    content: z.strictObject({ input: contentText.nullable(), output: contentText.nullable() }).nullable(),
  }),
  refuses: ['PERSON_REQUIRED', 'REASON_REQUIRED'],
  idempotent: false, // a kept answer would keep the text
})

export const readGatewayRecord = route({
  id: 'gatewayRecords.read',
  method: 'GET',
  path: '/api/v1/gateway/records/:id',
  tag,
  summary: 'A call with its proof in two steps: the record in its batch, the batch in the log',
  access: { permission: 'useCase.read' },
  params: z.strictObject({ id: idOf('record') }),
  reply: z.strictObject({
    record: recordView,
    commitment: base64url,
    /** Opens the commitment; null for readers without `ledger.read`, since it lets guesses of the content be tested. */
    salt: base64url.nullable(),
    batch: z.strictObject({
      boot: z.string(),
      number: z.int().min(0),
      root: digest,
      size: z.int().min(1),
      index: z.int().min(0),
      path: z.array(base64url),
    }),
    entry: idOf('event'),
    /** Opens the one fact of the entry that names the root, so that the batch is tied to the leaf. */
    opening: z.strictObject({
      count: z.int(),
      fields: z.array(
        z.strictObject({
          index: z.int(),
          pointer: z.string(),
          value: z.string(),
          salt: base64url,
          path: z.array(base64url),
        }),
      ),
    }),
    log: z
      .strictObject({
        index: z.int().min(0),
        leaf: base64url,
        path: z.array(base64url),
        checkpoint: z.string(),
      })
      .nullable(),
  }),
})

export const gatewayRoutes = [
  registerUpstream,
  listUpstreams,
  readUpstream,
  changeUpstreamSecret,
  setUpstreamCeiling,
  disableUpstream,
  readGateway,
  listRoutes,
  readRoute,
  configureRoute,
  issueGatewayKey,
  listGatewayKeys,
  revokeGatewayKey,
  listGatewayRecords,
  tallyGatewayRecords,
  readGatewayRecord,
  setRouteContent,
  openGatewayContent,
] as const
