// An integrator in a process of its own, for tests that freeze it. Prints each state that it comes to.
import { createPool, startIntegrator, type Database } from '../../src/adapters/postgres/index.ts'
import { ed25519FromSeed } from '../../src/ledger/index.ts'

type Given = {
  readonly database: Database
  readonly origin: string
  readonly seed: number
  readonly anchorPath: string
}

const { database, origin, seed, anchorPath } = JSON.parse(process.argv[2] ?? '') as Given // written by the test
const signer = ed25519FromSeed(new Uint8Array(32).fill(seed))
const pool = createPool(database, 'countersign_integrator', 3)
const { state } = startIntegrator({ pool, origin, signer, anchorPath, log: () => undefined })
let last = ''
setInterval(() => {
  const { s } = state()
  if (s !== last) process.stdout.write(`${s}\n`)
  last = s
}, 10)
