import type { PolicyDocuments } from '../../guard/tools/cedar/policy-set.ts'
import type { Digest } from '../../kernel/index.ts'

/** A policy about tools that comes with the product. It is active, and nothing changes it but a release of the product. */
export type ShippedToolPolicy = {
  readonly key: string
  readonly version: number
  readonly digest: Digest
  readonly text: string
  readonly policies: PolicyDocuments
}
