import { targetOf } from '../../frame/id-target.ts'

/** Where a record of the overview stands: its own screen, or the list that has it. */
export function pathOf(kind: string, id: string): string {
  switch (kind) {
    case 'condition':
      return `/conditions?open=${id}`
    case 'stop':
      return '/stops'
    case 'release':
      return `/releases/${id}`
    default:
      return targetOf(id) ?? '/'
  }
}

/** The list where one finds what waits. */
export const waitingPaths: Readonly<Record<string, string>> = {
  triage: '/intake?state=submitted',
  review: '/reviews',
  ballot: '/cases?state=voting',
  evidence: '/cases?state=waiting_evidence',
  condition: '/conditions?state=open',
  waiver: '/waivers?state=requested',
  override_second: '/overrides?state=requested',
  override_review: '/overrides?unreviewed=true',
}

/** The real screen of each step of the first use. */
export const setupPaths: Readonly<Record<string, string>> = {
  second_administrator: '/people',
  charter: '/charter',
  provider: '/gateway',
  intake: '/intake',
  release: '/systems',
  check: '/systems',
  decision: '/cases',
  calls: '/ledger',
}

/** Where somebody does what waits for them. */
export function workPath(kind: string, id: string): string {
  if (kind === 'condition_owned' || kind === 'attestation') return pathOf('condition', id)
  return kind === 'charter_signature' ? '/charter' : pathOf(kind, id)
}
