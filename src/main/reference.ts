import { createAuthentication, type Caller } from '../api/authentication.ts'
import { openApi } from '../contracts/openapi.ts'
import type { Access, Route } from '../contracts/route.ts'
import { routes } from '../contracts/routes/index.ts'
import { permissions, roles, servicePermissions, type RoleGrant } from '../governance/people/index.ts'
import { epochMs, idFrom } from '../kernel/index.ts'
import { about } from './api.ts'

/** The pages under `docs/` that follow from the route table, by file name. `npm run docs` writes them. */
export function referencePages(): ReadonlyMap<string, string> {
  return new Map([
    ['openapi.json', `${JSON.stringify(openApi(routes, about), null, 1)}\n`],
    ['permissions.md', permissionsPage(routes)],
  ])
}

type Column = { readonly name: string; readonly caller: Caller | null }

const now = epochMs(Date.UTC(2026, 0, 1))
const { authorize } = createAuthentication({
  query: async () => [],
  origin: 'https://localhost',
  isDemo: false,
})
const organisation = { k: 'organisation' } as const

/** Everybody who may come to a door, with a proof that is strong and fresh enough for each. */
const columns: readonly Column[] = [
  { name: 'nobody', caller: null },
  { name: 'no role', caller: person([], null) },
  ...roles.map((role) => ({ name: role, caller: person([grantOf(role)], null) })),
  { name: 'seat', caller: person([], 'risk') },
  { name: 'service', caller: service() },
]

function permissionsPage(table: readonly Route[]): string {
  const head = ['route', 'method and path', 'asks for', 'proof', ...columns.map(({ name }) => name)]
  const lines = table
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ id, method, path, access }) => [
      `\`${id}\``,
      `\`${method} ${path}\``,
      wanted(access),
      ('proof' in access && access.proof) || '',
      ...columns.map(({ caller }) => (passes(caller, access) ? 'x' : '')),
    ])
  const rows = [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`)
  return `${intro}\n\n${rows.join('\n')}\n`
}

const intro = `# Who passes which door

Written by \`npm run docs\` from the route table; do not edit.

An \`x\` says that somebody with this role alone, held in the whole organisation, is let in with the proof that the route
asks for. It does not say that the act succeeds: a role that is held in a unit or for a use case ends there, and behind the
door the rules of each act decide, above all separation of duties. Where a permission is asked for \`everywhere\`, the act
concerns the whole organisation, and a role that is held in a part of it does not pass at all. Requester and owners do some
things with their own use case without any role. \`seat\` is whoever sits on the committee by the charter in force;
\`service\` is a service account that was given every permission a service account may have
(${servicePermissions.length} of ${permissions.length}).`

function wanted(access: Access): string {
  if ('public' in access) return 'nothing'
  if (!('permission' in access)) return 'a session or key'
  return `\`${access.permission}\`${access.everywhere === true ? ' everywhere' : ''}`
}

function passes(caller: Caller | null, access: Access): boolean {
  return 'public' in access || (caller !== null && authorize(caller, access) === 'ok')
}

function grantOf(role: RoleGrant['role']): RoleGrant {
  const fn = role === 'reviewer' ? 'security' : null
  return { id: idFrom('roleGrant', now, new Uint8Array(10)), role, fn, scope: organisation, until: null }
}

function person(grants: readonly RoleGrant[], seat: 'risk' | 'business_executive' | null): Caller {
  const id = idFrom('user', now, new Uint8Array(10))
  return {
    id,
    via: 'session',
    actor: { k: 'person', ref: id },
    authn: { method: 'passkey', mfa: true, at: now },
    authority: { k: 'person', grants, seat },
    session: null,
    readAt: now,
    idleEndsAt: null,
  }
}

function service(): Caller {
  const id = idFrom('service', now, new Uint8Array(10))
  return {
    id,
    via: 'api_key',
    actor: { k: 'service', id },
    authn: { method: 'api_key', mfa: false, at: now },
    authority: { k: 'service', permissions: servicePermissions, useCaseId: null },
    session: null,
    readAt: now,
    idleEndsAt: null,
  }
}
