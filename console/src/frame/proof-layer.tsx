import { lazy, Suspense, useEffect, useState } from 'react'
import { onProofAsked, type Asked, type ProofAnswer } from '../api/proofs.ts'
import { Boundary } from '../ui/loaded.tsx'

const ProofDialog = lazy(async () => ({ default: (await import('./proof-dialog.tsx')).ProofDialog }))

/** Asks for what a command lacks: a session, a fresher second factor, a signature. The page below stays as it is. */
export function ProofLayer() {
  const [asked, setAsked] = useState<Asked | null>(null)
  useEffect(() => {
    onProofAsked(setAsked)
    return () => onProofAsked(null)
  }, [])
  if (asked === null) return null
  const end = (answer: ProofAnswer) => {
    asked.answer(answer)
    setAsked(null)
  }
  return (
    <Boundary>
      <Suspense>
        <ProofDialog asked={asked} onEnd={end} />
      </Suspense>
    </Boundary>
  )
}
