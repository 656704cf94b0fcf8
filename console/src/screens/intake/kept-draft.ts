import type { Owners, Values } from './questions.ts'

/** What was typed and is not recorded yet. It outlives a lost session and a reload of this browser. */
export type KeptDraft = {
  /** Revision of the record on which it was typed. */
  readonly revision: number
  readonly values: Values
  readonly owners: Partial<Owners>
}

const keyOf = (person: string, id: string) => `countersign.draft.${person}.${id}`

export function keepDraft(person: string, id: string, draft: KeptDraft): void {
  const isEmpty = Object.keys(draft.values).length === 0 && Object.keys(draft.owners).length === 0
  if (isEmpty) localStorage.removeItem(keyOf(person, id))
  else localStorage.setItem(keyOf(person, id), JSON.stringify(draft))
}

export function keptDraft(person: string, id: string): KeptDraft | null {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(keyOf(person, id)) ?? 'null')
    return isDraft(found) ? found : null
  } catch {
    return null // somebody else has written there: there is no draft
  }
}

export function dropDraft(person: string, id: string): void {
  localStorage.removeItem(keyOf(person, id))
}

function isDraft(found: unknown): found is KeptDraft {
  if (typeof found !== 'object' || found === null) return false
  const { revision, values, owners } = found as Partial<KeptDraft>
  return (
    typeof revision === 'number' &&
    typeof values === 'object' &&
    values !== null &&
    typeof owners === 'object' &&
    owners !== null
  )
}
