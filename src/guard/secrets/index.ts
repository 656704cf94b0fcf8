import { z } from 'zod'
import type { Trigger } from '../stream/scan-plan.ts'
import { credentialTriggers, namedTriggers } from './assignment.ts'
import { connectionTrigger } from './connection-string.ts'
import { loginTriggers } from './login.ts'
import { privateKeyTriggers } from './private-key.ts'
import { tokenChecks } from './token-checks.ts'
import { tokenTrigger } from './token-trigger.ts'

const form = z.string().min(4).max(200)
const id = z.string().regex(/^[a-z0-9-]{1,64}$/)
/** The catalogue of tokens, `catalogue/guard/tokens.json`. */
export const tokenCatalogue = z.strictObject({
  version: z.int().min(1),
  source: z.string(),
  tokens: z.array(
    z.strictObject({
      id,
      provider: z.string(),
      form,
      minEntropyTenthBits: z.int().min(0).max(60),
      check: z.enum(tokenChecks).optional(),
    }),
  ),
  named: z.array(z.strictObject({ id, word: z.string().min(3).max(32), form })),
})
export type TokenCatalogue = z.infer<typeof tokenCatalogue>

/** What begins a secret: tokens of providers, keys in armour, logins in addresses, and values behind a telling word. */
export function secretTriggers(catalogue: TokenCatalogue): readonly Trigger[] {
  return [
    ...catalogue.tokens.map(tokenTrigger),
    ...namedTriggers(catalogue.named),
    ...credentialTriggers,
    ...privateKeyTriggers,
    ...loginTriggers,
    connectionTrigger,
  ]
}
