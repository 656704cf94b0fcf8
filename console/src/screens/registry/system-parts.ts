import { SystemDecisions } from './system-decisions.tsx'
import { SystemDeployments } from './system-deployments.tsx'
import { SystemOverview } from './system-overview.tsx'
import { SystemRecord } from './system-record.tsx'
import { SystemReleases } from './system-releases.tsx'
import { SystemUseCase } from './system-use-case.tsx'

/** What is recorded of a system, in its order: the parts of its dossier. */
export const systemParts = {
  overview: SystemOverview,
  'use-case': SystemUseCase,
  releases: SystemReleases,
  deployments: SystemDeployments,
  decisions: SystemDecisions,
  record: SystemRecord,
} as const
export const systemPartNames = Object.keys(systemParts) as (keyof typeof systemParts)[] // the keys of our own table
