import {
  canonicalBytes,
  NotCanonical,
  unreachable,
  type JsonObject,
  type Reason,
} from '../../kernel/index.ts'
import {
  compileSet,
  type DocumentKind,
  type Documents,
  type PolicySet,
  type SetFault,
} from './document-set.ts'
import { looserLegalMap, looserTierPolicy, looserTriggers, type Loosening } from './loosening.ts'
import { historyFaults, type HistoryFault, type QuestionLogic } from './question-history.ts'

/** What a proposed document is judged against. */
export type Standing = {
  /** What would go on deciding beside it. */
  readonly inForce: Documents
  /** What ships with the product: nothing of it may be taken away. */
  readonly shipped: PolicySet
  /** Every published version of the questionnaire, oldest first. */
  readonly questionnaires: readonly QuestionLogic[]
}

export type DraftFault =
  | SetFault
  | Loosening
  | HistoryFault
  | Reason<'DOCUMENT_TOO_LARGE', { maxBytes: number }>

/** A proposal stands whole in one entry of the ledger, which holds 64 KiB. */
export const maxDocumentBytes = 60_000

/** Every reason against `document` as the next one of its kind. UNTRUSTED: it is JSON, and nothing else is known of it. */
export function faultsInDraft(
  kind: DocumentKind,
  document: JsonObject,
  { inForce, shipped, questionnaires }: Standing,
): readonly DraftFault[] {
  const size = sizeOf(document)
  if (size === null)
    return [{ code: 'DOCUMENT_INVALID', params: { document: kind, fault: 'it has no canonical form' } }]
  if (size > maxDocumentBytes) return [{ code: 'DOCUMENT_TOO_LARGE', params: { maxBytes: maxDocumentBytes } }]
  const compiled = compileSet({ ...inForce, [kind]: document })
  if (!compiled.ok) return compiled.faults
  const [own, base] = [compiled.set.forUseCases, shipped.forUseCases]
  switch (kind) {
    case 'questionnaire':
      return historyFaults(own.questionnaire.questionnaire, questionnaires)
    case 'tier_policy':
      return looserTierPolicy(own.policy.policy, base.policy.policy)
    case 'trigger_policy':
      return looserTriggers(own.triggers, base.triggers)
    case 'legal_map':
      return looserLegalMap(own.legalMap, base.legalMap)
    case 'calendar':
      return []
    default:
      return unreachable(kind)
  }
}

function sizeOf(document: JsonObject): number | null {
  try {
    return canonicalBytes(document).length
  } catch (error) {
    if (error instanceof NotCanonical) return null
    throw error
  }
}
