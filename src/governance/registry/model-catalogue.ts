import { z } from 'zod'
import { dayMs, digestOf, type Digest, type EpochMs } from '../../kernel/index.ts'

const day = z.iso.date()
const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}$/)
const tokens = z.int().min(1).max(1e9)
/** Millionths of a US dollar for a million tokens: 3 dollars are 3,000,000. */
const price = z.int().min(0).max(1e12)

const rates = z.strictObject({ input: price, cachedInput: price, cacheWrite: price, output: price })

/** What a model costs from a day on. Everything that a catalogue and an operator may say of a price. */
export const modelPrice = z.strictObject({
  /** The first day, in UTC, of which this price is known. */
  effectiveFrom: day,
  /** The page of the vendor, or where else the price was read, and the day of reading. */
  source: z.string().min(1).max(500),
  knownAt: day,
  microUsdPerMTok: rates,
  /** Where a long prompt makes the whole call dearer. */
  longPrompt: z.strictObject({ overTokens: tokens, microUsdPerMTok: rates }).optional(),
})

export const modelEntry = z.strictObject({
  id: name,
  aliases: z.array(name).max(20).default([]),
  contextTokens: tokens.nullable(),
  maxOutputTokens: tokens.nullable(),
  modalities: z.strictObject({
    input: z.array(z.enum(['text', 'image', 'audio', 'file'])).min(1),
    output: z.array(z.enum(['text', 'audio', 'image', 'embedding'])).min(1),
  }),
  prices: z
    .array(modelPrice)
    .max(50)
    .refine((prices) => isAscending(prices.map(({ effectiveFrom }) => effectiveFrom)), {
      message: 'prices stand in the order of their days, each day once',
    }),
  /** The day on which the vendor stops serving the model; null while none is announced. */
  retiresOn: day.nullable(),
})

const provider = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/)

/** A model that an operator describes, in place of the one of the same name that is shipped. */
export const ownModelEntry = modelEntry.extend({ provider })

export const modelCatalogueFile = z
  .strictObject({
    key: z.literal('models'),
    provider,
    version: z.int().min(1),
    models: z.array(modelEntry).min(1).max(1_000),
  })
  .refine(({ models }) => isUnique(models.flatMap(({ id, aliases }) => [id, ...aliases])), {
    message: 'an id or alias stands twice',
    path: ['models'],
  })

export type ModelPrice = z.infer<typeof modelPrice>
export type Model = z.infer<typeof modelEntry> & { readonly provider: string }
export type OwnModel = z.infer<typeof ownModelEntry>

export type ModelCatalogue = {
  /** By `provider/id` and by `provider/alias`. */
  readonly models: ReadonlyMap<string, Model>
  /** Of each shipped file, as `provider.version`. */
  readonly digests: ReadonlyMap<string, Digest>
}

/** Tokens of one call. No token is counted in two members. */
export type TokenCounts = {
  readonly input: number
  readonly cachedInput: number
  readonly cacheWrite: number
  readonly output: number
}

/** Reads the shipped files. Throws with every fault: a product with a broken catalogue does not start. */
export function compileModels(files: readonly unknown[]): ModelCatalogue {
  const models = new Map<string, Model>()
  const digests = new Map<string, Digest>()
  for (const file of files) {
    const { provider, version, models: listed } = modelCatalogueFile.parse(file)
    digests.set(`${provider}.${version}`, digestOf(file))
    for (const model of listed) {
      for (const known of [model.id, ...model.aliases]) {
        if (models.has(`${provider}/${known}`)) throw new TypeError(`\`${provider}/${known}\` stands twice`)
        models.set(`${provider}/${known}`, { ...model, provider })
      }
    }
  }
  return { models, digests }
}

/** The catalogue with the operator's own models, which come before shipped ones of the same name. */
export function withOwnModels(shipped: ModelCatalogue, own: readonly OwnModel[]): ModelCatalogue {
  const models = new Map(shipped.models)
  for (const model of own)
    for (const known of [model.id, ...model.aliases]) models.set(`${model.provider}/${known}`, model)
  return { ...shipped, models }
}

/** The price of `provider/model` that is in force `at` an instant; null when nobody has said. */
export function priceOf({ models }: ModelCatalogue, model: string, at: EpochMs): ModelPrice | null {
  const prices = models.get(model)?.prices
  if (prices === undefined) return null
  const today = dayOf(at)
  return prices.findLast(({ effectiveFrom }) => effectiveFrom <= today) ?? null
}

let lastDay = { number: -1, text: '' }

/** The day in UTC. It is asked for each call, and changes once a day. */
function dayOf(at: EpochMs): string {
  const number = Math.floor(at / dayMs)
  if (number !== lastDay.number) lastDay = { number, text: new Date(at).toISOString().slice(0, 10) }
  return lastDay.text
}

/** Millionths of a US dollar for a call, rounded up. Counts are whole numbers. */
export function costOf(counts: TokenCounts, price: ModelPrice): number {
  const { input, cachedInput, cacheWrite, output } = ratesOf(counts, price)
  const sum =
    BigInt(counts.input) * BigInt(input) +
    BigInt(counts.cachedInput) * BigInt(cachedInput) +
    BigInt(counts.cacheWrite) * BigInt(cacheWrite) +
    BigInt(counts.output) * BigInt(output)
  return Number((sum + 999_999n) / 1_000_000n)
}

/** The most that so many tokens can cost: each one of the input as the dearest kind. */
export function highestCost(inputTokens: number, outputTokens: number, price: ModelPrice): number {
  const none = { input: 0, cachedInput: 0, cacheWrite: 0, output: outputTokens }
  return Math.max(
    costOf({ ...none, input: inputTokens }, price),
    costOf({ ...none, cachedInput: inputTokens }, price),
    costOf({ ...none, cacheWrite: inputTokens }, price),
  )
}

function ratesOf(
  { input, cachedInput, cacheWrite }: TokenCounts,
  { microUsdPerMTok, longPrompt }: ModelPrice,
) {
  if (longPrompt === undefined) return microUsdPerMTok
  const isLong = input + cachedInput + cacheWrite > longPrompt.overTokens
  return isLong ? longPrompt.microUsdPerMTok : microUsdPerMTok
}

function isUnique(values: readonly string[]): boolean {
  return new Set(values).size === values.length
}

function isAscending(days: readonly string[]): boolean {
  return days.every((current, i) => i === 0 || (days[i - 1] ?? '') < current)
}
