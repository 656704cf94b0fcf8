import { z } from 'zod'
import { findingKinds } from './finding.ts'

const treatment = z
  .record(z.enum(findingKinds), z.enum(['flag', 'redact', 'token', 'block']))
  .refine((of) => findingKinds.every((kind) => kind === 'pii' || of[kind] !== 'token'), {
    error: 'nothing but personal data is given back',
  })

/**
 * What an enforcement point does about each kind of finding, by tier: `catalogue/guard/treatments.json`. Personal data
 * and secrets are meant above the class that a grant allows, everything else in text that nobody vouches for. `token`
 * redacts, and lets a grant choose that the caller is given back what it has sent (ADR 0039).
 */
export const treatmentCatalogue = z.strictObject({
  version: z.int().min(1),
  tiers: z.strictObject({ 1: treatment, 2: treatment, 3: treatment }),
})
export type TreatmentCatalogue = z.infer<typeof treatmentCatalogue>
export type Treatment = TreatmentCatalogue['tiers'][1]
