import { useId, type ReactNode } from 'react'
import { Boundary } from './loaded.tsx'

/** A titled part of a screen; when it fails, the rest still works. */
export function Panel({
  title,
  actions,
  children,
  flush = false,
}: {
  readonly title: string
  readonly actions?: ReactNode
  readonly children: ReactNode
  /** Without inner room, for tables. */
  readonly flush?: boolean
}) {
  const id = useId()
  return (
    <section className="panel" aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {actions !== undefined && <div className="row">{actions}</div>}
      </header>
      <div className={flush ? '' : 'body'}>
        <Boundary>{children}</Boundary>
      </div>
    </section>
  )
}
