import { canary } from '../governance/registry/index.ts'
import {
  AppError,
  epochMs,
  Secret,
  type CanaryId,
  type DeploymentId,
  type EpochMs,
  type RecordId,
} from '../kernel/index.ts'
import { visibleSql, type Visibility } from './access.ts'
import { canaries } from './aggregates/canaries.ts'
import { databaseNow } from './clock.ts'
import { personOf, runCommand, systemIssuer, type CommandPorts, type Issuer, type Work } from './command.ts'
import type { CanaryMaker } from './ports/canary-maker.ts'
import type { Query } from './ports/query.ts'
import { placeOfDeployment, requireAtPlace } from './route-place.ts'
import { millis } from './sql.ts'

/** Issues a canary for a text of a deployment. The token is returned this once; only a keyed digest of it is kept. */
export function issueCanary(
  ports: CommandPorts & { readonly canaryMaker: CanaryMaker },
  issuer: Issuer,
  input: { readonly deploymentId: DeploymentId; readonly place: canary.Place; readonly label: string },
): Promise<{ readonly id: CanaryId; readonly token: Secret<string> }> {
  return runCommand(ports, issuer, async (work) => {
    const id = work.ids.next('canary')
    const token = ports.canaryMaker.make((bytes) => work.random(bytes))
    const terms = { ...input, digest: ports.canaryMaker.digestOf(token) }
    await work.apply(canaries, id, { c: 'issue', terms }, await contextAt(work, id, input.deploymentId))
    return { id, token: new Secret(token) }
  })
}

/** Ends a canary: no gateway looks for it any more. */
export function retireCanary(ports: CommandPorts, issuer: Issuer, id: CanaryId): Promise<void> {
  return runCommand(ports, issuer, async (work) => {
    const { state } = await work.load(canaries, id)
    if (state.s === 'absent') throw new AppError('NOT_FOUND')
    await work.apply(canaries, id, { c: 'retire' }, await contextAt(work, id, state.terms.deploymentId))
  })
}

/** Puts into the ledger what gateways have seen. Each canary is told once for each deployment that it was seen in. */
export async function recordLeaks(ports: CommandPorts & { readonly query: Query }): Promise<void> {
  const open = await ports.query<{ id: CanaryId; seenIn: DeploymentId; recordId: RecordId }>(
    `select canary_id as id, deployment_id as "seenIn", first_record_id as "recordId" from canary_sightings
     where not is_recorded order by first_at limit 100`,
  )
  for (const { id, ...seen } of open)
    await runCommand(ports, systemIssuer('gateway', await databaseNow(ports.query)), async (work) => {
      const context = { ...baseOf(work, id), deploymentRetired: false, others: 0 }
      await work.apply(canaries, id, { c: 'leak', ...seen }, context)
    })
}

export type CanaryRow = {
  readonly id: CanaryId
  readonly deploymentId: DeploymentId
  readonly title: string
  readonly place: canary.Place
  readonly label: string
  readonly issuedBy: string
  readonly issuedAt: EpochMs
  readonly retiredAt: EpochMs | null
  /** Where it was seen out of its place, the first time first. */
  readonly leaks: readonly CanaryLeak[]
}
export type CanaryLeak = {
  readonly deploymentId: DeploymentId
  readonly recordId: RecordId
  readonly firstAt: EpochMs
  readonly calls: number
}

/** Canaries of the deployments that the reader may see, newest first. */
export async function listCanaries(
  query: Query,
  filter: { readonly visibility: Visibility; readonly after?: string; readonly limit: number },
): Promise<readonly CanaryRow[]> {
  type Row = Omit<CanaryRow, 'issuedAt' | 'retiredAt'> & { issuedAt: number; retiredAt: number | null }
  const rows = await query<Row>(
    `select c.id, c.deployment_id as "deploymentId", u.title, c.place, c.label, c.issued_by as "issuedBy",
       ${millis('c.issued_at')} as "issuedAt", ${millis('c.retired_at')} as "retiredAt",
       (select coalesce(jsonb_agg(jsonb_build_object('deploymentId', s.deployment_id, 'recordId', s.first_record_id,
          'firstAt', ${millis('s.first_at')}, 'calls', s.calls) order by s.first_at, s.deployment_id), '[]')
        from canary_sightings s where s.canary_id = c.id) as leaks
     from canaries c join deployments d on d.id = c.deployment_id join use_cases u on u.id = d.use_case_id
     where ${visibleSql('u', 1)} and ($2::text is null or c.id < $2)
     order by c.id desc limit $3`,
    [JSON.stringify(filter.visibility), filter.after ?? null, filter.limit],
  )
  return rows.map(({ issuedAt, retiredAt, ...row }) => ({
    ...row,
    issuedAt: epochMs(issuedAt),
    retiredAt: retiredAt === null ? null : epochMs(retiredAt),
  }))
}

function baseOf(work: Work, canaryId: CanaryId) {
  return { canaryId, now: work.now, actor: work.issuer.actor }
}

async function contextAt(work: Work, id: CanaryId, deploymentId: DeploymentId): Promise<canary.Context> {
  const query: Query = (sql, params) => work.tx.query(sql, params)
  const place = await placeOfDeployment(query, deploymentId)
  const caller = { authority: work.issuer.authority, person: personOf(work.issuer) }
  await requireAtPlace(query, caller, ['gateway.manage'], place, work.now)
  const [row] = await query<{ others: number }>(
    'select count(*)::int as others from canaries where deployment_id = $1 and id <> $2 and retired_at is null',
    [deploymentId, id],
  )
  return {
    ...baseOf(work, id),
    deploymentRetired: place.isRetired,
    others: row?.others ?? canary.maxCanaries,
  }
}
