import { useNavigate } from '@tanstack/react-router'
import type { AriaAttributes, MouseEvent, ReactNode } from 'react'

/** A link to an address of the console with all its members; whether it is the open one, the screen says. */
export function PlaceLink({
  href,
  children,
  current,
}: {
  readonly href: string
  readonly children: ReactNode
  readonly current?: AriaAttributes['aria-current']
}) {
  const navigate = useNavigate()
  const follow = (event: MouseEvent) => {
    const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey
    if (!isPlain) return // the browser opens it elsewhere
    event.preventDefault()
    void navigate({ href })
  }
  return (
    <a href={href} aria-current={current} onClick={follow}>
      {children}
    </a>
  )
}
