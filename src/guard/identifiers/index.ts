import type { IdentifierRule } from '../stream/scan-plan.ts'
import { adriaticAndBaltic } from './adriatic-and-baltic.ts'
import { contact } from './contact.ts'
import { devices } from './devices.ts'
import { europe } from './europe.ts'
import { finance } from './finance.ts'
import { health } from './health.ts'
import { wallets } from './wallets.ts'
import { world } from './world.ts'

/** Every number or code of a person that is recognised by its shape. */
export const identifiers: readonly IdentifierRule[] = [
  ...finance,
  ...europe,
  ...adriaticAndBaltic,
  ...world,
  ...health,
  ...devices,
  ...wallets,
  ...contact,
]
