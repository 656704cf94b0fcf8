import { t, tCode } from '../../messages/intake.ts'

type Standing = {
  readonly state: string
  readonly triageDue: string | null
  readonly tier: number | null
  readonly legalClass: string | null
}

/** Where a request stands and what happens next, in one sentence. */
export function standingText(
  { state, triageDue, tier, legalClass }: Standing,
  when: (at: string) => string,
): string {
  switch (state) {
    case 'draft':
      return tier === null ? t('standing.draft') : t('standing.revision')
    case 'submitted':
      return triageDue === null
        ? t('standing.submitted')
        : t('standing.submittedDue', { due: when(triageDue) })
    case 'needs_info':
      return t('standing.needsInfo')
    case 'triaged':
      if (legalClass === 'prohibited') return t('standing.prohibited')
      return t('standing.triaged', { tier: tier ?? 3, legal: tCode('legal', legalClass ?? 'undetermined') })
    case 'duplicate':
      return t('standing.duplicate')
    case 'withdrawn':
      return t('standing.withdrawn')
    case 'retired':
      return t('standing.retired')
    default:
      return tCode('state', state)
  }
}
