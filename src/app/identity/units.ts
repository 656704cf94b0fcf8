import type { unit } from '../../governance/people/index.ts'
import { AppError, type UnitId } from '../../kernel/index.ts'
import { units } from '../aggregates/units.ts'
import { personOf, runCommand, type CommandPorts, type Issuer, type Work } from '../command.ts'
import type { Query } from '../ports/query.ts'

/** Creates a unit below `parent`, or at the top. */
export function createUnit(
  ports: CommandPorts,
  issuer: Issuer,
  input: { readonly name: string; readonly parent: UnitId | null },
): Promise<{ readonly id: UnitId }> {
  return runCommand(ports, issuer, (work) => createUnitIn(work, input))
}

/** The same within a command that does more. */
export async function createUnitIn(
  work: Work,
  input: { readonly name: string; readonly parent: UnitId | null },
): Promise<{ readonly id: UnitId }> {
  const { events } = await work.apply(units, 'tree', { c: 'create', ...input }, contextOf(work))
  const [created] = events
  if (created === undefined) throw new Error('a creation records what it made')
  return { id: created.unit }
}

/** Renames or moves a unit. `NOT_FOUND` when there is none. */
export async function commandUnit(
  ports: CommandPorts,
  issuer: Issuer,
  command: unit.Command & { readonly c: 'rename' | 'move' },
): Promise<void> {
  await runCommand(ports, issuer, async (work) => {
    const { state } = await work.load(units, 'tree')
    if (!Object.hasOwn(state.parents, command.id)) throw new AppError('NOT_FOUND')
    await work.apply(units, 'tree', command, contextOf(work))
  })
}

export type UnitRow = { readonly id: UnitId; readonly parent: UnitId | null; readonly name: string }

/** All units; there are at most as many as the decider allows. */
export function listUnits(query: Query): Promise<readonly UnitRow[]> {
  return query('select id, parent_id as parent, name from units order by id limit 2000')
}

function contextOf(work: Work): unit.Context {
  return { now: work.now, actor: personOf(work.issuer), ids: work.ids }
}
