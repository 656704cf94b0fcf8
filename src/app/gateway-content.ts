import type { disclosure } from '../governance/people/index.ts'
import type { content } from '../governance/registry/index.ts'
import { actorText, AppError, type DeploymentId, type RecordId, type RouteId } from '../kernel/index.ts'
import { routeContents } from './aggregates/gateway.ts'
import { disclosures } from './aggregates/people.ts'
import { personOf, runCommand, type CommandPorts, type Issuer, type Work } from './command.ts'
import type { ContentOpener, KeptContent } from './ports/gateway-content.ts'
import type { Query } from './ports/query.ts'
import { placeOfDeployment, placeOfRoute, requireAtPlace } from './route-place.ts'

/** Says whether the texts of the calls of a route are kept from now on, and for how many days; null: they are not. */
export function setRouteContent(
  ports: CommandPorts,
  issuer: Issuer,
  routeId: RouteId,
  { days }: { readonly days: number | null },
): Promise<void> {
  return runCommand(ports, issuer, async (work) => {
    const place = await placeOfRoute(queryOf(work), routeId)
    await requireAtPlace(queryOf(work), callerOf(work), ['gateway.manage'], place, work.now)
    const command: content.Command = days === null ? { c: 'stop' } : { c: 'keep', days }
    const { deploymentId, isRetired: deploymentRetired } = place
    const context = { now: work.now, actor: issuer.actor, deploymentId, deploymentRetired }
    await work.apply(routeContents, routeId, command, context)
  })
}

/** For how many days the content of a route is kept; null: it is not. */
export async function daysOfContent(query: Query, routeId: RouteId): Promise<number | null> {
  const [row] = await query<{ days: number }>('select days from route_content where route_id = $1', [routeId])
  return row?.days ?? null
}

/**
 * Opens what was kept of a call for a stated reason; the opening is an entry of the ledger, written before anything is
 * shown. Null when nothing was kept, or it is gone.
 */
export async function openContent(
  ports: CommandPorts & { readonly content: ContentOpener },
  issuer: Issuer,
  record: RecordId,
  reason: string,
): Promise<KeptContent | null> {
  await runCommand(ports, issuer, async (work) => {
    const deployment = await deploymentOf(work, record)
    const place = await placeOfDeployment(queryOf(work), deployment)
    await requireAtPlace(queryOf(work), callerOf(work), ['content.read'], place, work.now)
    const command: disclosure.Command = { c: 'read_content', record, deployment, reason }
    const { actor, authn } = issuer
    await work.apply(disclosures, actorText(actor), command, { now: work.now, actor, authn })
  })
  return ports.content.open(record)
}

/** Erases content whose days are over: its keys first, so that no copy of it says anything any more. */
export async function sweepContent(query: Query): Promise<number> {
  const [row] = await query<{ erased: number }>('select sweep_gateway_content() as erased')
  return row?.erased ?? 0
}

/** A call with an unknown key belongs to no deployment, and nothing of it is ever kept. */
async function deploymentOf(work: Work, record: RecordId): Promise<DeploymentId> {
  const [row] = await work.tx.query<{ deployment: DeploymentId | null }>(
    'select deployment_id as deployment from gateway_records where id = $1',
    [record],
  )
  if (row?.deployment === undefined || row.deployment === null) throw new AppError('NOT_FOUND')
  return row.deployment
}

function callerOf(work: Work) {
  return { authority: work.issuer.authority, person: personOf(work.issuer) }
}

function queryOf(work: Work): Query {
  return (sql, params) => work.tx.query(sql, params)
}
