import type { Area } from '../../frame/screen-route.ts'

export const gateway: Area = { routes: [], rail: [] }
