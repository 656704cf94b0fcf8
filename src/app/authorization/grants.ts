import {
  grantExpiry,
  grantKeys,
  grantLifetimeSeconds,
  issueGrant,
  permits,
  scopeDigest,
  scopeFor,
  scopeNamedBy,
  type Authorization,
  type Ceiling,
  type GrantClaims,
  type grantSeries,
  type Scope,
} from '../../governance/authorization/index.ts'
import type { deployment, ReleaseManifest } from '../../governance/registry/index.ts'
import { valueOf } from '../../governance/tiering/index.ts'
import {
  AppError,
  dataClasses,
  digestOf,
  epochMs,
  type DataClass,
  type DeploymentId,
  type Digest,
  type EpochMs,
} from '../../kernel/index.ts'
import type { JwsSigner } from '../../kernel/jws.ts'
import { series } from '../aggregates/grants.ts'
import { runCommand, systemIssuer, type CommandPorts, type Work } from '../command.ts'
import { requireLedger } from '../ledger-health.ts'
import { holdPolicies } from '../policies/in-force.ts'
import type { Query } from '../ports/query.ts'
import { readState } from '../registry-views.ts'
import { instant } from '../sql.ts'
import { actionsIn, rowsIn } from '../use-case-facts.ts'
import { judge, type Judged, type Question } from './facts.ts'
import { changesAt, keepStanding } from './standing.ts'

export type GrantPorts = CommandPorts & {
  readonly grantSigner: JwsSigner
  /** `urn:countersign:<installation id>` */
  readonly grantIssuer: string
}

/** Until human oversight has a policy of its own, every action that needs a person is denied. */
export const approvalPolicy = digestOf({ schema: 'countersign.approval-policy/0', default: 'deny' })

const running: readonly deployment.Op[] = ['shadow', 'canary', 'live']

/**
 * Brings the grant of one deployment in line with its authorization: issues, renews or withholds it, and notes when to
 * look again. Runs as the system, in a transaction of its own.
 */
export function settleGrant(ports: GrantPorts, id: DeploymentId, now: EpochMs): Promise<void> {
  return runCommand(ports, systemIssuer('timer', now), async (work) => {
    await settle(ports, work, id)
  })
}

/**
 * Issues the grant for rolling out `release`, inside the command that deploys it: the deployment and its grant change
 * together or not at all. Without a roll-out it is the grant of what already runs.
 */
export async function authorizationFor(
  ports: GrantPorts,
  work: Work,
  id: DeploymentId,
  rollout?: Digest,
): Promise<deployment.AuthorizationFact | null> {
  const settled = await settle(ports, work, id, rollout === undefined ? {} : { rollout })
  if (settled === null) return null
  const { judged, expiresAt } = settled
  return {
    deploymentId: id,
    release: judged.facts.release,
    environment: judged.facts.environment,
    state: judged.authorization.s,
    basis: judged.authorization.basis ?? null,
    grantExpiresAt: expiresAt,
  }
}

async function settle(
  ports: GrantPorts,
  work: Work,
  id: DeploymentId,
  question: Question = {},
): Promise<{ readonly judged: Judged; readonly expiresAt: EpochMs | null } | null> {
  await work.load(series, id) // one issuer at a time, and it sees what the one before has done
  const query: Query = (sql, params) => work.tx.query(sql, params)
  const judged = await judge(query, await holdPolicies(work), id, question)
  if (judged === null) return null
  const { rows, authorization } = judged
  const isRunning = running.includes(rows.deployment.op) || question.rollout !== undefined
  if (!isRunning || !permits(authorization)) {
    await withhold(work, id, judged, isRunning)
    await lookAgain(work, id, judged, null, question)
    return { judged, expiresAt: null }
  }
  const expiresAt = await issue(ports, work, id, judged)
  await lookAgain(work, id, judged, expiresAt, question)
  return { judged, expiresAt }
}

/** Another process may have ended the belief in the key that this one still signs with. */
async function requireTrusted({ kid }: JwsSigner, { tx, now }: Work): Promise<void> {
  const found = await readState<grantKeys.State>((sql, params) => tx.query(sql, params), 'grantKeys/main')
  if (found !== null && !grantKeys.trustedKeys(found.state, now).some((key) => key.kid === kid))
    throw new AppError(
      'FAIL_CLOSED',
      'the grant key of this process is no longer trusted; try again in a moment',
    )
}

