import { useQuery } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { NoAnswer, ProblemError, type CallInput } from '../../../src/contracts/client.ts'
import type { Problem } from '../../../src/contracts/problem.ts'
import type { ReplyOf, Route } from '../../../src/contracts/route.ts'
import { api, queries } from './client.ts'
import { proofFromPerson } from './proofs.ts'

/** Where a command stands. Only `recorded` means that its ledger entry exists. */
export type CommandState<T> =
  | { readonly k: 'idle' }
  | { readonly k: 'sending' }
  | { readonly k: 'recorded'; readonly reply: T }
  | { readonly k: 'refused' | 'stale' | 'invalid' | 'failed'; readonly problem: Problem | null }

export type Sender<R extends Route> = {
  readonly state: CommandState<ReplyOf<R>>
  /** Sends the command; resolves with the reply when it is recorded, else with null. */
  readonly send: (input: CallInput<R>) => Promise<ReplyOf<R> | null>
  readonly reset: () => void
}

const maxProofs = 3

/**
 * One governance command. A proof that is missing is asked for, and the command is sent again; a lost answer keeps its
 * idempotency key, so that sending it again cannot do it twice. Nothing is optimistic: what was read is read again.
 */
export function useCommand<R extends Route>(route: R, onRecorded?: (reply: ReplyOf<R>) => void): Sender<R> {
  const [state, setState] = useState<CommandState<ReplyOf<R>>>({ k: 'idle' })
  const kept = useRef<{ readonly body: string; readonly key: string } | null>(null)
  return {
    state,
    reset: () => setState({ k: 'idle' }),
    send: async (input) => {
      setState({ k: 'sending' })
      const body = JSON.stringify(input)
      const key = kept.current?.body === body ? kept.current.key : crypto.randomUUID()
      kept.current = { body, key }
      const ended = await perform(route, { ...input, idempotencyKey: key })
      if (ended.k !== 'failed') kept.current = null
      setState(ended)
      if (ended.k !== 'recorded') return null
      await queries.invalidateQueries()
      onRecorded?.(ended.reply)
      return ended.reply
    },
  }
}

async function perform<R extends Route>(route: R, input: CallInput<R>): Promise<CommandState<ReplyOf<R>>> {
  let sent = input
  for (let proofs = 0; ; proofs += 1) {
    try {
      return { k: 'recorded', reply: await api.call(route, sent) }
    } catch (error) {
      if (error instanceof NoAnswer) return { k: 'failed', problem: null }
      if (!(error instanceof ProblemError)) throw error
      const { problem } = error
      const proven = proofs < maxProofs ? await prove(problem, sent) : null
      if (proven === null) return { k: kindOf(problem), problem }
      sent = proven
    }
  }
}

/** The input as it may be sent again once the person has proved what the problem asks for; null when there is none. */
async function prove<R extends Route>(problem: Problem, input: CallInput<R>): Promise<CallInput<R> | null> {
  if (problem.code === 'UNAUTHENTICATED')
    return (await proofFromPerson({ k: 'sign_in' })) === false ? null : input
  if (problem.code !== 'STEP_UP_REQUIRED') return null
  const wanted = problem['sign'] as
    | { readonly digest: string; readonly challenge: string; readonly credentialIds: readonly string[] }
    | undefined // the documented member of this problem
  if (wanted === undefined) {
    const proof = problem['proof'] === 'fresh_passkey' ? 'fresh_passkey' : 'recent_auth'
    return (await proofFromPerson({ k: 'step_up', proof })) === false ? null : input
  }
  const given = await proofFromPerson({ k: 'sign', ...wanted })
  if (typeof given === 'boolean') return null
  const body = { ...(input as { readonly body?: object }).body, assertion: given.assertion }
  return { ...input, body, idempotencyKey: crypto.randomUUID() } as unknown as CallInput<R> // a bound act takes an assertion
}

function kindOf({ code }: Problem): 'refused' | 'stale' | 'invalid' | 'failed' {
  if (code === 'STALE') return 'stale'
  if (code === 'INVALID_INPUT') return 'invalid'
  return code === 'OUTCOME_UNKNOWN' || code === 'IDEMPOTENCY_IN_PROGRESS' ? 'failed' : 'refused'
}

/**
 * What a command would be answered now, asked when a dialog opens and again when its input changes: a refusal is seen
 * before anything is typed. Undefined while it is asked, null when nothing speaks against it.
 */
export function useAsk<R extends Route>(
  route: R,
  input: CallInput<R>,
  enabled = true,
): Problem | null | undefined {
  const { data } = useQuery({
    queryKey: [route.id, 'ask', input],
    queryFn: () => api.ask(route, input),
    enabled,
  })
  return data
}
