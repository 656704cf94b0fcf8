import { enterAs, listCast, type Cast } from '../../app/identity/visitor.ts'
import type { IdentityPorts } from '../../app/identity/ports.ts'
import { endSession } from '../../app/identity/sessions.ts'
import { personOf } from '../../app/command.ts'
import type { visitorRoutes } from '../../contracts/routes/visitor.ts'
import { AppError } from '../../kernel/index.ts'
import type { Caller } from '../authentication.ts'
import { Answer, type Handlers } from '../handler.ts'
import { sessionCookie } from '../session-cookie.ts'

/** The doors of a demo installation, through which a visitor becomes whomever they like. */
export function visitorHandlers(
  ports: IdentityPorts,
  cast: Cast,
  origin: string,
): Handlers<typeof visitorRoutes, Caller> {
  const cookie = sessionCookie({ origin, isDemo: true })
  return {
    'visitor.cast': async () => ({
      items: (await listCast(ports)).map((member) => ({ ...member, roles: [...member.roles] })),
    }),
    'visitor.enter': async ({ body: { person }, principal }) => {
      const { token } = await enterAs(ports, person)
      if (principal?.session) await endSession(ports.query, principal.session)
      return new Answer({ person }, { setCookie: [cookie.set(token)] })
    },
    'visitor.sign': async ({ caller, body }) => {
      const person = personOf(caller())
      const assertion = person === null ? null : await cast.sign(person, body.challenge)
      if (assertion === null) throw new AppError('NOT_FOUND', 'the demo keeps no passkey for this person')
      return { assertion: { ...assertion } }
    },
  }
}
