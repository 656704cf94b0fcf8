import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'

/** A link to an address of this console that may have members behind a `?`. */
export function Go({
  to,
  children,
  label,
  className,
}: {
  readonly to: string
  readonly children: ReactNode
  readonly label?: string
  readonly className?: string
}) {
  return (
    <Link {...membersOf(to)} aria-label={label} className={className}>
      {children}
    </Link>
  )
}

/** Path and members of an address, as the router wants them. */
export function membersOf(address: string) {
  const [to = '/', members = ''] = address.split('?')
  return { to, search: Object.fromEntries(new URLSearchParams(members)) as never } // plain text, by `router.tsx`
}
