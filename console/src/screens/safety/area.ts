import type { Area } from '../../frame/screen-route.ts'
import { t } from '../../messages/text.ts'

/** Stops, waivers and emergency overrides. */
export const safety: Area = {
  routes: [
    { path: '/stops', load: () => import('./stops.tsx'), name: 'Stops' },
    { path: '/waivers', load: () => import('./waivers.tsx'), name: 'Waivers' },
    { path: '/waivers/$id', load: () => import('./waiver.tsx'), name: 'WaiverScreen' },
    { path: '/overrides', load: () => import('./overrides.tsx'), name: 'Overrides' },
    { path: '/overrides/$id', load: () => import('./override.tsx'), name: 'OverrideScreen' },
  ],
  rail: [
    { group: 'govern', path: '/waivers', label: t('rail.waivers'), key: 'u', order: 60 },
    { group: 'protect', path: '/stops', label: t('rail.stops'), key: 'x', order: 30 },
    { group: 'protect', path: '/overrides', label: t('rail.overrides'), key: 'z', order: 50 },
  ],
}
