import { z } from 'zod'
import { shareOf, type Share } from './share.ts'

/** A family that was left out of training: name, style, texts, those that were flagged, those that were high. */
const family = z.tuple([z.string(), z.string(), z.number(), z.number(), z.number()])
const families = z.object({ user: z.array(family), untrusted: z.array(family) })
const measured = z.object({ n: z.number(), share: z.number(), low: z.number(), high: z.number() })
const points = z.object({ tFlag: z.number(), tHigh: z.number() })

/** What the console reads out of the header of the weights. */
const header = z.object({
  id: z.string(),
  version: z.number(),
  trainer: z.object({ name: z.string(), version: z.string() }),
  seed: z.number(),
  data: z.array(
    z.object({
      file: z.string(),
      sha256: z.string(),
      rows: z.number(),
      licence: z.string(),
      source: z.string(),
    }),
  ),
  languages: z.array(z.string()),
  calibration: z.object({ prior: z.number() }),
  thresholds: z.object({ user: points, untrusted: points }),
  metrics: z.object({ attack: families, benign: families, borderline: families }),
  /** Shares that are told, pooled: `attack_user` and so on. */
  summary: z.record(z.string(), measured),
})
export type ModelHeader = z.infer<typeof header>

/** The header as this version of the console knows it; null for one of another form. */
export function readModelHeader(json: unknown): ModelHeader | null {
  return header.safeParse(json).data ?? null
}

/** A family while it was left out of training. */
export type Family = {
  readonly family: string
  readonly label: 'attack' | 'benign'
  /** Harmless, but written with the words of attacks. */
  readonly isBorderline: boolean
  readonly style: string
  readonly channelClass: 'user' | 'untrusted'
  readonly flagged: Share
  readonly high: Share
}

/** Every family of which at least one text was left out of training, with how many of its texts were told. */
export function familiesOf({ metrics }: ModelHeader): readonly Family[] {
  return (['attack', 'benign', 'borderline'] as const).flatMap((kind) =>
    (['untrusted', 'user'] as const).flatMap((channelClass) =>
      metrics[kind][channelClass]
        .filter(([, , texts]) => texts > 0)
        .map(([family, style, texts, flagged, high]) => ({
          family,
          label: kind === 'attack' ? 'attack' : 'benign',
          isBorderline: kind === 'borderline',
          style,
          channelClass,
          flagged: shareOf(flagged, texts),
          high: shareOf(high, texts),
        })),
    ),
  )
}
