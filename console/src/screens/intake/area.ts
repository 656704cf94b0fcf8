import type { Area } from '../../frame/screen-route.ts'
import { t } from '../../messages/text.ts'

/** Asking for a use of AI, and triage. */
export const intake: Area = {
  routes: [{ path: '/intake', load: () => import('./queue.tsx'), name: 'IntakeQueue' }],
  rail: [{ group: 'govern', path: '/intake', label: t('rail.intake'), key: 'i', order: 10 }],
}
