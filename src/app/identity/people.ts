import type { person } from '../../governance/people/index.ts'
import { AppError, type RoleGrantId, type UnitId, type UserId } from '../../kernel/index.ts'
import { people } from '../aggregates/people.ts'
import { runCommand, type CommandPorts, type Issuer, type Work } from '../command.ts'
import { invitationMs, issueInvitation, type Invitation } from './enrolment.ts'
import { personContext, type Named } from './person-context.ts'

export type NewPerson = {
  readonly name: string
  readonly email: string
  readonly unit: UnitId | null
  readonly grants: readonly person.NewGrant[]
}

/** Enrols somebody; the token, with which they set their credentials, is shown once. */
export function enrolPerson(
  ports: CommandPorts,
  issuer: Issuer,
  input: NewPerson,
): Promise<Invitation & { readonly id: UserId }> {
  return runCommand(ports, issuer, async (work) => {
    const id = work.ids.next('user')
    const units = [input.unit, ...input.grants.map(({ scope }) => (scope.k === 'unit' ? scope.id : null))]
    const named: Named = { email: input.email, units: units.filter((unit) => unit !== null) }
    await work.apply(people, id, { c: 'enrol', ...input }, await personContext(work, id, named))
    return { id, ...(await issueInvitation(work, id, { purpose: 'enrol', ttlMs: invitationMs })) }
  })
}

/**
 * Ends every credential and session of somebody who has lost them, and gives a fresh token. Null while somebody who
 * decides or administers waits for a second administrator to ask for the same.
 */
export function recoverPerson(ports: CommandPorts, issuer: Issuer, id: UserId): Promise<Invitation | null> {
  return runCommand(ports, issuer, async (work) => {
    const events = await applyTo(work, id, { c: 'recover' })
    if (!events.some(({ e }) => e === 'credential.recovered')) return null
    return issueInvitation(work, id, { purpose: 'recover', ttlMs: invitationMs })
  })
}

/** Moves, suspends or reinstates somebody. */
export async function commandPerson(
  ports: CommandPorts,
  issuer: Issuer,
  id: UserId,
  command: person.Command & { readonly c: 'move' | 'suspend' | 'reinstate' },
  revision?: number,
): Promise<void> {
  const named = command.c === 'move' && command.unit !== null ? { units: [command.unit] } : {}
  await runCommand(ports, issuer, (work) => applyTo(work, id, command, { named, revision }))
}

/** Grants a role, or asks for it where a second administrator has to approve. */
export function grantRole(
  ports: CommandPorts,
  issuer: Issuer,
  to: UserId,
  grant: person.NewGrant,
): Promise<{ readonly id: RoleGrantId; readonly state: 'granted' | 'requested' }> {
  const named = grant.scope.k === 'unit' ? { units: [grant.scope.id] } : {}
  return runCommand(ports, issuer, async (work) => {
    const events = await applyTo(work, to, { c: 'grant_role', grant }, { named })
    for (const event of events) {
      if (event.e === 'role.granted') return { id: event.grant.id, state: 'granted' }
      if (event.e === 'role.requested') return { id: event.request.id, state: 'requested' }
    }
    throw new Error('a grant records what it did')
  })
}

/** Approves a role that another administrator asked for, or takes one away, also before it was approved. */
export async function commandRole(
  ports: CommandPorts,
  issuer: Issuer,
  of: UserId,
  command: person.Command & { readonly c: 'approve_role' | 'revoke_role' },
): Promise<void> {
  await runCommand(ports, issuer, async (work) => {
    const context = await personContext(work, of)
    const { state } = await work.load(people, of)
    const known = state.s === 'absent' ? [] : [...state.grants, ...state.requests]
    if (!known.some(({ id }) => id === command.id)) throw new AppError('NOT_FOUND')
    await work.apply(people, of, command, context)
  })
}

async function applyTo(
  work: Work,
  id: UserId,
  command: person.Command,
  more: { readonly named?: Named; readonly revision?: number | undefined } = {},
): Promise<readonly person.Event[]> {
  const context = await personContext(work, id, more.named)
  const { state, rev } = await work.load(people, id)
  if (state.s === 'absent') throw new AppError('NOT_FOUND')
  work.expect(rev, more.revision)
  const { events } = await work.apply(people, id, command, context)
  return events
}
