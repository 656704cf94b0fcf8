import type { organisation } from '../../governance/people/index.ts'
import { organisations } from '../aggregates/organisation.ts'
import { personOf, runCommand, type CommandPorts, type Issuer, type Work } from '../command.ts'
import type { Query } from '../ports/query.ts'

/** What the organisation calls itself, and its zone; null while nobody has said. */
export async function readOrganisation(query: Query): Promise<organisation.State> {
  const [row] = await query<{ state: organisation.State }>(
    `select state from streams where stream = 'organisation/main'`,
  )
  return row?.state ?? null
}

/** Says what the organisation calls itself, and in which zone its people read times. */
export function describeOrganisation(
  ports: CommandPorts,
  issuer: Issuer,
  input: Omit<organisation.Command, 'c'>,
): Promise<void> {
  return runCommand(ports, issuer, (work) => describeIn(work, input))
}

/** The same within a command that does more. */
export async function describeIn(work: Work, input: Omit<organisation.Command, 'c'>): Promise<void> {
  const context = { now: work.now, actor: personOf(work.issuer) }
  await work.apply(organisations, 'main', { c: 'describe', ...input }, context)
}
