import { isAtHome, type CanaryWatch } from '../../guard/canary/watch.ts'
import type { Digest } from '../../kernel/index.ts'
import type { Caller } from '../admit.ts'

/** Watches the texts of a caller for all canaries of the organisation; null while there are none. */
export function watchOver(
  { snapshot: { canaries }, key }: Caller,
  digestOf: (token: string) => Digest,
): CanaryWatch | null {
  if (canaries.size === 0) return null
  return {
    leakOf: (token, channel) => {
      const found = canaries.get(digestOf(token))
      if (found === undefined) return null
      const { id, deployment, place } = found
      return deployment === key.deployment && isAtHome(place, channel) ? null : { id, place }
    },
  }
}
