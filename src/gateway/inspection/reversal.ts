import { setImmediate as turn } from 'node:timers/promises'
import type {
  ConversationName,
  ConversationVault,
  OpenConversation,
} from '../../app/ports/conversation-vault.ts'
import { isSameValue, mostAttempts, proposed, type Value } from '../../guard/placeholders/issue.ts'
import { canReturn, normalForm } from '../../guard/placeholders/normal-form.ts'
import { lookAlike, placeholdersIn } from '../../guard/placeholders/placeholder.ts'
import { restored, type Meanings } from '../../guard/placeholders/restore.ts'
import type { Channel } from '../../guard/text.ts'
import type { Segment } from '../dialect/reading.ts'
import { blocked, isReadWith, type Inspection, type Judged } from './inspection.ts'
import { atOnce } from './text-reader.ts'
import { merged, withGaps, type Gap } from './mask.ts'

/** A text of the request, and what is to be cut out of it. */
type Cut = { readonly segment: Segment; readonly gaps: readonly Gap[] }

/** Channels of an answer that are meant for the caller's eyes. What a tool is to do is none, nor what nobody knows. */
const givenBack: ReadonlySet<Channel> = new Set(['model', 'reasoning', 'system', 'user'])

/** Whether placeholders in a text of an answer are turned back. What cannot be changed keeps them. */
export function isGivenBack({ channel, splice }: Pick<Segment, 'channel' | 'splice'>): boolean {
  return splice === 'text' && givenBack.has(channel)
}

/**
 * Replaces what a call must not send by placeholders, and turns those of its own conversation back in the answer.
 * INVARIANT: nothing is turned back that this request has not replaced, or an earlier one of its conversation.
 */
export class Reversal {
  readonly #vault: ConversationVault
  readonly #name: ConversationName
  readonly #isWhole: boolean
  #meanings: Meanings = new Map()

  /** `isWhole`: whether the requests of the conversation repeat all of it, so that nothing from before is needed. */
  constructor(
    vault: ConversationVault,
    { name, isWhole }: { readonly name: ConversationName; readonly isWhole: boolean },
  ) {
    this.#vault = vault
    this.#name = name
    this.#isWhole = isWhole
  }

  /** Whether there is anything that an answer might hold. */
  get isNeeded(): boolean {
    return this.#meanings.size > 0
  }

  /** Judges a request; null when what is replaced of it cannot be kept: then nothing may be sent. */
  async judge(inspection: Inspection, segments: readonly Segment[]): Promise<Judged | null> {
    const cuts: Cut[] = []
    const changed = new Set<string>()
    let isBlocked = false
    let length = 0
    await inspection.readAcrossInTurns(segments)
    for (const segment of segments) {
      length += segment.text.length
      if (length > atOnce) await turn()
      if (length > atOnce) length = 0
      if (isReadWith(segment, changed)) continue
      const found = await inspection.cut('input', segment)
      if (found === blocked) isBlocked = true
      else {
        const gaps = merged([...found.map((gap) => returnable(segment, gap)), ...lookAlikesIn(segment)])
        if (gaps.length === 0) continue
        cuts.push({ segment, gaps })
        changed.add(segment.path)
      }
    }
    if (isBlocked) return { edits: new Map(), isBlocked }
    const placeholders = await this.#placeholders(cuts).catch(() => null) // the vault fails closed, whatever it says
    if (placeholders === null) return null
    const edits = new Map<string, string>()
    for (const { segment, gaps } of cuts) {
      const filled = gaps.map((gap) => ({ ...gap, mask: placeholders.get(idOf(segment, gap)) ?? gap.mask }))
      const edited = withGaps(segment.text, filled)
      const settled = await inspection.settled(segment, edited)
      if (settled === blocked) isBlocked = true
      else edits.set(segment.path, settled)
    }
    return { edits, isBlocked }
  }

  /** The edits of an answer, with its placeholders turned back. */
  restore(segments: readonly Segment[], edits: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
    if (!this.isNeeded) return edits
    const all = new Map(edits)
    for (const segment of segments) {
      if (!isGivenBack(segment)) continue
      const released = edits.get(segment.path) ?? segment.text
      const told = restored(released, this.#meanings)
      if (told !== released) all.set(segment.path, told)
    }
    return all
  }

  /** What a placeholder stands for in this conversation; null when it is none of it. */
  meaningOf(placeholder: string): string | null {
    return this.#meanings.get(placeholder) ?? null
  }

  /** A placeholder for each gap that may be given back, by what is to be replaced. All of them are kept. */
  async #placeholders(cuts: readonly Cut[]): Promise<ReadonlyMap<string, string>> {
    const wanted = valuesIn(cuts)
    if (wanted.size === 0 && this.#isWhole) return new Map()
    const conversation = await this.#vault.open(this.#name)
    const before = this.#isWhole ? new Map<string, string>() : await conversation.all()
    const issued = await issue(conversation, wanted)
    const own = [...issued].map(([id, placeholder]) => [placeholder, wanted.get(id)?.written ?? ''] as const)
    this.#meanings = new Map([...before, ...own])
    return issued
  }
}

/** The values to be replaced, each in the form in which it is written first. */
function valuesIn(cuts: readonly Cut[]): ReadonlyMap<string, Value> {
  const values = new Map<string, Value>()
  for (const { segment, gaps } of cuts)
    for (const gap of gaps) {
      if (gap.isKept !== true) continue
      const id = idOf(segment, gap)
      if (!values.has(id)) values.set(id, { rule: gap.rule, written: writtenAt(segment, gap) })
    }
  return values
}

/** Finds a placeholder for each value that stands for no other in the conversation, and keeps it. */
async function issue(
  conversation: OpenConversation,
  values: ReadonlyMap<string, Value>,
): Promise<ReadonlyMap<string, string>> {
  const issued = new Map<string, string>()
  for (let attempt = 0; issued.size < values.size; attempt += 1) {
    if (attempt === mostAttempts) throw new Error('no placeholder is free in the conversation')
    const open = [...values].filter(([id]) => !issued.has(id))
    const proposals = open.map(([id, value]) => ({
      id,
      value,
      name: proposed(conversation.code, value, attempt),
    }))
    const wanted = new Map(proposals.toReversed().map(({ name, value }) => [name, value.written]))
    const kept = await conversation.keep(wanted)
    for (const { id, value, name } of proposals)
      if (isSameValue(value.rule, kept.get(name) ?? '', value.written)) issued.set(id, name)
  }
  return issued
}

function idOf(segment: Segment, gap: Gap): string {
  return gap.isKept === true ? `${gap.rule}\n${normalForm(gap.rule, writtenAt(segment, gap))}` : ''
}

function writtenAt({ text }: Segment, { start, end }: Gap): string {
  return text.slice(start, end)
}

/** A gap whose value could not be put back keeps its mask. */
function returnable(segment: Segment, gap: Gap): Gap {
  return gap.isKept === true && !canReturn(writtenAt(segment, gap)) ? { ...gap, isKept: false } : gap
}

/**
 * What a caller has written in the form of a placeholder is replaced by one of its own, so that no placeholder in the
 * answer means what somebody made up.
 */
function lookAlikesIn({ text, splice }: Segment): readonly Gap[] {
  if (splice !== 'text') return []
  return placeholdersIn(text).map((span) => ({ ...span, rule: lookAlike, mask: '[TEXT]', isKept: true }))
}
