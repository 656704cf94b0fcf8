import { useEffect, useRef, useSyncExternalStore } from 'react'

/** A command of the open record, for the palette and for its key. It opens a dialog; no key executes anything. */
export type PageCommand = { readonly label: string; readonly run: () => void; readonly key?: string }

let current: readonly PageCommand[] = []
const listeners = new Set<() => void>()

/** Offers commands while the component is on the page. `S` with Shift is the stop dialog of whatever can be stopped. */
export function usePageCommands(commands: readonly PageCommand[]): void {
  const latest = useRef(commands)
  latest.current = commands
  const names = JSON.stringify(commands.map(({ label, key }) => [label, key]))
  useEffect(() => {
    const offered = latest.current.map(({ label, key }, i): PageCommand => {
      const run = () => latest.current[i]?.run()
      return key === undefined ? { label, run } : { label, run, key }
    })
    current = [...current, ...offered]
    tell()
    return () => {
      current = current.filter((command) => !offered.includes(command))
      tell()
    }
  }, [names])
}

export function useCurrentCommands(): readonly PageCommand[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => current,
  )
}

/** The command that a key of the record opens. */
export function commandForKey(key: string): PageCommand | undefined {
  return current.find((command) => command.key === key)
}

function tell(): void {
  for (const listener of listeners) listener()
}
