import type { Problem } from '../../../src/contracts/problem.ts'
import { t } from '../messages/text.ts'

/** One problem in a sentence. */
export function ProblemText({ problem }: { readonly problem: Problem }) {
  const { code, detail, requestId } = problem
  const wait = problem['retryAfterS']
  switch (code) {
    case 'FORBIDDEN':
      return <p>{t('problem.forbidden')}</p>
    case 'THROTTLED':
      return <p>{t('problem.throttled', { seconds: typeof wait === 'number' ? wait : 60 })}</p>
    case 'FAIL_CLOSED':
    case 'UNAVAILABLE':
      return <p>{t('problem.failClosed')}</p>
    case 'STEP_UP_REQUIRED':
      return <p>{t('problem.proofRejected')}</p>
    case 'INTERNAL':
      return (
        <p>
          {t('problem.internal')} <code>{requestId}</code>
        </p>
      )
    default:
      return <p>{detail}</p>
  }
}
