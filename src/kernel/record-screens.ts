import type { IdKind } from './ids.ts'

/** Where the console shows a record, by the kind of its id: `<path>/<id>`. Other kinds have no screen of their own. */
export const recordScreens = {
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
} as const satisfies { readonly [K in IdKind]?: string }
