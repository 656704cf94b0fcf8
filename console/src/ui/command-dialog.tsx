import type { ReactNode } from 'react'
import type { CallInput } from '../../../src/contracts/client.ts'
import type { ReplyOf, Route } from '../../../src/contracts/route.ts'
import { t } from '../messages/text.ts'
import { CommandForm } from './command-form.tsx'
import { Dialog } from './dialog.tsx'
import { toast } from './toast.tsx'

/** The dialog of one route: what will happen in words, and its form. */
export function CommandDialog<R extends Route>({
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
  const done = (reply: ReplyOf<R>) => {
    toast(`${title}. ${t('problem.recorded')}`)
    onClose()
    onDone?.(reply)
  }
  return (
    <Dialog open onClose={onClose} title={title}>
      <CommandForm
        route={route}
        input={input}
        verb={verb}
        kind={isDanger ? 'danger' : 'primary'}
        whyNot={whyNot}
        onClose={onClose}
        onDone={done}
      >
        <div>{says}</div>
        {children}
      </CommandForm>
    </Dialog>
  )
}
