import type { Area } from '../../frame/screen-route.ts'

export const people: Area = { routes: [], rail: [] }
