import type { toolRegistration } from '../../governance/tools/index.ts'
import type { Digest } from '../../kernel/index.ts'
import { toolRegistrationId, toolRegistrations } from '../aggregates/tools.ts'
import { runCommand, type CommandPorts, type Issuer } from '../command.ts'

/** One definition of a tool, by the name that releases give the tool. */
export type ToolName = { readonly toolId: string; readonly definition: Digest }

/** States, confirms or drops what the organisation says of one definition of a tool. */
export function changeToolRegistration(
  ports: CommandPorts,
  issuer: Issuer,
  { toolId, definition }: ToolName,
  command: toolRegistration.Command,
): Promise<{ readonly isWaiting: boolean }> {
  return runCommand(ports, issuer, async (work) => {
    const { state } = await work.apply(toolRegistrations, toolRegistrationId(toolId, definition), command, {
      toolId,
      definition,
      now: work.now,
      actor: work.issuer.actor,
    })
    return { isWaiting: state.proposed !== null }
  })
}
