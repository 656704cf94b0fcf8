import type { Area } from '../../frame/screen-route.ts'
import { t } from '../../messages/text.ts'

/** Reviews, cases, ballots, conditions, and the charter by which they are decided. */
export const committee: Area = {
  routes: [
    { path: '/reviews', load: () => import('../reviews/desk.tsx'), name: 'ReviewDesk' },
    { path: '/reviews/$id', load: () => import('../reviews/review.tsx'), name: 'ReviewScreen' },
    { path: '/cases', load: () => import('./agenda.tsx'), name: 'CaseAgenda' },
    { path: '/cases/new', load: () => import('./open-case.tsx'), name: 'OpenCase' },
    { path: '/cases/$id', load: () => import('./room/case-room.tsx'), name: 'CaseRoom' },
    { path: '/cases/$id/record', load: () => import('./room/case-print.tsx'), name: 'CaseRecord' },
    { path: '/cases/$id/decision', load: () => import('./room/case-print.tsx'), name: 'DecisionCertificate' },
    { path: '/conditions', load: () => import('./conditions.tsx'), name: 'Conditions' },
    { path: '/charter', load: () => import('./charter/charter.tsx'), name: 'CharterScreen' },
    { path: '/charter/edit', load: () => import('./charter/charter-editor.tsx'), name: 'CharterEditor' },
  ],
  rail: [
    { group: 'govern', path: '/reviews', label: t('rail.reviews'), key: 'b', order: 30 },
    { group: 'govern', path: '/cases', label: t('rail.cases'), key: 'c', order: 40 },
    { group: 'govern', path: '/conditions', label: t('rail.conditions'), key: 'k', order: 50 },
  ],
}
