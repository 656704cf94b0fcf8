import type { ReactNode } from 'react'
import type { Tone } from '../theme/palette.ts'

/** Something to know on this page, with a tone. `live` for what appears while somebody works. */
export function Note({
  tone = 'neutral',
  live,
  children,
}: {
  readonly tone?: Tone
  readonly live?: 'polite' | 'assertive'
  readonly children: ReactNode
}) {
  return (
    <div
      className={`note tone-${tone}`}
      role={live === 'assertive' ? 'alert' : live === 'polite' ? 'status' : undefined}
    >
      {children}
    </div>
  )
}
