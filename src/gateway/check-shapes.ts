import type { Guard } from '../guard/inspect.ts'
import type { FindingKind, Severity, Text } from '../guard/finding.ts'
import type { Channel } from '../guard/text.ts'
import { checkOf, foundIn, mostFindings, treeOf, type Check, type Located, type Watched } from './check.ts'
import { isTree, type Tree } from './dialect/reading.ts'
import { reasons, type ReasonCode } from './reasons.ts'

/** The guard API of another vendor, for a client that was written for it. */
export type CheckShape = {
  /** The texts of a body, and what else it asks for; a refusal for a body that has no reading. */
  readonly read: (bytes: Buffer) => ShapedCheck | { readonly refused: ReasonCode }
  readonly refusal: (code: ReasonCode, record: string) => string
}

export type ShapedCheck = Check & {
  readonly answer: (watched: Watched, record: string) => string
}

const malformed = { refused: 'malformed' } as const

/** SPEC: Lakera Guard API v2, `POST /v2/guard`: messages as of a chat completion; `flagged` says whether anything was detected. */
export const lakeraShape: CheckShape = {
  read: (bytes) => {
    const tree = treeOf(bytes)
    if (tree === null) return malformed
    const { messages, breakdown = false, payload = false } = tree
    if (!Array.isArray(messages) || typeof breakdown !== 'boolean' || typeof payload !== 'boolean')
      return malformed
    const segments: Text[] = []
    const places: number[] = []
    for (const [n, message] of (messages as readonly unknown[]).entries()) {
      const texts = isTree(message) ? textsOf(message) : null
      if (texts === null) return malformed
      for (const text of texts) {
        segments.push(text)
        places.push(n)
      }
    }
    return answering(segments, (watched, record) => {
      const findings = detected(watched, segments)
      const named = findings.map((finding) => ({ ...finding, message_id: places[finding.segment] ?? 0 }))
      return JSON.stringify({
        flagged: findings.length > 0,
        ...(payload
          ? { payload: named.slice(0, mostFindings).map((found) => payloadOf(found, segments)) }
          : {}),
        ...(breakdown ? { breakdown: breakdownOf(watched.guard, named) } : {}),
        metadata: { request_uuid: record },
      })
    })
  },
  refusal: (code) => JSON.stringify({ error: { message: reasons[code].message, code } }),
}

/** SPEC: Azure AI Content Safety 2024-09-01, `POST /contentsafety/text:shieldPrompt`. */
export const promptShieldsShape: CheckShape = {
  read: (bytes) => {
    const tree = treeOf(bytes)
    if (tree === null || Object.keys(tree).some((name) => name !== 'userPrompt' && name !== 'documents'))
      return malformed
    const { userPrompt, documents } = tree
    const isPrompt = userPrompt === undefined || userPrompt === null || typeof userPrompt === 'string'
    const areDocuments = documents === undefined || documents === null || areTexts(documents)
    if (!isPrompt || !areDocuments) return malformed
    const prompts = typeof userPrompt === 'string' ? [userPrompt] : []
    const texts = areTexts(documents) ? documents : []
    const segments: Text[] = [
      ...prompts.map((text) => ({ channel: 'user' as const, text })),
      ...texts.map((text) => ({ channel: 'document' as const, text })),
    ]
    return answering(segments, (watched) => {
      const hit = new Set(
        detected(watched, segments)
          .filter(({ kind }) => attacks.has(kind))
          .map(({ segment }) => segment),
      )
      const analysis = (n: number) => ({ attackDetected: hit.has(n) })
      return JSON.stringify({
        ...(prompts.length > 0 ? { userPromptAnalysis: analysis(0) } : {}),
        documentsAnalysis: texts.map((_, n) => analysis(n + prompts.length)),
      })
    })
  },
  refusal: (code) =>
    JSON.stringify({
      error: { code: azureCodes[code] ?? code, message: `${reasons[code].message} (${code})` },
    }),
}

