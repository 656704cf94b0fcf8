import type { Area } from '../../frame/screen-route.ts'
import { t } from '../../messages/text.ts'

/** How Countersign itself is governed. */
export const settings: Area = {
  routes: [
    { path: '/settings', load: () => import('./settings.tsx'), name: 'Settings' },
    { path: '/settings/webhooks', load: () => import('./webhooks.tsx'), name: 'Webhooks' },
    { path: '/settings/deliveries', load: () => import('./deliveries.tsx'), name: 'Deliveries' },
  ],
  rail: [{ group: 'prove', path: '/settings', label: t('rail.settings'), key: ',', order: 90 }],
}
