import type { Permission } from '../governance/people/index.ts'
import {
  AppError,
  type DeploymentId,
  type Environment,
  type EpochMs,
  type KeyId,
  type RouteId,
  type SystemId,
  type UnitId,
  type UseCaseId,
  type UserId,
} from '../kernel/index.ts'
import { may, requireAt, unitPath, type Authority, type Belonging } from './access.ts'
import type { Query } from './ports/query.ts'

/** What a route serves, and to whom it belongs. */
export type RoutePlace = {
  readonly routeId: RouteId
  readonly deploymentId: DeploymentId
  readonly systemId: SystemId
  readonly environment: Environment
  readonly isRetired: boolean
  readonly belonging: Belonging
}

/** The place of a route; `NOT_FOUND` when there is none. */
export function placeOfRoute(query: Query, id: RouteId): Promise<RoutePlace> {
  return placeWhere(query, 'r.id = $1', id)
}

/** The place of the route that a key opens; `NOT_FOUND` when there is no such key. */
export function placeOfKey(query: Query, id: KeyId): Promise<RoutePlace> {
  return placeWhere(query, 'r.deployment_id = (select deployment_id from gateway_keys where id = $1)', id)
}

/** The place of the route of a deployment; `NOT_FOUND` when there is none. */
export function placeOfDeployment(query: Query, id: DeploymentId): Promise<RoutePlace> {
  return placeWhere(query, 'r.deployment_id = $1', id)
}

/** Demands one of `permissions` at the place; the last one decides how the caller is refused. */
export async function requireAtPlace(
  query: Query,
  caller: { readonly authority: Authority; readonly person: UserId | null },
  permissions: readonly [Permission, ...Permission[]],
  { belonging }: RoutePlace,
  now: EpochMs,
): Promise<void> {
  const place = { unitPath: await unitPath(query, belonging.unit), useCaseId: belonging.id }
  if (permissions.some((permission) => may(caller.authority, permission, place, now))) return
  await requireAt(query, caller, permissions.at(-1) ?? permissions[0], belonging, now)
}

/** `provider/model` of each model in a release of the system, sorted: what an alias of its routes may be. */
export async function declaredAliases(query: Query, systemId: SystemId): Promise<readonly string[]> {
  const rows = await query<{ alias: string }>(
    `select distinct (m ->> 'provider') || '/' || (m ->> 'model') as alias
     from releases r, jsonb_array_elements(r.manifest -> 'models') m where r.system_id = $1 order by alias`,
    [systemId],
  )
  return rows.map(({ alias }) => alias)
}

/** Each server of a tool in a release of the system, sorted: what a server of its routes may be. */
export async function declaredServers(query: Query, systemId: SystemId): Promise<readonly string[]> {
  const rows = await query<{ server: string }>(
    `select distinct t ->> 'server' as server
     from releases r, jsonb_array_elements(r.manifest -> 'tools') t where r.system_id = $1 order by server`,
    [systemId],
  )
  return rows.map(({ server }) => server)
}

async function placeWhere(query: Query, where: string, id: string): Promise<RoutePlace> {
  const [row] = await query<{
    routeId: RouteId
    deploymentId: DeploymentId
    systemId: SystemId
    environment: Environment
    op: string
    useCaseId: UseCaseId
    unit: UnitId | null
    people: (UserId | null)[]
  }>(
    `select r.id as "routeId", d.id as "deploymentId", d.system_id as "systemId", d.environment, d.op,
       u.id as "useCaseId", u.unit_id as unit,
       array[u.requester_id, u.business_owner_id, u.technical_owner_id, u.backup_owner_id] as people
     from routes r join deployments d on d.id = r.deployment_id join use_cases u on u.id = d.use_case_id
     where ${where}`,
    [id],
  )
  if (row === undefined) throw new AppError('NOT_FOUND')
  const { op, useCaseId, unit, people, ...place } = row
  const interested = new Set(people.filter((person) => person !== null))
  return { ...place, isRetired: op === 'retired', belonging: { id: useCaseId, unit, interested } }
}
