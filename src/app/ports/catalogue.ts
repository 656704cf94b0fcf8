import type { charter } from '../../governance/committee/index.ts'
import type { Documents, PolicySet, publication } from '../../governance/policies/index.ts'

/** What ships with the product. What decides is what is in force in the database. */
export type Catalogue = PolicySet & {
  readonly documents: Documents
  /** The documents as they go into the ledger. */
  readonly publications: readonly publication.Publication[]
  /** Rules that an organisation starts from; it adds its seats. */
  readonly charterTemplate: charter.CharterTemplate
}
