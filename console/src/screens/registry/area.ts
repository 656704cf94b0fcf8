import type { Area } from '../../frame/screen-route.ts'

export const registry: Area = { routes: [], rail: [] }
