import type { Area } from '../../frame/screen-route.ts'

export const settings: Area = { routes: [], rail: [] }
