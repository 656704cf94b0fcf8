import type { ReactNode } from 'react'
import type { CommandState } from '../api/command.ts'
import { t } from '../messages/text.ts'
import { Button } from './button.tsx'
import { Note } from './note.tsx'
import { Outcome, Reasons, type Reason } from './outcome.tsx'

export type ActFormProps = {
  readonly children: ReactNode
  /** What the button says: a verb with its object. */
  readonly verb: string
  readonly kind?: 'primary' | 'danger'
  readonly whyNot?: string | null | undefined
  /** What would be answered now, known before the button is pressed. */
  readonly against?: readonly Reason[]
  readonly state: CommandState<unknown>
  readonly onSend: () => void
  readonly onClose?: () => void
  /** The button has the focus at first: only where to end something must be quick. */
  readonly isReady?: boolean
}

/**
 * The form of one command with consequence: what will happen, what it needs, what became of it. Its button has no initial
 * focus where it decides something.
 */
export function ActForm({
  children,
  verb,
  kind = 'primary',
  whyNot = null,
  against = [],
  state,
  onSend,
  onClose,
  isReady = false,
}: ActFormProps) {
  const isSending = state.k === 'sending'
  return (
    <form
      className="stack act"
      onSubmit={(event) => {
        event.preventDefault()
        if (!isSending && whyNot === null) onSend()
      }}
    >
      {children}
      {against.length > 0 && state.k === 'idle' && (
        <Note tone="attention" live="polite">
          <p>{t('problem.wouldBeRefused')}</p>
          <Reasons reasons={against} />
        </Note>
      )}
      <Outcome state={state} onRetry={onSend} />
      <div className="row end">
        {onClose !== undefined && <Button onClick={onClose}>{t('common.cancel')}</Button>}
        <Button
          type="submit"
          kind={kind}
          autoFocus={isReady}
          whyNot={isSending ? t('problem.sending') : whyNot}
        >
          {verb}
        </Button>
      </div>
      {whyNot !== null && <p className="muted end-text">{whyNot}</p>}
    </form>
  )
}
