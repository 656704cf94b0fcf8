import { callCommand } from '../cli/call.ts'
import type { CliCommand } from '../cli/cli.ts'
import { decisionReplayCommand } from '../cli/decision-replay.ts'
import { gateCommand } from '../cli/gate.ts'
import { intakeExportCommand, intakeImportCommand } from '../cli/intake.ts'
import { ledgerExportCommand, ledgerVerifyCommand } from '../cli/ledger-commands.ts'
import { lintCommands } from '../cli/lint.ts'
import { loginCommand } from '../cli/login.ts'
import { toolDigestCommand } from '../cli/tool-digest.ts'
import { gateVerifyCommand, grantVerifyCommand } from '../cli/token-verify.ts'
import { eventKinds } from '../contracts/events.ts'
import { routes } from '../contracts/routes/index.ts'
import { adminRecoverCommand } from './admin-recover-command.ts'
import { demoCommand } from './demo-command.ts'
import { demoProviderCommand } from './demo-provider-command.ts'
import { gatewayCheckCommand } from './gateway-check-command.ts'
import { gatewayEquipCommand } from './gateway-equip-command.ts'
import { guardCommandsOfProcess } from './guard-commands.ts'
import { ledgerFsckCommand } from './ledger-fsck-command.ts'
import { mcpWrapCommand } from './mcp-wrap-command.ts'
import { serveCommand } from './serve-command.ts'

/** Every command of the program. */
export const commands: readonly CliCommand[] = [
  serveCommand,
  demoCommand,
  demoProviderCommand,
  adminRecoverCommand,
  ledgerFsckCommand,
  gatewayEquipCommand,
  gatewayCheckCommand,
  mcpWrapCommand,
  ledgerVerifyCommand({ kinds: eventKinds }),
  ledgerExportCommand(routes),
  decisionReplayCommand(),
  gateCommand(routes),
  gateVerifyCommand(),
  grantVerifyCommand(),
  ...lintCommands,
  toolDigestCommand(),
  ...guardCommandsOfProcess,
  intakeImportCommand(routes),
  intakeExportCommand(routes),
  loginCommand(),
  callCommand(routes),
]
