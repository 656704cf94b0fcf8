import { SystemComments } from './system-comments.tsx'
import { systemParts } from './system-parts.ts'

const { record, ...parts } = systemParts

/** The tabs of the page of a system, in their order. */
export const systemTabs = { ...parts, comments: SystemComments, record } as const
export const systemTabNames = Object.keys(systemTabs) as (keyof typeof systemTabs)[] // the keys of our own table
