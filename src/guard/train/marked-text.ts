import type { Digest } from '../../kernel/index.ts'
import type { Finding, FindingKind, Text } from '../finding.ts'
import type { ChannelClass } from '../injection/scorer.ts'
import { typeOf } from '../placeholders/placeholder.ts'
import type { Channel, Span } from '../text.ts'
import { windowOf, windowText } from '../policy/window.ts'

/** A finding that somebody has marked, as its record tells it. */
export type MarkedFinding = Span & {
  readonly rule: string
  readonly kind: string
  readonly channel: Channel
  /** By whose thresholds it was scored; null where nothing is. */
  readonly channelClass: ChannelClass | null
  /** JSON pointer into the body; members that no dialect knows are `*`. */
  readonly path: string
  readonly window: Digest
}

/** What reads a text, with `anyCanary` watched for, and what names windows of it as the record does. */
export type MarkReader = {
  readonly inspect: (text: Text) => readonly Finding[]
  readonly digestOf: (window: string) => Digest
}

/**
 * Why there is no text: `unreadable`, the body is no JSON, as when it was cut; `not_found`, the marked text is not in it;
 * `not_clean`, a canary stands in it, or something personal or secret is left in it.
 */
export type Missing = 'unreadable' | 'not_found' | 'not_clean'

/**
 * The text of a marked finding out of the body that was kept: the finding itself where it is an order to a model
 * (`isAttack`), else with what stands round it. What is personal or secret in it is masked, whatever the route may have let
 * pass: whoever trains is not whoever may read the calls. A canary is never masked: a text that holds one is somebody's own.
 */
export function markedText(
  body: string,
  marked: MarkedFinding,
  { isAttack, reader }: { readonly isAttack: boolean; readonly reader: MarkReader },
): { readonly text: string } | { readonly missing: Missing } {
  const place = placeOfMark(body, marked, reader)
  if ('missing' in place) return place
  const { text, span } = place
  const isWhole = isAttack && marked.kind === 'injection'
  const stretch = isWhole ? span : windowOf(text, span)
  const held = heldBackIn(text, stretch, marked.channel, reader)
  if (held.some(({ kind }) => kind === 'canary')) return { missing: 'not_clean' }
  const masked = masking(text, stretch, held).trim()
  const isClean = reader
    .inspect({ channel: marked.channel, text: masked })
    .every(({ kind }) => !isHeldBack(kind))
  return isClean && masked !== '' ? { text: masked } : { missing: 'not_clean' }
}

/** The text in which a marked finding stands, and where, in the body that was kept. */
export function placeOfMark(
  body: string,
  marked: MarkedFinding,
  reader: MarkReader,
): { readonly text: string; readonly span: Span } | { readonly missing: Exclude<Missing, 'not_clean'> } {
  let tree: unknown
  try {
    tree = JSON.parse(body)
  } catch {
    return { missing: 'unreadable' }
  }
  const texts = textsAt(tree, marked.path.split('/').slice(1))
  return placeOf(texts, marked, reader) ?? { missing: 'not_found' }
}

/** Most texts that a path with unknown names may lead to. */
const mostTexts = 64
/** UTF-16 units on each side that may say what a stretch is. */
const context = 400

/** The texts at a path, through texts that are JSON themselves. */
function textsAt(value: unknown, path: readonly string[]): readonly string[] {
  const [name, ...rest] = path
  if (name === undefined) return typeof value === 'string' ? [value] : []
  const inner = typeof value === 'string' ? jsonIn(value) : value
  if (typeof inner !== 'object' || inner === null) return []
  if (name !== '*') {
    const key = name.replaceAll('~1', '/').replaceAll('~0', '~')
    return Object.hasOwn(inner, key) ? textsAt((inner as Record<string, unknown>)[key], rest) : [] // an own member
  }
  const texts: string[] = []
  for (const member of Object.values(inner)) {
    texts.push(...textsAt(member, rest))
    if (texts.length >= mostTexts) return texts.slice(0, mostTexts)
  }
  return texts
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/**
 * Where the finding stands: at its place where the window there has its digest. What was taken out before it moves it, and
 * what was taken out beside it changes its window: then it is the one finding that is the same, or the only one of its rule.
 */
function placeOf(
  texts: readonly string[],
  marked: MarkedFinding,
  reader: MarkReader,
): { readonly text: string; readonly span: Span } | null {
  const isIt = (text: string, span: Span) => reader.digestOf(windowText(text, span)) === marked.window
  for (const text of texts) if (marked.end <= text.length && isIt(text, marked)) return { text, span: marked }
  const ofRule = texts.flatMap((text) =>
    reader
      .inspect({ channel: marked.channel, channelClass: marked.channelClass, text })
      .filter(({ rule }) => rule === marked.rule)
      .map((span) => ({ text, span })),
  )
  const same = ofRule.find(({ text, span }) => isIt(text, span))
  if (same !== undefined) return same
  const [only, ...others] = ofRule
  return only !== undefined && others.length === 0 ? only : null
}

function isHeldBack(kind: FindingKind): boolean {
  return kind === 'pii' || kind === 'secret' || kind === 'canary'
}

/** What of a stretch is held back, in order. */
function heldBackIn(
  text: string,
  { start, end }: Span,
  channel: Channel,
  reader: MarkReader,
): readonly Finding[] {
  const from = Math.max(0, start - context)
  return reader
    .inspect({ channel, text: text.slice(from, end + context) })
    .map((finding) => ({ ...finding, start: finding.start + from, end: finding.end + from }))
    .filter((finding) => isHeldBack(finding.kind) && finding.start < end && start < finding.end)
    .toSorted((a, b) => a.start - b.start || b.end - a.end)
}

function masking(text: string, { start, end }: Span, held: readonly Finding[]): string {
  let [masked, at] = ['', start]
  for (const finding of held) {
    if (finding.end <= at) continue
    masked += `${text.slice(at, Math.max(at, finding.start))}[${finding.kind === 'pii' ? typeOf(finding.rule) : 'SECRET'}]`
    at = Math.min(end, finding.end)
  }
  return masked + text.slice(at, end)
}
