import type { Area } from '../../frame/screen-route.ts'

export const ledger: Area = { routes: [], rail: [] }
