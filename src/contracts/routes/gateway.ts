import { z } from 'zod'
import { environments } from '../../kernel/index.ts'
import { pageOf, pageQuery } from '../paging.ts'
import { route } from '../route.ts'
import { digest, empty, idOf, instant, revision, shortText } from '../schemas.ts'

const tag = 'gateway'
/** Names of machines' things: no text that a person would have to be asked about. */
const slug = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'a name such as `triage-bot`')
const secret = z.string().regex(/^[\x21-\x7e]{1,4096}$/, 'printable characters without spaces')
const base64url = z.string().regex(/^[A-Za-z0-9_-]*$/)
const cidrs = z.array(z.string().max(64)).max(32)

const upstreamView = z.strictObject({
  id: idOf('upstream'),
  revision,
  state: z.enum(['active', 'disabled']),
  name: z.string(),
  origin: z.string(),
  basePath: z.string(),
  region: z.string(),
  privateCidrs: z.array(z.string()),
  hasSecret: z.boolean(),
  createdAt: instant,
})

const models = z.record(
  z.string().max(401),
  z.strictObject({ upstreamId: idOf('upstream'), model: shortText }),
)

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
  access: { permission: 'gateway.manage', proof: 'recent_auth' },
  body: z.strictObject({
    name: slug,
    origin: z.string().max(300),
    basePath: z.string().max(200),
    region: shortText,
    privateCidrs: cidrs.default([]),
    secret: secret.optional(),
  }),
  reply: z.strictObject({ id: idOf('upstream') }),
  refuses: [
    'NAME_TAKEN',
    'ORIGIN_INVALID',
    'ORIGIN_NOT_ENCRYPTED',
    'BASE_PATH_INVALID',
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
  access: { permission: 'gateway.manage', proof: 'recent_auth' },
  params: z.strictObject({ id: idOf('upstream') }),
  body: z.strictObject({ secret }),
  reply: empty,
  revision: 'required',
  refuses: ['WRONG_STATE'],
})

export const disableUpstream = route({
  id: 'upstreams.disable',
  method: 'POST',
  path: '/api/v1/gateway/upstreams/:id/disable',
  tag,
  summary: 'Take a provider away from every route for good, and forget its secret',
  access: { permission: 'gateway.manage' },
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
      models: z.array(z.strictObject({ alias: z.string(), model: z.string(), upstream: z.string() })),
    }),
  ),
})

export const readRoute = route({
  id: 'routes.read',
  method: 'GET',
  path: '/api/v1/gateway/routes/:id',
  tag,
  summary: 'The way of a deployment to its models, and the aliases that its releases declare',
  access: { signedIn: true },
  params: z.strictObject({ id: idOf('route') }),
  reply: z.strictObject({
    id: idOf('route'),
    revision,
    deploymentId: idOf('deployment'),
    environment: z.enum(environments),
    models,
    aliases: z.array(z.string()),
    /** Providers that a model may go to, and those that models go to now. */
    upstreams: z.array(
      z.strictObject({
        id: idOf('upstream'),
        name: z.string(),
        region: z.string(),
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
  summary: 'Replace the models of a route; the grant still decides which of them may be called',
  access: { signedIn: true },
  params: z.strictObject({ id: idOf('route') }),
  body: z.strictObject({
    models: models.refine((all) => Object.keys(all).length <= 100, 'at most 100 models'),
  }),
  reply: empty,
  revision: 'required',
  refuses: ['DEPLOYMENT_RETIRED', 'ALIAS_UNKNOWN', 'UPSTREAM_UNKNOWN', 'UPSTREAM_DISABLED'],
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
  summary: 'Calls through the gateway, newest first; no content of a call is kept',
  access: { permission: 'useCase.read' },
  query: pageQuery(['-at'], {
    deployment: idOf('deployment').optional(),
    key: idOf('key').optional(),
    action: z.enum(['allow', 'block', 'fault']).optional(),
    from: instant.optional(),
    to: instant.optional(),
  }),
  reply: pageOf(recordView),
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
  disableUpstream,
  readGateway,
  listRoutes,
  readRoute,
  configureRoute,
  issueGatewayKey,
  listGatewayKeys,
  revokeGatewayKey,
  listGatewayRecords,
  readGatewayRecord,
] as const
