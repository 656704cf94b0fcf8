import { z } from 'zod'
import { callActions, severities } from '../../../../src/contracts/routes/gateway.ts'

const commitment = z.object({ hmac: z.string(), bytes: z.number() }).nullable()

const finding = z.object({
  side: z.enum(['input', 'output']),
  path: z.string(),
  channel: z.string(),
  rule: z.string(),
  kind: z.string(),
  severity: z.enum(severities),
  sureness: z.string(),
  start: z.number(),
  end: z.number(),
  effect: z.enum(['none', 'redacted', 'blocked']),
})
export type RecordFinding = z.infer<typeof finding>

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
  action: z.enum(callActions),
  inspection: z.string(),
  released: z.string(),
  status: z.number(),
  codes: z.array(z.string()),
  content: z.enum(['queued', 'dropped']).nullable().default(null),
  // Records of before the guard read calls have none.
  findings: z.array(finding).default([]),
  findingCount: z.number().default(0),
  input: commitment,
  output: commitment,
  usage: z
    .object({
      inputTokens: z.number(),
      outputTokens: z.number(),
      cachedInputTokens: z.number().default(0),
    })
    .nullable(),
  // Records of before an alias could have several targets have none.
  tried: z.array(z.object({ target: z.string(), code: z.string() })).default([]),
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
