import { useEffect, useState } from 'react'
import { listUseCases } from '../../../src/contracts/routes/intake.ts'
import { useRead } from '../api/reading.ts'
import { tCode } from '../messages/text.ts'

export type FoundRecord = {
  readonly id: string
  readonly title: string
  readonly kind: string
  readonly path: string
}

/** Use cases whose title fits, a moment after the last key. */
export function useRecordSearch(text: string): readonly FoundRecord[] {
  const [settled, setSettled] = useState('')
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), 150)
    return () => clearTimeout(timer)
  }, [text])
  const enabled = settled.length >= 2
  const { data } = useRead(listUseCases, { query: { q: settled, limit: 8 } }, { enabled })
  if (!enabled) return []
  return (data?.items ?? []).map(({ id, title, state }) => ({
    id,
    title,
    kind: tCode('state', state),
    path: `/intake/${id}`,
  }))
}
