import { z } from 'zod'
import { environments } from '../../kernel/index.ts'
import { route } from '../route.ts'
import { digest, idOf } from '../schemas.ts'

const tag = 'safety'
const environment = z.enum(environments)

export const readRequirements = route({
  id: 'requirements.read',
  method: 'GET',
  path: '/api/v1/requirements',
  tag,
  summary: 'Everything that is required of a release in an environment, and whether it is met',
  access: { signedIn: true },
  query: z.strictObject({ release: digest, environment }),
  reply: z.strictObject({
    useCaseId: idOf('useCase'),
    useCaseRevision: digest,
    release: digest,
    environment,
    tier: z.int(),
    /** Digest of all of it: a ballot is cast on exactly this. */
    evidenceSet: digest,
    items: z.array(
      z.strictObject({
        id: z.string(),
        status: z.enum(['met', 'waived', 'unmet', 'unknown']),
        /** Why it is so without any waiver. */
        why: z.string(),
        artefact: digest.nullable(),
        /** What a waiver of it would name. */
        gap: digest,
      }),
    ),
  }),
  refuses: ['USE_CASE_NOT_TRIAGED'],
})

export const requirementRoutes = [readRequirements] as const
