import type { listWaivers } from '../../../../src/contracts/routes/waivers.ts'
import type { ItemOf } from '../../api/reading.ts'
import { t, tCode } from '../../messages/safety.ts'
import { requirementName } from '../../ui/requirement.ts'
import { listed } from '../committee/words.ts'

/** Whose word a waiver still needs, in words. */
export function missingWords(missing: readonly string[]): string {
  return listed(missing.map((acceptor) => tCode('fn', acceptor)))
}

/** The gap of a waiver in words. */
export function gapName({ k, id }: ItemOf<typeof listWaivers>['subject']): string {
  return k === 'condition' ? t('waiver.condition') : requirementName(id)
}
