import { SystemComments } from './system-comments.tsx'
import { SystemDecisions } from './system-decisions.tsx'
import { SystemDeployments } from './system-deployments.tsx'
import { SystemOverview } from './system-overview.tsx'
import { SystemRecord } from './system-record.tsx'
import { SystemReleases } from './system-releases.tsx'
import { SystemUseCase } from './system-use-case.tsx'

/** The parts of the page of a system, in their order. */
export const systemTabs = {
  overview: SystemOverview,
  'use-case': SystemUseCase,
  releases: SystemReleases,
  deployments: SystemDeployments,
  decisions: SystemDecisions,
  comments: SystemComments,
  record: SystemRecord,
} as const
export const systemTabNames = Object.keys(systemTabs) as (keyof typeof systemTabs)[] // the keys of our own table
