import type { ReactNode } from 'react'
import type { CallInput } from '../../../../src/contracts/client.ts'
import type { ReplyOf, Route } from '../../../../src/contracts/route.ts'
import { useCommand } from '../../api/command.ts'
import { t } from '../../messages/text.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Outcome } from '../../ui/problem.tsx'
import { toast } from '../../ui/toast.tsx'

/** One act with consequence: what will happen in words, what it needs, and everything that speaks against it. */
export function ActDialog<R extends Route>({
  route,
  input,
  title,
  says,
  verb,
  isDanger = false,
  whyNot = null,
  onClose,
  onDone,
  children,
}: {
  readonly route: R
  readonly input: () => CallInput<R>
  readonly title: string
  readonly says: ReactNode
  /** The button: a verb with its object. */
  readonly verb: string
  readonly isDanger?: boolean
  readonly whyNot?: string | null
  readonly onClose: () => void
  readonly onDone?: (reply: ReplyOf<R>) => void
  readonly children?: ReactNode
}) {
  const command = useCommand(route)
  const send = async () => {
    const reply = await command.send(input())
    if (reply === null) return
    toast(`${title}. ${t('problem.recorded')}`)
    onClose()
    onDone?.(reply)
  }
  const isBusy = command.state.k === 'sending'
  return (
    <Dialog
      open
      onClose={onClose}
      title={title}
      footer={
        <>
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button
            kind={isDanger ? 'danger' : 'primary'}
            onClick={() => void send()}
            whyNot={isBusy ? t('problem.sending') : whyNot}
          >
            {verb}
          </Button>
        </>
      }
    >
      <div>{says}</div>
      {children}
      <Outcome state={command.state} onRetry={() => void send()} />
    </Dialog>
  )
}
