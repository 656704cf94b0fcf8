import { stop, type StopScope } from '../../governance/authorization/index.ts'
import { AppError, type StopId, type UseCaseId } from '../../kernel/index.ts'
import { may } from '../access.ts'
import { stops } from '../aggregates/registry.ts'
import { runCommand, type CommandPorts, type Issuer, type Work } from '../command.ts'
import { useCaseFor } from '../use-case-facts.ts'

export type NewStop = {
  readonly scope: StopScope
  /** Id of the route, deployment, system or use case; `installation` for everything. */
  readonly targetId: string
  readonly reasonCode: stop.StopReason
  readonly reason?: string
}

/** Stops a target at once: one row, one entry, one person. Nothing but a resume case starts it again. */
export function orderStop(
  ports: CommandPorts,
  issuer: Issuer,
  input: NewStop,
): Promise<{ readonly id: StopId }> {
  const { scope, targetId, reasonCode, reason } = input
  return runCommand(ports, issuer, async (work) => {
    await requireTarget(work, scope, targetId)
    const id = work.ids.next('stop')
    await work.apply(
      stops,
      `${scope}:${targetId}`,
      {
        c: 'order',
        target: { scope, targetId },
        reasonCode,
        ...(reason === undefined ? {} : { sealed: { reason } }),
      },
      {
        now: work.now,
        actor: issuer.actor,
        ids: work.only('stop', id),
        resume: null,
        prohibitedCleared: false,
      },
    )
    return { id }
  })
}

/** The target must exist and the caller may stop there; whoever may stop anywhere may stop the installation. */
async function requireTarget(work: Work, scope: StopScope, targetId: string): Promise<void> {
  if (scope === 'installation') {
    if (targetId !== 'installation')
      throw new AppError('INVALID_INPUT', 'the target of an installation stop is `installation`')
    if (!may(work.issuer.authority, 'stop.order', null, work.now)) throw new AppError('FORBIDDEN')
    return
  }
  const [row] = await work.tx.query<{ useCaseId: UseCaseId }>(useCaseOfTarget[scope], [targetId])
  if (row === undefined) throw new AppError('NOT_FOUND', 'there is no such target')
  await useCaseFor(work, row.useCaseId, 'stop.order')
}

const useCaseOfTarget: { readonly [S in Exclude<StopScope, 'installation'>]: string } = {
  use_case: 'select id as "useCaseId" from use_cases where id = $1',
  system: 'select use_case_id as "useCaseId" from systems where id = $1',
  deployment: 'select use_case_id as "useCaseId" from deployments where id = $1',
  route:
    'select d.use_case_id as "useCaseId" from routes r join deployments d on d.id = r.deployment_id where r.id = $1',
}
