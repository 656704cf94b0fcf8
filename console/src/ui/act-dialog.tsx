import type { ReactNode } from 'react'
import type { CommandState } from '../api/command.ts'
import { t } from '../messages/text.ts'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { Outcome } from './problem.tsx'

/** A dialog for one command: what will happen in words, what has to be said, the button, and what became of it. */
export function ActDialog({
  title,
  verb,
  kind = 'primary',
  whyNot,
  state,
  onSend,
  onClose,
  children,
}: {
  readonly title: string
  /** The verb with its object: what the button says. */
  readonly verb: string
  readonly kind?: 'primary' | 'danger'
  readonly whyNot?: string | null
  readonly state: CommandState<unknown>
  readonly onSend: () => void
  readonly onClose: () => void
  readonly children: ReactNode
}) {
  const reason = state.k === 'sending' ? t('problem.sending') : (whyNot ?? null)
  return (
    <Dialog
      open
      onClose={onClose}
      title={title}
      footer={
        <>
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button kind={kind} onClick={onSend} whyNot={reason}>
            {verb}
          </Button>
        </>
      }
    >
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          if (reason === null) onSend()
        }}
      >
        {children}
      </form>
      {reason !== null && state.k !== 'sending' && <p className="muted">{reason}</p>}
      <Outcome state={state} onRetry={onSend} />
    </Dialog>
  )
}
