import { useEffect, useState, type ReactNode } from 'react'
import type { CallInput } from '../../../src/contracts/client.ts'
import { mayRunDry, type ReplyOf, type Route } from '../../../src/contracts/route.ts'
import { useAsk, useCommand } from '../api/command.ts'
import { t } from '../messages/text.ts'
import { ActDialog } from './act-dialog.tsx'
import { toast } from './toast.tsx'

const settleMs = 400

/**
 * The dialog of one route: what will happen in words, what it needs, and everything that speaks against it, which is asked
 * before the button is pressed.
 */
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
  const command = useCommand(route)
  const asked = useSettled(JSON.stringify(input()))
  const isWhole = whyNot === null && command.state.k === 'idle' && mayRunDry(route)
  const problem = useAsk(route, JSON.parse(asked) as CallInput<R>, isWhole) // what `input` gave
  const send = async () => {
    const reply = await command.send(input())
    if (reply === null) return
    toast(`${title}. ${t('problem.recorded')}`)
    onClose()
    onDone?.(reply)
  }
  return (
    <ActDialog
      title={title}
      verb={verb}
      kind={isDanger ? 'danger' : 'primary'}
      whyNot={whyNot}
      against={problem?.code === 'REFUSED' ? problem.reasons : []}
      state={command.state}
      onSend={() => void send()}
      onClose={onClose}
    >
      <div>{says}</div>
      {children}
    </ActDialog>
  )
}

/** The value once nobody has changed it for a moment. */
function useSettled(value: string): string {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), settleMs)
    return () => clearTimeout(timer)
  }, [value])
  return settled
}
