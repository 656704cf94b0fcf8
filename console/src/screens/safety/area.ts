import type { Area } from '../../frame/screen-route.ts'
import { t } from '../../messages/text.ts'

/** Stopping what runs, and asking that it runs again. */
export const safety: Area = {
  routes: [{ path: '/stops', load: () => import('./stops.tsx'), name: 'Stops' }],
  rail: [{ group: 'protect', path: '/stops', label: t('rail.stops'), key: 'x', order: 30 }],
}
