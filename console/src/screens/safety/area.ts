import type { Area } from '../../frame/screen-route.ts'

export const safety: Area = { routes: [], rail: [] }
