import type { Area } from '../../frame/screen-route.ts'

export const committee: Area = { routes: [], rail: [] }
