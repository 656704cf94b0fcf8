import { digestOf } from '../../kernel/index.ts'
import type { ClassifierTier } from './classifier-tier.ts'

/** A model that knows a few words: each text that has one of them has its probability, every other `otherwise`. */
export function fakeClassifierTier(
  words: Readonly<Record<string, number>>,
  otherwise = 0.5,
): ClassifierTier & { readonly batches: readonly (readonly string[])[] } {
  const batches: (readonly string[])[] = []
  return {
    id: 'fake',
    digest: digestOf(words),
    maxChars: 200,
    batches,
    classify: async (batch, signal) => {
      signal.throwIfAborted()
      batches.push(batch)
      return batch.map(
        (text) => Object.entries(words).find(([word]) => text.includes(word))?.[1] ?? otherwise,
      )
    },
  }
}
