import type { ReplyOf } from '../../../../src/contracts/route.ts'
import { ledgerProof, type ledgerEntry, ledgerStatus } from '../../../../src/contracts/routes/ledger.ts'
import { api } from '../../api/client.ts'
import { verifyEntry, type Verified } from './verify.ts'

type Entry = ReplyOf<typeof ledgerEntry>
export type Proved = {
  readonly entry: Entry
  readonly proof: ReplyOf<typeof ledgerProof>
  readonly verified: Verified
}

const atOnce = 4

/** Reads and checks the proof of each entry. `told` hears how many are done. */
export async function checkEntries(
  entries: readonly Entry[],
  told: (done: number) => void,
): Promise<readonly Proved[]> {
  const { vkey } = await api.call(ledgerStatus, { query: {} })
  const proved: Proved[] = []
  const left = entries.entries()
  const worker = async () => {
    for (const [i, entry] of left) {
      const proof = await api.call(ledgerProof, { params: { id: entry.id } })
      proved[i] = { entry, proof, verified: await verifyEntry(entry, proof, vkey) }
      told(proved.filter((item) => item !== undefined).length)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return proved
}
