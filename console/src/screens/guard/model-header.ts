import { z } from 'zod'

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
  metrics: z.array(
    z.object({
      family: z.string(),
      label: z.enum(['attack', 'benign']),
      /** Harmless, but written with the words of attacks. */
      isBorderline: z.boolean(),
      style: z.string(),
      channelClass: z.enum(['user', 'untrusted']),
      /** While the family was left out of training. */
      flagged: measured,
      high: measured,
    }),
  ),
  /** Shares that are told, pooled: `attack_user` and so on. */
  summary: z.record(z.string(), measured),
})
export type ModelHeader = z.infer<typeof header>

/** The header as this version of the console knows it; null for one of another form. */
export function readModelHeader(json: unknown): ModelHeader | null {
  return header.safeParse(json).data ?? null
}
