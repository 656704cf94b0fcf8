import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  type AnyRoute,
} from '@tanstack/react-router'
import { askWhoIsHere } from './api/session.ts'
import { Shell } from './frame/shell.tsx'
import { NotFound } from './frame/not-found.tsx'
import { screens } from './screens/areas.ts'

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound })
const frame = createRoute({ getParentRoute: () => root, id: 'frame', component: Shell, loader: askWhoIsHere })

const routes = (isAlone: boolean, parent: AnyRoute) =>
  screens
    .filter((screen) => (screen.isAlone ?? false) === isAlone)
    .map(({ path, load, name }) =>
      createRoute({
        getParentRoute: () => parent,
        path,
        component: lazyRouteComponent(load, name),
      }),
    )

/** The console's addresses. What stands behind the `?` is plain text by name, so that links can be read and typed. */
export const router = createRouter({
  routeTree: root.addChildren([frame.addChildren(routes(false, frame)), ...routes(true, root)]),
  parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
  stringifySearch: (search) => {
    const text = new URLSearchParams(search as Record<string, string>).toString() // members are text
    return text === '' ? '' : `?${text}`
  },
  defaultPreload: 'intent',
  scrollRestoration: true,
})
