import { useNavigate } from '@tanstack/react-router'
import { useEffect, useRef, type RefObject } from 'react'
import { useSearchMembers } from '../../frame/location.ts'

export type Sections = {
  readonly current: string
  /** All of them on one page. */
  readonly isAll: boolean
  /** The address of a section, or of one question in it. */
  readonly hrefOf: (section: string, question?: string) => string
  readonly headingRef: RefObject<HTMLHeadingElement | null>
}

/** Which section is open: it stands in the URL. `Alt+↑` and `Alt+↓` go to the one before and after. */
export function useSections(keys: readonly string[]): Sections {
  const navigate = useNavigate()
  const { section = '', view } = useSearchMembers()
  const current = keys.includes(section) ? section : (keys[0] ?? '')
  const isAll = view === 'all'
  const headingRef = useRef<HTMLHeadingElement>(null)
  const wasMoved = useRef(false)
  const hrefOf = (to: string, question?: string) => {
    const members = new URLSearchParams({
      section: to,
      ...(isAll ? { view: 'all' } : {}),
      ...(question === undefined ? {} : { at: question }),
    })
    return `${window.location.pathname}?${members.toString()}`
  }
  const go = (by: number) => {
    const next = keys[keys.indexOf(current) + by]
    if (next === undefined) return
    wasMoved.current = true
    void navigate({ href: hrefOf(next) })
  }
  const latest = useRef(go)
  latest.current = go
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!event.altKey || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return
      // Lists that open by the same keys keep them.
      if (event.target instanceof HTMLElement && event.target.matches('select, [role="combobox"]')) return
      event.preventDefault()
      latest.current(event.key === 'ArrowDown' ? 1 : -1)
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [])
  useEffect(() => {
    if (!wasMoved.current) return
    wasMoved.current = false
    headingRef.current?.focus()
  }, [current])
  return { current, isAll, hrefOf, headingRef }
}
