import { idPrefixes, type IdKind } from '../../../src/kernel/ids.ts'

const screens: { readonly [K in IdKind]?: string } = {
  useCase: '/intake',
  system: '/systems',
  deployment: '/deployments',
  case: '/cases',
  review: '/reviews',
  waiver: '/waivers',
  override: '/overrides',
  user: '/people',
  service: '/service-accounts',
  event: '/ledger/entries',
  record: '/gateway/records',
}
const idForm = /^([a-z]{2,4})_[0-7][0-9a-hjkmnp-tv-z]{25}$/
const digestForm = /^sha256:[0-9a-f]{64}$/

/** The address of the record that an id or digest names; null when the console has no screen for it. */
export function targetOf(text: string): string | null {
  if (digestForm.test(text)) return `/releases/${text}`
  const prefix = idForm.exec(text)?.[1]
  const kinds = Object.keys(screens) as (keyof typeof screens)[] // the keys of our own table
  const kind = kinds.find((name) => idPrefixes[name] === prefix)
  return kind === undefined ? null : `${screens[kind]}/${text}`
}
