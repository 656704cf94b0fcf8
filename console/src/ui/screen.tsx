import { useEffect, type ReactNode } from 'react'
import { Boundary } from './loaded.tsx'

/** One screen: its title names the object, its first line answers the question of the screen. */
export function Screen({
  title,
  heading,
  answer,
  actions,
  children,
}: {
  readonly title: string
  /** What stands in the heading where the title is text of people. */
  readonly heading?: ReactNode
  readonly answer?: ReactNode
  readonly actions?: ReactNode
  readonly children: ReactNode
}) {
  useEffect(() => {
    document.title = `${title} · Countersign`
  }, [title])
  return (
    <div className="screen">
      <div className="title">
        <div>
          <h1>{heading ?? title}</h1>
          {answer !== undefined && <p>{answer}</p>}
        </div>
        {actions !== undefined && <div className="row no-print">{actions}</div>}
      </div>
      <Boundary>{children}</Boundary>
    </div>
  )
}
