import { useSyncExternalStore } from 'react'
import { Note } from './note.tsx'

let current: { readonly id: number; readonly text: string } | null = null
let counter = 0
const listeners = new Set<() => void>()

/** Says for some seconds that something is done. Never the only place that says it. */
export function toast(text: string): void {
  counter += 1
  const id = counter
  current = { id, text }
  tell()
  setTimeout(() => {
    if (current?.id !== id) return
    current = null
    tell()
  }, 6_000)
}

export function Toasts() {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => current,
  )
  return (
    <div className="toasts" aria-live="polite">
      {shown !== null && <Note tone="good">{shown.text}</Note>}
    </div>
  )
}

function tell(): void {
  for (const listener of listeners) listener()
}
