import type { Area } from '../../frame/screen-route.ts'
import { t } from '../../messages/text.ts'

/** What the AI does, and through which ways it may. */
export const gateway: Area = {
  routes: [
    { path: '/gateway', load: () => import('./calls.tsx'), name: 'GatewayCalls' },
    { path: '/gateway/records', load: () => import('./calls.tsx'), name: 'GatewayCalls' },
    { path: '/gateway/records/$id', load: () => import('./record.tsx'), name: 'GatewayRecord' },
    { path: '/gateway/providers', load: () => import('./providers.tsx'), name: 'GatewayProviders' },
    { path: '/gateway/routes', load: () => import('./routes.tsx'), name: 'GatewayRoutes' },
    { path: '/gateway/keys', load: () => import('./keys.tsx'), name: 'GatewayKeys' },
  ],
  rail: [{ group: 'protect', path: '/gateway', label: t('rail.gateway'), key: 't', order: 20 }],
}
