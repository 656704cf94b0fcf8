import type { Digest } from '../../kernel/index.ts'

/** Makes canary tokens, and names them by a digest under a key that the control plane and its gateways hold. */
export type CanaryMaker = {
  readonly make: (random: (bytes: number) => Uint8Array) => string
  readonly digestOf: (token: string) => Digest
}
