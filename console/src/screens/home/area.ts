import type { Area } from '../../frame/screen-route.ts'

export const home: Area = { routes: [], rail: [] }
