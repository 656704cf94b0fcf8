import { useEffect, useState } from 'react'
import { listUseCases } from '../../../src/contracts/routes/intake.ts'
import { listSystems } from '../../../src/contracts/routes/registry.ts'
import { useRead } from '../api/reading.ts'
import { t } from '../messages/text.ts'

export type FoundRecord = {
  readonly id: string
  readonly title: string
  readonly kind: string
  readonly state: string
  readonly tier: number | null
  readonly path: string
}

/** Systems and use cases whose name fits, a moment after the last key. */
export function useRecordSearch(text: string): readonly FoundRecord[] {
  const [settled, setSettled] = useState('')
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), 150)
    return () => clearTimeout(timer)
  }, [text])
  const enabled = settled.length >= 2
  const useCases = useRead(listUseCases, { query: { q: settled, limit: 8 } }, { enabled })
  const systems = useRead(listSystems, { query: { q: settled, limit: 8 } }, { enabled })
  if (!enabled) return []
  return [
    ...(systems.data?.items ?? []).map(({ id, name, state, tier, places }) => ({
      id,
      title: name,
      kind: t('registry.name'),
      state: places[0]?.state ?? state,
      tier,
      path: `/systems/${id}`,
    })),
    ...(useCases.data?.items ?? []).map(({ id, title, state, tier }) => ({
      id,
      title,
      kind: t('intake.title'),
      state,
      tier,
      path: `/intake/${id}`,
    })),
  ]
}
