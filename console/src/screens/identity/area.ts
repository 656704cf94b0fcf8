import type { Area } from '../../frame/screen-route.ts'

/** Signing in, setting up, and one's own account. */
export const identity: Area = {
  routes: [{ path: '/sign-in', load: () => import('./sign-in.tsx'), name: 'SignIn', isAlone: true }],
  rail: [],
}
