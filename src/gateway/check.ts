import { adviceOnTexts } from '../guard/advice.ts'
import { trustOf } from '../guard/finding.ts'
import { inspect, type Guard } from '../guard/inspect.ts'
import type { Channel } from '../guard/text.ts'
import type { ReasonCode } from './reasons.ts'
import { decodeUtf8, readExactTree } from './wire/json.ts'

/** Texts that somebody wants read, without a call to a model. */
export type Check = { readonly segments: readonly { readonly channel: Channel; readonly text: string }[] }

/** Most texts of one check. Their length is bounded by the size of the body. */
const mostSegments = 512

/** Most findings that an answer lists; the advice is of all. */
const mostFindings = 1_000

/** Reads the body of a check: `{"segments":[{"channel":"document","text":"…"}]}`. */
export function readCheck(bytes: Buffer): Check | { readonly refused: ReasonCode } {
  const text = decodeUtf8(bytes)
  const read = text === null ? null : readExactTree(text)
  const segments = read?.ok === true ? membersOf(read.tree, ['segments'])?.[0] : null
  if (!Array.isArray(segments) || segments.length === 0 || segments.length > mostSegments)
    return { refused: 'malformed' }
  const found: { channel: Channel; text: string }[] = []
  for (const segment of segments as readonly unknown[]) {
    const [channel, content] = membersOf(segment, ['channel', 'text']) ?? []
    if (!isChannel(channel) || typeof content !== 'string') return { refused: 'malformed' }
    found.push({ channel, text: content })
  }
  return { segments: found }
}

/** The answer to a check. Places are UTF-16 units of the text of a segment; nothing of a text is repeated. */
export function answerCheck(guard: Guard, record: string, { segments }: Check): string {
  const findings = segments.flatMap(({ channel, text }, segment) =>
    inspect(guard, { channel, text }).map((finding) => ({ segment, channel, ...finding })),
  )
  return JSON.stringify({
    record,
    advice: adviceOnTexts(findings),
    findings: findings
      .slice(0, mostFindings)
      .map(({ segment, rule, kind, severity, sureness, start, end }) => ({
        segment,
        rule,
        kind,
        severity,
        sureness,
        start,
        end,
      })),
    omitted: Math.max(0, findings.length - mostFindings),
    guard: guard.digest,
  })
}

/** The values of exactly these members; null when there are others, or when one of them is missing. */
function membersOf(value: unknown, names: readonly string[]): readonly unknown[] | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  const members = new Map<string, unknown>(Object.entries(value))
  return members.size === names.length && names.every((name) => members.has(name))
    ? names.map((name) => members.get(name))
    : null
}

function isChannel(value: unknown): value is Channel {
  return typeof value === 'string' && Object.hasOwn(trustOf, value)
}
