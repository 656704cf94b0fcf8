import type { Area } from '../../frame/screen-route.ts'
import { t } from '../../messages/text.ts'

/** What the guard finds, what analysts say of it, and what the organisation changes of it. */
export const guard: Area = {
  routes: [
    { path: '/guard', load: () => import('./overview.tsx'), name: 'GuardOverview' },
    { path: '/guard/feedback', load: () => import('./feedback.tsx'), name: 'GuardFeedback' },
    { path: '/guard/policies', load: () => import('./policies.tsx'), name: 'GuardPolicies' },
    { path: '/guard/policies/$version', load: () => import('./policy.tsx'), name: 'GuardPolicy' },
    { path: '/guard/try', load: () => import('./try-text.tsx'), name: 'GuardTry' },
  ],
  rail: [{ group: 'protect', path: '/guard', label: t('rail.guard'), key: 'q', order: 25 }],
}
