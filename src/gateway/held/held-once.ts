import type { Caller } from '../admit.ts'

/**
 * Whether a tool that a model is offered is one of a server behind this gateway: then its call is held there, at the
 * last point before it runs, and not a second time on its way out of the model. It is one when the grant names it as a
 * tool of a server of the route, under its own name (`server/tool`) or the one of the path of all servers
 * (`server__tool`).
 */
export function isHeldAtServer({ route, grant }: Pick<Caller, 'route' | 'grant'>, toolId: string): boolean {
  const name = toolId.startsWith('fn/') ? toolId.slice(3) : toolId
  const [server = '', ...rest] = name.includes('/') ? name.split('/') : name.split('__')
  if (rest.length === 0 || !Object.hasOwn(route.servers ?? {}, server)) return false
  const own = `${server}/${rest.join(name.includes('/') ? '/' : '__')}`
  return grant.scope.tools.some((tool) => tool.toolId === own)
}
