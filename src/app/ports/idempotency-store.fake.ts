import type { Digest, Json } from '../../kernel/index.ts'
import type { IdempotencyStore } from './idempotency-store.ts'

/** The store in memory, without expiry. */
export function fakeIdempotencyStore(): IdempotencyStore {
  const kept = new Map<string, { request: Digest; answer: { status: number; body: Json } | null }>()
  const place = (principal: string, key: string) => `${principal} ${key}`
  return {
    begin: async (principal, key, request) => {
      const known = kept.get(place(principal, key))
      if (known === undefined) {
        kept.set(place(principal, key), { request, answer: null })
        return { k: 'fresh' }
      }
      if (known.request !== request) return { k: 'mismatch' }
      return known.answer === null ? { k: 'in_progress' } : { k: 'replay', ...known.answer }
    },
    finish: async (principal, key, answer) => {
      const known = kept.get(place(principal, key))
      if (known !== undefined) known.answer = answer
    },
    abandon: async (principal, key) => {
      kept.delete(place(principal, key))
    },
  }
}
