import { admit, askGate, type GatePorts } from '../../app/authorization/gate.ts'
import { listKeys } from '../../app/authorization/grant-keys.ts'
import { readScope } from '../../app/authorization/grants.ts'
import { judge } from '../../app/authorization/facts.ts'
import { personOf, type Issuer } from '../../app/command.ts'
import { policiesInForce } from '../../app/policies/in-force.ts'
import { requireReadable } from '../../app/readable.ts'
import { millis } from '../../app/sql.ts'
import type { enforcementRoutes } from '../../contracts/routes/enforcement.ts'
import {
  AppError,
  epochMs,
  toRfc3339,
  type DeploymentId,
  type Digest,
  type GrantId,
} from '../../kernel/index.ts'
import { issuerOf, type Handlers, type Principal } from '../handler.ts'

export type PublishedKeys = {
  /** The trust bundle as the root key signed it. */
  readonly bundle: () => string
  readonly rootFingerprint: Digest
  readonly issuer: string
  readonly logVkey: string
  /** Ends the belief in a grant key; this process signs with the next one from then on. */
  readonly compromise: (issuer: Issuer, kid: string) => Promise<void>
}

/** What asks whether something may run: the CI gate, the admission webhook, and everybody who looks at a deployment. */
export function enforcementHandlers<P extends Principal>(
  ports: GatePorts,
  keys: PublishedKeys,
): Handlers<typeof enforcementRoutes, P> {
  const judged = async (caller: P, id: DeploymentId, rollout: Digest | undefined) => {
    const found = await judge(
      ports.query,
      await policiesInForce(ports.query),
      id,
      rollout === undefined ? {} : { rollout },
    )
    if (found === null) throw new AppError('NOT_FOUND')
    const who = { ...caller, person: personOf(caller) }
    await requireReadable(ports.query, who, found.facts.useCase.id, 'useCase.read')
    return found
  }
  const liveGrant = async (id: DeploymentId) => {
    const [row] = await ports.query<{ token: string; jti: GrantId; expiresAt: number }>(
      `select g.token, g.jti, ${millis('g.expires_at')} as "expiresAt"
       from grants g join deployment_epochs e on e.deployment_id = g.deployment_id
       where g.deployment_id = $1 and g.expires_at > clock_timestamp() and g.epoch = e.epoch
       order by g.issued_at desc limit 1`,
      [id],
    )
    return row ?? null
  }
  const admission = async (review: unknown, mode: 'enforce' | 'dry_run') => {
    const answer = await admit(ports, review, mode)
    return { ...answer, response: { ...answer.response } }
  }
  return {
    'deployments.authorization': async ({ caller, params, query }) => {
      const { authorization, facts, rows, observeBy } = await judged(caller(), params.id, query.release)
      const { s, mode, basis, until, open, reasons } = authorization
      return {
        state: s,
        mode,
        release: facts.release,
        basis: basis ?? null,
        until: until === undefined ? null : toRfc3339(until),
        open: [...open],
        reasons: reasons.map((reason) => ({ ...reason, params: { ...reason.params } })),
        tier: facts.tier,
        epoch: rows.epoch,
        observeBy: observeBy === null ? null : toRfc3339(observeBy),
        at: toRfc3339(epochMs(rows.now)),
      }
    },
    'deployments.grant': async ({ caller, params }) => {
      await judged(caller(), params.id, undefined)
      const grant = await liveGrant(params.id)
      if (grant === null) throw new AppError('NOT_FOUND', 'this deployment has no live grant')
      const scope = await readScope(ports.query, grant.token)
      return { grant: grant.token, jti: grant.jti, expiresAt: toRfc3339(epochMs(grant.expiresAt)), scope }
    },
    'gate.evaluate': async ({ caller, body }) => {
      const { releaseDigest, manifest, commit, ...input } = body
      const { receipt, release, verdict, reasons } = await askGate(ports, issuerOf(caller()), {
        ...input,
        ...(releaseDigest === undefined ? {} : { releaseDigest }),
        ...(manifest === undefined ? {} : { manifest }),
        ...(commit === undefined ? {} : { commit }),
      })
      const grant = verdict === 'allow' ? await liveGrant(body.deployment) : null
      return {
        verdict,
        release,
        receipt,
        reasons: reasons.map((reason) => ({ ...reason, params: { ...reason.params } })),
        grant: grant?.token ?? null,
      }
    },
    'admission.validate': ({ body }) => admission(body, 'enforce'),
    'admission.dryRun': ({ body }) => admission(body, 'dry_run'),
    'keys.list': async () => ({
      items: (await listKeys(ports.query)).map(
        ({ kid, publicKey, custody, signFrom, signUntil, verifyUntil, isCompromised }) => ({
          kid,
          publicKey,
          custody,
          signFrom: toRfc3339(signFrom),
          signUntil: toRfc3339(signUntil),
          verifyUntil: toRfc3339(verifyUntil),
          isCompromised,
        }),
      ),
    }),
    'keys.compromise': async ({ caller, params }) => {
      await keys.compromise(issuerOf(caller()), params.kid)
      return {}
    },
    'keys.wellKnown': async () => {
      const { rootFingerprint, issuer, logVkey } = keys
      return { bundle: keys.bundle(), rootFingerprint, issuer, logVkey }
    },
  }
}
