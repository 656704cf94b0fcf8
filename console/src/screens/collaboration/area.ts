import { NoticeCount } from '../../frame/notice-count.tsx'
import type { Area } from '../../frame/screen-route.ts'
import { t } from '../../messages/text.ts'

/** What people write about records, and what they are told. */
export const collaboration: Area = {
  routes: [{ path: '/notifications', load: () => import('./notifications.tsx'), name: 'Notifications' }],
  rail: [
    {
      group: 'home',
      path: '/notifications',
      label: t('rail.notifications'),
      key: 'n',
      order: 30,
      count: NoticeCount,
    },
  ],
}
