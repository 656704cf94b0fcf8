import { person } from '../../governance/people/index.ts'
import { holdsOver, useCasesOf } from './retention.ts'
import type { Entry, World } from './world.ts'

/** Follows people, their roles and their passkeys. */
export function readPerson(world: World, entry: Entry, event: person.Event): void {
  entry.must(entry.streamId === event.person, 'STREAM', event.person, entry.streamId)
  if (event.e === 'credential.registered' && event.credential.kind === 'passkey') {
    const { credentialDigest } = event.credential
    const other = world.passkeys.get(credentialDigest) ?? event.person
    // One passkey for two people would let one human vote twice.
    entry.must(other === event.person, 'PASSKEY_SHARED', `a passkey of ${event.person} alone`, other)
    world.passkeys.set(credentialDigest, event.person)
  }
  if (event.e === 'role.granted' || event.e === 'credential.recovered') {
    const { by, approvedBy } = event
    const isOwn = by === event.person || approvedBy === event.person || (by !== null && by === approvedBy)
    entry.must(!isOwn, 'SELF_GRANT', 'an act of others', `${by ?? 'none'} and ${approvedBy ?? 'none'}`)
  }
  if (event.e === 'person.erased') {
    const held = holdsOver(world, { person: event.person, useCases: useCasesOf(world, event.person) })
    entry.must(held.length === 0, 'ERASED_ON_HOLD', 'no hold in force over the person', held.join(', '))
  }
  const before = world.people.get(event.person) ?? person.initial
  world.people.set(event.person, person.evolve(before, event))
}
