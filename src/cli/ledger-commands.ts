import type { Route } from '../contracts/route.ts'
import { UsageError, type CliCommand } from './cli.ts'
import { verifyExportFile, type VerifyOptions } from './ledger-verify.ts'
import { remote } from './remote.ts'

const requirements = ['witnessed', 'timestamped', 'unanchored'] as const

/** `ledger verify`: checks log and story of an export with the log's public key alone; no server, no network. */
export function ledgerVerifyCommand(trust: Pick<VerifyOptions, 'kinds'>): CliCommand {
  return {
    name: 'ledger verify',
    summary:
      'Verify an export offline: exit 0 verified, 10 verified without outside anchor, 40 mismatch, 50 unverifiable',
    positionals: ['file'],
    options: {
      vkey: { type: 'string', help: 'public key of the log, from a source other than the file' },
      policy: { type: 'string', help: 'policy file with one `log <vkey>` line' },
      require: { type: 'string', help: `independence that is enough: ${requirements.join(', ')}` },
    },
    run: async ({ positionals, values, io, json }) => {
      const require = requirements.find((known) => known === (values['require'] ?? 'witnessed'))
      if (require === undefined) throw new UsageError(`--require takes ${requirements.join(', ')}`)
      const { exitCode, text } = await verifyExportFile(positionals[0] ?? '', {
        ...trust,
        require,
        json,
        ...(typeof values['vkey'] === 'string' ? { vkey: values['vkey'] } : {}),
        ...(typeof values['policy'] === 'string' ? { policyFile: values['policy'] } : {}),
      })
      ;(exitCode === 2 ? io.err : io.out)(text)
      return exitCode
    },
  }
}

/** `ledger export`: fetches the whole log into a file. */
export function ledgerExportCommand(routes: readonly Route[]): CliCommand {
  return {
    name: 'ledger export',
    summary: 'Fetch the whole ledger into a file for `ledger verify`',
    options: { out: { type: 'string', help: 'file to write', required: true } },
    run: async ({ values, io, print }) => {
      const { client, save } = await remote(routes, io)
      const text = await client.callById('ledger.export', {})
      await save()
      if (typeof text !== 'string') throw new UsageError('the server did not send an export')
      const file = String(values['out'])
      await io.writeFile(file, text)
      const lines = text.split('\n').length - 1
      print({ file, lines }, `${file}: ${lines} lines`)
      return 0
    },
  }
}
