import type { Digest, Json } from '../../kernel/index.ts'
import type { IdempotencyStore } from './idempotency-store.ts'

/** The store in memory, without expiry. It sees no commands, so it never takes a key over. */
export function fakeIdempotencyStore(): IdempotencyStore {
  const kept = new Map<string, { request: Digest; answer: { status: number; body: Json } | null }>()
  const place = ({ principal, key }: { principal: string; key: string }) => `${principal} ${key}`
  return {
    begin: async (principal, key, request) => {
      const claim = { principal, key, token: 'the only one' }
      const known = kept.get(place(claim))
      if (known === undefined) {
        kept.set(place(claim), { request, answer: null })
        return { k: 'fresh', claim }
      }
      if (known.request !== request) return { k: 'mismatch' }
      return known.answer === null ? { k: 'in_progress' } : { k: 'replay', ...known.answer }
    },
    finish: async (claim, answer) => {
      const known = kept.get(place(claim))
      if (known !== undefined) known.answer = answer
    },
    abandon: async (claim) => {
      kept.delete(place(claim))
    },
  }
}
