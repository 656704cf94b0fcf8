import { isOfTheRecord } from '../../governance/retention/index.ts'
import type { JsonObject } from '../../kernel/index.ts'
import type { Findings } from './findings.ts'
import type { EntryRow } from './rows.ts'

type Missing = {
  readonly id: string
  readonly subject: string
  /** Whose erasure explains it; null when only a redaction does. */
  readonly person: string | null
}

/** Asks of each sealed half that is gone whether the ledger says why: its person was erased, or it was redacted. */
export class ErasureCheck {
  readonly #missing: Missing[] = []
  readonly #erased = new Set<unknown>()
  readonly #redacted = new Set<unknown>()

  get count(): number {
    return this.#missing.length
  }

  /** Remembers what explains that a text has gone. */
  read({ kind }: EntryRow, facts: JsonObject): void {
    if (kind === 'person.erased') this.#erased.add(facts['person'])
    if (kind === 'sealed.redacted') this.#redacted.add(facts['entry'])
  }

  /** Remembers that the leaf of this entry commits to a sealed half that is not there. */
  miss(row: EntryRow, facts: JsonObject, subject: string): void {
    this.#missing.push({ id: row.id, subject, person: ownerOf(row, facts) })
  }

  /** After the last entry: a text may go long after it was written. */
  finish(findings: Findings): void {
    for (const { id, subject, person } of this.#missing) {
      const isExplained = this.#redacted.has(id) || (person !== null && this.#erased.has(person))
      if (!isExplained)
        findings.wrong('ERASED_WITHOUT_CAUSE', subject, 'an erasure or a redaction', 'neither')
    }
  }
}

/** A profile is its person's, a text in somebody's own name its author's; what is of the record is nobody's. */
function ownerOf({ stream, kind, actor }: EntryRow, facts: JsonObject): string | null {
  if (kind === 'person.enrolled') return stream.slice('person/'.length)
  return isOfTheRecord(kind, facts) || !actor.startsWith('p:') ? null : actor.slice('p:'.length)
}
