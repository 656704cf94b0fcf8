import type { Area } from '../../frame/screen-route.ts'
import { t } from '../../messages/text.ts'

/** How Countersign itself is governed. */
export const settings: Area = {
  routes: [{ path: '/settings', load: () => import('./settings.tsx'), name: 'Settings' }],
  rail: [{ group: 'prove', path: '/settings', label: t('rail.settings'), key: ',', order: 90 }],
}
