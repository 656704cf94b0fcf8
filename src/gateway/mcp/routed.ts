import type { Caller } from '../admit.ts'
import { Fault } from '../fault.ts'
import type { Target } from '../ports.ts'
import { isServerGranted } from './may-call.ts'

export type Routed = { readonly server: string; readonly target: Target }

/** The way to a server. Throws a Fault where there is none, or the grant does not name it. */
export function routedTo({ grant, route }: Caller, server: string): Routed {
  const servers = route.servers ?? {}
  const target = Object.hasOwn(servers, server) ? servers[server] : undefined
  if (target === undefined || !isServerGranted(grant, server)) throw new Fault('server_not_granted')
  if (!grant.scope.regions.includes(target.region)) throw new Fault('region_not_granted')
  return { server, target }
}

/** The ways to all servers that the grant names. */
export function allRouted({ grant, route }: Caller): readonly Routed[] {
  return Object.entries(route.servers ?? {})
    .filter(([server, { region }]) => isServerGranted(grant, server) && grant.scope.regions.includes(region))
    .map(([server, target]) => ({ server, target }))
}
