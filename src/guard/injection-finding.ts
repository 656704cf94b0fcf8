import { trustOf, type Finding } from './finding.ts'
import type { InjectionMatch } from './injection-lane.ts'
import type { Transform } from './normalise/transform.ts'
import type { Channel } from './text.ts'

/** Names of what the scorer finds: surely, perhaps, and in what a reader does not see. */
export const injectionRules = {
  high: 'injection.found',
  flag: 'injection.suspected',
  hidden: 'hidden.injection',
} as const

/** A window as a finding. An order that a reader does not see is hidden text whose intent is plain, whatever its band. */
export function injectionFinding(
  match: InjectionMatch & {
    readonly via?: readonly Transform[]
    readonly isHidden?: boolean
    readonly isRaised?: boolean
  },
  channel: Channel,
): Finding {
  const { start, end, band, score, z, via, isHidden = false, isRaised = false } = match
  const isBelieved = trustOf[channel] !== 'untrusted'
  // What a disguise has raised, no threshold takes back.
  const place = { start, end, score, ...(isRaised ? {} : { z }), ...(via === undefined ? {} : { via }) }
  const surely = isBelieved ? 'medium' : 'high'
  if (isHidden)
    return { ...place, kind: 'hidden', rule: injectionRules.hidden, severity: surely, sureness: 'certain' }
  const isHigh = band === 'high'
  return {
    ...place,
    kind: 'injection',
    rule: injectionRules[band],
    severity: isHigh ? surely : 'low',
    sureness: isHigh ? 'certain' : 'likely',
    band,
  }
}
