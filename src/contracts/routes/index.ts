import { defineRoutes } from '../route.ts'
import { ledgerRoutes } from './ledger.ts'

/** Every operation of the public surface. */
export const routes = defineRoutes([...ledgerRoutes])
