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
  isReady = false,
  whyNot = null,
  onClose,
  onDone,
  told,
  children,
}: {
  readonly route: R
  /** What would be sent; null while it is not whole, which `whyNot` explains. */
  readonly input: () => CallInput<R> | null
  readonly title: string
  readonly says?: ReactNode
  /** The button: a verb with its object. */
  readonly verb: string
  readonly isDanger?: boolean
  readonly isReady?: boolean
  readonly whyNot?: string | null
  readonly onClose: () => void
  readonly onDone?: (reply: ReplyOf<R>) => void
  /** What is said once it is recorded, where the title with its full stop would say too little. */
  readonly told?: string
  readonly children?: ReactNode
}) {
  const done = (reply: ReplyOf<R>) => {
    toast(told ?? `${title}. ${t('problem.recorded')}`)
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
        isReady={isReady}
        whyNot={whyNot}
        onClose={onClose}
        onDone={done}
      >
        {says !== undefined && <div>{says}</div>}
        {children}
      </CommandForm>
    </Dialog>
  )
}
