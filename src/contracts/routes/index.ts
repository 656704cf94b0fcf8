import { defineRoutes } from '../route.ts'
import { committeeRoutes } from './committee.ts'
import { enforcementRoutes } from './enforcement.ts'
import { gatewayRoutes } from './gateway.ts'
import { homeRoutes } from './home.ts'
import { identityRoutes } from './identity.ts'
import { intakeRoutes } from './intake.ts'
import { ledgerRoutes } from './ledger.ts'
import { registryRoutes } from './registry.ts'
import { reviewRoutes } from './reviews.ts'
import { safetyRoutes } from './safety.ts'

/** Every operation of the public surface. */
export const routes = defineRoutes([
  ...identityRoutes,
  ...intakeRoutes,
  ...registryRoutes,
  ...reviewRoutes,
  ...committeeRoutes,
  ...safetyRoutes,
  ...enforcementRoutes,
  ...gatewayRoutes,
  ...ledgerRoutes,
  ...homeRoutes,
])
