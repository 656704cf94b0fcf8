import type { Area } from '../../frame/screen-route.ts'
import { t } from '../../messages/text.ts'

/** What was recorded, and how anybody checks it. */
export const ledger: Area = {
  routes: [
    { path: '/ledger', load: () => import('./ledger.tsx'), name: 'Ledger' },
    { path: '/ledger/entries/$id', load: () => import('./entry.tsx'), name: 'Entry' },
    { path: '/audit', load: () => import('./audit.tsx'), name: 'Audit' },
  ],
  rail: [
    { group: 'prove', path: '/ledger', label: t('rail.ledger'), key: 'e', order: 10, needs: 'ledger.read' },
    { group: 'prove', path: '/audit', label: t('rail.audit'), key: 'l', order: 20, needs: 'ledger.read' },
  ],
}
