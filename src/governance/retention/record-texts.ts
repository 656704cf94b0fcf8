import type { Json, JsonObject } from '../../kernel/index.ts'

/**
 * Kinds whose text is of the organisation's record and not of whoever typed it: it stays when the author is erased.
 * Answers say what is governed; units and programs keep their names; the reasons for opening, keeping and removing texts
 * account for what was done with the data of others. A profile is its person's, and goes with them alone.
 */
const recordKinds: readonly string[] = [
  'intake.answers_changed',
  'unit.created',
  'unit.renamed',
  'service_account.created',
  'person.enrolled',
  'sealed.revealed',
  'sealed.redaction_requested',
  'sealed.redacted',
  'hold.placed',
  'hold.released',
]
/** What cannot be redacted by itself: names that tables show, profiles, and what accounts for a removal. */
const neverRedacted = recordKinds.filter((kind) => kind !== 'intake.answers_changed')

/**
 * Whether the sealed half of such an entry stays when its author is erased. The wording of a condition binds others, so a
 * ballot or a review that carries one stays whole.
 */
export function isOfTheRecord(kind: string, facts: JsonObject): boolean {
  return recordKinds.includes(kind) || conditionsIn(kind, facts) > 0
}

/** Whether one text of this kind can be taken away by itself. */
export function isRedactable(kind: string): boolean {
  return !neverRedacted.includes(kind)
}

function conditionsIn(kind: string, facts: JsonObject): number {
  const carrier = kind === 'ballot.cast' ? facts['ballot'] : kind === 'review.signed_off' ? facts : undefined
  const conditions = isObject(carrier) ? carrier['conditions'] : undefined
  return Array.isArray(conditions) ? conditions.length : 0
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
