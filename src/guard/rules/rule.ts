import { z } from 'zod'
import { channels, type Channel } from '../text.ts'
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
      kind: z.enum(['structure', 'hidden', 'exfiltration', 'tool_poisoning', 'output_sink']),
      /** What a hit weighs in text that nobody vouches for, and in a user's own words. */
      severity: z.strictObject({ untrusted: severity, user: severity }),
      /** Where it counts; everywhere when it is left out. */
      channels: z.array(z.enum(channels)).min(1).optional(),
      /** `hidden`: only in what a reader does not see, such as a comment or an element that is not shown. */
      within: z.literal('hidden').optional(),
      words: z.array(z.string().min(2).max(128)).min(1),
      explain: z.string(),
      positives: z.array(z.string()).min(1),
      negatives: z.array(z.string()).min(1),
    }),
  ),
})
export type RuleCatalogue = z.infer<typeof ruleCatalogue>
export type PhraseRule = RuleCatalogue['rules'][number]

/** Whether what a rule finds counts in a channel. */
export function isHeard({ channels: named }: PhraseRule, channel: Channel): boolean {
  return named === undefined || named.includes(channel)
}

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
