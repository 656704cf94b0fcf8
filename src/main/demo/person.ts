import { randomBytes } from 'node:crypto'
import { totpAt } from '../../adapters/identity/totp.ts'
import {
  createSoftwareAuthenticator,
  type HandedOver,
  type SoftwareAuthenticator,
} from '../../adapters/software-authenticator/software-authenticator.ts'
import { sessionText } from '../../cli/remote.ts'
import { createClient, ProblemError, type CallInput, type Client } from '../../contracts/client.ts'
import type { ReplyOf, Route } from '../../contracts/route.ts'
import {
  beginPasskey,
  beginPasskeyStepUp,
  completeEnrolment,
  completeSetup,
  finishPasskey,
  finishPasskeyStepUp,
  stepUpByTotp,
} from '../../contracts/routes/identity.ts'
import { routes } from '../../contracts/routes/index.ts'
import { epochMs, type UserId } from '../../kernel/index.ts'

/** Somebody with a browser session, a second factor and a passkey in software. Everything happens over HTTP. */
export type Person = {
  readonly id: UserId
  readonly name: string
  readonly email: string
  readonly password: string
  /** For an authenticator app, base32. */
  readonly totpSecret: string
  readonly call: <R extends Route>(route: R, input: CallInput<R>) => Promise<ReplyOf<R>>
  /** The same for an act that a passkey must sign: the first answer says what, the second request carries it. */
  readonly sign: <R extends Route>(route: R, input: CallInput<R>) => Promise<ReplyOf<R>>
  /** Proves the passkey afresh, for acts that demand one of the last minutes. */
  readonly stepUp: () => Promise<void>
  /** The session as the command line keeps it in the file that `COUNTERSIGN_SESSION` names. */
  readonly session: () => string
  /** The passkey, for the virtual authenticator of a browser. */
  readonly handOverPasskey: () => HandedOver
}

export type Newcomer = { readonly name: string; readonly email: string; readonly token: string }

/** The first administrator, by the set-up token. */
export function setUpPerson(baseUrl: string, { name, email, token }: Newcomer): Promise<Person> {
  return join(baseUrl, { name, email }, (client, password) =>
    client.call(completeSetup, { body: { token, name, email, password } }),
  )
}

/** Somebody who was invited, by the token of the invitation. */
export function enrolPerson(baseUrl: string, { name, email, token }: Newcomer): Promise<Person> {
  return join(baseUrl, { name, email }, (client, password) =>
    client.call(completeEnrolment, { body: { token, password } }),
  )
}

async function join(
  baseUrl: string,
  { name, email }: { readonly name: string; readonly email: string },
  enter: (client: Client, password: string) => Promise<ReplyOf<typeof completeSetup>>,
): Promise<Person> {
  const password = randomBytes(18).toString('base64url')
  const cookies = new Map<string, string>()
  const client = createClient(routes, { baseUrl, cookies })
  const { person: id, totp } = await enter(client, password)
  await client.call(stepUpByTotp, { body: { code: totpAt(totp.secret, epochMs(Date.now())) } })
  const device = createSoftwareAuthenticator({ rpId: new URL(baseUrl).hostname, origin: baseUrl })
  const { ceremony, options } = await client.call(beginPasskey, {})
  const response = { ...device.register(options) }
  await client.call(finishPasskey, { body: { ceremony, response } })
  return {
    id,
    name,
    email,
    password,
    totpSecret: totp.secret,
    call: (route, input) => client.call(route, input),
    sign: (route, input) => signed(client, device, route, input),
    stepUp: async () => {
      const { ceremony, options } = await client.call(beginPasskeyStepUp, {})
      const response = { ...device.assert(options) }
      await client.call(finishPasskeyStepUp, { body: { ceremony, response } })
    },
    session: () => sessionText(baseUrl, cookies),
    handOverPasskey: device.handOver,
  }
}

async function signed<R extends Route>(
  client: Client,
  device: SoftwareAuthenticator,
  route: R,
  input: CallInput<R>,
): Promise<ReplyOf<R>> {
  try {
    return await client.call(route, input)
  } catch (error) {
    const wanted = error instanceof ProblemError ? error.problem['sign'] : undefined
    if (wanted === undefined) throw error
    const assertion = device.assert(wanted as { readonly challenge: string }) // the problem's documented member
    const body = { ...(input as { readonly body?: object }).body, assertion }
    return client.call(route, { ...input, body } as CallInput<R>) // the routes of bound acts take an assertion
  }
}
