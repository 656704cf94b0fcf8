import { join } from 'node:path'
import { loadSigningKey } from '../adapters/files/signing-keys.ts'
import { createLedgerStore, exportLog, startIntegrator, type Pool } from '../adapters/postgres/index.ts'
import type { Ledger } from '../app/ports/ledger.ts'
import { encodeVkey, verifierKey } from '../ledger/index.ts'

export type LedgerParts = {
  readonly app: Pool
  readonly integrator: Pool
  /** Holds the key of the log and the anchor file. */
  readonly home: string
  readonly origin: string
  readonly log: (level: 'info' | 'warn' | 'error', message: string) => void
}

/** The ledger with its integrator running. */
export function startLedger({ app, integrator: lead, home, origin, log }: LedgerParts): {
  readonly ledger: Ledger
  readonly stop: () => Promise<void>
} {
  const signer = loadSigningKey(join(home, 'keys'), 'log')
  const anchorPath = join(home, 'ledger-anchor')
  const integrator = startIntegrator({ pool: lead, origin, signer, anchorPath, log })
  return {
    ledger: {
      ...createLedgerStore(app),
      state: integrator.state,
      vkey: encodeVkey(verifierKey(origin, signer.publicKey)),
      export: async () => {
        await integrator.drain()
        return exportLog(app, { signer, withSealed: false })
      },
    },
    stop: integrator.stop,
  }
}
