import type { Calendar, charter } from '../../governance/committee/index.ts'
import type { useCase } from '../../governance/intake/index.ts'
import type { publication } from '../../governance/policies/index.ts'

/** The versioned data by which this installation decides. */
export type Catalogue = {
  readonly forUseCases: useCase.Catalogue
  readonly calendar: Calendar
  /** Rules that an organisation starts from; it adds its seats. */
  readonly charterTemplate: charter.CharterTemplate
  /** Everything that decisions are recomputed with, as it goes into the ledger. */
  readonly publications: readonly publication.Publication[]
}
