import type { ApprovalAnswer } from '../../app/ports/approval.ts'
import type { EpochMs } from '../../kernel/index.ts'

/** Why a held call is closed without having run. */
export type Closing = 'approval_denied' | 'approval_expired'

/** Where a held call stands after an answer. `why` is for the operator. */
export type Standing =
  | { readonly k: 'pending'; readonly id: string }
  | { readonly k: 'approved'; readonly id: string }
  | { readonly k: 'closed'; readonly code: Closing; readonly why: string }

/**
 * Reads one answer of the store. `following`: the record that the call is attached to, if it is already.
 * INVARIANT: only an approval of this record that is still good opens; a record that is gone, another one, and an answer
 * that is older than its own end close.
 */
export function standingOf(answer: ApprovalAnswer | null, following: string | null, now: EpochMs): Standing {
  if (answer === null) return closed('approval_denied', 'record_lost')
  if (answer.k === 'nobody') return closed('approval_denied', 'nobody')
  const { k, id } = answer
  if (following !== null && id !== following) return closed('approval_denied', 'record_lost')
  if (k === 'expired') return closed('approval_expired', k)
  if (k === 'pending' || k === 'approved')
    return now < answer.until ? { k, id } : closed('approval_expired', 'stale')
  return closed('approval_denied', k)
}

function closed(code: Closing, why: string): Standing {
  return { k: 'closed', code, why }
}
