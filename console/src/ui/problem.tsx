import type { Problem } from '../../../src/contracts/problem.ts'
import type { CommandState } from '../api/command.ts'
import { queries } from '../api/client.ts'
import { t, tCode, type Values } from '../messages/text.ts'
import { Button } from './button.tsx'
import { Note } from './note.tsx'

/** Every reason of a refusal, each with what would have to change. */
export function Reasons({ reasons }: { readonly reasons: Problem['reasons'] }) {
  return (
    <ul>
      {reasons.map((reason) => (
        <li key={`${reason.code} ${JSON.stringify(reason.params)}`}>{reasonText(reason)}</li>
      ))}
    </ul>
  )
}

/** One reason in words, with whatever the words leave out. */
export function reasonText(reason: Problem['reasons'][number]): string {
  return tCode('reason', reason.code, wordsOf(reason.params)) + leftOver(reason)
}

/** What became of a command, beside its button. Nothing while there is nothing to say. */
export function Outcome({
  state,
  onRetry,
}: {
  readonly state: CommandState<unknown>
  /** Sends the same again; for an answer that was lost. */
  readonly onRetry?: () => void
}) {
  switch (state.k) {
    case 'idle':
    case 'recorded':
      return null
    case 'sending':
      return (
        <p role="status" className="muted">
          {t('problem.sending')}…
        </p>
      )
    default:
      return (
        <Note tone={state.k === 'stale' ? 'attention' : 'breach'} live="assertive">
          <Explained kind={state.k} problem={state.problem} />
          {state.k === 'stale' && (
            <Button onClick={() => void queries.invalidateQueries()}>{t('problem.reload')}</Button>
          )}
          {state.k === 'failed' && onRetry !== undefined && (
            <Button onClick={onRetry}>{t('problem.sendAgain')}</Button>
          )}
        </Note>
      )
  }
}

function Explained({ kind, problem }: { readonly kind: string; readonly problem: Problem | null }) {
  if (problem === null || kind === 'failed') return <p>{t('problem.failed')}</p>
  if (kind === 'stale') return <p>{t('problem.stale')}</p>
  if (kind === 'invalid')
    return (
      <>
        <p>{t('problem.invalid')}</p>
        <ul>
          {(problem.errors ?? []).map(({ pointer, message }) => (
            <li key={pointer + message}>
              <code>{pointer}</code> {message}
            </li>
          ))}
        </ul>
        {problem.errors === undefined && <p>{problem.detail}</p>}
      </>
    )
  if (problem.reasons.length > 0)
    return (
      <>
        <p>{t('problem.refused')}</p>
        <Reasons reasons={problem.reasons} />
      </>
    )
  return <ProblemText problem={problem} />
}

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

function wordsOf(params: Problem['reasons'][number]['params']): Values {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, typeof value === 'boolean' ? String(value) : value]),
  )
}

/** Parameters that the words of a reason do not use are shown behind it: nothing that the server says is lost. */
function leftOver({ code, params }: Problem['reasons'][number]): string {
  const values = Object.entries(params)
  const text = tCode('reason', code, wordsOf(params))
  const rest = values.filter(([, value]) => !text.includes(String(value)))
  return rest.length === 0 ? '' : ` (${rest.map(([name, value]) => `${name}: ${value}`).join(', ')})`
}
