import type { Area } from '../../frame/screen-route.ts'
import { t } from '../../messages/text.ts'

/** Systems, their releases, and where they run. */
export const registry: Area = {
  routes: [
    { path: '/systems', load: () => import('./systems.tsx'), name: 'Systems' },
    { path: '/systems/$id', load: () => import('./system.tsx'), name: 'System' },
    { path: '/systems/$id/dossier', load: () => import('./system-dossier.tsx'), name: 'SystemDossier' },
    { path: '/systems/$id/$tab', load: () => import('./system.tsx'), name: 'System' },
    { path: '/releases/$digest', load: () => import('./release.tsx'), name: 'Release' },
    { path: '/releases/$a/diff/$b', load: () => import('./release-diff.tsx'), name: 'ReleaseDiff' },
    { path: '/deployments/$id', load: () => import('./deployment.tsx'), name: 'Deployment' },
  ],
  rail: [{ group: 'govern', path: '/systems', label: t('rail.systems'), key: 's', order: 20 }],
}
