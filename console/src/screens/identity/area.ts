import type { Area } from '../../frame/screen-route.ts'

/** Signing in, setting up, and one's own account. */
export const identity: Area = {
  routes: [
    { path: '/sign-in', load: () => import('./sign-in.tsx'), name: 'SignIn', isAlone: true },
    { path: '/setup', load: () => import('./setup.tsx'), name: 'Setup', isAlone: true },
    { path: '/enrol', load: () => import('./enrol.tsx'), name: 'Enrol', isAlone: true },
    { path: '/account', load: () => import('./account.tsx'), name: 'Account' },
  ],
  rail: [],
}
