import { Button as Base } from '@ariakit/react'
import type { ReactNode } from 'react'

export type ButtonProps = {
  readonly children: ReactNode
  readonly onClick?: () => void
  readonly kind?: 'plain' | 'primary' | 'danger' | 'quiet'
  readonly type?: 'button' | 'submit'
  /** Why it cannot be pressed now. It stays in the tab order, so that the reason can be read. */
  readonly whyNot?: string | null | undefined
  readonly label?: string
  /** Has the focus when its dialog opens. */
  readonly autoFocus?: boolean
}

/** A verb with its object. A button that cannot be pressed says why. */
export function Button({
  children,
  onClick,
  kind = 'plain',
  type = 'button',
  whyNot,
  label,
  autoFocus = false,
}: ButtonProps) {
  const isOff = whyNot !== undefined && whyNot !== null
  return (
    <Base
      type={type}
      className={`button ${kind}`}
      disabled={isOff}
      accessibleWhenDisabled
      title={isOff ? whyNot : undefined}
      aria-label={label}
      autoFocus={autoFocus}
      onClick={onClick}
    >
      {children}
    </Base>
  )
}
