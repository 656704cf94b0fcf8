import type { DeploymentId, KeyId } from '../../kernel/index.ts'
import { volumeLimit } from '../../app/ports/leases.ts'
import type { Limit, VirtualKey } from '../ports.ts'

type Granted = { readonly scope: { readonly volumePerDay: number } }

/** The limits of each key: its own, those of its deployment and the organisation, and the volume that a grant allows. */
export function limitsByKey(
  limits: readonly Limit[],
  keys: readonly VirtualKey[],
  grants: ReadonlyMap<DeploymentId, Granted>,
): ReadonlyMap<KeyId, readonly Limit[]> {
  const byTarget = Map.groupBy(limits, ({ target }) =>
    target.scope === 'key'
      ? target.keyId
      : target.scope === 'deployment'
        ? target.deploymentId
        : target.scope,
  )
  const ofDeployment = new Map<DeploymentId, readonly Limit[]>()
  const common = (deployment: DeploymentId): readonly Limit[] => {
    const known = ofDeployment.get(deployment)
    if (known !== undefined) return known
    const grant = grants.get(deployment)
    const all = [
      ...(grant === undefined ? [] : [volumeLimit(deployment, grant.scope.volumePerDay)]),
      ...(byTarget.get(deployment) ?? []),
      ...(byTarget.get('org') ?? []),
    ]
    ofDeployment.set(deployment, all)
    return all
  }
  return new Map(keys.map(({ id, deployment }) => [id, [...common(deployment), ...(byTarget.get(id) ?? [])]]))
}

/** The limits of a caller. Throws when nobody has said which they are: what has no limits was not asked about them. */
export function limitsOf({
  snapshot,
  key,
}: {
  readonly snapshot: { readonly limits: ReadonlyMap<KeyId, readonly Limit[]> }
  readonly key: { readonly id: KeyId }
}): readonly Limit[] {
  const limits = snapshot.limits.get(key.id)
  if (limits === undefined) throw new TypeError('the limits of a key are not known')
  return limits
}
