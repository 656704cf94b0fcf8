import { z } from 'zod'

/** A family that was left out of training: name, style, texts, those that were flagged, those that were high. */
const family = z.tuple([z.string(), z.string(), z.number(), z.number(), z.number()])
const families = z.object({ user: z.array(family), untrusted: z.array(family) })
const points = z.object({ tFlag: z.number(), tHigh: z.number() })

/** What the console reads out of the header of the weights. */
const header = z.object({
  id: z.string(),
  version: z.number(),
  trainer: z.object({ name: z.string(), version: z.string() }),
  seed: z.number(),
  data: z.array(z.object({ file: z.string(), rows: z.number(), licence: z.string(), source: z.string() })),
  languages: z.array(z.string()),
  calibration: z.object({ prior: z.number() }),
  thresholds: z.object({ user: points, untrusted: points }),
  metrics: z.object({ attack: families, benign: families, borderline: families }),
})
export type ModelHeader = z.infer<typeof header>

/** The header as this version of the console knows it; null for one of another form. */
export function readModelHeader(json: unknown): ModelHeader | null {
  return header.safeParse(json).data ?? null
}

export type LeftOutFamily = {
  readonly family: string
  readonly label: 'attack' | 'benign'
  readonly style: string
  readonly channelClass: 'user' | 'untrusted'
  readonly texts: number
  readonly flagged: number
  readonly high: number
}

/** Every family that was left out of training, in the order of their names, with how many of its texts were told. */
export function leftOutFamilies({ metrics }: ModelHeader): readonly LeftOutFamily[] {
  const told = (['attack', 'benign', 'borderline'] as const).flatMap((kind) =>
    (['untrusted', 'user'] as const).flatMap((channelClass) =>
      metrics[kind][channelClass].map(([name, style, texts, flagged, high]): LeftOutFamily => {
        const label = kind === 'attack' ? 'attack' : 'benign'
        return { family: name, label, style, channelClass, texts, flagged, high }
      }),
    ),
  )
  return told.toSorted((a, b) => (a.family < b.family ? -1 : a.family > b.family ? 1 : 0))
}
