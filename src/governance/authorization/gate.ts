import type { DeploymentId, Digest, Environment, Reason } from '../../kernel/index.ts'
import { permits, type Authorization } from './authorization.ts'

export type GateQuestion = {
  /** Null when it cannot be derived: ledger, clock or database do not answer. */
  readonly authorization: Authorization | null
  /** Digest of the manifest, or of the release named by the caller; null when neither was given. */
  readonly release: Digest | null
  /** The release that the authorization is about. */
  readonly approvedRelease: Digest | null
  readonly environment: Environment
  /** Null when there is no such deployment. */
  readonly deployment: { readonly id: DeploymentId; readonly environment: Environment } | null
}
export type GateAnswer = {
  readonly verdict: 'allow' | 'deny' | 'unverifiable'
  readonly reasons: readonly Reason[]
}

/** Whether the release may go to the deployment. What cannot be established is `unverifiable`, never `allow`. */
export function evaluateGate(question: GateQuestion): GateAnswer {
  const { authorization, release, approvedRelease, environment, deployment } = question
  const denials: Reason[] = []
  if (deployment === null) denials.push({ code: 'DEPLOYMENT_UNKNOWN', params: {} })
  else if (deployment.environment !== environment)
    denials.push({ code: 'ENVIRONMENT_MISMATCH', params: { asked: environment, is: deployment.environment } })
  if (release === null) denials.push({ code: 'RELEASE_NOT_NAMED', params: {} })
  else if (approvedRelease !== null && approvedRelease !== release)
    denials.push({ code: 'RELEASE_NOT_APPROVED', params: { asked: release, approved: approvedRelease } })
  if (authorization !== null && !permits(authorization))
    denials.push({ code: 'NOT_AUTHORIZED', params: { state: authorization.s } }, ...authorization.reasons)
  if (denials.length > 0) return { verdict: 'deny', reasons: denials }
  if (authorization === null)
    return { verdict: 'unverifiable', reasons: [{ code: 'AUTHORIZATION_UNAVAILABLE', params: {} }] }
  if (approvedRelease === null)
    return { verdict: 'unverifiable', reasons: [{ code: 'APPROVED_RELEASE_UNKNOWN', params: {} }] }
  return { verdict: 'allow', reasons: [...authorization.reasons] }
}
