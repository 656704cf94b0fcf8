import {
  authorize,
  functionsOf,
  permissions,
  type Chartered,
  type Permission,
  type Place,
  type RoleGrant,
} from '../governance/people/index.ts'
import {
  AppError,
  unreachable,
  type EpochMs,
  type Fn,
  type UnitId,
  type UseCaseId,
  type UserId,
} from '../kernel/index.ts'
import type { Query } from './ports/query.ts'

/** What somebody may do: a person by roles and seat, a service account by its own list, the system by its code. */
export type Authority =
  | { readonly k: 'person'; readonly grants: readonly RoleGrant[]; readonly seat: Chartered }
  | {
      readonly k: 'service'
      readonly permissions: readonly Permission[]
      /** Null: every use case. */
      readonly useCaseId: UseCaseId | null
    }
  | { readonly k: 'system' }

/** Whether `authority` has `permission` at `place`, or anywhere when `place` is null. Default deny. */
export function may(
  authority: Authority,
  permission: Permission,
  place: Place | null,
  now: EpochMs,
): boolean {
  switch (authority.k) {
    case 'person':
      return authorize(authority.grants, authority.seat, permission, place, now)
    case 'service':
      return (
        authority.permissions.includes(permission) &&
        (place === null || authority.useCaseId === null || authority.useCaseId === place.useCaseId)
      )
    case 'system':
      return true
    default:
      return unreachable(authority)
  }
}

/** The organisation as a whole: a role that is held in a unit or for a use case ends before it. */
export const everywhere: Place = { unitPath: [], useCaseId: null }

/** Demands `permission` for the organisation as a whole; `FORBIDDEN` to whoever has it in a part of it only. */
export function requireEverywhere(authority: Authority, permission: Permission, now: EpochMs): void {
  if (!may(authority, permission, everywhere, now)) throw new AppError('FORBIDDEN')
}

/** Everything that `authority` may do somewhere. */
export function permissionsHeld(authority: Authority, now: EpochMs): readonly Permission[] {
  return permissions.filter((permission) => may(authority, permission, null, now))
}

/** The permission of this name; null when a route names one that nobody can have. */
export function permissionNamed(name: string): Permission | null {
  return permissions.find((permission) => permission === name) ?? null
}

/** Functions for which somebody sits, or reviews: anywhere, or at `place`. */
export function functionsHeld(authority: Authority, now: EpochMs, place: Place | null = null): readonly Fn[] {
  if (authority.k !== 'person') return []
  const held = functionsOf(authority.grants, now, place)
  const { seat } = authority
  return seat === null || seat === 'business_executive' ? held : [...new Set([...held, seat])]
}

/** What a record says about who may see it. */
export type Belonging = {
  readonly id: UseCaseId
  readonly unit: UnitId | null
  /** Requester and owners: they read their own, whatever their roles say. */
  readonly interested: ReadonlySet<UserId>
}

/**
 * Demands `permission` on a use case or what belongs to it. `NOT_FOUND` when the caller may not even read it, else
 * `FORBIDDEN`.
 */
export async function requireAt(
  query: Query,
  caller: { readonly authority: Authority; readonly person: UserId | null },
  permission: Permission,
  belonging: Belonging,
  now: EpochMs,
): Promise<void> {
  const held = await permissionsAt(query, caller, belonging, now)
  if (held.includes(permission)) return
  throw new AppError(held.includes('useCase.read') ? 'FORBIDDEN' : 'NOT_FOUND')
}

/** Every permission that the caller has on a use case. */
export async function permissionsAt(
  query: Query,
  { authority, person }: { readonly authority: Authority; readonly person: UserId | null },
  belonging: Belonging,
  now: EpochMs,
): Promise<readonly Permission[]> {
  const place = { unitPath: await unitPath(query, belonging.unit), useCaseId: belonging.id }
  const isOwn = person !== null && belonging.interested.has(person)
  return permissions.filter(
    (permission) => may(authority, permission, place, now) || (isOwn && ownPermissions.includes(permission)),
  )
}

/** What requester and owners may do with their own use case without any further role. */
const ownPermissions: readonly Permission[] = [
  'useCase.read',
  'useCase.edit',
  'text.read',
  'review.read',
  'case.read',
  'stop.order',
  'resume.request',
  'waiver.request',
]

/** The unit with all units above it. */
export async function unitPath(query: Query, unit: UnitId | null): Promise<readonly UnitId[]> {
  if (unit === null) return []
  const rows = await query<{ id: UnitId }>(
    `with recursive up as (
       select id, parent_id, 1 as depth from units where id = $1
       union all select u.id, u.parent_id, up.depth + 1 from units u join up on u.id = up.parent_id where up.depth < 50
     ) select id from up`,
    [unit],
  )
  return rows.map(({ id }) => id)
}

/** Which use cases somebody may read: everything, or these units with all below them, these use cases, and their own. */
export type Visibility = {
  readonly all: boolean
  readonly units: readonly UnitId[]
  readonly useCases: readonly UseCaseId[]
  readonly person: UserId | null
}

/** The rows that `permission` opens to the caller, for lists. */
export function visibilityOf(
  caller: { readonly authority: Authority; readonly person: UserId | null },
  permission: Permission,
  now: EpochMs,
): Visibility {
  const { authority, person } = caller
  if (authority.k === 'system') return { all: true, units: [], useCases: [], person }
  if (authority.k === 'service') {
    const isAllowed = authority.permissions.includes(permission)
    return {
      all: isAllowed && authority.useCaseId === null,
      units: [],
      useCases: isAllowed && authority.useCaseId !== null ? [authority.useCaseId] : [],
      person: null,
    }
  }
  if (authority.seat !== null && authorize([], authority.seat, permission, null, now))
    return { all: true, units: [], useCases: [], person }
  const live = authority.grants.filter((grant) => authorize([grant], null, permission, null, now))
  return {
    all: live.some(({ scope }) => scope.k === 'organisation'),
    units: live.flatMap(({ scope }) => (scope.k === 'unit' ? [scope.id] : [])),
    useCases: live.flatMap(({ scope }) => (scope.k === 'use_case' ? [scope.id] : [])),
    person,
  }
}

/** SQL that keeps the visible rows of `use_cases`, aliased `alias`; parameter `n` is the visibility as JSON text. */
export function visibleSql(alias: string, n: number): string {
  const v = `$${n}::jsonb`
  return `((${v} ->> 'all')::boolean
    or ${alias}.id in (select jsonb_array_elements_text(${v} -> 'useCases'))
    or ${v} ->> 'person' in (${alias}.requester_id, ${alias}.business_owner_id, ${alias}.technical_owner_id, ${alias}.backup_owner_id)
    or ${alias}.unit_id in (
      with recursive down as (
        select id from units where id in (select jsonb_array_elements_text(${v} -> 'units'))
        union select u.id from units u join down on u.parent_id = down.id
      ) select id from down))`
}
