import type { Area } from '../../frame/screen-route.ts'

/** Many use cases at once, from a file; its entry is among the actions of Intake. */
export const importing: Area = {
  routes: [
    { path: '/imports', load: () => import('./list.tsx'), name: 'ImportList' },
    { path: '/imports/new', load: () => import('./upload.tsx'), name: 'ImportUpload' },
    { path: '/imports/$id', load: () => import('./import.tsx'), name: 'ImportScreen' },
  ],
  rail: [],
}
