import { z } from 'zod'
import { isWordUnit } from '../stream/candidate.ts'
import type { Trigger } from '../stream/scan-plan.ts'

const severity = z.enum(['info', 'low', 'medium', 'high', 'critical'])
/** The catalogue of phrase rules, `catalogue/guard/rules.json`; the examples of a rule are its tests. */
export const ruleCatalogue = z.strictObject({
  version: z.int().min(1),
  rules: z.array(
    z.strictObject({
      id: z.string().regex(/^[a-z0-9.-]{1,64}$/),
      version: z.int().min(1),
      kind: z.enum(['structure', 'tool_poisoning']),
      /** What a hit weighs in text that nobody vouches for, and in a user's own words. */
      severity: z.strictObject({ untrusted: severity, user: severity }),
      words: z.array(z.string().min(4).max(128)).min(1),
      explain: z.string(),
      positives: z.array(z.string()).min(1),
      negatives: z.array(z.string()).min(1),
    }),
  ),
})
export type RuleCatalogue = z.infer<typeof ruleCatalogue>
export type PhraseRule = RuleCatalogue['rules'][number]

/** One trigger for each phrase. A phrase that begins with a letter begins a word. */
export function phraseTriggers(rules: readonly PhraseRule[]): readonly Trigger[] {
  return rules.flatMap(({ id, words }) =>
    words.map((word): Trigger => {
      const beginsWord = isWordUnit(word.charCodeAt(0))
      return {
        rule: id,
        word,
        begin: (behind) =>
          beginsWord && isWordUnit(behind.unitAt(behind.at - word.length - 1)) ? null : 'certain',
      }
    }),
  )
}
