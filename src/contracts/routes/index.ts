import { defineRoutes } from '../route.ts'
import { collaborationRoutes } from './collaboration.ts'
import { caseRoutes } from './cases.ts'
import { charterRoutes } from './charters.ts'
import { conditionRoutes } from './conditions.ts'
import { demoRoutes } from './demo.ts'
import { enforcementRoutes } from './enforcement.ts'
import { gatewayRoutes } from './gateway.ts'
import { guardFeedbackRoutes } from './guard-feedback.ts'
import { guardPolicyRoutes } from './guard-policies.ts'
import { guardRoutes } from './guard.ts'
import { canaryRoutes } from './canaries.ts'
import { gatewayLimitRoutes } from './gateway-limits.ts'
import { gatewayModelRoutes } from './gateway-models.ts'
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
import { overrideRoutes } from './overrides.ts'
import { refusalRoutes } from './refusals.ts'
import { requirementRoutes } from './requirements.ts'
import { stopRoutes } from './stops.ts'
import { waiverRoutes } from './waivers.ts'
import { serviceAccountRoutes } from './service-accounts.ts'
import { settingsRoutes } from './settings.ts'
import { streamRoutes } from './stream.ts'
import { toolPolicyRoutes } from './tool-policies.ts'
import { toolRoutes } from './tools.ts'
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
  ...stopRoutes,
  ...overrideRoutes,
  ...waiverRoutes,
  ...requirementRoutes,
  ...refusalRoutes,
  ...enforcementRoutes,
  ...gatewayRoutes,
  ...guardRoutes,
  ...guardPolicyRoutes,
  ...guardFeedbackRoutes,
  ...canaryRoutes,
  ...gatewayLimitRoutes,
  ...gatewayModelRoutes,
  ...toolPolicyRoutes,
  ...toolRoutes,
  ...ledgerRoutes,
  ...retentionRoutes,
  ...settingsRoutes,
  ...demoRoutes,
  ...homeRoutes,
  ...streamRoutes,
])
