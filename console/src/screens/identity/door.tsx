import { useEffect, type ReactNode } from 'react'
import { t } from '../../messages/identity.ts'

/** A page outside the frame, for whoever has no session yet. */
export function Door({
  title,
  isWide = false,
  children,
}: {
  readonly title: string
  readonly isWide?: boolean
  readonly children: ReactNode
}) {
  useEffect(() => {
    document.title = `${title} · Countersign`
  }, [title])
  return (
    <div className="alone">
      <main className={isWide ? 'wide' : undefined}>
        <div className="row">
          <img src="/mark.svg" alt="" width="28" height="28" />
          <span>{t('door.product')}</span>
        </div>
        <h1>{title}</h1>
        {children}
      </main>
    </div>
  )
}
