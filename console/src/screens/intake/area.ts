import type { Area } from '../../frame/screen-route.ts'
import { t } from '../../messages/text.ts'

/** Asking for a use of AI, and triage. */
export const intake: Area = {
  routes: [
    { path: '/portal', load: () => import('./portal.tsx'), name: 'Portal', isAlone: true },
    { path: '/intake', load: () => import('./queue.tsx'), name: 'IntakeQueue' },
    { path: '/intake/new', load: () => import('./new.tsx'), name: 'NewRequest' },
    { path: '/intake/$id', load: () => import('./record.tsx'), name: 'IntakeRecord' },
    { path: '/intake/$id/edit', load: () => import('./form.tsx'), name: 'IntakeForm' },
    { path: '/intake/$id/$tab', load: () => import('./record.tsx'), name: 'IntakeRecord' },
  ],
  rail: [{ group: 'govern', path: '/intake', label: t('rail.intake'), key: 'i', order: 10 }],
}
