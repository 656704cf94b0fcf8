import { z } from 'zod'
import {
  digestOf,
  schemaFaults,
  type Digest,
  type DocumentFault,
  type Json,
  type LegalClass,
} from '../../kernel/index.ts'
import { valueOf, type Answers } from './answers.ts'

const item = z.strictObject({ key: z.string().min(1), article: z.string().min(1), label: z.string().min(1) })
const schema = z.strictObject({
  key: z.string().min(1),
  version: z.int().min(1),
  status: z.string().min(1),
  /** Prohibited practices in force, each a question with the answers yes and no. */
  prohibited: z.array(item).min(1),
  annexIII: z.strictObject({ key: z.string(), article: z.string() }),
  role: z.strictObject({ key: z.string(), article: z.string() }),
  /** Cases in which people must be told: questions with the answers yes and no. */
  transparency: z.array(item),
  gpai: item,
})

/** Which answers lead to which class of the AI Act. Data with its own version; no lawyer's opinion. */
export type LegalMap = Readonly<z.infer<typeof schema>>
export type ParsedLegalMap =
  | { readonly ok: true; readonly map: LegalMap; readonly digest: Digest }
  | { readonly ok: false; readonly faults: readonly DocumentFault[] }

/** The class that the answers lead to, with the articles that it rests on. */
export type LegalFinding = {
  readonly class: Exclude<LegalClass, 'out_of_scope'>
  readonly basis: readonly string[]
  readonly gpai: boolean
  readonly mapDigest: Digest
}

/** What the legal function has confirmed with reasons; it can only choose among what the answers allow. */
export type Confirmation = 'article_6_3' | 'out_of_scope'

/** Reads a legal map. Whether its questions are asked, only the questionnaire beside it can say. */
export function parseLegalMap(json: unknown): ParsedLegalMap {
  const parsed = schema.safeParse(json)
  return parsed.success
    ? { ok: true, map: parsed.data, digest: digestOf(parsed.data) }
    : { ok: false, faults: schemaFaults(parsed.error) }
}

/**
 * The legal class of `answers`. It is no function of the tier, nor the tier of it.
 * SPEC: Regulation (EU) 2024/1689 Art. 5, Art. 6, Art. 50, Annex III.
 */
export function classifyLegal(answers: Answers, map: LegalMap, mapDigest: Digest): LegalFinding {
  const gpai = valueOf(answers, map.gpai.key) !== 'no'
  const found = (legalClass: LegalFinding['class'], basis: readonly string[]): LegalFinding => ({
    class: legalClass,
    basis: [...new Set(basis)].toSorted(),
    gpai,
    mapDigest,
  })
  const practised = map.prohibited.filter(({ key }) => valueOf(answers, key) === 'yes')
  if (practised.length > 0)
    return found(
      'prohibited',
      practised.map(({ article }) => article),
    )
  const unclear = map.prohibited
    .filter(({ key }) => valueOf(answers, key) !== 'no')
    .map(({ article }) => article)
  const areas = listOf(valueOf(answers, map.annexIII.key))
  if (areas === null) unclear.push(map.annexIII.article)
  const roles = listOf(valueOf(answers, map.role.key))
  if (roles === null || roles.length === 0) unclear.push(map.role.article)
  if (unclear.length > 0) return found('undetermined', unclear)
  if (areas !== null && areas.length > 0)
    return found(
      'high_risk',
      areas.map((area) => `${map.annexIII.article} ${area}`),
    )
  const told = map.transparency.filter(({ key }) => valueOf(answers, key) !== 'no')
  return told.length > 0
    ? found(
        'transparency',
        told.map(({ article }) => article),
      )
    : found('minimal', [])
}

/**
 * The class after the legal function's confirmation. SPEC: Art. 6(3) last subparagraph: profiling of natural persons is
 * always high-risk, so the exception then stands for nothing.
 */
export function confirmedClass(
  finding: LegalFinding,
  confirmation: Confirmation | null,
  profiles: boolean,
): LegalClass {
  if (confirmation === 'article_6_3' && finding.class === 'high_risk' && !profiles) return 'minimal'
  if (confirmation === 'out_of_scope' && (finding.class === 'minimal' || finding.class === 'transparency'))
    return 'out_of_scope'
  return finding.class
}

function listOf(value: Json | undefined): readonly string[] | null {
  if (!Array.isArray(value)) return null
  const items = value as readonly Json[]
  return items.every((entry) => typeof entry === 'string') ? items : null
}
