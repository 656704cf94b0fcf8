import type { Area } from '../../frame/screen-route.ts'
import { t } from '../../messages/text.ts'

/** What the AI does, and through which ways it may. */
export const gateway: Area = {
  routes: [
    { path: '/gateway', load: () => import('./traffic.tsx'), name: 'GatewayTraffic' },
    { path: '/gateway/records', load: () => import('./traffic.tsx'), name: 'GatewayTraffic' },
    { path: '/gateway/records/$id', load: () => import('./record.tsx'), name: 'GatewayRecord' },
    { path: '/gateway/providers', load: () => import('./providers.tsx'), name: 'GatewayProviders' },
    { path: '/gateway/routes', load: () => import('./routes.tsx'), name: 'GatewayRoutes' },
    { path: '/gateway/keys', load: () => import('./keys.tsx'), name: 'GatewayKeys' },
    { path: '/gateway/canaries', load: () => import('./canaries.tsx'), name: 'GatewayCanaries' },
    { path: '/gateway/budgets', load: () => import('./budgets.tsx'), name: 'GatewayBudgets' },
    { path: '/gateway/tools', load: () => import('./tools.tsx'), name: 'GatewayTools' },
    { path: '/gateway/tool', load: () => import('./tool.tsx'), name: 'GatewayTool' },
    { path: '/gateway/policies', load: () => import('./policies.tsx'), name: 'ToolPolicies' },
    { path: '/gateway/policies/new', load: () => import('./policy-new.tsx'), name: 'NewToolPolicy' },
    { path: '/gateway/policies/$key/$version', load: () => import('./policy.tsx'), name: 'ToolPolicy' },
  ],
  rail: [{ group: 'protect', path: '/gateway', label: t('rail.gateway'), key: 't', order: 20 }],
}
