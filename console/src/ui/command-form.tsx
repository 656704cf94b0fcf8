import { useEffect, useState } from 'react'
import type { CallInput } from '../../../src/contracts/client.ts'
import { mayRunDry, type ReplyOf, type Route } from '../../../src/contracts/route.ts'
import { useAsk, useCommand } from '../api/command.ts'
import { ActForm, type ActFormProps } from './act-form.tsx'

const settleMs = 400

export type CommandFormProps<R extends Route> = Pick<
  ActFormProps,
  'children' | 'verb' | 'kind' | 'whyNot' | 'onClose' | 'isReady'
> & {
  readonly route: R
  /** What would be sent; null while it is not whole, which `whyNot` explains. */
  readonly input: () => CallInput<R> | null
  readonly onDone: (reply: ReplyOf<R>) => void
}

/** The form of one route. What speaks against it is asked before its button is pressed, wherever the route may run dry. */
export function CommandForm<R extends Route>({
  route,
  input,
  onDone,
  whyNot = null,
  ...form
}: CommandFormProps<R>) {
  const { state, send } = useCommand(route, onDone)
  const asked = JSON.parse(useSettled(JSON.stringify(input()))) as CallInput<R> | null // what `input` gave
  const isAsked = asked !== null && whyNot === null && state.k === 'idle' && mayRunDry(route)
  const problem = useAsk(route, asked as CallInput<R>, isAsked) // null is not asked
  const wanted = input()
  return (
    <ActForm
      {...form}
      whyNot={whyNot}
      against={problem?.code === 'REFUSED' ? problem.reasons : []}
      state={state}
      onSend={() => wanted !== null && void send(wanted)}
    />
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
