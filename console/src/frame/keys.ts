import { useNavigate } from '@tanstack/react-router'
import { useEffect } from 'react'
import { rail } from '../screens/areas.ts'
import { appearance } from '../ui/clock.ts'
import { commandForKey } from './page-commands.ts'

const waitMs = 1_500

/** Whether a key belongs to a text that somebody is writing. */
export function isWriting(event: KeyboardEvent): boolean {
  const { target } = event
  return target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable]')
}

/** The keys that hold everywhere: `g` and a letter goes to a screen, `Mod+K` searches, `?` lists the keys, `y` copies the link. */
export function useGlobalKeys(open: {
  readonly palette: () => void
  readonly help: () => void
  readonly copyLink: () => void
}): void {
  const navigate = useNavigate()
  useEffect(() => {
    let goneAt = 0
    const onKey = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault()
        open.palette()
        return
      }
      // SPEC: WCAG 2.2 2.1.4: single keys act outside of texts only, and can be switched off.
      if (isWriting(event) || event.ctrlKey || event.metaKey || event.altKey || appearance().keys === 'off')
        return
      if (document.querySelector('.dialog') !== null) return
      if (goneAt > 0 && performance.now() - goneAt < waitMs) {
        goneAt = 0
        const entry = rail.find(({ key }) => key === event.key)
        if (entry !== undefined) {
          event.preventDefault()
          void navigate({ to: entry.path })
        }
        return
      }
      if (event.key === 'g') goneAt = performance.now()
      else if (event.key === '?') open.help()
      else if (event.key === 'y') open.copyLink()
      else {
        const command = commandForKey(event.key)
        if (command === undefined) return
        event.preventDefault()
        command.run()
      }
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [navigate, open])
}
