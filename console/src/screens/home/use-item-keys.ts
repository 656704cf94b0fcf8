import { useEffect, type RefObject } from 'react'
import { isWriting } from '../../frame/keys.ts'
import { appearance } from '../../ui/clock.ts'

/** Moves the focus among the items of a list with `j` and `k`, and tells which of them has it; none is the first. */
export function useItemKeys(list: RefObject<HTMLElement | null>): () => number {
  const items = () => [...(list.current?.children ?? [])].filter((item) => item instanceof HTMLElement)
  const focused = () => items().findIndex((item) => item.contains(document.activeElement))
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'j' && event.key !== 'k') return
      if (isWriting(event) || event.ctrlKey || event.metaKey || event.altKey || appearance().keys === 'off')
        return
      if (document.querySelector('.dialog') !== null) return
      const all = items()
      const next = Math.min(all.length - 1, Math.max(0, focused() + (event.key === 'j' ? 1 : -1)))
      all[next]?.focus()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [])
  return () => Math.max(0, focused())
}
