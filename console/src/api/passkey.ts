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

/** Signs in with whichever passkey the device offers for this address, or for any. Throws what the browser throws. */
export async function signInWithPasskey(email: string): Promise<void> {
  const body = email === '' ? {} : { email }
  const { ceremony, options } = await api.call(beginPasskeySignIn, { body })
  const response = await startAuthentication({ optionsJSON: options as object as Ask }) // the library's own form
  await api.call(finishPasskeySignIn, { body: { ceremony, response: response as unknown as Response } })
}

/** Proves the passkey afresh. */
export async function stepUpWithPasskey(): Promise<void> {
  const { ceremony, options } = await api.call(beginPasskeyStepUp, {})
  const response = await startAuthentication({ optionsJSON: options as object as Ask }) // the library's own form
  await api.call(finishPasskeyStepUp, { body: { ceremony, response: response as unknown as Response } })
}

/** Registers a passkey for whoever is signed in. */
export async function registerPasskey(): Promise<void> {
  const { ceremony, options } = await api.call(beginPasskey, {})
  const response = await startRegistration({ optionsJSON: options as object as Make }) // the library's own form
  await api.call(finishPasskey, { body: { ceremony, response: response as unknown as Response } })
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
