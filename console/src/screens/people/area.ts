import type { Area } from '../../frame/screen-route.ts'

/** People with their roles, the units of the organisation, and accounts of programs. All are reached from the settings. */
export const people: Area = {
  routes: [
    { path: '/people', load: () => import('./people.tsx'), name: 'People' },
    { path: '/people/units', load: () => import('./units.tsx'), name: 'Units' },
    { path: '/people/$id', load: () => import('./person-record.tsx'), name: 'PersonRecord' },
    { path: '/service-accounts', load: () => import('./service-accounts.tsx'), name: 'ServiceAccounts' },
    { path: '/service-accounts/$id', load: () => import('./service-record.tsx'), name: 'ServiceRecord' },
  ],
  rail: [],
}
