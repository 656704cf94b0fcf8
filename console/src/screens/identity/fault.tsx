import { problemIn } from '../../api/client.ts'
import { NoAnswer } from '../../../../src/contracts/client.ts'
import { t } from '../../messages/identity.ts'
import { Note } from '../../ui/note.tsx'
import { Reasons } from '../../ui/outcome.tsx'
import { ProblemText } from '../../ui/problem.tsx'

/** Why an act of one's own identity did not happen; `otherwise` where the server or the device says only no. */
export function Fault({ error, otherwise }: { readonly error: unknown; readonly otherwise: string }) {
  if (error === null) return null
  const problem = problemIn(error)
  return (
    <Note tone="breach" live="assertive">
      {error instanceof NoAnswer ? (
        <p>{t('common.noAnswer')}</p>
      ) : problem === null || problem.code === 'UNAUTHENTICATED' ? (
        <p>{otherwise}</p>
      ) : problem.reasons.length > 0 ? (
        <Reasons reasons={problem.reasons} />
      ) : (
        <ProblemText problem={problem} />
      )}
    </Note>
  )
}
