import type { Json } from '../../../kernel/index.ts'
import { entityOfJson, valueOfCedarJson, type CedarValue, type EntityUid } from './value.ts'

/** What is known of an entity. Its ancestors are all that it is in, near and far. */
export type Entity = {
  readonly attrs: ReadonlyMap<string, CedarValue>
  readonly tags: ReadonlyMap<string, CedarValue>
  readonly ancestors: ReadonlySet<string>
}

/** Entities by their `uid`. One that is missing has no attribute and is in nothing but itself. */
export type Entities = ReadonlyMap<string, Entity>

/** An entity with its direct parents. */
export type EntityFact = {
  readonly uid: EntityUid
  readonly parents: readonly EntityUid[]
  readonly attrs?: ReadonlyMap<string, CedarValue>
  readonly tags?: ReadonlyMap<string, CedarValue>
}

const none: ReadonlyMap<string, CedarValue> = new Map()

/** Closes the hierarchy over its parents, once, so that `in` is one look-up. */
export function entitiesOf(facts: readonly EntityFact[]): Entities {
  const parentsOf = new Map(facts.map(({ uid, parents }) => [uid.uid, parents.map((parent) => parent.uid)]))
  return new Map(
    facts.map(({ uid, attrs, tags }) => [
      uid.uid,
      { attrs: attrs ?? none, tags: tags ?? none, ancestors: ancestorsOf(uid.uid, parentsOf) },
    ]),
  )
}

/** Reads entities in Cedar's JSON form; null when one of them is malformed. */
export function entitiesOfJson(json: readonly Json[]): Entities | null {
  const facts = json.map(factOf)
  return facts.includes(null) ? null : entitiesOf(facts as EntityFact[]) // none is null
}

/** Whether `entity` is `group` or in it. */
export function isIn(entity: EntityUid, group: EntityUid, entities: Entities): boolean {
  return entity.uid === group.uid || entities.get(entity.uid)?.ancestors.has(group.uid) === true
}

function ancestorsOf(uid: string, parentsOf: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  const found = new Set(parentsOf.get(uid))
  for (const ancestor of found) for (const next of parentsOf.get(ancestor) ?? []) found.add(next) // grows as it goes
  return found
}

function factOf(json: Json): EntityFact | null {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return null
  const { uid, parents, attrs, tags } = json as { readonly [name: string]: Json } // no list, by the line above
  const name = entityOfJson(uid)
  const above = Array.isArray(parents) ? parents.map(entityOfJson) : [null]
  const [has, tagged] = [valueOfCedarJson(attrs ?? {}), valueOfCedarJson(tags ?? {})]
  if (name === null || above.includes(null) || !isRecord(has) || !isRecord(tagged)) return null
  return { uid: name, parents: above as EntityUid[], attrs: has.members, tags: tagged.members } // none is null
}

function isRecord(value: CedarValue | null) {
  return typeof value === 'object' && value !== null && value.k === 'record'
}
