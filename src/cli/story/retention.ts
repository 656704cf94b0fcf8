import { useCase } from '../../governance/intake/index.ts'
import { hold, redaction } from '../../governance/retention/index.ts'
import { isId, type JsonObject, type UseCaseId, type UserId } from '../../kernel/index.ts'
import type { LeafV1 } from '../../ledger/index.ts'
import { isAdministrator, standsFor, type Entry, type World } from './world.ts'

/** Remembers whose text an entry holds, and to which use case its stream belongs, whatever its kind. */
export function noteText(world: World, leaf: LeafV1, facts: JsonObject | undefined): void {
  const { id, stream, actor, personal } = leaf
  const home = facts === undefined ? null : homeOf(world, stream, facts)
  if (home !== null && !world.homes.has(stream)) world.homes.set(stream, home)
  if (personal !== undefined) world.texts.set(id, { author: actor, stream })
}

/** One person keeps; another one, of the legal function, lets go. */
export function readHold(world: World, entry: Entry, event: hold.Event): void {
  entry.must(entry.streamId === event.holdId, 'STREAM', event.holdId, entry.streamId)
  entry.mustEqual('HOLD_ACTOR', `p:${event.by}`, entry.leaf.actor)
  const before = world.holds.get(event.holdId) ?? hold.initial
  const isOfLegal = standsFor(world, entry, event.by, 'legal')
  if (event.e === 'hold.placed') {
    const mayPlace = isOfLegal || isAdministrator(world, event.by)
    entry.must(mayPlace, 'HOLD_AUTHORITY', 'the legal function or an administrator', event.by)
    const { subject } = event
    if (subject.k === 'person') {
      const isThere = world.people.get(subject.id)?.s !== 'erased'
      entry.must(isThere, 'HOLD_TOO_LATE', 'a person who is not erased', subject.id)
    }
  } else {
    entry.must(before.s === 'in_force', 'HOLD_STATE', 'a hold in force', before.s)
    const isOther = before.s !== 'in_force' || before.placedBy !== event.by
    entry.must(isOther, 'HOLD_RELEASED_BY_PLACER', 'somebody who did not place it', event.by)
    entry.must(isOfLegal, 'HOLD_AUTHORITY', 'the legal function', event.by)
  }
  world.holds.set(event.holdId, hold.evolve(before, event))
}

/** A single text goes by two people of the privacy or the legal function, and never under a hold. */
export function readRedaction(world: World, entry: Entry, event: redaction.Event): void {
  entry.must(entry.streamId === event.entry, 'STREAM', event.entry, entry.streamId)
  entry.mustEqual('REDACTION_ACTOR', `p:${event.by}`, entry.leaf.actor)
  const mayAsk = standsFor(world, entry, event.by, 'privacy') || standsFor(world, entry, event.by, 'legal')
  entry.must(mayAsk, 'REDACTION_AUTHORITY', 'the privacy or the legal function', event.by)
  const before = world.redactions.get(event.entry) ?? redaction.initial
  if (event.e === 'sealed.redacted') {
    const isTwo = before.s === 'requested' && before.by === event.requestedBy && before.by !== event.by
    entry.must(isTwo, 'REDACTION_ONE_PERSON', 'two people', `${event.requestedBy} and ${event.by}`)
    const text = world.texts.get(event.entry)
    const author = text?.author.slice('p:'.length)
    const home = world.homes.get(text?.stream ?? '')
    const held = holdsOver(world, {
      person: isId('user', author) ? author : null,
      useCases: new Set(home === undefined ? [] : [home]),
    })
    entry.must(held.length === 0, 'REDACTED_ON_HOLD', 'no hold in force over the text', held.join(', '))
    world.texts.delete(event.entry)
  }
  world.redactions.set(event.entry, redaction.evolve(before, event))
}

/** The holds that concern a record when this entry was written. */
export function holdsOver(world: World, concerned: hold.Concerned): readonly string[] {
  return [...world.holds].flatMap(([id, state]) => (hold.concerns(state, concerned) ? [id] : []))
}

/** The use cases in which a person asked, owns, voted or wrote, as far as the log places their texts. */
export function useCasesOf(world: World, who: UserId): ReadonlySet<UseCaseId> {
  const found = new Set<UseCaseId>()
  for (const state of world.useCases.values())
    if (state.s !== 'absent' && useCase.interestedIn(state).includes(who)) found.add(state.id)
  for (const { state, events } of world.cases.values())
    if (state.s !== 'absent' && events.some((event) => event.e === 'ballot.cast' && event.ballot.by === who))
      found.add(state.subject.useCaseId)
  for (const { author, stream } of world.texts.values()) {
    const home = world.homes.get(stream)
    if (author === `p:${who}` && home !== undefined) found.add(home)
  }
  return found
}

/** Streams that belong to a use case; others may name one without belonging there. */
const governed = ['useCase', 'system', 'deployment', 'review', 'case', 'override', 'waiver', 'stop']

/** The first entry of a stream says where it belongs: by the use case itself, or by what belongs to one. */
function homeOf(world: World, stream: string, facts: JsonObject): UseCaseId | null {
  if (!governed.includes(stream.slice(0, stream.indexOf('/')))) return null
  const { useCaseId, subject, terms, scope, targetId } = facts
  if (isId('useCase', useCaseId)) return useCaseId
  const named = memberOf(subject, 'useCaseId') ?? memberOf(memberOf(terms, 'scope'), 'useCaseId')
  if (isId('useCase', named)) return named
  const deployment = memberOf(terms, 'deploymentId') ?? (scope === 'deployment' ? targetId : undefined)
  if (typeof deployment === 'string') return world.homes.get(`deployment/${deployment}`) ?? null
  if (!stream.startsWith('stop/') || typeof targetId !== 'string') return null
  return isId('useCase', targetId) ? targetId : (world.homes.get(`system/${targetId}`) ?? null)
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined // an object
}
