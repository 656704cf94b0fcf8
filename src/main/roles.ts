import { AppError } from '../kernel/index.ts'

/** What a process of the product may do: serve people and programs, serve model clients, do what nobody asks for. */
export const everyRole = ['api', 'gateway', 'worker'] as const
export type Role = (typeof everyRole)[number]

/** Reads a list such as `api,worker`. Throws `INVALID_INPUT` for an empty one and for names that are no role. */
export function rolesIn(list: string): ReadonlySet<Role> {
  const names = list.split(',').flatMap((text) => text.trim() || [])
  const unknown = names.filter((name) => !isRole(name))
  if (names.length === 0 || unknown.length > 0)
    throw new AppError(
      'INVALID_INPUT',
      `roles are ${everyRole.join(', ')}, separated by commas${unknown.length > 0 ? `; \`${unknown.join('`, `')}\` is none` : ''}`,
    )
  return new Set(names.filter(isRole))
}

function isRole(name: string): name is Role {
  return (everyRole as readonly string[]).includes(name)
}

/** Whether a process is a gateway and nothing else: then it holds no signing key and trusts what was pinned for it. */
export function isGatewayAlone(roles: ReadonlySet<Role>): boolean {
  return roles.size === 1 && roles.has('gateway')
}
