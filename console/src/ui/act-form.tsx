import type { ReactNode } from 'react'
import type { CommandState } from '../api/command.ts'
import { t } from '../messages/text.ts'
import { Button } from './button.tsx'
import { Outcome } from './problem.tsx'

/**
 * The form of one command with consequence: what will happen, what it needs, what became of it. Its button is a verb with
 * its object and has no initial focus where it decides something.
 */
export function ActForm({
  children,
  verb,
  kind = 'primary',
  whyNot,
  state,
  onSend,
  onClose,
}: {
  readonly children: ReactNode
  readonly verb: string
  readonly kind?: 'primary' | 'danger'
  readonly whyNot?: string | null
  readonly state: CommandState<unknown>
  readonly onSend: () => void
  readonly onClose?: () => void
}) {
  const isSending = state.k === 'sending'
  return (
    <form
      className="stack act"
      onSubmit={(event) => {
        event.preventDefault()
        if (!isSending && (whyNot ?? null) === null) onSend()
      }}
    >
      {children}
      <Outcome state={state} onRetry={onSend} />
      <div className="row end">
        {onClose !== undefined && <Button onClick={onClose}>{t('common.cancel')}</Button>}
        <Button type="submit" kind={kind} whyNot={isSending ? t('problem.sending') : whyNot}>
          {verb}
        </Button>
      </div>
      {whyNot !== undefined && whyNot !== null && <p className="muted end-text">{whyNot}</p>}
    </form>
  )
}
