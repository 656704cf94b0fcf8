import type { CliCommand } from './cli.ts'
import { guardExplainCommand } from './guard-explain.ts'
import { guardInspectCommand, guardSpansCommand } from './guard-inspect.ts'
import { guardScanCommand } from './guard-scan.ts'
import { guardVerifyModelCommand } from './guard-verify-model.ts'
import type { GuardWorld } from './guard-world.ts'

/** The commands that read texts with the guard: no server, no database, no network. */
export function guardCommands(world: GuardWorld): readonly CliCommand[] {
  return [
    guardScanCommand(world),
    guardInspectCommand(world),
    guardSpansCommand(world),
    guardExplainCommand(world),
    guardVerifyModelCommand(world),
  ]
}
