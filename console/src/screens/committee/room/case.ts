import type { readCase } from '../../../../../src/contracts/routes/cases.ts'
import type { ReplyOf } from '../../../../../src/contracts/route.ts'

export type Case = ReplyOf<typeof readCase>

/** Whether something can still happen in a case. */
export function isOpenCase({ state }: Pick<Case, 'state'>): boolean {
  return state === 'waiting_evidence' || state === 'open' || state === 'voting'
}
