import { z } from 'zod'

const commitment = z.object({ hmac: z.string(), bytes: z.number() }).nullable()

/** What the console reads out of a record; the record itself is kept whole, since its commitment covers all of it. */
const runtimeRecord = z.object({
  id: z.string(),
  at: z.number(),
  key: z.string().nullable(),
  deployment: z.string().nullable(),
  release: z.string().nullable(),
  grant: z.string().nullable(),
  tier: z.number().nullable(),
  mode: z.string().nullable(),
  dialect: z.string(),
  model: z.string().nullable(),
  target: z.string().nullable(),
  dataClassMax: z.string().nullable(),
  action: z.enum(['allow', 'block', 'fault']),
  inspection: z.string(),
  released: z.string(),
  status: z.number(),
  codes: z.array(z.string()),
  input: commitment,
  output: commitment,
  usage: z.object({ inputTokens: z.number(), outputTokens: z.number() }).nullable(),
  timing: z.object({ totalMs: z.number(), firstByteMs: z.number().nullable() }),
})
/** The dialect of a record about texts that went to no model. */
export const guardCheck = 'guard-check'

export type RuntimeRecord = z.infer<typeof runtimeRecord>

/** The record as this version of the console knows it; null for one of a form that it does not know. */
export function readRecordFacts(record: Readonly<Record<string, unknown>>): RuntimeRecord | null {
  const parsed = runtimeRecord.safeParse(record)
  return parsed.success ? parsed.data : null
}
