import { knows, t, tCode } from '../messages/gaps.ts'

/** A requirement such as `review/legal` or `check/injection_suite` in words. */
export function requirementName(id: string): string {
  const [kind = '', name = ''] = id.split('/')
  if (kind === 'review') return t('requirement.review', { name: tCode('review', name) })
  if (kind === 'check') return t('requirement.check', { name: name.replaceAll('_', ' ') })
  return knows('requirement', `${kind}_${name}`) ? tCode('requirement', `${kind}_${name}`) : id
}

/** The rule by which a review is required, in words. */
export function triggerName(id: string): string {
  return tCode('reviewTrigger', id)
}
