import { z } from 'zod'
import { chartered } from '../roles.ts'
import { defineRoutes, route } from '../route.ts'
import { empty, idOf } from '../schemas.ts'

/*
 * Doors of a demo installation and of no other: whoever reaches it may be any of its invented people. They stand in a table of
 * their own, which a real installation never serves.
 */
const tag = 'visitor'

export const listCast = route({
  id: 'visitor.cast',
  method: 'GET',
  path: '/api/v1/visitor/people',
  tag,
  summary: 'The invented people of a demo installation, with their roles and seats',
  access: { public: true },
  query: empty,
  reply: z.strictObject({
    items: z.array(
      z.strictObject({
        id: idOf('user'),
        name: z.string(),
        roles: z.array(z.string()),
        seat: chartered.nullable(),
      }),
    ),
  }),
})

export const enterAs = route({
  id: 'visitor.enter',
  method: 'POST',
  path: '/api/v1/visitor/session',
  tag,
  summary: 'Be one of the invented people of a demo installation; the session counts as freshly proved',
  access: { public: true },
  body: z.strictObject({ person: idOf('user') }),
  reply: z.strictObject({ person: idOf('user') }),
  idempotent: false,
})

export const signAsSelf = route({
  id: 'visitor.sign',
  method: 'POST',
  path: '/api/v1/visitor/assertion',
  tag,
  summary:
    'Let the invented person who is signed in sign an act with the passkey that the demo keeps for them',
  access: { signedIn: true },
  body: z.strictObject({ challenge: z.string().min(1).max(200) }),
  reply: z.strictObject({ assertion: z.record(z.string(), z.unknown()) }),
  idempotent: false,
})

export const visitorRoutes = defineRoutes([listCast, enterAs, signAsSelf])
