import { startDemoProvider } from '../adapters/demo-provider/demo-provider.ts'
import { UsageError, type CliCommand } from '../cli/cli.ts'
import { untilStopped } from './signals.ts'

/** `demo-provider`: a model provider for trying things out. It simulates; no model is behind it. */
export const demoProviderCommand: CliCommand = {
  name: 'demo-provider',
  summary: 'Run a simulated OpenAI-compatible provider on the loopback interface',
  options: { port: { type: 'string', help: 'port, 8790 unless given' } },
  run: async ({ values, print }) => {
    const port = Number(values['port'] ?? 8790)
    if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new UsageError('--port takes 0 to 65535')
    const provider = await startDemoProvider({ port })
    const stopped = untilStopped()
    print({ origin: provider.origin }, `demo provider (a simulator, no model is used): ${provider.origin}/v1`)
    await stopped
    await provider.close()
    return 0
  },
}
