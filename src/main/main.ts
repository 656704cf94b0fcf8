import { callCommand } from '../cli/call.ts'
import { runCli } from '../cli/cli.ts'
import { decisionReplayCommand } from '../cli/decision-replay.ts'
import { gateCommand } from '../cli/gate.ts'
import { ledgerExportCommand, ledgerVerifyCommand } from '../cli/ledger-commands.ts'
import { nodeIo } from '../cli/node-io.ts'
import { eventKinds } from '../contracts/events.ts'
import { routes } from '../contracts/routes/index.ts'
import { demoCommand } from './demo-command.ts'
import { demoProviderCommand } from './demo-provider-command.ts'
import { serveCommand } from './serve-command.ts'

const commands = [
  serveCommand,
  demoCommand,
  demoProviderCommand,
  ledgerVerifyCommand({ kinds: eventKinds }),
  ledgerExportCommand(routes),
  decisionReplayCommand(),
  gateCommand(routes),
  callCommand(routes),
]

process.exitCode = await runCli(commands, process.argv.slice(2), nodeIo())
