import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import { loadRuleTexts } from '../adapters/files/guard-catalogue.ts'
import { createAuthentication } from '../api/authentication.ts'
import { collaborationHandlers } from '../api/handlers/collaboration.ts'
import { committeeHandlers } from '../api/handlers/committee.ts'
import { demoHandlers } from '../api/handlers/demo.ts'
import { enforcementHandlers } from '../api/handlers/enforcement.ts'
import { gatewayHandlers } from '../api/handlers/gateway.ts'
import { guardFeedbackHandlers } from '../api/handlers/guard-feedback.ts'
import { guardPolicyHandlers } from '../api/handlers/guard-policies.ts'
import { guardHandlers } from '../api/handlers/guard.ts'
import { canaryHandlers } from '../api/handlers/canaries.ts'
import { gatewayLimitHandlers } from '../api/handlers/gateway-limits.ts'
import { gatewayModelHandlers } from '../api/handlers/gateway-models.ts'
import { homeHandlers } from '../api/handlers/home.ts'
import { identityHandlers } from '../api/handlers/identity.ts'
import { importHandlers } from '../api/handlers/imports.ts'
import { intakeHandlers } from '../api/handlers/intake.ts'
import { ledgerHandlers } from '../api/handlers/ledger.ts'
import { policyHandlers } from '../api/handlers/policies.ts'
import { registryHandlers } from '../api/handlers/registry.ts'
import { retentionHandlers } from '../api/handlers/retention.ts'
import { reviewHandlers } from '../api/handlers/reviews.ts'
import { safetyHandlers } from '../api/handlers/safety.ts'
import { settingsHandlers } from '../api/handlers/settings.ts'
import { streamHandlers } from '../api/handlers/stream.ts'
import { toolPolicyHandlers } from '../api/handlers/tool-policies.ts'
import { toolHandlers } from '../api/handlers/tools.ts'
import { visitorHandlers } from '../api/handlers/visitor.ts'
import { webhookHandlers } from '../api/handlers/webhooks.ts'
import { hasConsole } from '../api/console.ts'
import { createApiServer } from '../api/server.ts'
import { withoutDemo, type DemoHost } from '../app/demo/host.ts'
import { isBootstrap } from '../app/identity/bootstrap.ts'
import { createHub } from '../app/live/hub.ts'
import type { Cast } from '../app/identity/visitor.ts'
import type { IdempotencyStore } from '../app/ports/idempotency-store.ts'
import type { Ledger } from '../app/ports/ledger.ts'
import { routes } from '../contracts/routes/index.ts'
import { visitorRoutes } from '../contracts/routes/visitor.ts'
import { epochMs } from '../kernel/index.ts'
import { catalogueFolder } from './catalogue-folder.ts'
import type { ControlPlane } from './control-plane.ts'

const { version } = JSON.parse(readFileSync(resolve(import.meta.dirname, '../../package.json'), 'utf8')) as {
  readonly version: string
} // our own file

const consoleFolder = resolve(import.meta.dirname, '../../console/dist')

/** What the API document says about the product. */
export const about = { title: 'Countersign', version }

export type ApiParts = {
  readonly plane: ControlPlane
  readonly ledger: Ledger
  readonly idempotency: IdempotencyStore
  /** What browsers see. */
  readonly origin: string
  /** What model clients see; left out where no gateway is known. */
  readonly gatewayOrigin?: string
  readonly rateLimit: { readonly max: number; readonly windowMs: number }
  /** The demo organisation beside this installation. */
  readonly demo?: DemoHost
  /** In a demo installation: who signs for its invented people. Nothing else opens the visitors' doors. */
  readonly cast?: Cast
  readonly trustedProxies?: readonly string[]
  readonly log?: FastifyBaseLogger
}

/** The management API: every route of the table with its handler. It does not listen yet. */
export async function createApi(parts: ApiParts): Promise<FastifyInstance> {
  const { plane, ledger, idempotency, origin, gatewayOrigin, rateLimit, trustedProxies = [], log } = parts
  const isDemo = parts.cast !== undefined
  const { query, rootFingerprint, grantIssuer } = plane
  const published = {
    bundle: plane.signedBundle,
    rootFingerprint,
    issuer: grantIssuer,
    logVkey: ledger.vkey,
    compromise: plane.compromiseKey,
  }
  const hub = createHub({
    query,
    changes: plane.changes,
    ledgerState: () => ledger.state().s,
    log: plane.log,
  })
  const server = await createApiServer({
    routes: [...routes, ...(isDemo ? visitorRoutes : [])],
    handlers: {
      ...identityHandlers(plane, { origin, isDemo }),
      ...intakeHandlers(plane, query),
      ...importHandlers(plane),
      ...policyHandlers(plane),
      ...registryHandlers(plane, query),
      ...reviewHandlers(plane),
      ...committeeHandlers(plane, query),
      ...collaborationHandlers({ ...plane, digestHour: plane.mailer === null ? null : plane.digestHour }),
      ...webhookHandlers(plane),
      ...safetyHandlers(plane),
      ...enforcementHandlers(plane, published),
      ...gatewayHandlers({
        ...plane,
        ledger,
        gatewayOrigin: gatewayOrigin ?? null,
        now: () => epochMs(Date.now()),
      }),
      ...guardHandlers(loadRuleTexts(catalogueFolder)),
      ...guardPolicyHandlers({ ...plane, now: () => epochMs(Date.now()) }),
      ...guardFeedbackHandlers({ ...plane, now: () => epochMs(Date.now()) }),
      ...canaryHandlers({ ...plane, now: () => epochMs(Date.now()) }),
      ...gatewayLimitHandlers({ ...plane, now: () => epochMs(Date.now()) }),
      ...gatewayModelHandlers(plane),
      ...toolPolicyHandlers({ ...plane, now: () => epochMs(Date.now()) }),
      ...toolHandlers({ ...plane, now: () => epochMs(Date.now()) }),
      ...ledgerHandlers(ledger, plane),
      ...retentionHandlers(plane),
      ...settingsHandlers(plane, {
        version,
        origin,
        rootFingerprint,
        issuer: grantIssuer,
        logVkey: ledger.vkey,
      }),
      ...homeHandlers(query),
      ...streamHandlers(hub),
      ...demoHandlers(parts.demo ?? withoutDemo(query)),
      ...visitorHandlers(plane, parts.cast ?? { sign: async () => null }, origin),
    },
    ...createAuthentication({ query, origin, isDemo }),
    idempotency,
    info: { ...about, state: async () => ((await isBootstrap(query)) ? 'bootstrap mode' : 'running') },
    origins: [origin],
    rateLimit,
    trustedProxy: trustedProxies.length === 0 ? false : trustedProxies,
    ...(log === undefined ? {} : { log }),
    ...(hasConsole(consoleFolder) ? { consoleFolder } : {}),
  })
  // A stream ends by itself never; the server would wait for it.
  server.addHook('preClose', async () => hub.close())
  return server
}