async function issue(
  ports: GrantPorts,
  work: Work,
  id: DeploymentId,
  judged: Judged,
): Promise<EpochMs | null> {
  const { facts, rows, authorization } = judged
  const { until, basis: basisId } = authorization
  if (until === undefined || basisId === undefined) return null
  await requireLedger(work)
  await requireTrusted(ports.grantSigner, work)
  const scope = scopeOf(judged)
  const iat = Math.floor(rows.now / 1_000)
  const exp = grantExpiry(iat, facts.tier, until)
  if (exp <= iat) {
    await withhold(work, id, judged, true)
    return null
  }
  const terms: grantSeries.SeriesTerms = {
    deploymentId: id,
    basis: await basisOf(work, judged, basisId),
    releaseDigest: facts.release,
    useCaseRevision: facts.useCase.revision,
    scope: scopeDigest(scope),
    tier: facts.tier,
    mode: authorization.mode,
    epoch: rows.epoch,
  }
  const jti = work.ids.next('grant')
  const claims: GrantClaims = {
    v: 1,
    iss: ports.grantIssuer,
    aud: ['gateway', 'ci', 'admission', 'connector'],
    jti,
    sub: id,
    uc: facts.useCase.id,
    sys: facts.system.id,
    env: facts.environment,
    rte: rows.deployment.routes,
    rel: facts.release,
    ucr: facts.useCase.revision,
    bas: terms.basis,
    tier: facts.tier,
    mode: authorization.mode,
    dcm: dataClasses.indexOf(scope.dataClassMax),
    scp: terms.scope,
    htl: approvalPolicy,
    epo: rows.epoch,
    iat,
    nbf: iat,
    exp,
  }
  const token = issueGrant(claims, ports.grantSigner)
  const expiresAt = epochMs(exp * 1_000)
  const { events } = await work.apply(
    series,
    id,
    { c: 'issue', terms, jti, exp: expiresAt },
    contextOf(ports, judged, id),
  )
  await work.tx.query('insert into grant_scopes (digest, scope) values ($1, $2) on conflict do nothing', [
    terms.scope,
    JSON.stringify(scope),
  ])
  await work.tx.query('delete from grants where deployment_id = $1', [id])
  await work.tx.query(
    `insert into grants (jti, deployment_id, token, release, epoch, basis, authorization_state, issued_at, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, ${instant(8)}, ${instant(9)})`,
    [jti, id, token, facts.release, rows.epoch, basisId, authorization.s, rows.now, expiresAt],
  )
  if (events.length === 0)
    await work.tx.query(
      `insert into grant_renewals (jti, deployment_id, leaf, issued_at) values ($1, $2, $3, ${instant(4)})`,
      [jti, id, digestOf(claims), rows.now],
    )
  return expiresAt
}

async function withhold(work: Work, id: DeploymentId, judged: Judged, isRunning: boolean): Promise<void> {
  const { state } = await work.load(series, id)
  // A grant of an earlier epoch is refused by every verifier; it stays until it expires, so that they can say why.
  await work.tx.query('delete from grants where deployment_id = $1 and epoch >= $2', [id, judged.rows.epoch])
  // A deployment that runs nothing has no series to refuse; one that stopped running closes the one it had.
  if (!isRunning && state.s === 'closed') return
  const authorization: Authorization = permits(judged.authorization)
    ? { ...judged.authorization, s: 'none', reasons: [{ code: 'NOT_DEPLOYED', params: {} }] }
    : judged.authorization
  const context = { ...contextOf(null, judged, id), authorization }
  await work.apply(series, id, { c: 'withhold' }, context)
}

function contextOf(
  ports: GrantPorts | null,
  { rows, facts, authorization }: Judged,
  deploymentId: DeploymentId,
): grantSeries.Context {
  const kid = ports?.grantSigner.kid ?? ''
  return { now: rows.now, deploymentId, authorization, release: facts.release, kid }
}

