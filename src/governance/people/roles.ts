import {
  unreachable,
  type EpochMs,
  type Fn,
  type RoleGrantId,
  type UnitId,
  type UseCaseId,
} from '../../kernel/index.ts'

export const roles = [
  'requester',
  'analyst',
  'reviewer',
  'validator',
  'soc_analyst',
  'incident_commander',
  'vendor_manager',
  'auditor',
  'admin',
] as const
export type Role = (typeof roles)[number]

export type Scope =
  | { readonly k: 'organisation' }
  | { readonly k: 'unit'; readonly id: UnitId }
  | { readonly k: 'use_case'; readonly id: UseCaseId }

/** A role that somebody holds, where and until when. `fn` belongs to reviewers alone. A seat is no role. */
export type RoleGrant = {
  readonly id: RoleGrantId
  readonly role: Role
  readonly fn: Fn | null
  readonly scope: Scope
  readonly until: EpochMs | null
}

export const permissions = [
  'useCase.start',
  'useCase.edit',
  'useCase.read',
  'useCase.triage',
  'intake.import',
  'tier.override',
  'legal.confirm',
  'release.create',
  'deployment.manage',
  'review.read',
  'review.sign',
  'check.record',
  'case.open',
  'case.read',
  'case.vote',
  'condition.attest',
  'charter.propose',
  'charter.ratify',
  'policy.propose',
  'policy.sign',
  'stop.order',
  'resume.request',
  'override.request',
  'override.second',
  'override.review',
  'waiver.request',
  'waiver.accept',
  'gate.evaluate',
  'admission.validate',
  'gateway.manage',
  'toolPolicy.write',
  'toolPolicy.activate',
  'guard.feedback',
  'guardPolicy.write',
  'guardPolicy.activate',
  'ledger.read',
  'ledger.export',
  'text.read',
  'sealed.reveal',
  'content.read',
  'text.redact',
  'hold.read',
  'hold.place',
  'hold.release',
  'people.manage',
  'people.read',
  'role.grant',
  'service.manage',
  'settings.manage',
  'audit.read',
] as const
export type Permission = (typeof permissions)[number]

/** Whoever is enrolled finds colleagues by name: those who propose the first charter have no role and no seat yet. */
const withoutRole: readonly Permission[] = ['people.read']
const everybody: readonly Permission[] = [
  'useCase.start',
  'useCase.edit',
  'useCase.read',
  'case.read',
  'review.read',
  'text.read',
]
const reviewing: readonly Permission[] = [
  ...everybody,
  'review.sign',
  'tier.override',
  'legal.confirm',
  'condition.attest',
  'stop.order',
  'waiver.accept',
  'override.review',
  // Behind these doors the legal function counts, for redaction the privacy function as well.
  'hold.read',
  'hold.place',
  'hold.release',
  'text.redact',
]
const byRole: { readonly [R in Role]: readonly Permission[] } = {
  requester: [
    ...everybody,
    'release.create',
    'deployment.manage',
    'waiver.request',
    'resume.request',
    'stop.order',
  ],
  analyst: [
    ...everybody,
    'useCase.triage',
    'intake.import',
    'tier.override',
    'case.open',
    'policy.propose',
    'toolPolicy.write',
    'toolPolicy.activate',
    'guard.feedback',
    'guardPolicy.write',
    'guardPolicy.activate',
    'stop.order',
    'release.create',
    'deployment.manage',
    'ledger.read',
    'resume.request',
  ],
  reviewer: reviewing,
  validator: [...everybody, 'check.record', 'stop.order'],
  soc_analyst: [...everybody, 'guard.feedback', 'guardPolicy.write', 'stop.order'],
  incident_commander: [
    ...everybody,
    'content.read',
    'guard.feedback',
    'stop.order',
    'override.request',
    'override.second',
    'resume.request',
  ],
  vendor_manager: [...everybody, 'stop.order'],
  auditor: [
    'useCase.read',
    'case.read',
    'review.read',
    'ledger.read',
    'ledger.export',
    'audit.read',
    // Text that people typed is masked for auditors; they open single entries with a reason, which is recorded.
    'sealed.reveal',
    // What was said in a call is opened one by one too, where a route keeps it at all.
    'content.read',
    'hold.read',
  ],
  // Who administers people decides nothing about AI: no ballot, no review, no charter.
  admin: [
    'people.manage',
    'role.grant',
    'service.manage',
    'settings.manage',
    'gateway.manage',
    'toolPolicy.write',
    'toolPolicy.activate',
    'guard.feedback',
    'guardPolicy.write',
    'guardPolicy.activate',
    'audit.read',
    'ledger.read',
    'ledger.export',
    'useCase.read',
    'stop.order',
    'hold.read',
    'hold.place',
  ],
}
/** What a seat of the charter in force gives to its holder and alternates. */
const bySeat: readonly Permission[] = [
  ...reviewing,
  'case.vote',
  'charter.propose',
  'charter.ratify',
  'policy.propose',
  'policy.sign',
  'toolPolicy.write',
  'toolPolicy.activate',
  'guard.feedback',
  'guardPolicy.write',
  'guardPolicy.activate',
  'ledger.read',
  'override.request',
  'override.second',
]

