import type { simulateCharter } from '../../../../../src/contracts/routes/charters.ts'
import type { ReplyOf } from '../../../../../src/contracts/route.ts'
import { tCode } from '../../../messages/committee.ts'

export type Fault = ReplyOf<typeof simulateCharter>['faults'][number]

/** The faults of a draft at the places that `isThere` names, in words. */
export function faultsAt(faults: readonly Fault[], isThere: (at: string) => boolean): readonly string[] {
  return [
    ...new Set(
      faults
        .filter(({ params }) => isThere(String(params['at'] ?? '')))
        .map(({ code, params }) => tCode('reason', code, { at: String(params['at'] ?? '') })),
    ),
  ]
}
