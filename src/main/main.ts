import { callCommand } from '../cli/call.ts'
import { runCli } from '../cli/cli.ts'
import { decisionReplayCommand } from '../cli/decision-replay.ts'
import { gateCommand } from '../cli/gate.ts'
import { intakeExportCommand, intakeImportCommand } from '../cli/intake.ts'
import { ledgerExportCommand, ledgerVerifyCommand } from '../cli/ledger-commands.ts'
import { lintCommands } from '../cli/lint.ts'
import { loginCommand } from '../cli/login.ts'
import { nodeIo } from '../cli/node-io.ts'
import { gateVerifyCommand, grantVerifyCommand } from '../cli/token-verify.ts'
import { eventKinds } from '../contracts/events.ts'
import { routes } from '../contracts/routes/index.ts'
import { adminRecoverCommand } from './admin-recover-command.ts'
import { demoCommand } from './demo-command.ts'
import { demoProviderCommand } from './demo-provider-command.ts'
import { ledgerFsckCommand } from './ledger-fsck-command.ts'
import { serveCommand } from './serve-command.ts'

const commands = [
  serveCommand,
  demoCommand,
  demoProviderCommand,
  adminRecoverCommand,
  ledgerFsckCommand,
  ledgerVerifyCommand({ kinds: eventKinds }),
  ledgerExportCommand(routes),
  decisionReplayCommand(),
  gateCommand(routes),
  gateVerifyCommand(),
  grantVerifyCommand(),
  ...lintCommands,
  intakeImportCommand(routes),
  intakeExportCommand(routes),
  loginCommand(),
  callCommand(routes),
]

process.exitCode = await runCli(commands, process.argv.slice(2), nodeIo())
