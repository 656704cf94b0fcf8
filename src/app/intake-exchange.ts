import { isId, type EpochMs, type JsonObject, type UseCaseId, type UserId } from '../kernel/index.ts'
import type { Query } from './ports/query.ts'
import type { Reader } from './readable.ts'
import { sealedEntries, textIn } from './sealed-texts.ts'

/** One turn of a request: it was submitted, or somebody asked about answers. Text is null where it is masked or erased. */
export type Exchange = {
  readonly e: 'asked' | 'submitted'
  readonly at: EpochMs
  readonly by: UserId | null
  /** Asked about, or answered since the last turn. */
  readonly keys: readonly string[]
  readonly text: string | null
}

const kinds = [
  'intake.answers_changed',
  'intake.submitted',
  'intake.resubmitted',
  'intake.information_requested',
]

/** What was asked about a request and what was answered, oldest first. Whether it may be read, the caller has asked. */
export async function exchangesOf(
  query: Query,
  reader: Reader,
  useCaseId: UseCaseId,
): Promise<readonly Exchange[]> {
  const entries = await sealedEntries(query, reader, { useCaseId, stream: `useCase/${useCaseId}`, kinds })
  const turns: Exchange[] = []
  let changed = new Set<string>()
  for (const { kind, at, facts, sealed } of entries) {
    if (kind === 'intake.answers_changed') {
      for (const key of [...keysIn(facts['answers']), ...keysIn(facts['sealedDigests'])]) changed.add(key)
      continue
    }
    const isAsked = kind === 'intake.information_requested'
    turns.push({
      e: isAsked ? 'asked' : 'submitted',
      at,
      by: personIn(facts),
      keys: isAsked ? textsIn(facts['keys']) : [...changed].toSorted(),
      text: textIn(sealed, isAsked ? 'question' : 'text'),
    })
    changed = new Set()
  }
  return turns
}

function keysIn(value: JsonObject[string] | undefined): readonly string[] {
  return typeof value === 'object' && value !== null ? Object.keys(value) : []
}

function textsIn(value: JsonObject[string] | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}

function personIn({ by }: JsonObject): UserId | null {
  if (typeof by !== 'object' || by === null || Array.isArray(by)) return null
  const { ref } = by as JsonObject
  return isId('user', ref) ? ref : null
}
