import { startAuthentication, startRegistration } from '@simplewebauthn/browser'
import {
  beginPasskey,
  beginPasskeySignIn,
  beginPasskeyStepUp,
  finishPasskey,
  finishPasskeySignIn,
  finishPasskeyStepUp,
} from '../../../src/contracts/routes/identity.ts'
import { api } from './client.ts'

type Ask = Parameters<typeof startAuthentication>[0]['optionsJSON']
type Make = Parameters<typeof startRegistration>[0]['optionsJSON']
type Response = Record<string, unknown>

/**
 * Signs in with whichever passkey the device offers for this address, or for any, and says who that is. Throws what the
 * browser throws.
 */
export async function signInWithPasskey(email: string): Promise<{ readonly person: string }> {
  const body = email === '' ? {} : { email }
  const { ceremony, options } = await api.call(beginPasskeySignIn, { body })
  const response = await startAuthentication({ optionsJSON: options as object as Ask }) // the library's own form
  return api.call(finishPasskeySignIn, { body: { ceremony, response: response as unknown as Response } })
}

/** Proves the passkey afresh. */
export async function stepUpWithPasskey(): Promise<void> {
  const { ceremony, options } = await api.call(beginPasskeyStepUp, {})
  const response = await startAuthentication({ optionsJSON: options as object as Ask }) // the library's own form
  await api.call(finishPasskeyStepUp, { body: { ceremony, response: response as unknown as Response } })
}

/** Registers a passkey for whoever is signed in and has just proved their second factor. */
export async function registerPasskey(): Promise<void> {
  const { ceremony, options } = await api.call(beginPasskey, {})
  await api.call(finishPasskey, { body: { ceremony, response: await makePasskey(options) } })
}

/** Lets the device make the passkey that the server has asked for. */
export async function makePasskey(options: object): Promise<Response> {
  const made = await startRegistration({ optionsJSON: options as Make }) // the library's own form
  return made as unknown as Response
}

/** Lets the passkey sign one act: the challenge is the digest of its document. */
export async function signWithPasskey(challenge: string, credentialIds: readonly string[]): Promise<unknown> {
  const options: Ask = {
    challenge,
    rpId: window.location.hostname,
    allowCredentials: credentialIds.map((id) => ({ id, type: 'public-key' })),
    userVerification: 'required',
    timeout: 120_000,
  }
  return startAuthentication({ optionsJSON: options })
}
