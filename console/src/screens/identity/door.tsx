import { useEffect, type ReactNode } from 'react'
import { readSetup } from '../../../../src/contracts/routes/identity.ts'
import { useRead } from '../../api/reading.ts'
import { t } from '../../messages/identity.ts'
import { Shape } from '../../ui/status.tsx'

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
  const isDemo = useRead(readSetup, { query: {} }).data?.isDemo === true
  return (
    <div className="alone">
      {isDemo && (
        <div className="banner tone-pending" role="status">
          <Shape tone="pending" />
          <span className="text">{t('frame.demo')}</span>
        </div>
      )}
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
