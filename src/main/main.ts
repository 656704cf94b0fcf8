import { runCli } from '../cli/cli.ts'
import { nodeIo } from '../cli/node-io.ts'

const argv = process.argv.slice(2)

/** What reads texts in a pipeline starts without the server's half of the program. */
async function commandsFor(word: string | undefined) {
  if (word === 'guard') return (await import('./guard-commands.ts')).guardCommandsOfProcess
  return (await import('./commands.ts')).commands
}

process.exitCode = await runCli(await commandsFor(argv[0]), argv, nodeIo())
