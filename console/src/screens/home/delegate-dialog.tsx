import { lazy, Suspense } from 'react'
import { t, tCode } from '../../messages/work.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { Bones } from '../../ui/loaded.tsx'
import { nameOf, type WorkItem } from './work-row.tsx'

// Each brings the code and the words of another area, which few visits to this screen need.
const DelegateSeat = lazy(async () => ({ default: (await import('./delegate-seat.tsx')).DelegateSeat }))
const DelegateReview = lazy(async () => ({ default: (await import('./delegate-review.tsx')).DelegateReview }))

/** Gives something to somebody else with the command that the product has for it; where it has none, says why. */
export function DelegateDialog({ item, onClose }: { readonly item: WorkItem; readonly onClose: () => void }) {
  const { delegation } = item
  return (
    <Dialog open onClose={onClose} title={t('work.delegateTitle', { name: nameOf(item) })}>
      <Suspense fallback={<Bones rows={3} />}>
        {delegation.k === 'none' && <p>{tCode('work.noDelegation', delegation.why)}</p>}
        {delegation.k === 'seat' && <DelegateSeat seat={delegation.seat} onClose={onClose} />}
        {delegation.k === 'review' && <DelegateReview id={delegation.review} onClose={onClose} />}
      </Suspense>
    </Dialog>
  )
}
