import type { Trigger } from '../stream/scan-plan.ts'
import { emailTrigger } from './email.ts'
import { ipv6Triggers } from './ipv6.ts'
import { labelledTriggers } from './of-people.ts'
import { walletTriggers } from './prefixed-wallets.ts'
import { travelDocumentTriggers } from './travel-document.ts'

/** Personal data that a word or a sign begins. */
export const personalTriggers: readonly Trigger[] = [
  emailTrigger,
  ...labelledTriggers,
  ...travelDocumentTriggers,
  ...ipv6Triggers,
  ...walletTriggers,
]
