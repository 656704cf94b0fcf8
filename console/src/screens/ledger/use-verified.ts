import { useEffect, useState } from 'react'
import type { ReplyOf } from '../../../../src/contracts/route.ts'
import type { ledgerEntry, ledgerProof } from '../../../../src/contracts/routes/ledger.ts'
import { verifyEntry, type Verified } from './verify.ts'

/** The check of one entry; null while something is missing or it runs. */
export function useVerified(
  entry: ReplyOf<typeof ledgerEntry> | undefined,
  proof: ReplyOf<typeof ledgerProof> | undefined,
  vkey: string | undefined,
): Verified | null {
  const [verified, setVerified] = useState<Verified | null>(null)
  useEffect(() => {
    let isCurrent = true
    const check = async () => {
      if (entry === undefined || proof === undefined || vkey === undefined) return
      const found = await verifyEntry(entry, proof, vkey)
      if (isCurrent) setVerified(found)
    }
    setVerified(null)
    void check()
    return () => {
      isCurrent = false
    }
  }, [entry, proof, vkey])
  return verified
}
