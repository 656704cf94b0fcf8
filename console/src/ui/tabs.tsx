import { Link } from '@tanstack/react-router'
import { membersOf } from './go.tsx'

/** Parts of one record. The open one stands in the URL. */
export function Tabs({
  label,
  tabs,
  current,
  hrefOf,
}: {
  readonly label: string
  readonly tabs: readonly { readonly id: string; readonly label: string }[]
  readonly current: string
  readonly hrefOf: (tab: string) => string
}) {
  return (
    <nav className="tabs" aria-label={label}>
      {tabs.map((tab) => (
        <Link
          key={tab.id}
          {...membersOf(hrefOf(tab.id))}
          activeOptions={{ exact: true }}
          aria-current={tab.id === current ? 'page' : undefined}
        >
          {tab.label}
        </Link>
      ))}
    </nav>
  )
}
