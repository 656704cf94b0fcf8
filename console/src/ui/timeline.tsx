import type { ReactNode } from 'react'
import { Time } from './time.tsx'

export type Moment = { readonly id: string; readonly at: string; readonly text: ReactNode }

/** What happened, in the order given. */
export function Timeline({ moments }: { readonly moments: readonly Moment[] }) {
  return (
    <ol className="timeline">
      {moments.map(({ id, at, text }) => (
        <li key={id}>
          <div className="muted">
            <Time at={at} both />
          </div>
          <div>{text}</div>
        </li>
      ))}
    </ol>
  )
}
