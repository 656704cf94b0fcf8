import type { RecordLanguages } from '../../app/ports/gateway.ts'
import type { Guard } from '../../guard/inspect.ts'
import { languageAtBeginning } from '../../guard/language/beginning.ts'
import type { Channel } from '../../guard/text.ts'
import type { Segment } from '../dialect/reading.ts'

/** The languages of the newest texts of a request. */
export class LanguagesRead {
  readonly #guard: Pick<Guard, 'injection'>
  /** The last text of the user, and of others. */
  #newest: readonly string[] = []
  #counted: RecordLanguages | null | undefined // not counted yet

  constructor(guard: Pick<Guard, 'injection'>) {
    this.#guard = guard
  }

  /** Remembers the texts that are counted: of a request's history each was the last one once. */
  sees(segments: readonly Segment[]): void {
    const last = (channels: ReadonlySet<Channel>) => segments.findLast(({ channel }) => channels.has(channel))
    const found = [last(users), last(others)]
    this.#newest = found.flatMap((segment) => (segment === undefined ? [] : [segment.text]))
    this.#counted = undefined
  }

  /** How many are in languages that the scorer knows and does not; null where it reads none. Each record of a call asks. */
  get counts(): RecordLanguages | null {
    if (this.#counted === undefined) this.#counted = this.#count()
    return this.#counted
  }

  #count(): RecordLanguages | null {
    if (this.#guard.injection === null) return null
    const told = this.#newest.map((text) => languageAtBeginning(text))
    const [advisory, supported] = (['advisory', 'supported'] as const).map(
      (language) => told.filter((other) => other === language).length,
    )
    return advisory || supported ? { advisory: advisory ?? 0, supported: supported ?? 0 } : null
  }
}

const users: ReadonlySet<Channel> = new Set(['user'])
const others: ReadonlySet<Channel> = new Set(['document', 'tool_result', 'unknown'])
