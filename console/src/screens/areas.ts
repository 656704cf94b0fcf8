import type { Area, RailEntry, RailGroup } from '../frame/screen-route.ts'
import { collaboration } from './collaboration/area.ts'
import { committee } from './committee/area.ts'
import { gateway } from './gateway/area.ts'
import { guard } from './guard/area.ts'
import { home } from './home/area.ts'
import { identity } from './identity/area.ts'
import { importing } from './import/area.ts'
import { intake } from './intake/area.ts'
import { ledger } from './ledger/area.ts'
import { people } from './people/area.ts'
import { registry } from './registry/area.ts'
import { safety } from './safety/area.ts'
import { settings } from './settings/area.ts'

const areas: readonly Area[] = [
  identity,
  home,
  intake,
  importing,
  registry,
  committee,
  safety,
  gateway,
  guard,
  ledger,
  people,
  settings,
  collaboration,
]

/** Every screen of the console. */
export const screens = areas.flatMap(({ routes }) => routes)

/** The main navigation, in its groups. */
export const railGroups: readonly RailGroup[] = ['home', 'govern', 'protect', 'prove']
export const rail = areas
  .flatMap((area) => area.rail)
  .toSorted((a, b) => railGroups.indexOf(a.group) - railGroups.indexOf(b.group) || a.order - b.order)

/** The entries that somebody with these permissions can use. */
export function railFor(permissions: readonly string[]): readonly RailEntry[] {
  return rail.filter(({ needs }) => needs === undefined || permissions.includes(needs))
}
