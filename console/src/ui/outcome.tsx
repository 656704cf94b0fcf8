import type { Problem } from '../../../src/contracts/problem.ts'
import type { CommandState } from '../api/command.ts'
import { queries } from '../api/client.ts'
import { t, tCode } from '../messages/reasons.ts'
import { says, type Values } from '../messages/text.ts'
import { Button } from './button.tsx'
import { Note } from './note.tsx'
import { PlaceLink } from './place-link.tsx'
import { ProblemText } from './problem.tsx'

/** Every reason of a refusal, each with what would have to change. */
export function Reasons({ reasons, explain }: { readonly reasons: readonly Reason[] } & Explaining) {
  return (
    <ul>
      {reasons.map((reason) => {
        const { text = reasonText(reason), href } = explain?.(reason) ?? {}
        return (
          <li key={`${reason.code} ${reason.path ?? ''} ${JSON.stringify(reason.params)}`}>
            {reason.path !== undefined && explain === undefined && (
              <>
                <code>{reason.path}</code>:{' '}
              </>
            )}
            {href === undefined ? text : <PlaceLink href={href}>{text}</PlaceLink>}
          </li>
        )
      })}
    </ul>
  )
}

export type Reason = Problem['reasons'][number]
type Explaining = {
  /** What a screen knows about a reason: words that fit its place, and where it is resolved. */
  readonly explain?: (reason: Reason) => { readonly text?: string; readonly href?: string }
}

/** One reason in words, with whatever its words leave out. */
export function reasonText(reason: Reason): string {
  return tCode('reason', reason.code, wordsOf(reason.params)) + leftOver(reason)
}

/** What became of a command, beside its button. Nothing while there is nothing to say. */
export function Outcome({
  state,
  onRetry,
  ...explaining
}: {
  readonly state: CommandState<unknown>
  /** Sends the same again; for an answer that was lost. */
  readonly onRetry?: () => void
} & Explaining) {
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
          <Explained kind={state.k} problem={state.problem} {...explaining} />
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

function Explained({
  kind,
  problem,
  ...explaining
}: { readonly kind: string; readonly problem: Problem | null } & Explaining) {
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
        {problem.errors === undefined && problem.reasons.length === 0 && <p>{problem.detail}</p>}
        {problem.reasons.length > 0 && <Reasons reasons={problem.reasons} />}
      </>
    )
  if (problem.reasons.length > 0)
    return (
      <>
        <p>{t('problem.refused')}</p>
        <Reasons reasons={problem.reasons} {...explaining} />
      </>
    )
  return <ProblemText problem={problem} />
}

function wordsOf(params: Reason['params']): Values {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, typeof value === 'boolean' ? String(value) : value]),
  )
}

/** Parameters that the words of a reason do not use are shown behind it: nothing that the server says is lost. */
function leftOver({ code, params }: Reason): string {
  const rest = Object.entries(params).filter(([name]) => !says('reason', code, name))
  return rest.length === 0 ? '' : ` (${rest.map(([name, value]) => `${name}: ${value}`).join(', ')})`
}
