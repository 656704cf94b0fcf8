import type { Page } from 'playwright-core'
import type { Organisation } from '../../src/main/demo/organisation.ts'
import type { Person } from '../../src/main/demo/person.ts'
import type { Built } from '../../src/main/demo/systems.ts'
import type { Walked } from '../../src/main/demo/walk.ts'
import { collaborationShots } from './shots/collaboration.ts'
import { committeeShots } from './shots/committee.ts'
import { frameShots } from './shots/frame.ts'
import { homeShots } from './shots/home.ts'
import { identityShots } from './shots/identity.ts'
import { importShots } from './shots/import.ts'
import { intakeShots } from './shots/intake.ts'
import { outgoingShots } from './shots/outgoing.ts'
import { registryShots } from './shots/registry.ts'

/** One picture: who looks at which address, and what they do there before it is taken. */
export type Shot = {
  readonly name: string
  readonly person: Person | null
  readonly path: string
  readonly act?: (page: Page) => Promise<void>
}

/** What the pictures are about: the system of the walk, and the one that stays live. */
export type Subjects = { readonly walked: Walked; readonly live: Built }
export type Shots = (org: Organisation, subjects: Subjects) => readonly Shot[] | Promise<readonly Shot[]>

/** The pictures of the README and the guides; they stand in `docs/pictures`. */
export const documented: readonly string[] = [
  'home-overview',
  'case-voting',
  'ledger-entry',
  'intake-record-tier',
  'gateway-record',
  'import-planned',
]

const areas: readonly Shots[] = [
  frameShots,
  homeShots,
  identityShots,
  intakeShots,
  importShots,
  registryShots,
  committeeShots,
  outgoingShots,
  collaborationShots,
]

/** Every screen, as one of those who use it sees it. */
export async function shotsOf(org: Organisation, subjects: Subjects): Promise<readonly Shot[]> {
  const own: readonly Shot[] = [{ name: 'sign-in', person: null, path: '/sign-in' }]
  const found: Shot[] = []
  // One after the other: what an area prepares, the next one may look at.
  for (const area of areas) found.push(...(await area(org, subjects)))
  return [...own, ...found]
}
