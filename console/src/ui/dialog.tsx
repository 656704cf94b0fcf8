import { Dialog as Base, DialogDismiss, DialogHeading } from '@ariakit/react'
import type { ReactNode } from 'react'
import { t } from '../messages/text.ts'

/** A layer above the page that keeps the focus; Escape closes it, and the focus goes back to where it came from. */
export function Dialog({
  open,
  onClose,
  title,
  children,
  footer,
}: {
  readonly open: boolean
  readonly onClose: () => void
  readonly title: string
  readonly children: ReactNode
  readonly footer?: ReactNode
}) {
  return (
    <Base
      open={open}
      onClose={onClose}
      unmountOnHide
      className="dialog"
      backdrop={<div className="backdrop" />}
      preventBodyScroll={false}
    >
      <header>
        <DialogHeading render={<h2 />}>{title}</DialogHeading>
        <DialogDismiss className="button quiet" aria-label={t('common.close')}>
          ✕
        </DialogDismiss>
      </header>
      <div className="body">{children}</div>
      {footer !== undefined && <footer>{footer}</footer>}
    </Base>
  )
}