const azureCodes: Readonly<Partial<Record<ReasonCode, string>>> = {
  malformed: 'InvalidRequestBody',
  too_large: 'InvalidRequestBody',
  rate_limited: 'TooManyRequests',
}

/** Kinds by which a text tries to make a model do something. */
const attacks: ReadonlySet<FindingKind> = new Set([
  'injection',
  'structure',
  'hidden',
  'exfiltration',
  'tool_poisoning',
])

/** How Lakera names what its detectors look for; what it has no name for is `custom`. */
const detectors: Readonly<Record<FindingKind, string>> = {
  injection: 'prompt_attack',
  structure: 'prompt_attack',
  hidden: 'prompt_attack',
  tool_poisoning: 'prompt_attack',
  exfiltration: 'unknown_links',
  pii: 'pii',
  secret: 'custom/secret',
  opaque: 'custom/opaque',
  canary: 'custom/canary',
  output_sink: 'custom/output_sink',
}

const weighty: ReadonlySet<Severity> = new Set(['medium', 'high', 'critical'])

/** What is sure enough, or grave enough, for a client that asks yes or no. */
function detected(watched: Watched, segments: readonly Text[]): readonly Located[] {
  return foundIn(watched, segments).filter(({ kind, sureness, severity }) =>
    kind === 'pii' || kind === 'secret' ? sureness !== 'possible' : weighty.has(severity),
  )
}

function typeOf({ kind, rule }: Located): string {
  return kind === 'pii' ? `pii/${rule}` : detectors[kind]
}

/** Where something stands, so that a client may take it out. The text is the client's own. */
function payloadOf(found: Located & { readonly message_id: number }, segments: readonly Text[]): object {
  const { start, end, rule, message_id, segment } = found
  const text = segments[segment]?.text.slice(start, end) ?? ''
  return { start, end, text, detector_type: typeOf(found), labels: [rule], message_id }
}

/** One line for each kind in each message in which it was detected, and one for each that was in none. */
function breakdownOf(guard: Guard, found: readonly (Located & { readonly message_id: number })[]): object[] {
  const ids = { project_id: 'countersign', policy_id: guard.digest }
  const line = (kind: FindingKind, message_id: number, isDetected: boolean) => ({
    ...ids,
    detector_id: kind,
    detector_type: detectors[kind],
    detected: isDetected,
    message_id,
  })
  return (Object.keys(detectors) as FindingKind[]).flatMap((kind) => {
    const messages = [
      ...new Set(found.filter((one) => one.kind === kind).map(({ message_id }) => message_id)),
    ]
    return messages.length === 0 ? [line(kind, 0, false)] : messages.map((n) => line(kind, n, true))
  })
}

/** What each role says is believed as in a call. */
const channels: Readonly<Record<string, Channel>> = {
  system: 'system',
  developer: 'system',
  user: 'user',
  assistant: 'model',
  tool: 'tool_result',
}

/** Null for a message that holds anything which nobody here reads: it must not pass for clean. */
function textsOf({ role, content, ...others }: Tree): readonly Text[] | null {
  const channel = typeof role === 'string' && Object.hasOwn(channels, role) ? channels[role] : undefined
  if (channel === undefined || Object.keys(others).length > 0) return null
  if (typeof content === 'string') return [{ channel, text: content }]
  if (!Array.isArray(content)) return null
  const texts = (content as readonly unknown[]).map(textOf)
  return texts.every((text) => text !== null) ? texts.map((text) => ({ channel, text })) : null
}

function textOf(part: unknown): string | null {
  if (!isTree(part)) return null
  const { type, text, ...others } = part
  return type === 'text' && typeof text === 'string' && Object.keys(others).length === 0 ? text : null
}

function answering(
  segments: readonly Text[],
  answer: ShapedCheck['answer'],
): ShapedCheck | { readonly refused: ReasonCode } {
  const check = checkOf(segments)
  return 'refused' in check ? check : { ...check, answer }
}

function areTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}
