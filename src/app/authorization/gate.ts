import {
  admission,
  evaluateGate,
  receiptLifetimeSeconds,
  receiptType,
  verifyGrant,
  type GateAnswer,
  type TrustBundle,
} from '../../governance/authorization/index.ts'
import { releaseDigest, parseManifest, type ReleaseManifest } from '../../governance/registry/index.ts'
import {
  AppError,
  digestOfBytes,
  isDigest,
  isId,
  type DeploymentId,
  type Digest,
  type Environment,
  type JsonObject,
} from '../../kernel/index.ts'
import { signJws } from '../../kernel/jws.ts'
import { gateRecords } from '../aggregates/grants.ts'
import { runCommand, type Issuer } from '../command.ts'
import type { Query } from '../ports/query.ts'
import { holdPolicies, policiesInForce } from '../policies/in-force.ts'
import { useCaseFor } from '../use-case-facts.ts'
import { judge } from './facts.ts'
import type { GrantPorts } from './grants.ts'

export type GatePorts = GrantPorts & { readonly query: Query; readonly trustBundle: () => TrustBundle }

export type GateInput = {
  readonly manifest?: unknown
  readonly releaseDigest?: Digest
  readonly deployment: DeploymentId
  readonly environment: Environment
  readonly commit?: string
}
export type GateResult = GateAnswer & { readonly receipt: string; readonly release: Digest | null }

/**
 * Says whether a release may be deployed, signs the answer and records it. An unknown deployment is a denial; what
 * cannot be established is `unverifiable`.
 */
export function askGate(ports: GatePorts, issuer: Issuer, input: GateInput): Promise<GateResult> {
  const release = releaseOf(input)
  return runCommand(ports, issuer, async (work) => {
    const query: Query = (sql, params) => work.tx.query(sql, params)
    const { deployment: id, environment, commit = null } = input
    const judged = await judge(
      query,
      await holdPolicies(work),
      id,
      release === null ? {} : { rollout: release },
    )
    if (judged !== null) await useCaseFor(work, judged.facts.useCase.id, 'gate.evaluate')
    const isKnown = judged !== null && release !== null && Object.hasOwn(judged.rows.system.releases, release)
    const answer = evaluateGate({
      authorization: judged?.authorization ?? null,
      release,
      approvedRelease: isKnown ? release : null,
      environment,
      deployment: judged === null ? null : { id, environment: judged.facts.environment },
    })
    const iat = Math.floor(work.now / 1_000)
    const claims: JsonObject = {
      v: 1,
      iss: ports.grantIssuer,
      sub: id,
      env: environment,
      rel: release,
      verdict: answer.verdict,
      codes: [...new Set(answer.reasons.map(({ code }) => code))].sort(),
      commit,
      iat,
      exp: iat + receiptLifetimeSeconds,
    }
    const receipt = signJws(claims, receiptType, ports.grantSigner)
    const result: GateResult = { ...answer, receipt, release }
    if (judged === null) return result
    const receiptDigest = digestOfBytes(receipt)
    await work.apply(
      gateRecords,
      id,
      { c: 'record', release, environment, answer, receiptDigest, commit },
      { now: work.now, actor: issuer.actor, deploymentId: id },
    )
    return result
  })
}

/** Answers a Kubernetes admission review: the workload must be annotated with a deployment and the release of its live grant. */
export async function admit(
  ports: GatePorts,
  review: unknown,
  mode: 'enforce' | 'dry_run',
): Promise<admission.AdmissionReply> {
  const question = admission.readAdmission(review)
  if (question === null || !isId('deployment', question.deployment))
    return admission.answerAdmission(question, question === null ? null : unknownDeployment, mode)
  const judged = await judge(ports.query, await policiesInForce(ports.query), question.deployment)
  if (judged === null) return admission.answerAdmission(question, unknownDeployment, mode)
  const { rows, facts, authorization } = judged
  const [grant] = await ports.query<{ token: string }>(
    'select token from grants where deployment_id = $1 and expires_at > clock_timestamp() order by issued_at desc limit 1',
    [question.deployment],
  )
  const verified =
    grant === undefined
      ? null
      : verifyGrant(grant.token, ports.trustBundle(), {
          now: rows.now,
          aud: 'admission',
          minEpoch: () => rows.epoch,
        })
  const asked = isDigest(question.release) ? question.release : null
  const gate = evaluateGate({
    authorization,
    release: asked,
    approvedRelease: facts.release,
    environment: facts.environment,
    deployment: { id: question.deployment, environment: facts.environment },
  })
  const grantedRelease = verified?.ok === true ? verified.claims.rel : null
  const imageDigests = imagesOf(rows.system.releases[facts.release]?.manifest)
  return admission.answerAdmission(question, { gate, grantedRelease, imageDigests }, mode)
}

const unknownDeployment: admission.AdmissionFacts = {
  gate: { verdict: 'deny', reasons: [{ code: 'DEPLOYMENT_UNKNOWN', params: {} }] },
  grantedRelease: null,
  imageDigests: [],
}

function imagesOf(manifest: ReleaseManifest | undefined): readonly string[] {
  return manifest?.artefacts.filter(({ kind }) => kind === 'image').map(({ digest }) => digest) ?? []
}

/** UNTRUSTED: the manifest. Null when none was given; a broken one is the caller's fault with every path. */
function releaseOf({ manifest, releaseDigest: named }: GateInput): Digest | null {
  if (manifest === undefined) return named ?? null
  const parsed = parseManifest(manifest)
  if (!parsed.ok)
    throw new AppError('INVALID_INPUT', 'the manifest does not have the documented form', {
      reasons: parsed.faults,
    })
  return releaseDigest(parsed.manifest)
}
