import { defineRoutes } from '../route.ts'
import { collaborationRoutes } from './collaboration.ts'
import { caseRoutes } from './cases.ts'
import { charterRoutes } from './charters.ts'
import { conditionRoutes } from './conditions.ts'
import { demoRoutes } from './demo.ts'
import { enforcementRoutes } from './enforcement.ts'
import { gatewayRoutes } from './gateway.ts'
import { homeRoutes } from './home.ts'
import { identityRoutes } from './identity.ts'
import { importRoutes } from './imports.ts'
import { intakeRoutes } from './intake.ts'
import { ledgerRoutes } from './ledger.ts'
import { peopleRoutes } from './people.ts'
import { policyRoutes } from './policies.ts'
import { registryRoutes } from './registry.ts'
import { retentionRoutes } from './retention.ts'
import { reviewRoutes } from './reviews.ts'
import { safetyRoutes } from './safety.ts'
import { serviceAccountRoutes } from './service-accounts.ts'
import { settingsRoutes } from './settings.ts'
import { streamRoutes } from './stream.ts'
import { webhookRoutes } from './webhooks.ts'

/** Every operation of the public surface. */
export const routes = defineRoutes([
  ...identityRoutes,
  ...peopleRoutes,
  ...serviceAccountRoutes,
  ...intakeRoutes,
  ...importRoutes,
  ...policyRoutes,
  ...registryRoutes,
  ...reviewRoutes,
  ...charterRoutes,
  ...caseRoutes,
  ...conditionRoutes,
  ...collaborationRoutes,
  ...webhookRoutes,
  ...safetyRoutes,
  ...enforcementRoutes,
  ...gatewayRoutes,
  ...ledgerRoutes,
  ...retentionRoutes,
  ...settingsRoutes,
  ...demoRoutes,
  ...homeRoutes,
  ...streamRoutes,
])
