import { useSyncExternalStore } from 'react'
import { t } from '../messages/text.ts'

/** What people have set for themselves in this browser. No record and no decision depends on it. */
export type Appearance = {
  readonly theme: 'light' | 'dark' | 'system'
  readonly density: 'compact' | 'comfortable'
  readonly zone: 'local' | 'organisation' | 'utc'
  readonly keys: 'on' | 'off'
}
const key = 'countersign.appearance'
const usual: Appearance = { theme: 'system', density: 'compact', zone: 'local', keys: 'on' }
let current: Appearance = { ...usual, ...stored() }
const listeners = new Set<() => void>()

export function useAppearance(): Appearance {
  return useSyncExternalStore(subscribe, () => current)
}

export function appearance(): Appearance {
  return current
}

/** Changes some of it, at once and for later visits. */
export function setAppearance(change: Partial<Appearance>): void {
  current = { ...current, ...change }
  localStorage.setItem(key, JSON.stringify(current))
  const isDark = window.matchMedia('(prefers-color-scheme: dark)').matches
  const { dataset } = document.documentElement
  dataset['theme'] = current.theme === 'system' ? (isDark ? 'dark' : 'light') : current.theme
  dataset['density'] = current.density
  for (const listener of listeners) listener()
}

/** An instant in the reader's zone, with the zone. */
export function absolute(at: Date, zone: Appearance['zone']): string {
  return new Intl.DateTimeFormat('en-GB', {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'short',
    ...inZone(zone),
  }).format(at)
}

let organisationZone: string | null = null

/** Tells in which zone the organisation reads times, once that is known. */
export function knowOrganisationZone(timeZone: string | null): void {
  if (timeZone === organisationZone) return
  organisationZone = timeZone
  for (const listener of listeners) listener()
}

/** The zone as `Intl` wants it. That of an organisation which has not said one is the reader's own. */
export function inZone(zone: Appearance['zone']): { readonly timeZone?: string } {
  if (zone === 'utc') return { timeZone: 'UTC' }
  return zone === 'organisation' && organisationZone !== null ? { timeZone: organisationZone } : {}
}

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const

/** A duration with its two largest units: `3 h 12 min`. */
export function duration(ms: number): string {
  const left = Math.abs(ms)
  const first = units.findIndex(([, size]) => left >= size)
  if (first === -1) return '0 s'
  const parts: string[] = []
  let rest = left
  for (const [name, size] of units.slice(first, first + 2)) {
    const count = Math.floor(rest / size)
    rest -= count * size
    if (count > 0 || parts.length === 0) parts.push(`${count} ${name}`)
  }
  return parts.join(' ')
}

/** How far an instant is away: `in 3 h 12 min`, `2 d ago`. */
export function relative(at: number, now: number): string {
  if (Math.abs(at - now) < 1_000) return t('time.now')
  return at > now
    ? t('time.in', { duration: duration(at - now) })
    : t('time.ago', { duration: duration(now - at) })
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function stored(): Partial<Appearance> {
  try {
    return JSON.parse(localStorage.getItem(key) ?? '{}') as Partial<Appearance> // our own key
  } catch {
    return {} // somebody else has written there: start again
  }
}
