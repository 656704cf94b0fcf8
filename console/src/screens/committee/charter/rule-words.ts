import type { readCharters } from '../../../../../src/contracts/routes/charters.ts'
import type { ReplyOf } from '../../../../../src/contracts/route.ts'
import { t } from '../../../messages/committee.ts'
import { functionNames, shareOf } from '../words.ts'

export type Charters = ReplyOf<typeof readCharters>
export type Charter = Charters['versions'][number]['charter']
export type Rules = Charter['rules']
export type Rule = Rules[string][string]

export const ruleKinds = [
  'initial',
  'renewal',
  'change',
  'resume',
  'veto_override',
  'policy',
  'charter',
] as const
export const ruleTiers = ['1', '2', '3'] as const

/** The meaning of a rule in sentences. */
export function ruleSentence({
  required,
  seated,
  minBallots,
  ratio,
  veto,
  minIndependent,
  minOpenHours,
  deadlineBusinessDays,
  ttlDays,
}: Rule): string {
  return [
    t('rule.required', { fns: functionNames(required) }),
    t('rule.ballots', { min: minBallots, seated: seated.length, share: shareOf(ratio) }),
    minIndependent > 0 ? t('rule.independent', { count: minIndependent }) : t('rule.noIndependent'),
    veto.length > 0 ? t('rule.veto', { fns: functionNames(veto) }) : t('rule.noVeto'),
    t('rule.times', { hours: minOpenHours, days: deadlineBusinessDays, ttl: ttlDays }),
  ].join(' ')
}

/** The charter that counts now; null while there is none. */
export function inForceOf({ versions, inForce }: Charters): Charters['versions'][number] | null {
  return versions.find(({ digest }) => digest === inForce) ?? null
}
