import { WorkCount } from '../../frame/work-count.tsx'
import type { Area } from '../../frame/screen-route.ts'
import { t } from '../../messages/text.ts'

/** Where one begins: is everything well, and what waits for me. */
export const home: Area = {
  routes: [
    { path: '/', load: () => import('./overview.tsx'), name: 'Overview' },
    { path: '/work', load: () => import('./work.tsx'), name: 'Work' },
  ],
  rail: [
    { group: 'home', path: '/', label: t('rail.overview'), key: 'o', order: 10 },
    { group: 'home', path: '/work', label: t('rail.work'), key: 'w', order: 20, count: WorkCount },
  ],
}