/** What being named as a business executive by the charter gives: to accept a high residual risk, and to read for it. */
const byExecutive: readonly Permission[] = [...everybody, 'waiver.accept']

/** What the charter in force makes of somebody. */
export type Chartered = Fn | 'business_executive' | null

/** What a service account may be given. It never votes, seconds, attests, triages, signs or accepts. */
export const servicePermissions: readonly Permission[] = [
  'gate.evaluate',
  'admission.validate',
  'release.create',
  'useCase.read',
  'check.record',
  'ledger.read',
  'ledger.export',
  'deployment.manage',
  'stop.order',
]

/** Where a permission is asked for. A list asks without a place and filters its rows. */
export type Place = { readonly unitPath: readonly UnitId[]; readonly useCaseId: UseCaseId | null }

/** Whether the roles or the charter allow `permission` at `place` (anywhere, when null) at `now`. Default deny. */
export function authorize(
  grants: readonly RoleGrant[],
  chartered: Chartered,
  permission: Permission,
  place: Place | null,
  now: EpochMs,
): boolean {
  if (withoutRole.includes(permission)) return true
  const byCharter = chartered === 'business_executive' ? byExecutive : bySeat
  if (chartered !== null && byCharter.includes(permission)) return true
  return grants.some((grant) => {
    const isOver = grant.until !== null && now >= grant.until
    return (
      !isOver && byRole[grant.role].includes(permission) && (place === null || covers(grant.scope, place))
    )
  })
}

/** Functions for which the person reviews at `now`, anywhere or at `place`. */
export function functionsOf(
  grants: readonly RoleGrant[],
  now: EpochMs,
  place: Place | null = null,
): readonly Fn[] {
  const held = grants.filter(
    ({ role, until, scope }) =>
      role === 'reviewer' && (until === null || now < until) && (place === null || covers(scope, place)),
  )
  return [...new Set(held.flatMap(({ fn }) => (fn === null ? [] : [fn])))]
}

/** Whether somebody holds `role` anywhere at `now`. */
export function hasRole(grants: readonly RoleGrant[], role: Role, now: EpochMs): boolean {
  return grants.some((grant) => grant.role === role && (grant.until === null || now < grant.until))
}

/** Whether somebody must prove a second factor: everybody but those who only ask. */
export function demandsSecondFactor(grants: readonly RoleGrant[], isSeated: boolean): boolean {
  return isSeated || grants.some(({ role }) => role !== 'requester')
}

function covers(scope: Scope, place: Place): boolean {
  switch (scope.k) {
    case 'organisation':
      return true
    case 'unit':
      return place.unitPath.includes(scope.id)
    case 'use_case':
      return place.useCaseId === scope.id
    default:
      return unreachable(scope)
  }
}
