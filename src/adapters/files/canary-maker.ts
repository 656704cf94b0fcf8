import type { CanaryMaker } from '../../app/ports/canary-maker.ts'
import { newCanary } from '../../guard/canary/token.ts'
import { hkdfSha256, hmacDigest } from '../../kernel/index.ts'
import { loadKey } from './sealing-key.ts'

/** Canaries under a key that follows from `<folder>/conversation.key`, which every gateway has. */
export function loadCanaryMaker(folder: string): CanaryMaker {
  const key = hkdfSha256(loadKey(folder, 'conversation.key'), Buffer.from('canary tokens'))
  return { make: newCanary, digestOf: (token) => hmacDigest(key, token) }
}
