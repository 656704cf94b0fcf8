import { canonicalJson, epochMs, type EpochMs } from '../../kernel/index.ts'
import type { ApprovalAnswer, ApprovalPort, ApprovalQuestion } from './approval.ts'

type State = 'pending' | 'approved' | 'denied' | 'cancelled' | 'used'
type Kept = { readonly id: string; readonly question: ApprovalQuestion; state: State; until: EpochMs }

/** How the fake behaves: as it should, or in one of the ways in which a store of approvals fails. */
export type FakeMode = 'works' | 'throws' | 'hangs' | 'answers_stale'

/** People who agree to calls, as tests play them. It keeps every promise of the port, unless it is told to break. */
export function fakeApprovals(now: () => EpochMs, lifetimeMs = 900_000) {
  const kept = new Map<string, Kept>()
  const told = { mode: 'works' as FakeMode, asked: 0, looked: 0 }

  const answerOf = ({ id, state, until }: Kept): ApprovalAnswer => {
    if (told.mode === 'answers_stale') return { k: 'approved', id, until: epochMs(now() - 1) }
    if (state === 'pending' || state === 'approved')
      return now() < until ? { k: state, id, until } : { k: 'expired', id }
    return { k: state, id }
  }
  const reached = async (): Promise<void> => {
    if (told.mode === 'throws') throw new Error('the store of approvals is down')
    if (told.mode === 'hangs') await new Promise<never>(() => undefined)
  }
  const port: ApprovalPort = {
    ask: async (question) => {
      told.asked += 1
      await reached()
      const same = canonicalJson(question)
      const open = [...kept.values()].find(
        (one) => one.state !== 'used' && now() < one.until && canonicalJson(one.question) === same,
      )
      if (open !== undefined) return answerOf(open)
      const id = `apr_${kept.size + 1}`
      const record: Kept = { id, question, state: 'pending', until: epochMs(now() + lifetimeMs) }
      kept.set(id, record)
      return answerOf(record)
    },
    look: async (id, question) => {
      told.looked += 1
      await reached()
      const record = kept.get(id)
      if (record === undefined || canonicalJson(record.question) !== canonicalJson(question)) return null
      return answerOf(record)
    },
    consume: async (id, question) => {
      await reached()
      const record = kept.get(id)
      const isUsable =
        record?.state === 'approved' &&
        now() < record.until &&
        canonicalJson(record.question) === canonicalJson(question)
      if (isUsable) record.state = 'used'
      return isUsable
    },
  }
  return {
    port,
    told,
    /** Every record so far, the oldest first. */
    records: (): readonly Readonly<Kept>[] => [...kept.values()],
    /** A person, or the clock, has had their say about everything that is open. */
    settle: (state: 'approved' | 'denied' | 'cancelled' | 'expired') => {
      for (const record of kept.values()) {
        if (record.state !== 'pending') continue
        if (state === 'expired') record.until = now()
        else record.state = state
      }
    },
    /** The store is another one, which knows nothing. */
    lose: () => kept.clear(),
  }
}

export type FakeApprovals = ReturnType<typeof fakeApprovals>