/** The decision or override behind the grant, with the ledger index of its entry: no grant before it has one. */
async function basisOf(
  work: Work,
  { rows, facts, authorization }: Judged,
  id: string,
): Promise<grantSeries.SeriesTerms['basis']> {
  const decided = rows.decided.find(({ decision }) => decision?.id === id)
  const [stream, kind] =
    authorization.s === 'emergency' || decided === undefined
      ? [`override/${id}`, 'override.activated']
      : [`case/${decided.id}`, 'decision.recorded']
  const [row] = await work.tx.query<{ seq: number }>(
    `select l.index as seq from ledger.entry e join ledger.leaf l on l.event_id = e.id
     where e.stream = $1 and e.kind = $2 order by l.index desc limit 1`,
    [stream, kind],
  )
  if (row === undefined)
    throw new AppError('FAIL_CLOSED', 'the basis of the grant has no ledger index yet', {
      extra: { [notIndexed]: true, retryAfterS: 1 },
    })
  if (decided === undefined || authorization.s === 'emergency') return { k: 'override', id, seq: row.seq }
  return { k: decided.subject.release === facts.release ? 'decision' : 'extension', id, seq: row.seq }
}

/** Waits up to a second for the ledger index that a grant must name; what was decided just now gets it in moments. */
export async function onceIndexed<T>(act: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await act()
    } catch (error) {
      const isEarly = error instanceof AppError && error.extra[notIndexed] === true
      if (!isEarly || tries === 20) throw error
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

const notIndexed = 'notIndexed'

/** The scope document whose digest a grant of ours names. */
export async function readScope(query: Query, grant: string): Promise<Record<string, unknown>> {
  const [row] = await query<{ scope: Record<string, unknown> }>(
    'select scope from grant_scopes where digest = $1',
    [scopeNamedBy(grant)],
  )
  if (row === undefined) throw new Error('a live grant names a scope that is not kept')
  return row.scope
}

/** What the grant permits: declared actions ∩ release ∩ what an override leaves. Unknown answers permit the least. */
export function scopeOf({ rows, facts, authorization }: Judged): Scope {
  const answers = rows.useCase.inForce?.answers ?? {}
  const dataClass = dataClasses.find((option) => option === valueOf(answers, 'dataClass')) ?? 'public'
  const volume = valueOf(answers, 'volumePerDay')
  const bound = {
    actions: actionsIn(answers),
    dataClass: dataClass satisfies DataClass,
    externalSend: rowsIn(answers, 'actions').some((row) => row['externalSend'] === 'yes'),
    volumePerDay: typeof volume === 'number' ? volume : 0,
  }
  return scopeFor(bound, manifestOf(rows.system, facts.release), ceilingsOf(authorization), facts.tier)
}

function ceilingsOf({ capabilities }: Authorization): readonly Ceiling[] {
  if (capabilities === undefined) return []
  const open = { dataClassMax: null, models: null, tools: null, regions: null, volumePerDay: null }
  return [{ ...open, capabilities, externalSend: true }]
}

function manifestOf(system: Judged['rows']['system'], release: Digest): ReleaseManifest {
  const found = Object.hasOwn(system.releases, release) ? system.releases[release] : undefined
  if (found === undefined) throw new AppError('NOT_FOUND', 'the release does not belong to the system')
  return found.manifest
}

/** Keeps what was derived, and notes when this deployment must be looked at again although nothing has changed. */
async function lookAgain(
  work: Work,
  id: DeploymentId,
  judged: Judged,
  expiresAt: EpochMs | null,
  { rollout }: Question,
): Promise<void> {
  const { rows, facts } = judged
  const change = await changesAt((sql, params) => work.tx.query(sql, params), judged)
  // A roll-out is judged as if it had happened; once it has, its mark brings the issuer here again.
  if (rollout === undefined) await keepStanding(work, id, judged, change)
  const lifetimeMs = grantLifetimeSeconds[facts.tier] * 1_000
  // Half the lifetime, give or take a tenth of it, so that deployments do not renew in step.
  const jitter = 0.4 + ((work.random(1)[0] ?? 0) / 255) * 0.2
  const renewal =
    expiresAt === null ? null : epochMs(Math.min(rows.now + Math.round(lifetimeMs * jitter), expiresAt))
  const ahead = [renewal, change].filter((at) => at !== null).filter((at) => at > rows.now)
  if (ahead.length === 0) {
    await work.tx.query('delete from grant_due where deployment_id = $1', [id])
    return
  }
  await work.tx.query(
    `insert into grant_due (deployment_id, due_at) values ($1, ${instant(2)})
     on conflict (deployment_id) do update set due_at = excluded.due_at`,
    [id, Math.min(...ahead)],
  )
}
